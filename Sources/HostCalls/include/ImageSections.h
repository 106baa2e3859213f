// What the Swift runtime knows of each image: `MetadataSections` and `swift_enumerateAllMetadataSections` of
// stdlib/public/runtime/ImageInspectionCommon.h, and what its sections of replaced functions hold (swift/ABI/Metadata.h).
#ifndef AFRESH_IMAGE_SECTIONS_H
#define AFRESH_IMAGE_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct section_range {
    uintptr_t start;
    size_t length;
};

struct image_sections {
    uintptr_t version;
    const void *base_address;
    void *unused[2];
    struct section_range protocols, conformances, types, type_references, reflection_strings, fields, associated_types;
    struct section_range replacements;
};

// What runs in the place of a function, and what ran before it: the first of a chain is the function's own.
struct replacement_link {
    const void *implementation;
    const struct replacement_link *next;
};

// One function that takes the place of another; all members are relative pointers.
struct replacement {
    int32_t key;             // of the replaced one; its lowest bit says that it leads to the pointer
    int32_t function;        // that runs instead
    int32_t link;            // in which that which ran before is kept
    uint32_t flags;
};

struct replacement_scope {
    uint32_t flags;
    uint32_t count;
    struct replacement replacements[];
};

// A block of the section `replacements`.
struct replacement_block {
    uint32_t flags;
    uint32_t count;
    struct {
        int32_t scope;       // relative
        uint32_t flags;
    } entries[];
};

// A relative pointer; NULL where it leads nowhere.
static inline const void *relative_pointer(const int32_t *field) {
    return *field ? (const char *)field + *field : NULL;
}

// One whose lowest bit says that it leads to the pointer.
static inline const void *indirect_pointer(const int32_t *field) {
    intptr_t offset = *field;
    if (offset == 0) return NULL;
    const char *target = (const char *)field + (offset & ~(intptr_t)1);
    return (offset & 1) ? *(const void *const *)target : target;
}

#ifdef __linux__
#include <dlfcn.h>

// Calls `visit` for each image until it returns false. False where the runtime does not tell of them.
static inline bool visit_image_sections(bool (*visit)(const struct image_sections *, void *), void *context) {
    typedef void (*enumerate)(bool (*)(const struct image_sections *, void *), void *);
    enumerate all = (enumerate)dlsym(RTLD_DEFAULT, "swift_enumerateAllMetadataSections");
    if (all == NULL) return false;
    all(visit, context);
    return true;
}
#endif

// Calls `visit` for each scope of an image's replacements, until it returns false. False where they are not as they should be.
static inline bool visit_replacement_scopes(const struct image_sections *sections,
                                            bool (*visit)(const struct replacement_scope *, void *), void *context) {
    const char *next = (const char *)sections->replacements.start;
    const char *end = next + sections->replacements.length;
    while (next && next + sizeof(struct replacement_block) <= end) {
        const struct replacement_block *block = (const struct replacement_block *)next;
        next = (const char *)&block->entries[block->count];
        if (next > end) return false;
        for (uint32_t index = 0; index < block->count; index++)
            if (!visit(relative_pointer(&block->entries[index].scope), context)) return true;
    }
    return true;
}

#endif

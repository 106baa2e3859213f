// What an image declares. The layouts are those of the Swift ABI (swift/ABI/Metadata.h, swift/ABI/MetadataValues.h).
#define _GNU_SOURCE
#include <HostCalls.h>
#include <ImageSections.h>
#ifdef __linux__
#include <link.h>

struct record {
    int32_t protocol;
    int32_t type;
    int32_t witness_table;
    uint32_t flags;
};

struct type_descriptor {
    uint32_t flags;
    int32_t parent;
    int32_t name;
    int32_t access;
};

struct metadata_response {
    const void *value;
    size_t state;
};

struct search {
    const void *base;
    bool (*body)(const struct afresh_conformance *, void *);
    void *context;
};

static const char *name_of(const struct type_descriptor *descriptor) {
    return descriptor && descriptor->name ? relative_pointer(&descriptor->name) : "";
}

static bool visit(const struct image_sections *sections, void *context) {
    struct search *search = context;
    struct section_range range = sections->conformances;
    Dl_info info;
    if (range.start == 0 || range.length == 0 || dladdr((const void *)range.start, &info) == 0
        || info.dli_fbase != search->base)
        return true;
    const int32_t *entries = (const int32_t *)range.start;
    for (size_t index = 0; index < range.length / sizeof(int32_t); index++) {
        if (entries[index] == 0) continue;
        const struct record *record = relative_pointer(&entries[index]);
        const struct type_descriptor *protocol = indirect_pointer(&record->protocol);
        uint32_t kind = (record->flags >> 3) & 7;
        const struct type_descriptor *type = NULL;
        if (kind == 0) type = relative_pointer(&record->type);
        if (kind == 1 && record->type) type = *(const void *const *)relative_pointer(&record->type);
        struct afresh_conformance conformance = {
            .protocol = protocol,
            .protocol_name = name_of(protocol),
            .type = type,
            .type_name = name_of(type),
            .is_retroactive = (record->flags >> 6) & 1,
            .is_generic = type && ((type->flags >> 7) & 1),
        };
        if (!search->body(&conformance, search->context)) return false;
    }
    return true;
}

bool afresh_each_conformance(const void *base, bool (*body)(const struct afresh_conformance *, void *), void *context) {
    struct search search = {base, body, context};
    return visit_image_sections(visit, &search);
}

const void *afresh_metadata(const void *type) {
    const struct type_descriptor *descriptor = type;
    // The compiler's own convention and C's are the same for one word in and two words out.
    struct metadata_response (*access)(size_t) =
        (struct metadata_response (*)(size_t))(uintptr_t)relative_pointer(&descriptor->access);
    return descriptor->access ? access(0).value : NULL;
}

const void *afresh_image_base(void *handle) {
    struct link_map *map = handle;
    return map ? (const void *)map->l_addr : NULL;
}

const char *afresh_image_path(const void *address) {
    Dl_info info;
    return dladdr(address, &info) ? info.dli_fname : NULL;
}

const void *afresh_image_start(const void *address) {
    Dl_info info;
    return dladdr(address, &info) ? info.dli_fbase : NULL;
}

#else

// Elsewhere plugins are not loaded; `startAgent` says so before any of this is called.
bool afresh_each_conformance(const void *base, bool (*body)(const struct afresh_conformance *, void *), void *context) {
    return false;
}
const void *afresh_metadata(const void *type) { return NULL; }
const void *afresh_image_base(void *handle) { return NULL; }
const char *afresh_image_path(const void *address) { return NULL; }
const void *afresh_image_start(const void *address) { return NULL; }

#endif

// Takes back what an image has put in the places of other functions. The layouts are those of `MetadataSections` and
// `AutomaticDynamicReplacements` of the Swift runtime (stdlib/public/runtime/ImageInspectionCommon.h, include/swift/ABI/Metadata.h).
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <dlfcn.h>

struct range {
    uintptr_t start;
    size_t length;
};

// Protocols, conformances, types, names of types, reflection strings, fields, associated types come before.
struct sections {
    uintptr_t version;
    const void *base_address;
    void *unused[2];
    struct range former[7];
    struct range replacements;
};

struct replacements {
    uint32_t flags;
    uint32_t count;
    struct {
        int32_t scope;
        uint32_t flags;
    } entries[];
};

struct search {
    const void *base;
    bool is_found;
};

static bool visit(const struct sections *sections, void *context) {
    struct search *search = context;
    struct range range = sections->replacements;
    Dl_info info;
    if (range.start == 0 || range.length == 0 || dladdr((const void *)range.start, &info) == 0
        || info.dli_fbase != search->base)
        return true;
    void (*disable)(const void *) = (void (*)(const void *))dlsym(RTLD_DEFAULT, "swift_disableDynamicReplacementScope");
    if (disable == NULL) return false;
    const char *next = (const char *)range.start;
    const char *end = next + range.length;
    while (next + sizeof(struct replacements) <= end) {
        const struct replacements *block = (const struct replacements *)next;
        next = (const char *)&block->entries[block->count];
        if (next > end) return false;
        for (uint32_t index = 0; index < block->count; index++) {
            const int32_t *scope = &block->entries[index].scope;
            disable((const char *)scope + *scope);
        }
        search->is_found = true;
    }
    return false;
}

bool afresh_undo_replacements(const void *base) {
    typedef void (*enumerate)(bool (*)(const struct sections *, void *), void *);
    enumerate all = (enumerate)dlsym(RTLD_DEFAULT, "swift_enumerateAllMetadataSections");
    if (all == NULL) return false;
    struct search search = {base, false};
    all(visit, &search);
    return search.is_found;
}

#else

bool afresh_undo_replacements(const void *base) { return false; }

#endif

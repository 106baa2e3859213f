// The layouts are those of the Swift ABI (swift/ABI/Metadata.h, swift/ABI/MetadataValues.h) and of the runtime's
// `swift_enumerateAllMetadataSections` (stdlib/public/runtime/ImageInspectionCommon.h).
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <dlfcn.h>
#include <link.h>

struct range {
    uintptr_t start;
    size_t length;
};

struct sections {
    uintptr_t version;
    const void *base_address;
    void *unused[2];
    struct range protocols;
    struct range conformances;
};

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

static const char *relative(const int32_t *field) {
    return (const char *)field + *field;
}

// A relative pointer whose lowest bit says that it leads to the pointer.
static const void *indirectable(const int32_t *field) {
    intptr_t offset = *field;
    const char *target = (const char *)field + (offset & ~(intptr_t)1);
    return (offset & 1) ? *(const void *const *)target : target;
}

static const char *name_of(const struct type_descriptor *descriptor) {
    return descriptor && descriptor->name ? relative(&descriptor->name) : "";
}

static bool visit(const struct sections *sections, void *context) {
    struct search *search = context;
    struct range range = sections->conformances;
    Dl_info info;
    if (range.start == 0 || range.length == 0 || dladdr((const void *)range.start, &info) == 0
        || info.dli_fbase != search->base)
        return true;
    const int32_t *entries = (const int32_t *)range.start;
    for (size_t index = 0; index < range.length / sizeof(int32_t); index++) {
        if (entries[index] == 0) continue;
        const struct record *record = (const struct record *)relative(&entries[index]);
        const struct type_descriptor *protocol = indirectable(&record->protocol);
        uint32_t kind = (record->flags >> 3) & 7;
        const struct type_descriptor *type = NULL;
        if (kind == 0) type = (const struct type_descriptor *)relative(&record->type);
        if (kind == 1) type = *(const void *const *)relative(&record->type);
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
    typedef void (*enumerate)(bool (*)(const struct sections *, void *), void *);
    enumerate all = (enumerate)dlsym(RTLD_DEFAULT, "swift_enumerateAllMetadataSections");
    if (all == NULL) return false;
    struct search search = {base, body, context};
    all(visit, &search);
    return true;
}

const void *afresh_metadata(const void *type) {
    const struct type_descriptor *descriptor = type;
    // The compiler's own convention and C's are the same for one word in and two words out.
    struct metadata_response (*access)(size_t) =
        (struct metadata_response (*)(size_t))(uintptr_t)relative(&descriptor->access);
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

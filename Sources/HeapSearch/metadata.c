// What the first word of an object says: the layouts of the Swift ABI (swift/ABI/Metadata.h, MetadataValues.h, MetadataKind.def) on
// systems without Objective-C. Everything is read only where there is memory to be read.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__
#include <string.h>

enum {
    KIND_CLASS = 0, KIND_STRUCT = 0x200, KIND_ENUM = 0x201, KIND_OPTIONAL = 0x202, KIND_FOREIGN_CLASS = 0x203, KIND_TUPLE = 0x301,
    KIND_FUNCTION = 0x302, KIND_EXISTENTIAL = 0x303, KIND_METATYPE = 0x304, KIND_EXISTENTIAL_METATYPE = 0x306,
    KIND_FIXED_ARRAY = 0x308, KIND_LOCAL = 0x400, KIND_BOX = 0x500, KIND_LAST = 0x7ff
};
enum { CONTEXT_CLASS = 16, CONTEXT_STRUCT = 17, CONTEXT_ENUM = 18, CONTEXT_KIND = 31, CONTEXT_GENERIC = 0x80 };
enum { CLASS_NEGATIVE = 1 << 12, CLASS_RESILIENT = 1 << 13 };
enum { DEEPEST = 8, CACHE_BYTES = 128 };

static bool is_address(word address, word bytes) {
    return address >= 65536 && address >> 47 == 0 && search_is_readable(address) && search_is_readable(address + bytes - 1);
}

static word at(word address) { return *(const word *)address; }
static uint32_t half_at(word address) { return *(const uint32_t *)address; }
static word relative(word field) { return field + (word)(intptr_t)*(const int32_t *)field; }

// Where the arguments of generic metadata are, and how many; types first, witness tables behind them.
static word arguments(word metadata, word descriptor, word *count) {
    *count = 0;
    if (descriptor % 4 != 0 || !is_address(descriptor, 64)) return 0;
    uint32_t flags = half_at(descriptor);
    if (!(flags & CONTEXT_GENERIC)) return 0;
    uint32_t kind = flags & CONTEXT_KIND;
    word header = descriptor + (kind == CONTEXT_CLASS ? 44 : 28);
    *count = *(const uint16_t *)(header + 12);
    if (*count > 64) *count = 0;
    if (kind == CONTEXT_STRUCT || kind == CONTEXT_ENUM) return metadata + 16;
    if (kind != CONTEXT_CLASS) return 0;
    uint32_t members = half_at(descriptor + 32);
    uint32_t class_flags = flags >> 16;
    if (class_flags & CLASS_RESILIENT) {
        word bounds = relative(descriptor + 24);
        return is_address(bounds, 8) ? metadata + at(bounds) : 0;
    }
    if (class_flags & CLASS_NEGATIVE) return metadata - (word)half_at(descriptor + 24) * 8;
    return metadata + ((word)half_at(descriptor + 28) - members) * 8;
}

static bool is_old_address(word address, uint32_t *owner) {
    const struct image *image = search_old_image(address);
    if (image == NULL) return false;
    *owner = image->owner;
    return true;
}

static bool arguments_are_old(word metadata, word descriptor, uint32_t *owner, int depth) {
    word count, first = arguments(metadata, descriptor, &count);
    if (first == 0 || count == 0 || !is_address(first, count * 8)) return false;
    for (word index = 0; index < count; index++) {
        word argument = at(first + index * 8);
        if (is_old_address(argument, owner) || search_type_is_old(argument, owner, depth + 1)) return true;
    }
    return false;
}

bool search_type_is_old(word metadata, uint32_t *owner, int depth) {
    if (depth > DEEPEST || metadata % 8 != 0 || !is_address(metadata, 16)) return false;
    if (is_old_address(metadata, owner)) return true;
    word kind = at(metadata);
    switch (kind) {
    case KIND_STRUCT: case KIND_ENUM: case KIND_OPTIONAL: case KIND_FOREIGN_CLASS:
        return is_old_address(at(metadata + 8), owner) || arguments_are_old(metadata, at(metadata + 8), owner, depth);
    case KIND_TUPLE:
        if (!is_address(metadata, 24) || at(metadata + 8) > 64) return false;
        for (word index = 0; index < at(metadata + 8); index++) {
            word element = metadata + 24 + index * 16;
            if (!is_address(element, 8)) return false;
            if (search_type_is_old(at(element), owner, depth + 1)) return true;
        }
        return false;
    case KIND_FUNCTION:
        for (word index = 0; index <= (at(metadata + 8) & 0xffff); index++) {
            word part = metadata + 16 + index * 8;
            if (!is_address(part, 8)) return false;
            if (search_type_is_old(at(part), owner, depth + 1)) return true;
        }
        return false;
    case KIND_EXISTENTIAL: {
        if (!is_address(metadata, 24)) return false;
        word protocols = metadata + 16 + ((half_at(metadata + 8) & 0x40000000) ? 8 : 0);
        for (word index = 0; index < half_at(metadata + 12) && index < 64; index++) {
            word protocol = protocols + index * 8;
            if (!is_address(protocol, 8)) return false;
            if (is_old_address(at(protocol), owner)) return true;
        }
        return false;
    }
    case KIND_METATYPE: case KIND_EXISTENTIAL_METATYPE:
        return search_type_is_old(at(metadata + 8), owner, depth + 1);
    case KIND_FIXED_ARRAY:
        return is_address(metadata, 24) && search_type_is_old(at(metadata + 16), owner, depth + 1);
    default: break;
    }
    if (kind != KIND_CLASS || !is_address(metadata, 56)) return false;
    word descriptor = at(metadata + 40);
    return is_old_address(descriptor, owner) || arguments_are_old(metadata, descriptor, owner, depth)
        || (at(metadata + 8) != metadata && search_type_is_old(at(metadata + 8), owner, depth + 1));
}

static enum object_kind kind_of(word metadata) {
    if (metadata % 8 != 0 || !is_address(metadata - 16, 80)) return NOT_AN_OBJECT;
    // What destroys such an object.
    word destroyer = at(metadata - 16);
    if (destroyer == 0 || !(search_mapping_flags(destroyer) & MAP_EXECUTE)) return NOT_AN_OBJECT;
    word kind = at(metadata);
    if (kind == KIND_LOCAL) return OBJECT_CONTEXT;
    if (kind == KIND_BOX) return OBJECT_BOX;
    if (kind > KIND_LOCAL && kind <= KIND_LAST) return OBJECT_OTHER;
    if (kind != KIND_CLASS) return NOT_AN_OBJECT;
    word descriptor = at(metadata + 40);
    if (descriptor % 4 != 0 || !is_address(descriptor, 44) || (half_at(descriptor) & CONTEXT_KIND) != CONTEXT_CLASS)
        return NOT_AN_OBJECT;
    return half_at(metadata + 24) >= 16 ? OBJECT_CLASS : NOT_AN_OBJECT;
}

static word stride_of(word type) {
    if (type % 8 != 0 || !is_address(type - 8, 16)) return 0;
    word witnesses = at(type - 8);
    return witnesses % 8 == 0 && is_address(witnesses, 88) ? at(witnesses + 72) : 0;
}

// The standard library's own storage: of it only what is in use is looked at.
static void find_shape(struct metadata_facts *facts) {
    word metadata = facts->metadata, descriptor = at(metadata + 40);
    const struct image *image = search_image(descriptor);
    if (image == NULL || image->kind != IMAGE_RUNTIME) return;
    word name = relative(descriptor + 8);
    if (!is_address(name, 32)) return;
    const char *text = (const char *)name;
    if (strcmp(text, "__StringStorage") == 0) facts->shape = SHAPE_OPAQUE;
    word count, first = arguments(metadata, descriptor, &count);
    if (first == 0 || count == 0 || !is_address(first, count * 8)) return;
    facts->stride = stride_of(at(first));
    if (facts->stride == 0) return;
    if (strcmp(text, "_ContiguousArrayStorage") == 0) facts->shape = SHAPE_ARRAY;
    if (strcmp(text, "_SetStorage") == 0) facts->shape = SHAPE_SET;
    if (strcmp(text, "_DictionaryStorage") == 0 && count >= 2) {
        facts->value_stride = stride_of(at(first + 8));
        if (facts->value_stride) facts->shape = SHAPE_DICTIONARY;
    }
}

// Classes of the standard library, and what inherits from them (ManagedBuffer), may have elements behind their fields.
static void find_size(struct metadata_facts *facts) {
    word class = facts->metadata;
    for (int depth = 0; depth < 64 && is_address(class, 56); depth++) {
        const struct image *image = search_image(at(class + 40));
        if (image == NULL || image->kind == IMAGE_RUNTIME) return;
        word parent = at(class + 8);
        if (parent == 0) {
            facts->size = half_at(facts->metadata + 24);
            return;
        }
        class = parent;
    }
}

// The agent's own objects: what it knows of former generations is no reference of the program's.
static bool is_of_agent(word descriptor) {
    static const char *const modules[] = {"HostAgent", "Platform", "JSONRPC"};
    const struct image *image = search_image(descriptor);
    if (image == NULL || image != search_image((word)&search_metadata)) return false;
    for (int depth = 0; depth < 16 && is_address(descriptor, 12); depth++) {
        if ((half_at(descriptor) & CONTEXT_KIND) == 0) {
            word name = relative(descriptor + 8);
            if (!is_address(name, 16)) return false;
            for (size_t index = 0; index < sizeof modules / sizeof *modules; index++)
                if (strcmp((const char *)name, modules[index]) == 0) return true;
            return false;
        }
        int32_t offset = *(const int32_t *)(descriptor + 4);
        word parent = descriptor + 4 + (word)(intptr_t)(offset & ~1);
        if (offset == 0 || !is_address(parent, 8)) return false;
        descriptor = (offset & 1) ? at(parent) : parent;
    }
    return false;
}

static struct metadata_facts find_facts(word metadata) {
    struct metadata_facts facts = {.metadata = metadata, .kind = (uint8_t)kind_of(metadata)};
    if (facts.kind == NOT_AN_OBJECT) return facts;
    if (is_old_address(metadata, &facts.owner)) {
        facts.is_old = true;
    } else if (facts.kind == OBJECT_CLASS) {
        // Inheritance makes an object old; an argument makes only its type so.
        word class = metadata;
        for (int depth = 0; depth < 64 && !facts.is_old && is_address(class, 56); depth++) {
            facts.is_old = is_old_address(at(class + 40), &facts.owner);
            if (at(class + 8) == class || at(class + 8) == 0) break;
            class = at(class + 8);
        }
        if (!facts.is_old) facts.is_of_old_types = search_type_is_old(metadata, &facts.owner, 0);
    } else if (facts.kind == OBJECT_BOX) {
        facts.is_old = search_type_is_old(at(metadata + 16), &facts.owner, 0);
    }
    if (facts.kind == OBJECT_CLASS) {
        find_size(&facts);
        find_shape(&facts);
        if (is_of_agent(at(metadata + 40))) facts.shape = SHAPE_OPAQUE;
    }
    return facts;
}

struct metadata_facts search_metadata(word metadata) {
    enum { ENTRIES = 1 << 16, PROBES = 16 };
    static struct metadata_facts *known;
    if (known == NULL) known = search_table(ENTRIES * sizeof *known);
    word slot = (metadata >> 3) * 0x9E3779B97F4A7C15u >> 48;
    for (int probe = 0; probe < PROBES; probe++) {
        struct metadata_facts *entry = &known[(slot + (word)probe) % ENTRIES];
        if (entry->metadata == metadata) return *entry;
        if (entry->metadata == 0) return *entry = find_facts(metadata);
    }
    return find_facts(metadata);
}

bool search_type_is_old_known(word metadata, uint32_t *owner) {
    enum { ENTRIES = 1 << 14, PROBES = 8 };
    struct entry {
        word metadata;
        uint32_t owner;
        bool is_old;
    };
    static struct entry *known;
    if (known == NULL) known = search_table(ENTRIES * sizeof *known);
    word slot = (metadata >> 3) * 0x9E3779B97F4A7C15u >> 50;
    for (int probe = 0; probe < PROBES; probe++) {
        struct entry *entry = &known[(slot + (word)probe) % ENTRIES];
        if (entry->metadata == 0) {
            entry->metadata = metadata;
            entry->is_old = search_type_is_old(metadata, &entry->owner, 0);
        }
        if (entry->metadata != metadata) continue;
        *owner = entry->owner;
        return entry->is_old;
    }
    return search_type_is_old(metadata, owner, 0);
}

static void collect_caches(void) {
    for (int list = 0; list < search.job->type_list_count; list++) {
        const struct type_list *types = &search.job->type_lists[list];
        if (!is_address(types->start, types->length)) continue;
        for (word record = types->start; record + 4 <= types->start + types->length; record += 4) {
            word offset = (word)(intptr_t)*(const int32_t *)record;
            if (offset == 0 || (offset & 3) != 0) continue;
            word descriptor = record + offset;
            if (!is_address(descriptor, 64) || !(half_at(descriptor) & CONTEXT_GENERIC)) continue;
            uint32_t kind = half_at(descriptor) & CONTEXT_KIND;
            if (kind < CONTEXT_CLASS || kind > CONTEXT_ENUM) continue;
            word header = descriptor + (kind == CONTEXT_CLASS ? 44 : 28);
            if (half_at(header) == 0) continue;
            word cache = relative(header);
            if (!is_address(cache, CACHE_BYTES)) continue;
            if (search.cache_count == MAXIMUM_CACHES) {
                search.job->result.faults |= AFRESH_FAULT_LIMIT;
                return;
            }
            search.caches[search.cache_count++] = (struct range){cache, cache + CACHE_BYTES};
        }
    }
}

// Generic types keep what was made of them beside their descriptors: no reference of the program's.
void search_find_caches(void) {
    search.caches = search_table((MAXIMUM_CACHES + 1) * sizeof *search.caches);
    collect_caches();
    if (search.main_arena.end > 0 && search.cache_count < MAXIMUM_CACHES) search.caches[search.cache_count++] = search.main_arena;
    // What this search knows itself, and the runtime's notes of what runs in the place of what.
    search.caches[search.cache_count++] = (struct range){(word)&search, (word)(&search + 1)};
    for (int index = 0; index < search.job->link_count && search.cache_count < MAXIMUM_CACHES; index++)
        search.caches[search.cache_count++] = (struct range){search.job->links[index], search.job->links[index] + 16};
    search_sort(search.caches, search.cache_count, sizeof *search.caches);
}

#endif

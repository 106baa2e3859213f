// All chunks of the C library's malloc, by their headers: the main heap, the arenas of threads, and chunks that were mapped one by one.
// The layout is that of glibc 2.26 and later (malloc/malloc.c, malloc/arena.c).
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__
#include <string.h>

enum { GRANULE = 256, IN_USE = 1, MAPPED_ALONE = 2, FLAGS = 7, SMALLEST = 32 };
#define ARENA_ALIGNMENT ((word)64 << 20)
// An arena's own record is about so long: it ends with its links to others and its sizes.
enum { ARENA_BYTES = 2200 };
static word an_arena;

static word at(word address) { return *(const word *)address; }

static void add_chunk(word start, word size, uint8_t flags) {
    if (search.chunk_count >= search.chunk_limit || (size + 8) / 16 > UINT32_MAX) {
        search.job->result.faults |= AFRESH_FAULT_LIMIT;
        return;
    }
    uint32_t chunk = search.chunk_count++;
    search.starts[chunk] = start;
    search.sizes[chunk] = (uint32_t)((size + 8) / 16);
    search.flags[chunk] = flags;
    search.job->result.heap_bytes += size;
}

static struct region *begin_region(word start, word end) {
    if (search.region_count == MAXIMUM_REGIONS) {
        search.job->result.faults |= AFRESH_FAULT_LIMIT;
        return NULL;
    }
    struct region *region = &search.regions[search.region_count++];
    *region = (struct region){.all = {start, end}, .first = search.chunk_count};
    return region;
}

static void end_region(struct region *region) {
    if (region == NULL) return;
    region->count = search.chunk_count - region->first;
    if (region->count <= 1) return;
    size_t granules = (region->all.end - region->all.start) / GRANULE + 2;
    region->first_of_granule = search_table(granules * sizeof(uint32_t));
    uint32_t chunk = 0;
    for (size_t granule = 0; granule < granules; granule++) {
        word address = region->all.start + granule * GRANULE;
        while (chunk + 1 < region->count && search.starts[region->first + chunk + 1] <= address) chunk++;
        region->first_of_granule[granule] = chunk;
    }
}

uint32_t search_chunk(word address) {
    static uint32_t last;
    const struct region *region = last < search.region_count ? &search.regions[last] : NULL;
    if (region == NULL || address < region->all.start || address >= region->all.end) {
        uint32_t low = 0, high = search.region_count;
        region = NULL;
        while (low < high) {
            uint32_t middle = (low + high) / 2;
            const struct region *other = &search.regions[middle];
            if (address < other->all.start) high = middle;
            else if (address >= other->all.end) low = middle + 1;
            else {
                region = other;
                last = middle;
                break;
            }
        }
        if (region == NULL) return NO_CHUNK;
    }
    if (region->count == 0) return NO_CHUNK;
    uint32_t chunk = 0;
    if (region->first_of_granule) chunk = region->first_of_granule[(address - region->all.start) / GRANULE];
    const word *starts = search.starts + region->first;
    while (chunk + 1 < region->count && starts[chunk + 1] <= address) chunk++;
    chunk += region->first;
    return search.starts[chunk] <= address && address < search.starts[chunk] + search_size(chunk) ? chunk : NO_CHUNK;
}

// Whether the C library keeps a small chunk for a thread: then it has marked it, and noted the next one of the same size, disguised.
// What is left of such a mark in a chunk that is used again is not followed by that.
static bool is_kept(word chunk, word size) {
    enum { LARGEST = 1040 };
    if (size > LARGEST || at(chunk + 24) != search.job->malloc_key) return false;
    word field = chunk + 16, next = at(field) ^ field >> 12;
    return next == 0 || (next % 16 == 0 && (search_mapping_flags(next) & MAP_WRITE));
}

// Whether chunks follow each other from `chunk` to the end; what is allocated of them is added if `adds`.
static bool walk(word chunk, word end, bool adds) {
    while (chunk + 16 <= end) {
        word size = at(chunk + 8) & ~(word)FLAGS;
        // The last one of an arena that grew elsewhere.
        if (size == 16 || size == 0) return chunk + 48 >= end;
        if (size < SMALLEST || size % 16 != 0 || size > end - chunk) return false;
        word next = chunk + size;
        if (next + 16 > end) return true;    // the rest, which is free
        bool is_used = (at(next + 8) & IN_USE) != 0 && !is_kept(chunk, size);
        if (is_used && adds) add_chunk(chunk + 16, size - 8, 0);
        chunk = next;
    }
    return true;
}

static void take_heap(word first, word end) {
    struct region *region = begin_region(first, end);
    if (!walk(first, end, true)) search.job->result.faults |= AFRESH_FAULT_ALLOCATOR;
    end_region(region);
}

struct heap_information {
    word arena, previous, size, protected_size;
};

// A heap of an arena begins at an address that is a multiple of 64 MiB. Answers where its first chunk is; 0: it is none.
static word arena_chunks(word start, word limit, word *end) {
    if (start % ARENA_ALIGNMENT != 0 || start + sizeof(struct heap_information) > limit) return 0;
    const struct heap_information *heap = (const void *)start;
    if (heap->size < 4096 || heap->size % 4096 != 0 || heap->size > limit - start || heap->protected_size < heap->size
        || heap->protected_size > ARENA_ALIGNMENT || heap->arena % 8 != 0 || !search_is_readable(heap->arena)
        || heap->arena / ARENA_ALIGNMENT * ARENA_ALIGNMENT + 128 < heap->arena)
        return 0;
    *end = start + heap->size;
    bool has_arena = heap->arena > start && heap->arena < start + 128;
    if (has_arena && an_arena == 0) an_arena = heap->arena;
    // Behind the arena's own record, whose size depends on the version.
    word from = has_arena ? heap->arena + 1024 : start + 32, to = has_arena ? heap->arena + 4096 : start + 128;
    if (to > *end) to = *end;
    for (word chunk = (from + 15) / 16 * 16; chunk < to; chunk += 16) {
        word size = at(chunk + 8);
        // Nothing is before the first one, which counts as used; all else there are addresses and small numbers.
        if ((size & ~(word)FLAGS) >= SMALLEST && (size & (IN_USE | MAPPED_ALONE)) == IN_USE && walk(chunk, *end, false)) return chunk;
    }
    search.job->result.faults |= AFRESH_FAULT_ALLOCATOR;
    return 0;
}

static void add_memory(word start, word end) {
    if (search.memory_count > 0 && search.memory[search.memory_count - 1].end == start) {
        search.memory[search.memory_count - 1].end = end;
        return;
    }
    if (search.memory_count == MAXIMUM_MEMORY) {
        search.job->result.faults |= AFRESH_FAULT_LIMIT;
        return;
    }
    search.memory[search.memory_count++] = (struct range){start, end};
}

static bool is_own(word address, word *end) {
    for (int index = 0; index < search.own_count; index++)
        if (address >= search.own[index].start && address < search.own[index].end) {
            *end = (search.own[index].end + 4095) / 4096 * 4096;
            return true;
        }
    return false;
}

// What of it is no image: chunks, and the rest.
static void take_anonymous(const struct mapping *mapping) {
    for (word page = mapping->start; page < mapping->end;) {
        word end;
        struct image *image;
        if (is_own(page, &end)) {
            page = end;
            continue;
        }
        if ((image = search_image(page)) != NULL) {
            page = (image->all.end + 4095) / 4096 * 4096;
            continue;
        }
        word chunk = (mapping->flags & MAP_WRITE) ? arena_chunks(page, mapping->end, &end) : 0;
        if (chunk) {
            take_heap(chunk, end);
            page = end;
            continue;
        }
        word size = at(page + 8) & ~(word)FLAGS;
        if ((mapping->flags & MAP_WRITE) && at(page) == 0 && (at(page + 8) & FLAGS) == MAPPED_ALONE && size >= 4096
            && size % 4096 == 0 && size <= mapping->end - page) {
            struct region *region = begin_region(page + 16, page + size);
            add_chunk(page + 16, size - 16, CHUNK_MAPPED);
            end_region(region);
            page += size;
            continue;
        }
        add_memory(page, page + 4096);
        page += 4096;
    }
}

// All arenas are in one ring, and the first of them is a variable of the C library. Answers where in an arena the next one is noted.
static word find_main_arena(word *link) {
    struct range library = search.job->library_data;
    for (*link = ARENA_BYTES - 96; an_arena && *link < ARENA_BYTES + 96; *link += 8) {
        word other = an_arena;
        for (int hop = 0; hop < 1024 && other % 8 == 0 && other > 65536 && search_is_readable(other); hop++) {
            if (other >= library.start && other + ARENA_BYTES < library.end) {
                // What it says is free at the end of the heap is there.
                if (search_mapping_flags(at(other + 96)) & MAP_BREAK) return other;
                break;
            }
            // Most of the words that are tried are no links.
            if (!search_is_readable(other + *link + 7)) break;
            other = at(other + *link);
            if (other == an_arena) break;
        }
    }
    return 0;
}

// Small chunks that are free and not marked as such.
static void hide_free_chunks(word arena) {
    enum { LISTS = 10, FIRST_LIST = 16, LONGEST = 1 << 20 };
    for (int list = 0; list < LISTS; list++) {
        word chunk = at(arena + FIRST_LIST + (word)list * 8);
        for (int count = 0; chunk != 0 && count < LONGEST; count++) {
            uint32_t number = search_chunk(chunk + 16);
            if (number == NO_CHUNK || search.starts[number] != chunk + 16) break;
            search.flags[number] |= CHUNK_HIDDEN;
            word field = chunk + 16;
            chunk = at(field) ^ field >> 12;
        }
    }
}

struct range search_main_arena(void) {
    word link, first = find_main_arena(&link);
    word arena = first;
    for (int hop = 0; arena && hop < 1024; hop++) {
        hide_free_chunks(arena);
        arena = at(arena + link);
        if (arena == first || arena % 8 != 0 || !search_is_readable(arena) || !search_is_readable(arena + link + 7)) break;
    }
    return first ? (struct range){first, first + ARENA_BYTES} : (struct range){0, 0};
}

void search_walk_heap(void) {
    word bytes = 0;
    for (size_t index = 0; index < search.mapping_count; index++)
        if (search.mappings[index].flags & MAP_WRITE) bytes += search.mappings[index].end - search.mappings[index].start;
    search.chunk_limit = bytes / SMALLEST < ROOT_BIT - 1 ? (uint32_t)(bytes / SMALLEST) + 1 : ROOT_BIT - 1;
    search.starts = search_table(search.chunk_limit * sizeof *search.starts);
    search.sizes = search_table(search.chunk_limit * sizeof *search.sizes);
    search.flags = search_table(search.chunk_limit);
    search.regions = search_table(MAXIMUM_REGIONS * sizeof *search.regions);
    search.memory = search_table(MAXIMUM_MEMORY * sizeof *search.memory);
    for (size_t index = 0; index < search.mapping_count; index++) {
        const struct mapping *mapping = &search.mappings[index];
        uint32_t flags = mapping->flags;
        if (!(flags & MAP_READ) || (flags & (MAP_EXECUTE | MAP_SYSTEM | MAP_MAIN_STACK | MAP_SHARED_WITH_OTHERS))) continue;
        if (flags & MAP_BREAK) {
            take_heap(mapping->start, mapping->end);
        } else if (!(flags & MAP_NAMED)) {
            take_anonymous(mapping);
        } else if ((flags & MAP_WRITE) && search_image(mapping->start) == NULL) {
            add_memory(mapping->start, mapping->end);
        }
    }
    search.parents = search_table(search.chunk_count * sizeof *search.parents);
    search.parent_offsets = search_table(search.chunk_count * sizeof *search.parent_offsets);
    search.queue = search_table(search.chunk_count * sizeof *search.queue);
    search.raw_queue = search_table(search.chunk_count * sizeof *search.raw_queue);
    search.job->result.chunks = search.chunk_count;
}

#endif

// How many strong references an object says it has (stdlib/public/SwiftShims/RefCount.h), and whether as many were found: what was
// not found is held by something that cannot be seen, and must not pass for nothing.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__

static word at(word address) { return *(const word *)address; }

struct strong_count search_strong_count(uint32_t chunk) {
    enum { ENDING_BIT = 32, STRONG_SHIFT = 33, STRONG_BITS = 30 };
    struct strong_count result = {.side_table = NO_CHUNK};
    word bits = at(search.starts[chunk] + 8);
    if (bits >> 62 == 3) {
        word table = (bits & (((word)1 << 62) - 1)) << 3;
        result.side_table = search_chunk(table);
        if (result.side_table == NO_CHUNK || search_size(result.side_table) < 24) {
            result.is_ending = true;
            return result;
        }
        // One that is gone may lie where another object has been since: then it says so.
        if (at(table) != search.starts[chunk]) result.is_ending = true;
        bits = at(table + 16);
    } else if ((uint32_t)bits == UINT32_MAX) {
        result.is_immortal = true;
        return result;
    }
    result.is_ending |= bits >> ENDING_BIT & 1;
    result.count = (bits >> STRONG_SHIFT & (((word)1 << STRONG_BITS) - 1)) + 1;
    return result;
}

static uint32_t *found;          // of each old object that nothing outside leads to: how many references are known

static void count_part(word start, word end, void *context) {
    for (word address = start; address < end; address += 8) {
        word value = at(address) & 0x00fffffffffffff8;
        uint32_t chunk = value < 65536 || value >> 47 ? NO_CHUNK : search_chunk(value);
        if (chunk != NO_CHUNK && (search.flags[chunk] & CHUNK_COUNTED) && search.starts[chunk] == value) found[chunk]++;
    }
}

static void count_image(const struct image *image) {
    for (int segment = 0; segment < image->data_count; segment++) {
        struct range data = image->data[segment];
        for (word page = data.start; page < data.end; page = (page | 4095) + 1) {
            word end = (page | 4095) + 1;
            if (search_is_readable(page)) count_part((page + 7) & ~(word)7, end < data.end ? end : data.end, NULL);
        }
    }
}

// What a closure captures tells of its image alone: where bodies of that were replaced, it may belong to one of them.
static bool is_wanted(uint32_t chunk, uint8_t flags) {
    if (flags & CHUNK_MARKED) return false;
    if ((flags & CHUNK_OLD) || !(flags & CHUNK_SWIFT) || search.job->part_count == 0) return (flags & CHUNK_OLD) != 0;
    word metadata = at(search.starts[chunk]);
    const struct image *image = search_image(metadata);
    return image && image->has_parts && search_metadata(metadata).kind == OBJECT_CONTEXT;
}

void search_find_unseen(void) {
    uint32_t wanted = 0;
    for (uint32_t chunk = 0; chunk < search.chunk_count; chunk++) {
        uint8_t flags = search.flags[chunk];
        if (!is_wanted(chunk, flags)) continue;
        struct strong_count strong = search_strong_count(chunk);
        if (strong.is_immortal || strong.is_ending) continue;
        search.flags[chunk] |= CHUNK_COUNTED;
        if ((flags & CHUNK_LATE) && (flags & CHUNK_OLD)) search.job->result.self_held++;
        wanted++;
    }
    if (wanted == 0) return;
    found = search_table(search.chunk_count * sizeof *found);
    for (int index = 0; index < search.job->image_count; index++)
        if (search.job->images[index].kind != IMAGE_PROGRAM) count_image(&search.job->images[index]);
    for (uint32_t chunk = 0; chunk < search.chunk_count; chunk++) {
        uint8_t flags = search.flags[chunk];
        if (!(flags & (CHUNK_MARKED | CHUNK_HIDDEN)) && (flags & (CHUNK_LATE | CHUNK_SWIFT)))
            search_parts(chunk, count_part, NULL);
    }
    for (uint32_t chunk = 0; chunk < search.chunk_count; chunk++) {
        if (!(search.flags[chunk] & CHUNK_COUNTED) || search_strong_count(chunk).count <= found[chunk]) continue;
        word metadata = at(search.starts[chunk]);
        struct metadata_facts facts = search_metadata(metadata);
        if (!facts.is_old) facts.owner = search_image(metadata)->owner;
        search.job->result.unseen++;
        struct afresh_reference *reference =
            search_add(AFRESH_UNSEEN, AFRESH_MEMORY, 0, NO_CHUNK, 0, search.starts[chunk], facts.owner);
        if (reference == NULL) continue;
        reference->metadata = metadata;
        reference->is_class = facts.kind == OBJECT_CLASS;
    }
}

#endif

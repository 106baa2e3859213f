// What of a chunk or a piece of memory is in use, and so may hold references.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__

static word at(word address) { return *(const word *)address; }

void search_present_parts(word start, word end, search_part part, void *context) {
    enum { MUCH = 1 << 20, PAGE = 4096 };
    start = (start + 7) & ~(word)7;
    end &= ~(word)7;
    if (end <= start) return;
    if (end - start < MUCH) {
        part(start, end, context);
        return;
    }
    for (word address = start; address < end;) {
        word next = (address / PAGE + 1) * PAGE;
        if (next > end) next = end;
        if (search_is_present(address)) part(address, next, context);
        address = next;
    }
}

static void hashed_parts(uint32_t chunk, const struct metadata_facts *facts, search_part part, void *context) {
    word object = search.starts[chunk], end = object + search_size(chunk);
    bool is_set = facts->shape == SHAPE_SET;
    word keys = at(object + 48), values = is_set ? 0 : at(object + 56), bits = object + (is_set ? 56 : 64);
    uint8_t scale = *(const uint8_t *)(object + 32);
    word buckets = scale < 40 ? (word)1 << scale : 0;
    word key_stride = facts->stride, value_stride = facts->value_stride;
    bool fits = buckets != 0 && bits + (buckets + 63) / 64 * 8 <= keys && keys < end && (end - keys) / key_stride >= buckets
        && (is_set || (values > keys && values < end && (end - values) / value_stride >= buckets));
    if (!fits) {
        search_present_parts(object + 16, end, part, context);
        return;
    }
    for (word bucket = 0; bucket < buckets; bucket++) {
        if (!(at(bits + bucket / 64 * 8) >> (bucket % 64) & 1)) continue;
        if (key_stride >= 8) part((keys + bucket * key_stride + 7) & ~(word)7, (keys + (bucket + 1) * key_stride) & ~(word)7, context);
        if (!is_set && value_stride >= 8)
            part((values + bucket * value_stride + 7) & ~(word)7, (values + (bucket + 1) * value_stride) & ~(word)7, context);
    }
}

void search_parts(uint32_t chunk, search_part part, void *context) {
    word start = search.starts[chunk], end = start + search_size(chunk);
    if (!(search.flags[chunk] & CHUNK_SWIFT)) {
        search_present_parts(start, end, part, context);
        return;
    }
    struct metadata_facts facts = search_metadata(at(start));
    if (facts.shape == SHAPE_ARRAY) {
        word count = at(start + 16);
        if (end >= start + 32 && count <= (end - start - 32) / facts.stride) end = start + 32 + count * facts.stride;
        search_present_parts(start + 32, end, part, context);
    } else if (facts.shape == SHAPE_OPAQUE) {
        return;
    } else if (facts.shape == SHAPE_DICTIONARY || facts.shape == SHAPE_SET) {
        hashed_parts(chunk, &facts, part, context);
    } else {
        // Behind the last field there is what was left by something else.
        if (facts.size >= 16 && start + facts.size <= end && end - start - facts.size < 32) end = start + facts.size;
        search_present_parts(start + 16, end, part, context);
    }
}

#endif

// Marks what can be reached, breadth first, so that the way to what is old is a short one. Whatever no object of an old image leads
// to it is a reference from outside.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__
#include <link.h>
#include <signal.h>
#include <string.h>

enum phase {
    HIDING,     // what the runtime and the dynamic linker keep for themselves: not looked into afterwards
    OUTSIDE,    // from everything that is not old
    LATER       // from the runtime, the old images themselves and what the agent keeps of them: counted, not reported
};

static enum phase phase;
static uint32_t holder;          // the chunk that is looked through, or NO_CHUNK
static uint8_t place;            // of what is looked through where it is no chunk
static int32_t thread;
static bool is_holder_old;
static uint32_t *anchors;        // of an old object: the one that is held from outside and leads to it
static word *root_words;
static uint8_t *root_places;
static int32_t *root_threads;
static uint32_t root_count;
static struct range runtime_data, heap_bounds;

static word at(word address) { return *(const word *)address; }

// MARK: References

struct group {
    uint32_t holder;             // chunk, or root
    uint32_t reference;
    word metadata;
};
enum { GROUPS = 1 << 16 };
static struct group *groups;

struct afresh_reference *search_add(uint8_t kind, uint8_t at_place, int32_t of_thread, uint32_t from, word address, word value,
                                    uint32_t owner) {
    struct afresh_search_result *result = &search.job->result;
    result->found++;
    if (result->reference_count >= search.job->room) return NULL;
    struct afresh_reference *reference = &result->references[result->reference_count++];
    memset(reference, 0, sizeof *reference);
    reference->kind = kind;
    reference->place = at_place;
    reference->thread = of_thread;
    reference->owner = owner;
    reference->count = 1;
    reference->word = address;
    reference->value = value;
    for (uint32_t chunk = from; chunk != NO_CHUNK && reference->step_count < AFRESH_STEPS;) {
        struct afresh_step *step = &reference->steps[reference->step_count++];
        *step = (struct afresh_step){search.starts[chunk], (uint32_t)(address - search.starts[chunk]), AFRESH_HEAP};
        uint32_t parent = search.parents[chunk];
        if (parent & ROOT_BIT) {
            if (reference->step_count == AFRESH_STEPS) break;
            uint32_t root = parent & ~ROOT_BIT;
            reference->steps[reference->step_count++] = (struct afresh_step){root_words[root], 0, root_places[root]};
            reference->thread = root_threads[root];
            break;
        }
        address = search.starts[parent] + (word)search.parent_offsets[chunk] * 8;
        chunk = parent;
    }
    return reference;
}

// `call`, just before an address that it would return to.
static bool follows_call(word address) {
    if (!(search_mapping_flags(address - 7) & MAP_READ)) return false;
    const uint8_t *code = (const uint8_t *)address;
    if (code[-5] == 0xE8) return true;
    for (int length = 2; length <= 7; length++)
        if (code[-length] == 0xFF && (code[-length + 1] >> 3 & 7) == 2) return true;
    return false;
}

static bool is_in(struct range range, word address) { return address >= range.start && address < range.end; }

static bool is_in_data(const struct image *image, word address) {
    for (int index = 0; index < image->data_count; index++)
        if (is_in(image->data[index], address)) return true;
    return false;
}

// An asynchronous function is referred to by a constant: how far its code is, and how large its frame.
static bool is_asynchronous(const struct image *image, word value) {
    if (value % 4 != 0 || !search_is_readable(value)) return false;
    word code = value + (word)(intptr_t)*(const int32_t *)value;
    uint32_t size = *(const uint32_t *)(value + 4);
    return is_in(image->code, code) && size >= 16 && size < (1 << 20);
}

// Whether what stands behind a function on a stack may be its context. A frame's variables keep what they were after their last use;
// the context of a function that is still wanted is there.
static bool has_context(word address) {
    if (!search_is_readable(address)) return false;
    word context = at(address);
    if (context == 0 || search_image(context) != NULL) return true;
    uint32_t chunk = search_chunk(context);
    if (chunk == NO_CHUNK || !(search.flags[chunk] & CHUNK_SWIFT) || search.starts[chunk] != context) return false;
    // One that something else is known to hold shows by its count whether a stack holds it too.
    if (search.flags[chunk] & CHUNK_LATE) return false;
    // Code has contexts of its own image, or an object that it captures alone.
    const struct image *image = search_image(at(context));
    return (search.flags[chunk] & CHUNK_OLD) || (image && image->has_parts) || search_metadata(at(context)).kind == OBJECT_CLASS;
}

static void found_image(word address, word value, const struct image *image) {
    if (phase != OUTSIDE || is_holder_old) return;
    bool is_code = is_in(image->code, value);
    // Other constants are texts and descriptions: they stay, and do nothing.
    if (!is_code && !is_in_data(image, value)) {
        if (!is_asynchronous(image, value)) return;
        is_code = true;
    }
    // Metadata and tables are at multiples of a word: else it is what was left beside a smaller value.
    if (!is_code && value % 8 != 0) return;
    uint8_t kind = is_code ? AFRESH_CODE : AFRESH_DATA;
    if (is_code && place == AFRESH_STACK && holder == NO_CHUNK) {
        if (follows_call(value)) kind = AFRESH_FRAME;
        else if (!has_context(address + 8)) return;
    }
    search_add(kind, holder == NO_CHUNK ? place : AFRESH_HEAP, thread, holder, address, value, image->owner);
}

// Code of an image that runs: that of a body which was replaced, and of the closures in it.
static void found_part(word address, word value, const struct part *part) {
    if (phase != OUTSIDE || is_holder_old) return;
    if (!part->is_code && value != part->start) return;
    uint8_t kind = AFRESH_CODE;
    if (part->is_code && place == AFRESH_STACK && holder == NO_CHUNK) {
        if (follows_call(value)) kind = AFRESH_FRAME;
        else if (!has_context(address + 8)) return;
    }
    search_add(kind, holder == NO_CHUNK ? place : AFRESH_HEAP, thread, holder, address, value, part->owner);
}

static void mark(uint32_t chunk, word address) {
    search.flags[chunk] |= phase == OUTSIDE ? CHUNK_MARKED : CHUNK_LATE;
    if (holder == NO_CHUNK) {
        root_words[root_count] = address;
        root_places[root_count] = place;
        root_threads[root_count] = thread;
        search.parents[chunk] = ROOT_BIT | root_count++;
    } else {
        search.parents[chunk] = holder;
        search.parent_offsets[chunk] = (uint32_t)((address - search.starts[holder]) / 8);
    }
    if (search.flags[chunk] & CHUNK_OLD) anchors[chunk] = is_holder_old ? anchors[holder] : chunk;
    if (search.flags[chunk] & CHUNK_SWIFT) search.queue[search.queue_tail++] = chunk;
    else search.raw_queue[search.raw_tail++] = chunk;
}

// The runtime's variables lead to its tables, and these to the pages in which it makes metadata: objects lead there too, and nothing in
// them is a reference of the program's. The tables are not hidden: only the runtime leads to them.
static void hide(uint32_t chunk, word value) {
    enum { PAGE_OF_METADATA = 16 << 10 };
    if (search.flags[chunk] & (CHUNK_SWIFT | CHUNK_HIDDEN | CHUNK_COUNTED)) return;
    if (search_size(chunk) >= PAGE_OF_METADATA) {
        search.flags[chunk] |= CHUNK_HIDDEN;
    } else if (holder == NO_CHUNK && value == search.starts[chunk]) {
        search.flags[chunk] |= CHUNK_COUNTED;
        search.raw_queue[search.raw_tail++] = chunk;
    }
}

// What the dynamic linker knows of the images.
static void hide_link_maps(void) {
    for (const struct link_map *map = _r_debug.r_map; map && search_is_readable((word)map); map = map->l_next) {
        uint32_t chunk = search_chunk((word)map);
        if (chunk != NO_CHUNK) search.flags[chunk] |= CHUNK_HIDDEN;
    }
}

static inline void scan_word(word address, word raw) {
    if (raw < 65536 || (raw >> 47 != 0 && raw >> 56 == 0)) return;
    // Enumerations keep their case in bits that pointers do not use.
    word value = raw & 0x00fffffffffffff8;
    if (value >= search.old_images.start && value < search.old_images.end) {
        const struct image *image = search_old_image(value);
        if (image != NULL) {
            found_image(address, raw & 0x00ffffffffffffff, image);
            return;
        }
        const struct part *part = search_replaced(raw & 0x00ffffffffffffff);
        if (part != NULL) {
            found_part(address, raw & 0x00ffffffffffffff, part);
            return;
        }
    }
    if (value < heap_bounds.start || value >= heap_bounds.end) {
        if (value < runtime_data.start || value >= runtime_data.end) return;
    }
    uint32_t chunk = search_chunk(value);
    if (chunk == NO_CHUNK || (search.flags[chunk] & CHUNK_HIDDEN)) {
        uint32_t owner;
        if (phase != OUTSIDE || is_holder_old || raw != value) return;
        if (chunk == NO_CHUNK && (value < runtime_data.start || value >= runtime_data.end)) return;
        if (search_type_is_old_known(value, &owner))
            search_add(AFRESH_TYPE, holder == NO_CHUNK ? place : AFRESH_HEAP, thread, holder, address, value, owner);
        return;
    }
    uint8_t flags = search.flags[chunk];
    if (phase == HIDING) {
        hide(chunk, value);
        return;
    }
    if (!(flags & (CHUNK_MARKED | CHUNK_LATE))) mark(chunk, address);
}

static void scan_part(word start, word end, void *context) {
    for (word address = start; address < end; address += 8) scan_word(address, at(address));
}

// MARK: What to look through

// Objects first: what leads through them is certain, while other memory may hold what is left of something else.
static void drain(void) {
    while (search.queue_head < search.queue_tail || search.raw_head < search.raw_tail) {
        holder = search.queue_head < search.queue_tail ? search.queue[search.queue_head++] : search.raw_queue[search.raw_head++];
        is_holder_old = (search.flags[holder] & CHUNK_OLD) != 0;
        search_parts(holder, scan_part, NULL);
    }
    holder = NO_CHUNK;
    is_holder_old = false;
}

static void scan_root(word start, word end, uint8_t at_place, int32_t of_thread) {
    holder = NO_CHUNK;
    place = at_place;
    thread = of_thread;
    search_present_parts(start, end, scan_part, NULL);
}

// The readable memory of a segment.
static void scan_segment(struct range segment) {
    for (word address = segment.start; address < segment.end;) {
        size_t low = 0, high = search.mapping_count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (search.mappings[middle].end <= address) low = middle + 1;
            else high = middle;
        }
        if (low == search.mapping_count) return;
        const struct mapping *mapping = &search.mappings[low];
        word start = address > mapping->start ? address : mapping->start;
        word end = segment.end < mapping->end ? segment.end : mapping->end;
        if (start >= segment.end) return;
        if (mapping->flags & MAP_READ) scan_root(start, end, AFRESH_GLOBAL, 0);
        address = end;
    }
}

static void scan_images(enum image_kind kind) {
    for (int index = 0; index < search.job->image_count; index++) {
        const struct image *image = &search.job->images[index];
        if (image->kind != kind) continue;
        for (int segment = 0; segment < image->data_count; segment++) {
            struct range rest = image->data[segment];
            for (uint32_t cache = 0; cache < search.cache_count; cache++) {
                struct range skipped = search.caches[cache];
                if (skipped.start < rest.start || skipped.start >= rest.end) continue;
                scan_segment((struct range){rest.start, skipped.start});
                rest.start = skipped.end < rest.end ? skipped.end : rest.end;
            }
            scan_segment(rest);
        }
    }
}

// MARK: Roots that are neither images nor heap

enum { MAXIMUM_STACKS = MAXIMUM_THREADS };
static struct stack *stacks;
static uint32_t stack_count;
static struct range *rests;      // memory that is no stack either
static uint32_t rest_count;

static void add_rest(word start, word end) {
    if (end <= start) return;
    if (rest_count == 2 * MAXIMUM_MEMORY) search.job->result.faults |= AFRESH_FAULT_LIMIT;
    else rests[rest_count++] = (struct range){start, end};
}

// Stacks lie in anonymous memory; those of threads that have ended are kept for the next ones, with what was on them. Whose they are
// is asked of the program: in a copy the C library takes all of them for ended.
void search_find_stacks(void) {
    enum { PAGE = 4096 };
    stacks = search_table(MAXIMUM_STACKS * sizeof *stacks);
    rests = search_table(2 * MAXIMUM_MEMORY * sizeof *rests);
    for (uint32_t index = 0; index < search.memory_count; index++) {
        struct range rest = search.memory[index];
        bool is_large = rest.end - rest.start > (1 << 20);
        for (word block = (rest.start + 63) & ~(word)63; block + 24 <= rest.end; block += 64) {
            struct stack stack;
            if (is_large && block % PAGE == 0 && !search_is_present(block)) {
                block += PAGE - 64;
                continue;
            }
            if (at(block) != block || !search_stack(block, rest, &stack)) continue;
            if (stack_count == MAXIMUM_STACKS) {
                search.job->result.faults |= AFRESH_FAULT_LIMIT;
                break;
            }
            search.job->control_blocks[stack_count] = block;
            stacks[stack_count++] = stack;
            add_rest(rest.start, stack.block.start);
            rest.start = stack.block.end;
            block = ((rest.start + 63) & ~(word)63) - 64;
        }
        add_rest(rest.start, rest.end);
    }
    search.job->control_block_count = stack_count;
}

static void scan_stacks(void) {

    for (uint32_t index = 0; index < stack_count; index++) {
        search_find_frames(&stacks[index], search.job->owners[index]);
        scan_root(stacks[index].frames.start, stacks[index].frames.end, AFRESH_STACK, stacks[index].thread);
    }
    const struct afresh_thread *main_thread = search_main_thread();
    for (size_t index = 0; index < search.mapping_count; index++) {
        const struct mapping *mapping = &search.mappings[index];
        if (!(mapping->flags & MAP_MAIN_STACK)) continue;
        word start = mapping->start;
        if (main_thread && main_thread->stack > start && main_thread->stack < mapping->end) start = main_thread->stack;
        if (!main_thread || !main_thread->is_own)
            scan_root(start, mapping->end, AFRESH_STACK, main_thread ? main_thread->id : 0);
    }
}

// The kernel keeps these.
static void find_handlers(void) {
    for (int number = 1; number <= 64; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0) continue;
        word handler = (action.sa_flags & SA_SIGINFO) ? (word)action.sa_sigaction : (word)action.sa_handler;
        const struct image *image = search_old_image(handler);
        const struct part *part = search_replaced(handler);
        if (image || part) search_add(AFRESH_HANDLER, AFRESH_MEMORY, number, NO_CHUNK, 0, handler, image ? image->owner : part->owner);
    }
}

// MARK: Objects

static void classify(void) {
    for (uint32_t chunk = 0; chunk < search.chunk_count; chunk++) {
        word first = at(search.starts[chunk]);
        if (search.flags[chunk] & CHUNK_HIDDEN) continue;
        if (first < 65536 || first % 8 != 0 || first >> 47 != 0) continue;
        // Metadata is in an image, or was made by the runtime in a chunk of its own.
        bool is_possible = search_image(first) != NULL
            || (first >= heap_bounds.start && first < heap_bounds.end && search_chunk(first) != NO_CHUNK);
        if (!is_possible) continue;
        struct metadata_facts facts = search_metadata(first);
        if (facts.kind == NOT_AN_OBJECT) continue;
        search.flags[chunk] |= CHUNK_SWIFT;
        if (facts.is_of_old_types) search.flags[chunk] |= CHUNK_SHAPE_OLD;
        if (!facts.is_old) continue;
        search.flags[chunk] |= CHUNK_OLD;
        search.job->result.old_objects++;
        // Weak references lead there.
        uint32_t table = search_strong_count(chunk).side_table;
        if (table != NO_CHUNK) search.flags[table] |= CHUNK_HIDDEN;
    }
}

static struct group *group_of(uint32_t from, word metadata) {
    word slot = (metadata >> 3 ^ (word)from * 0x85EBCA6Bu) * 0x9E3779B97F4A7C15u >> 48;
    for (int probe = 0; probe < 64; probe++) {
        struct group *group = &groups[(slot + (word)probe) % GROUPS];
        if (group->metadata == 0 || (group->metadata == metadata && group->holder == from)) return group;
    }
    return NULL;
}

// One reference for all objects of a class that one holder leads to.
static void count_object(uint32_t chunk) {
    uint8_t flags = search.flags[chunk];
    word metadata = at(search.starts[chunk]);
    struct metadata_facts facts = search_metadata(metadata);
    if (search_strong_count(chunk).is_ending) return;
    bool is_old = flags & CHUNK_OLD;
    uint32_t anchor = is_old ? anchors[chunk] : chunk;
    if (facts.kind != OBJECT_CLASS && anchor != chunk) return;
    uint32_t parent = search.parents[anchor];
    if (!is_old && !(parent & ROOT_BIT) && (search.flags[parent] & (CHUNK_OLD | CHUNK_SHAPE_OLD))) return;
    if (is_old) search.job->result.reachable++;
    struct group *group = facts.kind == OBJECT_CLASS ? group_of(parent, metadata) : NULL;
    if (group && group->metadata) {
        search.job->result.found++;
        if (group->reference < search.job->room) search.job->result.references[group->reference].count++;
        return;
    }
    word address = (parent & ROOT_BIT) ? root_words[parent & ~ROOT_BIT]
                                       : search.starts[parent] + (word)search.parent_offsets[anchor] * 8;
    bool is_root = (parent & ROOT_BIT) != 0;
    uint32_t index = search.job->result.reference_count;
    struct afresh_reference *reference =
        search_add(AFRESH_OBJECT, is_root ? root_places[parent & ~ROOT_BIT] : AFRESH_HEAP,
                   is_root ? root_threads[parent & ~ROOT_BIT] : 0, is_root ? NO_CHUNK : parent, address,
                   search.starts[chunk], facts.owner);
    if (group) *group = (struct group){parent, reference ? index : UINT32_MAX, metadata};
    if (reference == NULL) return;
    reference->metadata = metadata;
    reference->is_class = facts.kind == OBJECT_CLASS;
    reference->is_of_old_types = !is_old;
    reference->is_direct = anchor == chunk;
}

static void count_objects(void) {
    groups = search_table(GROUPS * sizeof *groups);
    for (uint32_t index = 0; index < search.queue_tail; index++) {
        uint32_t chunk = search.queue[index];
        if ((search.flags[chunk] & CHUNK_MARKED) && (search.flags[chunk] & (CHUNK_OLD | CHUNK_SHAPE_OLD))) count_object(chunk);
    }
}

void search_mark(void) {
    anchors = search_table(search.chunk_count * sizeof *anchors);
    root_words = search_table(search.chunk_count * sizeof *root_words);
    root_places = search_table(search.chunk_count);
    root_threads = search_table(search.chunk_count * sizeof *root_threads);
    if (search.region_count > 0) {
        heap_bounds.start = search.regions[0].all.start;
        heap_bounds.end = search.regions[search.region_count - 1].all.end;
    }
    search.old_images.start = UINTPTR_MAX;
    for (int index = 0; index < search.job->image_count; index++) {
        const struct image *image = &search.job->images[index];
        if (image->kind == IMAGE_OLD) {
            if (image->all.start < search.old_images.start) search.old_images.start = image->all.start;
            if (image->all.end > search.old_images.end) search.old_images.end = image->all.end;
        }
        // The standard library makes its first metadata in a variable.
        if (image->kind == IMAGE_RUNTIME && image->data_count > 0 && image->makes_metadata)
            runtime_data = (struct range){image->data[0].start, image->data[image->data_count - 1].end};
    }
    const struct job *job = search.job;
    if (job->part_count > 0) {
        word start = job->parts[0].start, end = job->parts[job->part_count - 1].end;
        if (start < search.old_images.start) search.old_images.start = start;
        if (end > search.old_images.end) search.old_images.end = end;
    }
    search.main_arena = search_main_arena();
    classify();
    search_find_caches();

    hide_link_maps();
    phase = HIDING;
    scan_images(IMAGE_RUNTIME);
    for (uint32_t cache = 0; cache < search.cache_count; cache++)
        if (search.caches[cache].start != search.main_arena.start) scan_root(search.caches[cache].start, search.caches[cache].end, AFRESH_GLOBAL, 0);
    drain();
    for (uint32_t index = 0; index < search.raw_tail; index++) search.flags[search.raw_queue[index]] &= (uint8_t)~CHUNK_COUNTED;
    search.queue_head = search.queue_tail = search.raw_head = search.raw_tail = 0;

    uint32_t kept = search_chunk(search.job->kept);
    if (kept != NO_CHUNK && search.starts[kept] == search.job->kept) search.flags[kept] |= CHUNK_HIDDEN;
    else kept = NO_CHUNK;

    phase = OUTSIDE;
    find_handlers();
    scan_images(IMAGE_PROGRAM);
    drain();
    for (uint32_t index = 0; index < rest_count; index++) scan_root(rests[index].start, rests[index].end, AFRESH_MEMORY, 0);
    drain();
    // Something that only looks like a chunk must not hide what it holds.
    for (uint32_t chunk = 0; chunk < search.chunk_count; chunk++)
        if ((search.flags[chunk] & CHUNK_MAPPED) && !(search.flags[chunk] & (CHUNK_MARKED | CHUNK_HIDDEN)))
            scan_root(search.starts[chunk], search.starts[chunk] + search_size(chunk), AFRESH_MEMORY, 0);
    drain();

    phase = LATER;
    scan_images(IMAGE_RUNTIME);
    scan_images(IMAGE_OLD);
    if (kept != NO_CHUNK) {
        search.flags[kept] = (uint8_t)((search.flags[kept] & ~CHUNK_HIDDEN) | CHUNK_LATE);
        holder = NO_CHUNK;
        search_parts(kept, scan_part, NULL);
    }
    drain();

    // Last: words on stacks may be left from calls that have ended. What only they lead to is held by them; of what the old images
    // hold themselves the counts tell.
    phase = OUTSIDE;
    scan_stacks();
    drain();
    count_objects();
    search_find_unseen();
}

#endif

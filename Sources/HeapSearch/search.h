// What the parts of the search share. All of it but `struct job` is the copy's own.
#ifndef AFRESH_SEARCH_H
#define AFRESH_SEARCH_H
#include <HeapSearch.h>
#include <stdatomic.h>
#include <sys/types.h>

typedef uintptr_t word;

#define MAXIMUM_IMAGES 2048
#define MAXIMUM_THREADS 4096
#define MAXIMUM_PARTS 65536
#define DATA_SEGMENTS 6
#define KNOWN_CHUNKS 4

enum image_kind { IMAGE_PROGRAM = 0, IMAGE_OLD = 1, IMAGE_RUNTIME = 2 };

struct range {
    word start, end;
};

struct image {
    struct range all, code, data[DATA_SEGMENTS];
    int data_count;
    enum image_kind kind;
    bool makes_metadata;
    bool has_parts;                      // it runs, and bodies of it were replaced
    uint32_t owner;
};

// A function of an image that runs, and that nothing calls any more but who has begun before: its body was replaced.
struct part {
    word start, end;
    uint32_t owner;
    bool is_code;                        // else it refers to code, as asynchronous functions are referred to
};

// Descriptors of an image's types: relative pointers.
struct type_list {
    word start;
    size_t length;
};

// Made before the copy is, in memory that both see.
struct job {
    size_t length;                       // of this mapping
    int image_count, type_list_count, thread_count, part_count, link_count;
    uint32_t faults;
    atomic_int threads_are_known;
    struct range library_data;           // of the C library
    word stack_offset, id_offset;        // within a thread's control block; 0: not known
    pid_t process, copy;
    word known_chunks[KNOWN_CHUNKS];
    word kept;                           // the agent's own way to former generations
    word malloc_key;                     // what the C library writes into small chunks that it keeps for a thread
    struct image images[MAXIMUM_IMAGES];          // by address
    struct type_list type_lists[MAXIMUM_IMAGES];
    struct part parts[MAXIMUM_PARTS];             // by address
    word links[MAXIMUM_PARTS];                    // of the runtime: what runs in the place of what
    struct afresh_thread threads[MAXIMUM_THREADS];
    uint32_t control_block_count;        // of threads' stacks, as the copy has found them
    word control_blocks[MAXIMUM_THREADS];
    int32_t owners[MAXIMUM_THREADS];     // and whose they are, as the program says; 0: nobody's
    size_t room;
    struct afresh_search_result result;
};

enum mapping_flag { MAP_READ = 1, MAP_WRITE = 2, MAP_EXECUTE = 4, MAP_SHARED_WITH_OTHERS = 8, MAP_NAMED = 16, MAP_BREAK = 32,
                    MAP_MAIN_STACK = 64, MAP_SYSTEM = 128 };

struct mapping {
    word start, end;
    uint32_t flags;
};

enum chunk_flag { CHUNK_OLD = 1, CHUNK_MARKED = 2, CHUNK_HIDDEN = 4, CHUNK_SWIFT = 8, CHUNK_LATE = 16, CHUNK_MAPPED = 32,
                  CHUNK_COUNTED = 64, CHUNK_SHAPE_OLD = 128 };

#define NO_CHUNK UINT32_MAX

struct region {
    struct range all;
    uint32_t *first_of_granule;
    uint32_t first, count;
};

// What the first word of a heap object says of it.
enum object_kind { NOT_AN_OBJECT = 0, OBJECT_CLASS, OBJECT_CONTEXT, OBJECT_BOX, OBJECT_OTHER };
enum object_shape { SHAPE_PLAIN = 0, SHAPE_ARRAY, SHAPE_DICTIONARY, SHAPE_SET, SHAPE_OPAQUE };

struct metadata_facts {
    word metadata;
    uint8_t kind, shape;
    bool is_old;            // it is of an old image, or inherits from a class of one
    bool is_of_old_types;   // it was made by the runtime of an old type
    uint32_t owner;
    word stride, value_stride;
    word size;              // of a class's instances; 0: there may be more behind their fields
};

struct search {
    struct job *job;
    struct mapping *mappings;
    size_t mapping_count;
    struct range old_images;             // from the first to the last, and parts of others
    struct range own[4];                 // the search's memory that was there before the mappings were read
    int own_count;

    word *starts;
    uint32_t *sizes;                     // in 16 bytes
    uint8_t *flags;
    uint32_t *parents;                   // chunk, or a root with ROOT_BIT
    uint32_t *parent_offsets;            // in words
    uint32_t *queue, *raw_queue;         // objects, and chunks that are none
    uint32_t chunk_count, chunk_limit, queue_head, queue_tail, raw_head, raw_tail;
    struct region *regions;
    uint32_t region_count;
    struct range *memory;                // anonymous memory that is no heap
    uint32_t memory_count;
    struct range *caches;                // of generic metadata, and what the allocator keeps: no references of the program's
    uint32_t cache_count;
    struct range main_arena;
};

extern struct search search;

#define ROOT_BIT 0x80000000u
#define MAXIMUM_MAPPINGS 65536
#define MAXIMUM_REGIONS 65536
#define MAXIMUM_MEMORY 262144
#define MAXIMUM_CACHES 65536

// regions.c
void *search_table(size_t bytes);                    // zeroed; ends the copy if there is none
// By the first word of each element, in place: the C library's own sort leaves copies in the heap.
void search_sort(void *table, size_t count, size_t size);
void search_read_mappings(void);
uint32_t search_mapping_flags(word address);         // 0: there is none
struct image *search_image(word address);
struct image *search_old_image(word address);
bool search_is_present(word page);                   // false: nothing has ever been written there
static inline bool search_is_readable(word address) { return (search_mapping_flags(address) & MAP_READ) != 0; }

// replaced.c
void search_find_replaced(struct job *job, const struct afresh_old_image *images, size_t count);
const struct part *search_replaced(word address);        // NULL: there is none

// chunks.c
void search_walk_heap(void);
// Hides what is free and does not look so; answers where the lists of the main heap are, which are no references.
struct range search_main_arena(void);
uint32_t search_chunk(word address);                 // NO_CHUNK: there is none
static inline word search_size(uint32_t chunk) {
    // One that was mapped alone has no neighbour whose first word it could use.
    return (word)search.sizes[chunk] * 16 - ((search.flags[chunk] & CHUNK_MAPPED) ? 0 : 8);
}

// metadata.c
struct metadata_facts search_metadata(word address);
bool search_type_is_old(word metadata, uint32_t *owner, int depth);
void search_find_caches(void);

bool search_type_is_old_known(word metadata, uint32_t *owner);    // the same, remembered

// counts.c
struct strong_count {
    uint64_t count;
    bool is_immortal, is_ending;
    uint32_t side_table;                             // its chunk
};
struct strong_count search_strong_count(uint32_t chunk);
void search_find_unseen(void);

// parts.c
typedef void (*search_part)(word start, word end, void *context);
void search_parts(uint32_t chunk, search_part part, void *context);
void search_present_parts(word start, word end, search_part part, void *context);

// marking.c
void search_find_stacks(void);
void search_mark(void);
// What stands for `word_address`; NULL where there is no room.
struct afresh_reference *search_add(uint8_t kind, uint8_t place, int32_t thread, uint32_t holder, word address, word value,
                                    uint32_t owner);

// threads.c
struct stack {
    struct range block, frames;                      // no frames: it is nobody's any more
    int32_t thread;
};
// The stack whose control block lies at `address` of that memory; false where there is none.
bool search_stack(word address, struct range memory, struct stack *stack);
void search_find_frames(struct stack *stack, int32_t owner);
const struct afresh_thread *search_main_thread(void);
void search_prepare_threads(struct job *job);
void search_sample_threads(struct job *job);
void search_find_owners(struct job *job);

#endif

// Looks in a copy of this process for references to images that have been replaced. Linux, x86-64, the C library's own malloc.
//
// `afresh_copy_begin` makes the copy; the program stands still for that alone. The copy walks all chunks of the heap, decides by the
// first word of each whether it is a Swift object and of which image, and marks from everything that is no chunk. It calls no
// function that allocates or locks, takes no signal, has its time limited by the kernel, and closes what it inherited. What it found
// lies in memory that both see; what its memory holds can be read with `afresh_copy_read` until it is ended.
#ifndef AFRESH_HEAP_SEARCH_H
#define AFRESH_HEAP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An image that is old, or one that runs: of that the bodies that others have replaced are old, and the closures in them. Its
// addresses are kept inverted, so that a search does not find what it was told.
struct afresh_old_image {
    uintptr_t not_base;    // ~ of where it lies
    uint32_t owner;        // what is answered as `owner`
    uint32_t module;       // a number: an image that replaces bodies may do so for several modules, and is given once for each
    bool runs;
};

enum afresh_reference_kind {
    AFRESH_OBJECT = 1,     // to an object of an old image: an instance, a closure's context, a box
    AFRESH_CODE = 2,       // into the code of an old image
    AFRESH_DATA = 3,       // to metadata, a witness table or a variable of an old image
    AFRESH_TYPE = 4,       // to metadata that the runtime has made of an old type: Optional<Old>
    AFRESH_FRAME = 5,      // to old code, from a stack
    AFRESH_UNSEEN = 6,     // an old object has more references than were found; nobody knows whose
    AFRESH_HANDLER = 7     // a handler of the signal `thread`
};

enum afresh_place {
    AFRESH_GLOBAL = 1, AFRESH_STACK = 2, AFRESH_HEAP = 3, AFRESH_MEMORY = 4
};

#define AFRESH_STEPS 14

// One step from a holder towards what is no chunk: the word at `base + offset`.
struct afresh_step {
    uintptr_t base;
    uint32_t offset;
    uint32_t place;        // `afresh_place`; `AFRESH_HEAP` for all but the last
};

struct afresh_reference {
    uint8_t kind, place;
    bool is_class;         // the object is an instance, and not a context or a box
    bool is_of_old_types;  // it is not of an old image, but was made for a type of one: an array's storage
    bool is_direct;        // the word leads to the object itself, and not to another old one that does
    int32_t thread;        // of a stack; 0: none
    uint32_t owner;        // of the old image
    uint32_t step_count;
    uint64_t count;        // objects that are held by this word; 1 for others
    uintptr_t word;        // where it is
    uintptr_t value;       // what it holds
    uintptr_t metadata;    // of the object; 0 for others
    struct afresh_step steps[AFRESH_STEPS];    // the holder first
};

struct afresh_thread {
    int32_t id;
    int32_t is_own;        // of the agent: not looked at
    uintptr_t stack;       // where its frames begin; 0: not known
};

enum afresh_search_fault {
    AFRESH_FAULT_NONE = 0,
    AFRESH_FAULT_ALLOCATOR = 1,       // the heap is not as the C library's malloc has it
    AFRESH_FAULT_MAPPINGS = 2,        // the system does not tell what memory there is
    AFRESH_FAULT_LIMIT = 4,           // a table is full
    AFRESH_FAULT_THREADS = 8,         // the program did not say where its stacks are
    AFRESH_FAULT_RUNTIME = 16,        // the Swift runtime is no library of its own, or does not tell of its types
    AFRESH_FAULT_REPLACED = 32        // an image of which bodies were replaced does not tell where they and their closures are
};

struct afresh_search_result {
    uint32_t state;        // 0: at work, 1: done, 2: given up
    uint32_t faults;       // `afresh_search_fault`, several
    uint64_t chunks, heap_bytes, old_objects, reachable, self_held, unseen;
    uint64_t found;        // references, also those that there was no room for
    uint64_t nanoseconds_walk, nanoseconds_mark;
    uint32_t reference_count;
    struct afresh_reference references[];     // see `afresh_copy_reference`
};

struct afresh_copy;

// Why no copy is to be made of this process; NULL if nothing speaks against it.
const char *afresh_copy_objection(void);

// Makes a copy and sets it to work; NULL where the system refuses, with errno. `room`: for how many references. `seconds`: after
// so many the copy ends by itself. `pause`: nanoseconds that the process stood still.
// `kept`, inverted: an object of the agent's that keeps former generations, to go back to; what only that leads to is not reported.
struct afresh_copy *afresh_copy_begin(const struct afresh_old_image *old, size_t old_count, uintptr_t kept, size_t room,
                                      unsigned seconds, uint64_t *pause);

// What it has found so far; final once `state` is not 0.
const struct afresh_search_result *afresh_copy_result(const struct afresh_copy *copy);
const struct afresh_reference *afresh_copy_reference(const struct afresh_copy *copy, size_t index);

// Waits at most so many milliseconds. 1: done, 0: still at work, -1: the copy has ended.
int afresh_copy_wait(struct afresh_copy *copy, int milliseconds);

// Reads the copy's memory. False where there is none, or where the copy has ended.
bool afresh_copy_read(struct afresh_copy *copy, uintptr_t address, void *bytes, size_t count);

// Whether it has stopped answering.
bool afresh_copy_is_lost(const struct afresh_copy *copy);

void afresh_copy_end(struct afresh_copy *copy);

// Reads this process's own memory. False where there is none.
bool afresh_read_memory(uintptr_t address, void *bytes, size_t count);

// The image that an address is in: the path goes into `path`, the address within the file is returned; 0 where there is none.
uintptr_t afresh_image_offset(uintptr_t address, char *path, size_t count, bool *is_code);

// Where the frames of a thread begin that waits in the kernel; 0 where it runs, or is none.
uintptr_t afresh_thread_stack(int id);

// Notes that this thread is the agent's own, until it ends: its stack is not looked at.
void afresh_own_thread(void);

#endif

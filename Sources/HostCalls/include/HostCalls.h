// What the agent of a Swift program needs and Swift cannot say: the conformances that an image declares, and threads whose traps
// do not end the process.
#ifndef AFRESH_HOST_CALLS_H
#define AFRESH_HOST_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One conformance that an image declares.
struct afresh_conformance {
    const void *protocol;    // its descriptor
    const char *protocol_name;
    const void *type;        // its descriptor; NULL where the type is not named directly
    const char *type_name;   // "" where that is not known
    bool is_retroactive;     // neither the type nor the protocol is the module's own
    bool is_generic;
};

// Calls `body` for each conformance that the image at `base` declares, until it returns false. Returns false where the runtime does
// not tell of its images.
bool afresh_each_conformance(const void *base, bool (*body)(const struct afresh_conformance *, void *), void *context);

// The metadata of a type that is not generic, by its descriptor.
const void *afresh_metadata(const void *type);

// Where the image of a handle of `dlopen` lies.
const void *afresh_image_base(void *handle);

// The memory that the parts of the image at `base` take, in whole pages; 0 where there is none.
size_t afresh_image_bytes(uintptr_t base);

// Takes back what the image at `base` has put in the places of other functions; once. Returns false where it has nothing, or the
// runtime does not tell.
bool afresh_undo_replacements(const void *base);

// The path of the image that an address is in, and where it begins; NULL where they are not known.
const char *afresh_image_path(const void *address);
const void *afresh_image_start(const void *address);

enum afresh_ending { AFRESH_ENDED = 0, AFRESH_TRAPPED = 1, AFRESH_LATE = 2, AFRESH_NOT_STARTED = 3 };

#define AFRESH_FRAMES 64

struct afresh_trap {
    int signal;
    int frame_count;
    void *frames[AFRESH_FRAMES];   // return addresses, innermost first
};

// Runs `body` on a thread of its own and waits for it, at most `limit` milliseconds. Where it traps, the thread is held for ever:
// what it had begun stays begun, and what it had locked stays locked. `context` must live as long as the process then, and where it is
// late too.
enum afresh_ending afresh_run_guarded(void (*body)(void *), void *context, int64_t limit, struct afresh_trap *trap);

// Runs `body` in a copy of the process, at most `limit` milliseconds, and ends the copy. `text` says of a trap there "trap SIGNAL", and then for each
// call, innermost first, "OFFSET IMAGE"; nothing where the copy ended by itself. The copy has this one thread only, and no standard streams.
enum afresh_ending afresh_rehearse(void (*body)(void *), void *context, int64_t limit, char *text, size_t size);

struct sigaction;
// Whether it is that of `afresh_run_guarded`.
bool afresh_is_trap_handler(const struct sigaction *action);

// Signals that come of what code does wrong.
#define AFRESH_TRAP_COUNT 7
extern const int afresh_trap_signals[AFRESH_TRAP_COUNT];

// Writes "trap SIGNAL" and the calls of this thread, as `afresh_rehearse` has them.
void afresh_write_trap(int file, int number);

// From now on a trap is written to that file before it ends the process.
void afresh_tell_traps(int file);

// Lets this thread handle traps, on a stack for signals that is the answer: MAP_FAILED where there is none.
void *afresh_take_traps(void);

// Runs `body` on a thread of its own, whose traps are those of the program. False where the system has no thread left.
bool afresh_start_thread(void (*body)(void *), void *context);

// One call of a function that is armed. Addresses are inverted.
#define AFRESH_CALLERS 8
struct afresh_use {
    uintptr_t not_address;
    uint32_t caller_count;
    uintptr_t not_callers[AFRESH_CALLERS];    // return addresses, innermost first
};

// What the handler of traps asks first: whether it was an armed function. The call goes on then.
bool afresh_tripped(int number, void *state);

// Why functions should not be armed; NULL if nothing speaks against it.
const char *afresh_tripwire_objection(void);

// Arms functions of an image, or those of them that have been called, again. False where not all could be. Its list of them is that of
// the first time.
bool afresh_tripwire_arm(uintptr_t not_base, uint32_t *offsets, size_t count);
bool afresh_tripwire_knows(uintptr_t not_base);
void afresh_tripwire_disarm(uintptr_t not_base);

// Forgets the calls so far.
void afresh_tripwire_forget(void);
// The calls since then: the first of each function.
size_t afresh_tripwire_uses(struct afresh_use *uses, size_t room);
// Waits for one.
void afresh_tripwire_wait(void);

// Calls `body` for each function that an image's file names. False where it names none.
bool afresh_each_function(const char *path, void (*body)(uint32_t offset, const char *name, void *), void *context);

// Writes what standard output and standard error still hold.
void afresh_flush_output(void);

#endif

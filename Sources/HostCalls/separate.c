// The process that a program's plugins have for themselves: what traps there ends it, and is said before.
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// In a process that ends: what may not be called in a handler may fail here, and is ended then.
void afresh_write_trap(int file, int number) {
    dprintf(file, "trap %d\n", number);
    void *frames[AFRESH_FRAMES];
    int count = backtrace(frames, AFRESH_FRAMES);
    for (int index = 0; index < count; index++) {
        Dl_info info;
        if (dladdr(frames[index], &info) == 0 || info.dli_fname == NULL) continue;
        dprintf(file, "%zu %s\n", (size_t)((const char *)frames[index] - (const char *)info.dli_fbase) - 1, info.dli_fname);
    }
}

static int words = -1;
static atomic_int is_told;

static void trapped(int number) {
    // A trap within is not told again. It comes again, or is sent again, to nobody.
    signal(number, SIG_DFL);
    if (atomic_exchange(&is_told, 1) == 0) afresh_write_trap(words, number);
    raise(number);
}

void afresh_tell_traps(int file) {
    words = file;
    void *frame;
    backtrace(&frame, 1);
    for (size_t index = 0; index < AFRESH_TRAP_COUNT; index++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = trapped;
        action.sa_flags = SA_ONSTACK | SA_NODEFER;
        sigaction(afresh_trap_signals[index], &action, NULL);
    }
}

#else

void afresh_tell_traps(int file) {}

#endif

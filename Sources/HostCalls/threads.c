// Threads of a program's plugins: what traps there comes to the handlers of traps.
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#define STACK_SIZE (8u << 20)
#define SIGNAL_STACK_SIZE (256u << 10)

const int afresh_trap_signals[AFRESH_TRAP_COUNT] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS};

void *afresh_take_traps(void) {
    stack_t stack = {.ss_size = SIGNAL_STACK_SIZE};
    stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack.ss_sp != MAP_FAILED) sigaltstack(&stack, NULL);
    sigset_t traps;
    sigemptyset(&traps);
    for (size_t index = 0; index < AFRESH_TRAP_COUNT; index++) sigaddset(&traps, afresh_trap_signals[index]);
    pthread_sigmask(SIG_UNBLOCK, &traps, NULL);
    return stack.ss_sp;
}

struct call {
    void (*body)(void *);
    void *context;
};

static void *run(void *argument) {
    struct call call = *(struct call *)argument;
    free(argument);
    void *signal_stack = afresh_take_traps();
    call.body(call.context);
    if (signal_stack != MAP_FAILED) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        munmap(signal_stack, SIGNAL_STACK_SIZE);
    }
    return NULL;
}

bool afresh_start_thread(void (*body)(void *), void *context) {
    struct call *call = malloc(sizeof *call);
    if (call == NULL) return false;
    *call = (struct call){body, context};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    int error = pthread_create(&thread, &attributes, run, call);
    pthread_attr_destroy(&attributes);
    if (error != 0) free(call);
    return error == 0;
}

#else

void *afresh_take_traps(void) { return 0; }
bool afresh_start_thread(void (*body)(void *), void *context) { return false; }

#endif

// Traps of plugins: their thread is held where it is, and the program goes on. Jumping out of the handler instead leaves the records
// of exclusive access on a stack that is gone, and the next access ends the process.
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct guarded {
    void (*body)(void *);
    void *context;
    sem_t done;
    atomic_int users;    // the thread and whoever waits for it
    atomic_int ending;
    struct afresh_trap trap;
};

static struct sigaction former[AFRESH_TRAP_COUNT];
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;
static bool is_installed;
static _Thread_local struct guarded *current;

static void leave(struct guarded *guarded) {
    if (atomic_fetch_sub(&guarded->users, 1) == 1) {
        sem_destroy(&guarded->done);
        free(guarded);
    }
}

static void trapped(int number, siginfo_t *information, void *state) {
    if (afresh_tripped(number, state)) return;
    struct guarded *guarded = current;
    if (guarded != NULL) {
        current = NULL;
        guarded->trap.signal = number;
        guarded->trap.frame_count = backtrace(guarded->trap.frames, AFRESH_FRAMES);
        atomic_store(&guarded->ending, AFRESH_TRAPPED);
        sem_post(&guarded->done);
        // Neither the frames below nor what they hold may be touched by anybody again.
        for (;;) pause();
    }
    for (size_t index = 0; index < AFRESH_TRAP_COUNT; index++) {
        if (afresh_trap_signals[index] != number) continue;
        struct sigaction *before = &former[index];
        if (before->sa_flags & SA_SIGINFO) {
            before->sa_sigaction(number, information, state);
            return;
        }
        if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
            before->sa_handler(number);
            return;
        }
        // As if we had never been here: what caused it is executed again, or the signal sent again.
        signal(number, SIG_DFL);
        if (information->si_code <= 0) raise(number);
        return;
    }
}

bool afresh_is_trap_handler(const struct sigaction *action) {
    return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == trapped;
}

static void install(void) {
    pthread_mutex_lock(&installing);
    if (!is_installed) {
        // Loads what it needs now, and not in a handler.
        void *frame;
        backtrace(&frame, 1);
        for (size_t index = 0; index < AFRESH_TRAP_COUNT; index++) {
            struct sigaction action;
            memset(&action, 0, sizeof action);
            action.sa_sigaction = trapped;
            action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
            sigaction(afresh_trap_signals[index], &action, &former[index]);
        }
        is_installed = true;
    }
    pthread_mutex_unlock(&installing);
}

static void run(void *argument) {
    struct guarded *guarded = argument;
    current = guarded;
    guarded->body(guarded->context);
    current = NULL;
    sem_post(&guarded->done);
    leave(guarded);
}

enum afresh_ending afresh_run_guarded(void (*body)(void *), void *context, int64_t limit, struct afresh_trap *trap) {
    install();
    struct guarded *guarded = calloc(1, sizeof *guarded);
    if (guarded == NULL) return AFRESH_NOT_STARTED;
    guarded->body = body;
    guarded->context = context;
    atomic_store(&guarded->users, 2);
    sem_init(&guarded->done, 0, 0);
    if (!afresh_start_thread(run, guarded)) {
        sem_destroy(&guarded->done);
        free(guarded);
        return AFRESH_NOT_STARTED;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + limit % 1000 * 1000000;
    until.tv_sec += limit / 1000 + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    int waited;
    do waited = sem_clockwait(&guarded->done, CLOCK_MONOTONIC, &until);
    while (waited != 0 && errno == EINTR);
    if (waited != 0) {
        leave(guarded);
        return AFRESH_LATE;
    }
    enum afresh_ending ending = atomic_load(&guarded->ending);
    if (ending == AFRESH_TRAPPED) {
        // The thread is held for ever, and with it what it was given.
        *trap = guarded->trap;
        return AFRESH_TRAPPED;
    }
    leave(guarded);
    return AFRESH_ENDED;
}

#else

enum afresh_ending afresh_run_guarded(void (*body)(void *), void *context, int64_t limit, struct afresh_trap *trap) {
    return AFRESH_NOT_STARTED;
}

#endif

// What could end the process is tried in a copy of it first: initializers of an image run while the dynamic linker is locked, so a thread that is
// held there would hold everybody.
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int words = -1;

static void trapped(int number, siginfo_t *information, void *state) {
    if (afresh_tripped(number, state)) return;
    // What traps while that is written is not said.
    signal(number, SIG_DFL);
    afresh_write_trap(words, number);
    _exit(1);
}

static void perform(void (*body)(void *), void *context) {
    int null = open("/dev/null", O_RDWR);
    for (int number = 0; number < 3 && null >= 0; number++) dup2(null, number);
    for (size_t index = 0; index < AFRESH_TRAP_COUNT; index++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = trapped;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigaction(afresh_trap_signals[index], &action, NULL);
    }
    afresh_take_traps();
    body(context);
    dprintf(words, "end\n");
    _exit(0);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

enum afresh_ending afresh_rehearse(void (*body)(void *), void *context, int64_t limit, char *text, size_t size) {
    int ends[2];
    if (size == 0 || pipe2(ends, O_CLOEXEC) != 0) return AFRESH_NOT_STARTED;
    // Loads what it needs now.
    void *frame;
    backtrace(&frame, 1);
    pid_t child = fork();
    if (child == 0) {
        words = ends[1];
        perform(body, context);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return AFRESH_NOT_STARTED;
    }
    size_t length = 0;
    bool is_over = false;
    int64_t until = now() + limit;
    while (!is_over && length + 1 < size) {
        int64_t left = until - now();
        struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
        int ready = poll(&wanted, 1, left > 0 ? (int)left : 0);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) break;
        ssize_t count = read(ends[0], text + length, size - 1 - length);
        if (count < 0 && errno == EINTR) continue;
        is_over = count <= 0;
        if (count > 0) length += (size_t)count;
    }
    text[length] = 0;
    close(ends[0]);
    kill(child, SIGKILL);
    // The program may wait for any child, and have been faster.
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    if (strncmp(text, "end", 3) == 0) return AFRESH_ENDED;
    if (strncmp(text, "trap ", 5) == 0) return AFRESH_TRAPPED;
    return is_over ? AFRESH_TRAPPED : AFRESH_LATE;
}

#else

enum afresh_ending afresh_rehearse(void (*body)(void *), void *context, int64_t limit, char *text, size_t size) {
    return AFRESH_NOT_STARTED;
}

#endif

#define _GNU_SOURCE
#include "LinuxCalls.h"

#include <errno.h>

#ifdef __linux__
#include <malloc.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

int addChangeDirectory(void *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int openProcess(int processID) {
#ifdef SYS_pidfd_open
    // The system call itself: the C library has had a function for it since 2.36 only.
    return (int)syscall(SYS_pidfd_open, processID, 0);
#else
    return -1;
#endif
}

void mapLargeMemory(size_t size) {
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, (int)size);
#endif
}
#else
int addChangeDirectory(void *actions, const char *folder) {
    return ENOSYS;
}

int openProcess(int processID) {
    return -1;
}

void mapLargeMemory(size_t size) {}
#endif

#pragma once

#include <stddef.h>

// What Swift's Glibc module does not show, since it is made without _GNU_SOURCE. Called by name and not through dlsym,
// which a statically linked program does not have. On other systems each does nothing and gives ENOSYS, or −1.

// posix_spawn_file_actions_addchdir_np of <spawn.h>; `actions` is a posix_spawn_file_actions_t. 0 or an error number.
int addChangeDirectory(void *actions, const char *folder);

// pidfd_open(2): a descriptor that becomes readable when the process has ended; −1 where there is none.
int openProcess(int processID);

// Memory of at least this size is mapped on its own, so that it goes back to the system as soon as it is freed. Left to itself,
// glibc moves the limit up with each such piece that is freed, and the next one stays.
void mapLargeMemory(size_t size);

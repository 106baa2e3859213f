// The stacks of threads: where their frames begin, as the kernel tells of threads that wait in it.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OWN_THREADS = 64, CONTROL_BLOCK = 2304 };
static atomic_int own_threads[OWN_THREADS];

static word at(word address) { return *(const word *)address; }

static pthread_key_t own_key;
static pthread_once_t own_once = PTHREAD_ONCE_INIT;

// Another thread may be given the number.
static void forget_own_thread(void *slot) { atomic_store((atomic_int *)slot, 0); }
static void make_own_key(void) { pthread_key_create(&own_key, forget_own_thread); }

void afresh_own_thread(void) {
    pthread_once(&own_once, make_own_key);
    if (pthread_getspecific(own_key) != NULL) return;
    int id = (int)syscall(SYS_gettid);
    for (int index = 0; index < OWN_THREADS; index++) {
        int unused = 0;
        if (!atomic_compare_exchange_strong(&own_threads[index], &unused, id)) continue;
        if (pthread_setspecific(own_key, &own_threads[index]) != 0) atomic_store(&own_threads[index], 0);
        return;
    }
}

// The stack pointer of a thread that waits in the kernel; 0 while it runs.
static word sample(int id) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    // The last word but one.
    char *last = strrchr(text, ' ');
    if (last == NULL) return 0;
    *last = 0;
    char *before = strrchr(text, ' ');
    return before ? strtoul(before + 1, NULL, 16) : 0;
}

uintptr_t afresh_thread_stack(int id) { return sample(id); }

static bool is_own(int id) {
    for (int index = 0; index < OWN_THREADS; index++)
        if (atomic_load(&own_threads[index]) == id) return true;
    return false;
}

// Where in a thread's control block its number and its stack are noted: looked up in our own.
static void find_offsets(struct job *job) {
    word block = (word)pthread_self();
    int id = (int)syscall(SYS_gettid);
    for (word offset = 64; offset < 1024 && !job->id_offset; offset += 4)
        if (*(const int *)(block + offset) == id) job->id_offset = offset;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
    void *lowest;
    size_t size, guard;
    if (pthread_attr_getstack(&attributes, &lowest, &size) == 0 && pthread_attr_getguardsize(&attributes, &guard) == 0) {
        for (word offset = 64; offset < CONTROL_BLOCK - 16 && !job->stack_offset; offset += 8) {
            word noted = at(block + offset), length = at(block + offset + 8);
            if ((noted == (word)lowest || noted + guard == (word)lowest) && noted + length > block && noted + length - block < 65536)
                job->stack_offset = offset;
        }
    }
    pthread_attr_destroy(&attributes);
}

void search_prepare_threads(struct job *job) {
    find_offsets(job);
}

static int compare_threads(const void *left, const void *right) {
    int first = ((const struct afresh_thread *)left)->id, second = ((const struct afresh_thread *)right)->id;
    return (first > second) - (first < second);
}

// Called in the program once the copy is there. What a thread has left by then is not held by its stack any more, and what it has
// begun since is held by something else: so the later sample will do.
void search_sample_threads(struct job *job) {
    enum { ROUNDS = 24, FIRST_PAUSE = 100000, LONGEST_PAUSE = 2000000 };
    long pause = FIRST_PAUSE;
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int id = atoi(entry->d_name);
        if (id == 0) continue;
        if (count == MAXIMUM_THREADS) {
            job->faults |= AFRESH_FAULT_LIMIT;
            break;
        }
        job->threads[count++] = (struct afresh_thread){.id = id, .is_own = is_own(id)};
    }
    if (folder) closedir(folder);
    qsort(job->threads, (size_t)count, sizeof *job->threads, compare_threads);
    for (int round = 0; round < ROUNDS; round++) {
        bool are_all_known = true;
        for (int index = 0; index < count; index++) {
            struct afresh_thread *one = &job->threads[index];
            if (one->is_own || one->stack) continue;
            one->stack = sample(one->id);
            if (!one->stack) are_all_known = false;
        }
        if (are_all_known) break;
        nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
        if (pause < LONGEST_PAUSE) pause += pause / 2;
    }
    job->thread_count = count;
}

static const struct afresh_thread *thread_of(int32_t id) {
    int low = 0, high = search.job->thread_count;
    while (low < high) {
        int middle = (low + high) / 2;
        const struct afresh_thread *one = &search.job->threads[middle];
        if (id < one->id) high = middle;
        else if (id > one->id) low = middle + 1;
        else return one;
    }
    return NULL;
}

const struct afresh_thread *search_main_thread(void) {
    return thread_of((int32_t)search.job->process);
}

bool search_stack(word address, struct range memory, struct stack *stack) {
    const struct job *job = search.job;
    // A thread's control block begins with its own address, twice.
    if (job->stack_offset == 0 || job->id_offset == 0 || address + CONTROL_BLOCK > memory.end || at(address + 16) != address)
        return false;
    word start = at(address + job->stack_offset), size = at(address + job->stack_offset + 8), end = start + size;
    if (start == 0 || size > (word)1 << 40 || start > address || end <= address || end > memory.end || end - address > 1 << 20)
        return false;
    // The pages that guard it cannot be read.
    if (start < memory.start) start = memory.start;
    *stack = (struct stack){.block = {start, end}};
    return true;
}

void search_find_frames(struct stack *stack, int32_t owner) {
    const struct afresh_thread *one = thread_of(owner);
    if (one == NULL || one->is_own) return;
    stack->thread = one->id;
    stack->frames = stack->block;
    if (one->stack > stack->block.start && one->stack < stack->block.end) stack->frames.start = one->stack;
}

void search_find_owners(struct job *job) {
    int count = job->control_block_count < MAXIMUM_THREADS ? (int)job->control_block_count : MAXIMUM_THREADS;
    for (int index = 0; index < count; index++) {
        int32_t id = 0;
        if (!afresh_read_memory(job->control_blocks[index] + job->id_offset, &id, sizeof id)) id = 0;
        job->owners[index] = id;
    }
    atomic_store(&job->threads_are_known, 1);
}

#endif

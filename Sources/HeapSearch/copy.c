// Makes the copy of the process, and talks with it.
#define _GNU_SOURCE
#include "search.h"
#include <ImageSections.h>
#ifdef __linux__
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct afresh_copy {
    struct job *job;
    int socket;
    pid_t process;
    bool is_lost;          // an answer stayed away: a later one could be taken for it
};

struct question {
    uint64_t address, count;
};
enum { LARGEST_ANSWER = 65536 };

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// MARK: What is known before

static int add_image(struct dl_phdr_info *information, size_t size, void *context) {
    struct job *job = context;
    if (job->image_count == MAXIMUM_IMAGES) {
        job->faults |= AFRESH_FAULT_LIMIT;
        return 1;
    }
    struct image image = {.all = {UINTPTR_MAX, 0}};
    for (int index = 0; index < information->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &information->dlpi_phdr[index];
        if (header->p_type != PT_LOAD) continue;
        struct range range = {information->dlpi_addr + header->p_vaddr, 0};
        range.end = range.start + header->p_memsz;
        if (range.start < image.all.start) image.all.start = range.start & ~(word)4095;
        if (range.end > image.all.end) image.all.end = range.end;
        if (header->p_flags & PF_X) image.code = range;
        if (!(header->p_flags & PF_W)) continue;
        if (image.data_count == DATA_SEGMENTS) job->faults |= AFRESH_FAULT_LIMIT;
        else image.data[image.data_count++] = range;
    }
    const char *name = information->dlpi_name ? information->dlpi_name : "";
    image.makes_metadata = strstr(name, "/libswiftCore.so") != NULL;
    if (image.makes_metadata || strstr(name, "/ld-linux") || strstr(name, "/libgcc_s.so")) image.kind = IMAGE_RUNTIME;
    if (strstr(name, "/libc.so.6") && image.data_count > 0)
        job->library_data = (struct range){image.data[0].start, image.data[image.data_count - 1].end};
    if (image.all.end > 0) job->images[job->image_count++] = image;
    return 0;
}

static bool add_types(const struct image_sections *sections, void *context) {
    struct job *job = context;
    if (sections->types.length == 0) return true;
    if (job->type_list_count == MAXIMUM_IMAGES) {
        job->faults |= AFRESH_FAULT_LIMIT;
        return false;
    }
    job->type_lists[job->type_list_count++] = (struct type_list){sections->types.start, sections->types.length};
    return true;
}

// What is given back to the C library it marks, where it keeps it for this thread. Any size will do; of one of them it may have enough.
static void find_malloc_key(struct job *job) {
    enum { SIZES = 6 };
    word keys[SIZES];
    for (int index = 0; index < SIZES; index++) {
        void *volatile chunk = malloc(900 + 16 * (size_t)index);
        volatile word *marked = (volatile word *)chunk;
        if (chunk == NULL) return;
        free(chunk);
        keys[index] = marked[1];
    }
    for (int index = 0; index + 1 < SIZES && job->malloc_key == 0; index++)
        if (keys[index] == keys[index + 1]) job->malloc_key = keys[index];
    if (job->malloc_key == 0) job->faults |= AFRESH_FAULT_ALLOCATOR;
}

// Chunks that have to be found, small and large ones.
static void make_known_chunks(struct job *job) {
    static const size_t sizes[KNOWN_CHUNKS] = {24, 40, 5000, 400000};
    for (int index = 0; index < KNOWN_CHUNKS; index++) job->known_chunks[index] = (word)malloc(sizes[index]);
}

static void free_known_chunks(struct job *job) {
    for (int index = 0; index < KNOWN_CHUNKS; index++) free((void *)job->known_chunks[index]);
}

static struct job *make_job(const struct afresh_old_image *old, size_t old_count, size_t room) {
    size_t length = sizeof(struct job) + room * sizeof(struct afresh_reference);
    struct job *job = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (job == MAP_FAILED) return NULL;
    job->length = length;
    job->room = room;
    job->process = getpid();
    dl_iterate_phdr(add_image, job);
    search_sort(job->images, (size_t)job->image_count, sizeof *job->images);
    for (size_t index = 0; index < old_count; index++) {
        bool is_found = false;
        for (int image = 0; image < job->image_count; image++) {
            struct image *one = &job->images[image];
            if (~old[index].not_base < one->all.start || ~old[index].not_base >= one->all.end) continue;
            is_found = true;
            if (old[index].runs) continue;
            one->kind = IMAGE_OLD;
            one->owner = old[index].owner;
        }
        if (!is_found) job->faults |= AFRESH_FAULT_MAPPINGS;
    }
    bool has_runtime = false;
    for (int image = 0; image < job->image_count; image++) has_runtime |= job->images[image].makes_metadata;
    if (!has_runtime) job->faults |= AFRESH_FAULT_RUNTIME;
    if (!visit_image_sections(add_types, job)) job->faults |= AFRESH_FAULT_RUNTIME;
    search_find_replaced(job, old, old_count);
    find_malloc_key(job);
    search_prepare_threads(job);
    return job;
}

// MARK: In the copy

static void close_all_but(int kept) {
    if (kept > 0) syscall(SYS_close_range, 0u, (unsigned)kept - 1, 0u);
    if (syscall(SYS_close_range, (unsigned)kept + 1, ~0u, 0u) == 0) return;
    for (int number = 0; number < 65536; number++)
        if (number != kept) close(number);
}

static void answer_questions(int socket) {
    struct question question;
    while (recv(socket, &question, sizeof question, 0) == sizeof question) {
        size_t count = question.count < LARGEST_ANSWER ? question.count : LARGEST_ANSWER;
        // The kernel finds out what can be read.
        if (count == 0 || send(socket, (const void *)question.address, count, MSG_NOSIGNAL) < 0) {
            if (count != 0 && errno != EFAULT) return;
            if (send(socket, "", 0, MSG_NOSIGNAL) < 0) return;
        }
    }
}

static void work(struct job *job, int socket, unsigned seconds) {
    signal(SIGALRM, SIG_DFL);
    for (int number = 1; number <= 64; number++)
        if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE || number == SIGABRT)
            signal(number, SIG_DFL);
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    alarm(seconds);
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    struct afresh_search_result *result = &job->result;
    search.job = job;
    result->faults = job->faults;
    uint64_t begun = now();
    search_read_mappings();
    close_all_but(socket);
    search_walk_heap();
    for (int index = 0; index < KNOWN_CHUNKS; index++) {
        uint32_t chunk = search_chunk(job->known_chunks[index]);
        bool is_right = chunk != NO_CHUNK && search.starts[chunk] == job->known_chunks[index];
        if (job->known_chunks[index] != 0 && !is_right) result->faults |= AFRESH_FAULT_ALLOCATOR;
    }
    search_find_stacks();
    uint64_t walked = now();
    if (send(socket, "s", 1, MSG_NOSIGNAL) != 1) return;
    while (!atomic_load(&job->threads_are_known)) {
        if (now() - walked > 2000000000u) {
            result->faults |= AFRESH_FAULT_THREADS;
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
    search_mark();
    result->nanoseconds_walk = walked - begun;
    result->nanoseconds_mark = now() - walked;
    atomic_thread_fence(memory_order_release);
    result->state = 1;
    if (send(socket, "d", 1, MSG_NOSIGNAL) == 1) answer_questions(socket);
}

// MARK: In the program

const char *afresh_copy_objection(void) {
#if !defined(__x86_64__) || !defined(__GLIBC__)
    return "how memory is laid out here is not known";
#else
    // Older ones mark what they keep in another way.
    int major = 0, minor = 0;
    if (sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor) != 2 || major != 2 || minor < 34)
        return "how this C library lays out memory is not known";
    const char *forbidden = getenv("AFRESH_FORK");
    if (forbidden && strcmp(forbidden, "0") == 0) return "AFRESH_FORK=0 forbids a copy of the process";
    Dl_info allocator, library;
    if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &allocator) == 0 || dladdr(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"), &library) == 0
        || allocator.dli_fbase != library.dli_fbase)
        return "the program has an allocator of its own";
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) == 0
        && ((action.sa_flags & SA_SIGINFO) || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)))
        return "the program handles SIGCHLD, and would be told of the copy's end";
    DIR *folder = opendir("/proc/self/task");
    bool waits = false;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[64], text[256] = "";
        snprintf(path, sizeof path, "/proc/self/task/%d/syscall", atoi(entry->d_name));
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        ssize_t length = read(file, text, sizeof text - 1);
        close(file);
        if (length <= 0) continue;
        // wait4(−1), waitid(P_ALL)
        waits |= strncmp(text, "61 0xffffffff", 13) == 0 || strncmp(text, "247 0x0 ", 8) == 0;
    }
    if (folder) closedir(folder);
    return waits ? "a thread of the program waits for any child" : NULL;
#endif
}

struct afresh_copy *afresh_copy_begin(const struct afresh_old_image *old, size_t old_count, uintptr_t kept, size_t room,
                                      unsigned seconds, uint64_t *pause) {
    afresh_own_thread();
    struct afresh_copy *copy = calloc(1, sizeof *copy);
    struct job *job = make_job(old, old_count, room);
    int sockets[2];
    if (copy == NULL || job == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        int error = errno;
        if (job) munmap(job, job->length);
        free(copy);
        errno = error;
        return NULL;
    }
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    job->kept = ~kept;
    make_known_chunks(job);
    uint64_t begun = now();
    pid_t child = fork();
    *pause = now() - begun;
    if (child == 0) {
        // The copy is nobody's child: the program is not told when it ends. Only the system is asked, as `fork` would run the
        // program's own handlers again.
        pid_t orphan = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
        if (orphan != 0) {
            job->copy = orphan;
            _exit(0);
        }
        work(job, sockets[1], seconds);
        _exit(0);
    }
    int error = errno;
    free_known_chunks(job);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    close(sockets[1]);
    copy->job = job;
    copy->socket = sockets[0];
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        copy->process = job->copy > 0 ? job->copy : 0;
        error = EAGAIN;
    }
    if (copy->process == 0) {
        afresh_copy_end(copy);
        errno = error;
        return NULL;
    }
    search_sample_threads(job);
    return copy;
}

const struct afresh_search_result *afresh_copy_result(const struct afresh_copy *copy) {
    return &copy->job->result;
}

const struct afresh_reference *afresh_copy_reference(const struct afresh_copy *copy, size_t index) {
    return &copy->job->result.references[index];
}

int afresh_copy_wait(struct afresh_copy *copy, int milliseconds) {
    struct pollfd waiting = {.fd = copy->socket, .events = POLLIN};
    int count = poll(&waiting, 1, milliseconds);
    if (count == 0 || (count < 0 && errno == EINTR)) return 0;
    char word;
    if (count < 0 || recv(copy->socket, &word, 1, MSG_DONTWAIT) != 1) return -1;
    if (word == 'd') return 1;
    search_find_owners(copy->job);
    return 0;
}

bool afresh_copy_read(struct afresh_copy *copy, uintptr_t address, void *bytes, size_t count) {
    struct question question = {address, count};
    struct pollfd waiting = {.fd = copy->socket, .events = POLLIN};
    if (count == 0 || count > LARGEST_ANSWER || copy->is_lost) return false;
    if (send(copy->socket, &question, sizeof question, MSG_NOSIGNAL) != sizeof question || poll(&waiting, 1, 2000) != 1) {
        copy->is_lost = true;
        return false;
    }
    ssize_t length = recv(copy->socket, bytes, count, 0);
    if (length < 0) copy->is_lost = true;
    return length == (ssize_t)count;
}

bool afresh_copy_is_lost(const struct afresh_copy *copy) { return copy->is_lost; }

void afresh_copy_end(struct afresh_copy *copy) {
    close(copy->socket);
    if (copy->process > 0) {
        kill(copy->process, SIGKILL);
        // It is ours where this process adopts orphans.
        waitpid(copy->process, NULL, WNOHANG);
    }
    munmap(copy->job, copy->job->length);
    free(copy);
}

bool afresh_read_memory(uintptr_t address, void *bytes, size_t count) {
    struct iovec local = {bytes, count}, remote = {(void *)address, count};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)count;
}

struct place {
    uintptr_t address, offset;
    bool is_code;
    char *path;
    size_t count;
};

static int find_place(struct dl_phdr_info *information, size_t size, void *context) {
    struct place *place = context;
    for (int index = 0; index < information->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &information->dlpi_phdr[index];
        uintptr_t offset = place->address - information->dlpi_addr;
        if (header->p_type != PT_LOAD || offset < header->p_vaddr || offset - header->p_vaddr >= header->p_memsz) continue;
        place->offset = offset;
        place->is_code = (header->p_flags & PF_X) != 0;
        if (information->dlpi_name && *information->dlpi_name) {
            snprintf(place->path, place->count, "%s", information->dlpi_name);
        } else {
            ssize_t length = readlink("/proc/self/exe", place->path, place->count - 1);
            place->path[length > 0 ? length : 0] = 0;
        }
        return 1;
    }
    return 0;
}

uintptr_t afresh_image_offset(uintptr_t address, char *path, size_t count, bool *is_code) {
    struct place place = {.address = address, .path = path, .count = count};
    *is_code = false;
    if (dl_iterate_phdr(find_place, &place) == 0) return 0;
    *is_code = place.is_code;
    return place.offset;
}

#else

const char *afresh_copy_objection(void) { return "how memory is laid out here is not known"; }
struct afresh_copy *afresh_copy_begin(const struct afresh_old_image *old, size_t old_count, uintptr_t kept, size_t room,
                                      unsigned seconds, uint64_t *pause) { return NULL; }
const struct afresh_search_result *afresh_copy_result(const struct afresh_copy *copy) { return NULL; }
int afresh_copy_wait(struct afresh_copy *copy, int milliseconds) { return -1; }
bool afresh_copy_read(struct afresh_copy *copy, uintptr_t address, void *bytes, size_t count) { return false; }
const struct afresh_reference *afresh_copy_reference(const struct afresh_copy *copy, size_t index) { return NULL; }
bool afresh_copy_is_lost(const struct afresh_copy *copy) { return true; }
void afresh_copy_end(struct afresh_copy *copy) {}
bool afresh_read_memory(uintptr_t address, void *bytes, size_t count) { return false; }
uintptr_t afresh_image_offset(uintptr_t address, char *path, size_t count, bool *is_code) { return 0; }
uintptr_t afresh_thread_stack(int id) { return 0; }
void afresh_own_thread(void) {}

#endif

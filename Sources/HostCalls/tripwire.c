// Tells when functions of images that have been replaced are called. The first byte of each is a trap in this process's own copy of its page; the
// handler notes who called, puts the byte back, and the call goes on. Addresses are kept inverted, so that a search of the memory does not take
// them for references.
#define _GNU_SOURCE
#include <HostCalls.h>
#include <SymbolTable.h>
#if defined(__linux__) && defined(__x86_64__)
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#define TRAP 0xcc
#define MAXIMUM_IMAGES 8192
#define MAXIMUM_USES 4096

enum { FREE = 0, ARMED = 1, USED = 2 };

struct entry {
    uint32_t offset;
    uint8_t byte;
    atomic_uchar state;
};

struct image {
    uintptr_t not_base;
    uint32_t count;
    struct entry entries[];    // by offset
};

static struct image *_Atomic images[MAXIMUM_IMAGES];
static atomic_uint image_count;
static struct afresh_use uses[MAXIMUM_USES];
static atomic_uint use_count;
static sem_t is_used;
static atomic_int is_ready;

// MARK: In the handler

static struct entry *find(uintptr_t address, uintptr_t *base) {
    unsigned count = atomic_load(&image_count);
    for (unsigned index = 0; index < count; index++) {
        struct image *image = atomic_load(&images[index]);
        if (image == NULL || image->count == 0) continue;
        *base = ~image->not_base;
        if (address < *base || address - *base > image->entries[image->count - 1].offset) continue;
        uint32_t offset = (uint32_t)(address - *base), low = 0, high = image->count;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (image->entries[middle].offset < offset) low = middle + 1;
            else high = middle;
        }
        if (low < image->count && image->entries[low].offset == offset) return &image->entries[low];
    }
    return NULL;
}

// The system writes where the process itself may not, into a copy of the page. Opened each time: a forked process has another memory.
static bool write_byte(uintptr_t address, uint8_t byte) {
    int memory = open("/proc/self/mem", O_WRONLY | O_CLOEXEC);
    if (memory < 0) return false;
    bool is_written = pwrite(memory, &byte, 1, (off_t)address) == 1;
    close(memory);
    return is_written;
}

static bool read_words(uintptr_t address, uintptr_t *words, size_t count) {
    struct iovec local = {words, count * sizeof *words}, remote = {(void *)address, count * sizeof *words};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)local.iov_len;
}

// Who called: the word on top of the stack, and what the frames below return to.
static void note(uintptr_t address, const ucontext_t *state) {
    unsigned index = atomic_fetch_add(&use_count, 1);
    if (index >= MAXIMUM_USES) return;
    struct afresh_use *use = &uses[index];
    memset(use, 0, sizeof *use);
    uintptr_t stack = (uintptr_t)state->uc_mcontext.gregs[REG_RSP], frame = (uintptr_t)state->uc_mcontext.gregs[REG_RBP];
    uintptr_t words[2];
    if (read_words(stack, words, 1)) use->not_callers[use->caller_count++] = ~words[0];
    while (use->caller_count < AFRESH_CALLERS && frame >= stack && frame % 8 == 0 && read_words(frame, words, 2)) {
        use->not_callers[use->caller_count++] = ~words[1];
        if (words[0] <= frame) break;
        frame = words[0];
    }
    use->not_address = ~address;
}

bool afresh_tripped(int number, void *context) {
    if (number != SIGTRAP || !atomic_load(&is_ready)) return false;
    ucontext_t *state = context;
    uintptr_t address = (uintptr_t)state->uc_mcontext.gregs[REG_RIP] - 1, base = 0;
    struct entry *entry = find(address, &base);
    if (entry == NULL) return false;
    int error = errno;
    // Whoever came at the same time finds the byte there already.
    if (!write_byte(address, entry->byte)) return false;
    state->uc_mcontext.gregs[REG_RIP] = (greg_t)address;
    unsigned char armed = ARMED;
    if (atomic_compare_exchange_strong(&entry->state, &armed, USED)) {
        note(address, state);
        sem_post(&is_used);
    }
    errno = error;
    return true;
}

// MARK: Outside of it

static bool is_number(const char *line, const char *name, unsigned long long *value, int base) {
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0) return false;
    *value = strtoull(line + length, NULL, base);
    return true;
}

static const char *objection_to(const char *path, bool is_process) {
    FILE *file = fopen(path, "re");
    if (file == NULL) return NULL;
    const char *objection = NULL;
    char line[256];
    unsigned long long value;
    while (fgets(line, sizeof line, file)) {
        if (is_process && is_number(line, "TracerPid:", &value, 10) && value != 0) objection = "a debugger is attached";
        if (is_number(line, "SigBlk:", &value, 16) && (value >> (SIGTRAP - 1) & 1)) objection = "a thread of the program blocks SIGTRAP";
    }
    fclose(file);
    return objection;
}

const char *afresh_tripwire_objection(void) {
    struct sigaction action;
    if (sigaction(SIGTRAP, NULL, &action) != 0 || !afresh_is_trap_handler(&action)) return "the program handles SIGTRAP itself";
    const char *objection = objection_to("/proc/self/status", true);
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; objection == NULL && folder && (entry = readdir(folder));) {
        char path[64];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/self/task/%d/status", atoi(entry->d_name));
        objection = objection_to(path, false);
    }
    if (folder) closedir(folder);
    return objection;
}

static struct image *known(uintptr_t not_base) {
    for (unsigned index = 0; index < atomic_load(&image_count); index++) {
        struct image *image = atomic_load(&images[index]);
        if (image && image->not_base == not_base) return image;
    }
    return NULL;
}

static bool arm(struct image *image, struct entry *entry) {
    uintptr_t address = ~image->not_base + entry->offset;
    // First: it may be called at once.
    atomic_store(&entry->state, ARMED);
    if (write_byte(address, TRAP)) return true;
    atomic_store(&entry->state, FREE);
    return false;
}

static int compare(const void *left, const void *right) {
    uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
    return (first > second) - (first < second);
}

bool afresh_tripwire_arm(uintptr_t not_base, uint32_t *offsets, size_t count) {
    if (!atomic_load(&is_ready)) {
        if (sem_init(&is_used, 0, 0) != 0) return false;
        atomic_store(&is_ready, 1);
    }
    struct image *image = known(not_base);
    if (image == NULL) {
        unsigned index = atomic_load(&image_count);
        image = index < MAXIMUM_IMAGES ? calloc(1, sizeof *image + count * sizeof(struct entry)) : NULL;
        if (image == NULL) return false;
        image->not_base = not_base;
        qsort(offsets, count, sizeof *offsets, compare);
        for (size_t next = 0; next < count; next++) {
            if (image->count > 0 && image->entries[image->count - 1].offset == offsets[next]) continue;
            uint8_t byte = *(const uint8_t *)(~not_base + offsets[next]);
            if (byte == TRAP) continue;
            image->entries[image->count].offset = offsets[next];
            image->entries[image->count++].byte = byte;
        }
        atomic_store(&images[index], image);
        atomic_store(&image_count, index + 1);
    }
    bool is_armed = true;
    for (uint32_t index = 0; index < image->count; index++)
        if (atomic_load(&image->entries[index].state) != ARMED) is_armed &= arm(image, &image->entries[index]);
    return is_armed;
}

bool afresh_tripwire_knows(uintptr_t not_base) { return known(not_base) != NULL; }

void afresh_tripwire_disarm(uintptr_t not_base) {
    struct image *image = known(not_base);
    for (uint32_t index = 0; image && index < image->count; index++) {
        struct entry *entry = &image->entries[index];
        // Whoever runs into it meanwhile finds the byte in the table.
        if (atomic_exchange(&entry->state, FREE) == ARMED) write_byte(~not_base + entry->offset, entry->byte);
    }
}

void afresh_tripwire_forget(void) { atomic_store(&use_count, 0); }

size_t afresh_tripwire_uses(struct afresh_use *result, size_t room) {
    size_t count = atomic_load(&use_count), found = 0;
    for (size_t index = 0; index < count && index < MAXIMUM_USES && found < room; index++)
        if (uses[index].not_address != 0) result[found++] = uses[index];
    return found;
}

void afresh_tripwire_wait(void) {
    while (sem_wait(&is_used) != 0 && errno == EINTR) continue;
    while (sem_trywait(&is_used) == 0) continue;
}

// MARK: Functions of an image

bool afresh_each_function(const char *path, void (*body)(uint32_t offset, const char *name, void *), void *context) {
    struct symbol_table table;
    if (!afresh_open_symbols(path, &table)) return false;
    for (size_t index = 0; index < table.count; index++) {
        const ElfW(Sym) *symbol = &table.first[index];
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_name >= table.name_bytes || symbol->st_shndx == SHN_UNDEF
            || symbol->st_shndx >= table.section_count || symbol->st_value > UINT32_MAX)
            continue;
        if (!(table.sections[symbol->st_shndx].sh_flags & SHF_EXECINSTR)) continue;
        body((uint32_t)symbol->st_value, symbol_name(&table, symbol), context);
    }
    afresh_close_symbols(&table);
    return true;
}

#else

bool afresh_tripped(int number, void *context) { return false; }
const char *afresh_tripwire_objection(void) { return "this is for Linux on x86-64"; }
bool afresh_tripwire_arm(uintptr_t not_base, uint32_t *offsets, size_t count) { return false; }
bool afresh_tripwire_knows(uintptr_t not_base) { return false; }
void afresh_tripwire_disarm(uintptr_t not_base) {}
void afresh_tripwire_forget(void) {}
size_t afresh_tripwire_uses(struct afresh_use *uses, size_t room) { return 0; }
void afresh_tripwire_wait(void) {}
bool afresh_each_function(const char *path, void (*body)(uint32_t offset, const char *name, void *), void *context) { return false; }

#endif

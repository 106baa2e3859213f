// What memory the copy has: read once, looked up often.
#define _GNU_SOURCE
#include "search.h"
#ifdef __linux__
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search search;

void *search_table(size_t bytes) {
    void *table = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table == MAP_FAILED) {
        search.job->result.faults |= AFRESH_FAULT_LIMIT;
        search.job->result.state = 2;
        _exit(1);
    }
    return table;
}

void search_sort(void *table, size_t count, size_t size) {
    char moved[512], *bytes = table;
    size_t step = 1;
    while (step < count / 3) step = step * 3 + 1;
    for (; step > 0; step /= 3)
        for (size_t index = step; index < count; index++) {
            size_t to = index;
            memcpy(moved, bytes + index * size, size);
            while (to >= step && *(const word *)(bytes + (to - step) * size) > *(const word *)moved) {
                memcpy(bytes + to * size, bytes + (to - step) * size, size);
                to -= step;
            }
            memcpy(bytes + to * size, moved, size);
        }
}

static const char *read_number(const char *text, word *number) {
    *number = 0;
    for (;; text++) {
        if (*text >= '0' && *text <= '9') *number = *number << 4 | (word)(*text - '0');
        else if (*text >= 'a' && *text <= 'f') *number = *number << 4 | (word)(*text - 'a' + 10);
        else return text;
    }
}

// "7f12-7f34 rw-p 00000000 08:01 123   /path"
static void read_line(const char *line) {
    struct mapping mapping = {0};
    line = read_number(line, &mapping.start);
    if (*line++ != '-') return;
    line = read_number(line, &mapping.end);
    if (*line++ != ' ' || strlen(line) < 4) return;
    if (line[0] == 'r') mapping.flags |= MAP_READ;
    if (line[1] == 'w') mapping.flags |= MAP_WRITE;
    if (line[2] == 'x') mapping.flags |= MAP_EXECUTE;
    if (line[3] == 's') mapping.flags |= MAP_SHARED_WITH_OTHERS;
    for (int field = 0; field < 4; field++) {
        while (*line && *line != ' ') line++;
        while (*line == ' ') line++;
    }
    if (*line == '/') mapping.flags |= MAP_NAMED;
    else if (strcmp(line, "[heap]") == 0) mapping.flags |= MAP_BREAK;
    else if (strcmp(line, "[stack]") == 0) mapping.flags |= MAP_MAIN_STACK;
    else if (*line == '[' && strncmp(line, "[anon", 5) != 0) mapping.flags |= MAP_SYSTEM;
    if (search.mapping_count == MAXIMUM_MAPPINGS) {
        search.job->result.faults |= AFRESH_FAULT_LIMIT;
        return;
    }
    search.mappings[search.mapping_count++] = mapping;
}

void search_read_mappings(void) {
    enum { ROOM = 16 << 20 };
    char *text = search_table(ROOM);
    search.mappings = search_table(MAXIMUM_MAPPINGS * sizeof *search.mappings);
    search.own[search.own_count++] = (struct range){(word)text, (word)text + ROOM};
    search.own[search.own_count++] =
        (struct range){(word)search.mappings, (word)(search.mappings + MAXIMUM_MAPPINGS)};
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    for (ssize_t count = 1; file >= 0 && count > 0 && length < ROOM - 1; length += count > 0 ? (size_t)count : 0)
        count = read(file, text + length, ROOM - 1 - length);
    if (file >= 0) close(file);
    if (length == 0) search.job->result.faults |= AFRESH_FAULT_MAPPINGS;
    if (length == ROOM - 1) search.job->result.faults |= AFRESH_FAULT_LIMIT;
    for (char *line = text; *line;) {
        char *end = strchr(line, '\n');
        if (end == NULL) break;
        *end = 0;
        read_line(line);
        line = end + 1;
    }
}

uint32_t search_mapping_flags(word address) {
    size_t low = 0, high = search.mapping_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct mapping *mapping = &search.mappings[middle];
        if (address < mapping->start) high = middle;
        else if (address >= mapping->end) low = middle + 1;
        else return mapping->flags;
    }
    return 0;
}

struct image *search_image(word address) {
    int low = 0, high = search.job->image_count;
    while (low < high) {
        int middle = (low + high) / 2;
        struct image *image = &search.job->images[middle];
        if (address < image->all.start) high = middle;
        else if (address >= image->all.end) low = middle + 1;
        else return image;
    }
    return NULL;
}

struct image *search_old_image(word address) {
    if (address < search.old_images.start || address >= search.old_images.end) return NULL;
    struct image *image = search_image(address);
    return image && image->kind == IMAGE_OLD ? image : NULL;
}

bool search_is_present(word page) {
    // What the system says of 4096 pages at once.
    static uint64_t entries[4096];
    static word first = 1, count;
    static int file = -2;
    if (file == -2) file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (file < 0) return true;
    word number = page / 4096;
    if (first == 1 || number < first || number >= first + count) {
        ssize_t length = pread(file, entries, sizeof entries, (off_t)(number * 8));
        first = number;
        count = length > 0 ? (word)length / 8 : 0;
        if (count == 0) return true;
    }
    return (entries[number - first] >> 62) != 0;
}

#endif

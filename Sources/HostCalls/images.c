// What the images of this process take.
#define _GNU_SOURCE
#include <HostCalls.h>
#ifdef __linux__
#include <link.h>

struct search {
    uintptr_t base;
    size_t bytes;
};

static int visit(struct dl_phdr_info *information, size_t size, void *context) {
    struct search *search = context;
    if (information->dlpi_addr != search->base) return 0;
    for (int index = 0; index < information->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &information->dlpi_phdr[index];
        if (header->p_type != PT_LOAD) continue;
        uintptr_t start = header->p_vaddr & ~(uintptr_t)4095;
        uintptr_t end = (header->p_vaddr + header->p_memsz + 4095) & ~(uintptr_t)4095;
        search->bytes += end - start;
    }
    return 1;
}

size_t afresh_image_bytes(uintptr_t base) {
    struct search search = {base, 0};
    dl_iterate_phdr(visit, &search);
    return search.bytes;
}

#else

size_t afresh_image_bytes(uintptr_t base) { return 0; }

#endif

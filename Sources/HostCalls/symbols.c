// Reads the symbols of an image's file, which nobody has to have written with care.
#define _GNU_SOURCE
#include <SymbolTable.h>
#ifdef __linux__
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool find_table(struct symbol_table *table) {
    const char *bytes = table->file;
    size_t length = table->length;
    const ElfW(Ehdr) *header = table->file;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_shentsize != sizeof(ElfW(Shdr)) || header->e_shoff > length
        || (length - header->e_shoff) / sizeof(ElfW(Shdr)) < header->e_shnum)
        return false;
    table->sections = (const void *)(bytes + header->e_shoff);
    table->section_count = header->e_shnum;
    for (size_t index = 0; index < table->section_count; index++) {
        const ElfW(Shdr) *symbols = &table->sections[index];
        if (symbols->sh_type != SHT_SYMTAB || symbols->sh_link >= table->section_count) continue;
        const ElfW(Shdr) *names = &table->sections[symbols->sh_link];
        if (symbols->sh_offset > length || symbols->sh_size > length - symbols->sh_offset || names->sh_offset > length
            || names->sh_size > length - names->sh_offset || names->sh_size == 0
            || bytes[names->sh_offset + names->sh_size - 1] != 0)
            continue;
        table->first = (const void *)(bytes + symbols->sh_offset);
        table->count = symbols->sh_size / sizeof(ElfW(Sym));
        table->names = bytes + names->sh_offset;
        table->name_bytes = names->sh_size;
        return true;
    }
    return false;
}

bool afresh_open_symbols(const char *path, struct symbol_table *table) {
    *table = (struct symbol_table){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    struct stat status;
    void *bytes = MAP_FAILED;
    if (fstat(file, &status) == 0 && status.st_size > (off_t)sizeof(ElfW(Ehdr))) {
        table->length = (size_t)status.st_size;
        bytes = mmap(NULL, table->length, PROT_READ, MAP_PRIVATE, file, 0);
    }
    close(file);
    if (bytes == MAP_FAILED) return false;
    table->file = bytes;
    if (find_table(table)) return true;
    afresh_close_symbols(table);
    return false;
}

void afresh_close_symbols(struct symbol_table *table) { munmap(table->file, table->length); }

#endif

// The symbols of a program or library on disk (ELF).
#ifndef AFRESH_SYMBOL_TABLE_H
#define AFRESH_SYMBOL_TABLE_H

#ifdef __linux__
#include <link.h>
#include <stdbool.h>
#include <stddef.h>

struct symbol_table {
    void *file;                  // all of it, mapped
    size_t length;
    const ElfW(Shdr) *sections;
    size_t section_count;
    const ElfW(Sym) *first;
    size_t count;
    const char *names;           // they end with a zero byte
    size_t name_bytes;
};

// False where the file has no symbols or is none: there is nothing to be closed then.
bool afresh_open_symbols(const char *path, struct symbol_table *table);
void afresh_close_symbols(struct symbol_table *table);

// "" of what the file itself does not define.
static inline const char *symbol_name(const struct symbol_table *table, const ElfW(Sym) *symbol) {
    return symbol->st_shndx == SHN_UNDEF || symbol->st_name >= table->name_bytes ? "" : table->names + symbol->st_name;
}
#endif

#endif

// Bodies that were replaced where they run: their image runs, and of it their code is old and that of the closures in them. The
// runtime tells which functions replace which; how the code is called, and so what belongs to a body, the image's symbols.
#define _GNU_SOURCE
#include "search.h"
#include <ImageSections.h>
#include <SymbolTable.h>
#ifdef __linux__
#include <string.h>
#include <sys/mman.h>

// A function whose body does not run any more.
struct replaced {
    word named;            // what of it has a symbol: its key, or it itself
    word image;            // where its image begins
    uint32_t owner;
    bool is_replacement;   // of another one; else its own code leads to what replaces it
    const char *name;
    size_t length;
};

struct collector {
    struct job *job;
    const struct afresh_old_image *images;
    size_t image_count;
    struct replaced *functions;          // not in the heap, where what is left of them would be found
    size_t count;
};

static const struct image *image_at(const struct job *job, word address) {
    for (int index = 0; index < job->image_count; index++)
        if (address >= job->images[index].all.start && address < job->images[index].all.end) return &job->images[index];
    return NULL;
}

// `module`: negative for any. The last one that was told of: before, something else may have lain there.
static const struct afresh_old_image *known_image(const struct collector *collector, const struct image *image, int64_t module) {
    for (size_t index = collector->image_count; image && index > 0; index--) {
        const struct afresh_old_image *one = &collector->images[index - 1];
        if (~one->not_base >= image->all.start && ~one->not_base < image->all.end && (module < 0 || one->module == module))
            return one;
    }
    return NULL;
}

static void add_function(struct collector *collector, word named, const struct image *image, uint32_t owner, bool is_replacement) {
    for (size_t index = 0; index < collector->count; index++)
        if (collector->functions[index].named == named) return;
    if (collector->count == MAXIMUM_PARTS) {
        collector->job->faults |= AFRESH_FAULT_LIMIT;
        return;
    }
    collector->functions[collector->count++] = (struct replaced){
        .named = named, .image = image->all.start, .owner = owner, .is_replacement = is_replacement};
}

static void add_link(struct job *job, const struct replacement_link *link) {
    if (job->link_count == MAXIMUM_PARTS) job->faults |= AFRESH_FAULT_LIMIT;
    else job->links[job->link_count++] = (word)link;
}

static void add_replacement(struct collector *collector, const struct replacement *replacement) {
    struct job *job = collector->job;
    const int32_t *key = indirect_pointer(&replacement->key);
    const struct replacement_link *root = key ? relative_pointer(key) : NULL, *own = relative_pointer(&replacement->link);
    word function = (word)relative_pointer(&replacement->function);
    // What is missing was not put in the place of anything.
    if (root == NULL || own == NULL) return;
    const struct replacement_link *link = root;
    while (link && link != own) link = link->next;
    if (link == NULL) return;
    const struct image *replaced = image_at(job, (word)key), *replacing = image_at(job, function);
    const struct afresh_old_image *module = known_image(collector, replaced, -1);
    const struct afresh_old_image *patch = module ? known_image(collector, replacing, module->module) : NULL;
    // Libraries and programs have replacements of their own.
    if (module == NULL || patch == NULL) return;
    add_link(job, root);
    add_link(job, own);
    if (module->runs) add_function(collector, (word)key, replaced, module->owner, false);
    // What came later may have taken its place, or the module been loaded anew.
    if (patch->runs && (!module->runs || (word)root->implementation != function))
        add_function(collector, function, replacing, patch->owner, true);
}

static bool visit_scope(const struct replacement_scope *scope, void *context) {
    for (uint32_t index = 0; scope && index < scope->count; index++) add_replacement(context, &scope->replacements[index]);
    return true;
}

static bool visit_image(const struct image_sections *sections, void *context) {
    struct collector *collector = context;
    if (!visit_replacement_scopes(sections, visit_scope, collector)) collector->job->faults |= AFRESH_FAULT_REPLACED;
    return true;
}

// MARK: Symbols

static int find_base(struct dl_phdr_info *information, size_t size, void *context) {
    struct {
        word start, base;
        const char *path;
    } *wanted = context;
    for (int index = 0; index < information->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &information->dlpi_phdr[index];
        word start = information->dlpi_addr + header->p_vaddr;
        if (header->p_type != PT_LOAD || wanted->start < (start & ~(word)4095) || wanted->start >= start + header->p_memsz) continue;
        wanted->base = information->dlpi_addr;
        wanted->path = information->dlpi_name;
        return 1;
    }
    return 0;
}

// `base`: what is added to what the symbols say.
static bool open_symbols(word image, struct symbol_table *symbols, word *base) {
    struct {
        word start, base;
        const char *path;
    } wanted = {.start = image};
    if (dl_iterate_phdr(find_base, &wanted) == 0 || wanted.path == NULL) return false;
    *base = wanted.base;
    return afresh_open_symbols(wanted.path, symbols);
}

static bool ends_with(const char *name, size_t length, const char *ending) {
    size_t count = strlen(ending);
    return length > count && memcmp(name + length - count, ending, count) == 0;
}

// Swift names what is in a body by the function's name and something behind it. Here: of what belongs to the function, and is not its
// body. What follows is by docs/ABI/Mangling.rst.
static bool is_beside_body(const char *rest) {
    static const char *const thunks[] = {"Tu", "Tx", "TX", "TA", "Tc", "TD", "Tj", "TO", "To", "Tq", "TW"};
    // How long it waits for what replaces it.
    if (strcmp(rest, "TQ0_") == 0) return true;
    for (size_t index = 0; index < sizeof thunks / sizeof *thunks; index++)
        if (strncmp(rest, thunks[index], 2) == 0) return true;
    // What stands for an argument that a call leaves out belongs to the declaration.
    if (strncmp(rest, "fA", 2) != 0) return false;
    rest += 2;
    while (*rest >= '0' && *rest <= '9') rest++;
    return *rest == '_';
}

static bool is_in(struct range range, word address, word bytes) {
    return address >= range.start && address < range.end && bytes <= range.end - address;
}

static word relative_to(word field) { return field + 4 + (word)(intptr_t)*(const int32_t *)field; }

// The code that a call leads to, also through the table by which images call each other.
static word called(const struct image *image, word call) {
    static const uint8_t mark[] = {0xF3, 0x0F, 0x1E, 0xFA};
    word to = relative_to(call + 1);
    if (!is_in(image->code, to, 16)) return 0;
    if (memcmp((const void *)to, mark, sizeof mark) == 0) to += sizeof mark;
    const uint8_t *code = (const uint8_t *)to;
    if (code[0] != 0xFF || code[1] != 0x25) return to;
    word slot = relative_to(to + 2);
    for (int index = 0; index < image->data_count; index++)
        if (slot % 8 == 0 && is_in(image->data[index], slot, 8)) return *(const word *)slot;
    return 0;
}

// A function begins by asking the runtime what replaces it, and goes there; its own body is where it goes if there is nothing. Where
// that is not seen, all of it is taken for its body but where it begins: whoever calls it comes to what replaces it.
static word body_of(const struct image *image, word start, word end) {
    enum { NEAR = 32 };
    word ask = (word)dlsym(RTLD_DEFAULT, "swift_getFunctionReplacement");
    for (word call = start; image && ask && call + 5 + NEAR < end; call++) {
        if (*(const uint8_t *)call != 0xE8 || called(image, call) != ask) continue;
        for (const uint8_t *code = (const uint8_t *)call + 5; (word)code < call + 5 + NEAR - 10; code++) {
            // cmp rax, 0; test rax, rax
            int length = memcmp(code, "\x48\x83\xF8\x00", 4) == 0 ? 4 : memcmp(code, "\x48\x85\xC0", 3) == 0 ? 3 : 0;
            if (length == 0) continue;
            code += length;
            word body = 0;
            // je
            if (code[0] == 0x74) body = (word)code + 2 + (word)(intptr_t)(int8_t)code[1];
            if (code[0] == 0x0F && code[1] == 0x84) body = relative_to((word)code + 2);
            return body > call && body < end ? body : start + 1;
        }
        break;
    }
    return start + 1;
}

static void add_part(struct job *job, word start, word end, uint32_t owner, bool is_code) {
    if (start >= end) return;
    if (job->part_count == MAXIMUM_PARTS) {
        job->faults |= AFRESH_FAULT_LIMIT;
        return;
    }
    job->parts[job->part_count++] = (struct part){start, end, owner, is_code};
}

static void add_symbol(struct job *job, const char *name, word base, const ElfW(Sym) *symbol, const struct replaced *function) {
    if (strncmp(name, function->name, function->length) != 0) return;
    const char *rest = name + function->length;
    word start = base + symbol->st_value, end = start + symbol->st_size;
    bool is_code = ELF64_ST_TYPE(symbol->st_info) == STT_FUNC;
    if (!is_code && !ends_with(name, strlen(name), "Tu")) return;
    if (!function->is_replacement) {
        if (is_beside_body(rest)) return;
        if (*rest == 0) start = body_of(image_at(job, start), start, end);
    }
    add_part(job, start, end, function->owner, is_code);
}

static void add_parts(struct collector *collector, word image) {
    struct job *job = collector->job;
    struct symbol_table symbols;
    word base;
    if (!open_symbols(image, &symbols, &base)) {
        job->faults |= AFRESH_FAULT_REPLACED;
        return;
    }
    for (size_t index = 0; index < symbols.count; index++) {
        const ElfW(Sym) *symbol = &symbols.first[index];
        const char *name = symbol_name(&symbols, symbol);
        size_t length = strlen(name);
        if (length < 3 || name[0] != '$') continue;
        for (size_t one = 0; one < collector->count; one++) {
            struct replaced *function = &collector->functions[one];
            if (function->named != base + symbol->st_value) continue;
            bool is_asynchronous = ends_with(name, length, "Tu");
            if (!function->is_replacement && !ends_with(name, length, "Tx")) continue;
            function->name = name;
            function->length = function->is_replacement && !is_asynchronous ? length : length - 2;
        }
    }
    for (size_t one = 0; one < collector->count; one++)
        if (collector->functions[one].image == image && collector->functions[one].name == NULL) job->faults |= AFRESH_FAULT_REPLACED;
    for (size_t index = 0; index < symbols.count; index++) {
        const ElfW(Sym) *symbol = &symbols.first[index];
        int type = ELF64_ST_TYPE(symbol->st_info);
        if (type != STT_FUNC && type != STT_OBJECT) continue;
        for (size_t one = 0; one < collector->count; one++) {
            const struct replaced *function = &collector->functions[one];
            if (function->image == image && function->name) add_symbol(job, symbol_name(&symbols, symbol), base, symbol, function);
        }
    }
    afresh_close_symbols(&symbols);
}

void search_find_replaced(struct job *job, const struct afresh_old_image *images, size_t count) {
    size_t bytes = MAXIMUM_PARTS * sizeof(struct replaced);
    struct collector collector = {.job = job, .images = images, .image_count = count};
    collector.functions = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (collector.functions == MAP_FAILED || !visit_image_sections(visit_image, &collector)) job->faults |= AFRESH_FAULT_REPLACED;
    if (collector.functions == MAP_FAILED) return;
    for (size_t index = 0; index < collector.count; index++) {
        bool is_new = true;
        for (size_t before = 0; before < index && is_new; before++)
            is_new = collector.functions[before].image != collector.functions[index].image;
        if (is_new) add_parts(&collector, collector.functions[index].image);
        for (int image = 0; image < job->image_count; image++)
            if (job->images[image].all.start == collector.functions[index].image) {
                job->images[image].has_parts = true;
                job->images[image].owner = collector.functions[index].owner;
            }
    }
    munmap(collector.functions, bytes);
    search_sort(job->parts, (size_t)job->part_count, sizeof *job->parts);
}

const struct part *search_replaced(word address) {
    const struct job *job = search.job;
    int low = 0, high = job->part_count;
    while (low < high) {
        int middle = (low + high) / 2;
        const struct part *part = &job->parts[middle];
        if (address < part->start) high = middle;
        else if (address >= part->end) low = middle + 1;
        else return part;
    }
    return NULL;
}

#endif

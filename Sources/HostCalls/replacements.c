// Takes back what an image has put in the places of other functions.
#define _GNU_SOURCE
#include <HostCalls.h>
#include <ImageSections.h>
#ifdef __linux__

struct search {
    const void *base;
    void (*disable)(const void *);
    bool is_found;
};

static bool disable(const struct replacement_scope *scope, void *context) {
    struct search *search = context;
    search->disable(scope);
    search->is_found = true;
    return true;
}

static bool visit(const struct image_sections *sections, void *context) {
    struct search *search = context;
    Dl_info info;
    if (sections->replacements.length == 0 || dladdr((const void *)sections->replacements.start, &info) == 0
        || info.dli_fbase != search->base)
        return true;
    visit_replacement_scopes(sections, disable, search);
    return false;
}

bool afresh_undo_replacements(const void *base) {
    struct search search = {base, (void (*)(const void *))dlsym(RTLD_DEFAULT, "swift_disableDynamicReplacementScope"), false};
    return search.disable && visit_image_sections(visit, &search) && search.is_found;
}

#else

bool afresh_undo_replacements(const void *base) { return false; }

#endif

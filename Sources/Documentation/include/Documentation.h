#pragma once

#include <stddef.h>

// One page for the people who use this program, in Markdown.
struct DocumentationPage {
    // "stale-binding"; NULL marks the end of the list.
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

// The list; its last entry's name is NULL.
const struct DocumentationPage *documentationPages(void);

#pragma once

#include <stddef.h>

// A file that is part of the program.
struct EmbeddedFile {
    // Relative, with slashes; NULL marks the end of a list.
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

#pragma once

#include <stddef.h>

// One of the Python files that are part of the program.
struct AgentFile {
    // Relative, with slashes; NULL marks the end of the list.
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

// The list; its last entry's path is NULL.
const struct AgentFile *agentFiles(void);

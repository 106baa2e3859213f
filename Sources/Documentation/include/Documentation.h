#pragma once

#include <Embedding.h>

// The pages for the people who use this program, in Markdown ("stale-binding.md"); the last entry's path is NULL.
const struct EmbeddedFile *documentationPages(void);

#pragma once

#include <Embedding.h>

// The Swift files of the program that outlines a text; the last entry's path is NULL.
const struct EmbeddedFile *syntaxFiles(void);

// Written by Sources/Embedding/update.py; a test compares the list with the folder.
#include "SyntaxFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_Mentions_swift[] = {
#embed "../SwiftRuntime/Syntax/Mentions.swift" suffix(,)
0};
static const unsigned char file_Outline_swift[] = {
#embed "../SwiftRuntime/Syntax/Outline.swift" suffix(,)
0};
static const unsigned char file_Outliner_swift[] = {
#embed "../SwiftRuntime/Syntax/Outliner.swift" suffix(,)
0};
static const unsigned char file_Replacement_swift[] = {
#embed "../SwiftRuntime/Syntax/Replacement.swift" suffix(,)
0};

static const struct EmbeddedFile files[] = {
    {"Mentions.swift", file_Mentions_swift, sizeof file_Mentions_swift - 1},
    {"Outline.swift", file_Outline_swift, sizeof file_Outline_swift - 1},
    {"Outliner.swift", file_Outliner_swift, sizeof file_Outliner_swift - 1},
    {"Replacement.swift", file_Replacement_swift, sizeof file_Replacement_swift - 1},
    {NULL, NULL, 0},
};

const struct EmbeddedFile *syntaxFiles(void) {
    return files;
}

// Written by Sources/Embedding/update.py; a test compares the list with the folder.
#include "Documentation.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file0[] = {
#embed "../Documentation/pages/behind.md" suffix(,)
0};
static const unsigned char file1[] = {
#embed "../Documentation/pages/comparison.md" suffix(,)
0};
static const unsigned char file2[] = {
#embed "../Documentation/pages/compile-error.md" suffix(,)
0};
static const unsigned char file3[] = {
#embed "../Documentation/pages/compile-warning.md" suffix(,)
0};
static const unsigned char file4[] = {
#embed "../Documentation/pages/execution-error.md" suffix(,)
0};
static const unsigned char file5[] = {
#embed "../Documentation/pages/frameworks.md" suffix(,)
0};
static const unsigned char file6[] = {
#embed "../Documentation/pages/leftover-name.md" suffix(,)
0};
static const unsigned char file7[] = {
#embed "../Documentation/pages/not-applied.md" suffix(,)
0};
static const unsigned char file8[] = {
#embed "../Documentation/pages/notebooks.md" suffix(,)
0};
static const unsigned char file9[] = {
#embed "../Documentation/pages/policies.md" suffix(,)
0};
static const unsigned char file10[] = {
#embed "../Documentation/pages/restart.md" suffix(,)
0};
static const unsigned char file11[] = {
#embed "../Documentation/pages/runs-again.md" suffix(,)
0};
static const unsigned char file12[] = {
#embed "../Documentation/pages/stale-binding.md" suffix(,)
0};
static const unsigned char file13[] = {
#embed "../Documentation/pages/stale-closure.md" suffix(,)
0};
static const unsigned char file14[] = {
#embed "../Documentation/pages/stale-frame.md" suffix(,)
0};
static const unsigned char file15[] = {
#embed "../Documentation/pages/stale-instance.md" suffix(,)
0};
static const unsigned char file16[] = {
#embed "../Documentation/pages/stale-method.md" suffix(,)
0};
static const unsigned char file17[] = {
#embed "../Documentation/pages/stale-registration.md" suffix(,)
0};
static const unsigned char file18[] = {
#embed "../Documentation/pages/stale-subclass.md" suffix(,)
0};
static const unsigned char file19[] = {
#embed "../Documentation/pages/stale-value.md" suffix(,)
0};
static const unsigned char file20[] = {
#embed "../Documentation/pages/swift-plugins.md" suffix(,)
0};
static const unsigned char file21[] = {
#embed "../Documentation/pages/syntax-error.md" suffix(,)
0};
static const unsigned char file22[] = {
#embed "../Documentation/pages/troubleshooting.md" suffix(,)
0};

static const struct EmbeddedFile files[] = {
    {"behind.md", file0, sizeof file0 - 1},
    {"comparison.md", file1, sizeof file1 - 1},
    {"compile-error.md", file2, sizeof file2 - 1},
    {"compile-warning.md", file3, sizeof file3 - 1},
    {"execution-error.md", file4, sizeof file4 - 1},
    {"frameworks.md", file5, sizeof file5 - 1},
    {"leftover-name.md", file6, sizeof file6 - 1},
    {"not-applied.md", file7, sizeof file7 - 1},
    {"notebooks.md", file8, sizeof file8 - 1},
    {"policies.md", file9, sizeof file9 - 1},
    {"restart.md", file10, sizeof file10 - 1},
    {"runs-again.md", file11, sizeof file11 - 1},
    {"stale-binding.md", file12, sizeof file12 - 1},
    {"stale-closure.md", file13, sizeof file13 - 1},
    {"stale-frame.md", file14, sizeof file14 - 1},
    {"stale-instance.md", file15, sizeof file15 - 1},
    {"stale-method.md", file16, sizeof file16 - 1},
    {"stale-registration.md", file17, sizeof file17 - 1},
    {"stale-subclass.md", file18, sizeof file18 - 1},
    {"stale-value.md", file19, sizeof file19 - 1},
    {"swift-plugins.md", file20, sizeof file20 - 1},
    {"syntax-error.md", file21, sizeof file21 - 1},
    {"troubleshooting.md", file22, sizeof file22 - 1},
    {NULL, NULL, 0},
};

const struct EmbeddedFile *documentationPages(void) {
    return files;
}

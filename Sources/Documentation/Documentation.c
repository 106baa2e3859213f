// The pages as bytes of the program. Written by update.py; a test compares the list with the folder.
#include "Documentation.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page0[] = {
#embed "pages/behind.md" suffix(,)
0};
static const unsigned char page1[] = {
#embed "pages/comparison.md" suffix(,)
0};
static const unsigned char page2[] = {
#embed "pages/compile-error.md" suffix(,)
0};
static const unsigned char page3[] = {
#embed "pages/compile-warning.md" suffix(,)
0};
static const unsigned char page4[] = {
#embed "pages/execution-error.md" suffix(,)
0};
static const unsigned char page5[] = {
#embed "pages/frameworks.md" suffix(,)
0};
static const unsigned char page6[] = {
#embed "pages/leftover-name.md" suffix(,)
0};
static const unsigned char page7[] = {
#embed "pages/not-applied.md" suffix(,)
0};
static const unsigned char page8[] = {
#embed "pages/notebooks.md" suffix(,)
0};
static const unsigned char page9[] = {
#embed "pages/policies.md" suffix(,)
0};
static const unsigned char page10[] = {
#embed "pages/restart.md" suffix(,)
0};
static const unsigned char page11[] = {
#embed "pages/runs-again.md" suffix(,)
0};
static const unsigned char page12[] = {
#embed "pages/stale-binding.md" suffix(,)
0};
static const unsigned char page13[] = {
#embed "pages/stale-closure.md" suffix(,)
0};
static const unsigned char page14[] = {
#embed "pages/stale-frame.md" suffix(,)
0};
static const unsigned char page15[] = {
#embed "pages/stale-instance.md" suffix(,)
0};
static const unsigned char page16[] = {
#embed "pages/stale-method.md" suffix(,)
0};
static const unsigned char page17[] = {
#embed "pages/stale-registration.md" suffix(,)
0};
static const unsigned char page18[] = {
#embed "pages/stale-subclass.md" suffix(,)
0};
static const unsigned char page19[] = {
#embed "pages/stale-value.md" suffix(,)
0};
static const unsigned char page20[] = {
#embed "pages/syntax-error.md" suffix(,)
0};
static const unsigned char page21[] = {
#embed "pages/troubleshooting.md" suffix(,)
0};

static const struct DocumentationPage pages[] = {
    {"behind", page0, sizeof page0 - 1},
    {"comparison", page1, sizeof page1 - 1},
    {"compile-error", page2, sizeof page2 - 1},
    {"compile-warning", page3, sizeof page3 - 1},
    {"execution-error", page4, sizeof page4 - 1},
    {"frameworks", page5, sizeof page5 - 1},
    {"leftover-name", page6, sizeof page6 - 1},
    {"not-applied", page7, sizeof page7 - 1},
    {"notebooks", page8, sizeof page8 - 1},
    {"policies", page9, sizeof page9 - 1},
    {"restart", page10, sizeof page10 - 1},
    {"runs-again", page11, sizeof page11 - 1},
    {"stale-binding", page12, sizeof page12 - 1},
    {"stale-closure", page13, sizeof page13 - 1},
    {"stale-frame", page14, sizeof page14 - 1},
    {"stale-instance", page15, sizeof page15 - 1},
    {"stale-method", page16, sizeof page16 - 1},
    {"stale-registration", page17, sizeof page17 - 1},
    {"stale-subclass", page18, sizeof page18 - 1},
    {"stale-value", page19, sizeof page19 - 1},
    {"syntax-error", page20, sizeof page20 - 1},
    {"troubleshooting", page21, sizeof page21 - 1},
    {NULL, NULL, 0},
};

const struct DocumentationPage *documentationPages(void) {
    return pages;
}

// The page as bytes of the program: a file of its own can be read, edited and tried in a browser.
#include "GraphPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char page[] = {
#embed "graph.html" suffix(,)
0};

const char *graphPage(void) {
    return page;
}

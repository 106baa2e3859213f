// The agent's files as bytes of the program: a literal of that size takes the Swift compiler half a minute.
// Written by update.py; a test compares the list with the folder.
#include "AgentFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file0[] = {
#embed "../PythonRuntime/Agent/_afresh/transaction.py" suffix(,)
0};
static const unsigned char file1[] = {
#embed "../PythonRuntime/Agent/checker/__main__.py" suffix(,)
0};
static const unsigned char file2[] = {
#embed "../PythonRuntime/Agent/checker/alignment.py" suffix(,)
0};
static const unsigned char file3[] = {
#embed "../PythonRuntime/Agent/checker/changes.py" suffix(,)
0};
static const unsigned char file4[] = {
#embed "../PythonRuntime/Agent/checker/compilation.py" suffix(,)
0};
static const unsigned char file5[] = {
#embed "../PythonRuntime/Agent/checker/exact.py" suffix(,)
0};
static const unsigned char file6[] = {
#embed "../PythonRuntime/Agent/checker/requests.py" suffix(,)
0};
static const unsigned char file7[] = {
#embed "../PythonRuntime/Agent/checker/statements.py" suffix(,)
0};
static const unsigned char file8[] = {
#embed "../PythonRuntime/Agent/checker/texts.py" suffix(,)
0};
static const unsigned char file9[] = {
#embed "../PythonRuntime/Agent/checker/units.py" suffix(,)
0};

static const struct AgentFile files[] = {
    {"_afresh/transaction.py", file0, sizeof file0 - 1},
    {"checker/__main__.py", file1, sizeof file1 - 1},
    {"checker/alignment.py", file2, sizeof file2 - 1},
    {"checker/changes.py", file3, sizeof file3 - 1},
    {"checker/compilation.py", file4, sizeof file4 - 1},
    {"checker/exact.py", file5, sizeof file5 - 1},
    {"checker/requests.py", file6, sizeof file6 - 1},
    {"checker/statements.py", file7, sizeof file7 - 1},
    {"checker/texts.py", file8, sizeof file8 - 1},
    {"checker/units.py", file9, sizeof file9 - 1},
    {NULL, NULL, 0},
};

const struct AgentFile *agentFiles(void) {
    return files;
}

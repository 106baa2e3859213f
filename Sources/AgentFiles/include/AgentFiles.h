#pragma once

#include <Embedding.h>

// The Python files of the agent and the checker; the last entry's path is NULL.
const struct EmbeddedFile *agentFiles(void);

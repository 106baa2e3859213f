#include "Embedding.h"

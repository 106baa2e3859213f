#pragma once

// The page that shows a dependency graph, in HTML, with the word GRAPH once where the graph belongs. Ends with a zero byte.
const char *graphPage(void);

"""Writes AgentFiles.c anew from the files in Sources/PythonRuntime/Agent. Run it when a file there is added or removed."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
AGENT = HERE.parent / "PythonRuntime" / "Agent"

paths = sorted(
    path.relative_to(AGENT).as_posix()
    for path in AGENT.rglob("*")
    if path.is_file() and path.suffix == ".py" and "__pycache__" not in path.parts
)
lines = [
    "// The agent's files as bytes of the program: a literal of that size takes the Swift compiler half a minute.",
    "// Written by update.py; a test compares the list with the folder.",
    '#include "AgentFiles.h"',
    "",
    '#pragma clang diagnostic ignored "-Wc23-extensions"',
    "",
]
for number, path in enumerate(paths):
    lines += [
        f"static const unsigned char file{number}[] = {{",
        f'#embed "../PythonRuntime/Agent/{path}" suffix(,)',
        "0};",
    ]
lines += ["", "static const struct AgentFile files[] = {"]
lines += [f'    {{"{path}", file{number}, sizeof file{number} - 1}},' for number, path in enumerate(paths)]
lines += ["    {NULL, NULL, 0},", "};", "", "const struct AgentFile *agentFiles(void) {", "    return files;", "}", ""]
(HERE / "AgentFiles.c").write_text("\n".join(lines))

"""Writes the C files anew that make files part of the program. Run it when one of those is added or removed.

Bytes that the C compiler takes in: a literal of that size takes the Swift compiler half a minute.
"""
import pathlib
import re

SOURCES = pathlib.Path(__file__).resolve().parent.parent

# The target, its function, the folder of the files, and which.
LISTS = (
    ("AgentFiles", "agentFiles", "PythonRuntime/Agent", "*.py"),
    ("SyntaxFiles", "syntaxFiles", "SwiftRuntime/Syntax", "*.swift"),
    ("Documentation", "documentationPages", "Documentation/pages", "*.md"),
)


def text(target: str, function: str, folder: str, pattern: str) -> str:
    found = sorted(path.relative_to(SOURCES / folder).as_posix() for path in (SOURCES / folder).rglob(pattern))
    lines = [
        "// Written by Sources/Embedding/update.py; a test compares the list with the folder.",
        f'#include "{target}.h"',
        "",
        '#pragma clang diagnostic ignored "-Wc23-extensions"',
        "",
    ]
    for path in found:
        lines += [
            f"static const unsigned char {array(path)}[] = {{",
            f'#embed "../{folder}/{path}" suffix(,)',
            "0};",
        ]
    lines += ["", "static const struct EmbeddedFile files[] = {"]
    lines += [f'    {{"{path}", {array(path)}, sizeof {array(path)} - 1}},' for path in found]
    lines += ["    {NULL, NULL, 0},", "};", "", f"const struct EmbeddedFile *{function}(void) {{", "    return files;", "}", ""]
    return "\n".join(lines)


def array(path: str) -> str:
    """The C name of a file's bytes."""
    return "file_" + re.sub(r"\W", "_", path)


for each in LISTS:
    (SOURCES / each[0] / f"{each[0]}.c").write_text(text(*each))

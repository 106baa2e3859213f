"""Writes Documentation.c anew from the files in pages/. Run it when a page is added or removed."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent

names = sorted(path.stem for path in HERE.glob("pages/*.md"))
lines = [
    "// The pages as bytes of the program. Written by update.py; a test compares the list with the folder.",
    '#include "Documentation.h"',
    "",
    '#pragma clang diagnostic ignored "-Wc23-extensions"',
    "",
]
for number, name in enumerate(names):
    lines += [
        f"static const unsigned char page{number}[] = {{",
        f'#embed "pages/{name}.md" suffix(,)',
        "0};",
    ]
lines += ["", "static const struct DocumentationPage pages[] = {"]
lines += [f'    {{"{name}", page{number}, sizeof page{number} - 1}},' for number, name in enumerate(names)]
lines += ["    {NULL, NULL, 0},", "};", "", "const struct DocumentationPage *documentationPages(void) {", "    return pages;", "}", ""]
(HERE / "Documentation.c").write_text("\n".join(lines))

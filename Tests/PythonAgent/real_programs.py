"""Programs of real code: modules of the interpreter's own library under other names, and a module that uses them."""

from __future__ import annotations

import ast
import copy
import importlib.util
import random
import re
from pathlib import Path

from real_edits import Editor
from real_texts import FUNCTIONS

# Those that go together. None that deletes files, starts programs, opens sockets or waits, when it is called with anything.
LIBRARY = (
    ("textwrap",),
    ("string",),
    ("shlex",),
    ("numbers", "fractions"),
    ("statistics",),
    ("dataclasses",),
    ("json",),
    ("configparser",),
    ("gettext", "argparse"),
    ("logging",),
    ("urllib.parse",),
    ("http", "http.cookies"),
    ("email",),
    ("calendar", "_strptime"),
    ("csv",),
    ("graphlib",),
    ("ipaddress",),
    ("tomllib",),
    ("difflib",),
    ("heapq", "bisect"),
    ("colorsys",),
    ("html", "html.parser", "_markupbase"),
    ("optparse",),
    ("getopt",),
    ("pprint", "reprlib"),
    ("copy", "copyreg"),
    ("enum",),
    ("functools",),
    ("contextlib",),
    ("types", "enum"),
    ("weakref", "_weakrefset"),
    ("collections",),
    ("abc", "_py_abc"),
    ("_collections_abc",),
    ("operator",),
    ("keyword", "token", "tokenize"),
    ("dis", "opcode"),
    ("inspect",),
    ("typing",),
    ("traceback", "linecache"),
    ("warnings",),
    ("codecs",),
    ("base64", "quopri"),
    ("hmac",),
    ("plistlib",),
    ("mimetypes",),
    ("fnmatch", "re"),
    ("re",),
    ("xml.etree.ElementPath", "xml.etree.ElementTree"),
    ("xml.sax", "xml.dom"),
    ("xml.sax",),
    ("datetime", "_pydatetime"),
    ("zoneinfo",),
    ("sched", "queue"),
    ("selectors",),
    ("pickletools",),
    ("pyclbr",),
    ("symtable",),
    ("stringprep",),
    ("locale",),
    ("netrc",),
    ("sndhdr",),
    ("wave", "chunk"),
    ("concurrent.futures",),
    ("unittest",),
    ("importlib.metadata",),
    ("xmlrpc.client",),
    ("wsgiref",),
    ("http.cookiejar",),
    ("urllib.robotparser",),
    ("random",),
    ("ntpath", "posixpath", "genericpath"),
    ("_pyio",),
)
USER = "user"
REPLACES_ITSELF = "sys.modules[__name__] ="  # by a module of another file
LEFT_OUT = re.compile(r"(\.|^)(__main__|tool|server|simple_server|handlers|process|dummy|windows_\w+|proactor_\w+|expatreader)$")


class RealProgram:
    def __init__(self, maker: random.Random, modules: tuple[str, ...] | None = None) -> None:
        self.random = maker
        self.editor = Editor(maker)
        self.sources: dict[str, str] = {}
        found: dict[str, tuple[str, Path | None]] = {}
        for name in modules or maker.choice(LIBRARY):
            for each, path in _files(name):
                found.setdefault(each, (renamed(each), path))
        names = {each: new for each, (new, _) in found.items()}
        for _, (new, path) in found.items():
            self.sources[new] = _rewritten(path.read_text("utf-8"), names) if path is not None else ""
        if self.sources:
            self.sources[USER] = self._user()
        self.names = tuple(self.sources)

    def texts(self) -> dict[str, str]:
        return dict(self.sources)

    def copy(self) -> RealProgram:
        other = copy.copy(self)
        other.sources = dict(self.sources)
        return other

    def edit(self) -> None:
        """One edit to three, mostly of one module, sometimes all of them taken back."""
        if not hasattr(self, "original"):
            self.original = dict(self.sources)
        names = list(self.sources)
        for _ in range(self.random.choice((1, 1, 1, 2))):
            name = self.random.choice(names)
            if self.random.random() < 0.04:
                self.sources[name] = self.original[name]
                continue
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                for _ in range(8):
                    edited = self.editor.edit(self.sources[name])
                    if edited is not None:
                        self.sources[name] = edited
                        break

    # The module that uses the others

    def _user(self) -> str:
        pick = self.random
        lines = [
            "import functools",
            "",
            "def attempt(function, *arguments):",
            "    try:",
            "        return function(*arguments)",
            "    except (Exception, SystemExit) as error:",
            "        return type(error).__name__",
            "",
        ]
        for count, name in enumerate(pick.sample(list(self.sources), min(3, len(self.sources)))):
            functions, classes, values = _public(self.sources[name])
            lines.append(pick.choice((f"import {name}", f"import {name} as m{count}")))
            module = lines[-1].split()[-1]
            for each in pick.sample(functions, min(3, len(functions))):
                new = pick.choice((each, f"{each}_{count}"))
                lines.append(f"from {name} import {each} as {new}" if new != each else f"from {name} import {each}")
                lines.append(
                    pick.choice(
                        (
                            f"{new}_partial = functools.partial({new}, 999)",
                            f"{new}_answer = attempt({new}, {_argument(pick)})",
                            f"{new}_table = {{'it': {new}, 'all': [{new}]}}",
                            f"def {new}_use(*arguments, by={new}):\n    return by(*arguments)",
                            f"@functools.wraps({new})\ndef {new}_wrapped(*arguments):\n    return {module}.{each}(*arguments)",
                            f"class {new}_Holder:\n    held = {new}\n    def use(self, *arguments):\n        return {module}.{each}(*arguments)",
                        )
                    )
                )
            for each in pick.sample(classes, min(3, len(classes))):
                new = pick.choice((each, f"{each}_{count}"))
                lines.append(f"from {name} import {each} as {new}" if new != each else f"from {name} import {each}")
                for _ in range(pick.choice((1, 2))):
                    lines.append(
                        pick.choice(
                            (
                                f"{new}_made = attempt({new}, {_argument(pick)})",
                                f"{new}_empty = attempt({new})",
                                f"{new}_kinds = ({new}, int)",
                                f"try:\n    class {new}_Sub({new}):\n        own = 1\n        def __repr__(self):\n            return super().__repr__()\nexcept TypeError:\n    pass",
                                f"def {new}_is(value: {new}) -> {new}:\n    return isinstance(value, {new})",
                                f"{new}_members = sorted({new}.__dict__)",
                            )
                        )
                    )
            for each in pick.sample(values, min(3, len(values))):
                lines.append(f"from {name} import {each}")
                lines.append(
                    pick.choice(
                        (
                            f"{each}_kind = type({each}).__name__",
                            f"{each}_in = [{each}]",
                            f"def {each}_given(given={each}):\n    return given",
                        )
                    )
                )
        return "\n".join(lines) + "\n"


def renamed(name: str) -> str:
    """Under a name of its own: a package's modules stay in it."""
    first, _, rest = name.partition(".")
    return f"x{first}.{rest}" if rest else f"x{first}"


def _files(name: str) -> list[tuple[str, Path | None]]:
    """The modules of a package, and a module alone as one of a package without a text."""
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return []
    if spec is None or spec.origin in (None, "built-in"):
        return []
    path = Path(spec.origin if spec.origin != "frozen" else spec.loader_state.filename)  # type: ignore[arg-type, union-attr]
    if path.suffix != ".py":
        return []
    found: list[tuple[str, Path | None]] = [(name, path)]
    if path.name == "__init__.py" and name != "http" and name != "html":
        inside = sorted(each for each in path.parent.rglob("*.py") if "test" not in each.relative_to(path.parent).parts)
        for each in inside:
            parts = each.relative_to(path.parent).with_suffix("").parts
            dotted = ".".join((name, *parts)).removesuffix(".__init__")
            if dotted != name and not LEFT_OUT.search(dotted) and REPLACES_ITSELF not in each.read_text("utf-8"):
                found.append((dotted, each))
    above = name.rpartition(".")[0]
    if above and not any(each == above for each, _ in found):
        found.insert(0, (above, None))  # its own text would import others
    return found


def _rewritten(source: str, names: dict[str, str]) -> str:
    """The text with its imports of those modules made imports of the copies."""
    edits: list[tuple[int, int, str]] = []
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in names:
            at = node.lineno - 1
            lines[at] = re.sub(rf"\bfrom(\s+){re.escape(node.module)}\b", rf"from\1{names[node.module]}", lines[at], count=1)
        elif isinstance(node, ast.Import) and node.lineno == node.end_lineno:
            for alias in node.names:
                if alias.name in names and "." not in alias.name:
                    as_ = "" if alias.asname else f" as {alias.name}"
                    lines[node.lineno - 1] = re.sub(
                        rf"\b{alias.name}\b(?! as {alias.name})", names[alias.name] + as_, lines[node.lineno - 1], count=1
                    )
                elif alias.name in names:
                    edits.append((0, 0, alias.name.partition(".")[0]))
    text = "".join(lines)
    for first in {each for _, _, each in edits}:
        text = re.sub(rf"(?<![\w.'\"-]){first}(?=\.\w)", f"x{first}", text)
    return text


def _public(source: str) -> tuple[list[str], list[str], list[str]]:
    functions, classes, values = [], [], []
    for node in ast.parse(source).body:
        if isinstance(node, FUNCTIONS):
            functions.append(node.name)
        elif isinstance(node, ast.ClassDef):
            classes.append(node.name)
        elif isinstance(node, ast.Assign):
            values += [each.id for each in node.targets if isinstance(each, ast.Name)]
    return [sorted({name for name in each if not name.startswith("__")}) for each in (functions, classes, values)]  # type: ignore[return-value]


def _argument(pick: random.Random) -> str:
    return pick.choice(("999", "'a b'", "'a=1; b=2'", "['b', 'a']", "{'a': 1}", "b'ab'", "2.5", "None", "'1/2'", "'x.y'", "int", "len"))

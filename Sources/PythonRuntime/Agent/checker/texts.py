"""The texts that run in hosts, kept by digest so that a save sends only what is new."""

from __future__ import annotations

import __future__
import ast
import importlib.util
import marshal
import sys
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import TYPE_CHECKING, Any, Callable, Iterator

from compilation import CLASSES_SAY_LINES, Text, compiled, line_constant, same_code, says_its_line, tree_of
from fillings import fillings
from handing import decorated_classes, foreign, handed_on
from kept import Kept, kept
from names import imported_by_call
from spoken import Spoken
from statements import IMPORTED, dotted, facts_of, root, text_in
from stores import Stores
from units import FUNCTIONS, Unit, computes_defaults, future_features, has_lazy_annotations, is_decorated, units_of

if TYPE_CHECKING:
    from splice import Splice

MOST_BYTES = 64 * 1024 * 1024
MOST_TEXTS = 20_000
MOST_OF_ONE = 4  # texts of one module: what programs run that are not equally new, and what was saved
MOST_LINES = 100_000  # a syntax tree of more takes longer than anybody waits for a save


def digest_of(source: bytes) -> str:
    return importlib.util.source_hash(source).hex()


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of a top-level statement, counted from 0."""

    first: int
    last: int
    defines: bool  # a function or a class
    decorated: bool

    def moved(self, lines: int) -> Span:
        return Span(self.first + lines, self.last + lines, self.defines, self.decorated)


# From 3.13 on, by the path to the code of a class through constants: which of its own is the line that it begins in.
ClassLines = dict[tuple[int, ...], int]


def _note_class_lines(code: CodeType, path: tuple[int, ...], found: ClassLines) -> bool:
    """Whether the line is a constant that nothing else uses, in each class."""
    if not CLASSES_SAY_LINES:
        return True
    if says_its_line(code):
        index = line_constant(code)
        if index is None:
            return False
        found[path] = index
    return all(
        _note_class_lines(each, (*path, index), found) for index, each in enumerate(code.co_consts) if isinstance(each, CodeType)
    )


class Module:
    """A text as one module of one host: what it is named, where it stands, and what it means."""

    def __init__(
        self, name: str, filename: str, package: bool, source: bytes, code: CodeType | None, optimize: int
    ) -> None:
        self.name = name
        self.optimize = optimize
        self.filename = filename
        self.package = package
        self.source = source
        self._code = code
        self.splice: Splice | None = None  # where that is not made yet
        self.spliced_part: Any = None  # of the text, compiled alone
        self.line_entries: Any = None  # of its line table
        self.clean = False  # nothing was said about it when it was compiled
        self.executed = True  # the host has the code that it executed
        self.proven = True  # which is equal to `code`
        self.digest = digest_of(source)
        self.last_answer: Any = None  # to `affected`, with what it was given

    @property
    def code(self) -> CodeType | None:
        """As the interpreter compiles it."""
        if self.splice is not None:
            self._code, self.splice = self.splice.code(), None
        return self._code

    @cached_property
    def class_lines(self) -> ClassLines | None:
        """None where not all of them are certain."""
        found: ClassLines = {}
        return found if self.code is not None and _note_class_lines(self.code, (), found) else None

    @cached_property
    def text(self) -> Text:
        return Text(self.source)

    @cached_property
    def tree(self) -> ast.Module | None:
        if self.source.count(b"\n") > MOST_LINES:
            return None
        return tree_of(self.source, self.filename)

    @cached_property
    def lazy_annotations(self) -> bool:
        return self.tree is not None and has_lazy_annotations(self.tree)

    @cached_property
    def futures(self) -> set[str]:
        return future_features(self.tree) if self.tree is not None else set()

    @cached_property
    def compiler_flags(self) -> int:
        """Of the compiler, for a part of the text."""
        return sum(getattr(__future__, name).compiler_flag for name in self.futures)

    @cached_property
    def spans(self) -> list[Span]:
        """Of the text's own statements; empty where there is no syntax tree."""
        return list(spans_of(self.tree)) if self.tree is not None else []

    @cached_property
    def imported_names(self) -> list[str]:
        """What import statements bind at module level, also inside other statements."""
        found: dict[str, None] = {}
        waiting: list[ast.AST] = list(self.tree.body) if self.tree is not None else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = None
            elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
                waiting += ast.iter_child_nodes(node)
        found.pop("*", None)
        return list(found)

    @cached_property
    def units(self) -> list[Unit]:
        if self.tree is None:
            return []
        units = list(units_of(self.tree.body, self.text, self.lazy_annotations))
        if b"eval(" in self.source or b"exec(" in self.source:
            _say_texts(units)
        return units

    @cached_property
    def import_calls(self) -> frozenset[str]:
        """Names that may be called while the module executes, by themselves or by another name, and methods."""
        found: set[str] = {"<lambda>"}
        for unit in self.units:
            registering = {f"{name}.{method}" for name, method in registering_decorators(unit.node)}
            for name in unit.facts.calls | unit.facts.reads:
                found.add(name.rpartition(".")[2])
                if name not in registering:
                    found.add(root(name))
            for member in unit.body:
                if isinstance(member.node, ast.Assign) and isinstance(member.node.value, ast.Call):
                    found.update(map(root, member.facts.reads))  # `p = property(get)`
        return frozenset(found)

    @cached_property
    def registered(self) -> dict[str, set[str]]:
        """Functions that calling another one may call, since that one's attribute decorates them: `@f.register`."""
        found: dict[str, set[str]] = {}
        modules = {name for unit in self.units if isinstance(unit.node, ast.Import) for name in unit.facts.binds}

        def collect(units: list[Unit], prefix: str) -> None:
            for unit in units:
                if isinstance(unit.node, ast.ClassDef):
                    collect(unit.body, f"{prefix}{unit.node.name}.")
                for name, _ in registering_decorators(unit.node):
                    if name not in modules:
                        found.setdefault(prefix + name, set()).update(prefix + each for each in unit.facts.binds)

        collect(self.units, "")
        return found

    @cached_property
    def decorated(self) -> dict[str, bool]:
        """Top-level functions behind decorators that may have called them: whether one of these is the text's own."""
        own = {unit.names[0] for unit in self.units if isinstance(unit.node, DEFINITIONS)}
        found: dict[str, bool] = {}
        for unit in self.units:
            for name in unit.facts.binds:
                found.pop(name, None)
            if isinstance(unit.node, FUNCTIONS) and is_decorated(unit) and unit.node.decorator_list:
                calls = [each.func if isinstance(each, ast.Call) else each for each in unit.node.decorator_list]
                found[unit.node.name] = not own.isdisjoint(dotted(each) or "" for each in calls)
        return found

    @cached_property
    def kept(self) -> list[Kept]:
        """Results that functions keep by hand."""
        return kept(self.units)

    @cached_property
    def kept_calls(self) -> frozenset[str]:
        """What gives these, each by its last name."""
        return frozenset(name.rpartition(".")[2] for each in self.kept for name in each.calls)

    @cached_property
    def kept_by(self) -> frozenset[str]:
        """The functions that keep them: "f", "C.m"."""
        return frozenset(each.by for each in self.kept)

    @cached_property
    def handed_to(self) -> dict[str, list[str]]:
        """Top-level functions and classes that other modules may find, or may have kept: of which decorators and metaclasses they are given to,
        "b.register()", and of what the classes are derived, "b.Base.__subclasses__".
        """
        found: dict[str, list[str]] = {}
        for unit in self.units:
            node = unit.node
            makers = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list] if isinstance(node, DEFINITIONS) else []
            bases = node.bases if isinstance(node, ast.ClassDef) else ()
            if isinstance(node, ast.ClassDef):
                makers += [keyword.value for keyword in node.keywords if keyword.arg == "metaclass"]
            for part, how in (*((each, "()") for each in makers), *((each, ".__subclasses__") for each in bases)):
                first = dotted(part.value if isinstance(part, ast.Subscript) else part) or ""
                name = self.meant(first)
                if name is not None and "." in name and root(name) not in sys.stdlib_module_names:
                    found.setdefault(unit.names[0], []).append(name + how)
                elif how != "()" and first in found:
                    found.setdefault(unit.names[0], []).extend(each for each in found[first] if each.endswith(how))
        return found

    @cached_property
    def foreign(self) -> set[str]:
        return foreign(self)

    @cached_property
    def handed_on(self) -> frozenset[str]:
        return handed_on(self)

    @cached_property
    def decorated_classes(self) -> frozenset[str]:
        return decorated_classes(self)

    @cached_property
    def derived(self) -> frozenset[str]:
        """Top-level names of classes that have bases, or in which there are such."""
        found = {
            unit.names[0]
            for unit in self.units
            for node in (ast.walk(unit.node) if isinstance(unit.node, ast.ClassDef) else ())
            if isinstance(node, ast.ClassDef) and node.bases
        }
        return frozenset(found)

    @cached_property
    def spoken(self) -> Spoken:
        return Spoken(self.code, self.registered)

    def ahead(self) -> Iterator[Callable[[], object]]:
        """What a comparison with this text needs, in pieces."""
        yield lambda: self.code
        yield lambda: self.class_lines
        yield lambda: self.spans
        yield lambda: self.imported_names
        yield lambda: self.compiler_flags
        for unit in self.units:
            yield lambda unit=unit: unit.facts
        yield lambda: self.import_calls
        yield lambda: self.registered
        yield lambda: self.decorated
        yield lambda: self.derived
        yield lambda: self.handed_to
        yield lambda: self.handed_on
        yield lambda: self.decorated_classes
        yield lambda: self.kept_calls
        yield lambda: self.kept_by
        yield lambda: self.spoken
        if self.caches_results:
            self.__dict__.pop("cached_calls", None)  # more than there are
            yield lambda: self.cached_calls

    @cached_property
    def cached_calls(self) -> frozenset[str]:
        """What functions that may keep results speak of: all that are decorated, as a cache can have any name."""
        found: set[str] = set()
        for unit in self.units:
            if b"@" in unit.text or b"cache" in unit.text:
                for name in unit.facts.inner_calls | unit.facts.inner_reads:
                    found.add(root(name))
                    found.add(name.rpartition(".")[2])
        return frozenset(found)

    @cached_property
    def caches_results(self) -> bool:
        """Whether a function keeps what it has computed (`functools.cache` and the like)."""
        return b"cache" in self.source and any("cache" in name for name in self.import_calls)

    @cached_property
    def fillings(self) -> dict[str, list[Unit]]:
        return fillings(self.units)

    @cached_property
    def stores(self) -> Stores:
        return Stores(self.units, self.stands_for)

    @cached_property
    def imports(self) -> dict[str, str]:
        """What local names stand for by imports at module level: `c` → "a.b" for `import a.b as c`, `f` → "m.f" for
        `from m import f`.
        """
        found: dict[str, str] = {}
        for unit in self.units:
            for node in ast.walk(unit.node) if unit.kind == "statement" else (unit.node,):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        local = alias.asname or alias.name.partition(".")[0]
                        found[local] = alias.name if alias.asname else local
                elif isinstance(node, ast.ImportFrom):
                    source = self.absolute(node)
                    for alias in node.names:
                        if alias.name != "*":
                            found[alias.asname or alias.name] = f"{source}.{alias.name}"
                elif isinstance(node, ast.Assign) and (name := imported_by_call(node.value)) is not None:
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            found[target.id] = self.stands_for(name) or ""
                elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in found:  # another name for it
                    found.update((target.id, found[node.value.id]) for target in node.targets if isinstance(target, ast.Name))
        return found

    def stands_for(self, name: str) -> str | None:
        """The full name of what a name stands for by an import, at module level or in a function."""
        if not name.startswith(IMPORTED):
            return self.imports.get(name)
        whole = name[1:].lstrip("!")
        return self._from(len(name) - 1 - len(whole), whole.replace("/", "."))

    def meant(self, name: str) -> str | None:
        """The full name of what a dotted name stands for by an import: "m.f.g" for `f.g` with `from m import f`."""
        first = root(name)
        target = self.stands_for(first)
        return None if target is None else target + name[len(first) :]

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module that a from-import names."""
        return self._from(node.level, node.module)

    def _from(self, level: int, name: str | None) -> str:
        if level == 0:
            return name or ""
        parts = self.name.split(".")
        drop = level - 1 if self.package else level
        base = parts[: len(parts) - drop] if drop < len(parts) else []
        return ".".join([*base, name] if name else base)

    @cached_property
    def imported_modules(self) -> set[str]:
        """Names of modules that importing this one may import; from-imports give both "m" and "m.f"."""
        found: set[str] = set()
        for unit in self.units:
            for node in ast.walk(unit.node) if unit.kind == "statement" else (unit.node,):
                if isinstance(node, ast.Import):
                    found.update(alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    source = self.absolute(node)
                    found.add(source)
                    found.update(f"{source}.{alias.name}" for alias in node.names)
        return found

    @cached_property
    def reached(self) -> frozenset[str]:
        """What executing the module may come to use of others, also through its own functions: "m.f". That counts for
        functions behind a decorator too, which may keep their results.
        """
        found: set[str] = set()
        speaks: dict[str, set[str]] = {}
        waiting: list[str] = []
        for unit in self.units:
            facts = unit.facts
            if unit.kind == "import":
                found.update(map(self.absolute, unit.stars))
                continue
            found.update(map(self.absolute, unit.stars))
            for name in facts.binds:
                speaks.setdefault(name, set()).update(facts.inner_calls, facts.inner_reads)
            waiting += facts.calls
            if unit.kind == "value" and facts.calls:  # it may give lambdas to what it calls
                waiting += facts.inner_calls | facts.inner_reads
            if unit.kind != "function" or computes_defaults(unit.node):  # else they are what they were: functions keep their identity
                waiting += facts.reads
            if is_decorated(unit) or unit.kind == "class" and unit.names[0] in self.handed_to:
                waiting += facts.inner_calls | facts.inner_reads
        waiting += [name for each in self.kept for name in (*each.calls, *each.reads)]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                meant = self.meant(name)
                if meant is not None:
                    found.add(meant)
                waiting += speaks.get(root(name), ())
        return frozenset(found)

    @cached_property
    def imported_packages(self) -> set[str]:
        """The same with the packages that they are in, and what functions import."""
        found = set(self.imported_modules)
        for unit in self.units:
            for name in unit.facts.inner_calls | unit.facts.inner_reads:
                if name.startswith(IMPORTED):
                    found.add(self.meant(name) or "")
        for name in list(found):
            while name := name.rpartition(".")[0]:
                found.add(name)
        return found


DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def _say_texts(units: list[Unit]) -> None:
    """Statements that execute a text to which the module gives a name do what that says: `SRC = "x + 1"` and `eval(SRC)`."""
    bound = Counter(name for unit in units for name in unit.names)
    given = {unit.names[0]: text_in(unit.node.value) for unit in units if unit.names and isinstance(unit.node, (ast.Assign, ast.AnnAssign))}
    texts = {name: text for name, text in given.items() if text is not None and bound[name] == 1}
    for unit in units if texts else ():
        if (b"eval(" in unit.text or b"exec(" in unit.text) and not isinstance(unit.node, DEFINITIONS):
            unit.facts = facts_of([unit.node], unit.lazy_annotations, texts)


def registering_decorators(node: ast.AST) -> Iterator[tuple[str, str]]:
    """("f", "register") for `@f.register` and `@f.register(int)` above a function."""
    for decorator in node.decorator_list if isinstance(node, FUNCTIONS) else ():
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if name is not None and "." in name:
            first, _, rest = name.partition(".")
            yield first, rest


def spans_of(tree: ast.Module) -> Iterator[Span]:
    for node in tree.body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        yield Span(first, (node.end_lineno or node.lineno) - 1, isinstance(node, DEFINITIONS), bool(decorators))


class Texts:
    """Modules by digest and file, the least recently used dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str, int], Module] = OrderedDict()
        self._of_one: dict[tuple[str, str, int], list[str]] = {}  # digests, the least recently used first
        self._bytes = 0
        self._dropped: list[Module] = []  # large ones take a while to be freed: that is done between requests

    def find(self, digest: str, name: str, path: str, optimize: int) -> Module | None:
        key = (digest, name, path, optimize)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            digests = self._of_one[key[1:]]
            digests.remove(digest)
            digests.append(digest)
        return found

    def newest(self) -> Module | None:
        return next(reversed(self._kept.values()), None)

    def keep(self, module: Module, path: str, optimize: int) -> None:
        key = (module.digest, module.name, path, optimize)
        self._drop(key)
        self._kept[key] = module
        self._bytes += len(module.source)
        digests = self._of_one.setdefault(key[1:], [])
        digests.append(module.digest)
        if len(digests) > MOST_OF_ONE:
            self._drop((digests[0], *key[1:]))
        while self._kept and (self._bytes > MOST_BYTES or len(self._kept) > MOST_TEXTS):
            self._drop(next(iter(self._kept)))

    def release(self) -> None:
        """Frees what was dropped."""
        self._dropped.clear()

    def _drop(self, key: tuple[str, str, str, int]) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._dropped.append(dropped)
            self._bytes -= len(dropped.source)
            digests = self._of_one[key[1:]]
            digests.remove(key[0])
            if not digests:
                del self._of_one[key[1:]]


def running_module(name: str, path: str, package: bool, source: bytes, executed: bytes | None, optimize: int) -> Module:
    """What runs: compiled again here, and compared with the code that the host executed where that is known."""
    code: CodeType | None = None
    if executed is not None:
        try:
            loaded = marshal.loads(executed)
        except (ValueError, EOFError, TypeError):
            loaded = None
        code = loaded if isinstance(loaded, CodeType) else None
    filename = code.co_filename if code is not None else path
    again, problems = compiled(source, filename, optimize)
    module = Module(name, filename, package, source, again, optimize)
    module.clean = not problems
    module.executed = code is not None
    module.proven = again is not None and (code is None or same_code(again, code, lines=True))
    return module

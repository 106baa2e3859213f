"""Which objects are old: those that a module's generation made and the next generation did not keep.

Before a transaction `capture` notes what the modules own; after it `settle` compares that with what they own then. The
difference goes into a ledger that outlives the transaction, so that what the first save made stale is still reported
after the second. The ledger refers weakly wherever Python allows it: it keeps nothing of the program alive.
"""
from __future__ import annotations

import sys
from _weakref import ref

from . import stale_anchors as anchors
from . import stale_imports as imports
from . import stale_objects as objects
from .patch_models import BUILT
from .stale_objects import CODE, FUNCTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _weakref import ReferenceType
    from collections.abc import Iterable, Iterator
    from types import CodeType, FunctionType
    from typing import Any

    from .stale_anchors import Anchor
    from .stale_kept import Kept


_CO_OPTIMIZED = 1  # set for functions
_MOST_VALUES = 10_000  # of one name


class Loaded:
    """A module of the program as the agent knows it. Anything with these attributes serves."""

    __slots__ = ("name", "namespace", "code", "path", "generation", "package", "text")

    def __init__(self, name: str, namespace: dict, code: Any = None, path: str | None = None, generation: int = 1,
                 package: str | None = None, text: bytes | None = None) -> None:
        self.name = name
        self.namespace = namespace
        self.code = code  # the module code that was executed, where it is known
        self.path = path  # of the source file
        self.generation = generation
        self.package = package if package is not None else name.rpartition(".")[0]  # what relative imports start from
        self.text = text  # the source that runs, where it is known


class Old:
    """An object of an older generation."""

    __slots__ = ("_ref", "_held", "_anchors", "_contents", "symbol", "kind", "module", "generation", "same", "orphan",
                 "doubtful", "taken_along")

    def __init__(self, value: Any, symbol: str, kind: str, module: str, generation: int) -> None:
        self.symbol = symbol  # "shop.pricing.price"
        self.kind = kind  # "function", "wrapper" (of one), "class", "code", "module" (its own code) or "value"
        self.module = module
        self.generation = generation
        self.same = False  # does what the newest text says: where it runs, nothing is stale
        self.doubtful = False  # perhaps it is another object, in the place and the memory of the old one
        self.taken_along = False  # a function that was given the code of its successor
        self._anchors: list[Anchor] = []
        self._contents = 0
        self.orphan = False  # code inside a function that was replaced: what it made is of an older generation
        try:
            self._ref: ReferenceType[Any] | None = ref(value)
            self._held: Any = None
        except TypeError:  # list, dict and others
            self._ref, self._held = None, value

    @property
    def held(self) -> bool:
        """Whether this entry itself keeps the object alive (until the scan has looked at it)."""
        return self._ref is None and self._held is not None

    @property
    def current(self) -> bool:
        """Whether nothing is stale about it, until the next save."""
        return self.same and not self.orphan

    @property
    def matters_when_held(self) -> bool:
        """The code of a module or of a class body is executed once: only a frame in it is of interest."""
        value = self.value()
        return type(value) is not CODE or bool(value.co_flags & _CO_OPTIMIZED)

    def value(self) -> Any:
        """The object, None if it is gone."""
        return self._held if self._ref is None else self._ref()

    def release(self, ways: list[list[int]] | None = None) -> None:
        """Lets go of what is only held because Python cannot refer to it weakly, if `ways` lead to it: it is found again.
        Without any it is let go of for good.
        """
        if self.held:
            self._anchors = anchors.anchors(ways) if ways else []
            self._contents = anchors.contents(self._held) if self._anchors else 0
            if self._anchors or ways is None:
                self._held = None

    @property
    def led_to(self) -> bool:
        """Whether it is where it was when it was let go of."""
        return any(anchor.lead() is not None for anchor in self._anchors)

    def recover(self) -> None:
        """Finds it again."""
        if self._anchors and self._held is None:
            self._held = next((value for anchor in self._anchors if (value := anchor.lead()) is not None), None)
            self._anchors = []
            self.doubtful = self.doubtful or anchors.contents(self._held) != self._contents


class Captured:
    """What the modules of a transaction owned before it."""

    __slots__ = ("modules", "values", "labels", "codes", "constants", "function_codes", "names", "changed")

    def __init__(self) -> None:
        self.modules: dict[str, int] = {}  # name → generation before
        # Emptied by `settle`; nothing else here refers to objects of the program. A tuple: in lists and dictionaries, also
        # in ours, a patch puts what takes an object's place.
        self.values: tuple[Any, ...] = ()
        self.labels: list[tuple[str, str, str]] = []  # module, symbol, kind: of each of `values`
        self.codes: dict[str, Any] = {}  # module code before, by module
        self.constants: dict[str, dict[str, Any]] = {}
        self.function_codes: dict[int, CodeType] = {}  # by the function's id
        self.names: set[str] = set()  # modules of which nothing but constants that names stood for was noted
        self.changed: list[tuple[str, str, int]] = []  # from `settle`: (module, name, generation) of constants that are others now

    def take_names(self) -> Captured:
        """Those modules of which only constants were noted, to be settled by themselves."""
        taken = Captured()
        names, self.names = self.names, taken.names
        taken.names = names
        for name in names:
            taken.modules[name] = self.modules.pop(name)
            taken.codes[name] = self.codes.pop(name)
            taken.constants[name] = self.constants.pop(name)
        return taken


class Ledger:
    """Everything that is old and not known to be gone."""

    def __init__(self) -> None:
        self.olds: list[Old] = []
        # (module, name) → fingerprints of earlier values, each with the generation that last had it
        self.constants: dict[tuple[str, str], dict[int, int]] = {}
        self.leftovers: dict[tuple[str, str], int] = {}  # (module, name) → the generation that last defined it
        self.kept: dict[tuple[str, str], Kept] = {}  # (module, name) → what it keeps though the code has changed
        self.modules: set[str] = set()  # names of modules that were ever reloaded
        self.imports: dict[str, set[str]] = {}  # what these import, or did

    @property
    def is_empty(self) -> bool:
        """Whether nothing is old, and no name can have kept what is."""
        return not (self.olds or self.constants or self.leftovers or self.kept)


def functions_behind(value: Any, namespace: dict, depth: int = 0) -> Iterator[FunctionType]:
    """The functions of a module behind decorators: in cells, partials, properties, static methods, caches."""
    if type(value) is FUNCTION and value.__globals__ is namespace:
        yield value
    if depth > 4 or objects.is_a(value, type) or objects.is_a(value, objects.MODULE):
        return
    if type(value) is FUNCTION:
        inner: Iterable[Any] = value.__closure__ or ()
    else:
        inner = _held_by(value)
    for each in inner:
        if type(each) in _CARRIERS:
            yield from functions_behind(each, namespace, depth + 1)


def _is_in_table_of(function: FunctionType, value: Any) -> bool:
    """Whether an object has a function in a table that is one of its attributes: where these have had no dictionary, it was found there
    (`_held_by`), and is not when they have got one meanwhile.
    """
    return any(
        type(table) is dict and any(each is function for each in list(table.values())[:_NEAR])
        for held in objects.referents(value)[:_NEAR] if type(held) is dict for table in list(held.values())[:_NEAR]
    )


def _held_by(value: Any) -> Iterator[Any]:
    """What an object holds, whether or not its attributes have a dictionary: one is made when somebody asks for it."""
    for each in objects.referents(value)[:_NEAR]:
        if type(each) is dict:
            yield from list(each.values())[:_NEAR]
        else:
            yield each


_NEAR = 256  # objects
_DEEP = 2  # tables in a table


class _Carriers:
    """Types of objects that stand before a function; `in` compares by identity."""

    kinds = frozenset(map(id, (FUNCTION, objects.CELL, staticmethod, classmethod, property, objects.PARTIAL,
                               objects.METHOD)))

    def __contains__(self, kind: type) -> bool:
        return id(kind) in self.kinds


_CARRIERS = _Carriers()


def _class_members(cls: type, symbol: str, module: str, namespace: dict) -> Iterator[tuple[Any, str, str]]:
    yield cls, symbol, "class"
    singletons = objects.type_dict(cls).get("_member_map_")  # of an enumeration
    if type(singletons) is dict:
        for name, member in objects.string_items(singletons):
            if type(member) is cls:
                yield member, f"{symbol}.{name}", "value"
    for name, member in objects.string_items(objects.type_dict(cls)):
        kind = type(member)
        if id(kind) in objects.LEAVES:
            continue
        if name in BUILT:
            yield member, symbol, "value"
            continue
        if objects.is_a(member, type):
            if objects.class_module(member) == module and name != "__class__" and \
                    objects.type_qualname(member) == f"{objects.type_qualname(cls)}.{name}":
                yield from _class_members(member, f"{symbol}.{name}", module, namespace)
        elif kind is list or kind is dict or kind is set or kind is objects.DEQUE:
            if not name.startswith("__"):
                yield member, f"{symbol}.{name}", "value"
                yield from _elements(member, f"{symbol}.{name}", True)  # objects of classes it may have as attributes too, and keep these
        elif kind in _CARRIERS or not name.startswith("__"):
            for function in functions_behind(member, namespace):
                yield function, f"{symbol}.{name}", "function"


def _elements(value: Any, symbol: str, only_tables: bool = False, depth: int = 0) -> Iterator[tuple[Any, str, str]]:
    """What a table holds: lists, tables, and objects of classes of a program's own. "m.T['a']"."""
    kind = type(value)
    if kind is not dict and kind is not list and kind is not tuple:
        return
    for key, each in list(value.items())[:_NEAR] if kind is dict else enumerate(value[:_NEAR]):
        inner = type(each)
        if id(inner) in objects.LEAVES or type(key) is not str and type(key) is not int:
            continue
        is_table = inner is dict or inner is list or inner is tuple
        is_object = not only_tables and inner.__flags__ & objects.HEAP_TYPE and inner not in _CARRIERS and not objects.is_a(each, type)
        if not is_table and inner is not set and not is_object:
            continue
        place = f"{symbol}[{key!r}]"
        if inner is not tuple:
            yield each, place, "element"
        if is_table and depth < _DEEP:
            yield from _elements(each, place, only_tables, depth + 1)


def owned(loaded: Loaded) -> Iterator[tuple[Any, str, str]]:
    """The objects with an identity that belong to a module now: (object, symbol, kind), some of them twice.

    What a from-import bound belongs to the module that it came from.
    """
    namespace = loaded.namespace
    imported, own = imports.bound_names(loaded.code)
    module = namespace.get("__name__", loaded.name)
    tables = []
    for name, value in objects.string_items(namespace):
        kind = type(value)
        if id(kind) in objects.LEAVES or (name.startswith("__") and name.endswith("__")):
            continue
        symbol = f"{loaded.name}.{name}"
        if kind is FUNCTION:
            for function in functions_behind(value, namespace):
                yield function, symbol, "function"
            if value.__globals__ is not namespace and type(value.__module__) is str and value.__module__ == module:
                yield value, symbol, "wrapper"  # a decorator's function that took the name
        elif objects.is_a(value, type):
            if objects.class_module(value) == module:
                yield from _class_members(value, symbol, module, namespace)
        elif not objects.is_a(value, objects.MODULE) and not objects.is_constant(value):
            if name in imported or (own is not None and name not in own):
                continue
            behind = () if objects.is_a(value, dict) or objects.is_a(value, list) else \
                list(functions_behind(value, namespace))
            yield value, symbol, "wrapper" if behind else "value"
            tables.append((value, symbol))
            for function in behind:
                yield function, symbol, "function"
    for value, symbol in tables:  # what has a name of its own is called by that
        yield from _elements(value, symbol)


def capture(modules: Iterable[Loaded]) -> Captured:
    """What `modules` own now, to be compared after the transaction. Holds it until `settle`."""
    captured = Captured()
    for loaded in modules:
        capture_module(captured, loaded)
    return captured


def capture_names(
    captured: Captured, name: str, generation: int, code: CodeType | None, constants: dict[str, Any]
) -> None:
    """The same of a module in which these names alone will be bound anew, which stand for constants."""
    if name not in captured.modules:
        captured.names.add(name)
        captured.modules[name] = generation
        captured.codes[name] = code
    captured.constants[name] = {**captured.constants[name], **constants} if name in captured.constants else constants


def capture_module(captured: Captured, loaded: Loaded) -> None:
    values: list[Any] = []
    seen: set[int] = set()

    def note(value: Any, module: str, symbol: str, kind: str) -> None:
        if id(value) not in seen:
            seen.add(id(value))
            values.append(value)
            captured.labels.append((module, symbol, kind))

    name = loaded.name
    captured.names.discard(name)
    captured.modules[name] = loaded.generation
    captured.codes[name] = loaded.code
    constants = {
        constant: value for constant, value in objects.string_items(loaded.namespace) if objects.is_constant(value)}
    captured.constants[name] = {**constants, **captured.constants.get(name, {})}
    for code in objects.nested_codes(loaded.code) if type(loaded.code) is CODE else ():
        note(code, name, f"{name}.{code.co_qualname}", "module" if code is loaded.code else "code")
    for value, symbol, kind in owned(loaded):
        note(value, name, symbol, kind)
        if kind == "function":
            captured.function_codes[id(value)] = value.__code__
            for code in objects.nested_codes(value.__code__) if id(value.__code__) not in seen else ():
                note(code, name, f"{name}.{code.co_qualname}", "code")
    captured.values += tuple(values)


def capture_code(modules: Iterable[Loaded]) -> Captured:
    """The same before a transaction that gives functions other code and does nothing else: see `note_code`."""
    captured = Captured()
    for loaded in modules:
        captured.modules[loaded.name] = loaded.generation
        captured.codes[loaded.name] = loaded.code
        captured.constants[loaded.name] = {}
    return captured


def note_code(captured: Captured, replaced: Iterable[tuple[FunctionType, CodeType]]) -> None:
    """After such a transaction: what functions had been executing, and the code that they came from."""
    values: list[Any] = []
    seen: set[int] = set()

    def note(code: CodeType, module: str, kind: str) -> None:
        if id(code) not in seen:
            seen.add(id(code))
            values.append(code)
            captured.labels.append((module, f"{module}.{code.co_qualname}", kind))

    for name, code in captured.codes.items():
        for inner in objects.nested_codes(code) if type(code) is CODE else ():
            note(inner, name, "module" if inner is code else "code")
    for function, code in replaced:
        if id(code) not in seen:
            module = function.__globals__.get("__name__")
            for inner in objects.nested_codes(code) if module in captured.codes else ():
                note(inner, module, "code")
    captured.values = tuple(values)


def settle(captured: Captured, after: Iterable[Loaded], ledger: Ledger) -> None:
    """Enters into the ledger what the transaction made old, and lets go of everything else. Twice is like once.

    `after` must contain the modules of the transaction; others in it are ignored.
    """
    touched = captured.modules
    if not touched:
        return
    elements: set[str] = set()  # those that there are in tables
    kept: dict[str, set[int]] = {name: set() for name in touched}  # by module: another one may hold what this one lost
    spaces: dict[str, dict] = {}
    for loaded in after:
        own = kept.get(loaded.name)
        if own is None:
            continue
        spaces[loaded.name] = loaded.namespace
        if loaded.name not in captured.names:
            _collect_kept(loaded, captured, own, elements)
        _settle_names(captured, loaded, ledger)
        known = ledger.imports.setdefault(loaded.name, set())
        for code in (captured.codes[loaded.name], loaded.code):
            if code is not loaded.code or not known:
                known |= imports.imported_modules(code, loaded.package)
        code = None
    for name in touched:
        ledger.imports.setdefault(name, set())
    olds = []
    made: dict[int, Old] = {}
    for value, (module, symbol, kind) in zip(captured.values, captured.labels):
        if id(value) in kept[module]:
            continue
        if kind == "function" and _is_in_table_of(value, spaces.get(module, {}).get(symbol[len(module) + 1 :])):
            kept[module].update(map(id, objects.nested_codes(value.__code__)))
            continue
        if kind == "element":
            if symbol not in elements:
                continue  # the program has put it there, or nothing is there any more
            kind = "value"
        other = made.get(id(value))
        if other is None:
            other = made[id(value)] = Old(value, symbol, kind, module, touched[module])
            other.taken_along = kind == "function" and value.__code__ is not captured.function_codes.get(id(value))
            olds.append(other)
        elif module in ledger.imports[other.module]:  # a value of two modules is of the one that the other imports
            other.symbol, other.module, other.generation = symbol, module, touched[module]
    value = other = None
    made.clear()
    ledger.olds += olds
    ledger.modules.update(touched)
    replaced = {old.symbol for old in olds if old.kind == "function"}
    olds.clear()
    captured.modules = {}
    captured.values = ()
    captured.labels = []
    captured.codes = {}
    captured.constants = {}
    captured.function_codes = {}
    captured.names = set()
    _release_held(ledger)
    for old in ledger.olds:
        if old.kind == "code" and not old.orphan and old.symbol.partition(".<locals>")[0] in replaced:
            old.orphan = True


def _collect_kept(loaded: Loaded, captured: Captured, own: set[int], elements: set[str]) -> None:
    """What a module has still, by `id`."""
    own.update(map(id, list(loaded.namespace.values())))
    for value, symbol, kind in owned(loaded):
        own.add(id(value))
        if kind == "element":
            elements.add(symbol)
        if kind == "function" and id(value.__code__) not in own:
            own.update(map(id, objects.nested_codes(value.__code__)))
    if type(loaded.code) is CODE:  # a patch lets new code share with the old one what the edit left as it was
        own.update(map(id, objects.nested_codes(loaded.code)))


def compare_codes(ledger: Ledger, after: Iterable[Loaded]) -> None:
    """Finds out which old code does what the newest text says. Once for each scan."""
    wanted = {old.module for old in ledger.olds}
    codes: dict[str, list[CodeType]] = {}  # by symbol
    functions = set()
    successors: dict[int, FunctionType] = {}  # by the id of their code
    for loaded in after:
        if loaded.name not in wanted:
            continue
        found = objects.nested_codes(loaded.code) if type(loaded.code) is CODE else []
        for value, _, kind in owned(loaded):
            if kind == "function":
                functions.add(id(value))
                successors[id(value.__code__)] = value
                found += objects.nested_codes(value.__code__)
        for code in found:
            codes.setdefault(f"{loaded.name}.{code.co_qualname}", []).append(code)
    for old in ledger.olds:
        value = old.value()
        if old.kind == "function":
            old.same = value is not None and (
                _leads_on(value, functions) or old.taken_along and _does_the_same(value, successors))
        elif old.kind in ("code", "module"):
            old.same = value is not None and any(
                objects.same_code(value, new, nested=old.kind == "code") for new in codes.get(old.symbol, ()))


def _leads_on(function: FunctionType, newest: set[int], steps: int = 8) -> bool:
    """Whether a function only calls its successor: a patch made that a constant of its code."""
    for constant in function.__code__.co_consts:
        if type(constant) is FUNCTION:
            return id(constant) in newest or (steps > 0 and _leads_on(constant, newest, steps - 1))
    return False


def _does_the_same(function: FunctionType, successors: dict[int, FunctionType]) -> bool:
    """Whether a function has everything that it works with from its successor: a patch gave it that."""
    other = successors.get(id(function.__code__))
    if other is None or function.__globals__ is not other.__globals__:
        return False
    own = (function.__defaults__, function.__kwdefaults__, *map(_content, function.__closure__ or ()))
    its = (other.__defaults__, other.__kwdefaults__, *map(_content, other.__closure__ or ()))
    return len(own) == len(its) and all(one is two for one, two in zip(own, its))


def _content(cell: Any) -> Any:
    return next(iter(objects.referents(cell)), None)


def _settle_names(captured: Captured, loaded: Loaded, ledger: Ledger) -> None:
    name = loaded.name
    generation = captured.modules[name]
    for constant, before in captured.constants[name].items():
        if constant.startswith("__") and constant.endswith("__"):
            continue
        if constant not in loaded.namespace or not objects.same_constant(before, loaded.namespace[constant]):
            earlier = ledger.constants.setdefault((name, constant), {})
            earlier[objects.fingerprint(before)] = generation
            captured.changed.append((name, constant, generation))
            if len(earlier) > _MOST_VALUES:
                del earlier[next(iter(earlier))]
    if loaded.code is captured.codes[name]:
        return  # a dependent: the same text again
    defined = imports.defined_names(loaded.code)
    for key in [key for key in ledger.leftovers if key[0] == name]:
        if defined is None or key[1] in defined:
            del ledger.leftovers[key]
    before = imports.defined_names(captured.codes[name])
    if before is not None and defined is not None:
        for gone in before - defined:
            ledger.leftovers[name, gone] = generation


def prune(ledger: Ledger) -> None:
    """Forgets what is gone. An object that only the ledger holds goes here."""
    for old in ledger.olds:
        old.recover()
    _release_held(ledger)
    ledger.olds = [old for old in ledger.olds if old.value() is not None]


def _release_held(ledger: Ledger) -> None:
    while True:
        held = [old for old in ledger.olds if old.held]
        if not held:
            break
        values = [old._held for old in held]
        marker = Old([], "", "value", "", 0)  # held as the others are: what a count of nobody else is
        values.append(marker._held)
        counts = list(map(sys.getrefcount, values))
        values.clear()
        nobody = counts.pop()
        gone = [old for old, count in zip(held, counts) if count <= nobody]
        for old in gone:
            old.release()
        if not gone:
            break

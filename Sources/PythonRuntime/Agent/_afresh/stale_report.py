"""The answer to `scan`: what was found, grouped, located in the source and capped."""
from __future__ import annotations

import sys

from . import stale_imports as imports
from . import stale_objects as objects
from . import stale_paths as paths
from .stale_frames import function_name, location, place
from .stale_lines import Lines
from .stale_objects import CELL, CODE, FUNCTION, METHOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .stale_ledger import Loaded, Old
    from .stale_walk import Hit, Walk


_OF_TYPES = frozenset(("typing", "types"))  # whose objects stand for `Optional[int]`, `list[int]`, `int | str`


class Report:
    """Collects entries; one for each symbol, kind and path, at most `samples` paths for one old object."""

    def __init__(self, modules: dict[str, Loaded], samples: int, reads: dict[str, set[str]]) -> None:
        self.pause = 0.0  # milliseconds
        self.objects = 0
        self.ways: dict[int, list[list[int]]] = {}  # to old objects that cannot be referred to weakly
        self._modules = modules
        self._reads = reads  # module → the modules that it imports
        self._samples = max(1, samples)
        self._entries: dict[tuple[str, str, str], dict] = {}
        self._named: dict[str, int] = {}
        self._total = 0
        self._skipped: list[dict] = []
        self._lines = Lines(modules)
        self._stores: dict[str, dict[str, int]] = {}
        self._earlier: dict[tuple[int, int], int] = {}  # (holder, old object) → how often it has been told

    def add(self, old: Old, kind: str, path: str, where: dict | None, count: int = 1,
            confidence: str = "exact") -> None:
        self.add_symbol(old.symbol, kind, old.generation, path, where, count,
                        "possible" if old.doubtful else confidence)

    def add_symbol(self, symbol: str, kind: str, generation: int, path: str, where: dict | None, count: int = 1,
                   confidence: str = "exact") -> None:
        if kind == "binding" and (symbol, "leftover", path) in self._entries:
            return  # the same name, and this says more
        self._total += count
        key = (symbol, kind, path)
        entry = self._entries.get(key)
        if entry is not None:
            entry["count"] += count
            return
        if confidence == "exact":
            named = self._named.get(symbol, 0)
            if named >= self._samples:
                return
            self._named[symbol] = named + 1
        self._entries[key] = entry = {"symbol": symbol, "kind": kind, "generation": generation, "count": count,
                                      "path": path, "confidence": confidence}
        if where is not None:
            entry["location"] = where

    def skip(self, what: str, reason: str) -> None:
        self._skipped.append({"what": what, "reason": reason})

    def result(self, milliseconds: float) -> dict:
        possible = any(entry["confidence"] == "possible" for entry in self._entries.values())
        return {
            "stale": list(self._entries.values()),
            "total": self._total,
            "coverage": {"complete": not self._skipped and not possible, "objects": self.objects,
                         "skipped": self._skipped},
            "timings": {"scan": round(milliseconds, 3), "pause": round(self.pause, 3)},
        }

    # A search that may have to be begun again.

    def branch(self) -> Report:
        """One that begins with what is in this one."""
        other = Report(self._modules, self._samples, self._reads)
        other.load(self.state())
        return other

    def take(self, other: Report) -> None:
        """Has from now on what the other one has."""
        self.load(other.state())

    def state(self) -> dict:
        return {"entries": [dict(entry) for entry in self._entries.values()], "named": dict(self._named),
                "total": self._total, "skipped": list(self._skipped), "objects": self.objects, "pause": self.pause,
                "ways": [[key, found] for key, found in self.ways.items()]}

    def load(self, state: dict) -> None:
        self._entries = {(entry["symbol"], entry["kind"], entry["path"]): entry for entry in state["entries"]}
        self._named, self._total, self._skipped = state["named"], state["total"], state["skipped"]
        self.objects, self.pause, self.ways = state["objects"], state["pause"], dict(state["ways"])

    def made_by_library(self, old: Old) -> bool:
        """Whether a module-level value is a library's object, which that may keep (`re.compile`, `getLogger`)."""
        if old.kind != "value":
            return False
        cls = type(old.value())
        return objects.class_module(cls) not in (*self._modules, "functools") and not _is_container(cls)

    # What the walk met.

    def hits(self, walk: Walk) -> None:
        """Describes each hit of a walk. Instances of one class are one entry: their number, and a path to the first."""
        self._earlier.clear()
        instances: dict[int, list[int]] = {}
        told: set[tuple[str, int]] = set()
        elsewhere = {hit.target for hit in walk.hits if self._is_of_holder(walk, hit)}
        elsewhere |= self._kept_by_library(walk)
        for hit in walk.hits:
            old = walk.targets[hit.target]
            if not old.matters_when_held or hit.target in elsewhere or hit.holder in walk.garbage:
                continue
            if hit.relation == "instance":
                instances.setdefault(hit.target, []).append(hit.holder)
                continue
            if self._is_in_annotation(walk, hit, old):
                continue
            holder = walk.objects[hit.holder]
            if paths.is_ended_call(holder, old.value()):
                continue  # in a traceback that somebody keeps; where it has not ended, the threads' frames tell
            if (old.symbol, id(holder)) in told and old.kind in ("code", "function") and \
                    (type(holder) is FUNCTION or paths.suspended_code(holder) is not None):
                continue  # a function's code and the function itself, by one generator
            told.add((old.symbol, id(holder)))
            self._hit(walk, hit, old, holder)
        for target, holders in instances.items():
            old = walk.targets[target]
            first = next((number for number in holders if walk.root_of(number) not in walk.unknown), holders[0])
            path, where = self._path(walk, old, first, None)
            self.add(old, "instance", path, where, len(holders), walk.confidence(first))

    def _kept_by_library(self, walk: Walk) -> set[int]:
        """The values that the package which they are of leads to by itself: `re`'s cache, the tree of loggers."""
        packages: dict[str, set[int]] = {}
        for key in {hit.target for hit in walk.hits}:
            old = walk.targets[key]
            if self.made_by_library(old):
                package = (objects.class_module(type(old.value())) or "").partition(".")[0]
                packages.setdefault(package, set()).add(key)
        found: set[int] = set()
        for package, keys in packages.items():
            found |= walk.found_from(keys, {
                name for name in list(sys.modules) if type(name) is str and name not in self._modules
                and (name == package or name.startswith(package + "."))})
        return found

    def _is_in_annotation(self, walk: Walk, hit: Hit, old: Old) -> bool:
        """Whether a type like `Optional[int]`, of which `typing` has one for all that write it, is in an annotation of a library's: that has
        written it itself.
        """
        if old.kind != "value" or objects.class_module(type(old.value())) not in _OF_TYPES:
            return False
        root = walk.labels.get(walk.root_of(hit.holder))
        if root not in sys.modules or root in self._modules:
            return False
        chain = walk.chain(hit.holder)
        return any(map(_are_annotations, chain, chain[1:]))

    def _is_of_holder(self, walk: Walk, hit: Hit) -> bool:
        """Whether a value is bound in a module that the one it was noted for imports: then it was always that one's.

        So it is with a library's: that does not import what is reloaded.
        """
        old = walk.targets[hit.target]
        root = walk.labels.get(hit.holder)
        if old.kind != "value" or root is None or root == old.module:
            return False
        loaded = self._modules.get(root)
        if loaded is None:
            return root in sys.modules
        if root not in self._reads.get(old.module, ()) or loaded.namespace is not walk.objects[hit.holder]:
            return False
        imported, _ = imports.bound_names(loaded.code)
        value = old.value()
        return any(held is value and name not in imported for name, held in objects.string_items(loaded.namespace))

    def _hit(self, walk: Walk, hit: Hit, old: Old, holder: Any) -> None:
        if hit.relation == "subclass":
            direct = any(base is old.value() for base in objects.type_bases(holder))
            if direct:
                name = objects.class_path(holder)
                self.add(old, "subclass", name, self._class_location(holder))
            return
        frame = paths.suspended_frame(holder)
        if frame is not None and old.kind in ("code", "function") and paths.suspended_code(holder) is _code_of(old):
            if not old.same and not paths.is_running(holder):
                path, _ = self._path(walk, old, hit.holder, None)
                code = frame.f_code
                self.add(old, "frame", f"{function_name(code)} suspended in {path}",
                         location(code, frame.f_lasti, frame.f_lineno))
            return
        earlier = self._earlier.get((hit.holder, hit.target), 0)
        self._earlier[hit.holder, hit.target] = earlier + 1
        path, where = self._path(walk, old, hit.holder, old.value(), earlier)
        self.add(old, self._kind(walk, hit, old, holder), path, where, 1, walk.confidence(hit.holder))

    def _kind(self, walk: Walk, hit: Hit, old: Old, holder: Any) -> str:
        parent = walk.parents[hit.holder]
        label = walk.labels.get(hit.holder)
        if parent < 0 and type(holder) is dict and (label in self._modules or label in sys.modules):
            return "binding"
        if old.kind == "value":
            return "value"
        kind = type(holder)
        if kind is CELL or old.kind == "code" or kind is FUNCTION or paths.suspended_code(holder) is not None:
            return "closure"  # a variable of a function
        if parent >= 0 and type(walk.objects[parent]) is FUNCTION and _is_default(walk.objects[parent], holder):
            return "closure"
        if kind is METHOD:
            return "method"
        return "registration"

    def _path(self, walk: Walk, old: Old, number: int, target: Any, earlier: int = 0) -> tuple[str, dict | None]:
        """The path to `target` in the object with this number, or to that object itself; where its root was bound."""
        chain = walk.chain(number)
        label = walk.labels[walk.root_of(number)]
        if target is None:
            target = chain.pop()
        if not chain:
            return label, None
        try:
            text = paths.write(label, chain, target, walk.root_of(number) not in walk.unknown, earlier)
            if label == "threading" and chain[-1] is not chain[0]:
                text = paths.of_thread(text)
        except Exception:  # another thread changed a container meanwhile, or an object is not quite made yet
            text = f"{label}…"
        return text, self._location(old, label, chain, target, earlier)

    def _location(self, old: Old, label: str, chain: list[Any], target: Any, earlier: int) -> dict | None:
        """The call or the assignment that made the reference, else the statement that binds where its path begins."""
        if len(chain) > 1 and type(chain[0]) is dict:
            name = next((name for name, value in objects.string_items(chain[0]) if value is chain[1]), None)
            made = None if name is None else self._lines.made(old.symbol, old.module, label, name, chain[1])
            if made is not None:
                return place(self._modules[made[0]].path, made[1])
        return self._root_location(label, chain, target, earlier)

    # Where in the source.

    def binding_location(self, module: str, name: str) -> dict | None:
        """The statement of `module` that binds `name`: the imported name inside it, where an import does."""
        loaded = self._modules.get(module)
        if loaded is None or type(loaded.code) is not CODE:
            return None
        stores = self._stores.get(module)
        if stores is None:
            stores = self._stores[module] = imports.stores(loaded.code)
        unit = stores.get(name)
        if unit is None:
            return self._star_location(loaded)
        found = imports.position(loaded.code, unit)
        for _, there, here, at in imports.from_imports(loaded.code, loaded.package):
            if at == unit:
                found = imports.name_range(loaded.text, found, there, here)
        if found is not None and found[2] > found[0] and not loaded.text:
            found = (found[0], found[1], found[0], found[1])
        return place(loaded.path, found)

    def _star_location(self, loaded: Loaded) -> dict | None:
        for _, name, _, unit in imports.from_imports(loaded.code, loaded.package):
            if name == "*":
                return place(loaded.path, imports.position(loaded.code, unit))
        return None

    def _root_location(self, label: str, chain: list[Any], target: Any, earlier: int) -> dict | None:
        loaded = self._modules.get(label)
        if loaded is None or chain[0] is not loaded.namespace:
            return None
        first, skipped = (chain[1], 0) if len(chain) > 1 else (target, earlier)
        for name, value in objects.string_items(loaded.namespace):
            if value is first and skipped:
                skipped -= 1
            elif value is first:
                return self.binding_location(label, name)
        return None

    def _class_location(self, cls: type) -> dict | None:
        module = objects.class_module(cls)
        found = self.binding_location(module, objects.type_name(cls)) if module else None
        if found is not None:
            start = found["range"]["start"]
            found["range"]["end"] = dict(start)  # the statement's first line is enough
        return found


def _is_default(function: Any, holder: Any) -> bool:
    return holder is function.__defaults__ or holder is function.__kwdefaults__


def _are_annotations(holder: Any, value: Any) -> bool:
    """Whether these are the annotations of a function, or in the dictionary of a class or a module."""
    if type(holder) is FUNCTION:
        others = holder.__defaults__, holder.__kwdefaults__, holder.__closure__, holder.__dict__, getattr(holder, "__type_params__", None)
        return type(value) in (tuple, dict) and all(value is not each for each in others)
    return type(holder) is dict and any(each is value and name == "__annotations__" for name, each in objects.string_items(holder))


def _code_of(old: Old) -> Any:
    value = old.value()
    return value.__code__ if type(value) is FUNCTION else value


def _is_container(cls: type) -> bool:
    return any(issubclass(cls, kind) for kind in (list, dict, set, frozenset, tuple, objects.DEQUE, bytearray))


def described(holder: Any) -> str:
    if objects.is_a(holder, type):
        return f"class {objects.class_path(holder)}"
    if type(holder) is FUNCTION:
        return f"function {holder.__qualname__}()"
    name = objects.type_name(type(holder))
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"

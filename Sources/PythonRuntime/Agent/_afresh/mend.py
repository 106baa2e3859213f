"""`mend` of the host protocol: what a person asks for to put a stale reference right.

* `rebind`: who holds an old object holds the newest of that name instead;
* `migrate`: instances of an old class become instances of the newest, which may say how: `__afresh_migrate__(self, old)`;
* `forget`: a leftover name is deleted, also where it was imported.

Each is a transaction: all of it, or nothing. What cannot be changed is said, one reason each.
"""
from __future__ import annotations

import gc
from _afresh import perf_counter

from . import delivery, leftover_uses, mend_holders, stale, stale_host
from . import stale_imports as imports
from . import stale_ledger as ledgers
from . import stale_objects as objects
from .failure import describe, let_go, signal_behind
from .stale_objects import FUNCTION
from .transaction import ABSENT, Transaction, restore
from .wire import BAD_PARAMETERS, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .server import Server
    from .stale_found import Found
    from .stale_ledger import Loaded, Old

_HOOK = "__afresh_migrate__"
_REBOUND = frozenset(("binding", "subclass", "closure", "method", "value", "registration"))


def start(server: Server, parameters: dict[str, Any]) -> dict[str, Any]:
    """`mend`. Raises Later if the main thread was asked to do it: keys of dictionaries and `__afresh_migrate__` are code."""
    mend = Mend(parameters)
    mend.look()
    return delivery.Job(server.host, mend.run).start()


def remedy(entry: dict[str, Any], by_name: dict[str, Loaded], olds: dict[str, list[Old]], without: set[str]) -> str | None:
    """What `mend` can do about an entry of `scan`: an action, or None. `without`: names whose statements cannot be executed."""
    kind = entry["kind"]
    if kind == "leftover":
        return "forget"
    if entry["confidence"] == "possible":
        return None
    if kind == "instance":
        newest = newest_of(entry["symbol"], by_name)
        known = any(old.kind == "class" and old.value() is not newest for old in olds.get(entry["symbol"], ()))
        return "migrate" if known and objects.is_a(newest, type) else None
    if kind == "value" and entry["path"] in without:
        return None
    if kind not in _REBOUND or newest_of(entry["symbol"], by_name) is ABSENT:
        return None
    return "rebind"


def newest_of(symbol: str, by_name: dict[str, Loaded]) -> Any:
    """What the newest generation has under a symbol ("shop.pricing.Order.total"); ABSENT if nothing."""
    module = symbol
    while module not in by_name:
        module, dot, _ = module.rpartition(".")
        if not dot:
            return ABSENT
    value: Any = ABSENT
    for number, name in enumerate(symbol[len(module) + 1:].split(".")):
        if number == 0:
            value = by_name[module].namespace.get(name, ABSENT)
        elif objects.is_a(value, type):
            value = objects.type_dict(value).get(name, ABSENT)
            if type(value) is staticmethod or type(value) is classmethod:
                value = value.__func__
        else:
            return ABSENT
    return value


class Mend:
    def __init__(self, parameters: dict[str, Any]) -> None:
        self._action = parameters.get("action")
        self._symbol = parameters.get("symbol")
        self._kind = parameters.get("kind")
        holders = parameters.get("holders")
        if self._action not in ("rebind", "migrate", "forget") or type(self._symbol) is not str:
            raise RequestError(BAD_PARAMETERS, "an action and a symbol are needed")
        if holders is not None and (type(holders) is not list or any(type(each) is not str for each in holders)):
            raise RequestError(BAD_PARAMETERS, "holders must be a list of strings")
        self._holders = None if holders is None else set(holders)
        self._left: list[str] = []
        self._captured: list[stale.Captured] = []  # what modules owned before statements were executed
        self._renewed: list[tuple[Loaded, str]] = []  # names that have the newest value now
        self._done = 0
        self._found: Found | None = None  # who holds what is old

    def look(self) -> None:
        """Finds out who holds what is old, while the program goes on. What changes until it is mended stays old, and is
        listed again.
        """
        if self._action == "forget" or self._kind == "subclass":
            return
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._found = stale.found(self._wanted(), stale_host.loaded_modules())
        except Exception:
            self._found = None  # the collector knows
        finally:
            if collecting:
                gc.enable()

    def _wanted(self) -> list[Old]:
        kinds = ("class",) if self._action == "migrate" else ("function", "wrapper", "class", "value")
        return [old for old in stale.olds() if old.symbol == self._symbol and old.kind in kinds]

    def run(self, thread: str) -> dict[str, Any]:
        started = perf_counter()
        transaction = Transaction()
        collecting = gc.isenabled()
        gc.disable()
        try:
            after = stale_host.loaded_modules()
            by_name = {loaded.name: loaded for loaded in after}
            if self._action == "forget":
                self._forget(after, by_name, transaction)
            else:
                newest = newest_of(self._symbol, by_name)
                if newest is ABSENT:
                    self._left.append(f"{self._symbol} is not defined any more")
                elif self._action == "migrate":
                    self._migrate(newest, transaction)
                else:
                    self._rebind(newest, after, by_name, transaction)
            if self._action == "rebind" and self._kind == "value":
                self._recompute(after, by_name, transaction)
            transaction.commit()
            self._settle(after)
        except BaseException as error:  # whatever `__afresh_migrate__` raises
            return self._failed(error, transaction, thread, started)
        finally:
            if self._found is not None:
                self._found.forget()
                self._found = None
            if collecting:
                gc.enable()
        elapsed = (perf_counter() - started) * 1000
        return {"done": self._done, "left": self._left, "thread": thread,
                "timings": {"apply": elapsed, "pause": elapsed}}

    def _failed(self, error: BaseException, transaction: Transaction, thread: str, started: float) -> dict[str, Any]:
        delivery.shield.open = False
        failure = describe(error, transaction, self._symbol, [])
        problems = transaction.rollback()
        failure["undone"] = not problems
        failure["remains"] += problems
        elapsed = (perf_counter() - started) * 1000
        answer = {"done": 0, "left": [], "failure": failure, "thread": thread,
                  "timings": {"apply": elapsed, "pause": elapsed}}
        if thread == "main":
            answer["signal"] = signal_behind(error)
        let_go(error)
        return answer

    # Rebinding

    def _rebind(self, newest: Any, after: list[Loaded], by_name: dict[str, Loaded], transaction: Transaction) -> None:
        if self._kind == "binding":
            self._rebind_imports(newest, after, transaction)
        olds = self._wanted()
        names = {id(loaded.namespace): loaded.name for loaded in after}
        _, inner = stale.graph(after)
        for old in olds:
            value = old.value()
            if value is None or value is newest:
                continue
            target = self._successor(old, newest, by_name)
            if target is ABSENT or target is value:
                continue
            if self._kind == "subclass":
                self._rebase(value, target, transaction)
                continue
            replacing = mend_holders.Replacing(transaction, names, self._wants, inner, self._found)
            replacing.replace(value, target)
            self._done += replacing.done
            self._left += replacing.left
            replacing.forget()
        value = target = None

    def _wants(self, module: str | None, name: object) -> bool:
        """Whether a holder is to be changed: a module's name (None: any other holder)."""
        if (self._kind == "binding") != (module is not None):
            return False
        return module is None or self._holders is None or f"{module}.{name}" in self._holders

    def _rebind_imports(self, newest: Any, after: list[Loaded], transaction: Transaction) -> None:
        """From-imported names, whatever they stand for now: numbers and strings have no identity to be found by."""
        for importer in after:
            for module, name, local, _ in imports.from_imports(importer.code, importer.package):
                if name == "*" and self._symbol.startswith(f"{module}."):
                    name = local = self._symbol[len(module) + 1:]
                if f"{module}.{name}" != self._symbol or module == importer.name:
                    continue
                if self._holders is not None and f"{importer.name}.{local}" not in self._holders:
                    continue
                before = importer.namespace.get(local, ABSENT)
                if before is ABSENT or before is newest:
                    continue
                transaction.set_item(importer.namespace, local, newest)
                self._renewed.append((importer, local))
                self._done += 1
        before = None

    def _recompute(self, after: list[Loaded], by_name: dict[str, Loaded], transaction: Transaction) -> None:
        """Statements whose values the newest code has not computed are executed once more, whatever state that loses."""
        executed: set[int] = set()
        for module, name, kept in stale.kept(after):
            if kept.symbol != self._symbol or kept.code is None:
                continue
            owner = by_name[module]
            if id(kept.code) not in executed:
                executed.add(id(kept.code))
                self._captured.append(stale.capture([owner]))
                transaction.remember_namespace(owner.namespace)
                transaction.executing(module, kept.code, owner.text)
                delivery.shield.statements(exec, kept.code, owner.namespace)
                self._done += 1
            self._renewed.append((owner, name))

    def _settle(self, after: list[Loaded]) -> None:
        """What the names stood for may be held elsewhere, and other values were computed from it."""
        for captured in self._captured:
            stale.settle(captured, after)
        for owner, name in self._renewed:
            stale.renewed(owner, name, after, owner.generation)

    def _successor(self, old: Old, newest: Any, by_name: dict[str, Loaded]) -> Any:
        """What stands now where `old` stood: behind a decorator, the new function behind it."""
        if old.kind != "function" or type(newest) is FUNCTION and newest.__module__ == old.module:
            return newest
        behind = any(other.kind == "wrapper" and other.symbol == old.symbol and other.generation == old.generation
                     for other in stale.olds())
        loaded = by_name.get(old.module)
        if not behind or loaded is None:
            return newest
        value = old.value()
        for function in ledgers.functions_behind(newest, loaded.namespace):
            if function.__qualname__ == value.__qualname__:
                return function
        return newest

    def _rebase(self, value: Any, target: Any, transaction: Transaction) -> None:
        if not objects.is_a(value, type) or not objects.is_a(target, type):
            return
        for derived in type.__subclasses__(value):
            if self._holders is not None and objects.class_path(derived) not in self._holders:
                continue
            bases = tuple(target if base is value else base for base in objects.type_bases(derived))
            try:
                transaction.set_attribute(derived, "__bases__", bases)
            except TypeError as error:
                self._left.append(f"{objects.class_path(derived)}: {error}")
            else:
                self._done += 1

    # Migrating

    def _migrate(self, newest: Any, transaction: Transaction) -> None:
        if not objects.is_a(newest, type):
            self._left.append(f"{self._symbol} is no class any more")
            return
        hook = next((found for cls in objects.type_mro(newest)
                     if (found := objects.type_dict(cls).get(_HOOK)) is not None), None)
        set_class = objects.type_dict(object)["__class__"].__set__
        reasons: dict[str, int] = {}
        for old in self._wanted():
            cls = old.value()
            if cls is None or cls is newest:
                continue
            for instance in mend_holders.instances(cls, self._found):
                remember(instance, transaction)
                try:
                    transaction.undo(set_class, instance, cls)
                    set_class(instance, newest)
                except TypeError as error:  # its slots differ
                    reasons[str(error)] = reasons.get(str(error), 0) + 1
                    continue
                self._done += 1
                if hook is not None:
                    delivery.shield.statements(hook.__get__(instance, newest), cls)
        self._left += [f"{count} instances: {reason}" for reason, count in reasons.items()]
        instance = cls = None

    # Forgetting

    def _forget(self, after: list[Loaded], by_name: dict[str, Loaded], transaction: Transaction) -> None:
        for (module, name), _ in list(stale.leftovers()):
            if f"{module}.{name}" != self._symbol:
                continue
            owner = by_name.get(module)
            captured = stale.capture([owner] if owner is not None else [])
            if owner is not None and name in owner.namespace:
                transaction.delete_item(owner.namespace, name)
                self._done += 1
            for importer in after:
                for there, imported, local, _ in imports.from_imports(importer.code, importer.package):
                    if there == module and imported == name and importer is not owner and local in importer.namespace:
                        transaction.delete_item(importer.namespace, local)
                        self._done += 1
            # What the name stood for may be held elsewhere: from now on it is old.
            stale.settle(captured, after)


def remember(instance: Any, transaction: Transaction) -> None:
    """Writes down the attributes of an instance, for the case that its migration fails half way."""
    namespace = objects.instance_dict(instance)
    if namespace is not None:
        transaction.undo(restore, namespace, dict(dict.items(namespace)))
    for cls in objects.type_mro(type(instance)):
        for descriptor in list(objects.type_dict(cls).values()):
            if type(descriptor) is objects.SLOT:
                try:
                    transaction.undo(objects.SLOT.__set__, descriptor, instance,
                                     objects.SLOT.__get__(descriptor, instance))
                except (AttributeError, TypeError):
                    continue


def annotate(entries: list[dict[str, Any]]) -> None:
    """Adds to the entries of a `scan` what can be done about it, and the generation that is the newest."""
    after = stale_host.loaded_modules()
    by_name = {loaded.name: loaded for loaded in after}
    olds: dict[str, list[Old]] = {}
    for old in stale.known():
        olds.setdefault(old.symbol, []).append(old)
    without = {f"{module}.{name}" for module, name, kept in stale.kept(after) if kept.code is None}
    for entry in entries:
        action = remedy(entry, by_name, olds, without)
        if action is not None:
            entry["remedy"] = action
        module = entry["symbol"]
        while module and module not in by_name:
            module = module.rpartition(".")[0]
        if module:
            entry["newest"] = by_name[module].generation
        if entry["kind"] == "leftover":
            entry["uses"] = uses(entry, after, by_name)


def uses(entry: dict[str, Any], after: list[Loaded], by_name: dict[str, Loaded]) -> list[dict[str, Any]]:
    """Where the texts use a leftover through the name that the entry speaks of."""
    module, _, name = entry["path"].rpartition(".")
    loaded = by_name.get(module)
    if loaded is None:
        return []
    found = leftover_uses.of_name(loaded, name)
    if entry["path"] != entry["symbol"]:  # a from-import, which uses it too
        return [entry["location"], *found] if "location" in entry else found
    for other in after:
        if other is not loaded:
            found += leftover_uses.of_attribute(other, loaded.namespace, name)
    return found


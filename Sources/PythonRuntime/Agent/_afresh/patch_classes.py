"""Classes: changed attribute by attribute, or made like one that the saved text has just made."""

from __future__ import annotations

import gc
import sys
from _abc import _reset_caches
from _functools import partial
from abc import ABCMeta
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType

from .patch_identity import made_by_definition, of_other_modules
from .patch_instances import forget_checks, forget_dispatches
from .patch_merge import content, set_cell
from .patch_models import is_model
from .patch_registrations import Watch
from .transaction import ABSENT, namespace_of
from .writing import underive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_merge import Merger
    from .transaction import Transaction

# What belongs to the class object itself, or to how it was made.
BOOKKEEPING = frozenset(
    (
        "__dict__",
        "__weakref__",
        "__module__",
        "__qualname__",
        "__slots__",
        "_abc_impl",
        "__abstractmethods__",
        "__classcell__",
        "__classdict__",
        "__classdictcell__",
    )
)
_IMPLICIT = {"__new__": staticmethod, "__init_subclass__": classmethod, "__class_getitem__": classmethod}


def attributes(cls: type) -> Any:
    return type.__getattribute__(cls, "__dict__")


def mro(cls: type) -> tuple[type, ...]:
    return type.__getattribute__(cls, "__mro__")


def is_enumeration(cls: type) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and issubclass(type(cls), enum.EnumMeta)


def is_plain(cls: type) -> bool:
    """Whether executing statements of its body and setting the results is all that making it anew would do."""
    if is_enumeration(cls):
        return False
    meta = type(cls)
    if (
        meta is not type
        and meta is not ABCMeta
        and not (meta.__module__ == "typing" and "_is_protocol" in attributes(cls))
    ):
        return False
    if issubclass(cls, tuple) and "_fields" in attributes(cls):
        return False
    if "__dataclass_fields__" in attributes(cls) or "__attrs_attrs__" in attributes(cls):
        return False
    if "_is_protocol" in attributes(cls) and attributes(cls)["_is_protocol"]:
        return False
    return not has_hook(cls, 1)


def is_closed(cls: type) -> bool:
    """Whether a metaclass in C has its own way of setting attributes, so that nobody can set them otherwise: those of `ctypes`."""
    for base in type.__getattribute__(type(cls), "__mro__"):
        if base is type:
            return False
        if "__setattr__" in attributes(base):
            return type(attributes(base)["__setattr__"]) is _IN_C
    return False


_IN_C = type(object.__setattr__)


def has_hook(cls: type, start: int = 0) -> bool:
    """Whether classes derived from it are told to the program when they are made."""
    for base in mro(cls)[start:]:
        if "__init_subclass__" in attributes(base) and base.__module__ not in ("builtins", "typing", "abc"):
            return True
    return False


class Collector:
    """Stands in for the metaclass while statements of a class body execute: keeps what they bind."""

    def __init__(self, classes: list[type], shown: dict[str, Any], gone: list[str], transaction: Transaction) -> None:
        """`shown`: names of the module that wait to be bound, and that the statements read. `gone`: attributes of the
        innermost class that its new text does not have: there these names are the module's.
        """
        self._classes = classes
        self._gone = gone
        self._shown = shown
        self._transaction = transaction
        self._depth = 0
        self.before: dict[str, Any] = {}
        self.bound: dict[str, Any] = {}

    def __prepare__(self, _name: str, _bases: tuple[type, ...]) -> dict[str, Any]:
        cls = self._classes[self._depth % len(self._classes)]  # once more from the first, after it has failed
        self._depth += 1
        members = {name: each for name, each in self._transaction.members(cls).items() if type(each) not in _OF_THE_LAYOUT}
        for name, wrapper in _IMPLICIT.items():
            if type(members.get(name)) is wrapper:
                members[name] = members[name].__func__  # the body knows it as it is
        for name in self._gone if cls is self._classes[-1] else ():
            members.pop(name, None)
        self.before = {**self._shown, **members}
        self.before.pop("__annotations__", None)
        prepared = dict(self.before)
        prepared["__afresh_collect__"] = self
        return prepared

    def __call__(self, _name: str, _bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        if not self.bound:
            self.bound = namespace
        return self


def collected(collector: Collector, cls: type, transaction: Transaction) -> dict[str, Any]:
    """The attributes that the statements bound, ready to be set on the class."""
    namespace = collector.bound
    cell = namespace.get("__classcell__")
    if cell is not None:
        cell.cell_contents = cls
    found: dict[str, Any] = {}
    for name, value in namespace.items():
        if name in BOOKKEEPING or name == "__afresh_collect__" or name in _PER_STATEMENT:
            continue
        if value is collector.before.get(name, ABSENT):
            continue
        implicit = _IMPLICIT.get(name)
        if implicit is not None and type(value) is FunctionType:
            value = implicit(value)
        found[name] = value
    annotations = namespace.get("__annotations__")
    if type(annotations) is dict and annotations:
        present = transaction.members(cls).get("__annotations__", ABSENT)
        merged = {**present, **annotations} if type(present) is dict else annotations
        transaction.set_member(cls, "__annotations__", merged)
    return found


_PER_STATEMENT = frozenset(
    (
        "__annotations__",
        "__firstlineno__",
        "__static_attributes__",
        "__annotate__",
        "__annotate_func__",
        "__conditional_annotations__",
        "__type_params__",
    )
)


def set_name(value: Any, cls: type, name: str, transaction: Transaction) -> list[tuple[type, str, Any]]:
    """What making a class does for the descriptors in its body. Answers the attributes of classes that they set."""
    kind = type(value)
    if kind is FunctionType or kind is property or kind is staticmethod or kind is classmethod:
        return []
    for base in mro(kind):
        if "__set_name__" in attributes(base):
            watch = Watch(transaction)
            watch.reach_values((cls, value))
            watch.begin()
            try:
                transaction.runs(attributes(base)["__set_name__"], value, cls, name)
            finally:
                watch.settle()
            return watch.attributes
    return []


def transplant(merger: Merger, old: type, new: type, keep: frozenset[str]) -> type:
    """The class `old` with everything that the class statement has just made as `new`; or `new`, if it cannot be."""
    before = dict(merger.transaction.members(old))
    merger.transaction.undo(underive, new)
    merged = _transplanted(merger, old, new, keep)
    merger.followed[id(old)] = old
    after = merger.transaction.members(merged)
    names = [name for name in _fields(after) if name not in _fields(before)]
    if names or issubclass(merged, tuple) and before.get("_fields") != after.get("_fields"):
        merger.reshaped.append((merged, tuple(names)))
    if is_model(before):
        merger.models.append(merged)
    return merged


def _fields(namespace: Any) -> dict[str, Any]:
    """Of a dataclass or a model."""
    fields = namespace.get("__dataclass_fields__", namespace.get("__pydantic_fields__"))
    return fields if type(fields) is dict else {}


REBASED = frozenset(("__bases__", "__base__", "__mro__", "mro"))  # what a class says of its bases


def found_in(cls: type, transaction: Transaction) -> dict[str, Any]:
    """What each attribute of a class is, wherever it finds that."""
    return {name: value for base in reversed(transaction.mro(cls)) for name, value in transaction.members(base).items()}


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    names = {name for name in before.keys() | after.keys() if before.get(name, ABSENT) is not after.get(name, ABSENT)}
    return names - BOOKKEEPING


def _owners(order: tuple[type, ...]) -> dict[str, type]:
    """Which class each attribute comes from. `order`: a class, and those that it inherits from."""
    return {name: base for base in reversed(order) for name in attributes(base)}


def _transplanted(merger: Merger, old: type, new: type, keep: frozenset[str]) -> type:
    transaction = merger.transaction
    if is_enumeration(old) and is_enumeration(new) and old.__bases__ == new.__bases__:
        from .patch_enums import transplant_members

        transplant_members(merger, old, new)
    elif is_enumeration(old) or is_enumeration(new):
        return replaced(merger, old, new)
    elif is_closed(old) or layout(old) != layout(new):
        return replaced(merger, old, new)
    elif type(old) is not type(new) and not _give_metaclass(merger, old, new):
        return replaced(merger, old, new)
    if not is_enumeration(old):
        bases = new.__bases__
        if transaction.bases(old) != bases:
            before = _owners(transaction.mro(old))
            try:
                _rebase(merger, old, bases)
            except TypeError:
                return replaced(merger, old, new)
            inherited = merger.inherited.setdefault(id(old), set(REBASED))
            after = _owners(transaction.mro(old))
            inherited.update(name for name in before.keys() | after.keys() if before.get(name) is not after.get(name))
        _copy_attributes(merger, old, new, keep)
    _own_cells(transaction, old, new)
    refresh(old, transaction)
    merger.temporaries.append((new, old))
    return old


def _rebase(merger: Merger, cls: type, bases: tuple[type, ...]) -> None:
    """Gives a class other bases; TypeError where the interpreter does not allow it."""
    is_first = merger.transaction.set_bases(cls, bases)
    merger.rebased = True
    if is_first:
        for action in (*forget_checks(), *forget_dispatches()):
            merger.transaction.afterwards(action)


def _give_metaclass(merger: Merger, old: type, new: type) -> bool:
    """Gives `old` the metaclass of `new`, and what a metaclass writes into a class for itself."""
    transaction = merger.transaction
    registry = attributes(new).get("_abc_impl", ABSENT)
    if registry is not ABSENT and "_abc_impl" not in attributes(old):
        transaction.set_attribute(old, "_abc_impl", registry)  # before a thread asks the new metaclass for instances
    try:
        transaction.set_attribute(old, "__class__", type(new))
    except TypeError:
        return False
    merger.ruled.add(id(old))
    if "__abstractmethods__" not in attributes(new):
        transaction.set_member(old, "__abstractmethods__", ABSENT)
    return True


def _copy_attributes(merger: Merger, old: type, new: type, keep: frozenset[str]) -> None:
    transaction = merger.transaction
    before, after = dict(transaction.members(old)), dict(attributes(new))
    wanted: dict[str, Any] = {}
    stands: dict[int, Any] = {}
    for name, value in after.items():
        if name in BOOKKEEPING or type(value) in _OF_THE_LAYOUT:
            continue
        if name == "__subclasshook__" and "_is_protocol" in after and name in before:
            continue  # made by the metaclass, for the class that it has in a variable
        present = before.get(name, ABSENT)
        if present is value or (name in keep and present is not ABSENT):
            continue
        wanted[name] = value
        if present is not ABSENT and is_successor(present, value, f"{new.__qualname__}.{name}"):
            wanted[name] = stands[id(value)] = merger.merge(present, value)
    for name, value in wanted.items():
        value = stands.get(id(value), value)  # another name for a method that is in its place already
        if value is not before.get(name, ABSENT):
            transaction.set_member(old, name, value)
    for name in before:
        if name not in after and name not in BOOKKEEPING:
            if type(before[name]) not in _OF_THE_LAYOUT:
                remove_attribute(transaction, old, name)


def remove_attribute(transaction: Transaction, cls: type, name: str) -> None:
    """`del cls.name`, and what a class without that attribute would do."""
    if name != "__new__":
        transaction.set_member(cls, name, ABSENT)
        return
    for base in transaction.mro(cls)[1:]:
        if "__new__" in attributes(base):
            if base is object:
                # A class that once had a `__new__` refuses arguments without one, even where `__init__` takes them.
                transaction.set_member(cls, name, staticmethod(_make_instance))
            else:
                transaction.set_member(cls, name, ABSENT)
            return


def _make_instance(cls: type, /, *positional: object, **named: object) -> object:
    if (positional or named) and cls.__init__ is object.__init__:
        raise TypeError(f"{cls.__name__}() takes no arguments")
    return object.__new__(cls)


def is_successor(present: Any, value: Any, symbol: str) -> bool:
    """Whether an attribute is what the statement that made the present one makes now; other values are just named."""
    if type(present) is FunctionType and type(value) is FunctionType:
        # methods that a decorator of the class generated are not called after it
        if of_other_modules(present, value, symbol):
            return False
        if present.__code__.co_qualname == value.__code__.co_qualname and present.__name__ == value.__name__:
            return present.__name__ == symbol.rpartition(".")[2] or "<" in present.__code__.co_qualname
    return made_by_definition(present, value, symbol)


def layout(cls: type) -> Any:
    """What decides whether instances of one class can be instances of another one."""
    slots = attributes(cls).get("__slots__")
    if slots is not None:
        slots = (slots,) if type(slots) is str else tuple(sorted(map(str, slots)))
    return slots, *(each.__get__(cls) != 0 for each in _OFFSETS)


# Of what else instances may have, and may come to have by other bases: a dictionary, and references that do not keep them.
_OFFSETS = type.__dict__["__dictoffset__"], type.__dict__["__weakrefoffset__"]


def _own_cells(transaction: Transaction, old: type, new: type) -> None:
    """Methods that came from the temporary class: their `__class__` is the class that they are in now."""
    for value in list(transaction.members(old).values()):
        for function in _functions_in(value):
            _point_cell(transaction, function, old, new, 0)


def _functions_in(value: Any) -> list[FunctionType]:
    kind = type(value)
    if kind is FunctionType:
        return [value]
    if kind is staticmethod or kind is classmethod:
        return _functions_in(value.__func__)
    if kind is property:
        return _functions_in(value.fget) + _functions_in(value.fset) + _functions_in(value.fdel)
    functions = []
    if kind.__module__ == "functools" or kind.__module__ == "_functools":
        for inner in gc.get_referents(value):
            if type(inner) is FunctionType:
                functions.append(inner)
    return functions


def _point_cell(transaction: Transaction, function: FunctionType, old: type, new: type, depth: int) -> None:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        inside = content(cell)
        if name == "__class__":
            if inside is new:
                set_cell(transaction, cell, old)
        elif type(inside) is FunctionType and depth < 8:
            _point_cell(transaction, inside, old, new, depth + 1)
    for constant in function.__code__.co_consts:
        if type(constant) is FunctionType and depth < 8:  # the target of a trampoline
            _point_cell(transaction, constant, old, new, depth + 1)


def refresh(cls: type, transaction: Transaction) -> None:
    """Which methods are abstract, and what was remembered of `isinstance`, down the tree of subclasses."""
    if issubclass(type(cls), ABCMeta):
        names = _abstract_names(cls, transaction)
        present = transaction.members(cls).get("__abstractmethods__", ABSENT)
        if present is ABSENT or present != names:
            transaction.set_member(cls, "__abstractmethods__", names)
        try:
            _reset_caches(cls)
            transaction.afterwards(partial(_reset_caches, cls))
        except TypeError:
            pass  # a metaclass of its own kind
        typing = sys.modules.get("typing")
        if typing is not None and "__protocol_attrs__" in transaction.members(cls):
            gather = typing.__dict__.get("_get_protocol_attrs")
            if gather is not None:
                transaction.flush()
                transaction.set_attribute(cls, "__protocol_attrs__", gather(cls))
    for subclass in type.__subclasses__(cls):
        refresh(subclass, transaction)


def _abstract_names(cls: type, transaction: Transaction) -> frozenset[str]:
    """As ABCMeta computes them: own abstract attributes, and inherited ones that nothing implements."""
    names = set()
    for name, value in list(transaction.members(cls).items()):
        if _is_abstract(value):
            names.add(name)
    for base in transaction.bases(cls):
        for name in transaction.members(base).get("__abstractmethods__", ()) if base is not object else ():
            for holder in transaction.mro(cls):
                found = transaction.members(holder).get(name, ABSENT)
                if found is not ABSENT:
                    if _is_abstract(found):
                        names.add(name)
                    break
    return frozenset(names)


def _is_abstract(value: Any) -> bool:
    kind = type(value)
    if kind is FunctionType:
        return value.__dict__.get("__isabstractmethod__") is True
    if kind is staticmethod or kind is classmethod:
        return _is_abstract(value.__func__)
    if kind is property:
        return _is_abstract(value.fget) or _is_abstract(value.fset) or _is_abstract(value.fdel)
    if issubclass(kind, type) or kind.__module__ == "builtins":
        return False
    return getattr(value, "__isabstractmethod__", False) is True


def replaced(merger: Merger, old: type, new: type) -> type:
    """For classes that cannot be changed in place: `new` is the class from now on; instances and subclasses move if
    they can.
    """
    transaction = merger.transaction
    stayed = 0
    for instance in gc.get_referrers(old):
        if type(instance) is old:
            try:
                transaction.set_attribute(instance, "__class__", new)
            except TypeError:
                stayed += 1
    for subclass in type.__subclasses__(old):
        try:
            _rebase(merger, subclass, tuple(new if base is old else base for base in transaction.bases(subclass)))
        except TypeError:
            stayed += 1
    if not is_closed(old):
        _take_along(transaction, old, new)
        if stayed:
            _pose(transaction, old, new)
    merger.replaced.append((old, new, stayed))
    return new


def _take_along(transaction: Transaction, old: type, new: type) -> None:
    """What stays behind runs the new code all the same."""
    before, after = dict(transaction.members(old)), dict(attributes(new))
    own = namespace_of(sys.modules.get(after.get("__module__", "")))
    for name, value in after.items():
        present = before.get(name, ABSENT)
        if name in BOOKKEEPING or type(present) in _OF_THE_LAYOUT or type(value) in _OF_THE_LAYOUT:
            continue
        for function, other in zip(_functions_in(present), _functions_in(value)):
            # an enumeration has functions of the library, which are everybody's
            is_own = function.__globals__ is other.__globals__ is own
            if is_own and function.__code__.co_freevars == other.__code__.co_freevars:
                transaction.swap(function, "__code__", other.__code__)
                transaction.swap(function, "__defaults__", other.__defaults__)
                transaction.swap(function, "__kwdefaults__", other.__kwdefaults__)
        if value is not present:
            transaction.set_member(old, name, value)
    for name, value in before.items():
        if name not in after and name not in BOOKKEEPING and type(value) not in _OF_THE_LAYOUT:
            remove_attribute(transaction, old, name)


_OF_THE_LAYOUT = (MemberDescriptorType, GetSetDescriptorType)


def is_of_the_layout(value: Any) -> bool:
    return type(value) in _OF_THE_LAYOUT


def _pose(transaction: Transaction, old: type, new: type) -> None:
    """Instances that cannot move say that their class is the new one, and `isinstance` believes them, as it does
    proxies.
    """
    holder = gc.get_referents(attributes(old))
    if len(holder) == 1 and type(holder[0]) is dict and "__class__" not in holder[0]:
        # Setting the attribute would set the class of the class; so it goes into the dictionary, and the cache is told.
        transaction.undo(_write_class, old, holder[0], None)
        _write_class(old, holder[0], property(lambda _instance: new))


def _write_class(cls: type, namespace: dict[str, Any], value: property | None) -> None:
    if value is None:
        namespace.pop("__class__", None)
    else:
        namespace["__class__"] = value
    type.__setattr__(cls, "__doc__", namespace.get("__doc__"))  # any change of an attribute drops what was cached of it

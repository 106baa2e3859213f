"""Objects that a statement made anew and that only stand for what was there before: whoever got hold of one gets
that.
"""

from __future__ import annotations

import gc
import sys
from _weakref import ReferenceType, getweakrefs
from types import CellType, FunctionType, GetSetDescriptorType, MemberDescriptorType

from .patch_merge import content, set_cell
from .writing import attributes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction


def held_elsewhere(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Of pairs (what a statement made, what stands for it) those whose first somebody else holds (a registry,
    mostly): by counting, without a pass over the heap.
    """
    if not pairs:
        return []
    once = {id(pair[0]): pair for pair in pairs}
    pairs.clear()
    pairs.extend(once.values())
    once.clear()
    inside: dict[int, int] = {}
    for made, _ in pairs:
        _count_inside(made, inside)
    found = []
    for made, kept in pairs:
        if made is not kept and _references(made) - _OWN > inside.get(id(made), 0):
            found.append((made, kept))
    return found


def is_fresh(value: Any) -> bool:
    """Whether a statement has just made a value, and not merely named it: only a namespace holds it.

    Called through `made_by_expression` from `settle`, whose variables hold it too.
    """
    inside: dict[int, int] = {}
    pairs = [(value, None)]
    _count_inside(value, inside)
    for made, _ in pairs:
        # besides what is counted in `_OWN`: the namespace, and four variables of the functions on the way here
        return _references(made) - _OWN - inside.get(id(made), 0) <= 5
    return False


def weakly_held(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Weak references (in a WeakSet, a WeakValueDictionary, a list of them) to what a statement made, each with one like
    it to what stands for that: what they refer to would be gone, and with it what was registered.
    """
    found: list[tuple[Any, Any]] = []
    for made, kept in pairs:
        if made is kept:
            continue
        reference: Any = None
        for reference in getweakrefs(made):
            kind = type(reference)
            if kind is ReferenceType:
                if reference.__callback__ is None and issubclass(type(made), type):
                    continue  # its bases have it
                found.append((reference, ReferenceType(kept, reference.__callback__)))
            elif kind.__name__ == "KeyedRef" and kind.__module__ == "weakref":
                found.append((reference, kind(kept, reference.__callback__, reference.key)))
    return found


_MANAGED_DICT = 1 << 4  # Py_TPFLAGS_MANAGED_DICT: attributes of what class statements make; not of C's `lru_cache`


def _references(value: Any) -> int:
    return sys.getrefcount(value)


def _own() -> int:
    """How many references there are to an object that only a list of pairs holds, as `held_elsewhere` counts them."""
    pairs = [((lambda: None), None)]
    for made, kept in pairs:
        if made is not kept:
            return _references(made)
    return 0


_OWN = _own()


def _count_inside(made: Any, inside: dict[int, int]) -> None:
    """References that temporary objects hold to each other and to themselves."""
    leave = made.__globals__ if type(made) is FunctionType else None
    for part in gc.get_referents(made):
        if part is leave:
            continue
        kind = type(part)
        if kind is tuple:
            for each in part:
                _add(content(each) if type(each) is CellType else each, inside)
        elif kind is dict:
            for each in part.values():
                _add(each, inside)
                if type(each) in (staticmethod, classmethod):
                    _add(each.__func__, inside)
                elif type(each) is property:
                    for accessor in (each.fget, each.fset, each.fdel):
                        _add(accessor, inside)
                if type(each) in (GetSetDescriptorType, MemberDescriptorType):
                    _add(each.__objclass__, inside)
        else:
            _add(part, inside)


def _add(value: Any, inside: dict[int, int]) -> None:
    inside[id(value)] = inside.get(id(value), 0) + 1


def redirect(pairs: list[tuple[Any, Any]], transaction: Transaction) -> list[tuple[dict[Any, Any], Any, Any]]:
    """The items of dictionaries that are another object now, each with what it was.

    Plain loops throughout: a comprehension would make its own holders, which the loop then rewrites.
    """
    items: list[tuple[dict[Any, Any], Any, Any]] = []
    stands = {id(made): kept for made, kept in pairs}
    own = {id(pairs), id(stands)}
    targets = []
    for pair in pairs:
        own.add(id(pair))
        targets.append(pair[0])
        leave = pair[0].__globals__ if type(pair[0]) is FunctionType else None
        for part in gc.get_referents(pair[0]):
            if part is not leave:
                own.add(id(part))
    own.add(id(targets))
    for _, arguments in transaction._journal:  # what would be put back
        for argument in arguments[1:]:  # the first is what it would be put back into
            own.add(id(argument))
    for holder in gc.get_referrers(*targets):
        kind = type(holder)
        if id(holder) in own:
            continue
        if kind is dict:
            if "__module__" in holder and "__name__" not in holder:
                _redirect_attributes(holder, stands, transaction)
            else:
                _redirect_dict(holder, stands, transaction, items)
        elif kind is list:
            _redirect_list(holder, stands, transaction)
        elif kind is set:
            _redirect_set(holder, stands, transaction)
        elif kind is CellType:
            if id(holder.cell_contents) in stands:
                set_cell(transaction, holder, stands[id(holder.cell_contents)])
        elif id(kind) in stands and "__class__" not in type.__getattribute__(kind, "__dict__"):
            try:
                transaction.set_attribute(holder, "__class__", stands[id(kind)])
            except TypeError:
                pass
        elif kind.__flags__ & _MANAGED_DICT and not issubclass(kind, type):
            _redirect_instance(holder, stands, transaction)
    for made in targets:
        for derived in type.__subclasses__(made) if issubclass(type(made), type) else ():
            if id(derived) not in stands:
                _redirect_bases(derived, stands, transaction)
    return items


def _redirect_dict(
    holder: dict[Any, Any], stands: dict[int, Any], transaction: Transaction, items: list[tuple[dict[Any, Any], Any, Any]]
) -> None:
    for key, value in list(holder.items()):
        if id(value) in stands:
            transaction.set_item(holder, key, stands[id(value)])
            items.append((holder, key, value))
    keys = list(holder)
    for key in keys:
        if id(key) in stands:
            value = holder[key]
            kept = stands[id(key)]
            transaction.delete_item(holder, key)
            transaction.set_item(holder, kept, value)


def _redirect_attributes(holder: dict[Any, Any], stands: dict[int, Any], transaction: Transaction) -> None:
    """The dictionary of a class, which may be written through the class only."""
    for owner in gc.get_referrers(holder):
        if issubclass(type(owner), type):
            for name, value in list(holder.items()):
                if id(value) in stands:
                    transaction.set_attribute(owner, name, stands[id(value)])
            return
    _redirect_dict(holder, stands, transaction, [])


def _redirect_bases(cls: type, stands: dict[int, Any], transaction: Transaction) -> None:
    bases = []
    for base in cls.__bases__:
        bases.append(stands.get(id(base), base))
    try:
        transaction.set_attribute(cls, "__bases__", tuple(bases))
    except TypeError:
        pass  # another layout


def _redirect_instance(holder: Any, stands: dict[int, Any], transaction: Transaction) -> None:
    """An object whose attributes have no dictionary of their own, as CPython 3.13 has it, until it is asked for."""
    inside = attributes_of(holder) or {}
    for name, value in list(inside.items()):
        if id(value) in stands:
            transaction.set_item(inside, name, stands[id(value)])


def _redirect_list(holder: list[Any], stands: dict[int, Any], transaction: Transaction) -> None:
    present = set(map(id, holder))
    contents = []
    for value in holder:
        kept = stands.get(id(value))
        if kept is None:
            contents.append(value)
        elif id(kept) not in present:
            present.add(id(kept))
            contents.append(kept)
    transaction.replace_contents(holder, contents)


def _redirect_set(holder: set[Any], stands: dict[int, Any], transaction: Transaction) -> None:
    contents = set()
    for value in holder:
        contents.add(stands.get(id(value), value))
    transaction.replace_contents(holder, contents)

"""What is called when a class is made: its decorators, `__init_subclass__` of its bases, its metaclass, `__set_name__` of what is in it.
They may call methods of the class, or make an instance of it, and keep what that gives.
"""

from __future__ import annotations

from types import FunctionType

from . import is_user_path
from .derived import derived
from .patch_classes import is_enumeration
from .patch_contents import is_instance
from .patch_inherited import MAKERS
from .patch_reached import Reached, functions_of
from .stale_objects import nested_codes, type_dict, type_qualname
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .patch import Patch
    from .patch_called import Called
    from .patch_session import Mark

_OF_METACLASSES = "__prepare__", "__new__", "__init__"
_OF_MEMBERS = "__init__", "_new_member_", "_generate_next_value_"
STAYS = "code that changed was called when it was made, and what that gave stays"


def made_otherwise(called: Called, own: str, cls: Any, decorators: Any, since: int) -> Mark | None:
    """The mark of what does something else, and what made a class has called. `decorators`: what else its statement calls."""
    if not issubclass(type(cls), type):
        if not is_instance(cls):
            return None
        cls = type(cls)  # a decorator has made an instance of it
    made = _Made(called, cls, since)
    made.find_hooks(own, decorators)
    return made.search()


def say_made(patch: Patch) -> None:
    """Of classes of which only methods changed, and no statement is executed: what they were made with calls these."""
    planned = {entry["symbol"] for entry in patch.plan["entries"]}
    session = patch.session
    owners = {name.rpartition(".")[0]: name for name in patch.plan["altered"] if "." in name}
    for owner, method in owners.items():
        cls = session.live(patch.name, owner)
        for each in derived(cls).values() if issubclass(type(cls), type) else ():
            symbol = type_qualname(each)
            if type_dict(each).get("__module__") != patch.name or symbol.partition(".")[0] in planned:
                continue
            if made_otherwise(session, patch.name, each, (), 0) is not None:
                told = next((change for change in patch.changes if change["symbol"] == method), None)
                said = {"symbol": symbol, "kind": "class", "change": "modified", "applied": False, "reason": STAYS}
                if told is not None and "range" in told:
                    said["range"] = told["range"]
                patch.changes.append(said)


class _Made(Reached):
    """What making one class may come to."""

    def __init__(self, called: Called, cls: type, since: int) -> None:
        super().__init__(called, since, False)
        self._cls = cls

    def find_hooks(self, own: str, decorators: Any) -> None:
        for given in decorators:
            self._call_named(own, given)
        bases = self._called.transaction.mro(self._cls)[1:]
        hooks = [self._member(base, "__init_subclass__") for base in bases]
        if type(self._cls) is not type:
            hooks += [self._member(type(self._cls), name) for name in _OF_METACLASSES]
        if is_enumeration(self._cls):
            hooks += [self._member(self._cls, name) for name in _OF_MEMBERS]
        for value in list(self._called.transaction.members(self._cls).values()):
            if is_instance(value):
                hooks.append(self._member(type(value), "__set_name__"))
        for each in hooks:
            for function in functions_of(each) if each is not ABSENT else ():
                self._execute(function)

    def search(self) -> Mark | None:
        if not any(map(self._is_followed, self._functions.values())):
            return None
        self._use(self._cls)
        return self._search()

    def _is_followed(self, function: FunctionType) -> bool:
        file = function.__code__.co_filename
        return is_user_path(file) and not file.startswith("<frozen ")

    def _follow(self, function: FunctionType) -> None:
        if self._is_followed(function):
            super()._follow(function)

    def _codes(self, code: CodeType) -> list[CodeType]:
        return nested_codes(code)  # a function in a decorator is the one that gets the class

    def _make_given(self) -> None:
        for name in MAKERS:
            self._look_up(self._cls, name)

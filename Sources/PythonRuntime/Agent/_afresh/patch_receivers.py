"""Which class a method is of that a text calls, where the text says so: `C().m()`, and `self.m()` in a method that is called so. Other
methods of that name do not count then. Where anything may make it another one, nobody knows.
"""

from __future__ import annotations

from opcode import EXTENDED_ARG, opmap
from types import CodeType, FunctionType

from .patch_contents import is_instance
from .stale_objects import nested_codes, type_mro, type_qualname

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .patch_session import Session

OWN = "?self"
_STORES = frozenset(opmap[each] for each in ("STORE_ATTR", "DELETE_ATTR"))
_BINDS = frozenset(opmap[each] for each in ("STORE_NAME", "DELETE_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"))
_STORE_GLOBAL = opmap["STORE_GLOBAL"]
_BACK = frozenset(number for name, number in opmap.items() if "JUMP_BACKWARD" in name)
# What sets attributes by names that the text does not say, or that are not its own.
_SETTERS = frozenset(("setattr", "delattr", "__setattr__", "__delattr__", "__dict__", "vars", "exec", "patch"))
_HOOKS = frozenset(("__new__", "__getattribute__", "__class__"))
_KNOWN = frozenset(("builtins", "abc", "typing"))  # classes of these set nothing else


class Receivers:
    """`of` says the class, where it is certain."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._modules: dict[str, CodeType] = {}  # those of the program, as they are when somebody asks first
        self._codes: list[CodeType] = []  # all that they execute
        self._sets_any = False  # whether anything may set an attribute of any name
        self._known: dict[tuple[int, str], tuple[bool, type]] = {}  # with the class, so that its id stays its own

    def of(self, module: str, given: tuple[str | None, str, str | None], own: type | None) -> type | None:
        """The class of "?C().m" and "?self.m". `own`: of what the method gets first that calls the latter."""
        _, name, attribute = given
        kind: Any = own if name == OWN else self._session.live(module, name[1:-2]) if len(name) > 1 else None
        return kind if attribute is not None and issubclass(type(kind), type) and self._is_certain(kind, attribute) else None

    def of_instance(self, module: str, name: str, attribute: str) -> type | None:
        """The class of "c.m", where the name `c` has stood for nothing else since the module has been executed."""
        value = self._session.live(module, name)
        certain = is_instance(value) and self._is_certain(type(value), attribute) and module in self._modules
        return type(value) if certain and self._is_bound_once(module, name) else None

    def _is_bound_once(self, module: str, name: str) -> bool:
        code = self._modules[module]
        starts = [at for at, operation, argument in _steps(code) if operation in _BINDS and code.co_names[argument] == name]
        loops = any(operation in _BACK and at - 2 * argument < starts[0] < at for at, operation, argument in _steps(code)) if starts else True
        inside = any(_STORE_GLOBAL in each.co_code[::2] and name in each.co_names for each in nested_codes(code))
        return len(starts) == 1 and not loops and not inside and not self._is_set(name)

    def _is_certain(self, kind: type, attribute: str) -> bool:
        key = id(kind), attribute
        if key not in self._known:
            self._known[key] = self._is_plain(kind) and self._finds(kind, attribute), kind
        return self._known[key][0]

    def _is_plain(self, kind: type) -> bool:
        """Whether calling it makes an instance of it, and the program's text says all that this one has."""
        session = self._session
        if type in type_mro(kind):
            return False  # what it makes finds its own methods first
        if type(kind) is not type and type(kind).__module__ != "abc" or session.live(str(kind.__module__), type_qualname(kind)) is not kind:
            return False
        self._modules = self._modules or session.codes()
        for base in type_mro(kind)[:-1]:
            inside = session.transaction.members(base)
            home = inside.get("__module__")
            if home not in _KNOWN and (home not in self._modules or not _HOOKS.isdisjoint(inside)):
                return False
        return True

    def _finds(self, kind: type, attribute: str) -> bool:
        """Whether it finds the method that the text of the class has, and nothing sets an attribute of that name."""
        for base in type_mro(kind):
            found = self._session.transaction.members(base).get(attribute)
            if found is not None:
                function = found.__func__ if type(found) is classmethod else found
                if type(function) is not FunctionType or function.__code__.co_qualname != f"{type_qualname(base)}.{attribute}":
                    return False
                is_own = function.__code__.co_freevars in ((), ("__class__",))
                return is_own and not self._is_set(attribute)
        return False

    def _is_set(self, attribute: str) -> bool:
        if not self._codes:
            self._codes = [each for code in self._modules.values() for each in nested_codes(code)]
            self._sets_any = any(not _SETTERS.isdisjoint(code.co_names) or _sets(code, "__class__") for code in self._codes)
        return self._sets_any or any(_sets(code, attribute) for code in self._codes)


def _sets(code: CodeType, attribute: str) -> bool:
    return attribute in code.co_names and any(
        operation in _STORES and code.co_names[argument] == attribute for _, operation, argument in _steps(code)
    )


def _steps(code: CodeType) -> Iterator[tuple[int, int, int]]:
    """The instructions: where each is, what it does, and its argument."""
    high, text = 0, code.co_code
    for at in range(0, len(text), 2):
        argument = text[at + 1] | high
        high = argument << 8 if text[at] == EXTENDED_ARG else 0
        yield at, text[at], argument

"""Whether what a statement calls does something else now: by itself, by what it calls, or by what it is given."""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

from .patch_callbacks import called_by_name, calls_a_parameter
from .patch_contents import NONE, VALUE, Contents, asks, is_instance, operators, takes_out
from .patch_inherited import MAKERS, inherited_changed
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_session import Mark
    from .transaction import Transaction

CALLS, DOUBT = 1, 2


class Called(Contents):
    """What calls reach, over all modules of a transaction."""

    def call_changed(
        self, own: str, given: tuple[str | None, str, str | None], since: int, seen: set[tuple[str, str]] | None = None, caller: type | None = None
    ) -> Mark | None:
        """The mark of a function that does something else when it is called, by itself or by what it uses. `caller`: of which class the
        object is for certain whose method calls it.
        """
        module = own if given[0] is None else given[0]
        seen = set() if seen is None else seen
        kind = value = None
        if given[1][:1] == "?":
            kind = self.receivers.of(module, given, caller)
            module, name = (module, "?") if kind is None else (kind.__module__, kind.__qualname__)
            given = (module, name, given[2])
        elif given[2] is None and issubclass(type(value := self.live(module, given[1])), type):
            kind = value  # it makes an instance
        found = self._itself_changed(own, module, given, since, seen)
        if found is None and kind is not None and given[2] is not None:
            found = self._class_mark(module, given[1], given[2], since)
        if found is not None:
            return found
        keys = self._used_by(module, given[1], given[2])
        if kind is None and given[2] is not None and given[1] != "?" and any(key in self.uses for key in keys):
            kind = self.receivers.of_instance(module, given[1], given[2])
        for key in keys:
            of_kind = key if kind is None else (key[0], f"{key[1]} of {id(kind)}")
            if key not in seen and of_kind not in seen:
                seen.add(of_kind)
                found = self._use_changed(key, since, seen, kind) if key in self.uses else None
                if found is not None:
                    return found
        return None

    def _itself_changed(
        self, own: str, module: str, given: tuple[str | None, str, str | None], since: int, seen: set[tuple[str, str]]
    ) -> Mark | None:
        """By what it is, or holds."""
        _, name, attribute = given
        value = self.live(module, name)
        held = self.held_changed(own, given, since) if attribute is None and type(value) in (list, tuple, dict) else None
        if held is None and (named := called_by_name(value)) is not None:
            held = self.call_changed(own, (None, "?", named), since, seen)
        if held is not None:
            return held  # it is called out of it
        function = self._behind(module, name) if attribute is None else None
        if function is not None and self._is_altered(function) or self.inside_changed(own, value, attribute, since, seen):
            return self.mark_of(self.stamp)
        found = None
        if attribute == "__subclasses__" and issubclass(type(value), type):
            return self._derived_changed(value, since)
        if attribute is not None:
            method = self._method(module, name, attribute)
            if method is not None and (self._is_altered(method) or self.own_method_changed(value, method, since)):
                return self.mark_of(self.stamp)
            found = None if issubclass(type(value), ModuleType) else self._inherited_changed(value, name, attribute, since)
            if found is not None:
                return found
            if method is None and (self.is_passed_on(value, attribute) or name == "?" and self.some_method_changed(attribute, since)):
                return self.mark_of(self.stamp)
        elif is_instance(value) and any("__call__" in self.transaction.members(base) for base in type(value).__mro__):
            found = self.call_changed(own, (given[0], name, "__call__"), since, seen)
        else:
            found = self._class_mark(module, name, None, since)
            for maker in MAKERS if found is None and issubclass(type(value), type) else ():
                found = found or inherited_changed(self, value, maker, since)
        if found is not None:
            return found
        mark = self.marks.get((module, name))
        if mark is None or mark.stamp <= since:
            return None
        if mark.level >= VALUE or mark.remade or attribute is not None and mark.attributes.get(attribute, 0) > since:
            return mark
        return mark if attribute is None and mark.made and not self._is_overlooked(value) else None

    def _inherited_changed(self, value: Any, name: str, attribute: str, since: int) -> Mark | None:
        if value is ABSENT and name != "?":
            return None
        kind = None if name == "?" else value if issubclass(type(value), type) else type(value)
        return inherited_changed(self, kind, attribute, since)

    def _derived_changed(self, cls: type, since: int) -> Mark | None:
        """A mark of a class that has come to be derived from another one, or is gone."""
        for key, mark in self.marks.items():
            if mark.level >= VALUE and mark.stamp > since:
                for each in (mark.old, self.live(*key)):
                    if issubclass(type(each), type) and cls in self.transaction.mro(each):
                        return mark
        return None

    def _use_changed(self, key: tuple[str, str], since: int, seen: set[tuple[str, str]], caller: type | None = None) -> Mark | None:
        """By what it reads and calls, or gives to what calls it."""
        module = key[0]
        reads, calls, given = self.uses[key]
        code = self._code(*key)
        among = None if any(self.runs_operators(module, each) for each in calls) else operators(code) if reads else NONE
        takes = bool(reads) and takes_out(code)
        for each in reads:
            found = self.value_changed(module, each, since) or self.property_changed(module, each, since, seen)
            if found is None and (among is None or among):
                found = self.special_changed(module, each, since, among, seen)
            if found is None and takes:
                found = self.held_changed(module, each, since, seen)
            if found is None and self.looks_inside:
                found = self.contents_changed(module, each, since)
            if found is not None:
                return found
        for each in (*reads, *calls) if asks(calls, code, reads) else ():
            found = self.shape_changed(module, each, since)
            if found is not None:
                return found
        doubt = None
        called = [each for callees, values, _ in given if any(self.calls_back(module, each) for each in callees) for each in values]
        for each in (*calls, *called):
            found = self.call_changed(module, each, since, seen, caller)
            if found is not None and not found.doubt:
                return found
            doubt = doubt or found
        return doubt or self.handed_over(module, given, since, seen)

    def handed_over(self, own: str, given: Any, since: int, seen: set[tuple[str, str]] | None = None) -> Mark | None:
        """A mark for what does something else and was given to what may call it, as far as anybody can tell, if a value came
        of that: in doubt, but for functions of the standard library. Of methods, only values that went into a larger expression:
        others are the numbers of what was registered.
        """
        for callees, values, becomes in given:
            doubts = [self._may_call(own, each, becomes == 1) for each in callees] if becomes else []
            if not all(doubts):
                continue
            for each in values if doubts else ():
                looked = set(seen or ())  # what is only in doubt may be sure on another way
                found = self.call_changed(own, each, since, looked)
                if found is not None:
                    mark = self.mark_of(found.stamp)
                    mark.doubt = "perhaps computed by code that changed" if max(doubts) == DOUBT else ""
                    return mark
                if seen is not None:
                    seen |= looked
        return None

    def _may_call(self, own: str, given: tuple[str | None, str, str | None], but_methods: bool) -> int:
        """Whether what is not known to call what it is given may do so: not what has been looked into, nor methods of what is
        built in.
        """
        module, name, attribute = given
        module = own if module is None else module
        value = self.live(module, name)
        if attribute is not None and not issubclass(type(value), ModuleType):
            if but_methods or value is not ABSENT and not is_instance(value) and not issubclass(type(value), type):
                return 0
            method = self._method(module, name, attribute) if value is not ABSENT else None
            return DOUBT if method is None or method.__globals__.get("__name__") not in self.touched else 0
        if attribute is not None:
            value = (namespace_of(value) or {}).get(attribute, ABSENT)
        if issubclass(type(value), type):
            return DOUBT if type.__getattribute__(value, "__dict__").get("__module__") not in self.touched else 0
        home = value.__globals__.get("__name__") if type(value) is FunctionType else None
        if type(value) is BuiltinFunctionType:
            home = value.__module__
        if type(home) is str and home.partition(".")[0] in sys.stdlib_module_names:
            return CALLS
        return 0 if but_methods and type(value) is FunctionType or home in self.touched else DOUBT

    def _is_altered(self, function: FunctionType) -> bool:
        return id(function) in self.altered and not self._is_overlooked(function)

    def _is_overlooked(self, value: Any) -> bool:
        return self.overlooks_makers and type(value) is FunctionType and _place(value.__code__) in self.makers

    def was_handed_out(self, value: Any) -> bool:
        """Whether a value is a function that does something else now, and all that it took to make it is as it was."""
        if type(value) is not FunctionType or id(value) not in self.altered:
            return False
        makers = value.__code__.co_qualname.split(".<locals>.")
        file = value.__code__.co_filename
        return len(makers) > 1 and all(
            (file, ".<locals>.".join(makers[:count])) in self.makers for count in range(1, len(makers))
        )

    def _code(self, module: str, name: str) -> CodeType | None:
        value = self.live(module, name)
        value = value.__func__ if type(value) in (staticmethod, classmethod) else value
        return value.__code__ if type(value) is FunctionType else None

    def calls_back(self, own: str, given: tuple[str | None, str, str | None]) -> bool:
        """Whether a function or method calls what it is given."""
        module, name, attribute = given
        module = own if module is None else module
        value = self.live(module, name) if attribute is None else self._method(module, name, attribute)
        if attribute is None and issubclass(type(value), type):
            attribute = "__init__"
            value = self._method(module, name, attribute)
        owner = None if attribute is None else self.live(module, name)
        kind = owner if owner is None or issubclass(type(owner), type) else type(owner)
        return calls_a_parameter(value.__func__ if type(value) is MethodType else value, kind)

    def _used_by(self, module: str, name: str, attribute: str | None) -> list[tuple[str, str]]:
        """Under which names it is written down what a call uses: of a function, of a method, of a class and its
        bases.
        """
        if name == "?":
            return self.uses_by_last(attribute)
        value = self.live(module, name)
        if value is ABSENT:
            return [(module, name)]
        if attribute is not None and issubclass(type(value), ModuleType):
            return [(str(namespace_of(value).get("__name__")), attribute)]
        kind = value if issubclass(type(value), type) else type(value)
        if kind is value and attribute is None and self._makes_plainly(kind):
            return []
        keys = [(module, name)]
        function = self._behind(module, name)
        if kind is FunctionType and (function is None or attribute is not None):
            return keys
        if function is not None and attribute is None:
            return [*keys, (str(function.__globals__.get("__name__")), function.__qualname__)]
        for base in type.__getattribute__(type(kind), "__mro__") if attribute is None and type(kind) is not type else ():
            inside = self.transaction.members(base)
            if "__call__" in inside:
                keys.append((inside.get("__module__"), f"{base.__qualname__}.__call__"))
        for base in bases_of(value, self.transaction):
            inside = self.transaction.members(base)
            qualified = type.__getattribute__(base, "__qualname__")
            if attribute is None:
                keys.append((inside.get("__module__"), qualified))
            elif attribute in inside:
                found = (inside.get("__module__"), f"{qualified}.{attribute}")
                return [found] if kind is value else [*keys, found]  # what is registered with an instance
        return keys

    def _makes_plainly(self, kind: type) -> bool:
        """Whether calling a class runs no code of its own."""
        bases = self.transaction.mro(kind)
        return type(kind) is type and not any(maker in self.transaction.members(base) for base in bases if base is not object for maker in MAKERS)

    def _behind(self, module: str, name: str) -> FunctionType | None:
        """The function that a bound method or a partial calls, or one that is a function of another name or module."""
        value = self.live(module, name)
        functools = sys.modules.get("functools")
        while True:
            if type(value) is MethodType:
                value = value.__func__
            elif functools is not None and type(value) is functools.__dict__.get("partial"):
                value = value.func
            elif type(value) is not FunctionType:
                return None
            elif value is not self.live(module, name) or (value.__globals__.get("__name__"), value.__qualname__) != (module, name):
                return value
            else:
                return None

    def called(self, module: str, name: str, attribute: str | None) -> Any:
        """What calling a name, or a method, comes to first."""
        return self.live(module, name) if attribute is None else self._method(module, name, attribute)

    def _method(self, module: str, name: str, attribute: str) -> FunctionType | None:
        """The function that `name.attribute()` calls, for an instance, a class or a module; by dictionaries alone."""
        if name == "?":
            for function in self.altered.values():
                if function.__name__ == attribute or _mangled(function) == attribute:
                    return function
            return None
        value = self.live(module, name)
        if value is ABSENT:
            return None
        if issubclass(type(value), ModuleType):
            inner = namespace_of(value)
            found = inner.get(attribute) if inner is not None else None
            return found if type(found) is FunctionType else None
        for base in bases_of(value, self.transaction):
            found = self.transaction.members(base).get(attribute)
            if found is not None:
                found = found.__func__ if type(found) in (staticmethod, classmethod) else found
                return found if type(found) is FunctionType else None
        return None


def bases_of(value: Any, transaction: Transaction) -> tuple[type, ...]:
    """The classes in which an attribute of an object is looked for; of a class, after its own those of its metaclass."""
    kind = type(value)
    if not issubclass(kind, type):
        return transaction.mro(kind)
    own = transaction.mro(value)
    return own if kind is type else (*own, *transaction.mro(kind))


def _place(code: CodeType) -> tuple[str, str]:
    return code.co_filename, code.co_qualname


def _mangled(function: FunctionType) -> str:
    """The name of a private method in the dictionary of its class."""
    owner = function.__qualname__.rpartition(".")[0].rpartition(".")[2].lstrip("_")
    return f"_{owner}{function.__name__}" if owner else function.__name__

"""Functions that a module may define to be called at a reload: `__afresh_before__()` and `__afresh_after__(old)`.

Before: called in a module that is about to be changed, before the first of its statements is executed and before one of
its functions gets code that does something else: the function that the module has until then. After: called once all
modules of the transaction are as they will be, in the order in which they were changed: the function that the module
has by then. `old` is what the module's names stood for in between. A module that nothing happens to is not asked. What
either of them raises undoes the whole transaction.
"""

from __future__ import annotations

from types import FunctionType

from .patch_registrations import Watch
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    from .transaction import Transaction

BEFORE, AFTER = "__afresh_before__", "__afresh_after__"
_NOT_CALLED_AT_ONCE = 0x2A0  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_TAKES_MORE = 0x04  # CO_VARARGS


class Old:
    """What the names of a module stood for: `old.NAME`, `old["NAME"]`, `"NAME" in old`. It cannot be written to."""

    def __init__(self, module: str, names: dict[str, Any]) -> None:
        object.__getattribute__(self, "__dict__").update(names, __name__=module)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.__name__} had no {name} before it was reloaded", name=name, obj=self)

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name}: what there was before a reload can only be read", name=name, obj=self)

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.__name__} before it was reloaded>"


class BadHook(TypeError):
    """A hook that cannot be called as it should be."""

    def __init__(self, message: str, code: CodeType | None) -> None:
        super().__init__(message)
        self.code = code


class Hooks:
    """The modules that a transaction has changed so far."""

    def __init__(self) -> None:
        self._touched: dict[str, tuple[Any, Old] | None] = {}

    @staticmethod
    def of(transaction: Transaction) -> Hooks:
        found = transaction.__dict__.get("hooks")
        if found is None:
            found = transaction.__dict__["hooks"] = Hooks()
        return found

    def before(self, step: Any, transaction: Transaction) -> None:
        """Something is going to happen to a module, if not already."""
        if step.name in self._touched:
            return
        self._touched[step.name] = None
        result = None
        hook = step.namespace.get(BEFORE, ABSENT)
        if hook is not ABSENT:
            transaction.flush()
            transaction.touch(step.namespace)
            record = step.record
            result = _call(BEFORE, hook, (), step, transaction, None if record is None else record.source)
        names = dict(step.namespace)
        names[BEFORE] = result
        self._touched[step.name] = (step, Old(step.name, names))

    def touched(self, transaction: Transaction) -> list[tuple[Any, Old]]:
        """The steps of the modules that were changed and will have a hook for it, each with what there was before."""
        entries = [entry for entry in self._touched.values() if entry is not None]
        return [entry for entry in entries if transaction.look(entry[0].namespace, AFTER) is not ABSENT]

    @staticmethod
    def after(step: Any, old: Old, transaction: Transaction) -> None:
        source = step.source
        if source is None and step.record is not None:
            source = step.record.source
        transaction.flush()
        _call(AFTER, step.namespace[AFTER], (old,), step, transaction, source)

    def execute_whole(self, step: Any, transaction: Transaction) -> None:
        """A module is about to be executed as a whole: hooks that its text no longer defines are not to stay."""
        self.before(step, transaction)
        for name in (BEFORE, AFTER):
            transaction.delete_item(step.namespace, name)


def defined(namespace: dict[str, Any]) -> bool:
    """Whether a module wants to be asked."""
    return BEFORE in namespace or AFTER in namespace


def _call(name: str, hook: Any, arguments: tuple[Any, ...], step: Any, transaction: Transaction,
          source: bytes | None) -> Any:
    code = _checked(name, hook, len(arguments))
    transaction.open()
    if code is not None:
        transaction.executing(step.name, code, source)
    watch = Watch(transaction)
    watch.reach(step.name, ((None, name, None),))
    for old in arguments:
        if code is not None:
            watch.reach_values(old[each] for each in code.co_names + code.co_consts if type(each) is str and each in old)
    watch.begin()
    try:
        return transaction.runs(hook, *arguments)
    finally:
        watch.settle()


def _checked(name: str, hook: Any, count: int) -> CodeType | None:
    """The hook's code, where it is a function of the program."""
    if type(hook) is not FunctionType:
        if not callable(hook):
            raise BadHook(f"{name} is of type {type(hook).__name__} and cannot be called", None)
        return None
    code = hook.__code__
    wanted = f"def {name}({'old' if count else ''}):"
    if code.co_flags & _NOT_CALLED_AT_ONCE:
        raise BadHook(f"nobody waits for {name}: define it as `{wanted}`, without async and yield", code)
    least = code.co_argcount - len(hook.__defaults__ or ())
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    given = hook.__kwdefaults__ or {}
    if least > count or code.co_argcount < count and not code.co_flags & _TAKES_MORE \
            or any(keyword not in given for keyword in keywords):
        takes = "the former names of the module, and nothing else" if count else "no argument"
        raise BadHook(f"{name} is given {takes}: define it as `{wanted}`", code)
    return code

"""Everything that can hold an object in a program: one way each to refer to a value, and how often it then does."""
from __future__ import annotations

import asyncio
import atexit
import collections
import contextlib
import contextvars
import copyreg
import dataclasses
import functools
import itertools
import logging
import queue
import signal
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Box:
    pass


class Slotted:
    __slots__ = ("first", "held", "__weakref__")


class Keyed(dict):
    pass


class Listed(list):
    pass


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclasses.dataclass
class Data:
    number: int
    held: Any


class Descriptor:
    def __init__(self, held: Any) -> None:
        self.held = held

    def __get__(self, instance: object, owner: type | None = None) -> None:
        raise RuntimeError("a search asked for an attribute")


class Ids:
    """Hashable by identity, whatever it holds."""

    def __init__(self, held: Any) -> None:
        self.held = held


HOLDERS: dict[str, Callable[..., Any]] = {}
CALLABLE: set[str] = set()
HASHABLE: set[str] = set()


def holder(function: Callable[..., Any]) -> Callable[..., Any]:
    HOLDERS[function.__name__] = function
    return function


def for_callables(function: Callable[..., Any]) -> Callable[..., Any]:
    CALLABLE.add(function.__name__)
    return holder(function)


def for_hashables(function: Callable[..., Any]) -> Callable[..., Any]:
    HASHABLE.add(function.__name__)
    return holder(function)


# Containers.

@holder
def in_list(value: Any) -> Any:
    return [0, value]


@holder
def in_tuple(value: Any) -> Any:
    return (value, 1)


@holder
def in_dict(value: Any) -> Any:
    return {"k": value}


@holder
def in_dict_of_numbers(value: Any) -> Any:
    return {7: 0, (1, "x"): value}


@for_hashables
def as_key(value: Any) -> Any:
    return {value: 1}


@for_hashables
def in_set(value: Any) -> Any:
    return {value, 1}


@for_hashables
def in_frozenset(value: Any) -> Any:
    return frozenset([value])


@holder
def in_deque(value: Any) -> Any:
    return collections.deque([1, value])


@holder
def in_defaultdict(value: Any) -> Any:
    made = collections.defaultdict(list)
    made["x"].append(value)
    return made


@for_callables
def as_default_factory(value: Any) -> Any:
    return collections.defaultdict(value)


@holder
def in_ordered(value: Any) -> Any:
    return collections.OrderedDict({1: value})


@holder
def in_own_dict(value: Any) -> Any:
    return Keyed(k=value)


@holder
def in_own_list(value: Any) -> Any:
    return Listed([value])


@holder
def in_user_dict(value: Any) -> Any:
    return collections.UserDict({"k": value})


@holder
def in_user_list(value: Any) -> Any:
    return collections.UserList([value])


@holder
def in_chain_map(value: Any) -> Any:
    return collections.ChainMap({}, {"k": value})


@holder
def in_named_tuple(value: Any) -> Any:
    return Pair(1, value)


@holder
def in_mapping_proxy(value: Any) -> Any:
    return types.MappingProxyType({"k": value})


@holder
def in_queue(value: Any) -> Any:
    made: queue.Queue[Any] = queue.Queue()
    made.put(value)
    return made


@holder
def in_weak_keys(value: Any) -> Any:
    made: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
    key = Box()
    made[key] = value
    return [made, key]


# Attributes.


@holder
def as_attribute(value: Any) -> Any:
    box = Box()
    box.attribute = value
    return box


@holder
def as_attribute_of_a_dictionary(value: Any) -> Any:
    box = Box()
    box.attribute = value
    box.__dict__
    return box


@holder
def as_slot(value: Any) -> Any:
    slotted = Slotted()
    slotted.held = value
    return slotted


@holder
def in_data(value: Any) -> Any:
    return Data(1, value)


@holder
def in_namespace(value: Any) -> Any:
    return types.SimpleNamespace(held=value)


@holder
def in_hidden_module(value: Any) -> Any:
    made = types.ModuleType("hidden")
    made.held = value
    return [made]


@holder
def as_class_attribute(value: Any) -> Any:
    return type("T", (), {"at": value, "__module__": "holders"})


@holder
def in_descriptor(value: Any) -> Any:
    return type("T", (), {"at": Descriptor(value), "__module__": "holders"})


@holder
def in_exception(value: Any) -> Any:
    return ValueError(value)


@holder
def in_cause(value: Any) -> Any:
    made = ValueError()
    made.__cause__ = KeyError(value)
    return made


@holder
def in_traceback(value: Any) -> Any:
    def fail(local: list[Any], errors: list[ValueError]) -> None:
        own = local.pop()
        try:
            raise ValueError
        except ValueError as error:
            errors.append(error)

    errors: list[ValueError] = []
    thread = threading.Thread(target=fail, args=([value], errors))
    thread.start()
    thread.join()
    return errors[0]


# Functions.


@holder
def in_closure(value: Any) -> Any:
    def closure() -> Any:
        return value
    return closure


@holder
def as_default(value: Any) -> Any:
    def default(a: Any, b: Any = value) -> Any:
        return b
    return default


@holder
def as_keyword_default(value: Any) -> Any:
    def keyword_default(*, a: Any = value) -> Any:
        return a
    return keyword_default


@holder
def as_function_attribute(value: Any) -> Any:
    def function() -> None:
        pass
    function.held = value
    return function


@holder
def as_annotation(value: Any) -> Any:
    def function() -> None:
        pass
    function.__annotations__ = {"a": value}
    return function


@for_callables
def as_wrapped(value: Any) -> Any:
    def wrapper() -> None:
        pass
    wrapper.__wrapped__ = value
    return wrapper


@for_callables
def in_partial(value: Any) -> Any:
    return functools.partial(value)


@holder
def as_partial_argument(value: Any) -> Any:
    return functools.partial(print, 1, value)


@holder
def as_partial_keyword(value: Any) -> Any:
    return functools.partial(print, end=value)


@for_callables
def in_method(value: Any) -> Any:
    return types.MethodType(value, 1)


@holder
def as_self(value: Any) -> Any:
    return types.MethodType(print, value)


@holder
def as_self_of_a_builtin(value: Any) -> Any:
    return [value].append


@for_callables
def in_property(value: Any) -> Any:
    return type("T", (), {"at": property(value), "__module__": "holders"})


@for_callables
def in_static_method(value: Any) -> Any:
    made = staticmethod(value)
    made.__dict__.clear()  # `__wrapped__`
    return made


@for_callables
def in_cached_property(value: Any) -> Any:
    made = functools.cached_property(print)
    made.func = value
    return made


@holder
def as_cached_result(value: Any) -> Any:
    passed = [value]
    made = functools.lru_cache(maxsize=4)(lambda number: passed.pop())
    made(1)
    return made


@for_hashables
def as_cached_argument(value: Any) -> Any:
    made = functools.lru_cache(maxsize=None)(lambda *a: 1)
    made(value, 1)
    return made


@for_callables
def in_dispatch(value: Any) -> Any:
    made = functools.singledispatch(lambda argument: 1)
    made.register(int)(value)
    return made


# What goes on.


@holder
def in_generator(value: Any) -> Any:
    def suspended(local: Any) -> Iterator[Any]:
        yield 1
        yield local
    started = suspended(value)
    next(started)
    return started


@holder
def in_delegation(value: Any) -> Any:
    def inner(local: Any) -> Iterator[Any]:
        yield 1
        yield local

    def outer(made: Any) -> Iterator[Any]:
        yield from made
    started = outer(inner(value))
    next(started)
    return started


@holder
def in_coroutine(value: Any) -> Any:
    class Now:
        def __await__(self) -> Iterator[None]:
            yield

    async def work(local: Any) -> Any:
        await Now()
        return local
    started = work(value)
    started.send(None)
    return started


@holder
def in_async_generator(value: Any) -> Any:
    async def work(local: Any) -> Any:
        yield 1
        yield local
    started = work(value)
    with contextlib.suppress(StopIteration):
        started.__anext__().send(None)
    return started


@holder
def in_iterator(value: Any) -> Any:
    return iter([value])


@holder
def in_map(value: Any) -> Any:
    return map(print, [value])


@holder
def in_chain(value: Any) -> Any:
    return itertools.chain([1], (value,))


@holder
def in_repeat(value: Any) -> Any:
    return itertools.repeat(value)


@for_callables
def as_sentinel(value: Any) -> Any:
    return iter(value, 3)


@holder
def in_context(value: Any) -> Any:
    variable: contextvars.ContextVar[Any] = contextvars.ContextVar("request")
    context = contextvars.Context()
    context.run(variable.set, value)
    return [context]


@holder
def as_context_default(value: Any) -> Any:
    return contextvars.ContextVar("request", default=value)


@holder
def in_thread_local(value: Any) -> Any:
    made = threading.local()
    made.x = value
    return made


@for_callables
def in_weak_callback(value: Any) -> Any:
    anchor = Box()
    return [anchor, weakref.ref(anchor, value)]


@holder
def in_finalizer(value: Any) -> Any:
    anchor = Box()
    made = weakref.finalize(anchor, print, value)
    made.atexit = False
    return [anchor, made]


@holder
def in_timer(value: Any) -> Any:
    return threading.Timer(1000, print, [value])


@holder
def in_future(value: Any) -> Any:
    from concurrent.futures import Future
    made: Future[Any] = Future()
    made.set_result(value)
    return made


@holder
def in_handler(value: Any) -> Any:
    made = logging.NullHandler()
    made.held = value
    return made


# Where a chain of holders can begin. Each answers what undoes it.

ROOTS: dict[str, Callable[[dict, str, Any], Callable[[], object]]] = {}
NATIVE = {"at_exit"}


def root(function: Callable[..., Any]) -> Callable[..., Any]:
    ROOTS[function.__name__] = function
    return function


@root
def module(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    namespace[name] = value
    return lambda: namespace.pop(name)


@root
def library(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    setattr(copyreg, name, value)
    return lambda: delattr(copyreg, name)


@root
def local_of_a_thread(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    begun, end = threading.Event(), threading.Event()

    def waits(held: list[Any]) -> None:
        local = held.pop()
        begun.set()
        end.wait()
        del local

    thread = threading.Thread(target=waits, args=([value],), name="worker")
    thread.start()
    begun.wait()

    def undo() -> None:
        end.set()
        thread.join()
    return undo


@root
def cell_of_a_thread(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    begun, end = threading.Event(), threading.Event()

    def waits(held: list[Any]) -> None:
        local = held.pop()

        def inner() -> Any:
            return local
        del inner
        begun.set()
        end.wait()

    thread = threading.Thread(target=waits, args=([value],), name="worker")
    thread.start()
    begun.wait()

    def undo() -> None:
        end.set()
        thread.join()
    return undo


@root
def generator_of_a_thread(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    begun, end = threading.Event(), threading.Event()

    def numbers(local: Any) -> Iterator[int]:
        begun.set()
        end.wait()
        yield 1
        del local

    thread = threading.Thread(target=next, args=(numbers(value),), name="worker")
    thread.start()
    begun.wait()

    def undo() -> None:
        end.set()
        thread.join()
    return undo


@root
def thread_attribute(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="worker")
    thread.held = value
    thread.start()

    def undo() -> None:
        end.set()
        thread.join()
    return undo


@root
def waiting_timer(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    timer = threading.Timer(1000, print, [value])
    timer.name = "worker"
    timer.start()

    def undo() -> None:
        timer.cancel()
        timer.join()
    return undo


@root
def event_loop(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    loop = asyncio.new_event_loop()
    namespace[name] = loop
    loop.call_later(1000, print, value)

    def undo() -> None:
        namespace.pop(name)
        loop.close()
    return undo


@root
def task(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    loop = asyncio.new_event_loop()

    async def work(local: Any) -> Any:
        await asyncio.sleep(1000)
        return local

    made = loop.create_task(work(value), name="worker")
    loop.call_soon(loop.stop)
    loop.run_forever()

    def undo() -> None:
        nonlocal made
        made.cancel()
        loop.run_until_complete(asyncio.gather(made, return_exceptions=True))
        made = None
        loop.close()
    return undo


@root
def signal_handler(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    before = signal.signal(signal.SIGUSR2, functools.partial(print, value))
    return lambda: signal.signal(signal.SIGUSR2, before)


@root
def system_hook(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    before, sys.unraisablehook = sys.unraisablehook, functools.partial(print, value)
    return lambda: setattr(sys, "unraisablehook", before)


@root
def log_filter(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    logger = logging.getLogger("afresh.test")
    keep = Ids(value)
    logger.addFilter(keep)

    def undo() -> None:
        logger.filters.clear()
    del keep
    return undo


@root
def at_exit(namespace: dict, name: str, value: Any) -> Callable[[], object]:
    class Call:
        def __init__(self, held: Any) -> None:
            self.held = held

        def __call__(self) -> None:
            pass

    call = Call(value)
    atexit.register(call)
    known = weakref.ref(call)
    return lambda: atexit.unregister(known())


def hold(choose: Any, value: Any, depth: int) -> tuple[Any, list[str]]:
    """Holders around holders; the innermost refers to `value` once. Answers also their names."""
    names = []
    for _ in range(depth):
        kinds = [name for name in HOLDERS if (name not in CALLABLE or callable(value))
                 and (name not in HASHABLE or _hashable(value))]
        name = choose.choice(kinds)
        names.append(name)
        value = HOLDERS[name](value)
    return value, names


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True

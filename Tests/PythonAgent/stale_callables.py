"""Holders of values among functions, and among what goes on: generators, contexts, timers. See `stale_holders`."""
from __future__ import annotations

import contextlib
import contextvars
import functools
import itertools
import logging
import threading
import types
import weakref
from collections.abc import Iterator
from typing import Any

from stale_holders import Box, for_callables, for_hashables, holder


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

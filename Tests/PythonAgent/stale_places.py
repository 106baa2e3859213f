"""Where a chain of holders can begin in a program. Each answers what undoes it."""
from __future__ import annotations

import asyncio
import atexit
import copyreg
import functools
import logging
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from stale_holders import Ids

ROOTS: dict[str, Callable[[dict, str, Any], Callable[[], object]]] = {}



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

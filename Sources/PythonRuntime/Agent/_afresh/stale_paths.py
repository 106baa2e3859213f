"""Where an old object is held, as a person would write it: `app.handlers['checkout'][0]`."""
from __future__ import annotations

import sys
from _weakref import ReferenceType
from types import CodeType, FrameType

from . import stale_memory as memory
from . import stale_objects as objects
from .stale_objects import CELL, DEQUE, FUNCTION, METHOD, MODULE, PARTIAL, PROXY, SUSPENDABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from .stale_walk import Walk

_FRAMES = tuple(kind.__dict__[name].__get__ for kind, name in zip(SUSPENDABLE, ("gi_frame", "cr_frame", "ag_frame")))
_CODES = tuple(kind.__dict__[name].__get__ for kind, name in zip(SUSPENDABLE, ("gi_code", "cr_code", "ag_code")))
_RUNNING = tuple(
    kind.__dict__[name].__get__ for kind, name in zip(SUSPENDABLE, ("gi_running", "cr_running", "ag_running")))


_readable = sys.version_info >= (3, 13)


def frames_readable() -> bool:
    """Whether the variables of a frame can be read without a trace: before CPython 3.13 that writes them into a dictionary
    that `locals()` may have given to the program, and that keeps them alive. In a copy of the process nobody minds.
    """
    return _readable


def read_frames() -> None:
    """From now on frames may be read: this is a copy of the process."""
    global _readable
    _readable = True


def lacks_names(walk: Walk) -> bool:
    """Whether something is held by a variable of a generator whose name cannot be read."""
    return not _readable and any(
        suspended_code(walk.objects[number]) is not None and child is not suspended_code(walk.objects[number])
        for hit in walk.hits for number, child in walk.steps(hit))


def suspended_code(value: Any) -> CodeType | None:
    """The code of a generator, coroutine or asynchronous generator; None for anything else."""
    for kind, code in zip(SUSPENDABLE, _CODES):
        if type(value) is kind:
            return code(value)
    return None


_MAY_BE_SUSPENDED = 0x20 | 0x80 | 0x100 | 0x200  # flags of code: of generators and coroutines


def is_ended_call(value: Any, code: Any) -> bool:
    """Whether an object is the frame of a call of this code, which has come to its end, or runs on a thread; or is what
    `traceback` notes of a frame.
    """
    if type(value) is FrameType:
        return value.f_code is code and not code.co_flags & _MAY_BE_SUSPENDED
    return type(code) is CodeType and objects.class_path(type(value)) == "traceback.FrameSummary"


def suspended_frame(value: Any) -> FrameType | None:
    """The frame of a generator or coroutine that has begun and has not ended."""
    for kind, frame in zip(SUSPENDABLE, _FRAMES):
        if type(value) is kind:
            return frame(value)
    return None


def is_running(value: Any) -> bool:
    """Whether a generator or coroutine executes right now: then it is one of some thread's frames."""
    for kind, running in zip(SUSPENDABLE, _RUNNING):
        if type(value) is kind:
            return running(value)
    return False


def write(label: str, chain: list[Any], target: Any, attributes: bool, skipped: int = 0) -> str:
    """The path from a root, `chain[0]` with the name `label`, over the rest of `chain` to `target`. `attributes`: the
    keys of the next dictionary are attributes. `skipped`: so many places of `target` in the last holder have been told.
    """
    text = label
    mode = "cell" if type(chain[0]) is CELL else ""  # what the next tuple, dictionary or cell is
    last = len(chain) - 1
    for number, (holder, child) in enumerate(zip(chain, [*chain[1:], target])):
        step, attributes, mode = _step(holder, child, attributes, mode, skipped if number == last else 0)
        text += step
    return text


def of_thread(text: str) -> str:
    """`threading._active[140419727881920]._target`, by the thread's name."""
    for identifier, name in objects.thread_names().items():
        begin = f"threading._active[{identifier}]"
        if text.startswith(begin):
            return f"thread {name}{text[len(begin):]}"
    return text


def _step(holder: Any, child: Any, attributes: bool, mode: str, skipped: int) -> tuple[str, bool, str]:
    """What one holder adds to the path; how the next dictionary is to be read; what the next tuple or cell is."""
    kind = type(holder)
    if mode == "thread-local" and kind is dict:
        return " (thread-local)", True, ""
    if objects.is_a(holder, dict):
        return _key(holder, child, attributes, mode, skipped), False, ""
    if kind is FUNCTION:
        return _in_function(holder, child)
    if objects.is_a(holder, tuple) or objects.is_a(holder, list) or objects.is_a(holder, DEQUE):
        if mode and mode != "cell":
            return _named(mode, holder, child), False, "cell"
        own = _own_attribute(holder, child)
        return own or (_index(holder, child, skipped), False, "")
    if objects.is_a(holder, set) or objects.is_a(holder, frozenset):
        return "{…}", False, ""
    if kind is CELL:
        return ("" if mode == "cell" else ".cell_contents"), False, ""
    if kind is METHOD:
        return ("" if child is holder.__func__ else ".__self__"), False, ""
    if objects.is_a(holder, PARTIAL):
        return _in_partial(holder, child)
    if kind is staticmethod or kind is classmethod:
        return ".__func__" if child is holder.__func__ else "", True, ""
    if kind is property:
        for name in ("fget", "fset", "fdel"):
            if getattr(holder, name) is child:
                return f".{name}", False, ""
        return "", False, ""
    if kind is PROXY:
        return "", False, ""
    if objects.is_a(holder, type):
        return "", type(child) is dict, ""
    if suspended_code(holder) is not None:
        return _in_suspended(holder, child), False, "cell"
    if suspended_code(child) is not None and objects.type_name(kind) == "Task":
        return "", False, ""
    if kind is FrameType:
        return _in_frame(holder, child), False, "cell"
    if kind is MODULE:
        return "", True, ""
    return _own_attribute(holder, child) or _in_library(holder, child)


def _in_library(holder: Any, child: Any) -> tuple[str, bool, str]:
    """In an object of the interpreter's own: an attribute of it that C code answers, or what it is known to keep."""
    kind = type(holder)
    name = objects.type_name(kind)
    for cls in objects.type_mro(kind):
        if objects.class_module(cls) in _LIBRARY or not objects.type_flags(cls) & objects.HEAP_TYPE:
            for attribute in _ATTRIBUTES:
                descriptor = objects.type_dict(cls).get(attribute)
                if type(descriptor) in (objects.GETSET, objects.SLOT):
                    try:
                        held = descriptor.__get__(holder)
                    except Exception:
                        continue
                    if held is child:
                        return f".{attribute}", False, ""
    if name == "_lru_cache_wrapper":
        if type(child) is dict:
            return ("", True, "") if child is objects.instance_dict(holder) else ("", False, "cache")
        return " (cached)", False, ""
    if name == "_local" and type(child) is dict:
        return "", False, "thread-local"
    if child is kind:
        return ".__class__", False, ""
    if name == "ContextVar":
        return " (default)", False, ""
    if name in _INSIDE:
        return _INSIDE[name], False, ""
    return f" (inside {name})", False, ""


_LIBRARY = ("_asyncio", "_functools", "functools", "itertools", "collections")
_ATTRIBUTES = ("args", "__cause__", "__context__", "__traceback__", "tb_frame", "tb_next", "f_back", "f_trace", "__self__",
               "__callback__", "__origin__", "__args__", "_coro", "_result", "_exception", "_callbacks", "_loop",
               "_fut_waiter", "__wrapped__", "default_factory")
_INSIDE = {"Context": " (context variable)", "hamt": "", "hamt_bitmap_node": "", "hamt_array_node": "",
           "hamt_collision_node": ""}


def _in_frame(frame: FrameType, child: Any) -> str:
    if _readable:
        for name, value in frame.f_locals.items():
            if value is child or (type(child) is CELL and contents(child) is value):
                return f" (local {name!r} of {frame.f_code.co_name}())"
    return ".f_back" if child is frame.f_back else f" (local of {frame.f_code.co_name}())"


def _own_attribute(holder: Any, child: Any) -> tuple[str, bool, str] | None:
    if type(child) is dict and child is objects.instance_dict(holder):
        return "", True, ""
    name = objects.attribute_of(holder, child)
    if name == "__dict__":
        return "", True, ""
    if name == "data" and objects.class_module(type(holder)) in ("collections", "weakref"):
        return "", False, ""  # what a UserDict and a WeakKeyDictionary are written around
    return (f".{name}", False, "") if name is not None else None


def _key(holder: dict, child: Any, attributes: bool, mode: str, skipped: int) -> str:
    for key, value in list(dict.items(holder)):
        if (value is child or key is child) and skipped:
            skipped -= 1
        elif value is child:
            if mode == "cache":
                return " (cached)"
            if mode == "default":
                return f" (default of {key!r})"
            if type(key) is ReferenceType:
                key = ReferenceType.__call__(key)
            if attributes and type(key) is str:
                return f".{key}" if key[:1].strip() else key
            text = objects.key_text(key)
            return f"[{text}]" if text is not None else f"[<{objects.type_name(type(key))}>]"
        elif key is child:
            return " (cached argument)" if mode == "cache" else " (a key)"
    return _in_library(holder, child)[0]


def _index(holder: Any, child: Any, skipped: int) -> str:
    place = memory.place(holder, child, skipped)
    if place is not None and place >= 0:
        return f"[{place}]"
    iterate = list.__iter__ if objects.is_a(holder, list) else \
        tuple.__iter__ if objects.is_a(holder, tuple) else DEQUE.__iter__
    for index, value in enumerate(iterate(holder)):
        if value is child and skipped:
            skipped -= 1
        elif value is child:
            return f"[{index}]"
    return f" (inside {objects.type_name(type(holder))})"


def _in_function(function: Any, child: Any) -> tuple[str, bool, str]:
    if child is function.__code__:
        return "", False, ""
    if child is function.__closure__:
        return "", False, "closure " + " ".join(function.__code__.co_freevars)
    if child is function.__defaults__:
        code = function.__code__
        names = code.co_varnames[:code.co_argcount][-len(child):]
        return "", False, "default " + " ".join(names)
    if child is function.__kwdefaults__:
        return "", False, "default"
    if type(child) is dict and child is not function.__dict__:
        return ".__annotations__", False, ""
    return "", type(child) is dict, ""


def _named(mode: str, holder: Any, child: Any) -> str:
    """The variable of a closure, or the parameter of a default, by its place in the function's tuple."""
    what, *names = mode.split(" ")
    for name, value in zip(names, holder):
        if value is child:
            return f" ({'closure variable' if what == 'closure' else 'default of'} {name!r})"
    return f" ({what})"


def _in_partial(holder: Any, child: Any) -> tuple[str, bool, str]:
    function, args, keywords = (_PARTIAL[name](holder) for name in ("func", "args", "keywords"))
    if child is function:
        return ".func", False, ""
    if child is args:
        return ".args", False, ""
    if child is keywords:
        return ".keywords", False, ""
    return "", type(child) is dict, ""


_PARTIAL = {name: PARTIAL.__dict__[name].__get__ for name in ("func", "args", "keywords")}


def contents(cell: Any) -> Any:
    """What a cell holds; the cell itself if it is empty."""
    held = objects.referents(cell)
    return held[0] if held else cell


def _in_suspended(holder: Any, child: Any) -> str:
    code = suspended_code(holder)
    if code is None or child is code:
        return ""
    name = ""
    frame = suspended_frame(holder)
    if _readable and frame is not None:
        for local, value in frame.f_locals.items():
            if value is child or (type(child) is CELL and contents(child) is value):
                name = f" {local!r}"
                break
    return f" (local{name} of {code.co_name}())"

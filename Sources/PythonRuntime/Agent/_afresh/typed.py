"""What was typed into a console or a notebook, or given with `-c`: the text of `__main__` where no file has it.

It is nobody's to save. But the names that it imported, and what it computed from them, are what modules had then.
"""
from __future__ import annotations

import _afresh
import sys

from . import modules
from .stale_ledger import Loaded
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_TREE, _AWAIT = 0x400, 0x2000  # flags of `compile`: a syntax tree only; notebooks may wait at the top level
_known: dict[str, Any] = {}  # text → its syntax tree, None where it does not compile
_made: tuple[list[str], CodeType | None] | None = None  # of the last texts


def loaded() -> Loaded | None:
    """`__main__`, if it is no file's. Its code is not executed: it says what the texts import and bind."""
    namespace = namespace_of(sys.modules.get("__main__"))
    if namespace is None or modules.record_of("__main__") is not None or type(namespace.get("__file__")) is str:
        return None
    texts = _texts(namespace)
    if texts is None:
        return Loaded("__main__", namespace, None, None, 1, "")
    texts = [text for text in texts if _tree(text) is not None]
    return Loaded("__main__", namespace, _code(texts), None, 1, "", "\n".join(texts).encode("utf-8", "replace"))


def _texts(namespace: dict[str, Any]) -> list[str] | None:
    """All of them, in the order in which they were executed; None where they are not kept."""
    cells = namespace.get("_ih")  # IPython's and Jupyter's, with magic commands as calls
    if type(cells) is list:
        return [cell for cell in cells if type(cell) is str]
    words, first = _afresh.command
    given = sys.orig_argv
    if first != "-c" or not 0 < words < len(given):
        return None
    before, text = given[-words - 1:][:2]
    return [text if before[:1] == "-" and before[-1:] == "c" else text.partition("c")[2]]


def _tree(text: str) -> Any:
    if text not in _known:
        try:
            tree: Any = compile(text, "<typed>", "exec", _TREE | _AWAIT, True)
            tree.body = [each for each in tree.body if getattr(each, "module", None) != "__future__"]
            compile(_guarded([tree]), "<typed>", "exec", _AWAIT, True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        _known[text] = tree
    return _known[text]


def _code(texts: list[str]) -> CodeType | None:
    global _made
    if _made is None or _made[0] != texts:
        _made = texts, compile(_guarded([_known[text] for text in texts]), "<typed>", "exec", _AWAIT, True)
    return _made[1]


def _guarded(trees: list[Any]) -> Any:
    """One module of all. Any of them may have ended with an exception, and the others ran all the same."""
    from _ast import ExceptHandler, Module, Pass, Try

    place = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
    body = [
        Try(body=tree.body, handlers=[ExceptHandler(type=None, name=None, body=[Pass(**place)], **place)], orelse=[],
            finalbody=[], **place)
        for tree in trees if tree.body]
    return Module(body=body, type_ignores=[])

"""Afresh inside a program, for consoles and notebooks: `afresh.reload(module)` and `%load_ext afresh`.

Importing it makes the program live, as `afresh run` does where it starts: what is saved from then on can be brought in.

    >>> import afresh, shop
    >>> afresh.reload(shop)          # after an edit of shop.py; the program's other modules follow where they use it
    >>> afresh.report()              # what was reloaded, and what is still old
"""

from __future__ import annotations

import sys
from typing import Any

from ._command import MissingCommand
from ._reloading import Failed, NotLive, Refused, reload, report, start, status
from ._report import Change, Module, Report, Stale

__all__ = [
    "Change", "Failed", "Module", "NotLive", "Refused", "Report", "Stale", "reload", "report", "start", "status",
]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext afresh`."""
    from . import _ipython

    _ipython.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext afresh`."""
    from . import _ipython

    _ipython.unload(shell)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("afresh")
    raise AttributeError(f"module 'afresh' has no attribute {name!r}")


def _is_command() -> bool:
    """Whether this is `python -m afresh`, on its way to the command."""
    return ("-m", "afresh") in zip(sys.orig_argv, sys.orig_argv[1:])


if not _is_command():
    try:
        start()
    except (NotLive, MissingCommand):
        pass  # whoever asks for a reload is told

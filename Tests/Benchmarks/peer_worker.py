"""One reloader on one case, in a process of its own: prints {"times": milliseconds of each save, "live": share}.

    peer_worker.py RELOADER CASE FOLDER SAVES SECONDS

Timed is the call that brings a text in which is on disk already: no watcher, no debounce, no process in between. It ends
early after SECONDS.
"""
from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [sys.argv[3], os.path.dirname(os.path.abspath(__file__))]
os.chdir(sys.argv[3])

from cases import CASES, Program  # noqa: E402

Reload = Callable[[], object]
FILE = Path(sys.argv[3], "shop.py").resolve()


def by_importlib(program: Program) -> Reload:
    """By hand, in the right order."""
    program.load()

    def reload() -> None:
        importlib.reload(sys.modules["shop"])
        for user in program.users:
            importlib.reload(user)

    return reload


def by_ipython(program: Program) -> Reload:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")
    program.load()
    reloader = shell.magics_manager.registry["AutoreloadMagics"]._reloader
    reloader.check(True)
    return lambda: reloader.check(True)


def by_jurigged(program: Program) -> Reload:
    from jurigged import registry

    registry.set_logger(lambda event: None)
    registry.auto_register(filter=lambda path: path.startswith(sys.argv[3]))
    program.load()
    return registry.get(str(FILE)).refresh


def by_hmr(program: Program) -> Reload:
    from reactivity.hmr.core import HMR_CONTEXT, BaseReloader

    # What nobody reads is not run again: the entry reads of each module what the others are asked for.
    names = ["shop", *(f"user{number}" for number in range(program.case.dependents))]
    entry = Path(sys.argv[3], "entry.py")
    entry.write_text("".join(f"import {name}\n{name}.{'version' if name == 'shop' else 'ask'}\n" for name in names))
    reloader = BaseReloader(str(entry), [sys.argv[3]])
    program.keep(HMR_CONTEXT.effect(reloader.run_entry_file))
    program.load()
    return lambda: reloader.on_changes({FILE})


RELOADERS = {"importlib": by_importlib, "IPython": by_ipython, "jurigged": by_jurigged, "hmr": by_hmr}


def main() -> None:
    _, reloader, name, _, saves, seconds = sys.argv
    case = CASES[name]
    program = Program(case)
    reload = RELOADERS[reloader](program)
    gc.collect()
    times: list[float] = []
    deadline = time.monotonic() + float(seconds)
    number = 0
    while number < int(saves) and time.monotonic() < deadline:
        number += 1
        FILE.write_text(case.text(number))
        later = time.time_ns() + number * 2_000_000_000  # some tell one save from the next by the file's time alone
        os.utime(FILE, ns=(later, later))
        begun = time.perf_counter()
        reload()
        times.append((time.perf_counter() - begun) * 1000)
    print(json.dumps({"times": times, "live": program.live(number)}), file=sys.__stdout__, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()

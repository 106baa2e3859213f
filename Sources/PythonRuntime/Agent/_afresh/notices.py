"""What a person should know about this program: its name, and whether it restarts itself."""
from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEXT = "{} restarts this program on each save, and its state is lost: {} to keep it live"
_SERVERS = ("uvicorn", "gunicorn", "hypercorn", "granian", "fastapi", "quart", "sanic", "litestar")
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def name_of_program(arguments: list[str]) -> str:
    """"app.py", "-m pkg", "gunicorn", "-c"."""
    if "--multiprocessing-fork" in arguments:
        return "multiprocessing worker"
    if any(text.startswith("from multiprocessing.") for text in arguments):
        return "multiprocessing helper"  # its resource tracker, its fork server
    rest = iter(arguments[1:])
    for argument in rest:
        if argument in _WITH_VALUE:
            next(rest, None)
        elif argument == "-m":
            return f"-m {next(rest, '')}".strip()
        elif argument.startswith("-m") and not argument.startswith("--"):
            return f"-m {argument[2:]}"
        elif argument == "-c" or argument.startswith("-c"):
            return "-c"
        elif argument == "-" or not argument.startswith("-"):
            return os.path.basename(argument) or argument
    return os.path.basename(arguments[0]) if arguments else "python"


def notices(arguments: list[str]) -> list[dict[str, Any]]:
    """`notices` of `hello`."""
    words = [os.path.basename(argument) for argument in arguments]
    text = None
    if os.environ.get("WERKZEUG_RUN_MAIN") == "true" or "flask" in words and "--debug" in words:
        text = _TEXT.format("Flask's reloader", "run it with --no-reload")
    elif os.environ.get("RUN_MAIN") == "true" or "runserver" in words:
        text = _TEXT.format("Django's runserver", "run it with --noreload")
    elif "fastapi" in words and "dev" in words:
        text = _TEXT.format("fastapi dev", "run it with --no-reload")
    elif "--reload" in words:
        server = next((name for name in _SERVERS if name in words), None)
        if server is not None:
            text = _TEXT.format(server, "run it without --reload")
    if text is None or "--no-reload" in words or "--noreload" in words:
        return []
    return [{"code": "restarts-itself", "message": text}]

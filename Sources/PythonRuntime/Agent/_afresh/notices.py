"""What a person should know about this program: its name, and whether it restarts itself."""
from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def name_of_program(arguments: list[str]) -> str:
    """"app.py", "-m pkg", "gunicorn", "-c"."""
    if "--multiprocessing-fork" in arguments:
        return "multiprocessing worker"
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
        text = ("Flask's reloader restarts this program on each save, and its state is lost: "
                "run it with --no-reload to keep it live")
    elif os.environ.get("RUN_MAIN") == "true" or "runserver" in words:
        text = ("Django's runserver restarts this program on each save, and its state is lost: "
                "run it with --noreload to keep it live")
    elif "uvicorn" in words and "--reload" in words:
        text = ("uvicorn restarts this program on each save, and its state is lost: "
                "run it without --reload to keep it live")
    if text is None or "--no-reload" in words or "--noreload" in words:
        return []
    return [{"code": "restarts-itself", "message": text}]

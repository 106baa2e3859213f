"""Programs that compute, wait, loop and start others: scripts, packages, threads, tasks, processes, games, command lines."""

from __future__ import annotations

import asyncio
from typing import Any

from conftest import Stage
from live import Edits, left, stale
from program import Program

RULES = """\
SPEED = 1


class Ship:
    def __init__(self):
        self.x = 0

    def step(self):
        self.x += SPEED
        return self.x


SHIP = Ship()
"""

# One step for each line that it is sent.
LOOP = """\
import sys
{imports}
from rules import SHIP


def shown(x):
    return f"at {{x}}"


def main():
    print("ready", flush=True)
    for line in sys.stdin:
        print(shown(SHIP.step()), flush=True)


if __name__ == "__main__":
    main()
"""


async def begun(stage: Stage, *command: str, programs: int = 1, **options: Any) -> tuple[Program, Edits]:
    program = await (await stage.start(*command, **options)).ready()
    editor = await stage.editor()
    await editor.programs(programs)
    return program, Edits(editor)


async def test_a_script_with_a_loop(frameworks: Stage) -> None:
    frameworks.write({"rules.py": RULES, "game.py": LOOP.format(imports="")})
    program, edit = await begun(frameworks, frameworks.python, "game.py")
    assert await program.ask("step") == "at 1"
    for name, change, answer in (
        ("rules.py", ("SPEED = 1", "SPEED = 10"), "at 11"),
        ("rules.py", ("self.x += SPEED", "self.x += SPEED * 2"), "at 31"),
        ("game.py", ('"at {x}"', '"now at {x}"'), "now at 51"),  # a function of the script itself
    ):
        report = await edit(name, change)
        assert (report["outcome"], stale(report), await program.ask("step")) == ("live", [], answer), report

    # The loop that runs goes on as it began, and the report names it.
    report = await edit("game.py", ("print(shown(SHIP.step())", 'print("!" + shown(SHIP.step())'))
    assert (report["outcome"], [kind for _, kind, _ in stale(report)]) == ("stale", ["frame"])
    assert await program.ask("step") == "now at 71"
    assert await program.finish() == 0


async def test_a_package_that_is_run(frameworks: Stage) -> None:
    frameworks.write({
        "game/__init__.py": "", "game/rules.py": RULES, "game/__main__.py": LOOP.format(imports="").replace(
            "from rules", "from .rules")})
    program, edit = await begun(frameworks, frameworks.python, "-m", "game")
    assert await program.ask("step") == "at 1"
    report = await edit("game/rules.py", ("SPEED = 1", "SPEED = 10"))
    assert (report["outcome"], await program.ask("step")) == ("live", "at 11")
    report = await edit("game/__main__.py", ('"at {x}"', '"now at {x}"'))
    assert (report["outcome"], await program.ask("step")) == ("live", "now at 21")


THREADS = """\
import queue
import threading

jobs, done = queue.Queue(), queue.Queue()


def work(job):
    return job * 2


def worker():
    while True:
        done.put(work(jobs.get()))


def call(job):
    jobs.put(job)
    return done.get()


threading.Thread(target=worker, daemon=True).start()
"""


async def test_threads(frameworks: Stage) -> None:
    frameworks.write({"pool.py": THREADS})
    program, editor = await frameworks.both("pool")
    edit = Edits(editor)
    report = await edit("pool.py", ("job * 2", "job * 3"))
    assert (report["outcome"], await program.ask("pool.call(5)")) == ("live", "15")

    # The thread is in the loop that it was started with.
    report = await edit("pool.py", ("done.put(work(jobs.get()))", "done.put(work(jobs.get()) + 1)"))
    assert (report["outcome"], [(symbol, kind) for symbol, kind, _ in stale(report)]) == ("stale", [("pool.worker", "frame")])
    assert await program.ask("pool.call(5)") == "15"
    assert await program.ask("threading.active_count() if (threading := pool.threading) else 0") in ("2", "3")


TASKS = """\
import asyncio
import sys

from rules import SHIP

TICKS = asyncio.Event()


async def fly():
    while True:
        await TICKS.wait()
        TICKS.clear()
        print(await position(), flush=True)


async def position():
    return f"at {SHIP.step()}"


async def main():
    flying = asyncio.create_task(fly())
    asyncio.get_running_loop().add_reader(0, lambda: (sys.stdin.readline(), TICKS.set()))
    print("ready", flush=True)
    await flying


if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_tasks_that_last(frameworks: Stage) -> None:
    frameworks.write({"rules.py": RULES, "game.py": TASKS})
    program, edit = await begun(frameworks, frameworks.python, "game.py")
    assert await program.ask("step") == "at 1"
    report = await edit("game.py", ('"at {SHIP', '"now at {SHIP'))
    assert (report["outcome"], await program.ask("step")) == ("live", "now at 2")
    report = await edit("game.py", ("print(await position()", 'print("!", await position()'))
    assert (report["outcome"], [(symbol, kind) for symbol, kind, _ in stale(report)]) == ("stale", [("__main__.fly", "frame")])
    assert await program.ask("step") == "now at 3"


PROCESSES = """\
import multiprocessing
import sys

from rules import SHIP


def serve(inbox, outbox):
    while True:
        inbox.get()
        outbox.put(f"at {SHIP.step()}")


def main():
    context = multiprocessing.get_context(sys.argv[1])
    inbox, outbox = context.Queue(), context.Queue()
    context.Process(target=serve, args=(inbox, outbox), daemon=True).start()
    inbox.put(None)
    print("ready" if outbox.get() == "at 1" else "wrong", flush=True)
    for line in sys.stdin:
        inbox.put(None)
        print(outbox.get(), flush=True)


if __name__ == "__main__":
    main()
"""


async def test_processes_that_a_program_forks_and_spawns(frameworks: Stage) -> None:
    # With spawn, multiprocessing has a process of its own that keeps track of resources: a program too.
    for way, programs in (("fork", 2), ("spawn", 3)):
        frameworks.write({"rules.py": RULES, "game.py": PROCESSES})
        program, edit = await begun(frameworks, frameworks.python, "game.py", way, programs=programs)
        report = await edit("rules.py", ("SPEED = 1", "SPEED = 10"))
        assert report["outcome"] == "live"
        assert len([host for host in report["hosts"] if host["modules"]]) == 2, report
        assert await program.ask("step") == "at 11"
        assert await program.finish() == 0


POOL = """\
import multiprocessing
import sys


def area(n):
    return n * n


def main():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print("ready", flush=True)
        for line in sys.stdin:
            print(pool.map(area, [1, 2, 3]), flush=True)


if __name__ == "__main__":
    main()
"""


async def test_a_pool_of_processes(frameworks: Stage) -> None:
    frameworks.write({"game.py": POOL})
    program, edit = await begun(frameworks, frameworks.python, "game.py", programs=3)
    assert await program.ask("map") == "[1, 4, 9]"
    report = await edit("game.py", ("n * n", "n * 10"))
    assert (report["outcome"], len(report["hosts"])) == ("live", 3)
    assert await program.ask("map") == "[10, 20, 30]"


PYGAME = """\
import os
import sys

os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
import pygame

from rules import SHIP

COLOUR = (255, 0, 0)


def draw(screen):
    screen.fill((0, 0, 0))
    screen.fill(COLOUR, pygame.Rect(SHIP.step(), 0, 1, 1))


def main():
    pygame.init()
    screen = pygame.display.set_mode((100, 10))
    print("ready", flush=True)
    for line in sys.stdin:
        draw(screen)
        pygame.display.flip()
        lit = [(x, tuple(screen.get_at((x, 0)))[:3]) for x in range(100) if screen.get_at((x, 0))[:3] != (0, 0, 0)]
        print(lit, flush=True)


if __name__ == "__main__":
    main()
"""


async def test_a_game(frameworks: Stage) -> None:
    frameworks.write({"rules.py": RULES, "game.py": PYGAME})
    program, edit = await begun(frameworks, frameworks.python, "game.py")
    assert await program.ask("frame") == "[(1, (255, 0, 0))]"
    report = await edit("rules.py", ("SPEED = 1", "SPEED = 10"))
    assert (report["outcome"], await program.ask("frame")) == ("live", "[(11, (255, 0, 0))]")
    report = await edit("game.py", ("pygame.Rect(SHIP.step(), 0, 1, 1)", "pygame.Rect(SHIP.step(), 0, 2, 1)"))
    assert (report["outcome"], await program.ask("frame")) == ("live", "[(21, (255, 0, 0)), (22, (255, 0, 0))]")
    report = await edit("game.py", ("COLOUR = (255, 0, 0)", "COLOUR = (0, 255, 0)"))
    assert (report["outcome"], await program.ask("frame")) == ("live", "[(31, (0, 255, 0)), (32, (0, 255, 0))]")


COMMANDS = """\
import shlex
import sys

import click
import typer

from rules import SHIP


@click.group()
def cli():
    pass


@cli.command()
@click.option("--times", default=1)
def fly(times):
    click.echo(f"at {[SHIP.step() for _ in range(times)][-1]}")


typed = typer.Typer()


@typed.command()
def land(where: str = "here"):
    typer.echo(f"landed {where}")


def main():
    print("ready", flush=True)
    for line in sys.stdin:
        name, *words = shlex.split(line)
        (cli if name == "click" else typed)(words, standalone_mode=False)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
"""


async def test_command_lines_of_click_and_typer(frameworks: Stage) -> None:
    frameworks.write({"rules.py": RULES, "shell.py": COMMANDS, "start.py": "import shell\nshell.main()\n"})
    program, edit = await begun(frameworks, frameworks.python, "start.py")
    assert await program.ask("click fly") == "at 1"
    report = await edit("shell.py", ('f"at {', 'f"now at {'))  # what the command does
    assert (report["outcome"], await program.ask("click fly")) == ("live", "now at 2")
    for change, line, answer in (
        (("default=1", "default=3"), "click fly", "now at 5"),  # its decorator
        (("@cli.command()", '@cli.command()\ndef stop():\n    click.echo("stopped")\n\n\n@cli.command()'), "click stop", "stopped"),
        (('"landed {where}"', '"landed at {where}"'), "typer", "landed at here"),
        (('"here"', '"there"'), "typer", "landed at there"),  # a default, which typer reads where it is registered
    ):
        report = await edit("shell.py", change)
        assert (report["outcome"], left(report), stale(report)) == ("live", [], []), report
        assert await program.ask(line) == answer

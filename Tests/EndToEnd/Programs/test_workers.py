"""A worker that forks others and takes tasks from a queue."""

from __future__ import annotations

from conftest import Stage
from live import Edits, left, stale
from program import LIMIT

TASKS = """\
from celery import Celery

app = Celery("tasks", broker="filesystem://", backend="file://results")
app.conf.broker_transport_options = {name: "queue" for name in ("data_folder_in", "data_folder_out", "control_folder")}
RATE = 2


@app.task
def price(count):
    return f"{count * RATE} EUR"
"""

# Sends a task and waits for what comes of it, for each line.
SENDER = """\
import sys

import tasks

print("ready", flush=True)
for line in sys.stdin:
    print(tasks.price.delay(int(line)).get(timeout=%d), flush=True)
""" % LIMIT


async def test_a_worker_of_celery(frameworks: Stage) -> None:
    frameworks.write({"tasks.py": TASKS, "send.py": SENDER})
    for name in ("queue", "results"):
        (frameworks.folder / name).mkdir()
    worker = await frameworks.start(
        frameworks.python, "-m", "celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "2",
        "--loglevel", "INFO")
    await worker.complains("ready")
    sender = await (await frameworks.start(frameworks.python, "send.py", live=False)).ready()
    editor = await frameworks.editor()
    await editor.programs(3)  # the parent and two children
    edit = Edits(editor)
    assert await sender.ask("10") == "20 EUR"
    for change, answer in (
        (("RATE = 2", "RATE = 3"), "30 EUR"),
        (('f"{count * RATE} EUR"', 'f"{count * RATE} euros"'), "30 euros"),
    ):
        report = await edit("tasks.py", change)
        assert (report["outcome"], stale(report), left(report)) == ("live", [], []), report
        assert len([host for host in report["hosts"] if host["modules"]]) == 3
        assert [await sender.ask("10") for _ in range(4)] == [answer] * 4  # whichever child takes it

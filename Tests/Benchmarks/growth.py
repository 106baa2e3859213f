"""1,000 saves of one module: whether the last ones take longer than the first, and what grows."""
from __future__ import annotations

import tempfile
from pathlib import Path

from cases import CASES
from figures import Table, milliseconds, percentile
from session import Session
from language_server import resident

SAVES = 1000
SPAN = 100  # saves at the start and at the end that are compared
HERE = Path(__file__).resolve().parent


def table(binary: Path, python: str, environment: dict[str, str]) -> Table:
    table = Table(
        f"{SAVES} saves of one function, Afresh: the first {SPAN} and the last {SPAN}",
        "case", "first ms", "last ms", "ratio", "program MiB", "checker MiB", "server MiB")
    for name in ("body", "value"):
        case = CASES[name]
        with tempfile.TemporaryDirectory() as folder_name:
            folder = Path(folder_name).resolve()
            case.write(folder)
            command = [python, str(HERE / "case_program.py"), name, str(folder)]
            session = Session(binary, command, folder, folder / "shop.py", environment, {"policy": "patch"})
            times: list[float] = []
            early: dict[str, float] = {}
            try:
                for number in range(1, SAVES + SPAN + 1):  # the first span warms up
                    times.append(session.save(case.text(number))["applied"])
                    if number == SPAN:
                        early = sizes(session)
                late = sizes(session)
            finally:
                session.close()
        first, last = percentile(times[SPAN:2 * SPAN], 50), percentile(times[-SPAN:], 50)
        table.add(case.title, milliseconds(first), milliseconds(last), f"{last / first:.2f}",
                  *(f"{early[key]:.1f} → {late[key]:.1f}" for key in ("program", "checker", "server")))
    return table


def sizes(session: Session) -> dict[str, float]:
    """Resident MiB of each process; the checker is the server's child."""
    server = session.editor.pid
    return {"program": resident(session.program.pid), "server": resident(server), "checker": sum(map(resident, children(server)))}


def children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]

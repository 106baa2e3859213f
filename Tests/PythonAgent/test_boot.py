"""The agent in a program that nobody saves: there, and not seen."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import statistics
import subprocess

import pytest
from client import AGENT, LIMIT

FACTS = """
import json, os, signal, sys, threading, gc, warnings
print(json.dumps({
    "threads": [str(type(t)) for t in threading.enumerate()], "count": threading.active_count(), "path": sys.path,
    "signals": [str(signal.getsignal(s)) for s in signal.valid_signals() if s != signal.SIGURG],
    "mask": [str(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
    "gc": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()], "filters": [str(f) for f in warnings.filters],
    "meta_path": [getattr(f, "__name__", type(f).__name__) for f in sys.meta_path],
    "hooks": [str(sys.excepthook), str(sys.unraisablehook)],
    "argv": sys.argv,
    "site": "sitecustomize" in sys.modules, "interval": sys.getswitchinterval(), "trace": str(sys.gettrace()),
}))
"""


def run(python: str, folder: pathlib.Path, *arguments: str, live: bool = True, **environment: str):
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "AFRESH"))}
    variables |= {"XDG_RUNTIME_DIR": str(folder)} | ({"PYTHONPATH": str(AGENT / "boot")} if live else {}) | environment
    command = [python, *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=LIMIT)


def test_a_program_sees_the_same_process_as_without_the_agent(python, folder):
    plain = run(python, folder, "-c", FACTS, live=False)
    live = run(python, folder, "-c", FACTS)
    assert live.stderr == plain.stderr == ""
    assert json.loads(live.stdout) == json.loads(plain.stdout)


@pytest.mark.parametrize(
    "options", [(), ("-X", "dev"), ("-W", "error"), ("-X", "dev", "-W", "error"), ("-O",), ("-B",), ("-P",)])
@pytest.mark.parametrize("code", ["pass", "print(1); raise SystemExit(3)", "1/0", "import os; os._exit(4)",
                                  "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "import nosuch"])
def test_output_and_exit_code_are_the_program_s_own(python, folder, options, code):
    plain = run(python, folder, *options, "-c", code, live=False)
    live = run(python, folder, *options, "-c", code)
    assert (live.returncode, live.stdout, live.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_tracebacks_of_failing_imports_are_the_same(python, folder):
    (folder / "broken.py").write_text("def f(:\n")
    (folder / "raises.py").write_text("import broken\n")
    (folder / "fails.py").write_text("1/0\n")
    (folder / "lost.py").write_text("import nosuch\n")
    for module in ("broken", "raises", "fails", "lost"):
        for arguments in (("-c", f"import {module}"), ("-m", module)):
            plain = run(python, folder, "-B", *arguments, live=False)
            live = run(python, folder, "-B", *arguments)
            assert (live.returncode, live.stdout, live.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_the_socket_is_removed_at_exit_and_the_environment_is_kept(python, folder):
    code = "import os; print(os.environ['PYTHONPATH']); print(*os.listdir(os.environ['XDG_RUNTIME_DIR'] + '/afresh'))"
    done = run(python, folder, "-c", code)
    path, socket = done.stdout.split()
    assert path == str(AGENT / "boot")
    assert socket.startswith("host-")
    assert os.listdir(folder / "afresh") == []


def test_the_runtime_folder_is_private(python, folder):
    run(python, folder, "-c", "pass")
    assert (folder / "afresh").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_enter_is_not_used_and_the_program_runs(python, folder):
    (folder / "afresh").mkdir(mode=0o755)
    (folder / "afresh").chmod(0o755)
    done = run(python, folder, "-c", "print(1)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    assert os.listdir(folder / "afresh") == []


def test_the_process_that_afresh_run_started_says_why_it_is_not_live(python, folder):
    (folder / "afresh").mkdir(mode=0o755)
    (folder / "afresh").chmod(0o755)
    script = "import os; os.environ['AFRESH_RUN_PID'] = str(os.getpid()); " \
        f"os.execv({python!r}, [{python!r}, '-c', 'print(1)'])"
    done = run(python, folder, "-c", script)
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert done.stderr.startswith("afresh: this program is not live: ") and done.stderr.count("\n") == 1


def older(folder):
    """Interpreters that are too old to be live, 2.7 among them."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    names = ("python2", "python3.8", "python3.9", "python3.10")
    for path in [*root.glob("versions/*/bin/python"), *filter(None, map(shutil.which, names))]:
        version = run(str(path), folder, "-c", "import sys; print(sys.version_info[:2] < (3, 11))", live=False).stdout
        if version.strip() == "True":
            yield str(path)


def test_interpreters_that_are_too_old_run_normally_and_say_so_once(folder):
    found = list(older(folder))
    if not found:
        pytest.skip("no interpreter older than 3.11 is here")
    for path in found:
        script = "import os, sys; os.environ['AFRESH_RUN_PID'] = sys.argv[1] or str(os.getpid()); " \
            "os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])"
        done = run(path, folder, "-c", script, "")
        assert (done.returncode, done.stdout) == (0, "1\n")
        assert done.stderr.count("\n") == 1 and "CPython 3.11 or later is needed" in done.stderr
        done = run(path, folder, "-c", script, "1")
        assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_the_user_s_sitecustomize_and_usercustomize_run_under_their_own_names(python, folder):
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text(
        "import sys; print('site', __name__, __file__, sys.modules[__name__].__file__ == __file__)\n")
    (folder / "site/usercustomize.py").write_text("print('user', __name__)\n")
    path = f"{AGENT / 'boot'}{os.pathsep}{folder / 'site'}"
    code = "import sitecustomize, sys; print(sitecustomize.__file__)"
    home = {"HOME": str(folder), "PYTHONUSERBASE": str(folder)}
    done = run(python, folder, "-c", code, PYTHONPATH=path, **home)
    plain = run(python, folder, "-c", code, PYTHONPATH=str(folder / "site"), **home)
    assert "site sitecustomize" in done.stdout
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize("statement", ["1/0", "import nosuch", "raise ImportError('x', name='y')"])
def test_errors_of_the_user_s_sitecustomize_are_reported_as_usual(python, folder, statement):
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text(statement + "\n")
    done = run(python, folder, "-c", "print(1)", PYTHONPATH=f"{AGENT / 'boot'}{os.pathsep}{folder / 'site'}")
    plain = run(python, folder, "-c", "print(1)", PYTHONPATH=str(folder / "site"))
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_boot_imports_only_what_is_built_in(python, folder):
    code = "import sys; print(*sorted(sys.modules))"
    plain = set(run(python, folder, "-c", code, live=False).stdout.split())
    live = set(run(python, folder, "-c", code).stdout.split())
    assert live - plain <= {"_afresh", "_functools", "_socket", "select", "atexit"}


def test_children_are_live_and_those_with_an_empty_environment_merely_run(python, folder, start):
    program = start(body="import subprocess, sys")
    program.do("child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE); print()")
    child = program.value("child.pid")
    with program.connect(child) as client:
        assert client.greeting["pid"] == child and client.greeting["ppid"] == program.pid
    assert program.value("child.communicate(b'\\n') and child.returncode") == 0
    program.do("command = [sys.executable, '-c', 'print(1)']; print()")
    program.do("bare = subprocess.run(command, env={}, capture_output=True, text=True); print()")
    assert program.value("[bare.returncode, bare.stdout, bare.stderr]") == [0, "1\n", ""]


def test_subinterpreters_have_no_agent(python, folder, start):
    program = start(body="""
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
    """, options=())
    code = "import sys; m = sys.modules.get('_afresh'); print(m is None or m.host is None, flush=True)"
    run = f"i = interpreters.create(); interpreters.run_string(i, {code!r}); interpreters.destroy(i)"
    assert program.do(run) == "True"
    assert len(program.sockets()) == 1


def test_a_program_has_the_name_that_it_was_started_by(python, folder, start, write):
    write("pkg/__main__.py", "input()\n")
    script = str(write("app.py", "input()\n"))
    for command, name in ((("-m", "pkg"), "-m pkg"), (("-c", "input()"), "-c"), ((script,), "app.py")):
        program = start(*command)
        with program.connect() as client:
            assert client.greeting["name"] == name
        program.process.stdin.write(b"\n")
        program.process.stdin.flush()
        assert program.process.wait(LIMIT) == 0


@pytest.mark.parametrize("arguments, environment, expected", [
    (("flask", "--app", "x", "run", "--debug"), {}, "Flask"), (("flask", "run", "--debug", "--no-reload"), {}, None),
    (("app.py",), {"WERKZEUG_RUN_MAIN": "true"}, "Flask"), (("manage.py", "runserver"), {}, "Django"),
    (("manage.py", "runserver", "--noreload"), {}, None), (("uvicorn", "--reload", "a:b"), {}, "uvicorn"),
    (("gunicorn", "-w", "2", "--reload", "a:b"), {}, "gunicorn"), (("fastapi", "dev", "a.py"), {}, "fastapi"),
    (("uvicorn", "a:b"), {}, None), (("manage.py", "migrate"), {"RUN_MAIN": "true"}, "Django"),
])
def test_servers_that_restart_themselves_are_told(start, write, arguments, environment, expected):
    write(arguments[0], "input()\n")
    program = start(*arguments, environment=environment)
    with program.connect() as client:
        notices = client.greeting["notices"]
    program.process.stdin.write(b"\n")
    if expected is None:
        assert notices == []
    else:
        assert [notice["code"] for notice in notices] == ["restarts-itself"] and expected in notices[0]["message"]


def test_the_agent_adds_less_than_a_megabyte(python, folder):
    code = "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')][0])"

    def once(live: bool) -> int:
        return int(run(python, folder, "-c", code, live=live).stdout)

    once(True)
    added = statistics.median(once(True) for _ in range(7)) - statistics.median(once(False) for _ in range(7))
    print(f"added {added} KiB")
    assert added < 1024

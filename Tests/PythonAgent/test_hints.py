"""What is said of an edit before it is saved, by the checker alone, and that it comes true when it is saved."""

from __future__ import annotations

import base64
import json
import marshal
import sys
import unittest
from typing import Any
from unittest import mock

from live import AGENT, CheckerFailure, PatchCase, encoded
from test_checker import CheckerCase, covered

REPEATED = {
    "import threading\nthreading.Thread(target=print).start()": "starts a thread",
    "from threading import Thread as T\nt = T(target=print)\nt.start()": "starts a thread",
    "import _thread\n_thread.start_new_thread(print, ())": "starts a thread",
    "import multiprocessing as mp\nmp.Process(target=print).start()": "starts a process",
    "import subprocess\nsubprocess.run(['true'])": "starts a process",
    "from subprocess import Popen\nP = Popen(['true'])": "starts a process",
    "import os\nos.system('true')": "starts a process",
    "from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(2)": "makes a pool of workers",
    "import concurrent.futures\nPOOL = concurrent.futures.ProcessPoolExecutor()": "makes a pool of workers",
    "import socket\nS = socket.create_server(('', 0))": "binds a socket",
    "import socket\ns = socket.socket()\ns.bind(('', 0))": "binds a socket",
    "import http.server\nhttp.server.HTTPServer(('', 0), None).serve_forever()": "waits for connections",
    "import sqlite3\nDB = sqlite3.connect(':memory:')": "opens a connection",
    "LOG = open('log', 'a')": "opens a file",
    "import json\nwith open('x') as f:\n    X = json.load(f)": "opens a file",
    "import atexit\natexit.register(print)": "registers a handler for the program's end",
    "import atexit\n@atexit.register\ndef bye(): pass": "registers a handler for the program's end",
    "import signal\nsignal.signal(signal.SIGTERM, print)": "sets a signal handler",
    "from signal import signal, SIGHUP\nsignal(SIGHUP, print)": "sets a signal handler",
    "import sys\nsys.settrace(print)": "sets a hook of the interpreter",
    "import sys\nsys.path.insert(0, 'lib')": "calls sys.path.insert for its effect",
    "import logging\nlogging.basicConfig(level=10)": "configures logging",
    "import logging\nlog = logging.getLogger()\nlog.addHandler(logging.StreamHandler())": "adds a handler to a logger",
    "import asyncio\nasync def main(): pass\nasyncio.run(main())": "runs an event loop",
    "import flask\napp = flask.Flask('x')\napp.run()": "runs something",
    "import uvicorn\nuvicorn.run('app')": "runs something",
    "while True:\n    pass": "runs an endless loop",
    "import time\ntime.sleep(1)": "waits",
    "from app import app\n@app.route('/')\ndef index(): pass": "registers index with app",
    "import bus\nbus.events.subscribe(print)": "calls bus.events.subscribe for its effect",
    "from bus import subscribe\nsubscribe(print)": "calls subscribe for its effect",
    "from counters import C\nC.total += 1": "changes C",
    "import threading\ndef go():\n    t = threading.Thread()\n    t.start()\ngo()": "starts a thread, in go()",
    "import time\ndef work():\n    while True:\n        step()\ndef main():\n    work()\nmain()":
        "runs an endless loop, in work(), in main()",
    "import os\nif os.name == 'posix':\n    os.umask(7)": "changes the process",
    "import os\ntry:\n    os.chdir('/')\nexcept OSError:\n    pass": "changes the process",
    "class C:\n    import subprocess\n    out = [open(p) for p in ()]": "opens a file",
}

HARMLESS = [
    "X = 1", "X = [i for i in range(3)]", "print('hello')", "import os\nHOME = os.environ.get('HOME')",
    "import re\nR = re.compile('x')\nM = R.match('x')\nS = M and M.start()", "import logging\nlog = logging.getLogger('x')",
    "from functools import lru_cache\n@lru_cache(None)\ndef f(): pass", "import click\n@click.command()\ndef f(): pass",
    "from dataclasses import dataclass\n@dataclass\nclass C: pass", "HANDLERS = []\nHANDLERS.append(1)",
    "def open(p): return p\nX = open(1)", "def f():\n    import subprocess\n    subprocess.run(['true'])",
    "f = lambda: open('x')", "import threading\nLOCK = threading.Lock()\nt = threading.Thread()",
    "while True:\n    break", "if __name__ == '__main__':\n    import sys\n    sys.exit(1)",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    exit()", "async def f(): exit()\nX = f",
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('x')", "class C:\n    def start(self): exit()\nc = C()",
    "def f(exit): exit()\nf(len)",
]


class Hints(CheckerCase):
    def previewed(self, new: str, old: str, policy: str = "patch", **more: Any) -> Any:
        module = {"name": "m", "path": "/p/m.py", "package": False, "main": False, **more}
        module |= {"source": encoded(new.encode()), "running": {"source": encoded(old.encode()), "code": None}}
        return self.checker.request("preview", policy=policy, optimize=0, modules=[module])["modules"][0]

    def words(self, new: str, old: str, policy: str = "patch", **more: Any) -> list[str]:
        return [again["message"] for again in self.previewed(new, old, policy, **more)["again"]]

    def test_effects_are_told(self) -> None:
        for text, what in REPEATED.items():
            with self.subTest(text):
                self.assertIn(f"This runs again with the save: it {what}.", self.words(f"{text}\nX = 2\n", text, "exact"))

    def test_what_does_no_harm_is_not(self) -> None:
        for text in HARMLESS:
            with self.subTest(text):
                self.assertEqual(self.words(f"{text}\nY = 2\n", text, "exact"), [])

    def test_at_its_place(self) -> None:
        old = "import atexit\nif 1:\n    é = 1; atexit.register(print)\n"
        (again,) = self.previewed(old + "X = 1\n", old, "exact")["again"]
        self.assertEqual(covered(old.encode(), again["range"]), "atexit.register(print)")

    def test_exact_does_not_repeat_what_is_new(self) -> None:
        self.assertEqual(self.words("open('x')\nX = 1\n", "X = 1\n", "exact"), [])

    def test_patch_repeats_what_was_edited_and_what_reads_it(self) -> None:
        text = "import atexit\nN = {0}\nM = N + 1\natexit.register(print, {1})\natexit.register(print, M)\nopen('x')\n"
        edited = self.words(text.format(1, 6), text.format(1, 5))
        self.assertEqual(edited, ["This runs again with the save: it registers a handler for the program's end."])
        reads = self.words(text.format(2, 5), text.format(1, 5))
        self.assertEqual(
            reads, ["This runs again with the save, since it reads M: it registers a handler for the program's end."]
        )

    def test_patch_repeats_nothing_else(self) -> None:
        text = "import atexit\ndef f(): return {0}\natexit.register(f)\nopen('x')\nX = {1}\n"
        self.assertEqual(self.words(text.format(2, 1), text.format(1, 1)), [])
        self.assertEqual(self.words(text.format(1, 2), text.format(1, 1)), [])
        self.assertEqual(self.words("# more\n" + text.format(1, 1), text.format(1, 1)), [])
        self.assertEqual(self.words(text.format(1, 1) + "open('y')\n", text.format(1, 1)), [])

    def test_what_keeps_its_contents_is_registered_with_once_more(self) -> None:
        text = "H = []\nN = {0}\nH.append(N)\n"
        self.assertEqual(
            self.words(text.format(2), text.format(1)), ["This runs again with the save, since it reads N: it changes H."]
        )
        both = "H = [{0}]\nN = {0}\nH.append(N)\n"
        self.assertEqual(self.words(both.format(2), both.format(1)), [])

    def test_a_module_executed_as_a_whole(self) -> None:
        new = "from __future__ import annotations\nopen('x')\n"
        answer = self.previewed(new, "open('x')\n")
        self.assertIn("__future__", answer["fallback"])
        self.assertEqual([each["message"] for each in answer["again"]], ["This runs again with the save: it opens a file."])

    def test_undone(self) -> None:
        answer = self.previewed("open('x')\nX = 1\n", "open('x')\nX = 1\n", "exact")
        self.assertEqual((answer["unchanged"], answer["again"], answer["changes"]), (True, [], []))

    def test_a_syntax_error(self) -> None:
        answer = self.previewed("X = (\n", "X = 1\n")
        self.assertEqual(([p["code"] for p in answer["problems"]], answer["again"]), (["syntax-error"], []))

    def test_a_text_that_is_too_deep(self) -> None:
        """Deep enough for what looks for effects, and not for the comparison."""
        for depth in (50, 150, 200, 300, 400, 600, 900):
            text = "X = {0}\nopen('x', X)\nY = f(" + "-" * depth + "X)\n"
            for policy in ("patch", "exact"):
                answer = self.previewed(text.format(2), text.format(1), policy)
                self.assertEqual((answer["unchanged"], answer["problems"]), (False, []), (depth, policy))

    def test_not_many(self) -> None:
        text = "open('x')\n" * 500
        self.assertEqual(len(self.words(text + "X = 1\n", text, "exact")), 50)


class NotApplied(Hints):
    def withheld(self, new: str, old: str, **more: Any) -> list[tuple[str, str]]:
        return [(change["symbol"], change["reason"]) for change in self.previewed(new, old, **more)["changes"]]

    def test_what_the_script_does_once(self) -> None:
        text = "RATE = {0}\ndef main(n): return n\nif __name__ == '__main__':\n    main({1})\n"
        once = [("if __name__ == '__main__':", "it runs once, when the program starts")]
        self.assertEqual(self.withheld(text.format(1, 2), text.format(1, 1), main=True), once)
        self.assertEqual(self.withheld(text.format(1, "RATE"), text.format(2, "RATE"), main=True), once)
        self.assertEqual(self.withheld(text.format(1, 1), text.format(2, 1), main=True), [])
        body = text.replace("return n", "return n + 1")
        self.assertEqual(self.withheld(body.format(1, 1), text.format(1, 1), main=True), [])
        self.assertEqual(self.withheld(text.format(1, 2), text.format(1, 1)), [])

    def test_another_layout(self) -> None:
        text = "class C:\n    __slots__ = ({})\n    def f(self): return 1\n"
        self.assertEqual(
            self.withheld(text.format("'a', 'b'"), text.format("'a',")),
            [("C", "instances or subclasses made before the edit keep the old layout")],
        )
        self.assertEqual(self.withheld(text.format("'a',").replace("1", "2"), text.format("'a',")), [])

    def test_a_closure_that_needs_another_variable(self) -> None:
        text = "def make(a, b):\n    def inner(): return {}\n    return inner\nF = make(1, 2)\n"
        self.assertEqual(
            self.withheld(text.format("a + b"), text.format("a")),
            [("make.<locals>.inner", "closures made before the edit have no variable b")],
        )
        unused = text.replace("F = make(1, 2)", "")
        self.assertEqual(self.withheld(unused.format("a + b"), unused.format("a")), [])


class BesideASave(CheckerCase):
    """The save that follows is answered by what the preview found, and never waits for one."""

    def params(self, new: str, running: Any) -> dict[str, Any]:
        module = {"name": "m", "path": "/p/m.py", "package": False, "main": False, "source": encoded(new.encode())}
        return {"policy": "patch", "optimize": 0, "modules": [module | {"running": running}]}

    def test_the_answer_is_the_same(self) -> None:
        old = "import atexit\nX = 1\natexit.register(print, X)\nclass C:\n    A = X\n"
        new = old.replace("X = 1", "X = 2")
        running: dict[str, Any] = {"source": encoded(old.encode()), "code": None}

        def checked() -> Any:
            answer = self.checker.request("check", **self.params(new, running))
            payload = answer["modules"][0]["payload"]
            payload["plan"] = marshal.loads(base64.b64decode(payload["plan"]))
            return answer

        cold = checked()
        running = {"digest": self.checker.request("check", **self.params(old, running))["modules"][0]["digest"]}
        for prepared in (new, old, "X = (", new):
            self.checker.request("preview", **self.params(prepared, running))
            self.assertEqual(checked(), cold)

    def test_a_text_is_compared_once(self) -> None:
        sys.path.insert(0, str(AGENT / "checker"))
        self.addCleanup(sys.path.remove, str(AGENT / "checker"))
        for name in ("requests", "comparison", "params"):
            self.addCleanup(sys.modules.pop, name, None)
        import requests  # the checker's

        old = "X = 1\ndef f(): return X\n"
        requests.check(self.params(old, {"source": encoded(old.encode()), "code": None}))
        digest = requests.check(self.params(old, {"source": encoded(old.encode()), "code": None}))["modules"][0]["digest"]
        new, running = old.replace("return X", "return X + 1"), {"digest": digest}
        with mock.patch.object(requests, "Comparison", wraps=requests.Comparison) as made:
            requests.preview(self.params(new, running))
            self.assertEqual(made.call_count, 1)
            requests.check(self.params(new, running))
            requests.preview(self.params(new, running))
            self.assertEqual(made.call_count, 1)
            self.assertEqual(list(requests._QUICK), ["m"])  # as after a check without a preview
            # Anything else that is given makes another comparison.
            requests.check(self.params(new, running) | {"policy": "exact"})
            requests.check(self.params(new, running) | {"optimize": 1, "modules": [
                self.params(new, {"source": encoded(old.encode()), "code": None})["modules"][0]]})
            requests.check(self.params(new + "\n", running))
            requests.check(self.params(new, {"source": encoded(old.encode()), "code": None}))  # a new running module
            requests.check({**self.params(new, running), "modules": [
                {**self.params(new, {"source": encoded(b"1"), "code": None})["modules"][0], "name": "other"}]})
            self.assertEqual(made.call_count, 6)

    def test_a_preview_leaves_what_a_save_is_about(self) -> None:
        """Between `check` and `affected` of one save."""
        old, new = "def f(): return 1\ndef g(): return f()\n", "def f(): return 2\ndef g(): return f()\n"
        use = "from m import g\nX = g()\n"
        running = {"source": encoded(old.encode()), "code": None}
        user = {
            "name": "use", "path": "/p/use.py", "package": False, "main": False,
            "running": {"source": encoded(use.encode()), "code": None},
            "edges": [{"from": "use", "to": "m", "names": ["g"], "lazy": False}],
        }
        answers = []
        for previewed in (None, old, "def f(): return 3\n"):
            changed = self.checker.request("check", **self.params(new, running))["modules"][0]["changed"]
            if previewed is not None:
                self.checker.request("preview", **self.params(previewed, running))
            answers.append(self.checker.request(
                "affected", policy="patch", optimize=0, changed={"m": changed}, modules=[user]))
        self.assertTrue(answers[0]["modules"][0]["affected"])
        self.assertEqual(answers[1:], [answers[0]] * 2)

    def test_it_gives_way(self) -> None:
        text = "".join(f"def f{n}(a, b={n}): return [a + b + {n} for _ in range({n})]\nX{n} = f{n}(1)\n" for n in range(1500))
        running = {"source": encoded(text.encode()), "code": None}
        small = {"source": encoded(b"X = 1\n"), "code": None}
        self.checker.request("preview", **self.params(text, running))  # compiled and known
        messages = [
            {"jsonrpc": "2.0", "id": "slow", "method": "preview",
             "params": self.params(text.replace("X1 = f1(1)", "X1 = f2(2)"), running)},
            {"jsonrpc": "2.0", "id": "save", "method": "check", "params": self.params("X = 2\n", small)},
        ]
        process = self.checker.process
        assert process.stdin is not None
        for message in messages:
            body = json.dumps(message).encode()
            process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        process.stdin.flush()
        replies = [self.read(), self.read()]
        self.assertEqual([reply["id"] for reply in replies], ["slow", "save"])
        self.assertEqual(replies[0]["error"]["code"], -32800)
        self.assertEqual(len(replies[1]["result"]["modules"]), 1)
        with self.assertRaises(CheckerFailure):
            self.checker.request("preview")  # and is none the worse for it

    def read(self) -> Any:
        stdout = self.checker.process.stdout
        assert stdout is not None
        length = 0
        while line := stdout.readline().strip():
            length = int(line.split(b":")[1])
        return json.loads(stdout.read(length))


class AfterASave(PatchCase):
    """What was said before comes true, in the same words."""

    def foreseen(self, text: str) -> Any:
        record = self.live.records["m"]
        module = {"name": "m", "path": self.root + "/m.py", "package": False, "main": False}
        module |= {"source": encoded(text.encode()), "running": {"source": encoded(record.source), "code": None}}
        return self.checker.request("preview", policy="patch", optimize=0, modules=[module])["modules"][0]

    def again(self) -> list[str]:
        return [each["message"] for module in self.live.report["modules"] for each in module.get("again", ())]

    def test_what_runs_again_because_of_a_value(self) -> None:
        text = "import atexit\nN = {}\ndef f(n): pass\natexit.unregister(f)\natexit.register(f, N)\nM = N > 5\nopen('x') if M and 0 else 0\n"
        self.load(text.format(1))
        expected = [each["message"] for each in self.foreseen(text.format(2))["again"]]
        self.save(text.format(2))
        words = "This runs again with the save, since it reads N: it registers a handler for the program's end."
        # M is False as before: what reads it was expected to run, and did not.
        self.assertEqual((self.again(), words in expected), ([words], True))

    def test_what_was_edited_itself_is_not_told_again(self) -> None:
        text = "import sys\nsys.intern({!r})\n"
        self.load(text.format("a"))
        self.assertEqual(len(self.foreseen(text.format("b"))["again"]), 1)
        self.save(text.format("b"))
        self.assertEqual(self.again(), [])

    def test_in_a_dependent(self) -> None:
        self.load("N = 1\n", use="import sys\nfrom m import N\nsys.intern(str(N))\n")
        self.save("N = 2\n")
        self.assertEqual(self.again(), ["This runs again with the save, since it reads N: it calls sys.intern for its effect."])

    def test_reasons_are_those_of_the_agent(self) -> None:
        layout = "class C:\n    __slots__ = ({})\n"
        m = self.load(layout.format("'a',"))
        kept = m.C()
        (before,) = self.foreseen(layout.format("'a', 'b'"))["changes"]
        self.save(layout.format("'a', 'b'"))
        after = [c["reason"] for each in self.live.report["modules"] for c in each["changes"] if not c["applied"]]
        self.assertEqual(after, [f"1 {before['reason']}"])
        del kept


if __name__ == "__main__":
    unittest.main()

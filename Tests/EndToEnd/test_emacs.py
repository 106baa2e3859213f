"""The Emacs package in a real Emacs, with both of its language clients: eglot and lsp-mode."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from typing import Any

import pytest
from conftest import ROOT, Stage
from program import LIMIT

PACKAGE = ROOT / "editors" / "emacs"

CLIENTS = {
    "eglot": "(add-hook 'python-mode-hook #'eglot-ensure)",
    "lsp-mode": "(add-hook 'python-mode-hook #'lsp)",
}

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
CART = "import os\nfrom shop import price\n\n\ndef pay():\n    return price()\n"

# What a test needs of Emacs besides the user's five lines.
SUPPORT = """
(setq lsp-auto-guess-root t lsp-restart 'ignore lsp-enable-snippet nil lsp-warn-no-matched-clients nil
      lsp-server-install-dir (expand-file-name "lsp" user-emacs-directory) lsp-session-file (expand-file-name "lsp-session" user-emacs-directory)
      make-backup-files nil create-lockfiles nil)
(require 'json)
(defun test-until (condition)
  (let ((ends (+ (float-time) %f)) held)
    (while (and (not (progn (run-hooks 'post-command-hook) (setq held (funcall condition)))) (< (float-time) ends))
      (accept-process-output nil 0.02))
    held))
(defun test-write (line text)
  (goto-char (point-min))
  (forward-line (1- line))
  (delete-region (line-beginning-position) (line-end-position))
  (insert text)
  (run-hooks 'post-command-hook)
  (save-buffer))
(defun test-live ()
  "Whether nothing is old: said of the save, or of the same text when the client's own watcher tells of it once more."
  (member (string-trim (afresh-mode-line)) '("afresh: live" "afresh: unchanged")))
(defun test-marks ()
  (vconcat (mapcar (lambda (mark) (vector (line-number-at-pos (flymake-diagnostic-beg mark)) (flymake-diagnostic-text mark)))
                   (flymake-diagnostics))))
"""


class Emacs:
    """A daemon that is asked by emacsclient."""

    pid = 0
    buffer = "*scratch*"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @classmethod
    async def start(cls, stage: Stage, client: str, settings: str = "") -> Emacs:
        home = stage.folder.parent
        (home / ".emacs.d").mkdir()
        (home / ".emacs.d" / "init.el").write_text("\n".join([
            f"(add-to-list 'load-path \"{PACKAGE}\")",
            "(require 'afresh)",
            f"(setq afresh-command '(\"{stage.binary}\" \"lsp\") {settings})",
            CLIENTS[client], SUPPORT % LIMIT]))
        environment = {**stage.environment, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
        process = await asyncio.create_subprocess_exec(
            "emacs", f"--daemon={home / 'emacs.sock'}", cwd=stage.folder, env=environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        assert await asyncio.wait_for(process.wait(), 2 * LIMIT) == 0, "Emacs does not start"
        emacs = cls(stage)
        emacs.pid = await emacs.ask("(emacs-pid)")
        return emacs

    async def ask(self, expression: str) -> Any:
        """The value of an Emacs Lisp expression, as JSON has it."""
        script = self.stage.folder.parent / "ask.el"
        answer = self.stage.folder.parent / "answer.json"
        answer.unlink(missing_ok=True)
        script.write_text(f"(let ((value {self.inside(expression)})) (let ((coding-system-for-write 'utf-8))"
                          f" (write-region (json-encode value) nil \"{answer}\")))")
        process = await asyncio.create_subprocess_exec(
            "emacsclient", "-s", str(self.stage.folder.parent / "emacs.sock"), "--eval", f'(load "{script}" nil t)',
            env=self.stage.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output, _ = await asyncio.wait_for(process.communicate(), 3 * LIMIT)
        assert answer.exists(), output.decode()
        return json.loads(answer.read_text())

    def inside(self, expression: str) -> str:
        return f'(with-current-buffer "{self.buffer}" {expression})'

    async def open(self, name: str) -> None:
        self.buffer = "*scratch*"
        await self.ask(f'(with-current-buffer (find-file "{self.stage.folder}/{name}") (run-hooks \'post-command-hook \'window-configuration-change-hook)'
                       f' (when (bound-and-true-p flymake-mode) (flymake-start))) t')
        self.buffer = name

    async def until(self, condition: str, after: str = "nil") -> None:
        """Waits inside Emacs, its processes running, until an expression holds; `after` something is done there."""
        held = await self.ask(f"{after} (and (test-until (lambda () {condition})) t)")
        assert held is True, f"never: {condition}; {await self.ask(SEEN)}"

    def stop(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)


SEEN = """(list (buffer-name) (afresh-mode-line) (test-marks) (with-current-buffer "*Messages*" (buffer-string)))"""


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_save_in_emacs_reaches_the_program(stage: Stage, client: str) -> None:
    assert shutil.which("emacs"), "emacs is not installed"
    stage.write({"shop.py": SHOP, "pyproject.toml": ""})
    program = await stage.program("shop")
    emacs = await Emacs.start(stage, client)
    try:
        await emacs.open("shop.py")
        await emacs.until("(afresh-mode-line)")

        # An edit that is right: the program runs it, the mode line says so.
        await emacs.until('(test-live)',
                          after='(test-write 5 "    return RATE * 11")')
        assert await program.ask("shop.price()") == "22"

        # One that does not compile is marked, and the program is as it was; put right, the mark goes.
        await emacs.until('(and (= 1 (length (test-marks))) (equal (string-trim (afresh-mode-line)) "afresh: blocked"))',
                          after='(test-write 5 "    return (")')
        ((line, text),) = await emacs.ask("(test-marks)")
        assert line == 5 and "was never closed" in text
        assert await program.ask("shop.price()") == "22"
        await emacs.until('(and (= 0 (length (test-marks))) (test-live))',
                          after='(test-write 5 "    return RATE * 12")')
        assert await program.ask("shop.price()") == "24"

        # The region, executed in the program; what it printed is shown.
        await program.ask("setattr(shop, 'RATE', 7)")
        await emacs.until('(with-current-buffer "*Messages*" (string-match-p "has executed it" (buffer-string)))',
                          after="(afresh-run 1 10)")
        assert await program.ask("shop.RATE") == "2"

        # The report in words.
        await emacs.ask("(save-current-buffer (afresh-status)) t")
        text = await emacs.ask('(with-current-buffer "*Afresh*" (buffer-string))')
        assert "reload 3: live" in text and "shop: live, generation 3" in text, text

        # Mode off: a save does nothing but say so. A reload that is asked for does.
        await emacs.until('(equal (string-trim (afresh-mode-line)) "afresh: off")', '(afresh-set-mode "off")')
        await emacs.until("(= 1 (length (test-marks)))",
                          after='(test-write 5 "    return RATE * 13")')
        assert await program.ask("shop.price()") == "24"
        await emacs.until("(= 0 (length (test-marks)))", "(afresh-reload)")
        assert await program.ask("shop.price()") == "26"
        await emacs.until("(= 1 (length (test-marks)))", '(test-write 5 "    return RATE * 14")')
        assert await program.ask("shop.price()") == "26"
        await emacs.until("(= 0 (length (test-marks)))", '(afresh-set-mode "all")')
        assert await program.ask("shop.price()") == "28"
    finally:
        emacs.stop()


# As a person does it: asks for what can be done where the cursor stands, and chooses from the list.
CHOOSE = """
(goto-char (point-min)) (forward-line 1) (search-forward "price") (backward-char 2)
(cl-letf ((last-nonmenu-event t)
          ((symbol-function 'completing-read)
           (lambda (_prompt choices &rest _) (car (seq-filter (lambda (choice) (string-match-p "Rebind" choice))
                                                              (all-completions "" choices))))))
  (if (bound-and-true-p lsp-mode) (call-interactively #'lsp-execute-code-action)
    (eglot-code-actions (point) (point) nil t)))"""


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_stale_from_import_is_marked_in_emacs_and_mended_there(stage: Stage, client: str) -> None:
    assert shutil.which("emacs"), "emacs is not installed"
    stage.write({"shop.py": SHOP, "cart.py": CART, "pyproject.toml": ""})
    program = await stage.program("shop", "cart")
    emacs = await Emacs.start(stage, client, "afresh-settings '(:policy \"exact\" :dependents \"none\")")
    try:
        for name in ("cart.py", "shop.py"):
            await emacs.open(name)
        await emacs.until("(afresh-mode-line)")
        await emacs.until('(equal (string-trim (afresh-mode-line)) "afresh: 1 stale")',
                          after='(test-write 5 "    return RATE * 11")')
        assert await program.ask("cart.pay()") == "20"

        await emacs.open("cart.py")
        await emacs.until("(= 1 (length (test-marks)))")
        ((line, text),) = await emacs.ask("(test-marks)")
        assert line == 2 and "cart.price still holds the old shop.price" in text
        await emacs.until('(and (= 0 (length (test-marks))) (test-live))', CHOOSE)
        assert await program.ask("cart.pay(), cart.price is shop.price") == "(22, True)"
        assert await emacs.ask("(buffer-modified-p)") is None
    finally:
        emacs.stop()

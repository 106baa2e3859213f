"""The Vim plugin in a real Vim, whose language client is ALE."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import shutil
from typing import Any

from conftest import ROOT, Stage
from program import LIMIT

PLUGIN = ROOT / "editors" / "vim"

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"
CART = "import os\nfrom shop import price\n\n\ndef pay():\n    return price()\n"


class Vim:
    """A Vim in a terminal, which is asked over a channel that it opens."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.number = 0

    @classmethod
    async def start(cls, stage: Stage, name: str, settings: str = "{}") -> Vim:
        vim = cls(stage)
        home = stage.folder.parent
        connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        vim.listener = await asyncio.start_unix_server(
            lambda reader, writer: connected.set_result((reader, writer)), str(home / "vim.sock"), limit=1 << 24)
        configuration = home / "vimrc"
        configuration.write_text("\n".join([
            "set nocompatible noswapfile hidden",
            "packadd ale",
            f"set runtimepath+={PLUGIN}",
            "set laststatus=2 statusline=%f%=%{afresh#StatusLine()}",
            f"let g:ale_python_afresh_executable = '{stage.binary}'",
            f"let g:ale_python_afresh_settings = {settings}",
            "let g:ale_linters = {'python': ['afresh']}",
            "filetype on",
            f"autocmd VimEnter * let g:channel = ch_open('unix:{home}/vim.sock', #{{mode: 'json'}})"]))
        vim.terminal, inside = pty.openpty()
        vim.process = await asyncio.create_subprocess_exec(
            "vim", "-u", str(configuration), "-i", "NONE", name, cwd=stage.folder,
            env={**stage.environment, "HOME": str(home), "TERM": "xterm"}, stdin=inside, stdout=inside, stderr=inside)
        os.close(inside)
        os.set_blocking(vim.terminal, False)
        asyncio.get_running_loop().add_reader(vim.terminal, vim.show)
        vim.reader, vim.writer = await asyncio.wait_for(connected, LIMIT)
        return vim

    def show(self) -> None:
        """Takes what the terminal would show."""
        try:
            os.read(self.terminal, 1 << 16)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.terminal)

    async def ask(self, expression: str) -> Any:
        self.number -= 1
        self.writer.write(json.dumps(["expr", expression, self.number]).encode())
        text = ""
        while True:
            text += (await asyncio.wait_for(self.reader.read(1 << 16), LIMIT)).decode()
            try:
                number, value = json.loads(text)
            except ValueError:
                assert text, "Vim has ended"
                continue
            assert number == self.number
            assert value != "ERROR", expression
            return value

    async def do(self, *commands: str) -> None:
        for command in commands:
            await self.ask(f"execute({json.dumps(command)})")

    async def until(self, condition: str) -> None:
        """Waits until an expression holds; Vim's own loop runs between two questions."""
        ends = asyncio.get_running_loop().time() + LIMIT
        while not await self.ask(condition):
            assert asyncio.get_running_loop().time() < ends, (condition, await self.ask(SEEN))

    async def write(self, line: int, text: str) -> None:
        await self.do(f"call setline({line}, '{text}')", "silent write")

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        asyncio.get_running_loop().remove_reader(self.terminal)
        os.close(self.terminal)
        self.writer.close()
        self.listener.close()


MARKS = "map(copy(ale#engine#GetLoclist(bufnr(''))), {_, mark -> [mark.lnum, mark.text]})"
KNOWS_THE_PROGRAM = "index(afresh#Lines(), 'programs that run live: 1') >= 0"
SEEN = f"[bufname(''), afresh#StatusLine(), {MARKS}, execute('messages'), afresh#Report()]"


async def test_a_save_in_vim_reaches_the_program(stage: Stage) -> None:
    assert shutil.which("vim"), "vim is not installed"
    stage.write({"shop.py": SHOP, "pyproject.toml": ""})
    program = await stage.program("shop")
    vim = await Vim.start(stage, "shop.py")
    try:
        await vim.until(KNOWS_THE_PROGRAM)

        # An edit that is right: the program runs it, the statusline says so.
        await vim.write(5, "    return RATE * 11")
        await vim.until("afresh#StatusLine() == 'afresh: live'")
        assert await program.ask("shop.price()") == "22"

        # One that does not compile is marked, and the program is as it was; put right, the mark goes.
        await vim.write(5, "    return (")
        await vim.until(f"len({MARKS}) == 1 && afresh#StatusLine() == 'afresh: blocked'")
        ((line, text),) = await vim.ask(MARKS)
        assert line == 5 and "was never closed" in text
        assert await program.ask("shop.price()") == "22"
        await vim.write(5, "    return RATE * 12")
        await vim.until(f"len({MARKS}) == 0 && afresh#StatusLine() == 'afresh: live'")
        assert await program.ask("shop.price()") == "24"

        # A line of it, executed in the program; what it printed is shown.
        await program.ask("setattr(shop, 'RATE', 7)")
        await vim.do("1AfreshRun")
        await vim.until("execute('messages') =~ 'has executed it'")
        assert await program.ask("shop.RATE") == "2"

        # The report in words.
        lines = await vim.ask("getbufline(winbufnr(afresh#Show()), 1, '$')")
        assert "    shop: live, generation 3" in lines and any(line.startswith("reload ") and line.endswith(": live") for line in lines), lines

        # Mode off: a save does nothing but say so. A reload that is asked for does, and so does turning it on again.
        await vim.do("AfreshMode off")
        await vim.until("afresh#StatusLine() == 'afresh: off'")
        await vim.write(5, "    return RATE * 13")
        await vim.until(f"len({MARKS}) == 1")
        assert await program.ask("shop.price()") == "24"
        await vim.do("AfreshReload")
        await vim.until(f"len({MARKS}) == 0")
        assert await program.ask("shop.price()") == "26"
        await vim.write(5, "    return RATE * 14")
        await vim.until(f"len({MARKS}) == 1")
        await vim.do("AfreshMode all")
        await vim.until(f"len({MARKS}) == 0 && afresh#StatusLine() == 'afresh: live'")
        assert await program.ask("shop.price()") == "28"
    finally:
        await vim.stop()


async def test_a_stale_from_import_is_marked_in_vim_and_mended_there(stage: Stage) -> None:
    assert shutil.which("vim"), "vim is not installed"
    stage.write({"shop.py": SHOP, "cart.py": CART, "pyproject.toml": ""})
    program = await stage.program("shop", "cart")
    vim = await Vim.start(stage, "cart.py", "{'policy': 'exact', 'dependents': 'none'}")
    try:
        await vim.until(KNOWS_THE_PROGRAM)
        await vim.do("edit shop.py")
        await vim.until(KNOWS_THE_PROGRAM)
        await vim.write(5, "    return RATE * 11")
        await vim.until("afresh#StatusLine() == 'afresh: 1 stale'")
        # As ALE does it now and then: it tells of the same save again, of which nothing comes.
        await vim.do("call ale#events#SaveEvent(bufnr(''))")
        assert await program.ask("cart.pay()") == "20"

        await vim.do("edit cart.py")
        await vim.until(f"len({MARKS}) == 1")
        ((line, text),) = await vim.ask(MARKS)
        assert line == 2 and "cart.price still holds the old shop.price" in text
        # As a person does it: asks for what can be done where the cursor stands, and chooses from the list.
        await vim.do("function! Choose(data, items) abort\n"
                     "let l:chosen = filter(copy(a:items), 'v:val[1].title =~# \"Rebind\"')[0][1]\n"
                     "call ale#codefix#ApplyLSPCodeAction(a:data, l:chosen)\nendfunction")
        await vim.do("call cursor(2, 19)", "call ale#codefix#Execute(0, function('Choose'))")
        await vim.until(f"len({MARKS}) == 0 && afresh#StatusLine() == 'afresh: live'")
        assert await program.ask("cart.pay(), cart.price is shop.price") == "(22, True)"
        assert not await vim.ask("&modified")
    finally:
        await vim.stop()

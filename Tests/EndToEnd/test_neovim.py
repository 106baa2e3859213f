"""The Neovim plugin in real Neovims: the oldest supported one (Debian's) and a current one where it is installed."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Stage
from program import LIMIT

PLUGIN = ROOT / "editors" / "nvim"


def neovims() -> dict[str, str]:
    """Command lines by a name for the test."""
    found = {}
    if path := shutil.which("nvim"):
        found["system"] = path
    beside = Path(sys.executable).parent / "nvim"
    if beside.exists() and str(beside) != found.get("system"):
        found["pip"] = str(beside)
    return found


class Neovim:
    """A headless Neovim that is asked over its own socket."""

    def __init__(self, command: str, process: asyncio.subprocess.Process, stage: Stage) -> None:
        self.command, self.process, self.stage = command, process, stage
        self.socket = str(stage.folder.parent / "nvim.sock")
        self.script = stage.folder.parent / "ask.lua"

    @classmethod
    async def start(cls, command: str, stage: Stage, setup: str) -> Neovim:
        configuration = stage.folder.parent / "init.vim"
        configuration.write_text(f"set runtimepath+={PLUGIN}\nlua {setup}\nfiletype on\n")
        environment = {
            **stage.environment, "HOME": str(stage.folder.parent), "XDG_CONFIG_HOME": str(stage.folder.parent),
            "XDG_DATA_HOME": str(stage.folder.parent), "XDG_STATE_HOME": str(stage.folder.parent)}
        process = await asyncio.create_subprocess_exec(
            command, "--headless", "-u", str(configuration), "-i", "NONE", "-n", "--listen",
            str(stage.folder.parent / "nvim.sock"), cwd=stage.folder, env=environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        neovim = cls(command, process, stage)
        await neovim.until_it_listens()
        return neovim

    async def until_it_listens(self) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + LIMIT
        while True:
            try:
                assert await self.lua("return 1") == 1
                return
            except ConnectionError:
                assert loop.time() < ends and self.process.returncode is None, "Neovim does not listen"

    async def lua(self, code: str) -> Any:
        """Runs Lua inside it; the value that the code returns."""
        self.script.write_text(f"local function ask()\n{code}\nend\nreturn vim.fn.json_encode({{ask()}})\n")
        process = await asyncio.create_subprocess_exec(
            self.command, "--headless", "-u", "NONE", "--server", self.socket, "--remote-expr",
            f"luaeval('dofile(_A)', '{self.script}')", env=self.stage.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output, _ = await asyncio.wait_for(process.communicate(), 2 * LIMIT)
        text = output.decode().strip()
        try:
            values = json.loads(text)
        except ValueError:
            raise ConnectionError(text) from None
        return values[0] if values else None

    async def wait(self, condition: str) -> None:
        """Waits inside Neovim, its event loop running, until a Lua expression holds."""
        held = await self.lua(
            f"return vim.wait({int(LIMIT * 1000)}, function() return {condition} end, 10)")
        assert held is True, f"never true: {condition}; {await self.lua(SEEN)}"

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


SEEN = """return vim.inspect({status = require('afresh').statusline(), report = require('afresh').report(),
    diagnostics = vim.diagnostic.get(), messages = vim.fn.execute('messages'),
    log = vim.fn.readfile(vim.lsp.get_log_path())})"""

SHOP = "RATE = 2\n\n\ndef price():\n    return RATE * 10\n"


@pytest.mark.parametrize("which", ["system", "pip"])
async def test_a_save_in_neovim_reaches_the_program(stage: Stage, which: str) -> None:
    command = neovims().get(which)
    if command is None and which == "pip":
        pytest.skip("no Neovim was installed with pip; Debian's is tested")
    assert command is not None, "nvim is not installed"
    stage.write({"shop.py": SHOP, "pyproject.toml": ""})
    program = await stage.program("shop")
    neovim = await Neovim.start(command, stage, f"require('afresh').setup {{ cmd = {{ '{stage.binary}', 'lsp' }} }}")
    try:
        await drive(neovim, program, stage)
    finally:
        await neovim.stop()


async def drive(neovim: Neovim, program: Any, stage: Stage) -> None:
    await neovim.lua("vim.cmd('edit shop.py')")
    await neovim.wait("require('afresh').statusline() ~= ''")

    # An edit that is right: the program runs it, the statusline says so.
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 11'}); vim.cmd('silent write')")
    await neovim.wait("(require('afresh').report() or {}).outcome == 'live'")
    assert await program.ask("shop.price()") == "22"
    assert await neovim.lua("return require('afresh').statusline()") == "afresh: live"

    # A line of it, executed in the program; what it printed is shown.
    await program.ask("setattr(shop, 'RATE', 7)")
    await neovim.lua("vim.cmd('1AfreshRun')")
    await neovim.wait("vim.fn.execute('messages'):find('has executed it') ~= nil")
    assert await program.ask("shop.RATE") == "2"

    # One that does not compile: a diagnostic, and the program as it was.
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return ('}); vim.cmd('silent write')")
    await neovim.wait("#vim.diagnostic.get(0) == 1 and require('afresh').report().outcome == 'blocked'")
    shown = await neovim.lua("local d = vim.diagnostic.get(0)[1]; return {d.source, d.code or '', d.lnum, d.severity}")
    assert shown[0] == "afresh" and shown[2] == 4 and shown[3] == 1
    assert await neovim.lua("return require('afresh').statusline()") == "afresh: blocked"
    assert await program.ask("shop.price()") == "22"

    # Put right again: the diagnostic goes.
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 12'}); vim.cmd('silent write')")
    await neovim.wait("#vim.diagnostic.get(0) == 0 and require('afresh').report().outcome == 'live'")
    assert await program.ask("shop.price()") == "24"

    # The report in words.
    await neovim.lua("vim.cmd('AfreshStatus')")
    await neovim.wait("#vim.api.nvim_list_wins() == 2")
    lines = await neovim.lua("""
        for _, window in ipairs(vim.api.nvim_list_wins()) do
            if vim.api.nvim_win_get_config(window).relative ~= '' then
                return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true)
            end
        end""")
    assert any("shop: live" in line for line in lines), lines

    # Who depends on whom, in a window of its own.
    await neovim.lua("vim.cmd('AfreshGraph shop')")
    await neovim.wait("vim.bo.buftype == 'nofile'")
    lines = await neovim.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)")
    assert "shop is used by:" in lines and any("__main__" in line for line in lines), lines
    await neovim.lua("vim.cmd('close')")

    # Mode off: a save does nothing but say so. A reload that is asked for does, and so does turning it on again.
    await neovim.lua("vim.cmd('AfreshMode off')")
    await neovim.wait("require('afresh').statusline() == 'afresh: off'")
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 13'}); vim.cmd('silent write')")
    await neovim.wait("#vim.diagnostic.get(0) == 1")
    assert await program.ask("shop.price()") == "24"
    await neovim.lua("vim.cmd('AfreshReload')")
    await neovim.wait("require('afresh').report().trigger.kind == 'command'")
    assert await program.ask("shop.price()") == "26"
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 14'}); vim.cmd('silent write')")
    await neovim.wait("#vim.diagnostic.get(0) == 1")
    assert await program.ask("shop.price()") == "26"
    await neovim.lua("vim.cmd('AfreshMode all')")
    await neovim.wait("#vim.diagnostic.get(0) == 0 and require('afresh').report().outcome == 'live'")
    assert await program.ask("shop.price()") == "28"

    # Its end ends the server.
    await neovim.lua("vim.defer_fn(function() vim.cmd('qall!') end, 0)")
    await asyncio.wait_for(neovim.process.wait(), LIMIT)


async def test_a_hint_shows_on_its_line_before_the_save(stage: Stage) -> None:
    found = neovims()
    assert found, "nvim is not installed"
    stage.write({"work.py": "import atexit\n\nRATE = 1\natexit.register(int, RATE)\n", "pyproject.toml": ""})
    await stage.program("work")
    command = found.get("pip") or found["system"]
    neovim = await Neovim.start(command, stage, f"require('afresh').setup {{ cmd = {{ '{stage.binary}', 'lsp' }} }}")
    try:
        await neovim.lua("vim.cmd('edit work.py')")
        await neovim.wait("require('afresh').statusline() ~= ''")
        await neovim.lua("vim.api.nvim_buf_set_lines(0, 2, 3, true, {'RATE = 2', ''})")
        await neovim.wait("#vim.diagnostic.get(0) == 1")
        shown = await neovim.lua("""local d = vim.diagnostic.get(0)[1]
            return {d.code or d.user_data.lsp.code, d.lnum, d.severity, d.message}""")
        assert shown == ["runs-again", 4, 4, "This runs again with the save, since it reads RATE: "
                         "it registers a handler for the program's end."]
        await neovim.lua("vim.cmd('silent undo')")
        await neovim.wait("#vim.diagnostic.get(0) == 0")
    finally:
        await neovim.stop()


CART = "import os\nfrom shop import price\n\n\ndef pay():\n    return price()\n"

# As a person does it: asks for code actions where the cursor stands, and chooses one from the list.
CHOOSE = """
vim.api.nvim_win_set_cursor(0, {%d, %d})
vim.ui.select = function(items, options, choose)
    for index, item in ipairs(items) do
        if options.format_item(item):find(%r, 1, true) then return choose(item, index) end
    end
    vim.g.offered = vim.tbl_map(options.format_item, items)
    choose(nil)
end
vim.lsp.buf.code_action()
"""


@pytest.mark.parametrize("which", ["system", "pip"])
async def test_a_stale_from_import_is_marked_in_neovim_and_mended_there(stage: Stage, which: str) -> None:
    command = neovims().get(which)
    if command is None and which == "pip":
        pytest.skip("no Neovim was installed with pip; Debian's is tested")
    assert command is not None, "nvim is not installed"
    stage.write({"shop.py": SHOP, "cart.py": CART, "pyproject.toml": ""})
    program = await stage.program("shop", "cart")
    settings = "settings = { policy = 'exact', dependents = 'none' }"
    neovim = await Neovim.start(
        command, stage, f"require('afresh').setup {{ cmd = {{ '{stage.binary}', 'lsp' }}, {settings} }}")
    try:
        await mend_there(neovim, program)
    finally:
        await neovim.stop()


async def mend_there(neovim: Neovim, program: Any) -> None:
    await neovim.lua("vim.cmd('edit cart.py'); vim.cmd('split shop.py')")
    await neovim.wait("require('afresh').statusline() ~= ''")
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 11'}); vim.cmd('silent write')")

    # A warning on the line of the import, at the name that is old.
    cart = "vim.diagnostic.get(vim.fn.bufnr('cart.py'))"
    await neovim.wait(f"#{cart} == 1")
    shown = await neovim.lua(f"local d = {cart}[1]; return {{d.source, d.lnum, d.col, d.end_col, d.severity, d.message}}")
    assert shown[:5] == ["afresh", 1, 17, 22, 2], shown
    assert "cart.price still holds the old shop.price" in shown[5]
    assert await program.ask("cart.pay()") == "20"

    # Its code action mends it in the program, and the warning goes. The text stays as it is.
    await neovim.lua("vim.cmd('wincmd p')")
    await neovim.lua(CHOOSE % (2, 18, "Rebind `price` to generation 2"))
    await neovim.wait(f"#{cart} == 0")
    assert await program.ask("cart.pay(), cart.price is shop.price") == "(22, True)"
    assert await neovim.lua("return vim.api.nvim_buf_get_lines(0, 1, 2, true)[1]") == "from shop import price"
    await neovim.wait("(require('afresh').report() or {}).phase == 'resolved'")
    assert await neovim.lua("return require('afresh').statusline()") == "afresh: live"

    # The other way to mend it, once it is old again: in the text.
    await neovim.lua("vim.cmd('wincmd p')")
    await neovim.lua("vim.api.nvim_buf_set_lines(0, 4, 5, true, {'    return RATE * 12'}); vim.cmd('silent write')")
    await neovim.wait(f"#{cart} == 1")
    await neovim.lua("vim.cmd('wincmd p')")
    await neovim.lua(CHOOSE % (2, 18, "Use `shop.price` instead of"))
    await neovim.wait("vim.api.nvim_buf_get_lines(0, 1, 2, true)[1] == 'import shop'")
    assert await neovim.lua("return vim.api.nvim_buf_get_lines(0, 5, 6, true)[1]") == "    return shop.price()"
    await neovim.lua("vim.cmd('silent write')")
    await neovim.wait("(require('afresh').report() or {}).sequence == 3")
    assert await program.ask("cart.pay()") == "24"

"""What people who come from IPython's autoreload expect of its modes, of `%aimport` and of messages, in the contract's terms:
scenarios 11 to 14, 16, 17 and 48 of the survey of peers, and those of mode 3 that are about the interactive namespace, which
here is the program's own script. The others are in PythonAgent/test_peers_autoreload.py.
"""

from __future__ import annotations

import pytest
from conftest import Stage
from editor import Editor
from pygls.exceptions import JsonRpcException

VALUE = "VALUE = {}\n"
SMOKE = "VALUE = 9\nGONE = 123\ndef foo(y):\n    return y + 3\n"


async def mode_refused(editor: Editor, mode: object) -> str:
    """The message of the error that a mode is answered with."""
    with pytest.raises(JsonRpcException) as raised:
        await editor.command("afresh.setMode", {"mode": mode})
    return str(raised.value)


@pytest.mark.parametrize("names, follows", [
    ([0, "off", "OFF", "Off"], False), ([1, "explicit", "EXPLICIT"], False), ([2, "all", "All", "ALL"], True)])
async def test_11_modes_by_number_and_by_name_in_any_case(stage: Stage, names: list[object], follows: bool) -> None:
    stage.write({"shop.py": VALUE.format(0)})
    program, editor = await stage.both("shop")
    for number, name in enumerate(names, 1):
        await editor.command("afresh.setMode", {"mode": name})
        status = await editor.save("shop.py", VALUE.format(number))
        assert await program.ask("shop.VALUE") == str(number if follows else 0), (name, status)


async def test_11_unknown_modes_are_errors_that_name_the_known_ones(stage: Stage) -> None:
    # 3 and "complete" too: what IPython's mode 3 adds (names that were imported follow) every mode does here.
    stage.write({"shop.py": VALUE.format(1)})
    program, editor = await stage.both("shop")
    for mode in ("complete", 3, 4, -1, "", None, True, ["all"]):
        message = await mode_refused(editor, mode)
        assert all(name in message for name in ('"off"', '"explicit"', '"all"')), message
    assert (await editor.save("shop.py", VALUE.format(2)))["outcome"] == "live"
    assert await program.ask("shop.VALUE") == "2"


async def test_11_a_mode_in_the_settings_may_be_in_capitals(stage: Stage) -> None:
    stage.write({"shop.py": VALUE.format(1)})
    program, editor = await stage.both("shop", settings={"mode": "OFF", "policy": "Patch"})
    await editor.save("shop.py", VALUE.format(2))
    assert await program.ask("shop.VALUE") == "1"
    assert editor.received("window/showMessage") == []


async def test_12_modules_are_tracked_and_untracked_in_turn(stage: Stage) -> None:
    stage.write({"a.py": VALUE.format(0), "b.py": VALUE.format(0)})
    program, editor = await stage.both("a", "b", settings={"mode": "explicit"})
    for number, (tracked, untracked) in enumerate([("a", "b"), ("b", "a"), ("a", "b")], 1):
        mark = editor.mark()
        await editor.command("afresh.track", {"modules": [tracked]})
        if number > 1:
            await editor.applied(mark, f"{tracked}.py")  # what was saved before comes in now
        await editor.command("afresh.untrack", {"modules": [untracked]})
        before = await program.ask(f"{untracked}.VALUE")
        await editor.save(f"{untracked}.py", VALUE.format(-number))
        await editor.save(f"{tracked}.py", VALUE.format(number))
        assert await program.ask(f"{tracked}.VALUE") == str(number)
        assert await program.ask(f"{untracked}.VALUE") == before


async def test_12_a_module_that_nobody_has_loaded_may_be_untracked(stage: Stage) -> None:
    stage.write({"a.py": VALUE.format(0)})
    program, editor = await stage.both("a")
    await editor.command("afresh.untrack", {"modules": ["not_there"]})
    assert (await editor.save("a.py", VALUE.format(1)))["outcome"] == "live"
    assert await program.ask("a.VALUE") == "1"


SCRIPT = """\
{imports}
def main():
    print("ready", flush=True)
    while True:
        try:
            print(repr(eval(input())), flush=True)
        except EOFError:
            return

if __name__ == "__main__":
    main()
"""


async def script(stage: Stage, imports: str) -> tuple[object, Editor]:
    """A program whose script has these imports, and an editor that knows of it."""
    stage.write({"script.py": SCRIPT.format(imports=imports)})
    program = await (await stage.start(stage.python, "script.py")).ready()
    editor = await stage.editor()
    await editor.programs(1)
    return program, editor


async def test_13_an_import_under_an_alias_binds_the_alias_alone(stage: Stage) -> None:
    stage.write({"shop.py": VALUE.format(1)})
    program, editor = await script(stage, "import shop as s, os.path as o")
    await editor.save("shop.py", VALUE.format(2))
    assert await program.ask("s.VALUE, 'shop' in globals(), 'os' in globals(), o.__name__") == (
        "(2, False, False, 'posixpath')")


async def test_05_the_script_has_what_its_star_import_gains(stage: Stage) -> None:
    stage.write({"shop.py": "def func1(): pass\n"})
    program, editor = await script(stage, "from shop import *")
    text = (
        "def func1(): return 'changed'\ndef func2(): return 2\nclass Test:\n    def m(self): return 3\nnumber = 0\n"
        "from enum import Enum\nclass Letter(Enum):\n    A = 'a'\n")
    await editor.save("shop.py", text)
    assert await program.ask("func1(), func2(), Test().m(), number, Letter.A.value") == "('changed', 2, 3, 0, 'a')"
    await editor.save("shop.py", text.replace("number = 0", "number = 1") + "    B = 'added'\n")
    assert await program.ask("number, Letter.B.value") == "(1, 'added')"
    stage.write({"ext.py": "ext_int = 2\ndef ext_func(): return 'ext'\n"})
    await editor.save("shop.py", "from ext import *\n")
    assert await program.ask("ext_int, ext_func(), 'number' in globals()") == "(2, 'ext', False)"


async def test_06_and_10_the_script_has_only_names_that_it_asked_for(stage: Stage) -> None:
    stage.write({"shop.py": "n = 1\n"})
    program, editor = await script(stage, "from shop import n as foo")
    await editor.save("shop.py", "n = 100\nm = 5\nfoo = 45\ndef func1(): pass\n")
    assert await program.ask("foo, [name for name in ('n', 'm', 'func1', 'shop') if name in globals()]") == "(100, [])"


async def test_07_and_22_an_import_is_added_to_the_script(stage: Stage) -> None:
    stage.write({"shop.py": "n = 1\nfoo = 40\n"})
    program, editor = await script(stage, "from shop import n as foo")
    assert await program.ask("foo") == "1"
    await editor.save("script.py", SCRIPT.format(imports="from shop import n as foo\nfrom shop import foo"))
    assert await program.ask("foo") == "40"
    await editor.save("shop.py", "n = 2\nfoo = 45\n")
    assert await program.ask("foo") == "45"


async def test_14_each_reload_is_said_to_the_editor_and_nothing_in_the_program(stage: Stage) -> None:
    stage.write({"shop.py": VALUE.format(1)})
    program, editor = await stage.both("shop")
    status = await editor.save("shop.py", VALUE.format(2))
    (module,) = status["hosts"][0]["modules"]
    assert (module["name"], module["generation"], module["outcome"]) == ("shop", 2, "live")
    assert status["message"]
    assert await program.ask("shop.VALUE") == "2"  # the next line that it prints
    await program.finish()
    assert await program.all_errors() == ""


async def test_16_one_message_for_a_syntax_error_and_none_for_the_same_text_again(stage: Stage) -> None:
    stage.write({"shop.py": SMOKE, "other.py": VALUE.format(1)})
    program, editor = await stage.both("shop", "other")
    status = await editor.save("shop.py", "a syntax error\n")
    assert status["outcome"] == "blocked"
    (diagnostic,) = await editor.shows("shop.py", "syntax-error")
    mark = editor.mark()
    editor.path("shop.py").touch()
    assert await program.ask("shop.VALUE, shop.GONE, shop.foo(0)") == "(9, 123, 3)"
    await editor.save("other.py", VALUE.format(2))
    assert await program.ask("other.VALUE") == "2"
    assert editor.diagnostics("shop.py") == [diagnostic]
    assert not [status for status in editor.received("reload/status", mark) if status["outcome"] == "blocked"]
    assert (await editor.save("shop.py", SMOKE.replace("+ 3", "+ 4")))["outcome"] == "live"
    await editor.shows("shop.py")
    assert await program.ask("shop.foo(0)") == "4"


async def test_17_a_deleted_file_changes_nothing(stage: Stage) -> None:
    stage.write({"shop.py": SMOKE, "other.py": VALUE.format(1)})
    program, editor = await stage.both("shop", "other")
    editor.open("shop.py")
    editor.path("shop.py").unlink()
    await editor.save("other.py", VALUE.format(2))
    assert await program.ask("other.VALUE") == "2"
    assert await program.ask("shop.VALUE, shop.foo(0)") == "(9, 3)"
    assert (await editor.save("shop.py", SMOKE.replace("+ 3", "+ 4")))["outcome"] == "live"
    assert await program.ask("shop.foo(0)") == "4"


async def test_17_what_was_saved_while_the_mode_was_off_comes_in_when_it_is_on_again(stage: Stage) -> None:
    stage.write({"shop.py": SMOKE, "other.py": VALUE.format(1)})
    program, editor = await stage.both("shop", "other")
    await editor.command("afresh.setMode", {"mode": "off"})
    await editor.save("shop.py", SMOKE.replace("9", "-99"))
    await editor.save("other.py", VALUE.format(2))
    await editor.shows("shop.py", "behind")
    assert await program.ask("shop.VALUE, other.VALUE") == "(9, 1)"
    mark = editor.mark()
    await editor.command("afresh.setMode", {"mode": "all"})
    status = await editor.applied(mark, "shop.py", "other.py")
    assert status["outcome"] == "live"
    assert await program.ask("shop.VALUE, other.VALUE") == "(-99, 2)"
    await editor.shows("shop.py")
    await editor.shows("other.py")


async def test_17_what_was_saved_while_a_module_was_untracked_comes_in_when_it_is_tracked_again(stage: Stage) -> None:
    stage.write({"shop.py": SMOKE, "other.py": VALUE.format(1)})
    program, editor = await stage.both("shop", "other")
    await editor.command("afresh.untrack", {"modules": ["shop", "other"]})
    await editor.save("shop.py", SMOKE.replace("9", "-99"))
    await editor.save("other.py", VALUE.format(2))
    assert await program.ask("shop.VALUE, other.VALUE") == "(9, 1)"
    mark = editor.mark()
    await editor.command("afresh.track", {"modules": ["shop"]})
    status = await editor.applied(mark, "shop.py")
    assert [uri.rpartition("/")[2] for uri in status["trigger"]["uris"]] == ["shop.py"]
    assert await program.ask("shop.VALUE, other.VALUE") == "(-99, 1)"


async def test_17_a_save_that_was_taken_back_before_the_mode_is_on_again_is_no_reload(stage: Stage) -> None:
    stage.write({"shop.py": SMOKE})
    program, editor = await stage.both("shop")
    await editor.command("afresh.setMode", {"mode": "off"})
    await editor.save("shop.py", SMOKE.replace("9", "-99"))
    await editor.save("shop.py", SMOKE)
    mark = editor.mark()
    await editor.command("afresh.setMode", {"mode": "all"})
    assert (await editor.applied(mark, "shop.py"))["outcome"] == "unchanged"
    assert await program.ask("shop.VALUE") == "9"


async def test_48_servers_that_come_before_the_program_and_modules_that_are_imported_later(stage: Stage) -> None:
    stage.write({"shop.py": VALUE.format(1), "late.py": VALUE.format(1)})
    editor = await stage.editor()
    mark = editor.mark()
    program = await stage.program("shop")
    await editor.programs(1, mark)
    await editor.save("shop.py", VALUE.format(2))
    assert await program.ask("shop.VALUE") == "2"
    assert await program.ask("__import__('late').VALUE") == "1"
    await editor.save("late.py", VALUE.format(2))
    assert await program.ask("__import__('late').VALUE") == "2"

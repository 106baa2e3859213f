"""What an editor shows of Swift plugins besides the outcome: what the compiler proposes, and what a save would do."""

from __future__ import annotations

from typing import Any

from conftest import Stage
from swift_program import CART, DISCOUNT, PRICE, Shop, Workshop, needs_swift
from test_hints import shown

pytestmark = needs_swift


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after edits of one line each, the last one first."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["character"]), reverse=True):
        start, end = edit["range"]["start"], edit["range"]["end"]
        line = lines[start["line"]]
        assert start["line"] == end["line"]
        lines[start["line"]] = line[:start["character"]] + edit["newText"] + line[end["character"]:]
    return "".join(lines)


async def fixed(shop: Shop, name: str, diagnostic: dict[str, Any], text: str | None = None) -> dict[str, str]:
    """What each quick fix of a diagnostic makes of the document, which has the text that is on disk or this one."""
    actions = await shop.editor.actions(name, diagnostic["range"])
    result = {}
    for action in actions:
        if action["kind"] == "quickfix" and "edit" in action:
            assert [d["message"] for d in action["diagnostics"]] == [diagnostic["message"]]
            (change,) = action["edit"]["documentChanges"]
            assert change["textDocument"]["uri"] == shop.editor.path(name).as_uri()
            result[action["title"]] = applied(text or shop.text(name), change["edits"])
    return result


async def test_what_the_compiler_proposes_is_a_quick_fix(shop: Shop) -> None:
    good = shop.text(DISCOUNT)
    status = await shop.editor.save(DISCOUNT, "private let rates: [String: Int] = [:]\n" + good.replace("amount * percent", 'amount * rates["é"]'))
    assert status["outcome"] == "blocked"
    (error,) = await shop.shows(DISCOUNT, "compile-error")
    # Notes are where they point, and each says what it would do.
    notes = {note["message"]: note["location"]["range"]["start"]["line"] for note in error["relatedInformation"]}
    assert any("coalesce" in note for note in notes) and set(notes.values()) == {1}
    proposals = await fixed(shop, DISCOUNT, error)
    (title,) = [title for title in proposals if title.startswith("Force-unwrap")]
    status = await shop.editor.save(DISCOUNT, proposals[title])
    assert 'rates["é"]!' in shop.text(DISCOUNT) and status["outcome"] != "blocked"
    # A warning's own: nothing is executed for it either.
    await shop.editor.save(DISCOUNT, good.replace("{ amount", "{ var more = 0; return more + amount"))
    (warning,) = await shop.shows(DISCOUNT, "compile-warning")
    proposals = await fixed(shop, DISCOUNT, warning)
    assert proposals == {"Replace `var` with `let`": good.replace("{ amount", "{ let more = 0; return more + amount")}


async def test_errors_show_while_typing_with_what_puts_them_right(shop: Shop) -> None:
    good = shop.text(DISCOUNT)
    shop.editor.type(DISCOUNT, good.replace("amount * percent", "amount * rate"))
    (error,) = await shop.shows(DISCOUNT, "compile-error")
    assert error["message"] == "cannot find 'rate' in scope" and shown(shop.editor, DISCOUNT)[0][0] is not None
    typed = good.replace("{ amount", "{ let more = 0 return more + amount")
    shop.editor.type(DISCOUNT, typed)
    error = await shop.editor.event("the other error", lambda: next(
        (d for d in shop.editor.diagnostics(DISCOUNT) if "consecutive statements" in d["message"]), None))
    (proposal,) = (await fixed(shop, DISCOUNT, error, typed)).values()
    assert proposal == good.replace("{ amount", "{ let more = 0; return more + amount")
    shop.editor.type(DISCOUNT, good)
    await shop.shows(DISCOUNT)
    assert await shop.ask("price 3") == "30"


async def test_it_is_told_before_a_save_when_it_would_load_a_plugin_anew(shop: Shop) -> None:
    good = shop.text(PRICE)
    shop.editor.type(PRICE, good.replace("public var gross", "public var net: Int { amount }\n\n    public var gross"))
    (hint,) = await shop.shows(PRICE, "runs-again")
    assert hint["severity"] == 4 and hint["range"]["start"]["line"] == 9
    assert hint["message"] == (
        "A save loads Pricing anew and calls its `load` again, since the property Pricing.Price.net is new.")
    # Bodies are replaced where they run.
    shop.editor.type(PRICE, good.replace("amount + tax", "amount + 2 * tax"))
    await shop.shows(PRICE)
    status = await shop.editor.save(PRICE, shop.text(PRICE).replace("amount + tax", "amount + 2 * tax"))
    assert [module["generation"] for module in status["hosts"][0]["modules"]] == [2]
    assert await shop.ask("total 3") == "41"
    # What another module shows its importers now is known.
    await shop.edit(PRICE, "public var gross", "public var net: Int { 1 }\n\n    public var gross")
    shop.editor.type(CART, shop.text(CART).replace(".gross", ".net"))
    (hint,) = await shop.shows(CART, "runs-again")
    assert "the body of Cart.Cart.load(_:) changed" in hint["message"]


async def test_exact_says_nothing_of_what_every_save_does(stage: Stage, workshop: Workshop) -> None:
    shop = await Shop.open(stage, workshop, settings={"policy": "exact"})
    good = shop.text(DISCOUNT)
    shop.editor.type(DISCOUNT, good.replace("percent = 100", "percent = 200"))
    shop.editor.type(DISCOUNT, good.replace("percent = 100", "percent = rate"))
    (error,) = await shop.shows(DISCOUNT, "compile-error")
    assert not [p for p in shop.editor.received("textDocument/publishDiagnostics") for d in p["diagnostics"] if d["code"] == "runs-again"]

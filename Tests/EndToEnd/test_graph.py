"""`afresh graph`: who depends on whom and what is still old, in each of its forms, also in a browser."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from itertools import combinations

import browser
import pytest
from conftest import Stage

FILES = {
    "shop/__init__.py": "", "shop/prices.py": "VAT = 1\n\n\ndef price():\n    return VAT\n",
    "shop/cart.py": "from shop.prices import price, VAT\n",
    "tools.py": "def load():\n    import shop.prices\n", "app.py": "import shop.cart, tools\ntools.load()\n",
}
STALE = (180, 83, 9)  # the colour of what is old


async def started(stage: Stage) -> None:
    """A program in which `shop.prices` was reloaded alone, so that `shop.cart` holds an old function."""
    stage.write(FILES)
    app = FILES["app.py"] + 'print("running", flush=True)\ninput()\n'
    stage.write({"app.py": app})
    assert await (await stage.start(stage.python, "app.py")).line() == "running"
    stage.write({"shop/prices.py": FILES["shop/prices.py"].replace("return VAT", "return VAT + 1")})
    status, *_ = await stage.afresh("reload", "--policy", "exact", "--dependents", "none", "shop.prices")
    assert status == 1


async def graph(stage: Stage, *arguments: str) -> str:
    status, out, err = await stage.afresh("graph", *arguments)
    assert status == 0 and err == "", err
    return out


async def test_as_data(every_stage: Stage) -> None:
    await started(every_stage)
    (host,) = json.loads(await graph(every_stage, "--format", "json"))["hosts"]
    assert {m["name"]: (m["generation"], m["stale"]) for m in host["modules"]} == {
        "__main__": (1, 0), "shop": (1, 0), "shop.cart": (1, 1), "shop.prices": (2, 0), "tools": (1, 0)}
    edges = {(e["from"], e["to"]): e for e in host["edges"]}
    assert edges["shop.cart", "shop.prices"] == {
        "from": "shop.cart", "to": "shop.prices", "names": ["price", "VAT"], "lazy": False, "import": True, "stale": 1}
    assert edges["tools", "shop.prices"]["lazy"] and not edges["__main__", "shop.cart"]["lazy"]
    assert ("shop.prices", "shop.cart") not in edges
    assert [(s["holder"], s["symbol"], s["module"]) for s in host["stale"]] == [
        ("shop.cart.price", "shop.prices.price", "shop.cart")]


async def test_as_a_tree(stage: Stage) -> None:
    await started(stage)
    tree = await graph(stage)
    assert "shop.prices  generation 2  (price, VAT; 1 still old)" in tree
    assert tree.splitlines()[1].startswith("__main__") and tree.splitlines()[-1].strip().startswith("shop.cart.price:")
    users = (await graph(stage, "shop.prices")).split("is used by:")[1]
    assert "shop.cart" in users and "__main__" in users and "shop.prices" not in users.split("still old:")[0]
    status, _, err = await stage.afresh("graph", "shop.nothing")
    assert status == 3 and "shop.nothing" in err


async def test_only_what_is_connected(stage: Stage) -> None:
    stage.write({"alone.py": "", "a.py": "import b\n", "b.py": ""})
    await stage.program("alone", "a")
    (host,) = json.loads(await graph(stage, "--format", "json", "b"))["hosts"]
    assert [m["name"] for m in host["modules"]] == ["__main__", "a", "b"]


async def test_as_graphviz(stage: Stage) -> None:
    await started(stage)
    text = await graph(stage, "--format", "dot")
    edge = next(line for line in text.splitlines() if '"0/shop.cart" -> "0/shop.prices"' in line)
    assert text.startswith("digraph") and "price, VAT" in edge and "color" in edge
    assert text.count("{") == text.count("}") and text.count('"') % 2 == 0


async def test_without_a_program(stage: Stage) -> None:
    status, out, err = await stage.afresh("graph", "--format", "html")
    assert status == 3 and "afresh run" in err and out.startswith("<!DOCTYPE html>")


async def test_for_an_editor(stage: Stage) -> None:
    await started(stage)
    editor = await stage.editor()
    await editor.programs(1)
    data = await editor.command("afresh.graph", {"modules": ["shop.prices"]})
    assert data["format"] == "json" and "shop.cart" in [module["name"] for module in data["hosts"][0]["modules"]]
    assert (await editor.command("afresh.graph", {"format": "html"}))["text"].startswith("<!DOCTYPE html>")
    with pytest.raises(Exception, match="png"):
        await editor.command("afresh.graph", {"format": "png"})


# -- many modules, in a browser ---------------------------------------------------------------

MANY = 500


async def large(stage: Stage) -> None:
    """500 modules in packages, each using some before it, one of which was reloaded alone."""
    names = [f"pack{n % 10}.part{n % 3}.m{n}" for n in range(MANY)]
    for number, name in enumerate(names):
        parts = name.split(".")
        stage.write({"/".join(parts[:depth]) + "/__init__.py": "" for depth in (1, 2)})
        used = sorted({number // 2, number // 3} - {number})
        text = "".join(f"from {names[each]} import f as f{each}\n" for each in used) + "def f():\n    return 1\n"
        stage.write({"/".join(parts) + ".py": text})
    stage.write({"app.py": "".join(f"import {name}\n" for name in names) + 'print("running", flush=True)\ninput()\n'})
    assert await (await stage.start(stage.python, "app.py")).line() == "running"
    path = stage.folder / "pack7/part1/m7.py"
    path.write_text(path.read_text().replace("return 1", "return 2"))
    assert (await stage.afresh("reload", "--policy", "exact", "--dependents", "none", str(path)))[0] == 1


Box = tuple[float, float, float, float]


def boxes(found: list[tuple[str, dict[str, str]]]) -> list[Box]:
    return [(float(each["x"]), float(each["y"]), float(each["width"]), float(each["height"]))
            for tag, each in found if tag == "rect" and "x" in each]


def overlap(one: Box, other: Box) -> bool:
    return (one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
            and one[1] < other[1] + other[3] and other[1] < one[1] + one[3])


def readable(found: list[tuple[str, dict[str, str]]], most: int) -> bool:
    return 10 <= len(boxes(found)) <= most and not any(overlap(*pair) for pair in combinations(boxes(found), 2))


def has_stale(shown: Counter[tuple[int, int, int]]) -> bool:
    return shown[255, 255, 255] > sum(shown.values()) / 4 and shown[STALE] > 50 and len(shown) > 20


@pytest.mark.skipif(browser.CHROMIUM is None, reason="there is no Chromium")
async def test_500_modules_in_a_browser(stage: Stage) -> None:
    await large(stage)
    page = stage.folder / "graph.html"
    page.write_text(await graph(stage, "--format", "html"))
    without_data = page.read_text().split('id="graph"')[0]
    assert "default-src 'none'" in without_data and not re.search(r"\b(src|href)=", without_data)

    found = await browser.elements(page.as_uri(), stage.folder)
    assert readable(found, 60)
    classes = [set(attributes.get("class", "").split()) for _, attributes in found]
    assert any({"edge", "stale"} <= each for each in classes) and any({"node", "package"} <= each for each in classes)
    assert has_stale(await browser.colours(page.as_uri(), stage.folder))

    opened = await browser.elements(page.as_uri() + "#module=pack7.part1.m7&connected", stage.folder)
    (chosen,) = [attributes for _, attributes in opened if "chosen" in attributes.get("class", "").split()]
    assert chosen["data-name"] == "pack7.part1.m7"
    assert len(boxes(opened)) < len(boxes(found)) + MANY / 30 and readable(opened, 80)

    drawing = stage.folder / "graph.svg"
    drawing.write_text(await graph(stage, "--format", "svg"))
    drawn = [(each.tag.rpartition("}")[2], each.attrib) for each in ElementTree.fromstring(drawing.read_text()).iter()]
    assert readable(drawn, 80)
    width, height = (int(drawn[0][1][name]) for name in ("width", "height"))
    assert has_stale(await browser.colours(drawing.as_uri(), stage.folder, width, height)), (width, height)

"""A value that stays though the code that computed it has changed is listed until the name stands for something else."""
from __future__ import annotations

import pytest

from server import Server

SHOP = "def build(n): return [n, 1]\nTABLE = build(5)\nTABLE.append('state')\nSIZE = len(TABLE)\n"
USER = "import shop\nfrom shop import TABLE\nFIRST = TABLE[1]\nLENGTH = len(shop.TABLE)\n"
SECOND = SHOP.replace("[n, 1]", "[n, 2, 3]")


def listed(client):
    return sorted((entry["symbol"], entry["kind"], entry["path"]) for entry in client.ask("scan", sequence=1, samples=50)["stale"])


KEPT = ("shop.build", "value", "shop.TABLE")


@pytest.fixture
def kept(start, write, python):
    shop = write("shop.py", SHOP)
    (shop.parent / "user.py").write_text(USER)
    program = start(body="import user, shop")
    client = program.connect()
    server = Server(client, python)
    answer = server.save({shop: SECOND})
    yield program, client, shop, lambda text: server.save({shop: text}), answer
    server.close()


def test_it_is_listed_with_its_statement_and_what_can_be_done(kept):
    program, client, shop, _, report = kept
    (change,) = [each for each in report["modules"][0]["changes"] if not each["applied"]]
    assert (change["symbol"], change["kept"]) == ("TABLE", True)
    assert program.value("shop.TABLE") == [5, 1, "state"]
    (entry,) = client.ask("scan", sequence=1, samples=50)["stale"]
    assert (entry["symbol"], entry["kind"], entry["path"]) == KEPT
    assert (entry["generation"], entry["newest"], entry["count"], entry["remedy"]) == (1, 2, 1, "rebind")
    assert entry["location"]["path"] == str(shop) and entry["location"]["range"]["start"]["line"] == 1


def test_it_stays_listed_over_other_saves_and_goes_with_its_name(kept):
    program, client, shop, save, _ = kept
    save("# moved\n" + SECOND)
    save("# moved\n" + SECOND + "def other(): return 1\n")
    (entry,) = client.ask("scan", sequence=1, samples=50)["stale"]
    assert (entry["symbol"], entry["kind"], entry["path"]) == KEPT
    assert entry["location"]["range"]["start"]["line"] == 2
    program.do("shop.TABLE = [7]; print()")
    assert client.receive()["method"] == "scan/outdated"
    assert KEPT not in listed(client)


def test_it_goes_when_the_statement_is_edited(kept):
    program, client, shop, save, _ = kept
    save(SECOND.replace("build(5)", "build(6)"))
    assert program.value("shop.TABLE")[:3] == [6, 2, 3]
    assert KEPT not in listed(client)


def test_the_mend_computes_it_anew_and_what_was_computed_from_it_is_stale_then(kept):
    program, client, _, _, _ = kept
    answer = client.ask("mend", action="rebind", symbol="shop.build", kind="value")
    assert (answer["done"], answer["left"]) == (1, [])
    assert program.value("shop.TABLE") == [5, 2, 3]
    assert program.value("shop.SIZE") == 3  # by chance what it would be
    assert listed(client) == [("shop.TABLE", "binding", "user.TABLE"), ("shop.TABLE", "value", "shop.SIZE"),
                              ("shop.TABLE", "value", "user.LENGTH")]
    client.ask("mend", action="rebind", symbol="shop.TABLE", kind="value")
    client.ask("mend", action="rebind", symbol="shop.TABLE", kind="binding", holders=["user.TABLE"])
    assert listed(client) == [("user.TABLE", "value", "user.FIRST")]
    client.ask("mend", action="rebind", symbol="user.TABLE", kind="value")
    assert listed(client) == []
    assert program.value("user.FIRST") == 2 and program.value("user.TABLE is shop.TABLE")


def test_a_mend_that_fails_leaves_everything(start, write, python):
    text = "good = [True]\ndef build(n): return [n, 1]\nTABLE = build(5)\n"
    shop = write("shop.py", text)
    program = start(body="import shop")
    with program.connect() as client:
        server = Server(client, python)
        server.save({shop: text.replace("[n, 1]", "[n, 1 // good[0]]")})
        server.close()
        assert listed(client) == [KEPT]
        program.do("shop.good[0] = 0; print()")
        answer = client.ask("mend", action="rebind", symbol="shop.build", kind="value")
        assert answer["failure"]["error"]["type"] == "ZeroDivisionError" and answer["failure"]["undone"]
        assert program.value("shop.TABLE") == [5, 1]
        assert listed(client) == [KEPT]


BRANCH = "DEBUG = True\nCACHE = [1]\nif DEBUG:\n    CACHE = [2]\nSIZE = len(CACHE)\n"
KEPT_BY_A_BRANCH = ("shop.DEBUG", "value", "shop.CACHE")


def test_what_a_branch_gave_that_is_not_taken_any_more_is_listed_and_mended(start, write, python):
    shop = write("shop.py", BRANCH)
    program = start(body="import shop; shop.CACHE.append('state')")
    with program.connect() as client:
        server = Server(client, python)
        report = server.save({shop: BRANCH.replace("True", "False")})
        assert [each["kept"] for each in report["modules"][0]["changes"] if not each["applied"]] == [True]
        assert program.value("shop.CACHE") == [2, "state"]
        (entry,) = client.ask("scan", sequence=1, samples=50)["stale"]
        assert (entry["symbol"], entry["kind"], entry["path"]) == KEPT_BY_A_BRANCH
        assert (entry["generation"], entry["newest"], entry["remedy"]) == (1, 2, "rebind")
        server.save({shop: BRANCH.replace("True", "False") + "def other(): return 1\n"})
        assert listed(client) == [KEPT_BY_A_BRANCH]
        answer = client.ask("mend", action="rebind", symbol="shop.DEBUG", kind="value")
        assert (answer["done"], answer["left"]) == (1, [])
        assert program.value("shop.CACHE") == [1]
        assert KEPT_BY_A_BRANCH not in listed(client)
        server.close()


def test_it_goes_when_the_branch_is_taken_again(start, write, python):
    shop = write("shop.py", BRANCH)
    program = start(body="import shop; shop.CACHE.append('state')")
    with program.connect() as client:
        server = Server(client, python)
        server.save({shop: BRANCH.replace("True", "False")})
        assert listed(client) == [KEPT_BY_A_BRANCH]
        server.save({shop: BRANCH})
        assert listed(client) == []
        assert program.value("shop.CACHE") == [2]
        server.close()


def test_an_edited_statement_that_leaves_a_name_alone_is_listed_under_that_name(start, write, python):
    text = "CACHE = [1]\nif len('ab') > 1:\n    CACHE = [2]\n"
    shop = write("shop.py", text)
    program = start(body="import shop; shop.CACHE.append('state')")
    with program.connect() as client:
        server = Server(client, python)
        server.save({shop: text.replace("> 1", "> 3")})
        assert program.value("shop.CACHE") == [2, "state"]
        assert listed(client) == [("shop.CACHE", "value", "shop.CACHE")]
        client.ask("mend", action="rebind", symbol="shop.CACHE", kind="value")
        assert (program.value("shop.CACHE"), listed(client)) == ([1], [])
        server.close()

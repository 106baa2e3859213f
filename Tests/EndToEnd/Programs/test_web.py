"""Web frameworks: handlers, models, constants and decorators are edited while the server serves."""

from __future__ import annotations

import asyncio
from typing import Any

from conftest import Stage
from live import Edits, address, get, left, post, stale

PRICES = """\
RATE = 2


class Item:
    def __init__(self, name):
        self.name = name

    def label(self):
        return self.name.upper()


TEA = Item("tea")
"""

DECORATOR = """\
import functools


def shouted(handler):
    @functools.wraps(handler)
    def inner(*arguments, **names):
        return handler(*arguments, **names) + "!"

    return inner
"""


async def serving(stage: Stage, *command: str, **options: Any) -> tuple[str, Edits]:
    """The address of a server that runs live, and the edits of its files."""
    program = await stage.start(*command, **options)
    editor = await stage.editor()
    url = await address(program)
    await editor.programs(1)
    return url, Edits(editor)


# What every one of the programs here goes through: the file, the edit, what the next request answers.
EDITS = (
    ("shop.py", ('"{count} ', '"{count}. '), "2. TEA 20!"),  # a handler
    ("prices.py", ("RATE = 2", "RATE = 3"), "3. TEA 30!"),  # a constant, imported by name
    ("prices.py", ("self.name.upper()", "self.name.title()"), "4. Tea 30!"),  # a model of which there is an instance
    ("loud.py", ('+ "!"', '+ "?"'), "5. Tea 30?"),  # a decorator
)


async def goes_live(url: str, edit: Edits) -> None:
    assert await get(url) == "1 TEA 20!"
    for name, change, answer in EDITS:
        report = await edit(name, change)
        assert (report["outcome"], stale(report), await get(url)) == ("live", [], answer), report


FLASK = """\
from flask import Flask, render_template

from loud import shouted
from prices import RATE, TEA

app = Flask(__name__)
SEEN = []


@app.get("/")
@shouted
def index():
    SEEN.append(1)
    count = len(SEEN)
    return f"{count} {TEA.label()} {RATE * 10}"


@app.get("/page")
def page():
    return render_template("page.html", rate=RATE)
"""


async def test_flask(frameworks: Stage) -> None:
    frameworks.write({"prices.py": PRICES, "loud.py": DECORATOR, "shop.py": FLASK, "templates/page.html": "{{ rate }} each"})
    url, edit = await serving(
        frameworks, frameworks.python, "-m", "flask", "--app", "shop", "run", "--port", "0", "--no-reload")
    await goes_live(url, edit)
    assert await get(f"{url}/page") == "3 each"

    # Flask itself takes no more routes once it has answered a request: nothing is half done, and it says why.
    report = await edit("shop.py", ('@app.get("/page")', '@app.get("/pages")'))
    assert report["outcome"] == "rolledBack" and "has already handled its first request" in report["message"]
    assert (await get(f"{url}/page"), await get(f"{url}/pages")) == ("3 each", "404")
    assert await get(url) == "6. Tea 30?"


DJANGO = """\
from django.http import HttpResponse

from loud import shouted
from prices import RATE, TEA

SEEN = []


@shouted
def text():
    SEEN.append(1)
    count = len(SEEN)
    return f"{count} {TEA.label()} {RATE * 10}"


def index(request):
    return HttpResponse(text())


def more(request):
    return HttpResponse("more")
"""

URLS = """\
from django.urls import path

import shop

urlpatterns = [path("", shop.index)]
"""

MANAGE = """\
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    settings.configure(ROOT_URLCONF="urls", ALLOWED_HOSTS=["*"], SECRET_KEY="x", DEBUG=False)
    execute_from_command_line(sys.argv)
"""


async def test_django(frameworks: Stage, unused_tcp_port: int) -> None:
    frameworks.write({
        "prices.py": PRICES, "loud.py": DECORATOR, "shop.py": DJANGO, "urls.py": URLS, "manage.py": MANAGE})
    program = await frameworks.start(
        frameworks.python, "-u", "manage.py", "runserver", "--noreload", "--skip-checks", str(unused_tcp_port))
    while "Quit the server" not in (line := await program.line()):
        assert line or program.process.returncode is None, await program.all_errors()
    editor = await frameworks.editor()
    await editor.programs(1)
    edit, url = Edits(editor), f"http://127.0.0.1:{unused_tcp_port}/"
    await goes_live(url, edit)
    report = await edit("urls.py", ('[path("", shop.index)]', '[path("", shop.index), path("more", shop.more)]'))

    # Django has looked the routes up once and keeps them: said, and mended.
    ((symbol, kind, holder),) = stale(report)
    assert (symbol, kind) == ("urls.urlpatterns", "value") and holder.endswith(".url_patterns")
    assert await get(f"{url}more") == "404"
    await edit.mend(report)
    assert await get(f"{url}more") == "more"


FASTAPI = """\
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse

from loud import shouted
from prices import RATE, TEA

app = FastAPI()
SEEN = []


def counted():
    SEEN.append(1)
    return len(SEEN)


@shouted
def text(count):
    return f"{count} {TEA.label()} {RATE * 10}"


@app.get("/")
async def index(count: Annotated[int, Depends(counted)]):
    return PlainTextResponse(text(count))
"""


async def test_fastapi_under_uvicorn(frameworks: Stage) -> None:
    frameworks.write({"prices.py": PRICES, "loud.py": DECORATOR, "shop.py": FASTAPI})
    url, edit = await serving(frameworks, frameworks.python, "-m", "uvicorn", "shop:app", "--port", "0")
    await goes_live(url, edit)
    report = await edit("shop.py", ("return len(SEEN)", "return len(SEEN) * 100"))  # a dependency
    assert (report["outcome"], await get(url)) == ("live", "600. Tea 30?")
    report = await edit("shop.py", ('@app.get("/")', '@app.get("/new")\nasync def new():\n    return 1\n\n\n@app.get("/")'))
    assert (report["outcome"], stale(report), await get(f"{url}/new")) == ("live", [], "1")  # a route

    report = await edit("shop.py", ('@app.get("/new")', '@app.get("/newer")'))  # another path: the old one goes, as in a new start
    assert (report["outcome"], left(report)) == ("live", [])
    assert [await get(url + path) for path in ("/new", "/newer", "/")] == ["404", "1", "700. Tea 30?"]


BODY = """\
from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class Item(BaseModel):
    name: str
    count: int = Field(default=1, le=10)


@app.post("/")
def make(item: Item):
    return item.model_dump()
"""


async def test_a_model_that_is_the_body_of_a_fastapi_handler(frameworks: Stage) -> None:
    frameworks.write({"shop.py": BODY})
    url, edit = await serving(frameworks, frameworks.python, "-m", "uvicorn", "shop:app", "--port", "0")
    assert await post(url, name="a", count=11) == "422"
    report = await edit("shop.py", ("le=10", "le=20"))

    # The route has built the older model into what it checks with: the report says so, and who it is.
    assert report["outcome"] == "stale"
    assert {(symbol, kind) for symbol, kind, _ in stale(report)} == {("shop.Item", "value")}
    assert all(".body_field._type_adapter." in holder for _, _, holder in stale(report))
    assert await post(url, name="a", count=11) == "422"

    # The route is made anew when it is edited itself. Pydantic keeps a note of each time that it was asked for the model's schema,
    # which a new start would have once: that is said too.
    report = await edit("shop.py", ("def make(item: Item):", "def make(item: Item, loud: bool = False):"))
    assert (stale(report), left(report)) == ([], ["shop.make"])
    assert await post(url, name="a", count=11) == '{"name":"a","count":11}'


AIOHTTP = """\
from aiohttp import web

from loud import shouted
from prices import RATE, TEA

routes = web.RouteTableDef()
SEEN = []


@shouted
def text():
    SEEN.append(1)
    count = len(SEEN)
    return f"{count} {TEA.label()} {RATE * 10}"


@routes.get("/")
async def index(request):
    return web.Response(text=text())


async def main():
    import asyncio
    import sys

    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("http://127.0.0.1:%d" % runner.addresses[0][1], file=sys.stderr, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import asyncio

    asyncio.run(main())
"""


async def test_aiohttp(frameworks: Stage) -> None:
    frameworks.write({"prices.py": PRICES, "loud.py": DECORATOR, "shop.py": AIOHTTP})
    url, edit = await serving(frameworks, frameworks.python, "shop.py")
    await goes_live(url, edit)


async def test_every_worker_of_gunicorn(frameworks: Stage) -> None:
    shop = FLASK.replace('f"{count} ', 'f"{os.getpid()} ').replace("from flask", "import os\n\nfrom flask")
    frameworks.write({"prices.py": PRICES, "loud.py": DECORATOR, "shop.py": shop})
    program = await frameworks.start(
        frameworks.python, "-m", "gunicorn", "--workers", "3", "--bind", "127.0.0.1:0", "shop:app")
    url = await address(program)
    editor = await frameworks.editor()
    hosts = await editor.programs(4)  # the arbiter has not loaded the application, but is a program too
    edit = Edits(editor)
    assert await answers_of_all(url) == {"TEA 20!"}
    report = await edit("prices.py", ("RATE = 2", "RATE = 3"))
    workers = {host["pid"] for host in report["hosts"] if host["modules"]}
    assert report["outcome"] == "live" and len(workers) == 3, report
    assert await answers_of_all(url) == {"TEA 30!"}
    assert len(hosts["hosts"]) == 4


async def answers_of_all(url: str) -> set[str]:
    """What three workers answer; each tells its process."""
    answers: dict[str, str] = {}
    while len(answers) < 3:
        pid, _, text = (await get(url)).partition(" ")
        answers[pid] = text
    return set(answers.values())

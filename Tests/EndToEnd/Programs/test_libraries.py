"""Modules that are made of other people's classes: models, fields, arrays, plugins."""

from __future__ import annotations

from conftest import Stage
from live import Edits, left, stale

SQLALCHEMY = """\
from sqlalchemy import ForeignKey, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ENGINE = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))

    def label(self):
        return self.name.upper()


def start():
    Base.metadata.create_all(ENGINE)
    with Session(ENGINE) as session:
        session.add(Item(name="tea"))
        session.commit()


def labels():
    with Session(ENGINE) as session:
        return [item.label() for item in session.scalars(select(Item))]
"""


async def test_models_of_sqlalchemy(frameworks: Stage) -> None:
    frameworks.write({"shop.py": SQLALCHEMY})
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    await program.ask("shop.start()")
    for change, answer in (
        (("self.name.upper()", "self.name.title()"), "['Tea']"),  # a method of a model
        (("return [item.label()", 'return ["a " + item.label()'), "['a Tea']"),  # a query
        (("    def label(self):", "    def loud(self):\n        return 1\n\n    def label(self):"), "['a Tea']"),
    ):
        report = await edit("shop.py", change)
        assert (report["outcome"], stale(report), await program.ask("shop.labels()")) == ("live", [], answer), report

    # A table is declared once: SQLAlchemy refuses, all stays as it was, and its reason is shown.
    report = await edit("shop.py", ("    def loud", "    price: Mapped[int] = mapped_column(default=1)\n\n    def loud"))
    assert report["outcome"] == "rolledBack" and "Table 'item' is already defined" in report["message"]
    assert await program.ask("shop.labels()") == "['a Tea']"


PYDANTIC = """\
from pydantic import BaseModel, Field, field_validator

LIMIT = 10


class Item(BaseModel):
    name: str
    count: int = Field(default=1, le=LIMIT)

    @field_validator("name")
    @classmethod
    def tidy(cls, value):
        return value.strip()

    def label(self):
        return f"{self.count} {self.name}"


class Order(BaseModel):
    items: list[Item]


ORDER = Order(items=[{"name": " tea "}])


def tried(**values):
    try:
        return Item(**values).label()
    except ValueError as error:
        return type(error).__name__
"""


async def test_models_of_pydantic(frameworks: Stage) -> None:
    frameworks.write({"shop.py": PYDANTIC})
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    asked = "shop.ORDER.items[0].label(), shop.tried(name=' cup ', count=11), shop.Order(items=[{'name': ' x '}]).items[0].label()"
    assert await program.ask(asked) == "('1 tea', 'ValidationError', '1 x')"
    for change, answer in (
        (('f"{self.count} {self.name}"', 'f"{self.name} x{self.count}"'), "('tea x1', 'ValidationError', 'x x1')"),
        (("value.strip()", "value.strip().upper()"), "('tea x1', 'ValidationError', 'X x1')"),  # a validator
        (("LIMIT = 10", "LIMIT = 20"), "('tea x1', 'CUP x11', 'X x1')"),  # what a field is made of
    ):
        report = await edit("shop.py", change)
        assert (report["outcome"], stale(report), left(report), await program.ask(asked)) == ("live", [], [], answer), report
    count = "shop.Order(items=[{'name': 'a', 'count': 15}]).items[0].count"
    assert await program.ask(count) == "15"  # also in the model that has it in a field

    report = await edit("shop.py", ("    name: str\n", "    name: str\n    price: int = 5\n"))
    assert (report["outcome"], left(report)) == ("stale", ["shop.Item.price"])  # the instance that exists has none
    assert "1 instance made before the edit has no attribute price" in str(report["hosts"])
    assert await program.ask("shop.Order(items=[{'name': 'a', 'price': 7}]).items[0].price") == "7"


ATTRS = """\
import attrs


@attrs.define
class Item:
    name: str
    count: int = 1

    def label(self):
        return f"{self.count} {self.name}"


@attrs.frozen
class Place:
    x: int = 0


TEA = Item("tea")
HERE = Place()
"""


async def test_classes_of_attrs(frameworks: Stage) -> None:
    frameworks.write({"shop.py": ATTRS})
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    asked = "shop.TEA.label(), shop.Item('a').label(), isinstance(shop.TEA, shop.Item)"
    report = await edit("shop.py", ('f"{self.count} {self.name}"', 'f"{self.name} x{self.count}"'))
    assert (report["outcome"], await program.ask(asked)) == ("live", "('tea x1', 'a x1', True)")

    # A field's default goes into what is made from now on; TEA keeps the one that it was made with, and that is said.
    report = await edit("shop.py", ("count: int = 1", "count: int = 2"))
    assert (report["outcome"], stale(report)) == ("stale", [("shop.Item", "value", "shop.TEA")])
    assert await program.ask(asked) == "('tea x1', 'a x2', True)"

    # Another field is another layout: a new class, and TEA is made anew of it.
    report = await edit("shop.py", ("    count: int = 2\n", "    count: int = 2\n    price: int = 5\n"))
    assert report["outcome"] == "stale" and left(report) == ["shop.Item"], report
    assert await program.ask("shop.TEA, isinstance(shop.TEA, shop.Item)") == "(Item(name='tea', count=2, price=5), True)"


NUMPY = """\
import numpy as np

DATA = np.arange(1_000_000, dtype=float)
FACTOR = 2.0


def total():
    return float((DATA * FACTOR).sum())
"""


async def test_a_module_with_a_large_array(frameworks: Stage) -> None:
    frameworks.write({"sums.py": NUMPY})
    program, editor = await frameworks.both("sums")
    edit = Edits(editor)
    identity = await program.ask("id(sums.DATA)")
    for change, answer in (
        (("FACTOR = 2.0", "FACTOR = 3.0"), str(3 * 499999500000.0)),
        (("(DATA * FACTOR).sum()", "(DATA * FACTOR).max()"), "2999997.0"),
    ):
        report = await edit("sums.py", change)
        assert (report["outcome"], stale(report), await program.ask("sums.total()")) == ("live", [], answer)
    assert await program.ask("id(sums.DATA)") == identity
    report = await edit("sums.py", ("1_000_000", "10"))
    assert (report["outcome"], await program.ask("sums.total(), len(sums.DATA)")) == ("live", "(27.0, 10)")


COGS = """\
import discord
from discord.ext import commands

bot = commands.Bot(command_prefix="!", intents=discord.Intents.none())


class Shop(commands.Cog):
    def __init__(self):
        self.sold = 0

    def sell(self, what):
        self.sold += 1
        return f"{self.sold}: {what}"

    @commands.command()
    async def buy(self, context, what="tea"):
        return self.sell(what)


async def start():
    await bot.add_cog(Shop())


def buy(what="tea"):
    import asyncio

    async def call():
        if bot.get_cog("Shop") is None:
            await start()
        command = bot.get_command("buy")
        return await command.callback(bot.get_cog("Shop"), None, what)

    return asyncio.run(call())
"""


async def test_cogs_of_a_bot(frameworks: Stage) -> None:
    frameworks.write({"shop.py": COGS})
    program, editor = await frameworks.both("shop")
    edit = Edits(editor)
    assert await program.ask("shop.buy()") == "'1: tea'"
    for change, answer in (
        (('f"{self.sold}: {what}"', 'f"no. {self.sold}: {what}"'), "'no. 2: tea'"),
        (("return self.sell(what)", 'return self.sell(what) + "!"'), "'no. 3: tea!'"),  # a command
    ):
        report = await edit("shop.py", change)
        assert (report["outcome"], stale(report), await program.ask("shop.buy()")) == ("live", [], answer), report

    # The bot has the command that was given to it: a decorator that is called otherwise makes another one. Said, with who has it.
    report = await edit("shop.py", ("@commands.command()", '@commands.command(aliases=["b"])'))
    assert report["outcome"] == "stale"
    assert {holder for _, _, holder in stale(report)} == {
        "shop.bot.all_commands['buy']._callback", "shop.Shop.__cog_commands__[0]._callback"}
    assert await program.ask("shop.buy(), shop.bot.get_command('b')") == "('no. 4: tea!', None)"

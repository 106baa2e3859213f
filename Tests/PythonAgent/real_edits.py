"""Random edits of a text that somebody has written: each changes one thing, as a hand in an editor would, and leaves the rest."""

from __future__ import annotations

import ast
import random
import re
from typing import Any, Callable

from real_texts import DEFINITIONS, FUNCTIONS, Text, end_of, indented

FLIPPED = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: ">=",
    ast.LtE: "<",
    ast.Gt: "<=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
WRAPPER = """\
def {name}(function):
    @__import__("functools").wraps(function)
    def wrapped(*arguments, **named):
        return function(*arguments, **named)
    return wrapped
"""


class Editor:
    """Makes edits; `count` gives new names."""

    def __init__(self, maker: random.Random) -> None:
        self.random = maker
        self.count = 0
        self.text = Text("")
        self.last = ""

    def edit(self, source: str) -> str | None:
        """The text with one thing changed, or None where what was tried is not possible."""
        self.text = Text(source)
        choice = self.random.choices(EDITS, [weight for weight, _ in EDITS])[0][1]
        self.last = choice.__name__
        try:
            edited = choice(self)
            if edited is None or edited == source:
                return None
            compile(edited, "", "exec", dont_inherit=True)
        except (SyntaxError, StopIteration, IndexError):
            return None
        return edited

    def name(self, of: str = "new") -> str:
        self.count += 1
        return f"{of}_{self.count}"

    def pick(self, choices: Any) -> Any:
        found = list(choices)
        return self.random.choice(found) if found else next(iter(()))

    # Expressions

    def constant(self) -> str:
        docs = {id(block[0].value) for _, block in self.text.blocks if isinstance(block[0], ast.Expr)}
        node = self.pick(each for each in self.text.expressions(ast.Constant) if id(each) not in docs)
        value = node.value
        if isinstance(value, bool):
            new: Any = not value
        elif isinstance(value, (int, float)):
            new = value + self.random.choice((1, 1, -1, 7))
        elif isinstance(value, str):
            new = self.random.choice((value + "x", "y" + value, value.upper(), ""))
        elif isinstance(value, bytes):
            new = value + b"x"
        else:
            new = self.random.choice((0, "", ()))
        return self.text.replaced(node, repr(new))

    def comparison(self) -> str:
        node = self.pick(each for each in self.text.expressions(ast.Compare) if len(each.ops) == 1)
        left, right = self.text.segment(node.left), self.text.segment(node.comparators[0])
        return self.text.replaced(node, f"({left} {FLIPPED[type(node.ops[0])]} {right})")

    def condition(self) -> str:
        node = self.pick(self.text.statements(ast.If, ast.While)).test
        return self.text.replaced(node, f"not ({self.text.segment(node)})")

    def swapped_operands(self) -> str:
        node = self.pick(self.text.expressions(ast.BinOp, ast.BoolOp))
        if isinstance(node, ast.BoolOp):
            word = " or " if isinstance(node.op, ast.And) else " and "
            return self.text.replaced(node, f"({word.join(self.text.segment(each) for each in node.values)})")
        return self.text.replaced(node, f"({self.text.segment(node.right)} + {self.text.segment(node.left)})")

    def element(self) -> str:
        """One more, or one less, in a table."""
        node = self.pick(self.text.expressions(ast.List, ast.Tuple, ast.Set, ast.Dict))
        if (
            isinstance(node, ast.Tuple)
            and isinstance(node.ctx, ast.Store)
            or isinstance(node, ast.List)
            and isinstance(node.ctx, ast.Store)
        ):
            raise StopIteration
        if isinstance(node, ast.Dict):
            pairs = [
                (self.text.segment(key) + ": " if key else "**") + self.text.segment(value) for key, value in zip(node.keys, node.values)
            ]
            what, ends = pairs, "{}"
            new = f"{self.name()!r}: {self.random.randint(0, 9)}"
        else:
            what = [self.text.segment(each) for each in node.elts]
            ends = {ast.List: "[]", ast.Tuple: "()", ast.Set: "{}"}[type(node)]
            new = what[-1] if what and self.random.random() < 0.3 else repr(self.random.choice((self.random.randint(0, 9), self.name())))
        if what and self.random.random() < 0.5:
            what.pop(self.random.randrange(len(what)))
            if not what and ends == "{}" and not isinstance(node, ast.Dict):
                raise StopIteration
        else:
            what.insert(self.random.randint(0, len(what)), new)
        return self.text.replaced(node, ends[0] + ", ".join(what) + ("," if ends == "()" and len(what) == 1 else "") + ends[1])

    def other_name(self) -> str:
        """Another name of the module where one is read."""
        names = [name for each in self.text.tree.body for name in _defined(each)]
        node = self.pick(each for each in self.text.expressions(ast.Name) if each.id in names and isinstance(each.ctx, ast.Load))
        return self.text.replaced(node, self.pick(names))

    # Statements

    def new_statement(self) -> str:
        node = self.pick(self.text.statements(of=FUNCTIONS))
        names = [each.arg for each in self.text.owners[node].args.args]  # type: ignore[attr-defined]
        text = self.random.choice(
            (
                f"{self.name('local')} = {self.random.randint(0, 99)}",
                "return None",
                'raise ValueError("new")',
                "pass",
                "assert True",
                f"{self.name('local')} = lambda: {names[0] if names else 0}",
                "yield",
                "import string as _string",
                f"return {names[0] if names else 1}",
                f"def {self.name('inner')}(a=1):\n    return a, {', '.join(names)}",
                f"for _ in range(2): {self.name('local')} = _",
            )
        )
        return self.random.choice((self.text.before, self.text.after))(node, text)

    def without_statement(self) -> str:
        return self.text.without(self.pick(self.text.statements()))

    def twice(self) -> str:
        node = self.pick(self.text.statements())
        return self.text.with_lines(end_of(node), end_of(node), self.text.of(node))

    def moved(self) -> str:
        """A statement of a block goes elsewhere in it."""
        block = self.pick(block for _, block in self.text.blocks if len(block) > 1)
        node, other = (
            self.random.sample(block, 2) if self.random.random() < 0.6 else block[(at := self.random.randrange(len(block) - 1)) : at + 2]
        )
        if not (self.text.alone(node) and self.text.alone(other)):
            raise StopIteration
        text = self.text.of(node)
        first, end, at = self.text.first(node), end_of(node), self.random.choice((self.text.first(other), end_of(other)))
        lines = self.text.lines
        if at <= first:
            return "".join(lines[:at]) + text + "".join(lines[at:first]) + "".join(lines[end:])
        return "".join(lines[:first]) + "".join(lines[end:at]) + text + "".join(lines[at:])

    def under_a_condition(self) -> str:
        node = self.pick(self.text.statements())
        if '"""' in self.text.of(node) or "'''" in self.text.of(node):
            raise StopIteration
        indent = self.text.indent(node)
        head, tail = self.random.choice(
            (
                ("if True:", ""),
                ("if not 0:", ""),
                ("try:", "except NameError:\n    pass"),
                ("try:", "finally:\n    pass"),
                ("for _ in range(1):", ""),
                ("if 0:", ""),
                ("with __import__('contextlib').suppress(KeyError):", ""),
            )
        )
        body = "".join("    " + line if line.strip() else line for line in self.text.of(node).splitlines(keepends=True))
        return self.text.with_lines(self.text.first(node), end_of(node), f"{indent}{head}\n{body}{indented(tail, indent)}")

    def remark(self) -> str:
        node = self.pick(self.text.statements())
        return self.text.before(node, self.random.choice(("# a remark", "", "\n\n", "# one\n# two")))

    def docstring(self) -> str:
        node = self.pick(self.text.statements(*DEFINITIONS))
        first = node.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
            and self.text.alone(first)
        ):
            return self.text.without(first) if self.random.random() < 0.3 else self.text.replaced(first, repr(f"Says {self.name()}."))
        if not self.text.alone(first):
            raise StopIteration
        return self.text.before(first, repr(f"Says {self.name()}."))

    # Functions

    def parameters(self) -> str:
        node = self.pick(self.text.statements(*FUNCTIONS))
        arguments = node.args
        choice = self.random.random()
        if choice < 0.4 and arguments.defaults:
            return self.text.replaced(self.pick(arguments.defaults), self.random.choice(("None", "3", "'z'", "()", "[]", "{}")))
        if choice < 0.5 and arguments.args:
            each = self.pick(arguments.args)
            return self.text.replaced(each, each.arg + self.random.choice((": int", ": 'str'", ": object")))
        arguments = ast.parse(ast.unparse(ast.FunctionDef("f", arguments, [ast.Pass()], [], None, type_params=[], lineno=0))).body[0].args  # type: ignore[attr-defined]
        if choice < 0.75:
            arguments.kwonlyargs.append(ast.arg(self.name("option")))
            arguments.kw_defaults.append(ast.Constant(self.random.randint(0, 9)))
        elif choice < 0.85 and arguments.args and not arguments.defaults:
            arguments.defaults.append(ast.Constant(None))
        elif choice < 0.9 and arguments.kwarg is None:
            arguments.kwarg = ast.arg("others")
        elif arguments.defaults:
            arguments.defaults.pop(0)
        else:
            arguments.args.append(ast.arg(self.name("more")))
        header = f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {node.name}({ast.unparse(arguments)}):\n"
        if node.body[0].lineno == node.lineno or not self.text.alone(node.body[0]):
            raise StopIteration
        return self.text.with_lines(node.lineno - 1, self.text.first(node.body[0]), self.text.indent(node) + header)

    def decorated(self) -> str:
        node = self.pick(self.text.statements(*DEFINITIONS))
        if node.decorator_list and self.random.random() < 0.5:
            first = node.decorator_list[0]
            return self.text.with_lines(first.lineno - 1, first.end_lineno, "")
        if isinstance(node, ast.ClassDef):
            return self.text.before(
                node,
                self.random.choice(
                    (
                        "@__import__('functools').total_ordering",
                        "@__import__('dataclasses').dataclass",
                        "@(lambda kind: kind)",
                        "@__import__('typing').final",
                    )
                ),
            )
        if isinstance(self.text.owners[node], ast.ClassDef):
            return self.text.before(
                node,
                self.random.choice(
                    (
                        "@staticmethod",
                        "@classmethod",
                        "@property",
                        "@(lambda function: function)",
                        "@__import__('functools').cache",
                        "@__import__('functools').cached_property",
                    )
                ),
            )
        return self.text.before(
            node,
            self.random.choice(
                (
                    "@__import__('functools').cache",
                    "@(lambda function: function)",
                    "@__import__('functools').lru_cache(3)",
                    "@__import__('contextlib').contextmanager",
                )
            ),
        )

    def wrapped(self) -> str:
        """By a decorator of the module's own."""
        node = self.pick(self.text.statements(*FUNCTIONS))
        name = self.name("wrapper")
        below = self.text.before(node, f"@{name}")
        text = Text(below)
        first = next((each for each in text.tree.body if not isinstance(each, (ast.Expr, ast.ImportFrom, ast.Import))), text.tree.body[0])
        return text.before(first, WRAPPER.format(name=name))

    def bound_again(self) -> str:
        node = self.pick(self.text.statements(*DEFINITIONS, of=(ast.Module, ast.ClassDef)))
        text = self.random.choice(
            (
                "{0} = (lambda given: given)({0})",
                "{1} = {0}",
                "{0} = __import__('functools').partial({0})",
                "{0}.mark = 1",
                "del {0}",
                "{0}.__doc__ = 'Other.'",
            )
        )
        return self.text.after(node, text.format(node.name, self.name("Other")))

    def renamed(self) -> str:
        """A definition, with those who speak of it or without."""
        node = self.pick(self.text.statements(*DEFINITIONS))
        new = self.name(node.name)
        if self.random.random() < 0.6:
            return re.sub(rf"\b{re.escape(node.name)}\b", new, self.text.source)
        header = next(
            at for at in range(node.lineno - 1, end_of(node)) if re.search(rf"\b(?:def|class) {re.escape(node.name)}\b", self.text.lines[at])
        )
        return self.text.with_lines(header, header + 1, self.text.lines[header].replace(node.name, new, 1))

    def copied(self) -> str:
        """A definition once more, under another name or in another class."""
        node = self.pick(self.text.statements(*DEFINITIONS))
        body = re.sub(rf"\b(def|class) {re.escape(node.name)}\b", rf"\1 {self.name(node.name)}", self.text.of(node), count=1)
        body = "".join(line[len(self.text.indent(node)) :] if line.strip() else line for line in body.splitlines(keepends=True))
        return self.text.after(self.pick(self.text.statements(*DEFINITIONS)), body)

    def moved_definition(self) -> str:
        """To another class, or out of one."""
        node = self.pick(self.text.statements(*FUNCTIONS, of=(ast.ClassDef,)))
        other = self.pick(each for each in self.text.statements(*DEFINITIONS) if not _within(each, node))
        body = "".join(
            line[len(self.text.indent(node)) :] if line.strip() else line for line in self.text.of(node).splitlines(keepends=True)
        )
        if self.text.first(other) > self.text.first(node):
            return Text(self.text.after(other, body)).without(node)
        return Text(self.text.without(node)).after(_at(Text(self.text.without(node)), other), body)

    def into_a_closure(self) -> str:
        node = self.pick(self.text.statements(*FUNCTIONS, of=(ast.Module, ast.ClassDef)))
        maker, indent = self.name("maker"), self.text.indent(node)
        body = "".join("    " + line if line.strip() else line for line in self.text.of(node).splitlines(keepends=True))
        if '"""' in body:
            raise StopIteration
        return self.text.with_lines(
            self.text.first(node),
            end_of(node),
            f"{indent}def {maker}(given=1):\n{body}{indent}    return {node.name}\n{indent}{node.name} = {maker}()\n",
        )

    def other_kind(self) -> str:
        """A function becomes a class, a class a value …"""
        node = self.pick(self.text.statements(*DEFINITIONS, ast.Assign, of=(ast.Module, ast.ClassDef)))
        name = node.name if isinstance(node, DEFINITIONS) else self.pick(_defined(node))
        text = self.random.choice(
            (
                f"{name} = {self.random.randint(0, 9)}",
                f"class {name}:\n    def __init__(self, *arguments): self.arguments = arguments",
                f"def {name}(*arguments, **named): return arguments",
                f"{name} = lambda *arguments: len(arguments)",
                f"{name} = None",
            )
        )
        return self.text.with_lines(self.text.first(node), end_of(node), indented(text, self.text.indent(node)))

    # Classes

    def bases(self) -> str:
        node = self.pick(self.text.statements(ast.ClassDef))
        bases = [self.text.segment(each) for each in node.bases]
        words = [
            f"{each.arg}={self.text.segment(each.value)}" if each.arg else f"**{self.text.segment(each.value)}" for each in node.keywords
        ]
        mixin = ""
        choice = self.random.random()
        if choice < 0.35:
            mixin = f"class {(name := self.name('Mixin'))}:\n    def mixed(self): return {self.random.randint(0, 9)}"
            bases.insert(0, name)
        elif choice < 0.6 and bases:
            bases.pop(self.random.randrange(len(bases)))
        elif choice < 0.75 and not words:
            words.append("metaclass=__import__('abc').ABCMeta")
        elif choice < 0.8 and words:
            words.pop()
        else:
            others = [each.name for each in self.text.tree.body if isinstance(each, ast.ClassDef) and each.lineno < node.lineno]
            bases.insert(self.random.randint(0, len(bases)), self.pick(others))
        given = ", ".join((*bases, *words))
        if not self.text.alone(node.body[0]):
            raise StopIteration
        header = f"class {node.name}{f'({given})' if given else ''}:\n"
        first = node.lineno - 1
        edited = self.text.with_lines(first, self.text.first(node.body[0]), self.text.indent(node) + header)
        if mixin:
            start = self.text.first(node)
            lines = edited.splitlines(keepends=True)
            return "".join(lines[:start]) + indented(mixin, self.text.indent(node)) + "".join(lines[start:])
        return edited

    def new_member(self) -> str:
        node = self.pick(self.text.statements(ast.ClassDef))
        name = self.name("member")
        others = [name for each in node.body for name in _defined(each)] or ["__doc__"]
        text = self.random.choice(
            (
                f"{name} = {self.random.randint(0, 9)}",
                f"def {name}(self): return self",
                f"@property\ndef {name}(self): return {self.random.randint(0, 9)}",
                f"@classmethod\ndef {name}(cls): return cls.__name__",
                f"def {name}(self): return super().__repr__()",
                f"__{name} = 1\ndef {name}(self): return self.__{name}",
                f"{name}: int = 3",
                f"{name}: 'list[int]'",
                "def __len__(self): return 3",
                "def __eq__(self, other): return self is other",
                "__hash__ = None",
                "def __init_subclass__(cls, **named): super().__init_subclass__(**named)",
                "def __getattr__(self, name): raise AttributeError(name)",
                "__slots__ = ()",
                f"__slots__ = ({name!r},)",
                f"class {name}:\n    value = 1",
                f"{name} = {self.random.choice(others)}",
                "def __bool__(self): return True",
            )
        )
        place = self.pick(node.body)
        if not self.text.alone(place) or place is node.body[0] and not self.text.alone(place):
            raise StopIteration
        return self.text.after(place, text)

    # Modules

    def new_at_module_level(self) -> str:
        names = [name for each in self.text.tree.body for name in _defined(each)]
        name, other = self.name("New"), self.pick(names)
        text = self.random.choice(
            (
                f"{name} = {self.random.randint(0, 99)}",
                f"{name} = {other}",
                f"def {name}(a, b=2): return a, b, {other}",
                f"class {name}:\n    value = {other}",
                f"{name} = [{other}]",
                f"{name} = {{'a': {other}}}",
                f"{name} = [each for each in range(3)]",
                f"{name}: int = 3",
                f"{other} = {other}",
                f"{name} = lambda: {other}",
                f"{name} = repr(__name__)",
                f"if __name__:\n    {name} = 1\nelse:\n    {name} = 2",
                f"{other} = {self.random.randint(0, 9)}",
                f"class {name}({other}): pass",
                f"{name} = __import__('functools').partial({other})",
                "1 / 0",
                f"{name} = {name}x",
            )
        )
        place = self.pick(self.text.tree.body)
        if not self.text.alone(place):
            raise StopIteration
        return self.text.after(place, text)

    def import_(self) -> str:
        choice = self.random.random()
        if choice < 0.4:
            text = self.random.choice(
                (
                    "import string",
                    "from string import digits",
                    "import os.path",
                    "import collections.abc as abc_",
                    "from functools import partial as p_",
                    "from string import *",
                    "import keyword as re_",
                    "from math import *",
                )
            )
            place = self.pick(self.text.tree.body)
            if not self.text.alone(place):
                raise StopIteration
            return self.text.after(place, text)
        node = self.pick(self.text.statements(ast.Import, ast.ImportFrom))
        if choice < 0.55:
            return self.text.without(node)
        if isinstance(node, ast.Import):
            alias = self.pick(node.names)
            if "." in alias.name:
                raise StopIteration
            if choice < 0.75:
                return self.text.after(node, f"import {alias.name} as {self.name('im')}")
            return self.text.replaced(node, f"{alias.asname or alias.name} = __import__('{alias.name}')")
        if node.names[0].name == "*":
            raise StopIteration
        alias = self.pick(node.names)
        where = "." * node.level + (node.module or "")
        if choice < 0.7:
            return self.text.after(node, f"from {where} import {alias.name} as {self.name('im')}")
        if choice < 0.85 and len(node.names) > 1:
            rest = ", ".join(ast.unparse(each) for each in node.names if each is not alias)
            return self.text.replaced(node, f"from {where} import {rest}")
        return self.text.replaced(node, f"from {where} import *")

    def into_several(self) -> str:
        """`a, b = 1, 2`, `A: int = 1`, `a = b = 1` …"""
        node = self.pick(
            each for each in self.text.statements(ast.Assign, of=(ast.Module, ast.ClassDef)) if isinstance(each.targets[0], ast.Name)
        )
        name, value = node.targets[0].id, self.text.segment(node.value)
        return self.text.replaced(
            node,
            self.random.choice(
                (
                    f"{name}: object = {value}",
                    f"{name} = {self.name('also')} = {value}",
                    f"{name}, {self.name('also')} = ({value}), 2",
                    f"{name} = ({value})",
                    f"globals()[{name!r}] = {value}",
                    f"{name} = (lambda: {value})()",
                )
            ),
        )


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, DEFINITIONS):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [each.id for each in node.targets if isinstance(each, ast.Name)]
    return []


def _within(node: ast.AST, other: ast.AST) -> bool:
    return any(each is node for each in ast.walk(other)) or any(each is other for each in ast.walk(node))


def _at(text: Text, node: Any) -> Any:
    return next(each for each in text.statements(*DEFINITIONS) if each.name == node.name and each.lineno == node.lineno)


EDITS: list[tuple[int, Callable[[Editor], str | None]]] = [
    (10, Editor.constant),
    (4, Editor.comparison),
    (4, Editor.condition),
    (3, Editor.swapped_operands),
    (6, Editor.element),
    (3, Editor.other_name),
    (10, Editor.new_statement),
    (6, Editor.without_statement),
    (2, Editor.twice),
    (6, Editor.moved),
    (4, Editor.under_a_condition),
    (5, Editor.remark),
    (4, Editor.docstring),
    (7, Editor.parameters),
    (7, Editor.decorated),
    (5, Editor.wrapped),
    (5, Editor.bound_again),
    (5, Editor.renamed),
    (4, Editor.copied),
    (3, Editor.moved_definition),
    (3, Editor.into_a_closure),
    (4, Editor.other_kind),
    (5, Editor.bases),
    (8, Editor.new_member),
    (7, Editor.new_at_module_level),
    (5, Editor.import_),
    (4, Editor.into_several),
]

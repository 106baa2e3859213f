"""Objects of the library that statements of a module fill by their methods, and that take nothing twice: parsers of command lines,
configurations. An edit of one of the statements makes the object anew, and who has got hold of it has what is in it now.
"""

from __future__ import annotations

import unittest

from edits import Edit, tests_of

PARSER = "import argparse\nparser = argparse.ArgumentParser()\n"
OPTIONS = f"{PARSER}parser.add_argument('--x', default=1)\nparser.add_argument('--y', default=2)\n"
COMMANDS = f"""{PARSER}
sub = parser.add_subparsers(dest='command')
def add(args): return 'added', args.n
one = sub.add_parser('add')
one.add_argument('n', type=int)
one.set_defaults(run=add)
def drop(args): return 'dropped', args.force
two = sub.add_parser('drop')
two.add_argument('--force', action='store_true')
two.set_defaults(run=drop)
def main(given):
    args = parser.parse_args(given)
    return args.run(args)
"""
USER = "from m import parser\nclass App:\n    def __init__(self, parser): self.parser = parser\napp = App(parser)\nparse = parser.parse_args\n"
SETTINGS = "import configparser\nc = configparser.ConfigParser()\nc.add_section('a')\nc.set('a', 'k', '1')\nc['b'] = {'x': '1'}\nV = c.get('a', 'k')\n"

EDITS = {
    "an option with another default": Edit(
        OPTIONS, OPTIONS.replace("=1", "=5"), held="p = m.parser",
        expect=["vars(m.parser.parse_args([])) == {'x': 5, 'y': 2}", "p is m.parser", "not not_applied"],
    ),
    "an option that is gone": Edit(
        OPTIONS, OPTIONS.partition("parser.add_argument('--y'")[0], expect=["vars(m.parser.parse_args([])) == {'x': 1}", "not not_applied"]
    ),
    "an option between others": Edit(
        OPTIONS, OPTIONS.replace("parser.add_argument('--y'", "parser.add_argument('--z')\nparser.add_argument('--y'"),
        expect=["list(vars(m.parser.parse_args([]))) == ['x', 'z', 'y']", "not not_applied"],
    ),
    "an option that comes last stays an addition": Edit(
        OPTIONS, OPTIONS + "parser.add_argument('--z')\n", held="a = m.parser._actions[1]",
        expect=["list(vars(m.parser.parse_args([]))) == ['x', 'y', 'z']", "m.parser._actions[1] is a", "not not_applied"],
    ),
    "an option whose default reads a name": Edit(
        f"D = 1\n{PARSER}parser.add_argument('--x', default=D)\n", f"D = 2\n{PARSER}parser.add_argument('--x', default=D)\n",
        expect=["m.parser.parse_args([]).x == 2", "not not_applied"],
    ),
    "options in a loop": Edit(
        f"{PARSER}for n in 'ab':\n    parser.add_argument('--' + n)\n", f"{PARSER}for n in 'abc':\n    parser.add_argument('--' + n)\n",
        expect=["list(vars(m.parser.parse_args([]))) == ['a', 'b', 'c']", "not not_applied"],
    ),
    "what is read of the options follows": Edit(
        f"{OPTIONS}X = parser.parse_args([]).x\n", f"{OPTIONS}X = parser.parse_args([]).x\n".replace("=1", "=5"), expect=["m.X == 5", "not not_applied"]
    ),
    "others hold the parser, and its methods": Edit(
        {"m": OPTIONS, "n": USER}, {"m": OPTIONS.replace("=1", "=5")},
        expect=["n.app.parser is n.parser is m.parser", "n.app.parser.parse_args([]).x == n.parse([]).x == 5", "not not_applied"],
    ),
    "another module adds options of its own": Edit(
        {"m": OPTIONS, "n": "from m import parser\nparser.add_argument('--n', default=9)\n"}, {"m": OPTIONS.replace("=1", "=5")},
        expect=["vars(m.parser.parse_args([])) == {'x': 5, 'y': 2, 'n': 9}", "not not_applied"],
    ),
    "a function of the module adds options": Edit(
        f"{PARSER}def common(p): p.add_argument('--c')\ncommon(parser)\n{OPTIONS.partition('()')[2]}",
        f"{PARSER}def common(p): p.add_argument('--c')\ncommon(parser)\n{OPTIONS.partition('()')[2].replace('=1', '=5')}",
        expect=["vars(m.parser.parse_args([])) == {'c': None, 'x': 5, 'y': 2}", "not not_applied"],
    ),
    "a function fills it when it is called: nobody knows what is in it": Edit(
        f"{OPTIONS}def more(): parser.add_argument('--m')\n", f"{OPTIONS}def more(): parser.add_argument('--m')\n".replace("=1", "=5"), held="m.more()",
        expect=["outcome == 'rolledBack'", "m.parser.parse_args([]).x == 1"],
    ),
    "a parser that has the options of another one": Edit(
        f"{PARSER}parser.add_argument('-v')\nq = argparse.ArgumentParser(parents=[parser], add_help=False, conflict_handler='resolve')\nq.add_argument('-w')\n",
        f"{PARSER}parser.add_argument('-v', default=1)\nq = argparse.ArgumentParser(parents=[parser], add_help=False, conflict_handler='resolve')\n"
        "q.add_argument('-w')\n",
        held="q = m.q", expect=["m.q is q", "vars(q.parse_args([])) == {'v': 1, 'w': None}", "not not_applied"],
    ),
    "an option of a command": Edit(
        COMMANDS, COMMANDS.replace("type=int", "type=float"), held="main, one = m.main, m.one",
        expect=["main(['add', '3']) == ('added', 3.0)", "main(['drop']) == ('dropped', False)", "m.one is one is m.sub.choices['add']", "not not_applied"],
    ),
    "a command that is called otherwise": Edit(
        COMMANDS, COMMANDS.replace("'drop'", "'remove'"), expect=["list(m.sub.choices) == ['add', 'remove']", "not not_applied"]
    ),
    "a command that is gone": Edit(
        COMMANDS, COMMANDS.partition("two =")[0] + "def main" + COMMANDS.partition("def main")[2],
        expect=["list(m.sub.choices) == ['add']", "m.main(['add', '1']) == ('added', 1)", "not not_applied"],
    ),
    "the body of a command makes nothing anew": Edit(
        COMMANDS, COMMANDS.replace("'dropped'", "'gone'"), expect=["m.main(['drop']) == ('gone', False)", "executed == []", "not not_applied"]
    ),
    "one name for the parsers of all commands": Edit(
        f"{PARSER}sub = parser.add_subparsers()\np = sub.add_parser('a')\np.add_argument('x')\np = sub.add_parser('b')\np.add_argument('y')\n",
        f"{PARSER}sub = parser.add_subparsers()\np = sub.add_parser('a')\np.add_argument('x')\np = sub.add_parser('b')\np.add_argument('--z')\n",
        expect=["vars(m.parser.parse_args(['b'])) == {'z': None}", "vars(m.parser.parse_args(['a', '1'])) == {'x': '1'}", "not not_applied"],
    ),
    "a group of options": Edit(
        f"{PARSER}g = parser.add_argument_group('g')\ng.add_argument('--x', default=1)\n",
        f"{PARSER}g = parser.add_argument_group('g')\ng.add_argument('--x', default=5)\n",
        expect=["m.parser.parse_args([]).x == 5", "m.g in m.parser._action_groups", "not not_applied"],
    ),
    "what it refuses is refused": Edit(
        OPTIONS, OPTIONS.replace("--y", "--x"), expect=["outcome == 'rolledBack'", "vars(m.parser.parse_args([])) == {'x': 1, 'y': 2}"]
    ),
    "a section of a configuration": Edit(
        SETTINGS, SETTINGS.replace("'a'", "'c'"), held="c = m.c", expect=["c.sections() == ['c', 'b']", "m.c is c", "m.V == '1'", "not not_applied"]
    ),
    "a value of a configuration": Edit(SETTINGS, SETTINGS.replace("'k', '1'", "'k', '2'"), expect=["m.V == '2'", "not not_applied"]),
    "a key of a configuration": Edit(SETTINGS, SETTINGS.replace("'x'", "'y'"), expect=["list(m.c['b']) == ['y']", "not not_applied"]),
}

Edits = tests_of(EDITS)


if __name__ == "__main__":
    unittest.main()

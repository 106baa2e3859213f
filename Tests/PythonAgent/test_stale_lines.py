"""Where a stale reference was made: the line that a person would go to."""
from __future__ import annotations

import unittest

from stale_program import Program

WEB = """class App:
    def __init__(self):
        self.routes = {}
        self.all = []
    def route(self, path):
        def note(function):
            self.routes[path] = function
            return function
        return note
    def add(self, function):
        self.all.append(function)
app = App()
"""

SHOP = """from web import app
def price(): pass
def rate(): pass
class Order: pass
"""


class Lines(unittest.TestCase):
    def found(self, cart: str, shop: str = SHOP, saved: str | None = None) -> dict[str, str]:
        """Path → the text at its location, after a line number."""
        program = Program(web=WEB, shop=shop, cart=cart)
        self.addCleanup(program.close)
        texts = {"/program/web.py": WEB, "/program/shop.py": saved or shop, "/program/cart.py": cart}
        program.save("shop", saved or shop)
        answer = {}
        for entry in program.scan()["stale"]:
            where = entry["location"]["range"]
            line = texts[entry["location"]["path"]].splitlines()[where["start"]["line"]]
            name = entry["location"]["path"].rpartition("/")[2]
            answer[entry["path"]] = f"{name}:{where['start']['line'] + 1} " \
                f"{line[where['start']['column']:where['end']['column']]}"
        return answer

    def test_a_registration_call_of_an_imported_function(self):
        self.assertEqual(self.found("import shop, web\n\nweb.app.add(\n    shop.price)\n"),
                         {"web.app.all[0]": "cart.py:4 shop.price"})

    def test_a_registration_call_inside_a_function(self):
        self.assertEqual(self.found("import shop\nfrom web import app\ndef set_up():\n    app.add(shop.price)\nset_up()\n"),
                         {"web.app.all[0]": "cart.py:4 shop.price"})

    def test_an_assignment_into_a_container(self):
        found = self.found("from shop import price as p\nhandlers = {}\nhandlers['x'] = [p]\n")
        self.assertEqual(found["cart.handlers['x'][0]"], "cart.py:3 p")
        self.assertEqual(found["cart.p"], "cart.py:1 price as p")

    def test_the_statement_that_binds_the_holder_if_that_made_it(self):
        self.assertEqual(self.found("import shop\nhandlers = {'x': [\n    shop.price]}\nlater = [shop.rate]\n"),
                         {"cart.handlers['x'][0]": "cart.py:2 handlers", "cart.later[0]": "cart.py:4 later"})

    def test_a_decorator_in_the_file_that_was_saved(self):
        shop = SHOP + "@app.route('/pay')\ndef pay(): pass\n"
        saved = SHOP + "\n\n@app.route('/new')\ndef pay(): pass\n"
        self.assertEqual(self.found("", shop, saved), {"web.app.routes['/pay']": "shop.py:7 app"})

    def test_where_instances_were_made(self):
        found = self.found("from shop import Order\norders = []\ndef more():\n    orders.append(Order())\nmore()\nmore()\n")
        self.assertEqual(found["cart.orders[0]"], "cart.py:4 Order")

    def test_of_two_places_none_is_said_but_where_the_holder_is_bound(self):
        self.assertEqual(self.found("import shop\nall = []\nall.append(shop.price)\nif 1:\n    all.append(shop.price)\n"),
                         {"cart.all[0]": "cart.py:2 all", "cart.all[1]": "cart.py:2 all"})

    def test_another_module_s_name_of_the_same_spelling_is_not_meant(self):
        self.assertEqual(self.found("import shop\nall = []\ndef price(): pass\nall.append(price)\nall.extend([shop.price])\n"),
                         {"cart.all[1]": "cart.py:5 shop.price"})

    def test_two_names_of_one_function_are_two_entries_each_with_its_line(self):
        self.assertEqual(self.found("import shop\none = shop.price\n\ntwo = shop.price\n"),
                         {"cart.one": "cart.py:2 one", "cart.two": "cart.py:4 two"})


if __name__ == "__main__":
    unittest.main()

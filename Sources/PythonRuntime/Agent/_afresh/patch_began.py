"""Which of two statements of different modules a start of the program executes first: by the import statements that the modules
have now. `sys.modules` only knows the order in which imports have ended.
"""

from __future__ import annotations

import sys

from .imports import absolute, scan
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    Place = tuple[int, ...]


class Began:
    def __init__(self, codes: dict[str, CodeType]) -> None:
        self._codes = codes
        self._places: dict[str, Place] = {}  # of modules: the lines of the imports that lead there, each with its number there
        self._imported = {name: self._imports(name) for name in codes}
        inner = {target for name, found in self._imported.items() for _, target in found if target != name}
        ended = [name for name in list(sys.modules) if name in codes]
        above: list[str] = []
        for name in (*(name for name in ended if name == "__main__"), *ended):
            if name in inner:
                above.append(name)
                continue
            others = [each for each in above if each not in self._places]
            inside = self._inside(name) if others else set()
            for each in others:
                if each not in inside:
                    self._begin(each)  # ended before it and not imported by it: by somebody whose text is not known
            above = []
            self._begin(name)
        for name in ended:
            self._begin(name)

    def is_before(self, module: str, line: int, other: str, other_line: int) -> bool:
        """Whether the statement on a line of `module` is executed before that of `other`."""
        first, second = self._places.get(module), self._places.get(other)
        return module != other and first is not None and second is not None and (*first, line, 0) < (*second, other_line, 0)

    def _inside(self, root: str) -> set[str]:
        """What importing a module imports."""
        found, waiting = {root}, [root]
        while waiting:
            more = {target for _, target in self._imported[waiting.pop()] if target in self._imported} - found
            found |= more
            waiting += more
        return found

    def _begin(self, root: str) -> None:
        if root in self._places:
            return
        self._places[root] = (len(self._places), 0)
        waiting = [(root, iter(self._imported[root]), 0)]
        while waiting:
            name, imports, number = waiting.pop()
            for line, target in imports:
                number += 1
                if target not in self._places and target in self._imported:
                    self._places[target] = (*self._places[name], line, number)
                    waiting += [(name, imports, number), (target, iter(self._imported[target]), 0)]
                    break

    def _imports(self, name: str) -> list[tuple[int, str]]:
        """The lines of a module's own import statements, and what they import, with the packages that that is in."""
        found: list[tuple[int, str]] = []
        code, namespace = self._codes[name], namespace_of(sys.modules.get(name))
        lines = list(code.co_lines()) if namespace is not None else []
        for one in scan(code)[0] if namespace is not None else ():
            if one.lazy or one.at < 0:
                continue
            line = next((line for start, end, line in lines if start <= one.at < end), None) or 0
            target = absolute(one, namespace)
            parts = target.split(".")
            found += [(line, ".".join(parts[:end])) for end in range(1, len(parts) + 1)]
            if one.name is not None:
                found.append((line, f"{target}.{one.name}"))
        return found

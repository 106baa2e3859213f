"""Which of two statements of different modules a start of the program executes first: by the import statements that the modules
have now, and by who imported them when they were loaded. `sys.modules` only knows the order in which imports have ended.
"""

from __future__ import annotations

import sys
from opcode import opname

from .imports import absolute, scan
from .patch_spoken import name_of
from .patch_traces import operations_of
from .transaction import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    Place = tuple[int, ...]

_LOADS = frozenset(("LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD"))
_BY_NAME = frozenset(("import_module", "__import__"))  # what imports without an import statement


class Began:
    def __init__(self, codes: dict[str, CodeType], importers: dict[str, tuple[str, bool] | None]) -> None:
        """`importers`: who asked for a module when it was loaded, and whether in a function; None where nobody has seen it."""
        self._codes = codes
        self._places: dict[str, Place] = {}  # of modules: the lines of the imports that lead there, each with its number there
        self._imported = {name: self._imports(name) for name in codes}
        ended = {name: number for number, name in enumerate(name for name in list(sys.modules) if name in codes)}
        apart = [name for name in ended if self._is_apart(name, importers.get(name), ended) and not self._put(name, importers[name], ended)]
        inner = {target for name, found in self._imported.items() for _, target in found if target != name}.difference(apart)
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

    def _is_apart(self, name: str, importer: tuple[str, bool] | None, ended: dict[str, int]) -> bool:
        """Whether no import statement of a module that was being executed asked for a module: one that stands in a module that
        has ended later found it loaded. `ended`: the modules in the order in which their imports have ended.
        """
        if importer is None:
            return False  # nobody has seen it
        module, is_in_function = importer
        if module not in ended:
            return True
        if is_in_function:
            return module == "__main__" or ended[module] < ended[name]
        return all(target != name for _, target in self._imported[module]) and not _BY_NAME.isdisjoint(self._codes[module].co_names)

    def _put(self, name: str, importer: tuple[str, bool], ended: dict[str, int]) -> bool:
        """Puts a module among the imports of the one that was being executed when it was imported otherwise than by a statement
        for it: before those of modules that have ended later. False where it is not known which one.
        """
        module, is_in_function = importer
        host = module if module in ended and not is_in_function else "__main__"
        imports = self._imported.get(host)
        if imports is None or host == name:
            return False
        at = next((at for at, (_, target) in enumerate(imports) if ended.get(target, -1) > ended[name]), len(imports))
        first, last = imports[at - 1][0] if at else 0, imports[at][0] if at < len(imports) else sys.maxsize
        line = last  # a script calls functions when it has done all else, mostly
        if host == module and not is_in_function:
            line = next((line for line in _lines_by_name(self._codes[host]) if first <= line <= last), first)
        imports.insert(at, (line, name))
        return True

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


def _lines_by_name(code: CodeType) -> list[int]:
    """The lines on which a module's own statements import by name."""
    lines = [line for line, *_ in code.co_positions()]
    return [
        line
        for at, operation, argument in operations_of(code)
        if (step := opname[operation]) in _LOADS and name_of(code, step, argument) in _BY_NAME and (line := lines[at >> 1])
    ]

"""Statements whose values nobody sees before all of them are there.

Most statements that an edit touches bind a name to a value, to a function or to what another module has bound. If nothing
that they run looks at the module itself, they are executed beside it: what they bind waits in the transaction, later
ones of their kind see it, and all of it is published in one C call, with the functions' new code, when a statement comes
that is not so, or at the end.
"""

from __future__ import annotations

import builtins
import sys
from abc import ABCMeta
from opcode import hasjabs, hasjrel, opmap
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

from .hooks import defined
from .patch_branches import stored_beside
from .patch_identity import made_by_definition
from .patch_repeats import containers_in
from .patch_session import VALUE
from .patch_values import is_as_good, is_data, is_immutable
from .stale_objects import HEAP_TYPE, class_module, nested_codes, type_dict, type_flags, type_mro
from .transaction import ABSENT, namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .patch_execution import Execution

_JUMPS = frozenset((*hasjrel, *hasjabs))
_GLOBAL, _IMPORT = opmap["LOAD_GLOBAL"], opmap["IMPORT_NAME"]
# Modules of the library that call nothing of the program but what they are given: no handlers, no modules by their names.
_PURE = frozenset(
    "abc base64 binascii bisect builtins cmath collections contextlib copy dataclasses datetime decimal enum fractions functools"
    " hashlib heapq itertools json math numbers operator pathlib posixpath random re statistics string struct textwrap time"
    " types typing uuid _bisect _collections _datetime _decimal _functools _heapq _operator _random _sre _struct".split()
)
_LOOKERS = frozenset(
    ("__import__", "breakpoint", "delattr", "dir", "eval", "exec", "getattr", "globals", "hasattr", "locals", "setattr", "vars")
)
_AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")

# What an entry says of statements that are executed in their module.
_RUNS = "builds", "needs", "drops", "elsewhere", "rebinds", "below"


def is_private(execution: Execution, entry: dict[str, Any], written: dict[str, Any]) -> bool:
    """Whether a statement may be executed beside its module: what it reads and calls is known to run nothing of it."""
    if written or "parts" in entry or entry["late"][0] or any(entry[member] for member in _RUNS):
        return False
    names = entry["binds"]
    if not names or not all(name in entry["last"] and name in entry["firm"] and name[:2] != "__" for name in names):
        return False
    if "import" in entry:
        module, name, _ = entry["import"]
        source = namespace_of(sys.modules.get(module))
        return source is not None and execution.transaction.look(source, name) is not ABSENT
    if entry["kind"] not in ("value", "function") or "__annotations__" in entry["code"].co_names:
        return False
    if _gives_lambdas(entry) or stored_beside(entry["code"]):
        return False
    for constant in entry["code"].co_consts:
        if type(constant) is CodeType and (constant.co_name in _AT_ONCE or not constant.co_flags & 2):
            return False
    if len(names) > 1 and any(operation in _JUMPS for operation in entry["code"].co_code[::2]):
        return False  # it may bind some of them only
    for module, name, attribute in (*entry["inputs"], *entry["calls"]):
        if module is not None and module != execution.name:
            source = namespace_of(sys.modules.get(module))
            if source is None or attribute is not None:
                return False
            value = execution.transaction.look(source, name)
            if value is ABSENT:
                return False
        elif name == "?" or "." in name:
            return False
        else:
            value = execution.transaction.look(execution.namespace, name)
            if value is ABSENT and (name not in vars(builtins) or name in execution.namespace):
                return False  # one that is to be removed would still be found
        if (module, name, attribute) not in entry["calls"] and not _is_inert(value, bool(entry["calls"]), attribute):
            return False
        if attribute is not None and _waits(execution, value):
            return False
    if not all(_is_foreign(execution, each) for each in entry["calls"]):
        return False
    sources = _read_while_they_wait(execution, entry)
    if any(namespace_of(source.get(name)) is not None for source in sources for name in entry["code"].co_names):
        return False  # one module through another
    waiting = set(map(id, sources))
    # Each of the program's modules in the text is one whose names wait, and is read by its own name: see `_shown`.
    held = [namespace_of(execution.namespace.get(local)) for local in entry["code"].co_names]
    return all(source is None or id(source) in waiting or _is_library_name(source.get("__name__")) for source in held)


def _gives_lambdas(entry: dict[str, Any]) -> bool:
    return bool(entry["calls"]) and any(code.co_name == "<lambda>" for code in nested_codes(entry["code"]))


def _read_while_they_wait(execution: Execution, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The namespaces of other modules of which a statement reads names that wait."""
    found = []
    for module, name, _ in entry["inputs"]:
        source = namespace_of(sys.modules.get(module)) if module is not None and module != execution.name else None
        if source is not None and execution.transaction.look(source, name) is not source.get(name, ABSENT):
            found.append(source)
    return found


def shown_inside(execution: Execution, part: dict[str, Any]) -> dict[str, Any]:
    """Names that wait and that a statement of a class body reads itself: not a comprehension or a class in it."""
    waiting = execution.transaction.pending(execution.namespace)
    if not waiting:
        return {}
    deeper: set[str] = set()
    for code in _bodies(part["code"], part["symbol"].count(".")):
        if _GLOBAL in code.co_code[::2]:  # a comprehension that was compiled into it
            deeper.update(code.co_names)
        for constant in code.co_consts:
            if type(constant) is CodeType and (constant.co_name in _AT_ONCE or not constant.co_flags & 2):
                deeper |= _names(constant)
    return {name: value for name, value in waiting.items() if name not in part["binds"] and name not in deeper}


def _bodies(code: CodeType, depth: int) -> list[CodeType]:
    """The code of the innermost of the class bodies around a statement."""
    found = [code]
    for _ in range(depth):
        found = [each for outer in found for each in outer.co_consts if type(each) is CodeType and not each.co_flags & 2]
    return found


def looks_at_what_waits(execution: Execution, entry: dict[str, Any], shown: dict[str, Any]) -> bool:
    """Whether a statement that is executed in its module may come to see names that wait, or call what waits."""
    given = (*entry["inputs"], *entry["calls"])
    if _imports(entry["code"]) or _gives_lambdas(entry):
        return True  # a module that is loaded now reads what it likes, and what is called may call what it is given
    if any(_makes_with_methods(execution, entry, *each) for each in entry.get("made_by", ())):
        return True
    for module, name, attribute in given:
        source = namespace_of(sys.modules.get(execution.name if module is None else module))
        if "." in name or name in ("?", "*") or source is None:
            return True
        first = name.partition(".")[0]
        if first in shown and module is None:
            continue
        value = source.get(first, ABSENT)
        if execution.transaction.look(source, first) is not value or _waits(execution, value):
            return True
        if value is ABSENT and (module is not None or first not in vars(builtins)):
            return True  # a module's `__getattr__` may give it
        inside = namespace_of(value)
        if inside is not None and execution.transaction.waiting(inside):
            return True
        if (module, name, attribute) not in entry["calls"] and inside is None:
            if not _is_inert(value, bool(entry["calls"]), attribute):
                return True  # an operator, a property
    if not all(_is_foreign(execution, each) for each in entry["calls"]):
        return True
    for name in _names(entry["code"]).difference(entry["binds"]) if entry["kind"] == "class" or "parts" in entry else ():
        value = execution.namespace.get(name, ABSENT)  # what the body of the class calls is not among the header's
        inside = namespace_of(value)
        if not _is_inert(value, True) and not _is_foreign(execution, (None, name, None)):
            if inside is None or not _is_pure(inside.get("__name__")):
                return True
    waiting = execution.transaction.waiting(execution.namespace)
    return not (waiting - shown.keys()).isdisjoint(_names(entry["code"]))


def _names(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType and (constant.co_name in _AT_ONCE or not constant.co_flags & 2):
            found |= _names(constant)
    return found


def _imports(code: CodeType) -> bool:
    return _IMPORT in code.co_code[::2]


def _is_pure(owner: Any, name: Any = None) -> bool:
    """Whether the functions of a module, or one of them, call nothing but what they are given."""
    return type(owner) is str and owner.partition(".")[0] in _PURE and not (owner == "builtins" and name in _LOOKERS)


def _makes_with_methods(execution: Execution, entry: dict[str, Any], module: str | None, name: str, attribute: str | None) -> bool:
    """Whether making a class of that base, or with that metaclass, calls methods of the program: the class's own or inherited ones."""
    source = namespace_of(sys.modules.get(execution.name if module is None else module)) or {}
    value = source.get(name, vars(builtins).get(name))
    if attribute is not None:
        value = (namespace_of(value) or {}).get(attribute)
    if not issubclass(type(value), type):
        return True
    plain = type(value) in _PLAIN_METACLASSES and not issubclass(value, type)
    hooks = {"__init_subclass__"} if plain else _MAKERS
    methods = set() if plain else {code.co_name for code in nested_codes(entry["code"])}
    for cls in (*type_mro(value), *type_mro(type(value))):
        if type_flags(cls) & HEAP_TYPE and not _is_library_name(class_module(cls)):
            methods.update(type_dict(cls))
    return not hooks.isdisjoint(methods)


_PLAIN_METACLASSES = (type, ABCMeta)
_MAKERS = frozenset(("__init_subclass__", "__new__", "__init__", "__call__", "__prepare__", "_generate_next_value_", "_missing_"))


def _is_library_name(name: Any) -> bool:
    return type(name) is str and name.partition(".")[0] in sys.stdlib_module_names


def _waits(execution: Execution, value: Any) -> bool:
    """Whether parts of a function, or attributes of a class, wait."""
    if issubclass(type(value), type):
        return execution.transaction.members_wait(value)
    return type(value) is FunctionType and execution.transaction.waits_for({id(value)})


def _is_inert(value: Any, is_given: bool, attribute: str | None = None) -> bool:
    """Whether operators on a value, reading an attribute of it, and a function that it is given to, run nothing of the
    program.
    """
    if is_immutable(value) or value is ABSENT:
        return True
    if is_given:
        return False
    if type(value) is type:
        return not any(_reacts(type.__getattribute__(base, "__dict__"), attribute) for base in type.__getattribute__(value, "__mro__"))
    return type(value) is FunctionType or type(value) in (list, dict, set) and is_data(value)


def _reacts(inside: Any, attribute: str | None) -> bool:
    """Whether a class runs something when an attribute is read, or when it is subscripted."""
    if "__class_getitem__" in inside:
        return True
    found = inside.get(attribute)
    return not (is_immutable(found) or type(found).__module__ == "builtins" or type(found) is type)


def _is_foreign(execution: Execution, given: tuple[str | None, str, str | None]) -> bool:
    """Whether a function or class that is called is none of the program's, and comes to nothing of it by itself."""
    module, name, attribute = given
    if module is not None and module != execution.name:
        return _is_pure(module)
    value = execution.transaction.look(execution.namespace, name)
    if value is ABSENT:
        value = vars(builtins).get(name, ABSENT)
    if issubclass(type(value), ModuleType) and attribute is not None:
        value = namespace_of(value).get(attribute, ABSENT)
    if type(value) is FunctionType:
        if value.__closure__ is not None or value.__dict__:
            return False  # made by a library around something of the program, perhaps
        owner = value.__globals__.get("__name__")
    elif issubclass(type(value), type):
        owner = type.__getattribute__(value, "__dict__").get("__module__", "builtins")
    else:
        if type(value) is not BuiltinFunctionType or not issubclass(type(value.__self__), ModuleType):
            return False
        return _is_pure(value.__self__.__name__, value.__name__)
    return _is_pure(owner)


def execute_privately(execution: Execution, entry: dict[str, Any]) -> None:
    session, transaction = execution.session, execution.transaction
    if execution.patch.plan["code"] is not None or defined(execution.namespace):
        execution.touch()  # the text of a dependent is what it was: no hook comes to it
    waiting = transaction.pending(execution.namespace)
    before = {name: transaction.look(execution.namespace, name) for name in entry["binds"]}
    if "import" in entry:
        module, name, local = entry["import"]
        waiting[local] = transaction.look(namespace_of(sys.modules[module]), name)
    else:
        transaction.executing(execution.name, entry["code"], execution.running_source())
        shown = _shown(execution, entry)
        waiting.update(shown)
        transaction.runs(exec, entry["code"], execution.namespace, waiting)
        for name, module in shown.items():
            if waiting.get(name) is module:
                del waiting[name]
    execution.executed = True
    if "again" in entry:
        execution.patch.again.append(entry["again"])
    session.ran[execution.key(entry)] = session.tick()
    differs = False
    for name, old in before.items():
        differs = _settle(execution, entry, name, old, waiting) or differs
        if "import" not in entry:
            containers_in(transaction.look(execution.namespace, name), session.fresh)
    execution.applied(entry, differs)


def _shown(execution: Execution, entry: dict[str, Any]) -> dict[str, ModuleType]:
    """For `a.X` where X of module a waits: what stands for that module meanwhile."""
    shown = {}
    for source in _read_while_they_wait(execution, entry):
        for local in entry["code"].co_names:
            if namespace_of(execution.namespace.get(local)) is source:
                shown[local] = ModuleType(str(source.get("__name__")))
                vars(shown[local]).update({**source, **execution.transaction.pending(source)})
    return shown


def _settle(execution: Execution, entry: dict[str, Any], name: str, old: Any, waiting: dict[str, Any]) -> bool:
    """What `Execution.settle` does, for a name that waits."""
    new = waiting[name]
    if new is old or old is not ABSENT and is_as_good(old, waiting, name, entry):
        _keep(execution, name, old, waiting)
        return False
    if type(old) is FunctionType and type(new) is FunctionType and name in entry["defines"]:
        execution.transaction.touch(execution.namespace)
        if made_by_definition(old, new, name) and execution.merger.merge(old, new) is old:
            _keep(execution, name, old, waiting)
            execution.session.note_altered(execution.merger.altered)
            execution.session.behaves(execution.name, name, remade=True)
            return True
    elif "import" not in entry and not (is_immutable(new) and (old is ABSENT or is_immutable(old))):
        if type(new) is not FunctionType or old is not ABSENT:
            execution.transaction.touch(execution.namespace)
            del waiting[name]  # it may be merged, or be known to others: that is done in place
            execution.namespace[name] = new
            new = None  # whether it is held elsewhere is counted
            return execution.settle(name, old, True, name in entry["defines"], entry)
    execution.session.mark(execution.name, name, VALUE, old)
    return True


def _keep(execution: Execution, name: str, old: Any, waiting: dict[str, Any]) -> None:
    if execution.namespace.get(name, ABSENT) is old:
        del waiting[name]
    else:
        waiting[name] = old

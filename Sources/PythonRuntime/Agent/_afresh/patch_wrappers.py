"""Functions that have been given the attributes which another one had when they were made, as `functools.wraps` does: what a statement
that is executed again sets there, they get too.
"""

from __future__ import annotations

import gc
from opcode import opname
from types import FunctionType

from . import patch_traces, patch_undone
from .transaction import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .patch_execution import Execution
    from .patch_session import Session


def follow_attributes(execution: Execution, entry: dict[str, Any], changed: list[tuple[Any, Any]]) -> None:
    """After a statement: `changed` has the containers that it changed, and their contents before."""
    read = [patch_undone.value_of(execution.patch, given) for given in entry["inputs"]]
    functions = {id(each.__dict__): each for each in read if type(each) is FunctionType}
    for attributes, before in changed:
        function = functions.get(id(attributes))
        if function is None:
            continue
        both = {name: (before.get(name, ABSENT), attributes.get(name, ABSENT)) for name in {**before, **attributes} if name[:2] != "__"}
        changes = {name: change for name, change in both.items() if change[0] is not change[1]}
        if changes:
            follow(execution.session, function, changes, lambda wrapper: _is_made_below(execution, wrapper, entry["line"]))


def follow(
    session: Session, function: FunctionType, changes: dict[str, tuple[Any, Any]], is_made_below: Callable[[Any], bool] = lambda wrapper: True
) -> None:
    """`changes`: attributes of a function, what they were and are."""
    for attributes in [each for each in gc.get_referrers(function) if type(each) is dict and each.get("__wrapped__") is function]:
        wrapper = next((each for each in gc.get_referrers(attributes) if type(each) is FunctionType and each.__dict__ is attributes), None)
        earlier = dict(attributes)
        for name, (old, new) in changes.items():
            if attributes.get(name, ABSENT) is old and (old is not ABSENT or is_made_below(wrapper)):
                if new is ABSENT:
                    session.transaction.delete_item(attributes, name)
                else:
                    session.transaction.set_item(attributes, name, new)
        if len(earlier) != len(attributes) or any(attributes[name] is not earlier[name] for name in attributes):
            session.note_contents([(attributes, earlier)], str(function.__module__), function.__globals__)
            if wrapper is not None:
                follow(session, wrapper, changes, is_made_below)


def _is_made_below(execution: Execution, wrapper: Any, line: int) -> bool:
    """Whether a statement below has made a function of the module, or another module has."""
    names = {name for name, value in list(execution.namespace.items()) if value is wrapper}
    code = execution.patch.step.code or execution.patch.step.running_code()
    positions = list(code.co_positions())
    for at, operation, argument in patch_traces.operations_of(code) if names else ():
        if opname[operation] == "STORE_NAME" and code.co_names[argument] in names and (positions[at // 2][0] or 0) < line:
            return False
    return True

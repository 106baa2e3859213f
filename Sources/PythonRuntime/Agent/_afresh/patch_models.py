"""Models of pydantic: what one of them accepts is built into all that have it in a field. Those are built anew."""

from __future__ import annotations

import sys

from .derived import derived
from .transaction import ABSENT, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .transaction import Transaction

# What pydantic builds a model into: others that have got hold of it go on checking what an older model checked.
BUILT = frozenset(("__pydantic_validator__", "__pydantic_serializer__", "__pydantic_core_schema__"))
_SET = (*BUILT, "__pydantic_complete__", "__pydantic_fields__", "__pydantic_computed_fields__", "__signature__")
_DEEPEST = 20


def is_model(attributes: Any) -> bool:
    """By the attributes of a class."""
    return "__pydantic_validator__" in attributes and "__pydantic_fields__" in attributes


def rebuild(made_anew: list[type], transaction: Transaction) -> None:
    """After these have been made anew and are what the program sees. Raises what building the others raises."""
    pydantic = sys.modules.get("pydantic")
    base = getattr(pydantic, "BaseModel", None)
    if not made_anew or not issubclass(type(base), type):
        return
    changed = {id(cls) for cls in made_anew}
    models = [each for each in derived(base).values() if each is not base]
    affected: list[type] = []
    more = True
    while more:
        more = False
        for model in models:
            if id(model) not in changed and _speaks_of(model, changed):
                changed.add(id(model))
                affected.append(model)
                more = True
    for model in affected:
        attributes = type.__getattribute__(model, "__dict__")
        for name in _SET:
            transaction.undo(write, model, name, attributes.get(name, ABSENT))
        transaction.runs(_build, model)


def _build(model: Any) -> None:
    namespace = getattr(sys.modules.get(model.__module__), "__dict__", None)
    model.model_rebuild(force=True, raise_errors=False, _types_namespace=namespace)


def _speaks_of(model: type, classes: set[int]) -> bool:
    fields = type.__getattribute__(model, "__dict__").get("__pydantic_fields__")
    if type(fields) is not dict:
        return False
    return any(_mentions(getattr(field, "annotation", None), classes, 0) for field in fields.values())


def _mentions(annotation: Any, classes: set[int], depth: int) -> bool:
    if id(annotation) in classes:
        return True
    if depth > _DEEPEST or issubclass(type(annotation), type) and type(annotation).__module__ != "types":
        return False
    arguments = getattr(annotation, "__args__", None)
    return type(arguments) is tuple and any(_mentions(each, classes, depth + 1) for each in arguments)

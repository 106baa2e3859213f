"""What the checker's requests carry."""

from __future__ import annotations

import base64
import binascii
from typing import Any

Params = dict[str, Any]


class InvalidParams(ValueError):
    """What a request says is not what the protocol allows."""


def name_of(params: Params) -> str:
    name = params.get("name")
    if not isinstance(name, str):
        raise InvalidParams("a module needs a name")
    return name


def path_of(params: Params) -> str:
    path = params.get("path")
    return path if isinstance(path, str) else f"<{name_of(params)}>"


def bytes_of(params: Params, member: str) -> bytes | None:
    value = params.get(member)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidParams(f"{member} must be a base64 string")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidParams(f"{member} is not base64: {error}") from None

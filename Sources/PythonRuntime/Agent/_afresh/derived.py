"""Classes and all that are derived from them."""

from __future__ import annotations


def derived(*classes: type) -> dict[int, type]:
    """These and all that are derived from them, by id: in the order in which one comes to them."""
    found = {id(cls): cls for cls in classes}
    waiting = list(classes)
    while waiting:
        for cls in type.__subclasses__(waiting.pop()):
            if id(cls) not in found:
                found[id(cls)] = cls
                waiting.append(cls)
    return found

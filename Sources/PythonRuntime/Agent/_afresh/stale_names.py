"""Stale by name: from-imported values that have no identity, and names that the saved text no longer defines."""
from __future__ import annotations

from . import stale_imports as imports
from . import stale_objects as objects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .stale_ledger import Ledger, Loaded
    from .stale_report import Report


def bindings(ledger: Ledger, after: list[Loaded], report: Report) -> None:
    """`from m import RATE` where `m.RATE` has another value now. (What has an identity is found by its references.)"""
    if not ledger.constants:
        return
    namespaces = {loaded.name: loaded.namespace for loaded in after}
    for importer in after:
        if importer.code is None and importer.name == "__main__":
            _by_name(ledger, importer, namespaces, report)
        for module, name, local, unit in imports.from_imports(importer.code, importer.package):
            if module not in ledger.modules or module == importer.name or module not in namespaces:
                continue
            pairs = [(name, local)]
            if name == "*":
                pairs = [(each, each) for each, _ in objects.string_items(namespaces[module]) if each[:1] != "_"]
            for there, here in pairs:
                if here not in importer.namespace or there not in namespaces[module]:
                    continue  # not bound any more, or a leftover
                value, newest = importer.namespace[here], namespaces[module][there]
                if not objects.is_constant(value) or objects.same_constant(value, newest):
                    continue
                earlier = ledger.constants.get((module, there))
                generation = earlier.get(objects.fingerprint(value)) if earlier else None
                if generation is None or imports.is_overwritten(importer.code, here, unit):
                    continue  # the importer gave it a value of its own
                report.add_symbol(f"{module}.{there}", "binding", generation,
                                  f"{importer.name}.{here}", report.binding_location(importer.name, here))


def _by_name(ledger: Ledger, console: Loaded, namespaces: dict[str, dict], report: Report) -> None:
    """What was typed is not known: a name that stands for what a module's stood for may have come from there."""
    for (module, name), earlier in ledger.constants.items():
        if name in console.namespace and name in namespaces.get(module, ()) and module != console.name:
            value = console.namespace[name]
            generation = earlier.get(objects.fingerprint(value)) if objects.is_constant(value) else None
            if generation is not None and not objects.same_constant(value, namespaces[module][name]):
                report.add_symbol(f"{module}.{name}", "binding", generation, f"{console.name}.{name}", None, 1, "possible")


def leftovers(ledger: Ledger, after: list[Loaded], report: Report) -> None:
    """Names that the saved text no longer defines and that are still bound: there, and where they were imported."""
    if not ledger.leftovers:
        return
    by_name = {loaded.name: loaded for loaded in after}
    for (module, name), generation in list(ledger.leftovers.items()):
        owner = by_name.get(module)
        # each module has a docstring, or None for it
        if owner is not None and name in owner.namespace and not (name == "__doc__" and owner.namespace[name] is None):
            report.add_symbol(f"{module}.{name}", "leftover", generation, f"{module}.{name}", None)
    for importer in after:
        for module, name, local, _ in imports.from_imports(importer.code, importer.package):
            last = ledger.leftovers.get((module, name))
            if last is not None and importer.name != module and local in importer.namespace:
                report.add_symbol(f"{module}.{name}", "leftover", last, f"{importer.name}.{local}",
                                  report.binding_location(importer.name, local))

# Found first through PYTHONPATH, as `afresh run` sets it: starts the agent, then hands over to the user's own
# sitecustomize, if there is one, under its own name. Valid on Python 2.7 and later, since any Python may be started.
import os
import sys

BOOT = os.path.dirname(os.path.abspath(__file__))


def reason_not_live():
    """(reason, sentence) why this interpreter cannot be live, or None."""
    implementation = getattr(getattr(sys, "implementation", None), "name", "cpython")
    if implementation != "cpython" or sys.version_info < (3, 11):
        return "version", "CPython 3.11 or later is needed, this is %s %s" % (implementation, sys.version.split()[0])
    if "t" in getattr(sys, "abiflags", ""):
        return "freeThreaded", "free-threaded builds of CPython are not supported, use the default build"
    return None


def start(late=False):
    """Starts the agent, `late`: in a program that has begun already; answers (reason, sentence) where that is impossible."""
    reason = reason_not_live()
    if reason is not None:
        return reason
    try:
        from _frozen_importlib import ModuleSpec, module_from_spec
        from _frozen_importlib_external import SourceFileLoader, cache_from_source

        # Not found through sys.path: the program's search path is as it would be without the agent.
        folder = os.path.join(os.path.dirname(BOOT), "_afresh")
        path = os.path.join(folder, "__init__.py")
        spec = ModuleSpec("_afresh", SourceFileLoader("_afresh", path), origin=path, is_package=True)
        spec.submodule_search_locations.append(folder)
        spec.has_location = True
        module = module_from_spec(spec)
        sys.modules["_afresh"] = module
        # The agent's own folder keeps its bytecode whatever the program wishes for its own: that halves the start.
        unwritten, sys.dont_write_bytecode = sys.dont_write_bytecode, False
        try:
            spec.loader.exec_module(module)
            own = os.path.join(BOOT, "sitecustomize.py")
            if unwritten and not os.path.exists(cache_from_source(own)):
                SourceFileLoader("sitecustomize", own).get_code("sitecustomize")
        finally:
            sys.dont_write_bytecode = unwritten
        return module.start(late)
    except Exception as error:  # whatever it is, the program must run
        return "error", "the agent did not start: %s: %s" % (type(error).__name__, error)


def tell(reason, sentence):
    """Says so to whoever must know. Read only when it is needed, by any Python."""
    path = os.path.join(BOOT, "notlive.py")
    with open(path) as file:
        names = {"__name__": "notlive", "__file__": path}
        exec(compile(file.read(), path, "exec"), names)
    names["tell"](reason, sentence)


def leave():
    """Takes this folder off the search path. PYTHONPATH keeps it, so that Pythons started by the program are live too."""
    sys.path[:] = [entry for entry in sys.path if entry != BOOT and os.path.abspath(entry or ".") != BOOT]
    sys.path_importer_cache.pop(BOOT, None)


if __name__ == "sitecustomize":  # attach.py wants the functions
    leave()
    trouble = start()
    if trouble:
        try:
            tell(*trouble)
        except Exception:
            pass
    # The user's own module replaces this one. Where there is none, the ImportError with this module's name tells site that
    # there is no sitecustomize, and leaves no trace in sys.modules.
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: E402, F401

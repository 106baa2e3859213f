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


def start():
    """Starts the agent; answers (reason, sentence) where that is impossible."""
    reason = reason_not_live()
    if reason is not None:
        return reason
    try:
        from _frozen_importlib import ModuleSpec, module_from_spec
        from _frozen_importlib_external import SourceFileLoader

        # Not found through sys.path: the program's search path is as it would be without the agent.
        folder = os.path.join(os.path.dirname(BOOT), "_afresh")
        path = os.path.join(folder, "__init__.py")
        spec = ModuleSpec("_afresh", SourceFileLoader("_afresh", path), origin=path, is_package=True)
        spec.submodule_search_locations.append(folder)
        spec.has_location = True
        module = module_from_spec(spec)
        sys.modules["_afresh"] = module
        spec.loader.exec_module(module)
        return module.start()
    except Exception as error:  # whatever it is, the program must run
        return "error", "the agent did not start: %s: %s" % (type(error).__name__, error)


def tell(reason, sentence):
    """One line for the person who typed `afresh run`, and a message for each server that listens."""
    message = "afresh: this program is not live: " + sentence
    try:
        # Only the process that `afresh run` started: children may be tools whose output somebody reads.
        if os.environ.get("AFRESH_RUN_PID") == str(os.getpid()):
            sys.stderr.write(message + "\n")
        folder = os.environ.get("XDG_RUNTIME_DIR", "")
        if folder.startswith("/"):
            folder = os.path.join(folder, "afresh")
        else:
            folder = os.environ.get("TMPDIR", "")
            folder = os.path.join(folder if folder.startswith("/") else "/tmp", "afresh-%d" % os.getuid())
        status = os.lstat(folder)
        if status.st_uid != os.getuid() or status.st_mode & 0o170077 != 0o040000:
            return
        servers = [name for name in os.listdir(folder) if name.startswith("server-") and name.endswith(".sock")]
        if not servers:
            return
        import json
        import socket

        body = json.dumps({"jsonrpc": "2.0", "method": "host/notLive", "params": {
            "protocol": 1, "pid": os.getpid(), "name": os.path.basename((getattr(sys, "argv", None) or ["python"])[0]),
            "runtime": sys.version.split()[0], "reason": reason, "message": message}}).encode("utf-8")
        for name in servers:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(0.2)
                connection.connect(os.path.join(folder, name))
                connection.sendall(("Content-Length: %d\r\n\r\n" % len(body)).encode("ascii") + body)
            except Exception:
                pass  # a server that is gone or does not read is none of the program's business
            finally:
                connection.close()
    except Exception:
        pass


def leave():
    """Takes this folder off the search path. PYTHONPATH keeps it, so that Pythons started by the program are live too."""
    sys.path[:] = [entry for entry in sys.path if entry != BOOT and os.path.abspath(entry or ".") != BOOT]
    sys.path_importer_cache.pop(BOOT, None)


leave()
trouble = start()
if trouble:
    tell(*trouble)
# The user's own module replaces this one. Where there is none, the ImportError with this module's name tells site that
# there is no sitecustomize, and leaves no trace in sys.modules.
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402, F401

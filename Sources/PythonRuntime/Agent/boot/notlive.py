# Where a program cannot be live: says why. Valid on Python 2.7 and later, as sitecustomize.py, which executes it.
import json
import os
import socket
import sys


def tell(reason, sentence):
    """One line for the person who typed `afresh run`, and a message for each server that listens."""
    message = "afresh: this program is not live: " + sentence
    # Only the process that `afresh run` started: children may be tools whose output somebody reads.
    if os.environ.get("AFRESH_RUN_PID") == str(os.getpid()):
        sys.stderr.write(message + "\n")
    folder = runtime_folder()
    status = os.lstat(folder)
    if status.st_uid != os.getuid() or status.st_mode & 0o170077 != 0o040000:
        return
    body = json.dumps({"jsonrpc": "2.0", "method": "host/notLive", "params": {
        "protocol": 1, "pid": os.getpid(), "name": os.path.basename((getattr(sys, "argv", None) or ["python"])[0]),
        "runtime": sys.version.split()[0], "reason": reason, "message": message}}).encode("utf-8")
    for name in os.listdir(folder):
        if name.startswith("server-") and name.endswith(".sock"):
            send(os.path.join(folder, name), ("Content-Length: %d\r\n\r\n" % len(body)).encode("ascii") + body)


def runtime_folder():
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if folder.startswith("/"):
        return os.path.join(folder, "afresh")
    folder = os.environ.get("TMPDIR", "")
    return os.path.join(folder if folder.startswith("/") else "/tmp", "afresh-%d" % os.getuid())


def send(path, frame):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(0.2)
        connection.connect(path)
        connection.sendall(frame)
    except Exception:
        pass  # a server that is gone or does not read is none of the program's business
    finally:
        connection.close()

"""`python -m afresh` is the command `afresh`."""

import os
import sys

from ._command import MissingCommand, path

if __name__ == "__main__":
    try:
        command = path()
    except MissingCommand as error:
        sys.exit(f"afresh: {error}")
    os.execv(command, [command, *sys.argv[1:]])

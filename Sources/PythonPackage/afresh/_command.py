"""Where the command `afresh` is that came with this package."""

from __future__ import annotations

import os
import shutil
import sysconfig


class MissingCommand(RuntimeError):
    """The command `afresh` is not there: the installation is not whole."""


def path() -> str:
    """The absolute path of the executable; raises MissingCommand."""
    tried = list(_places())
    for place in tried:
        if os.path.isfile(place) and os.access(place, os.X_OK):
            return place
    raise MissingCommand("the command of this package is missing; install it anew. Looked at: " + ", ".join(tried))


def _places() -> list[str]:
    """Where installers put scripts, the likeliest first."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.dirname(package)
    folders = [
        sysconfig.get_path("scripts"),
        os.path.join(installed, "bin"),  # pip install --target
        os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(installed))), "bin"),  # pip install --prefix
        sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")),
    ]
    places = [os.path.join(folder, "afresh") for folder in dict.fromkeys(folders)]
    found = shutil.which("afresh")
    if found is not None and os.path.abspath(found) not in places:
        places.append(os.path.abspath(found))
    return places

"""Pages in a real browser without a window: what it makes of them, and what it shows."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import zlib
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from program import LIMIT

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


async def browse(address: str, folder: Path, *options: str) -> str:
    """Opens a page; what the browser writes to standard output."""
    assert CHROMIUM is not None
    # Its sandbox cannot be had by root, and the page is ours. Nothing can be reached over a network.
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
             *options, address]
    process = await asyncio.create_subprocess_exec(
        *words, env={**os.environ, "HOME": str(folder)}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL)
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 3 * LIMIT)
    except asyncio.TimeoutError:
        process.kill()
        raise
    assert process.returncode == 0
    return out.decode()


async def elements(address: str, folder: Path) -> list[tuple[str, dict[str, str]]]:
    """The elements of the page after its script has run: names and attributes."""
    found: list[tuple[str, dict[str, str]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    Parser().feed(await browse(address, folder, "--dump-dom"))
    return found


async def colours(address: str, folder: Path, width: int = 1000, height: int = 600) -> Counter[tuple[int, int, int]]:
    """How many pixels of each colour the page shows."""
    picture = folder / "picture.png"
    picture.unlink(missing_ok=True)
    await browse(address, folder, f"--window-size={width},{height}", f"--screenshot={picture}")
    return Counter(pixel for row in rows(picture.read_bytes()) for pixel in row)


def rows(png: bytes) -> list[list[tuple[int, int, int]]]:
    """The pixels of a PNG as browsers write it: 8 bits, with or without alpha, not interlaced (w3.org/TR/png)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, width, height, channels = 8, b"", 0, 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
            assert depth == 8 and colour in (2, 6) and not interlaced
            channels = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += data
        at += length + 12
    raw, line = zlib.decompress(packed), width * channels
    before, result = bytearray(line), []
    for row in range(height):
        start = row * (line + 1)
        filtering, now = raw[start], bytearray(raw[start + 1:start + 1 + line])
        for i in range(line) if filtering else ():
            left = now[i - channels] if i >= channels else 0
            up, corner = before[i], before[i - channels] if i >= channels else 0
            if filtering == 4:
                guess = left + up - corner
                nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            else:
                nearest = (left, up, (left + up) // 2)[filtering - 1]
            now[i] = (now[i] + nearest) & 255
        result.append([tuple(now[i:i + 3]) for i in range(0, line, channels)])
        before = now
    return result

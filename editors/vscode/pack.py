#!/usr/bin/env python3
"""Packs the extension: `python3 pack.py [FOLDER]` makes `afresh-VERSION.vsix` in the folder, by default the current one.

A `.vsix` is a zip archive by the Open Packaging Conventions: the extension under `extension/`, `extension.vsixmanifest`
for galleries and installers, and the media types of all that is in it. The same files give the same archive.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent
LICENSE = HERE.parent.parent / "LICENSE"
MEDIA_TYPES = {
    ".json": "application/json", ".js": "application/javascript", ".md": "text/markdown", ".txt": "text/plain",
    ".vsixmanifest": "text/xml"}
MADE = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip archive can say


def manifest(package: dict[str, object]) -> str:
    def text(member: str) -> str:
        return escape(str(package[member]))

    engine = package["engines"]["vscode"]  # type: ignore[index]
    properties = {
        "Microsoft.VisualStudio.Code.Engine": engine, "Microsoft.VisualStudio.Code.ExtensionDependencies": "",
        "Microsoft.VisualStudio.Code.ExtensionPack": "",
        "Microsoft.VisualStudio.Code.ExtensionKind": ",".join(package["extensionKind"])}  # type: ignore[arg-type]
    assets = {
        "Microsoft.VisualStudio.Code.Manifest": "extension/package.json",
        "Microsoft.VisualStudio.Services.Content.Details": "extension/README.md",
        "Microsoft.VisualStudio.Services.Content.License": "extension/LICENSE.txt"}
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">',
        "  <Metadata>",
        f'    <Identity Language="en-US" Id={quoteattr(str(package["name"]))} Version={quoteattr(str(package["version"]))}'
        f' Publisher={quoteattr(str(package["publisher"]))}/>',
        f"    <DisplayName>{text('displayName')}</DisplayName>",
        f'    <Description xml:space="preserve">{text("description")}</Description>',
        f"    <Tags>{escape(','.join(package['keywords']))}</Tags>",  # type: ignore[arg-type]
        f"    <Categories>{escape(','.join(package['categories']))}</Categories>",  # type: ignore[arg-type]
        "    <License>extension/LICENSE.txt</License>",
        "    <Properties>",
        *(f"      <Property Id={quoteattr(name)} Value={quoteattr(str(value))}/>" for name, value in properties.items()),
        "    </Properties>",
        "  </Metadata>",
        '  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>',
        "  <Dependencies/>",
        "  <Assets>",
        *(f'    <Asset Type={quoteattr(kind)} Path={quoteattr(path)} Addressable="true"/>' for kind, path in assets.items()),
        "  </Assets>",
        "</PackageManifest>"]
    return "\n".join(lines) + "\n"


def media_types(names: list[str]) -> str:
    suffixes = sorted({Path(name).suffix for name in names})
    return "".join([
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">',
        *(f'<Default Extension="{suffix}" ContentType="{MEDIA_TYPES[suffix]}"/>' for suffix in suffixes), "</Types>\n"])


def pack(folder: Path) -> Path:
    """Makes the archive; answers where it is."""
    described = (HERE / "package.json").read_text(encoding="utf-8")
    package = json.loads(described)
    found = sorted({path for pattern in package["files"] for path in HERE.glob(pattern)})
    files = {"extension.vsixmanifest": manifest(package), "extension/package.json": described}
    files |= {f"extension/{path.name}": path.read_text(encoding="utf-8") for path in found}
    files["extension/LICENSE.txt"] = LICENSE.read_text(encoding="utf-8")
    files = {"[Content_Types].xml": media_types(list(files)), **files}
    made = folder / f"{package['name']}-{package['version']}.vsix"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, MADE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content.encode())
    return made


if __name__ == "__main__":
    print(pack(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))

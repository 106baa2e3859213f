"""From `didSave` to `applied` for Swift plugins, beside the bare frontend and linker on the same files, and beside `swift build`.

The three take turns at each edit, so that all meet the same machine. What the frontend and the linker are asked for by hand is what has to be
done at least: the edited file compiled, the module's objects linked; no interface, no generation, no program.
"""
from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from figures import Table, percentile
from session import Session

ROOT = Path(__file__).resolve().parents[2]
WARM = 3  # saves that nobody counts

MANIFEST = """\
// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "shop",
    targets: [
        %s.target(name: "API"%s),
        .executableTarget(
            name: "shop", dependencies: ["API"], linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]),
        .target(name: "Small", dependencies: ["API"]),
        .target(name: "Large", dependencies: ["API"])
    ])
"""
API = """\
import AfreshHost

public typealias Work = @Sendable (Int) -> Int

extension ExportKey<Work> {
    public static var small: Self { Self("small") }
    public static var large: Self { Self("large") }
}
"""
MAIN = """\
import AfreshHost
import API
import Glibc

try Plugins.load(package: CommandLine.arguments[1])
print("ready")
fflush(nil)
while let line = readLine() {
    print(Plugins[ExportKey<Work>(line)]?(0) ?? -1)
    fflush(nil)
}
"""
# {0}: the plugin, {1}: its export, {2}: what each edit changes.
HEAD = """\
import AfreshHost
import API

public enum {0}: Plugin {{
    public static func load(_ plugin: PluginContext) throws {{
        plugin.export(.{1}) {{ version0 + $0 }}
    }}
}}

"""
# Eleven lines each.
PART = """\
/// What item {0} of part {1} costs.
struct Item{1}x{0}: Hashable, Sendable {{
    var name: String
    var price: Int
    var tags: [String] = []
    func cost(of count: Int) -> Int {{ price * count + tags.reduce(0) {{ $0 + $1.count }} }}
    func line(_ counts: [Int]) -> String {{
        counts.filter {{ $0 > 0 }}.map {{ "\\(name): \\(cost(of: $0))" }}.joined(separator: ", ")
    }}
}}

"""


def text(plugin: str, number: int, lines: int, version: int) -> str:
    """A file of so many lines; a body in it is what each edit changes."""
    text = HEAD.format(plugin, plugin.lower()) if number == 0 else ""
    text += f"var version{number}: Int {{\n    {version}\n}}\n\n"
    part = 0
    while text.count("\n") + 11 <= lines:
        text += PART.format(part, number)
        part += 1
    return text + "// \n" * (lines - text.count("\n"))


class Case:
    """A plugin, and the same in a package for the package manager."""

    def __init__(self, title: str, plugin: str, files: int, lines: int) -> None:
        self.title, self.plugin, self.files, self.lines = title, plugin, files, lines
        self.found: dict[str, list[float]] = {"patch": [], "exact": [], "bare": [], "compile": [], "build": []}

    def write(self, root: Path, version: int = 0) -> None:
        folder = root / "Sources" / self.plugin
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(self.files):
            (folder / f"File{number}.swift").write_text(text(self.plugin, number, self.lines, version if number == 0 else 0))

    def edited(self, version: int) -> str:
        return text(self.plugin, 0, self.lines, version)


class Bare:
    """The frontend and the linker, asked by hand."""

    def __init__(self, case: Case, root: Path, modules: list[Path], out: Path) -> None:
        information = json.loads(subprocess.run(["swiftc", "-print-target-info"], check=True, capture_output=True).stdout)
        resources = Path(information["paths"]["runtimeResourcePath"])
        libraries = Path(information["paths"]["runtimeLibraryPaths"][0])
        triple = information["target"]["triple"]
        self._tools = resources.parents[1] / "bin"
        self._sources = sorted((root / "Sources" / case.plugin).iterdir())
        self._objects = [out / f"{case.plugin}-{source.stem}.o" for source in self._sources]
        self._image = out / f"lib{case.plugin}.so"
        self._flags = ["-target", triple, "-module-name", case.plugin, "-parse-as-library", "-disable-objc-interop", "-Onone", "-g",
                       "-swift-version", "6", *(word for folder in modules for word in ("-I", folder))]
        self._start = libraries / triple.partition("-")[0] / "swiftrt.o"
        self._search = ["-L", libraries, *(word for place in ("/lib", "/usr/lib", "/lib64", f"/lib/{triple.partition('-')[0]}-linux-gnu")
                                           if Path(place).is_dir() for word in ("-L", place))]
        for source in self._sources:
            self.compile(source)

    def compile(self, source: Path) -> None:
        arguments: list[object] = []
        for other in self._sources:
            arguments += ["-primary-file", other] if other == source else [other]
        subprocess.run([self._tools / "swift-frontend", "-frontend", "-c", *arguments, *self._flags,
                        "-o", self._objects[self._sources.index(source)]], check=True)

    def link(self) -> None:
        subprocess.run([self._tools / "ld.lld", "-shared", "--hash-style=gnu", "--eh-frame-hdr", "-z", "nodelete", "-o", self._image, self._start,
                        *self._objects, *self._search, "-lswiftCore", "-lswiftSwiftOnoneSupport", "-lswift_Concurrency",
                        "-lswift_StringProcessing", "-lc"], check=True)

    def edit(self) -> tuple[float, float]:
        """Milliseconds: of the frontend, and of both."""
        begun = time.perf_counter()
        self.compile(self._sources[0])
        compiled = time.perf_counter()
        self.link()
        return (compiled - begun) * 1000, (time.perf_counter() - begun) * 1000


def program(root: Path, library: Path, out: Path) -> tuple[Path, list[Path]]:
    """The program, and where its modules are."""
    modules = out / "Modules"
    modules.mkdir()
    common: list[object] = ["-swift-version", "6", "-Onone", "-I", library.parent / "Modules", "-I", modules]
    subprocess.run(["swiftc", *common, "-parse-as-library", "-module-name", "API", "-emit-module", "-emit-module-path",
                    modules / "API.swiftmodule", "-c", root / "Sources/API/API.swift", "-o", out / "API.o"], check=True)
    subprocess.run(["swiftc", *common, root / "Sources/shop/main.swift", out / "API.o", "-L", library.parent, "-lAfreshHost", "-Xlinker",
                    "-rpath", "-Xlinker", library.parent, "-Xlinker", "-export-dynamic", "-o", out / "shop"], check=True)
    return out / "shop", [library.parent / "Modules", modules]


def packages(folder: Path, cases: list[Case]) -> tuple[Path, Path]:
    """That of the program, and one with the same plugins that the package manager can build for itself."""
    for name, extra in (("live", ("", "")), ("built", ('.target(name: "AfreshHost"),\n        ', ', dependencies: ["AfreshHost"]'))):
        root = folder / name
        for file, content in {"Package.swift": MANIFEST % extra, "Sources/API/API.swift": API, "Sources/shop/main.swift": MAIN}.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(content)
        for case in cases:
            case.write(root)
    shutil.copytree(ROOT / "Sources" / "AfreshHost", folder / "built" / "Sources" / "AfreshHost")
    return folder / "live", folder / "built"


def measure(binary: Path, environment: dict[str, str], saves: int, cases: list[Case]) -> None:
    library = next((path for kind in ("release", "debug") if (path := ROOT / ".build" / kind / "libAfreshHost.so").exists()), None)
    if library is None:
        raise SystemExit("libAfreshHost.so has not been built: swift build -c release --product AfreshHost")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        live, built = packages(folder, cases)
        (folder / "out").mkdir()
        shop, modules = program(live, library.resolve(), folder / "out")
        for case in cases:
            build = ["swift", "build", "--target", case.plugin]
            subprocess.run(build, cwd=built, check=True, capture_output=True)
            bare = Bare(case, live, modules, folder / "out")
            edited = Path("Sources", case.plugin, "File0.swift")
            session = Session(binary, [str(shop), str(live)], live, live / edited, environment, {})
            try:
                for number in range(1, 2 * (saves + WARM) + 1):
                    policy = ("patch", "exact")[number % 2]
                    session.editor.notify("workspace/didChangeConfiguration", {"settings": {"afresh": {"policy": policy}}})
                    found = {policy: session.save(case.edited(number))["applied"]}
                    if session.program.ask(case.plugin.lower()) != str(number):
                        raise RuntimeError(f"edit {number} is not what runs")
                    found["compile"], found["bare"] = bare.edit()
                    if policy == "exact":
                        (built / edited).write_text(case.edited(number))
                        begun = time.perf_counter()
                        subprocess.run(build, cwd=built, check=True, capture_output=True)
                        found["build"] = (time.perf_counter() - begun) * 1000
                    if number > 2 * WARM:
                        for key, value in found.items():
                            case.found[key].append(value)
            finally:
                session.close()


def table(binary: Path, environment: dict[str, str], saves: int) -> Table:
    cases = [Case("one file of 100 lines", "Small", 1, 100), Case("one of ten files of 300 lines", "Large", 10, 300)]
    measure(binary, environment, saves, cases)
    table = Table(f"A body in a Swift plugin, {saves} edits under each policy: medians, [least], ms; ratios to the frontend and the linker", "edited",
                  "frontend", "and linker", "`exact`, didSave → `applied`", "ratio", "`patch`", "ratio", "`swift build`", "ratio")
    for case in cases:
        middle = {key: percentile(values, 50) for key, values in case.found.items()}
        cells = {key: f"{middle[key]:.0f} [{min(values):.0f}]" for key, values in case.found.items()}
        ratios = {key: f"×{middle[key] / middle['bare']:.2f}" for key in middle}
        table.add(case.title, cells["compile"], cells["bare"], *(cell for key in ("exact", "patch", "build") for cell in (cells[key], ratios[key])))
    return table

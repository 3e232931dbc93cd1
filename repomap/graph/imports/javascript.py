"""Which files an import means in JavaScript and TypeScript: relative paths, packages, configured paths."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from repomap.graph.imports.tree import Rule, Tree, ancestors, joined, parent, table
from repomap.model import Import

SUFFIXES = (".d.ts", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_ORDER = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts")
_WRITTEN = re.compile(r"\.(?:[cm]?js|jsx|d\.[cm]?ts)$")
_BUILT = re.compile(r"^(?:\./)?(?:(?:dist|lib|build|out|output|es|esm|cjs|types|umd|node|browser)/)+")
_CONFIG = re.compile(r"^[tj]sconfig(?:\.[\w.-]+)?\.json$")
DEEPEST_EXTENDS = 5
ALIASES = ("@/", "~/")
"""What build tools, without a configured path, commonly take for the folder of the sources."""


class Package(NamedTuple):
    """One package.json: its folder and what it says."""

    folder: str
    manifest: dict[str, Any]


class Paths(NamedTuple):
    """What a tsconfig.json says of where modules are looked for."""

    base: str | None
    """The folder of `baseUrl`."""
    patterns: tuple[tuple[str, tuple[str, ...]], ...]
    """A pattern with at most one `*`, and the paths from the root that it may mean."""


class Modules:
    """The files that a path without suffix, of an index file or of what is built from it means."""

    def __init__(self, tree: Tree, files: list[int]) -> None:
        self._number = tree.number
        self._stems: dict[str, int] = {}
        ranked = (
            (_ORDER.index(_suffix(tree.name[file])), file) for file in files if _suffix(tree.name[file])
        )
        for _, file in sorted(ranked):
            self._stems.setdefault(tree.paths[file].removesuffix(_suffix(tree.name[file])), file)
        self._files = set(files)

    def find(self, path: str | None) -> int | None:
        """The file of a path from the root, as a resolver looks for it: itself, with a suffix, its index."""
        if path is None:
            return None
        file = self._number.get(path)
        if file is not None and file in self._files:
            return file
        file = self._stems.get(path)
        if file is None:
            file = self._stems.get(f"{path}/index" if path else "index")
        if file is None and _WRITTEN.search(path):
            file = self._stems.get(_WRITTEN.sub("", path))
        return file

    def source_of(self, folder: str, path: str) -> int | None:
        """The file of a package's entry, which may name what is built rather than what is written."""
        file = self.find(joined(folder, path))
        if file is None and _BUILT.match(path):
            bare = _BUILT.sub("", path)
            file = self.find(joined(folder, f"src/{bare}"))
            if file is None:
                file = self.find(joined(folder, bare))
        return file


def script_rule(tree: Tree, files: list[int]) -> tuple[Rule, frozenset[int]]:
    """The rule, and the entry files of the repository's own packages."""
    modules = Modules(tree, files)
    packages = _packages(tree)
    configs = _Configs(tree)
    found: dict[tuple[str, str], tuple[int, ...]] = {}

    def find(folder: str, module: str) -> int | None:
        module = module.partition("?")[0]
        if module.startswith("."):
            return modules.find(joined(folder, f"{module}/." if module.endswith(".") else module))
        if module.startswith("/"):
            return modules.find(module.lstrip("/"))
        file = _configured(modules, configs, folder, module)
        if file is None:
            file = _from_package(modules, packages, folder, module)
        if file is None and module.startswith(ALIASES):
            file = _aliased(modules, folder, module[2:])
        return file

    def rule(file: int, one: Import) -> tuple[int, ...]:
        key = (tree.folder[file], one.module)
        if key not in found:
            hit = find(*key)
            found[key] = () if hit is None else (hit,)
        return found[key]

    entries = (_entry(modules, package, "") for package in packages.values())
    return rule, frozenset(entry for entry in entries if entry is not None)


def _suffix(name: str) -> str:
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def _packages(tree: Tree) -> dict[str, Package]:
    """The repository's packages by name, and every manifest's by its folder with a `/` before it."""
    packages: dict[str, Package] = {}
    for path in tree.named("package.json"):
        package = Package(parent(path), tree.read_json(path))
        name = package.manifest.get("name")
        packages.setdefault(name if isinstance(name, str) else "", package)
        packages["/" + package.folder] = package
    return packages


def _from_package(modules: Modules, packages: dict[str, Package], folder: str, module: str) -> int | None:
    """A file of another package by the package's name, or one of this package's `#imports`."""
    if module.startswith("#"):
        own = next((packages[f"/{one}"] for one in ancestors(folder) if f"/{one}" in packages), None)
        if own is None:
            return None
        return _first(modules, own.folder, _mapped(table(own.manifest.get("imports")), module))
    parts = module.split("/")
    width = 2 if module.startswith("@") else 1
    package = packages.get("/".join(parts[:width]))
    return _entry(modules, package, "/".join(parts[width:])) if package else None


def _entry(modules: Modules, package: Package, inner: str) -> int | None:
    """The file that a package gives for a path in it, the main one where that is empty."""
    folder, manifest = package
    exports = manifest.get("exports")
    if isinstance(exports, dict) and any(str(key).startswith(".") for key in exports):
        targets = list(_mapped(exports, f"./{inner}" if inner else "."))
    else:
        targets = [] if inner else list(_strings(exports))
    file = _first(modules, folder, targets)
    if file is not None:
        return file
    if inner:
        guesses: list[object] = [inner, f"src/{inner}", f"lib/{inner}"]
    else:
        fields = [manifest.get(key) for key in ("source", "types", "module", "main", "browser")]
        guesses = [*fields, "src/index", "index", "src/main", "lib/index"]
    return _first(modules, folder, (guess for guess in guesses if isinstance(guess, str)))


def _first(modules: Modules, folder: str, targets: "Iterator[str] | list[str]") -> int | None:
    return next((file for one in targets if (file := modules.source_of(folder, one)) is not None), None)


def _mapped(table_of: dict[str, Any], module: str) -> Iterator[str]:
    """The targets of a module in a table of `exports` or `imports`, the closest pattern first."""
    if module in table_of:
        yield from _strings(table_of[module])
    for pattern in sorted((key for key in table_of if "*" in key), key=len, reverse=True):
        star = _star(pattern, module)
        if star is not None:
            yield from (target.replace("*", star) for target in _strings(table_of[pattern]))


def _strings(value: object, depth: int = 8) -> Iterator[str]:
    """All targets under a value, whatever their conditions, in the order in which they stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)) and depth:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one, depth - 1)


def _star(pattern: str, module: str) -> str | None:
    """What the `*` of a pattern stands for in a module; empty for a pattern without one that is equal."""
    head, star, tail = pattern.partition("*")
    if not star:
        return "" if pattern == module else None
    if len(module) >= len(head) + len(tail) and module.startswith(head) and module.endswith(tail):
        return module[len(head) : len(module) - len(tail)]
    return None


class _Configs:
    """The tsconfig.json and jsconfig.json files that hold for a folder."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._paths: dict[str, Paths] = {}
        self._chains: dict[str, tuple[Paths, ...]] = {}
        by_folder: defaultdict[str, list[str]] = defaultdict(list)
        for path, name in zip(tree.paths, tree.name, strict=True):
            if _CONFIG.match(name):
                by_folder[parent(path)].append(path)
        self._files = {
            folder: sorted(found, key=lambda path: (len(path), path)) for folder, found in by_folder.items()
        }

    def of(self, folder: str) -> tuple[Paths, ...]:
        """What the configurations of a folder and those above say of paths, the nearest first."""
        if not self._files:
            return ()
        chain = self._chains.get(folder)
        if chain is None:
            above = self.of(parent(folder)) if folder else ()
            own = (self._read(path, DEEPEST_EXTENDS) for path in self._files.get(folder, ()))
            chain = (*(paths for paths in own if paths.base is not None or paths.patterns), *above)
            self._chains[folder] = chain
        return chain

    def _read(self, path: str, depth: int) -> Paths:
        if path not in self._paths:
            self._paths[path] = Paths(None, ())
            self._paths[path] = self._read_anew(path, depth)
        return self._paths[path]

    def _read_anew(self, path: str, depth: int) -> Paths:
        content = self._tree.read_json(path)
        options, folder = table(content.get("compilerOptions")), parent(path)
        base: str | None = None
        patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
        if isinstance(options.get("baseUrl"), str):
            base = joined(folder, f"./{options['baseUrl']}")
        written = table(options.get("paths"))
        if written:
            root = folder if base is None else base
            return Paths(base, tuple((key, _targets(root, value)) for key, value in written.items()))
        extends = content.get("extends")
        for name in reversed(extends if isinstance(extends, list) else [extends]):
            if isinstance(name, str) and name.startswith(".") and depth:
                inherited = self._extended(folder, name, depth)
                base, patterns = inherited.base if base is None else base, patterns or inherited.patterns
        return Paths(base, patterns)

    def _extended(self, folder: str, name: str, depth: int) -> Paths:
        target = joined(folder, name) or ""
        for path in (target, f"{target}.json", f"{target}/tsconfig.json"):
            if path in self._tree.number:
                return self._read(path, depth - 1)
        return Paths(None, ())


def _targets(root: str, value: object) -> tuple[str, ...]:
    places = value if isinstance(value, list) else []
    found = (joined(root, f"./{place}") for place in places if isinstance(place, str))
    return tuple(place for place in found if place is not None)


def _configured(modules: Modules, configs: _Configs, folder: str, module: str) -> int | None:
    for paths in configs.of(folder):
        for pattern, targets in sorted(
            paths.patterns, key=lambda one: (-len(one[0].partition("*")[0]), one[0])
        ):
            star = _star(pattern, module)
            for target in targets if star is not None else ():
                file = modules.find(target.replace("*", star or ""))
                if file is not None:
                    return file
        if paths.base is not None:
            file = modules.find(joined(paths.base, module))
            if file is not None:
                return file
    return None


def _aliased(modules: Modules, folder: str, path: str) -> int | None:
    for one in ancestors(folder):
        for place in (joined(one, f"src/{path}"), joined(one, path)):
            file = modules.find(place)
            if file is not None:
                return file
    return None

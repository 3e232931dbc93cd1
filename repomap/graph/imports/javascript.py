"""Resolves imports in JavaScript and TypeScript: relative paths, packages, configured paths."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from repomap.graph.imports.tree import FileTree, ImportRule, ancestors, parent, resolve_path, table
from repomap.model import Import

SUFFIXES = (".d.ts", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_ORDER = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts")
_WRITTEN = re.compile(r"\.(?:[cm]?js|jsx|d\.[cm]?ts)$")
_BUILT = re.compile(r"^(?:\./)?(?:(?:dist|lib|build|out|output|es|esm|cjs|types|umd|node|browser)/)+")
_CONFIG = re.compile(r"^[tj]sconfig(?:\.[\w.-]+)?\.json$")
DEEPEST_EXTENDS = 5
ALIASES = ("@/", "~/")
"""Prefixes that build tools commonly map to the source folder, without any configuration."""


class Package(NamedTuple):
    """A package.json: its folder and its content."""

    folder: str
    manifest: dict[str, Any]


class Paths(NamedTuple):
    """The part of a tsconfig.json that says where modules are."""

    base: str | None
    """The folder of `baseUrl`."""
    patterns: tuple[tuple[str, tuple[str, ...]], ...]
    """Patterns with at most one `*`, each with the paths from the root that it may mean."""


class Modules:
    """Finds files by paths that omit the suffix or the index file, or that name a built file."""

    def __init__(self, tree: FileTree, file_ids: list[int]) -> None:
        self._file_ids = tree.file_ids
        self._stems: dict[str, int] = {}
        suffixes = {file_id: _suffix(tree.name_of[file_id]) for file_id in file_ids}
        ranked = sorted((_ORDER.index(suffix), file_id) for file_id, suffix in suffixes.items() if suffix)
        for _, file_id in ranked:
            self._stems.setdefault(tree.paths[file_id].removesuffix(suffixes[file_id]), file_id)
        self._files = set(file_ids)

    def find(self, path: str | None) -> int | None:
        """Find the file of a path from the root as a resolver does: itself, with a suffix, its index."""
        if path is None:
            return None
        file_id = self._file_ids.get(path)
        if file_id is not None and file_id in self._files:
            return file_id
        file_id = self._stems.get(path)
        if file_id is None:
            file_id = self._stems.get(f"{path}/index" if path else "index")
        if file_id is None and _WRITTEN.search(path):
            file_id = self._stems.get(_WRITTEN.sub("", path))
        return file_id

    def source_of(self, folder: str, path: str) -> int | None:
        """Find the source of a package's entry, which may name the built file."""
        file_id = self.find(resolve_path(folder, path))
        if file_id is None and _BUILT.match(path):
            bare = _BUILT.sub("", path)
            file_id = self.find(resolve_path(folder, f"src/{bare}"))
            if file_id is None:
                file_id = self.find(resolve_path(folder, bare))
        return file_id


def script_rule(tree: FileTree, file_ids: list[int]) -> tuple[ImportRule, frozenset[int]]:
    """Return the rule, and the entry files of the repository's own packages."""
    modules = Modules(tree, file_ids)
    packages = _packages(tree)
    configs = _Configs(tree)
    resolved: dict[tuple[str, str], tuple[int, ...]] = {}

    def find(folder: str, module: str) -> int | None:
        module = module.partition("?")[0]
        if module.startswith("."):
            return modules.find(resolve_path(folder, f"{module}/." if module.endswith(".") else module))
        if module.startswith("/"):
            return modules.find(module.lstrip("/"))
        file_id = _configured(modules, configs, folder, module)
        if file_id is None:
            file_id = _from_package(modules, packages, folder, module)
        if file_id is None and module.startswith(ALIASES):
            file_id = _aliased(modules, folder, module[2:])
        return file_id

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        key = (tree.folder_of[file_id], statement.module)
        if key not in resolved:
            hit = find(*key)
            resolved[key] = () if hit is None else (hit,)
        return resolved[key]

    entries = (_entry(modules, package, "") for package in packages.values())
    return rule, frozenset(entry for entry in entries if entry is not None)


def _suffix(name: str) -> str:
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def _packages(tree: FileTree) -> dict[str, Package]:
    """Return the packages by name, and also by their folder with a `/` before it."""
    packages: dict[str, Package] = {}
    for path in tree.with_name("package.json"):
        package = Package(parent(path), tree.read_json(path))
        name = package.manifest.get("name")
        packages.setdefault(name if isinstance(name, str) else "", package)
        packages["/" + package.folder] = package
    return packages


def _from_package(modules: Modules, packages: dict[str, Package], folder: str, module: str) -> int | None:
    """Find a file of another package by its name, or one of this package's `#imports`."""
    if module.startswith("#"):
        own_package = next(
            (packages[f"/{outer}"] for outer in ancestors(folder) if f"/{outer}" in packages), None
        )
        if own_package is None:
            return None
        return _first(
            modules, own_package.folder, _mapped(table(own_package.manifest.get("imports")), module)
        )
    parts = module.split("/")
    width = 2 if module.startswith("@") else 1
    package = packages.get("/".join(parts[:width]))
    return _entry(modules, package, "/".join(parts[width:])) if package else None


def _entry(modules: Modules, package: Package, inner: str) -> int | None:
    """Find the file that a package offers for a path in it; the main file for an empty path."""
    folder, manifest = package
    exports = manifest.get("exports")
    if isinstance(exports, dict) and any(str(key).startswith(".") for key in exports):
        targets = list(_mapped(exports, f"./{inner}" if inner else "."))
    else:
        targets = [] if inner else list(_strings(exports))
    file_id = _first(modules, folder, targets)
    if file_id is not None:
        return file_id
    if inner:
        guesses: list[object] = [inner, f"src/{inner}", f"lib/{inner}"]
    else:
        fields = [manifest.get(key) for key in ("source", "types", "module", "main", "browser")]
        guesses = [*fields, "src/index", "index", "src/main", "lib/index"]
    return _first(modules, folder, (guess for guess in guesses if isinstance(guess, str)))


def _first(modules: Modules, folder: str, targets: "Iterator[str] | list[str]") -> int | None:
    return next(
        (file_id for target in targets if (file_id := modules.source_of(folder, target)) is not None), None
    )


def _mapped(table_of: dict[str, Any], module: str) -> Iterator[str]:
    """Yield the targets of a module in a table of `exports` or `imports`, the closest pattern first."""
    if module in table_of:
        yield from _strings(table_of[module])
    for pattern in sorted((key for key in table_of if "*" in key), key=len, reverse=True):
        star = _star(pattern, module)
        if star is not None:
            yield from (target.replace("*", star) for target in _strings(table_of[pattern]))


def _strings(value: object, depth: int = 8) -> Iterator[str]:
    """Yield all targets under a value, whatever their conditions, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)) and depth:
        for element in value.values() if isinstance(value, dict) else value:
            yield from _strings(element, depth - 1)


def _star(pattern: str, module: str) -> str | None:
    """Return what the `*` of a pattern matches in a module; None if the pattern does not match.

    >>> _star("@app/*", "@app/cart"), _star("@app", "@app"), _star("@app/*", "other")
    ('cart', '', None)
    """
    head, star, tail = pattern.partition("*")
    if not star:
        return "" if pattern == module else None
    if len(module) >= len(head) + len(tail) and module.startswith(head) and module.endswith(tail):
        return module[len(head) : len(module) - len(tail)]
    return None


class _Configs:
    """The tsconfig.json and jsconfig.json files that apply to a folder."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self._paths: dict[str, Paths] = {}
        self._chains: dict[str, tuple[Paths, ...]] = {}
        by_folder: defaultdict[str, list[str]] = defaultdict(list)
        for path, name in zip(tree.paths, tree.name_of, strict=True):
            if _CONFIG.match(name):
                by_folder[parent(path)].append(path)
        self._files = {
            folder: sorted(paths, key=lambda path: (len(path), path)) for folder, paths in by_folder.items()
        }

    def of(self, folder: str) -> tuple[Paths, ...]:
        """Return the paths that are configured in a folder and those above, the nearest first."""
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
            base = resolve_path(folder, f"./{options['baseUrl']}")
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
        target = resolve_path(folder, name) or ""
        for path in (target, f"{target}.json", f"{target}/tsconfig.json"):
            if path in self._tree.file_ids:
                return self._read(path, depth - 1)
        return Paths(None, ())


def _targets(root: str, value: object) -> tuple[str, ...]:
    elements = value if isinstance(value, list) else []
    resolved = (resolve_path(root, f"./{element}") for element in elements if isinstance(element, str))
    return tuple(element for element in resolved if element is not None)


def _configured(modules: Modules, configs: _Configs, folder: str, module: str) -> int | None:
    for paths in configs.of(folder):
        for pattern, targets in sorted(
            paths.patterns, key=lambda item: (-len(item[0].partition("*")[0]), item[0])
        ):
            star = _star(pattern, module)
            for target in targets if star is not None else ():
                file_id = modules.find(target.replace("*", star or ""))
                if file_id is not None:
                    return file_id
        if paths.base is not None:
            file_id = modules.find(resolve_path(paths.base, module))
            if file_id is not None:
                return file_id
    return None


def _aliased(modules: Modules, folder: str, path: str) -> int | None:
    for outer in ancestors(folder):
        for candidate in (resolve_path(outer, f"src/{path}"), resolve_path(outer, path)):
            file_id = modules.find(candidate)
            if file_id is not None:
                return file_id
    return None

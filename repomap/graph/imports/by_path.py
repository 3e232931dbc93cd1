"""Resolves imports in languages whose modules are files: Python, Rust, C, Ruby."""

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

from repomap.graph.imports.tree import (
    FileTree,
    ImportRule,
    PathEndings,
    ancestors,
    is_within,
    parent,
    resolve_path,
    shared_folders,
    table,
)
from repomap.model import Import

SOURCE_ROOTS = frozenset({"", "src", "lib", "python"})


def python_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve dotted modules, from every folder that has the top package and is in no package itself.

    `from a.b import c` means the module a.b and, if it exists, the module a.b.c.
    """
    modules = _python_modules(tree, file_ids)
    roots = _python_roots(tree, file_ids)
    resolved: dict[tuple[str, Import], tuple[int, ...]] = {}

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        roots_of_top = roots.get(statement.module.partition(".")[0], ())
        relative = statement.module.startswith(".")
        if not roots_of_top and not relative:
            return ()
        # The folder makes no difference if there is only one root, from which every file may import.
        folder = "" if len(roots_of_top) == 1 and roots_of_top[0].open else tree.folder_of[file_id]
        key = (folder, statement)
        if key not in resolved:
            resolved[key] = (_python_relative if relative else _python_absolute)(
                modules, roots_of_top, folder, statement
            )
        return resolved[key]

    return rule


def _python_modules(tree: FileTree, file_ids: list[int]) -> dict[str, int]:
    """Map paths without suffix to files, and folders to packages; sources win over stubs."""
    modules: dict[str, int] = {}
    for file_id in sorted(file_ids, key=lambda file_id: (tree.name_of[file_id].endswith(".pyi"), file_id)):
        name, folder = tree.name_of[file_id], tree.folder_of[file_id]
        if name.startswith("__init__."):
            modules.setdefault(folder, file_id)
    for file_id in sorted(file_ids, key=lambda file_id: (tree.name_of[file_id].endswith(".pyi"), file_id)):
        modules.setdefault(tree.paths[file_id].rpartition(".")[0], file_id)
    return modules


class Root(NamedTuple):
    """A folder from which a top-level module may be imported."""

    folder: str
    open: bool
    """Whether files outside the folder may mean it; scripts elsewhere may share a name with a third party."""


def _python_roots(tree: FileTree, file_ids: list[int]) -> dict[str, tuple[Root, ...]]:
    """Return for each top-level module the folders to import it from, those nearest the root first."""
    packages = {
        tree.folder_of[file_id] for file_id in file_ids if tree.name_of[file_id].startswith("__init__.")
    }
    roots: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for folder, group in tree.by_folder(file_ids).items():
        for package in ancestors(folder)[:-1]:
            if parent(package) not in packages:
                roots[package[package.rfind("/") + 1 :]][parent(package)] = True
        if folder not in packages:
            is_open = folder[folder.rfind("/") + 1 :] in SOURCE_ROOTS
            for file_id in group:
                roots[tree.name_of[file_id].partition(".")[0]].setdefault(folder, is_open)
    return {
        name: tuple(Root(folder, is_open[folder]) for folder in sorted(is_open, key=_from_the_root))
        for name, is_open in roots.items()
    }


def _from_the_root(folder: str) -> tuple[int, str]:
    return folder.count("/"), folder


def _python_relative(
    modules: dict[str, int], _: tuple[Root, ...], folder: str, statement: Import
) -> tuple[int, ...]:
    module = statement.module.lstrip(".")
    above, dots = ancestors(folder), len(statement.module) - len(module)
    parts = module.split(".") if module else []
    return _python_at(modules, above[dots - 1], parts, statement.names)[1] if dots <= len(above) else ()


def _python_absolute(
    modules: dict[str, int], roots: tuple[Root, ...], folder: str, statement: Import
) -> tuple[int, ...]:
    best: tuple[int, int] = (0, -1)
    best_hits: tuple[int, ...] = ()
    parts = statement.module.split(".")
    for root in roots:
        matched, hits = _python_at(modules, root.folder, parts, statement.names)
        rank = (matched, shared_folders(folder, root.folder) if root.folder else 0)
        if hits and rank > best and (root.open or is_within(folder, root.folder)):
            best, best_hits = rank, hits
    return best_hits


def _python_at(
    modules: dict[str, int], root: str, parts: list[str], names: tuple[str, ...]
) -> tuple[int, tuple[int, ...]]:
    """Return how many parts of a module exist below a root, and the files that the import means there."""
    for length in range(len(parts), 0 if parts else -1, -1):
        stem = "/".join([root, *parts[:length]] if root else parts[:length])
        hits = [modules[stem]] if stem in modules else []
        if length == len(parts):
            below = f"{stem}/" if stem else ""
            hits += [modules[below + name] for name in names if below + name in modules]
        if hits:
            return length, tuple(hits)
    return 0, ()


RUST_OWN = frozenset({"std", "core", "alloc", "proc_macro", "test"})


_RUST_HOMES = ("mod.rs", "lib.rs", "main.rs")
"""Files that stand for the folder that they are in."""


def rust_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve paths from the crate, this module, the one above, or another crate of the workspace.

    The longest beginning of a path that is a file is meant; `mod x;` is a path of one part.
    """
    crates, roots = _rust_crates(tree, file_ids)
    modules = _rust_modules(tree, file_ids)
    homes = {}
    for file_id in file_ids:
        is_home = tree.name_of[file_id] in _RUST_HOMES or tree.paths[file_id] in roots
        homes[file_id] = tree.folder_of[file_id] if is_home else tree.paths[file_id][:-3]
    crate_roots = set(roots.values())
    crate_of = {
        folder: next((outer for outer in ancestors(folder) if outer in crate_roots), folder)
        for folder in {tree.folder_of[file_id] for file_id in file_ids}
    }
    resolved: dict[tuple[str, str, Import], tuple[int, ...]] = {}

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        key = (homes[file_id], crate_of[tree.folder_of[file_id]], statement)
        if key not in resolved:
            hits = dict.fromkeys(
                hit
                for path in _rust_paths(statement)
                for hit in _rust_find(modules, crates, key[0], key[1], path)
            )
            resolved[key] = tuple(hits)
        return resolved[key]

    return rule


def _rust_modules(tree: FileTree, file_ids: list[int]) -> dict[str, int]:
    """Return the file of each module by its path without a suffix; a library's stands before a program's."""
    modules: dict[str, int] = {}
    for file_id in file_ids:
        name = tree.name_of[file_id]
        stem = tree.folder_of[file_id] if name in _RUST_HOMES else tree.paths[file_id][:-3]
        if name != "main.rs" or stem not in modules:
            modules[stem] = file_id
    return modules


def _rust_paths(statement: Import) -> Iterator[list[str]]:
    """Yield each path that a `use` names, split into parts."""
    for name in statement.names or ("",):
        whole = f"{statement.module}::{name}" if name and name not in ("self", "*") else statement.module
        yield [part.strip() for part in whole.split("::") if part.strip() not in ("", "*")]


def _rust_find(
    modules: dict[str, int], crates: dict[str, str], home: str, crate: str, path: list[str]
) -> tuple[int, ...]:
    if not path:
        return ()
    first, rest = path[0], path[1:]
    if first == "crate":
        return _longest(modules, crate, rest, crate)
    if first in ("self", "super"):
        ups = len(path) - len(_without_leading(path, "super"))
        folders = ancestors(home)
        return _longest(modules, folders[min(ups, len(folders) - 1)], path[max(ups, 1) :], crate)
    inner = _longest(modules, home, path, None)
    if inner:
        return inner
    if first in crates:
        return _longest(modules, crates[first], rest, crates[first])
    return _longest(modules, crate, path, None)


def _without_leading(path: list[str], word: str) -> list[str]:
    return list(dropwhile(lambda part: part == word, path))


def reexportable(imports: Sequence[Import]) -> list[Import]:
    """Select the imports of a Rust file that may be `pub use`: all but its `mod x;`, which come first.

    `use a::{b::c, d::*}` is split into `use a::b::c` and `use a::d::*`.
    """
    plain: set[str] = set()
    exports = []
    for statement in imports:
        if not statement.names and ("::" in statement.module or statement.module in plain):
            exports.append(statement)
        for name in statement.names:
            inner, _, last = name.rpartition("::")
            module = f"{statement.module}::{inner}" if inner else statement.module
            exports.append(Import(module, () if last == "*" else (last,)))
        plain.add(statement.module)
    return exports


def _longest(modules: dict[str, int], folder: str, path: list[str], root: str | None) -> tuple[int, ...]:
    """Return the file of the longest beginning of a path; the folder's own module only if a root is given."""
    for length in range(len(path), -1 if root is not None else 0, -1):
        stem = "/".join([folder, *path[:length]] if folder else path[:length])
        if stem in modules:
            return (modules[stem],)
    return ()


def _rust_crates(tree: FileTree, file_ids: list[int]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the source folder of each crate by its name in code, and the folder of each root file."""
    crates: dict[str, str] = {}
    roots = {
        tree.paths[file_id]: tree.folder_of[file_id]
        for file_id in file_ids
        if tree.name_of[file_id] in ("lib.rs", "main.rs")
    }
    for manifest in tree.with_name("Cargo.toml"):
        folder, content = parent(manifest), tree.read_toml(manifest)
        library = table(content.get("lib"))
        path = library.get("path")
        entry = resolve_path(folder, path if isinstance(path, str) else "src/lib.rs") or ""
        for name in (
            library.get("name"),
            table(content.get("package")).get("name"),
            folder.rpartition("/")[2],
        ):
            if isinstance(name, str) and entry in tree.file_ids and name not in RUST_OWN:
                crates.setdefault(name.replace("-", "_"), parent(entry))
                roots[entry] = parent(entry)
    for file_id in file_ids:
        name = tree.folder_of[file_id].removesuffix("/src").rpartition("/")[2].replace("-", "_")
        if (
            tree.name_of[file_id] == "lib.rs"
            and tree.folder_of[file_id].endswith("/src")
            and name not in RUST_OWN
        ):
            crates.setdefault(name, tree.folder_of[file_id])
    for file_id in file_ids:
        if tree.folder_of[file_id].rpartition("/")[2] in ("tests", "benches", "examples", "bin"):
            roots[tree.paths[file_id]] = tree.folder_of[file_id]
    return crates, roots


HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inc", ".ipp", ".inl")


def include_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve includes relative to the including file, else to the nearest file whose path ends so.

    A header brings the source of the same name, which has the definitions, and the headers in its own
    folder that it includes: a program's main header is often the only one that is included.
    """
    ends = PathEndings((tree.paths[file_id], file_id) for file_id in file_ids)
    sources = _sources_of_headers(tree, file_ids)
    resolved: dict[tuple[str, str], tuple[int, ...]] = {}

    def direct(file_id: int, module: str) -> tuple[int, ...]:
        key = (tree.folder_of[file_id], module)
        if key not in resolved:
            neighbour = tree.file_ids.get(resolve_path(key[0], module) or "")
            if neighbour is not None:
                hits: tuple[int, ...] = (neighbour,)
            else:
                hits = tree.nearest(file_id, ends.find(module.lstrip("./")))
            resolved[key] = tuple(
                dict.fromkeys(file_id for hit in hits for file_id in (hit, *sources.get(hit, ())))
            )
        return resolved[key]

    @functools.cache
    def inner(header: int) -> tuple[int, ...]:
        folder = tree.folder_of[header]
        hits = (hit for statement in tree.imports[header] for hit in direct(header, statement.module))
        return tuple(dict.fromkeys(hit for hit in hits if tree.folder_of[hit] == folder))

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        hits = direct(file_id, statement.module)
        return hits + inner(hits[0]) if hits and tree.folder_of[hits[0]] == tree.folder_of[file_id] else hits

    return rule


def _sources_of_headers(tree: FileTree, file_ids: list[int]) -> dict[int, tuple[int, ...]]:
    """Return for each header the sources of the same name in its folder, or the only one anywhere."""
    by_stem: defaultdict[str, list[int]] = defaultdict(list)
    headers = []
    for file_id in file_ids:
        stem, _, _ = tree.name_of[file_id].rpartition(".")
        if tree.name_of[file_id].lower().endswith(HEADERS):
            headers.append((file_id, stem))
        else:
            by_stem[stem].append(file_id)
    sources = {}
    for file_id, stem in headers:
        named = by_stem.get(stem, [])
        same_folder = [source for source in named if tree.folder_of[source] == tree.folder_of[file_id]]
        if same_folder or len(named) == 1:
            sources[file_id] = tuple(same_folder or named)
    return sources


RUBY_LOAD_PATHS = frozenset({"", "lib", "test", "spec", "app", "src", "ext"})


def ruby_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve paths relative to the requiring file, or to a folder in the load path of its project."""
    ends = PathEndings((tree.paths[file_id].removesuffix(".rb"), file_id) for file_id in file_ids)
    resolved: dict[tuple[str, str], tuple[int, ...]] = {}

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        key = (tree.folder_of[file_id], statement.module)
        if key not in resolved:
            resolved[key] = _ruby_find(tree, ends, file_id, statement.module.removesuffix(".rb"))
        return resolved[key]

    return rule


def _ruby_find(tree: FileTree, ends: PathEndings, file_id: int, module: str) -> tuple[int, ...]:
    if module.startswith(("./", "../", "/")):
        neighbour = tree.file_ids.get(
            (resolve_path(tree.folder_of[file_id], module.lstrip("/")) or "") + ".rb"
        )
        return () if neighbour is None else (neighbour,)
    loadable = []
    for candidate in ends.find(module):
        root = tree.paths[candidate].removesuffix(".rb")[: -len(module)].rstrip("/")
        if (
            root[root.rfind("/") + 1 :] in RUBY_LOAD_PATHS
            or parent(root).endswith("app")
            or ("/" in module and is_within(tree.folder_of[file_id], root))
        ):
            loadable.append(candidate)
    neighbour = tree.file_ids.get((resolve_path(tree.folder_of[file_id], module) or "") + ".rb")
    hits = tree.nearest(file_id, loadable)
    return hits if neighbour is None or neighbour in hits else (neighbour, *hits)

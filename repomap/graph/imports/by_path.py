"""Which files an import means in languages whose modules are files: Python, Rust, C, Ruby."""

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

from repomap.graph.imports.tree import (
    Endings,
    Rule,
    Tree,
    ancestors,
    is_within,
    joined,
    parent,
    shared_folders,
    table,
)
from repomap.model import Import

SOURCE_ROOTS = frozenset({"", "src", "lib", "python"})


def python_rule(tree: Tree, files: list[int]) -> Rule:
    """Dotted modules, from every folder that holds the top package and is in no package itself.

    `from a.b import c` means the module a.b and, where there is one, the module a.b.c.
    """
    modules = _python_modules(tree, files)
    roots = _python_roots(tree, files)
    found: dict[tuple[str, Import], tuple[int, ...]] = {}

    def rule(file: int, one: Import) -> tuple[int, ...]:
        places = roots.get(one.module.partition(".")[0], ())
        relative = one.module.startswith(".")
        if not places and not relative:
            return ()
        # The folder makes no difference where there is but one place that anyone may import from.
        folder = "" if len(places) == 1 and places[0].open else tree.folder[file]
        key = (folder, one)
        if key not in found:
            found[key] = (_python_relative if relative else _python_absolute)(modules, places, folder, one)
        return found[key]

    return rule


def _python_modules(tree: Tree, files: list[int]) -> dict[str, int]:
    """Files by their path without suffix, packages by their folder; sources before stubs."""
    modules: dict[str, int] = {}
    for file in sorted(files, key=lambda file: (tree.name[file].endswith(".pyi"), file)):
        name, folder = tree.name[file], tree.folder[file]
        if name.startswith("__init__."):
            modules.setdefault(folder, file)
    for file in sorted(files, key=lambda file: (tree.name[file].endswith(".pyi"), file)):
        modules.setdefault(tree.paths[file].rpartition(".")[0], file)
    return modules


class Root(NamedTuple):
    """A folder that a top-level module may be imported from."""

    folder: str
    open: bool
    """Whether files outside the folder may mean it: scripts far away share names with third parties."""


def _python_roots(tree: Tree, files: list[int]) -> dict[str, tuple[Root, ...]]:
    """By top-level module: where it may be imported from, those nearest the root first."""
    packages = {tree.folder[file] for file in files if tree.name[file].startswith("__init__.")}
    roots: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for folder, group in tree.by_folder(files).items():
        for one in ancestors(folder)[:-1]:
            if parent(one) not in packages:
                roots[one[one.rfind("/") + 1 :]][parent(one)] = True
        if folder not in packages:
            is_open = folder[folder.rfind("/") + 1 :] in SOURCE_ROOTS
            for file in group:
                roots[tree.name[file].partition(".")[0]].setdefault(folder, is_open)
    return {
        name: tuple(Root(*one) for one in sorted(places.items(), key=lambda one: (one[0].count("/"), one[0])))
        for name, places in roots.items()
    }


def _python_relative(
    modules: dict[str, int], _: tuple[Root, ...], folder: str, one: Import
) -> tuple[int, ...]:
    module = one.module.lstrip(".")
    above, dots = ancestors(folder), len(one.module) - len(module)
    parts = module.split(".") if module else []
    return _python_at(modules, above[dots - 1], parts, one.names)[1] if dots <= len(above) else ()


def _python_absolute(
    modules: dict[str, int], places: tuple[Root, ...], folder: str, one: Import
) -> tuple[int, ...]:
    best: tuple[int, int] = (0, -1)
    found: tuple[int, ...] = ()
    parts = one.module.split(".")
    for root in places:
        matched, hits = _python_at(modules, root.folder, parts, one.names)
        rank = (matched, shared_folders(folder, root.folder) if root.folder else 0)
        if hits and rank > best and (root.open or is_within(folder, root.folder)):
            best, found = rank, hits
    return found


def _python_at(
    modules: dict[str, int], root: str, parts: list[str], names: tuple[str, ...]
) -> tuple[int, tuple[int, ...]]:
    """How many parts of a module exist below a root, and the files that the import means there."""
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


def rust_rule(tree: Tree, files: list[int]) -> Rule:
    """Paths from the crate, this module, the one above, or another crate of the workspace.

    The longest part of a path that is a file is meant; `mod x;` is a path of one part.
    """
    crates, roots = _rust_crates(tree, files)
    modules = {}
    for file in files:
        name = tree.name[file]
        stem = tree.folder[file] if name in ("mod.rs", "lib.rs", "main.rs") else tree.paths[file][:-3]
        if name != "main.rs" or stem not in modules:
            modules[stem] = file
    homes = {}
    for file in files:
        is_home = tree.name[file] in ("mod.rs", "lib.rs", "main.rs") or tree.paths[file] in roots
        homes[file] = tree.folder[file] if is_home else tree.paths[file][:-3]
    crate_roots = set(roots.values())
    crate_of = {
        folder: next((one for one in ancestors(folder) if one in crate_roots), folder)
        for folder in {tree.folder[file] for file in files}
    }
    found: dict[tuple[str, str, Import], tuple[int, ...]] = {}

    def rule(file: int, one: Import) -> tuple[int, ...]:
        key = (homes[file], crate_of[tree.folder[file]], one)
        if key not in found:
            hits = dict.fromkeys(
                hit for path in _rust_paths(one) for hit in _rust_find(modules, crates, key[0], key[1], path)
            )
            found[key] = tuple(hits)
        return found[key]

    return rule


def _rust_paths(one: Import) -> Iterator[list[str]]:
    """Each path that a `use` names, in its parts."""
    for name in one.names or ("",):
        whole = f"{one.module}::{name}" if name and name not in ("self", "*") else one.module
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


def handed_on(imports: Sequence[Import]) -> list[Import]:
    """The imports of a Rust file that may be `pub use`: all but its `mod x;`, which stand first.

    `use a::{b::c, d::*}` is given as `use a::b::c` and `use a::d::*`.
    """
    plain: set[str] = set()
    found = []
    for one in imports:
        if not one.names and ("::" in one.module or one.module in plain):
            found.append(one)
        for name in one.names:
            inner, _, last = name.rpartition("::")
            module = f"{one.module}::{inner}" if inner else one.module
            found.append(Import(module, () if last == "*" else (last,)))
        plain.add(one.module)
    return found


def _longest(modules: dict[str, int], folder: str, path: list[str], root: str | None) -> tuple[int, ...]:
    """The file of the longest beginning of a path; the folder's own module only where a root is given."""
    for length in range(len(path), -1 if root is not None else 0, -1):
        stem = "/".join([folder, *path[:length]] if folder else path[:length])
        if stem in modules:
            return (modules[stem],)
    return ()


def _rust_crates(tree: Tree, files: list[int]) -> tuple[dict[str, str], dict[str, str]]:
    """The folder of the sources of each crate by its name in code, and the folder of each root file."""
    crates: dict[str, str] = {}
    roots = {
        tree.paths[file]: tree.folder[file] for file in files if tree.name[file] in ("lib.rs", "main.rs")
    }
    for manifest in tree.named("Cargo.toml"):
        folder, content = parent(manifest), tree.read_toml(manifest)
        library = table(content.get("lib"))
        path = library.get("path")
        entry = joined(folder, path if isinstance(path, str) else "src/lib.rs") or ""
        for name in (
            library.get("name"),
            table(content.get("package")).get("name"),
            folder.rpartition("/")[2],
        ):
            if isinstance(name, str) and entry in tree.number and name not in RUST_OWN:
                crates.setdefault(name.replace("-", "_"), parent(entry))
                roots[entry] = parent(entry)
    for file in files:
        name = tree.folder[file].removesuffix("/src").rpartition("/")[2].replace("-", "_")
        if tree.name[file] == "lib.rs" and tree.folder[file].endswith("/src") and name not in RUST_OWN:
            crates.setdefault(name, tree.folder[file])
    for file in files:
        if tree.folder[file].rpartition("/")[2] in ("tests", "benches", "examples", "bin"):
            roots[tree.paths[file]] = tree.folder[file]
    return crates, roots


HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inc", ".ipp", ".inl")


def include_rule(tree: Tree, files: list[int]) -> Rule:
    """Includes, as seen from the including file, else by how the path ends, the nearest first.

    A header brings the source of the same name, where the definitions stand, and the headers of
    its own folder that it includes itself: a program's main header is often all that is included.
    """
    ends = Endings((tree.paths[file], file) for file in files)
    sources = _sources_of_headers(tree, files)
    found: dict[tuple[str, str], tuple[int, ...]] = {}

    def direct(file: int, module: str) -> tuple[int, ...]:
        key = (tree.folder[file], module)
        if key not in found:
            beside = tree.number.get(joined(key[0], module) or "")
            if beside is not None:
                hits: tuple[int, ...] = (beside,)
            else:
                hits = tree.nearest(file, ends.find(module.lstrip("./")))
            found[key] = tuple(dict.fromkeys(one for hit in hits for one in (hit, *sources.get(hit, ()))))
        return found[key]

    @functools.cache
    def inner(header: int) -> tuple[int, ...]:
        folder = tree.folder[header]
        hits = (hit for one in tree.imports[header] for hit in direct(header, one.module))
        return tuple(dict.fromkeys(hit for hit in hits if tree.folder[hit] == folder))

    def rule(file: int, one: Import) -> tuple[int, ...]:
        hits = direct(file, one.module)
        return hits + inner(hits[0]) if hits and tree.folder[hits[0]] == tree.folder[file] else hits

    return rule


def _sources_of_headers(tree: Tree, files: list[int]) -> dict[int, tuple[int, ...]]:
    """By header: the sources of the same name, in its folder or else the only ones anywhere."""
    by_stem: defaultdict[str, list[int]] = defaultdict(list)
    headers = []
    for file in files:
        stem, _, _ = tree.name[file].rpartition(".")
        if tree.name[file].lower().endswith(HEADERS):
            headers.append((file, stem))
        else:
            by_stem[stem].append(file)
    found = {}
    for file, stem in headers:
        named = by_stem.get(stem, [])
        beside = [one for one in named if tree.folder[one] == tree.folder[file]]
        if beside or len(named) == 1:
            found[file] = tuple(beside or named)
    return found


RUBY_LOAD_PATHS = frozenset({"", "lib", "test", "spec", "app", "src", "ext"})


def ruby_rule(tree: Tree, files: list[int]) -> Rule:
    """Paths beside the requiring file, or from a folder that is in the load path of its project."""
    ends = Endings((tree.paths[file].removesuffix(".rb"), file) for file in files)
    found: dict[tuple[str, str], tuple[int, ...]] = {}

    def rule(file: int, one: Import) -> tuple[int, ...]:
        key = (tree.folder[file], one.module)
        if key not in found:
            found[key] = _ruby_find(tree, ends, file, one.module.removesuffix(".rb"))
        return found[key]

    return rule


def _ruby_find(tree: Tree, ends: Endings, file: int, module: str) -> tuple[int, ...]:
    if module.startswith(("./", "../", "/")):
        beside = tree.number.get((joined(tree.folder[file], module.lstrip("/")) or "") + ".rb")
        return () if beside is None else (beside,)
    loadable = []
    for one in ends.find(module):
        place = tree.paths[one].removesuffix(".rb")[: -len(module)].rstrip("/")
        if (
            place[place.rfind("/") + 1 :] in RUBY_LOAD_PATHS
            or parent(place).endswith("app")
            or ("/" in module and is_within(tree.folder[file], place))
        ):
            loadable.append(one)
    beside = tree.number.get((joined(tree.folder[file], module) or "") + ".rb")
    hits = tree.nearest(file, loadable)
    return hits if beside is None or beside in hits else (beside, *hits)

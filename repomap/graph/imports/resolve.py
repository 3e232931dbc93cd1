"""Turns imports as the sources write them into pairs of files: who imports whom.

A name that many files define is a weak sign of who uses whom; an import says which one is meant.
What no file of the repository answers to, such as the standard library and third parties,
gives no pair. Too many pairs cost little, since a pair counts only where the imported file also
defines a name that the importing file uses; so where a rule cannot know, it takes all it may mean.
"""

import functools
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repomap.graph.imports.by_package import (
    go_rule,
    jvm_rule,
    namespace_rule,
    php_rule,
    same_namespace,
    same_package,
)
from repomap.graph.imports.by_path import handed_on, include_rule, python_rule, ruby_rule, rust_rule
from repomap.graph.imports.javascript import script_rule
from repomap.graph.imports.tree import Read, Rule, Tree
from repomap.model import Import

MANY_FOLLOWED = 64
"""A file that passes on more files than this is followed no further."""
DEEPEST_FOLLOWED = 4
MANY_VISITED = 300
"""So many files may be looked into for where one name comes from."""

Defines = Callable[[int, str], bool]
"""Whether a file defines a name."""
Implicit = Mapping[int, tuple[int, ...]]
"""By file: the files whose names it sees without an import."""


@dataclass(frozen=True, slots=True)
class Family:
    """How the files of some languages import each other."""

    rule: Rule
    passes_on: Callable[[int], bool] | None = None
    """Whether a file hands on all that it imports; None where no file of the family re-exports."""
    implicit: Implicit | None = None
    handed_on: Callable[[Sequence[Import]], Sequence[Import]] = lambda imports: imports
    """Those imports of a file that it may hand on."""


def imported_pairs(
    paths: Sequence[str],
    languages: Sequence[str],
    imports: Sequence[Sequence[Import]],
    read: Read | None = None,
    namespaces: Mapping[int, Sequence[str]] | None = None,
    defines: Defines | None = None,
) -> npt.NDArray[np.int64]:
    """The sorted, distinct keys `source * len(paths) + target` of pairs in which one file imports another.

    ``paths`` must be sorted; ``languages`` and ``imports`` stand in the same order. ``read`` gives
    the bytes of a manifest (package.json, tsconfig.json, go.mod, Cargo.toml, composer.json) or
    None; without it names of packages are guessed from folders. ``namespaces`` gives the
    namespaces that a C# file declares; without it they are guessed from folders too. A file
    re-exporting a name brings in the file that the name comes from; ``defines`` makes that exact
    where everything is re-exported unnamed. No file imports itself.
    """
    tree = Tree(paths, languages, imports, read)
    present = set(languages)
    targets, sources, sizes = array("q"), array("q"), array("q")
    for names, make in FAMILIES.items():
        files = tree.of(*names) if not present.isdisjoint(names) else []
        if not files:
            continue
        family = make(tree, files, namespaces)
        follow = Follower(tree, family, defines)
        for file in files:
            found = _imported_by(file, imports[file], family, follow)
            targets.extend(found)
            sources.append(file)
            sizes.append(len(found))
    source = np.repeat(np.asarray(sources, np.int64), np.asarray(sizes, np.int64))
    keys = np.sort(source * len(paths) + np.asarray(targets, np.int64))
    return keys[np.diff(keys, prepend=-1) > 0]


def _imported_by(file: int, imports: Sequence[Import], family: Family, follow: "Follower") -> set[int]:
    """All files that one file imports, itself left out."""
    found: set[int] = set()
    rule, follows = family.rule, family.passes_on is not None
    for one in imports:
        direct = rule(file, one)
        if direct:
            found.update(follow(direct, one.names) if follows else direct)
    if family.implicit is not None:
        found.update(family.implicit.get(file, ()))
    found.discard(file)
    return found


class Follower:
    """Goes from an imported file on to those that it takes the imported names from itself."""

    def __init__(self, tree: Tree, family: Family, defines: Defines | None = None) -> None:
        self._imports = tree.imports
        self._family = family
        self._defines = defines
        self._passes_on = functools.cache(family.passes_on or (lambda _: False))
        self._found: dict[tuple[tuple[int, ...], tuple[str, ...]], tuple[int, ...]] = {}
        self._tables: dict[int, dict[str, list[Import]]] = {}
        self._all: dict[tuple[int, int], tuple[int, ...]] = {}

    def __call__(self, direct: tuple[int, ...], names: tuple[str, ...]) -> tuple[int, ...]:
        """The files imported directly and those that re-exports of the names lead to, maybe repeated.

        A name that is known to stand nowhere on the way may be another for a whole module.
        """
        if self._defines is None and not any(map(self._passes_on, direct)):
            return direct
        key = (direct, names)
        found = self._found.get(key)
        if found is None:
            seen: set[int] = set()
            for name in map(_last_part, names or ("",)):
                origins = self._origins(direct, name) if name else set()
                if not name or not (origins or self._is_defined(direct, name)):
                    origins.update(*(self._all_of(file, DEEPEST_FOLLOWED) for file in direct))
                seen |= origins
            found = self._found[key] = (*direct, *sorted(seen)) if seen else direct
        return found

    def _is_defined(self, files: tuple[int, ...], name: str) -> bool:
        """Whether one of the files is known, or may be thought, to define a name."""
        return self._defines is None or any(self._defines(file, name) for file in files)

    def _origins(self, files: Sequence[int], name: str) -> set[int]:
        """The files through which these files got a name that they hand on, down to where it is defined."""
        came_from = dict.fromkeys(files, -1)
        kept: set[int] = set()
        level = list(files)
        for _ in range(DEEPEST_FOLLOWED):
            reached: list[int] = []
            for file in level if len(came_from) <= MANY_VISITED else ():
                if not self._looks_into(file, name):
                    continue
                named = self._imports_taking(file, name)
                for target in self._targets(file, named or self._stars(file)):
                    if target in came_from:
                        continue
                    came_from[target] = file
                    reached.append(target)
                    if named or self._is_defined((target,), name):
                        _keep_way(target, came_from, kept)
            level = reached
        return kept

    def _looks_into(self, file: int, name: str) -> bool:
        """Whether a file may have a name from elsewhere."""
        return self._passes_on(file) if self._defines is None else not self._defines(file, name)

    def _stars(self, file: int) -> list[Import]:
        """The imports of a file that takes them whole, so that any name may come from there."""
        stars = self._imports_taking(file, "")
        return stars if self._defines is not None or len(stars) <= MANY_FOLLOWED else []

    def _all_of(self, file: int, depth: int) -> tuple[int, ...]:
        """All that a file hands on where it is imported whole, the first only where that is much."""
        found = self._all.get((file, depth))
        if found is None:
            hits: dict[int, None] = {}
            hands_on = depth > 0 and self._passes_on(file)
            for one in self._family.handed_on(self._imports[file]) if hands_on else ():
                for target in self._family.rule(file, one):
                    hits[target] = None
                    for name in one.names:
                        hits.update(dict.fromkeys(sorted(self._origins((target,), name))))
                    if not one.names:
                        hits.update(dict.fromkeys(self._all_of(target, depth - 1)))
            found = self._all[file, depth] = tuple(hits)[:MANY_FOLLOWED]
        return found

    def _targets(self, file: int, imports: list[Import]) -> list[int]:
        rule = self._family.rule
        return list(dict.fromkeys(target for one in imports for target in rule(file, one) if target != file))

    def _imports_taking(self, file: int, name: str) -> list[Import]:
        """The imports of a file that take a name; for "" those that may take any."""
        return self._table_of(file).get(name, [])

    def _table_of(self, file: int) -> dict[str, list[Import]]:
        """What a file hands on of its imports, by the names they take; "" for those that take any."""
        found = self._tables.get(file)
        if found is None:
            found = self._tables[file] = {}
            for one in self._family.handed_on(self._imports[file]):
                for name in one.names or ("",):
                    found.setdefault(name, []).append(one)
        return found


def _keep_way(target: int, came_from: Mapping[int, int], kept: set[int]) -> None:
    """Adds a file and those on the way to it, the first left out."""
    while target not in kept and came_from[target] >= 0:
        kept.add(target)
        target = came_from[target]


def _last_part(name: str) -> str:
    """What a name is called where it is used: `c` of Rust's `b::c`; empty for `*`."""
    return "" if name.endswith("*") else name[name.rfind(":") + 1 :]


Namespaces = Mapping[int, Sequence[str]] | None
Make = Callable[[Tree, list[int], Namespaces], Family]


def _python(tree: Tree, files: list[int], _: Namespaces) -> Family:
    return Family(python_rule(tree, files), lambda file: tree.name[file].startswith("__init__.py"))


def _script(tree: Tree, files: list[int], _: Namespaces) -> Family:
    rule, entries = script_rule(tree, files)
    return Family(rule, lambda file: file in entries or tree.name[file].startswith("index."))


def _go(tree: Tree, files: list[int], _: Namespaces) -> Family:
    return Family(go_rule(tree, files), implicit=same_package(tree, files))


def _rust(tree: Tree, files: list[int], _: Namespaces) -> Family:
    folders = {tree.folder[file] for file in files}

    def passes_on(file: int) -> bool:
        return tree.name[file] in ("mod.rs", "lib.rs", "main.rs") or tree.paths[file][:-3] in folders

    return Family(rust_rule(tree, files), passes_on, handed_on=handed_on)


def _jvm(tree: Tree, files: list[int], _: Namespaces) -> Family:
    return Family(jvm_rule(tree, files), implicit=same_package(tree, files))


def _include(tree: Tree, files: list[int], _: Namespaces) -> Family:
    return Family(include_rule(tree, files))


def _ruby(tree: Tree, files: list[int], _: Namespaces) -> Family:
    folders = {tree.folder[file] for file in files}
    return Family(ruby_rule(tree, files), lambda file: tree.paths[file].removesuffix(".rb") in folders)


def _php(tree: Tree, files: list[int], _: Namespaces) -> Family:
    return Family(php_rule(tree, files), implicit=same_package(tree, files))


def _csharp(tree: Tree, files: list[int], namespaces: Namespaces) -> Family:
    declared = {file: namespaces.get(file, ()) for file in files} if namespaces is not None else None
    return Family(namespace_rule(tree, files, declared), implicit=same_namespace(tree, files, declared))


FAMILIES: dict[tuple[str, ...], Make] = {
    ("python",): _python,
    ("javascript", "typescript", "jsx", "tsx", "vue", "svelte"): _script,
    ("go",): _go,
    ("rust",): _rust,
    ("java", "kotlin", "scala", "groovy"): _jvm,
    ("c", "cpp", "objc"): _include,
    ("ruby",): _ruby,
    ("php",): _php,
    ("csharp",): _csharp,
}

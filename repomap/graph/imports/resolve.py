"""Resolves imports as the sources write them to pairs of files: who imports whom.

A name that many files define is weak evidence of who uses whom; an import says which one is meant.
An import that no file of the repository matches, such as the standard library, gives no pair. A
superfluous pair costs little, since it counts only if the imported file also defines a name that the
importing file uses; so a rule that cannot decide returns everything that may be meant.
"""

import functools
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.arrays.array_types import PairKeys
from repomap.graph.imports.by_package import (
    go_rule,
    jvm_rule,
    namespace_rule,
    php_rule,
    same_namespace,
    same_package,
)
from repomap.graph.imports.by_path import include_rule, python_rule, reexportable, ruby_rule, rust_rule
from repomap.graph.imports.javascript import script_rule
from repomap.graph.imports.tree import FileTree, ImportRule
from repomap.model import Import, ReadFile

MOST_FOLLOWED = 64
"""A file that re-exports more files than this is not followed."""
DEEPEST_FOLLOWED = 4
MOST_VISITED = 300
"""Files that are searched at most for the origin of one name."""

Implicit = Mapping[int, tuple[int, ...]]
"""By file id: the files whose names it sees without an import."""


@dataclass(frozen=True, slots=True)
class ImportFamily:
    """How the files of some languages import each other."""

    rule: ImportRule
    passes_on: Callable[[int], bool] | None = None
    """Whether a file re-exports everything it imports; None if no file of the family re-exports."""
    implicit: Implicit | None = None
    reexportable: Callable[[Sequence[Import]], Sequence[Import]] = lambda imports: imports
    """Selects the imports of a file that it may re-export."""


def imported_pairs(
    paths: Sequence[str],
    languages: Sequence[str],
    imports: Sequence[Sequence[Import]],
    read: ReadFile | None = None,
    namespaces: Mapping[int, Sequence[str]] | None = None,
) -> PairKeys:
    """Resolve all imports to distinct keys `source * len(paths) + target`, ascending.

    ``paths`` must be sorted; ``languages`` and ``imports`` are in the same order. ``read`` returns the
    bytes of a manifest (package.json, tsconfig.json, go.mod, Cargo.toml, composer.json); without it, the
    names of packages are guessed from folders. ``namespaces`` has the namespaces that a C# file declares;
    without it, they are guessed from folders, too. If an imported file re-exports a name, the files
    that the name may come from count as imported. No file imports itself.
    """
    tree = FileTree(paths, languages, imports, read)
    present = set(languages)
    targets, sources, target_counts = array("q"), array("q"), array("q")
    for names, make_family in FAMILIES.items():
        file_ids = tree.in_languages(*names) if not present.isdisjoint(names) else []
        if not file_ids:
            continue
        family = make_family(tree, file_ids, namespaces)
        follow = ReexportFollower(tree, family)
        for file_id in file_ids:
            imported = _imported_by(file_id, imports[file_id], family, follow)
            targets.extend(imported)
            sources.append(file_id)
            target_counts.append(len(imported))
    source = np.repeat(np.asarray(sources, np.int64), np.asarray(target_counts, np.int64))
    keys = np.sort(source * len(paths) + np.asarray(targets, np.int64))
    return keys[np.diff(keys, prepend=-1) > 0]


def _imported_by(
    file_id: int, imports: Sequence[Import], family: ImportFamily, follow: "ReexportFollower"
) -> set[int]:
    """Return all files that one file imports, without itself."""
    imported: set[int] = set()
    for statement in imports:
        direct = family.rule(file_id, statement)
        if direct:
            imported.update(follow(direct, statement.names) if family.passes_on is not None else direct)
    if family.implicit is not None:
        imported.update(family.implicit.get(file_id, ()))
    imported.discard(file_id)
    return imported


class ReexportFollower:
    """Follows re-exports from an imported file to the files where the imported names may come from."""

    def __init__(self, tree: FileTree, family: ImportFamily) -> None:
        self._imports = tree.imports
        self._family = family
        self._passes_on = functools.cache(family.passes_on or (lambda _: False))
        self._reached: dict[tuple[tuple[int, ...], tuple[str, ...]], tuple[int, ...]] = {}
        self._reexports: dict[int, dict[str, list[Import]]] = {}
        self._everything: dict[tuple[int, int], tuple[int, ...]] = {}

    def __call__(self, direct: tuple[int, ...], names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the files imported directly and those that their re-exports lead to, maybe repeated."""
        if not any(map(self._passes_on, direct)):
            return direct
        key = (direct, names)
        if key not in self._reached:
            reached: set[int] = set()
            for name in map(_last_part, names or ("",)):
                if name:
                    reached |= self._origins(direct, name)
                else:
                    reached.update(*(self._all_of(file_id, DEEPEST_FOLLOWED) for file_id in direct))
            self._reached[key] = (*direct, *sorted(reached)) if reached else direct
        return self._reached[key]

    def _origins(self, file_ids: Sequence[int], name: str) -> set[int]:
        """Return the files that these files may get a name from, through any number of re-exports."""
        seen, origins = set(file_ids), set[int]()
        level = list(file_ids)
        for _ in range(DEEPEST_FOLLOWED):
            next_level: list[int] = []
            for file_id in level if len(seen) <= MOST_VISITED else ():
                if not self._passes_on(file_id):
                    continue
                statements = self._reexports_of(file_id, name) or self._star_reexports(file_id)
                for target in self._targets(file_id, statements):
                    if target not in seen:
                        seen.add(target)
                        next_level.append(target)
            origins.update(next_level)
            level = next_level
        return origins

    def _star_reexports(self, file_id: int) -> list[Import]:
        """Return the re-exports that take everything; none if they are too many to tell anything."""
        statements = self._reexports_of(file_id, "")
        return statements if len(statements) <= MOST_FOLLOWED else []

    def _all_of(self, file_id: int, depth: int) -> tuple[int, ...]:
        """Return everything that a file re-exports if it is imported whole; only the first few of many."""
        if (file_id, depth) not in self._everything:
            reached: dict[int, None] = {}
            follows = depth > 0 and self._passes_on(file_id)
            for statement in self._family.reexportable(self._imports[file_id]) if follows else ():
                for target in self._family.rule(file_id, statement):
                    reached[target] = None
                    for name in statement.names:
                        reached.update(dict.fromkeys(sorted(self._origins((target,), name))))
                    if not statement.names:
                        reached.update(dict.fromkeys(self._all_of(target, depth - 1)))
            self._everything[file_id, depth] = tuple(reached)[:MOST_FOLLOWED]
        return self._everything[file_id, depth]

    def _targets(self, file_id: int, imports: list[Import]) -> list[int]:
        rule = self._family.rule
        targets = (target for statement in imports for target in rule(file_id, statement))
        return list(dict.fromkeys(target for target in targets if target != file_id))

    def _reexports_of(self, file_id: int, name: str) -> list[Import]:
        """Return the re-exports of a file that take a name; for "" those that take everything."""
        by_name = self._reexports.get(file_id)
        if by_name is None:
            by_name = self._reexports[file_id] = {}
            for statement in self._family.reexportable(self._imports[file_id]):
                for taken in statement.names or ("",):
                    by_name.setdefault(taken, []).append(statement)
        return by_name.get(name, [])


def _last_part(name: str) -> str:
    """Return the name under which an import is used: `c` for Rust's `b::c`; empty for `*`."""
    return "" if name.endswith("*") else name[name.rfind(":") + 1 :]


Namespaces = Mapping[int, Sequence[str]] | None
MakeFamily = Callable[[FileTree, list[int], Namespaces], ImportFamily]


def _python(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    return ImportFamily(
        python_rule(tree, file_ids), lambda file_id: tree.name_of[file_id].startswith("__init__.py")
    )


def _script(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    rule, entries = script_rule(tree, file_ids)
    return ImportFamily(
        rule, lambda file_id: file_id in entries or tree.name_of[file_id].startswith("index.")
    )


def _go(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    return ImportFamily(go_rule(tree, file_ids), implicit=same_package(tree, file_ids))


def _rust(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    folders = {tree.folder_of[file_id] for file_id in file_ids}

    def passes_on(file_id: int) -> bool:
        return tree.name_of[file_id] in ("mod.rs", "lib.rs", "main.rs") or tree.paths[file_id][:-3] in folders

    return ImportFamily(rust_rule(tree, file_ids), passes_on, reexportable=reexportable)


def _jvm(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    return ImportFamily(jvm_rule(tree, file_ids), implicit=same_package(tree, file_ids))


def _include(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    return ImportFamily(include_rule(tree, file_ids))


def _ruby(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    folders = {tree.folder_of[file_id] for file_id in file_ids}
    return ImportFamily(
        ruby_rule(tree, file_ids), lambda file_id: tree.paths[file_id].removesuffix(".rb") in folders
    )


def _php(tree: FileTree, file_ids: list[int], _: Namespaces) -> ImportFamily:
    return ImportFamily(php_rule(tree, file_ids), implicit=same_package(tree, file_ids))


def _csharp(tree: FileTree, file_ids: list[int], namespaces: Namespaces) -> ImportFamily:
    declared = (
        {file_id: namespaces.get(file_id, ()) for file_id in file_ids} if namespaces is not None else None
    )
    return ImportFamily(
        namespace_rule(tree, file_ids, declared), implicit=same_namespace(tree, file_ids, declared)
    )


FAMILIES: dict[tuple[str, ...], MakeFamily] = {
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

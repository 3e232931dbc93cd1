"""Turns imports as the sources write them into pairs of files: who imports whom.

A name that many files define is a weak sign of who uses whom; an import says which one is meant.
What no file of the repository answers to, such as the standard library and third parties,
gives no pair. Too many pairs cost little, since a pair counts only where the imported file also
defines a name that the importing file uses; so where a rule cannot know, it takes all it may mean.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repomap.import_packages import go_rule, jvm_rule, namespace_rule, php_rule, same_namespace, same_package
from repomap.import_paths import handed_on, include_rule, python_rule, ruby_rule, rust_rule
from repomap.import_scripts import script_rule
from repomap.import_tree import Read, Rule, Tree
from repomap.model import Import

MANY_FOLLOWED = 64
"""A file that passes on more files than this is followed no further."""
DEEPEST_FOLLOWED = 4

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
    sizes, targets = np.zeros(len(paths), np.int64), array("q")
    found: dict[int, set[int]] = {}
    for names, make in FAMILIES.items():
        if present.isdisjoint(names):
            continue
        files = tree.of(*names)
        family = make(tree, files, namespaces)
        follow = Follower(tree, family, defines)
        for file in files:
            found[file] = _imported_by(file, imports[file], family, follow)
    for file in sorted(found):
        targets.extend(found[file])
        sizes[file] = len(found[file])
    sources = np.repeat(np.arange(len(paths), dtype=np.int64), sizes)
    return np.unique(sources * len(paths) + np.frombuffer(targets, np.int64))


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
        self._found: dict[tuple[tuple[int, ...], tuple[str, ...]], frozenset[int]] = {}
        self._sources: dict[int, dict[str, list[Import]]] = {}
        self._origins: dict[tuple[int, str, int], frozenset[int]] = {}
        self._all: dict[tuple[int, int], tuple[int, ...]] = {}

    def __call__(self, direct: tuple[int, ...], names: tuple[str, ...]) -> frozenset[int]:
        """The files imported directly and those that re-exports of the names lead to.

        A name that is known to stand nowhere on the way may be another for a whole module.
        """
        key = (direct, names)
        found = self._found.get(key)
        if found is None:
            seen = set(direct)
            for name in map(_last_part, names or ("",)):
                origins: list[Iterable[int]] = [
                    self._origins_of(file, name, DEEPEST_FOLLOWED) if name else () for file in direct
                ]
                if not name or not (any(origins) or self._is_defined(direct, name)):
                    origins = [self._all_of(file, DEEPEST_FOLLOWED) for file in direct]
                seen.update(*origins)
            found = self._found[key] = frozenset(seen)
        return found

    def _is_defined(self, files: tuple[int, ...], name: str) -> bool:
        """Whether one of the files is known, or may be thought, to define a name."""
        return self._defines is None or any(self._defines(file, name) for file in files)

    def _origins_of(self, file: int, name: str, depth: int) -> frozenset[int]:
        """The files through which a file got a name that it hands on, down to the one that defines it."""
        key = (file, name, depth)
        found = self._origins.get(key)
        if found is None:
            sources = self._sources_of(file)
            origins: set[int] = set()
            if depth and name in sources:
                for target in self._targets(file, sources[name]):
                    origins.add(target)
                    origins |= self._origins_of(target, name, depth - 1)
            elif depth and "" in sources:
                origins = self._through_stars(file, name, depth)
            found = self._origins[key] = frozenset(origins)
        return found

    def _through_stars(self, file: int, name: str, depth: int) -> set[int]:
        """The same where a file hands on all that it imports, without saying what."""
        targets = self._targets(file, self._sources_of(file)[""])
        found: set[int] = set()
        if self._defines is None:
            if len(targets) <= MANY_FOLLOWED and self._family.passes_on and self._family.passes_on(file):
                found.update(targets, *(self._origins_of(target, name, depth - 1) for target in targets))
        elif not self._defines(file, name):
            for target in targets:
                deeper = self._origins_of(target, name, depth - 1)
                if deeper or self._defines(target, name):
                    found |= {target} | deeper
        return found if len(found) <= MANY_FOLLOWED else set()

    def _all_of(self, file: int, depth: int) -> tuple[int, ...]:
        """All that a file hands on where it is imported whole, the first only where that is much."""
        found = self._all.get((file, depth))
        if found is None:
            hits: dict[int, None] = {}
            hands_on = depth and self._family.passes_on and self._family.passes_on(file)
            for one in self._family.handed_on(self._imports[file]) if hands_on else ():
                for target in self._family.rule(file, one):
                    hits[target] = None
                    for name in one.names:
                        hits.update(dict.fromkeys(sorted(self._origins_of(target, name, depth - 1))))
                    if not one.names:
                        hits.update(dict.fromkeys(self._all_of(target, depth - 1)))
            found = self._all[file, depth] = tuple(hits)[:MANY_FOLLOWED]
        return found

    def _targets(self, file: int, imports: list[Import]) -> list[int]:
        rule = self._family.rule
        return list(dict.fromkeys(target for one in imports for target in rule(file, one) if target != file))

    def _sources_of(self, file: int) -> dict[str, list[Import]]:
        """The imports of a file by the names they take; under "" those that may take any name."""
        found = self._sources.get(file)
        if found is None:
            found = self._sources[file] = {}
            for one in self._family.handed_on(self._imports[file]):
                for name in one.names or ("",):
                    found.setdefault(_last_part(name), []).append(one)
        return found


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
    return Family(rust_rule(tree, files), lambda _: True, handed_on=handed_on)


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

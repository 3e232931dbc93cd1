"""Which files an import means in languages whose packages are many files: Go, the JVM's, PHP, C#."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from repomap.graph.imports.tree import (
    MANY_IMPORTED,
    MANY_IN_PACKAGE,
    Endings,
    Rule,
    Tree,
    ancestors,
    joined,
    parent,
    table,
)
from repomap.model import Import

_GO_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_SOURCE_SET = re.compile(r"(?:^|(?<=/))src/(\w+)/(?:java|kotlin|scala|groovy)(?:/|$)")


def go_rule(tree: Tree, files: list[int]) -> Rule:
    """Import paths below a module of the repository: all files of the folder but its tests."""
    packages = tree.by_folder(file for file in files if not tree.name[file].endswith("_test.go"))
    modules: dict[str, str] = {}
    for manifest in tree.named("go.mod"):
        named = _GO_MODULE.search(tree.read_text(manifest))
        if named:
            modules.setdefault(named[1], parent(manifest))
    found: dict[str, tuple[int, ...]] = {}

    def rule(_: int, one: Import) -> tuple[int, ...]:
        if one.module not in found:
            folder = _go_folder(modules, packages, one.module)
            hits = packages.get(folder, ()) if folder is not None else ()
            found[one.module] = hits if len(hits) <= MANY_IMPORTED else ()
        return found[one.module]

    return rule


def _go_folder(modules: dict[str, str], packages: Mapping[str, object], path: str) -> str | None:
    """The folder of an import path: of the longest module it begins with, else vendored or by its end."""
    for prefix in ancestors(path):
        if prefix in modules:
            return "/".join(part for part in (modules[prefix], path[len(prefix) + 1 :]) if part)
    if f"vendor/{path}" in packages:
        return f"vendor/{path}"
    if modules or "." not in path.partition("/")[0]:
        return None
    parts = path.split("/")
    tails = ("/".join(parts[start:]) for start in range(1, len(parts)))
    return next((tail for tail in tails if tail in packages), None)


def same_package(tree: Tree, files: list[int]) -> dict[int, tuple[int, ...]]:
    """By file: the others of its package, which it sees without an import.

    A package is a folder, and with `src/main/java` and its like also the same folder of the
    project's other source sets. Tests are seen by tests of the same folder only.
    """
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    is_test = {}
    for file in files:
        folder = tree.folder[file]
        place = _SOURCE_SET.search(folder)
        key = (folder[: place.start()], folder[place.end() :]) if place else ("", folder)
        groups[key].append(file)
        is_test[file] = tree.name[file].endswith("_test.go") or bool(place and place[1] != "main")
    found = {}
    for group in groups.values():
        shown = tuple(file for file in group if not is_test[file])
        tests = tuple(file for file in group if is_test[file])
        tests = tests if len(tests) <= MANY_IN_PACKAGE else ()
        shown = shown if len(shown) <= MANY_IN_PACKAGE else ()
        for file in group:
            found[file] = shown + tests if is_test[file] else shown
    return found


def jvm_rule(tree: Tree, files: list[int]) -> Rule:
    """Dotted names by how paths end: a class's file, an outer class's, or all files of a package.

    Kotlin and Scala let folders leave out the packages that all files share, and define functions
    outside classes: there the end of the package's name is enough, and all its files may be meant.
    """
    classes = Endings((tree.paths[file].rpartition(".")[0], file) for file in files)
    by_folder = tree.by_folder(files)
    folders, members = list(by_folder), list(by_folder.values())
    packages = Endings((folder, number) for number, folder in enumerate(folders))
    found: dict[tuple[str, bool], tuple[int, ...]] = {}
    settled: dict[tuple[Import, bool], tuple[int, ...]] = {}

    def find(name: str, loose: bool) -> tuple[int, ...]:
        for whole in (name, *_outer(name)):
            hits = classes.find(whole.replace(".", "/"))
            if hits:
                return hits
        hits = tuple(file for number in packages.find(name.replace(".", "/")) for file in members[number])
        if not hits and loose:
            kind = name[name.rfind(".") + 1 :]
            places = [by_folder[folder] for folder in _jvm_loose(folders, packages, name)]
            hits = tuple(file for place in places for file in place)
            named = tuple(file for file in hits if tree.name[file].partition(".")[0] == kind)
            hits = named or hits
        return hits if len(hits) <= MANY_IMPORTED else ()

    def rule(file: int, one: Import) -> tuple[int, ...]:
        loose = tree.languages[file] != "java"
        known = settled.get((one, loose))
        if known is not None:
            return known
        is_settled = True
        hits: tuple[int, ...] = ()
        for name in one.names or ("",):
            whole = f"{one.module}.{name}" if name and name not in ("*", "_") else one.module
            key = (whole.replace(".*", "").replace("._", "").replace("`", ""), loose)
            if key not in found:
                found[key] = find(*key)
            is_near = _is_class(key[0]) and len(found[key]) > 1
            is_settled = is_settled and not is_near
            hits += tree.nearest(file, found[key]) if is_near else found[key]
        if is_settled:
            settled[one, loose] = hits
        return hits

    return rule


def _is_class(name: str) -> bool:
    """Whether the last or last but one part of a dotted name looks like a type's."""
    return any(part[:1].isupper() for part in name.split(".")[-2:])


def _outer(name: str) -> list[str]:
    """The names around a nested class or a static member, while they look like a type's."""
    parts = name.split(".")
    return [".".join(parts[:-cut]) for cut in (1, 2) if len(parts) > cut and parts[-cut - 1][:1].isupper()]


def _jvm_loose(folders: list[str], packages: Endings, name: str) -> list[str]:
    """The folders of a package that leave out its beginning, so stand directly in a source root."""
    parts = name.split(".")
    types = sum(part[:1].isupper() for part in parts[:-1])
    for end in range(len(parts), max(0, len(parts) - types - 2), -1):
        for start in range(end):
            tail = "/".join(parts[start:end])
            found = [folders[number] for number in packages.find(tail)]
            if start:
                found = [one for one in found if _is_source_root(one[: -len(tail)].rstrip("/"))]
            if found:
                return found
    return []


def _is_source_root(folder: str) -> bool:
    return folder[folder.rfind("/") + 1 :] in ("", "kotlin", "java", "scala", "groovy", "src", "main", "test")


def php_rule(tree: Tree, files: list[int]) -> Rule:
    """Classes by the psr-4 folders of composer.json, else by how paths end; included paths."""
    folders = _psr4_folders(tree)
    members = tree.by_folder(files)
    ends = Endings((tree.paths[file].removesuffix(".php"), file) for file in files)
    found: dict[tuple[str, Import], tuple[int, ...]] = {}

    def rule(file: int, one: Import) -> tuple[int, ...]:
        is_path = "/" in one.module or one.module.endswith(".php")
        key = (tree.folder[file] if is_path else "", one)
        if key not in found:
            if is_path:
                found[key] = _php_include(tree, ends, file, one.module)
            else:
                names = [f"{one.module}\\{name}" for name in one.names] or [one.module]
                found[key] = tuple(
                    hit
                    for name in names
                    for hit in _php_class(tree, folders, ends, name) or _php_namespace(folders, members, name)
                )
        return found[key]

    return rule


def _psr4_folders(tree: Tree) -> dict[str, tuple[str, ...]]:
    """By namespace, with its last backslash: the folders that hold its classes."""
    folders: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for manifest in tree.named("composer.json"):
        content = tree.read_json(manifest)
        for section in ("autoload", "autoload-dev"):
            for prefix, places in table(table(content.get(section)).get("psr-4")).items():
                for place in places if isinstance(places, list) else [places]:
                    folder = joined(parent(manifest), f"./{place}") if isinstance(place, str) else None
                    if folder is not None:
                        folders[prefix][folder] = None
    return {prefix: tuple(places) for prefix, places in folders.items()}


def _php_class(tree: Tree, folders: dict[str, tuple[str, ...]], ends: Endings, name: str) -> tuple[int, ...]:
    parts = name.strip("\\").split("\\")
    for length in range(len(parts) - 1, -1, -1):
        rest = "/".join(parts[length:]) + ".php"
        for folder in folders.get("".join(f"{part}\\" for part in parts[:length]), ()):
            hit = tree.number.get(joined(folder, rest) or "")
            if hit is not None:
                return (hit,)
    for start in range(len(parts) - 1):
        hits = ends.find("/".join(parts[start:]))
        if hits:
            return hits if len(hits) == 1 or start == 0 else ()
    return ()


def _php_namespace(
    folders: dict[str, tuple[str, ...]], members: dict[str, tuple[int, ...]], name: str
) -> tuple[int, ...]:
    """All classes of a namespace, which `use` may name as well, by its psr-4 folder."""
    parts = name.strip("\\").split("\\")
    for length in range(len(parts), 0, -1):
        for folder in folders.get("".join(f"{part}\\" for part in parts[:length]), ()):
            hits = members.get("/".join(part for part in (folder, *parts[length:]) if part), ())
            if hits:
                return hits if len(hits) <= MANY_IMPORTED else ()
    return ()


def _php_include(tree: Tree, ends: Endings, file: int, module: str) -> tuple[int, ...]:
    path = module.lstrip("/")
    for folder in ancestors(tree.folder[file]):
        hit = tree.number.get(joined(folder, path) or "")
        if hit is not None:
            return (hit,)
    hits = ends.find(path.lstrip("./").removesuffix(".php"))
    return hits if len(hits) == 1 else ()


Declared = Mapping[int, Sequence[str]]


def namespace_rule(tree: Tree, files: list[int], declared: Declared | None) -> Rule:
    """All files that declare the namespace; of `using static` and aliases the file of the type."""
    members = _namespace_members(tree, files, declared)
    found: dict[str, tuple[int, ...]] = {}

    def find(name: str) -> tuple[int, ...]:
        hits = members.get(name, ())
        if not hits and "." in name:
            outer, _, kind = name.partition("<")[0].rpartition(".")
            hits = tuple(file for file in members.get(outer, ()) if tree.name[file].partition(".")[0] == kind)
        return hits if len(hits) <= MANY_IMPORTED else ()

    def rule(_: int, one: Import) -> tuple[int, ...]:
        name = one.module.removeprefix("global::")
        if name not in found:
            found[name] = find(name)
        return found[name]

    return rule


def same_namespace(tree: Tree, files: list[int], declared: Declared | None) -> dict[int, tuple[int, ...]]:
    """By file: those that declare its namespaces or one around them, which it sees without a using."""
    members = _namespace_members(tree, files, declared)
    if declared is None:
        groups = tree.by_folder(files).values()
        return {file: group for group in groups if len(group) <= MANY_IN_PACKAGE for file in group}
    seen: dict[str, tuple[int, ...]] = {}
    for name in members:
        parts = name.split(".")
        around = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        seen[name] = tuple(file for one in around for file in _few(members.get(one, ())))
    return {
        file: tuple(hit for name in declared.get(file, ()) for hit in seen.get(name, ())) for file in files
    }


def _few(files: tuple[int, ...]) -> tuple[int, ...]:
    return files if len(files) <= MANY_IN_PACKAGE else ()


def _namespace_members(tree: Tree, files: list[int], declared: Declared | None) -> dict[str, tuple[int, ...]]:
    """The files of each namespace, ascending; by folder where none is declared."""
    members: defaultdict[str, dict[int, None]] = defaultdict(dict)
    if declared is not None:
        for file in files:
            for name in declared.get(file, ()):
                members[name][file] = None
    else:
        for folder, group in tree.by_folder(files).items():
            dotted = folder.replace("/", ".")
            while dotted:
                members[dotted].update(dict.fromkeys(group))
                dotted = dotted.partition(".")[2]
    return {name: tuple(sorted(group)) for name, group in members.items()}

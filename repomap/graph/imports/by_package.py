"""Resolves imports in languages whose packages are many files: Go, the JVM's, PHP, C#."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from repomap.graph.imports.tree import (
    MOST_IMPORTED,
    MOST_IN_PACKAGE,
    FileTree,
    ImportRule,
    PathEndings,
    ancestors,
    parent,
    resolve_path,
    table,
)
from repomap.model import Import

_GO_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_SOURCE_SET = re.compile(r"(?:^|(?<=/))src/(\w+)/(?:java|kotlin|scala|groovy)(?:/|$)")


def go_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve import paths below a module of the repository to all files of the folder but its tests."""
    packages = tree.by_folder(
        file_id for file_id in file_ids if not tree.name_of[file_id].endswith("_test.go")
    )
    modules: dict[str, str] = {}
    for manifest in tree.with_name("go.mod"):
        named = _GO_MODULE.search(tree.read_text(manifest))
        if named:
            modules.setdefault(named[1], parent(manifest))
    resolved: dict[str, tuple[int, ...]] = {}

    def rule(_: int, statement: Import) -> tuple[int, ...]:
        if statement.module not in resolved:
            folder = _go_folder(modules, packages, statement.module)
            hits = packages.get(folder, ()) if folder is not None else ()
            resolved[statement.module] = hits if len(hits) <= MOST_IMPORTED else ()
        return resolved[statement.module]

    return rule


def _go_folder(modules: dict[str, str], packages: Mapping[str, object], path: str) -> str | None:
    """Return the folder of an import path: in the longest matching module, else vendored or by its end."""
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


def same_package(tree: FileTree, file_ids: list[int]) -> dict[int, tuple[int, ...]]:
    """Return for each file the others of its package, which it sees without an import.

    A package is a folder; with `src/main/java` and the like, it is also the same folder in the
    project's other source sets. Tests are seen only by tests of the same folder.
    """
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    is_test = {}
    for file_id in file_ids:
        folder = tree.folder_of[file_id]
        source_set = _SOURCE_SET.search(folder)
        key = (folder[: source_set.start()], folder[source_set.end() :]) if source_set else ("", folder)
        groups[key].append(file_id)
        is_test[file_id] = tree.name_of[file_id].endswith("_test.go") or bool(
            source_set and source_set[1] != "main"
        )
    visible = {}
    for group in groups.values():
        shown = tuple(file_id for file_id in group if not is_test[file_id])
        tests = tuple(file_id for file_id in group if is_test[file_id])
        tests = tests if len(tests) <= MOST_IN_PACKAGE else ()
        shown = shown if len(shown) <= MOST_IN_PACKAGE else ()
        for file_id in group:
            visible[file_id] = shown + tests if is_test[file_id] else shown
    return visible


def jvm_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve dotted names by the ends of paths: the file of a class or outer class, or a whole package.

    In Kotlin and Scala, folders may omit the packages that all files share, and functions may be
    outside classes: there the end of the package's name is enough, and all its files may be meant.
    """
    names = _JvmNames(tree, file_ids)
    resolved: dict[tuple[Import, bool], tuple[int, ...]] = {}

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        loose = tree.languages[file_id] != "java"
        if (statement, loose) in resolved:
            return resolved[statement, loose]
        same_everywhere = True
        hits: tuple[int, ...] = ()
        for name in statement.names or ("",):
            whole = f"{statement.module}.{name}" if name and name not in ("*", "_") else statement.module
            whole = whole.replace(".*", "").replace("._", "").replace("`", "")
            candidates = names.find(whole, loose)
            take_nearest = _is_class(whole) and len(candidates) > 1
            same_everywhere = same_everywhere and not take_nearest
            hits += tree.nearest(file_id, candidates) if take_nearest else candidates
        if same_everywhere:
            resolved[statement, loose] = hits
        return hits

    return rule


class _JvmNames:
    """Finds the files of dotted names."""

    def __init__(self, tree: FileTree, file_ids: list[int]) -> None:
        self._tree = tree
        self._classes = PathEndings((tree.paths[file_id].rpartition(".")[0], file_id) for file_id in file_ids)
        self._by_folder = tree.by_folder(file_ids)
        self._folders = list(self._by_folder)
        self._packages = PathEndings((folder, index) for index, folder in enumerate(self._folders))
        self._cache: dict[tuple[str, bool], tuple[int, ...]] = {}

    def find(self, name: str, loose: bool) -> tuple[int, ...]:
        """Return the files that a name may mean; ``loose`` if folders may omit the start of a package."""
        key = (name, loose)
        if key not in self._cache:
            self._cache[key] = self._find(name, loose)
        return self._cache[key]

    def _find(self, name: str, loose: bool) -> tuple[int, ...]:
        for whole in (name, *_outer(name)):
            hits = self._classes.find(whole.replace(".", "/"))
            if hits:
                return hits
        hits = self._files_in(self._package_folders(name.replace(".", "/")))
        if not hits and loose:
            hits = self._files_in(self._loose_folders(name))
            last_part = name[name.rfind(".") + 1 :]
            file_names = self._tree.name_of
            hits = tuple(hit for hit in hits if file_names[hit].partition(".")[0] == last_part) or hits
        return hits if len(hits) <= MOST_IMPORTED else ()

    def _files_in(self, folders: list[str]) -> tuple[int, ...]:
        return tuple(file_id for folder in folders for file_id in self._by_folder[folder])

    def _package_folders(self, ending: str) -> list[str]:
        return [self._folders[index] for index in self._packages.find(ending)]

    def _loose_folders(self, name: str) -> list[str]:
        """Return the folders of a package that omit its beginning, so that they are in a source root."""
        parts = name.split(".")
        types = sum(part[:1].isupper() for part in parts[:-1])
        for end in range(len(parts), max(0, len(parts) - types - 2), -1):
            for start in range(end):
                ending = "/".join(parts[start:end])
                folders = self._package_folders(ending)
                if start:
                    roots = (folder[: -len(ending)].rstrip("/") for folder in folders)
                    folders = [
                        folder for folder, root in zip(folders, roots, strict=True) if _is_source_root(root)
                    ]
                if folders:
                    return folders
        return []


def _is_class(name: str) -> bool:
    """Return whether one of the last two parts of a dotted name looks like a type."""
    return any(part[:1].isupper() for part in name.split(".")[-2:])


def _outer(name: str) -> list[str]:
    """Return the names around a nested class or a static member, as far as they look like types."""
    parts = name.split(".")
    return [".".join(parts[:-cut]) for cut in (1, 2) if len(parts) > cut and parts[-cut - 1][:1].isupper()]


def _is_source_root(folder: str) -> bool:
    return folder[folder.rfind("/") + 1 :] in ("", "kotlin", "java", "scala", "groovy", "src", "main", "test")


def php_rule(tree: FileTree, file_ids: list[int]) -> ImportRule:
    """Resolve classes by the psr-4 folders of composer.json, else by the ends of paths; and includes."""
    folders = _psr4_folders(tree)
    members = tree.by_folder(file_ids)
    ends = PathEndings((tree.paths[file_id].removesuffix(".php"), file_id) for file_id in file_ids)
    resolved: dict[tuple[str, Import], tuple[int, ...]] = {}

    def rule(file_id: int, statement: Import) -> tuple[int, ...]:
        is_path = "/" in statement.module or statement.module.endswith(".php")
        key = (tree.folder_of[file_id] if is_path else "", statement)
        if key not in resolved:
            resolved[key] = (
                _php_include(tree, ends, file_id, statement.module) if is_path else find_classes(statement)
            )
        return resolved[key]

    def find_classes(statement: Import) -> tuple[int, ...]:
        names = [f"{statement.module}\\{name}" for name in statement.names] or [statement.module]
        return tuple(
            hit
            for name in names
            for hit in _php_class(tree, folders, ends, name) or _php_namespace(folders, members, name)
        )

    return rule


def _psr4_folders(tree: FileTree) -> dict[str, tuple[str, ...]]:
    """Return for each namespace, with its last backslash, the folders of its classes."""
    folders: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for manifest in tree.with_name("composer.json"):
        content = tree.read_json(manifest)
        for section in ("autoload", "autoload-dev"):
            for prefix, paths in table(table(content.get(section)).get("psr-4")).items():
                for path in paths if isinstance(paths, list) else [paths]:
                    folder = resolve_path(parent(manifest), f"./{path}") if isinstance(path, str) else None
                    if folder is not None:
                        folders[prefix][folder] = None
    return {prefix: tuple(of_prefix) for prefix, of_prefix in folders.items()}


def _php_class(
    tree: FileTree, folders: dict[str, tuple[str, ...]], ends: PathEndings, name: str
) -> tuple[int, ...]:
    parts = name.strip("\\").split("\\")
    for length in range(len(parts) - 1, -1, -1):
        rest = "/".join(parts[length:]) + ".php"
        for folder in folders.get("".join(f"{part}\\" for part in parts[:length]), ()):
            hit = tree.file_ids.get(resolve_path(folder, rest) or "")
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
    """Return all classes of a namespace, which `use` may name as well, by its psr-4 folder."""
    parts = name.strip("\\").split("\\")
    for length in range(len(parts), 0, -1):
        for folder in folders.get("".join(f"{part}\\" for part in parts[:length]), ()):
            hits = members.get("/".join(part for part in (folder, *parts[length:]) if part), ())
            if hits:
                return hits if len(hits) <= MOST_IMPORTED else ()
    return ()


def _php_include(tree: FileTree, ends: PathEndings, file_id: int, module: str) -> tuple[int, ...]:
    path = module.lstrip("/")
    for folder in ancestors(tree.folder_of[file_id]):
        hit = tree.file_ids.get(resolve_path(folder, path) or "")
        if hit is not None:
            return (hit,)
    hits = ends.find(path.lstrip("./").removesuffix(".php"))
    return hits if len(hits) == 1 else ()


Declared = Mapping[int, Sequence[str]]


def namespace_rule(tree: FileTree, file_ids: list[int], declared: Declared | None) -> ImportRule:
    """Resolve a namespace to all files that declare it; `using static` and aliases to the type's file."""
    members = _namespace_members(tree, file_ids, declared)
    resolved: dict[str, tuple[int, ...]] = {}

    def rule(_: int, statement: Import) -> tuple[int, ...]:
        name = statement.module.removeprefix("global::")
        if name not in resolved:
            hits = members.get(name) or _files_of_type(tree, members, name)
            resolved[name] = hits if len(hits) <= MOST_IMPORTED else ()
        return resolved[name]

    return rule


def same_namespace(
    tree: FileTree, file_ids: list[int], declared: Declared | None
) -> dict[int, tuple[int, ...]]:
    """Return for each file those that declare its namespaces or outer ones, which it sees without `using`."""
    members = _namespace_members(tree, file_ids, declared)
    if declared is None:
        groups = tree.by_folder(file_ids).values()
        return {file_id: group for group in groups if len(group) <= MOST_IN_PACKAGE for file_id in group}
    seen: dict[str, tuple[int, ...]] = {}
    for name in members:
        parts = name.split(".")
        around = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        seen[name] = tuple(file_id for outer in around for file_id in _few(members.get(outer, ())))
    return {
        file_id: tuple(hit for name in declared.get(file_id, ()) for hit in seen.get(name, ()))
        for file_id in file_ids
    }


def _few(file_ids: tuple[int, ...]) -> tuple[int, ...]:
    return file_ids if len(file_ids) <= MOST_IN_PACKAGE else ()


def _files_of_type(tree: FileTree, members: dict[str, tuple[int, ...]], name: str) -> tuple[int, ...]:
    """Return the files of the enclosing namespace that are named after the type `name`."""
    namespace, _, kind = name.partition("<")[0].rpartition(".")
    found = members.get(namespace, ())
    return tuple(file_id for file_id in found if tree.name_of[file_id].partition(".")[0] == kind)


def _namespace_members(
    tree: FileTree, file_ids: list[int], declared: Declared | None
) -> dict[str, tuple[int, ...]]:
    """Return the files of each namespace, ascending; folders count as namespaces if none is declared."""
    members: defaultdict[str, dict[int, None]] = defaultdict(dict)
    if declared is not None:
        for file_id in file_ids:
            for name in declared.get(file_id, ()):
                members[name][file_id] = None
    else:
        for folder, group in tree.by_folder(file_ids).items():
            dotted = folder.replace("/", ".")
            while dotted:
                members[dotted].update(dict.fromkeys(group))
                dotted = dotted.partition(".")[2]
    return {name: tuple(sorted(group)) for name, group in members.items()}

"""What the import rules ask about the files of a repository.

Every rule asks the same few questions: is there such a file, which paths end like this, which of several
files is nearest, what does a manifest say. They are answered here from dictionaries that are built once.
"""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from repomap.model import Import, ReadFile

ImportRule = Callable[[int, Import], tuple[int, ...]]
"""Takes a file id and one of its imports, returns the files that it names directly, in any order."""

MOST_IN_PACKAGE = 60
"""A package of more files than this does not show which of them a file in it uses."""
MOST_IMPORTED = 300
"""The same for a package that is imported whole."""


class FileTree:
    """The paths, languages and imports of all files, by file id, and the manifests among them."""

    def __init__(
        self,
        paths: Sequence[str],
        languages: Sequence[str],
        imports: Sequence[Sequence[Import]],
        read: ReadFile | None = None,
    ) -> None:
        self.paths = paths
        self.languages = languages
        self.imports = imports
        self.file_ids = {path: file_id for file_id, path in enumerate(paths)}
        self.folder_of = [parent(path) for path in paths]
        self.name_of = [path[path.rfind("/") + 1 :] for path in paths]
        self._read = read

    def in_languages(self, *languages: str) -> list[int]:
        """Return the files in these languages, ascending."""
        return [file_id for file_id, language in enumerate(self.languages) if language in languages]

    def with_name(self, *names: str) -> list[str]:
        """Return the paths of all files with these names, those nearest the root first."""
        paths = [path for path, name in zip(self.paths, self.name_of, strict=True) if name in names]
        return sorted(paths, key=lambda path: (path.count("/"), path))

    def by_folder(self, file_ids: Iterable[int]) -> dict[str, tuple[int, ...]]:
        """Group files by folder, ascending."""
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for file_id in file_ids:
            groups[self.folder_of[file_id]].append(file_id)
        return {folder: tuple(group) for folder, group in groups.items()}

    def nearest(self, file_id: int, candidates: Sequence[int]) -> tuple[int, ...]:
        """Return the candidates with the most leading folders in common with a file; there may be ties."""
        if len(candidates) < 2:
            return tuple(candidates)
        depths = [
            shared_folders(self.folder_of[file_id], self.folder_of[candidate]) for candidate in candidates
        ]
        best = max(depths)
        return tuple(candidate for candidate, depth in zip(candidates, depths, strict=True) if depth == best)

    def read_json(self, path: str) -> dict[str, Any]:
        """Read a manifest that may have comments and trailing commas; empty if it is unreadable."""
        return self._read_table(path, lambda text: json.loads(_plain_json(text)))

    def read_toml(self, path: str) -> dict[str, Any]:
        """Read a manifest; empty if it is unreadable."""
        return self._read_table(path, tomllib.loads)

    def read_text(self, path: str) -> str:
        """Read the text of a manifest; empty if it is unreadable."""
        source = self._read(path) if self._read and path in self.file_ids else None
        return (source or b"").decode("utf-8", "replace").removeprefix("\ufeff")

    def _read_table(self, path: str, load: Callable[[str], Any]) -> dict[str, Any]:
        text = self.read_text(path)
        try:
            return table(load(text)) if text else {}
        except (ValueError, RecursionError):
            return {}


class PathEndings:
    """Files by the ends of their paths without suffix: `a/b` finds `x/a/b.py`."""

    def __init__(self, stems: Iterable[tuple[str, int]]) -> None:
        self._by_name: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._cache: dict[str, tuple[int, ...]] = {}
        for stem, file_id in stems:
            self._by_name[stem[stem.rfind("/") + 1 :]].append(("/" + stem, file_id))
            if "/" in stem:
                self._by_name[_last_two(stem)].append(("/" + stem, file_id))

    def find(self, ending: str) -> tuple[int, ...]:
        """Return all files whose path without suffix is this, or ends in it after a `/`, ascending."""
        file_ids = self._cache.get(ending)
        if file_ids is None:
            with_slash = "/" + ending
            candidates = self._by_name.get(_last_two(ending), ())
            file_ids = tuple(sorted(file_id for stem, file_id in candidates if stem.endswith(with_slash)))
            self._cache[ending] = file_ids
        return file_ids


def _last_two(path: str) -> str:
    """Return the last folder and the name, or just the name if there is no folder."""
    return path[path.rfind("/", 0, max(0, path.rfind("/"))) + 1 :]


def parent(path: str) -> str:
    """Return the folder of a path; empty for the root."""
    return path[: path.rfind("/")] if "/" in path else ""


def resolve_path(folder: str, path: str) -> str | None:
    """Resolve a path relative to a folder, with its `.` and `..`; None if it leaves the root.

    >>> resolve_path("src/app", "../lib/a.py")
    'src/lib/a.py'
    """
    if "./" not in path and not path.endswith(".") and "//" not in path:
        return f"{folder}/{path}" if folder else path
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def ancestors(folder: str) -> list[str]:
    """Return a folder and those above it, up to the root.

    >>> ancestors("src/app")
    ['src/app', 'src', '']
    """
    folders = [folder]
    while folders[-1]:
        folders.append(parent(folders[-1]))
    return folders


def is_within(folder: str, outer: str) -> bool:
    """Return whether a folder is another one or is below it."""
    return not outer or folder == outer or folder.startswith(outer + "/")


def shared_folders(folder: str, other: str) -> int:
    """Count the leading folders that two folders have in common.

    >>> shared_folders("src/app/web", "src/app/core")
    2
    """
    depth = 0
    for part, other_part in zip(folder.split("/"), other.split("/"), strict=False):
        if part != other_part:
            break
        depth += 1
    return depth


def table(value: object) -> dict[str, Any]:
    """Return a value if it is a table, else an empty one: anything may be in a manifest."""
    return value if isinstance(value, dict) else {}


_JSON_NOISE = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_JSON_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')


def _plain_json(text: str) -> str:
    """Remove the comments and trailing commas that configuration files for editors have."""
    text = _JSON_NOISE.sub(lambda match: match[0] if match[0][0] == '"' else " ", text)
    return _JSON_COMMA.sub(lambda match: "" if match[0] == "," else match[0], text)

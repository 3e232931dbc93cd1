"""The files of a repository as the rules of imports look at them: by path, folder and ending.

Every rule asks the same few things (is there such a file, which files end like this, which of
several is nearest, what does a manifest say), so they are answered here, from dictionaries
that are made once for a repository.
"""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from repomap.model import Import

Read = Callable[[str], bytes | None]
Rule = Callable[[int, Import], tuple[int, ...]]
"""The files that one import of a file names directly, in any order; () where none of them is here."""

MANY_IN_PACKAGE = 60
"""A package of more files than this says nothing about which of them a file of it uses."""
MANY_IMPORTED = 300
"""A package of more files than this, imported whole, says as little."""


class Tree:
    """Paths with their numbers, folders, languages, imports and manifests."""

    def __init__(
        self,
        paths: Sequence[str],
        languages: Sequence[str],
        imports: Sequence[Sequence[Import]],
        read: Read | None = None,
    ) -> None:
        self.paths = paths
        self.languages = languages
        self.imports = imports
        self.number = {path: number for number, path in enumerate(paths)}
        self.folder = [parent(path) for path in paths]
        self.name = [path[path.rfind("/") + 1 :] for path in paths]
        self._read = read

    def of(self, *languages: str) -> list[int]:
        """The files in these languages, ascending."""
        return [number for number, language in enumerate(self.languages) if language in languages]

    def named(self, *names: str) -> list[str]:
        """The paths of all files with these names, those nearest the root first."""
        found = [path for path, name in zip(self.paths, self.name, strict=True) if name in names]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def by_folder(self, files: Iterable[int]) -> dict[str, tuple[int, ...]]:
        """The files of each folder, ascending."""
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for file in files:
            groups[self.folder[file]].append(file)
        return {folder: tuple(group) for folder, group in groups.items()}

    def nearest(self, file: int, candidates: Sequence[int]) -> tuple[int, ...]:
        """Those of the candidates that share most folders with the file: more than one where equal."""
        if len(candidates) < 2:
            return tuple(candidates)
        depths = [shared_folders(self.folder[file], self.folder[one]) for one in candidates]
        best = max(depths)
        return tuple(one for one, depth in zip(candidates, depths, strict=True) if depth == best)

    def read_json(self, path: str) -> dict[str, Any]:
        """A manifest as a table, comments and trailing commas allowed; empty where it cannot be read."""
        return self._read_table(path, lambda text: json.loads(_plain_json(text)))

    def read_toml(self, path: str) -> dict[str, Any]:
        """A manifest as a table; empty where it cannot be read."""
        return self._read_table(path, tomllib.loads)

    def read_text(self, path: str) -> str:
        """A manifest's text; empty where it cannot be read."""
        source = self._read(path) if self._read and path in self.number else None
        return (source or b"").decode("utf-8", "replace").removeprefix("\ufeff")

    def _read_table(self, path: str, load: Callable[[str], Any]) -> dict[str, Any]:
        text = self.read_text(path)
        try:
            return table(load(text)) if text else {}
        except (ValueError, RecursionError):
            return {}


class Endings:
    """Files found by how their paths end: `a/b` finds `x/a/b.py`, without its suffix."""

    def __init__(self, stems: Iterable[tuple[str, int]]) -> None:
        self._by_name: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._found: dict[str, tuple[int, ...]] = {}
        for stem, file in stems:
            self._by_name[stem[stem.rfind("/") + 1 :]].append(("/" + stem, file))
            if "/" in stem:
                self._by_name[_last_two(stem)].append(("/" + stem, file))

    def find(self, ending: str) -> tuple[int, ...]:
        """All files whose stem is this ending or ends in it after a `/`, ascending."""
        found = self._found.get(ending)
        if found is None:
            tail = "/" + ending
            named = self._by_name.get(_last_two(ending), ())
            found = self._found[ending] = tuple(sorted(file for stem, file in named if stem.endswith(tail)))
        return found


def _last_two(path: str) -> str:
    """The last folder and the name; the name alone where there is no folder."""
    return path[path.rfind("/", 0, max(0, path.rfind("/"))) + 1 :]


def parent(path: str) -> str:
    """The folder that a path stands in; empty for the root."""
    return path[: path.rfind("/")] if "/" in path else ""


def joined(folder: str, path: str) -> str | None:
    """A path as seen from a folder, its `.` and `..` resolved; None where it leaves the root."""
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
    """A folder and those above it, up to the root."""
    found = [folder]
    while found[-1]:
        found.append(parent(found[-1]))
    return found


def is_within(folder: str, outer: str) -> bool:
    """Whether a folder is another or lies below it."""
    return not outer or folder == outer or folder.startswith(outer + "/")


def shared_folders(one: str, other: str) -> int:
    """How many leading folders two folders have in common."""
    depth = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        depth += 1
    return depth


def table(value: object) -> dict[str, Any]:
    """The value where it is a table, else an empty one: manifests are other people's text."""
    return value if isinstance(value, dict) else {}


_JSON_NOISE = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_JSON_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')


def _plain_json(text: str) -> str:
    """JSON without the comments and trailing commas that editors' configuration files have."""
    text = _JSON_NOISE.sub(lambda found: found[0] if found[0][0] == '"' else " ", text)
    return _JSON_COMMA.sub(lambda found: "" if found[0] == "," else found[0], text)

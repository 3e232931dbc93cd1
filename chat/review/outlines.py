"""[io] What texts define, by the index's own parsers, whatever state of the repository they are from.

The texts are written to a temporary folder and parsed there, by workers that a hostile text can neither hang nor
crash for long; the cache knows those that were parsed before.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chat.model import RepoPath

if TYPE_CHECKING:
    from repomap import Symbol

_OUTLINE_TOKENS = 200_000
"""So many that nothing is left out."""
_MOST_BYTES = 2_000_000
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][\w.+-]{0,80}")


Version = tuple[RepoPath, str]
"""A path, and which of its texts is meant."""


def outlines(texts: Mapping[Version, str]) -> Mapping[Version, tuple["Symbol", ...]]:
    """Return the definitions of each text, in source order; none for what no grammar reads."""
    from repomap import Index, IndexOptions, RepoMapError

    found: dict[Version, tuple[Symbol, ...]] = {}
    with tempfile.TemporaryDirectory(prefix="trigpoint-review-") as folder:
        names = _written(texts, Path(folder))
        if not names:
            return {}
        with Index(Path(folder), IndexOptions(history=False, snapshot=False, watch=False)) as index:
            try:
                index.refresh()
            except RepoMapError:
                return {}
            for version, name in names.items():
                try:
                    found[version] = index.outline(name, _OUTLINE_TOKENS, members=False).items
                except RepoMapError:
                    found[version] = ()
    return found


def _written(texts: Mapping[Version, str], folder: Path) -> Mapping[Version, str]:
    """Write the texts below a folder, each in one of its own; return what they are called there."""
    names: dict[Version, str] = {}
    for number, (version, text) in enumerate(texts.items()):
        data = text.encode("utf-8", "replace")
        if len(data) > _MOST_BYTES:
            continue
        (folder / str(number)).mkdir()
        names[version] = f"{number}/{_file_name(version[0])}"
        (folder / names[version]).write_bytes(data)
    return names


def _file_name(path: RepoPath) -> str:
    """Return a name that every system takes and that tells the same language.

    >>> _file_name("src/app.py"), _file_name("src/a:b.py"), _file_name("Makefile")
    ('app.py', 'file.py', 'Makefile')
    """
    name = path.rpartition("/")[2]
    if _PLAIN_NAME.fullmatch(name):
        return name
    suffix = os.path.splitext(name)[1]
    return f"file{suffix}" if _PLAIN_NAME.fullmatch(f"x{suffix}") else "file"

"""The settings files that a repository brings, and where it begins. Reads the disk."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chat.safety.small_file import is_below, read_settings_file
from repomap import find_layout

SETTINGS_FILE = ".trigpoint.toml"


@dataclass(frozen=True, slots=True)
class SettingsClaim:
    """A file that a repository brings and that needs trust: of settings, hooks or an agent."""

    name: str
    """Relative to the top of the work tree, with `/`."""
    path: Path
    data: bytes

    @classmethod
    def in_tree(cls, top: Path, path: Path, data: bytes) -> Self:
        """Return the claim of a file in the work tree with this top; one elsewhere is called by its whole path."""
        name = path.relative_to(top) if is_below(str(path), str(top)) else path
        return cls(name.as_posix(), path, data)

    @property
    def digest(self) -> str:
        """The content's digest, which trust is bound to."""
        return hashlib.sha256(self.data).hexdigest()


def find_root(folder: Path) -> Path | None:
    """Return the top of the work tree around a folder, going by `.git` as git does; git is not run."""
    layout = find_layout(folder)
    return layout.top if layout else None


def main_tree(folder: Path) -> Path:
    """Return the main work tree of the repository around a folder: another one where the folder is in a linked tree.

    What the user decides about a repository counts in all its work trees. Only the repository itself can say that a
    folder is one: a `.git` that merely claims to be linked makes a repository of its own.
    """
    layout = find_layout(folder)
    if layout is None:
        return Path(os.path.realpath(folder))
    common = Path(os.path.realpath(layout.common_dir))
    is_there = (
        layout.git_dir.is_dir() and common.is_dir()
    )  # not where the repository of a linked tree was removed
    is_linked = is_there and not layout.doubts and not os.path.samefile(layout.git_dir, common)
    return common.parent if is_linked and common.name == ".git" else layout.top


def home_of(root: Path) -> Path:
    """Return the folder by which something of a project's is kept: the main work tree's for a linked one's top.

    A folder within a work tree, which may be a project of its own, is its own.
    """
    real = Path(os.path.realpath(root))
    return main_tree(real) if find_root(real) == real else real


def settings_claims(root: Path, folder: Path) -> tuple[SettingsClaim, ...]:
    """Return the settings files of a repository that count in a folder: the root's, then the folder's."""
    root, folder = Path(os.path.realpath(root)), Path(os.path.realpath(folder))
    claims = []
    for parent in dict.fromkeys((root, folder)):
        path = parent / SETTINGS_FILE
        data = read_settings_file(path) if is_below(str(parent), str(root)) else None
        if data is not None:
            claims.append(SettingsClaim(path.relative_to(root).as_posix(), path, data))
    return tuple(claims)

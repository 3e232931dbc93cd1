"""The settings files that a repository brings, and where it begins. Reads the disk."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from chat.safety.small_file import is_below, read_settings_file
from repomap import find_layout

SETTINGS_FILE = ".trigpoint.toml"


@dataclass(frozen=True, slots=True)
class SettingsClaim:
    """A settings file that a repository brings."""

    name: str
    """Relative to the root, with `/`."""
    path: Path
    data: bytes

    @property
    def digest(self) -> str:
        """The content's digest, which trust is bound to."""
        return hashlib.sha256(self.data).hexdigest()


def find_root(folder: Path) -> Path | None:
    """Return the top of the work tree around a folder, going by `.git` as git does; git is not run."""
    layout = find_layout(folder)
    return layout.top if layout else None


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

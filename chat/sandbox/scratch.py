"""[io] The folders that stand in for the home and for `/tmp`, and what was set up in them.

They are in the user's cache folder, one pair for each session, so that a session which is continued finds
what its setup command has installed. Old ones are deleted.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_KEPT_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Scratch:
    """The scratch folders of one session."""

    folder: Path

    @property
    def home(self) -> Path:
        """Stands in for the home."""
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        """Stands in for `/tmp`."""
        return self.folder / "tmp"

    def make(self) -> None:
        """Make the folders, which only the user may read. Raises OSError."""
        for folder in (self.folder, self.home, self.temporary):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(self.folder)

    def is_set_up(self, command: str) -> bool:
        """Whether this setup command has succeeded here."""
        try:
            return self._mark.read_text("ascii") == _digest(command)
        except OSError:
            return False

    def mark_set_up(self, command: str) -> None:
        """Note that this setup command has succeeded. Raises OSError."""
        self._mark.write_text(_digest(command), "ascii")

    @property
    def _mark(self) -> Path:
        return self.folder / "setup"


def _digest(command: str) -> str:
    return hashlib.sha256(command.encode("utf-8", "surrogatepass")).hexdigest()


def scratch_for(session_id: str) -> Scratch:
    """Return the scratch folders of a session; nothing is made yet."""
    return Scratch(_all_scratch() / session_id)


def remove_old_scratch(now_s: float | None = None) -> None:
    """Delete the folders of sessions that ran no command for a week; what cannot be deleted stays."""
    limit = (time.time() if now_s is None else now_s) - _KEPT_S
    for folder in _folders():
        try:
            is_old = folder.stat().st_mtime < limit
        except OSError:
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    try:
        yield from _all_scratch().iterdir()
    except OSError:
        return


def _all_scratch() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("trigpoint") / "sandbox"

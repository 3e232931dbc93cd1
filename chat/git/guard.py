"""Says before each call of git what may run in a repository now.

Trust is bound to what a repository asks for, and that can change while a chat is open: the model may
edit a hook that lies in the work tree, a pull may bring another. So the files that decide are looked
at before every call, and read again where one has changed. Reads the disk, and may ask git.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chat.errors import GitError
from chat.trust.git_claim import GitClaim, git_claim
from chat.trust.grants import store_path
from repomap import escaped, look_for_doubts

Decide = Callable[[GitClaim], bool]
"""Whether the user lets a repository have what it asks for."""

_TICK_NS = 20_000_000
"""Two changes may be so far apart and still get the same time."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What git may run in a repository."""

    trusted: bool
    """The user's hooks, filters and signing, and those of the repository."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Settings that name programs of the repository's, and the values that replace them; none where trusted."""


NOTHING_RUNS = Permission(trusted=False)


class Guard:
    """Looks after one repository, around a folder."""

    def __init__(self, folder: Path, decide: Decide) -> None:
        self._folder = folder
        self._decide = decide
        self._claim = GitClaim()
        self._permission = NOTHING_RUNS
        self._signature: object = None
        self._entries: object = None
        """What the git folder looked like when its entries were last checked; every commit changes that."""

    @property
    def claim(self) -> GitClaim:
        """What the repository asks for now; also where nobody may ask git about it."""
        if self._signature is None or _signature(self._claim.sources) != self._signature:
            self._read()
        elif self._claim.layout and not self._claim.doubts:
            entries = _looks_of(self._claim.layout.git_dir)
            if entries != self._entries and look_for_doubts(self._claim.layout):
                self._read()
            self._entries = entries
        return self._claim

    def _read(self) -> None:
        self._claim = git_claim(self._folder)
        signature = _signature(self._claim.sources)
        trusted = self._decide(self._claim)
        self._permission = Permission(trusted, {} if trusted else self._claim.overrides)
        self._signature = signature
        self._entries = _looks_of(self._claim.layout.git_dir) if self._claim.layout else None

    def permission(self) -> Permission:
        """Return what git may run. Raises GitError where it must not even be asked."""
        claim = self.claim
        if claim.doubts and not self._permission.trusted:
            raise GitError(
                f"{escaped(str(self._folder))}: {escaped('; '.join(claim.doubts))}. git could work on what is not "
                "this folder's, and the folder is not trusted, so nothing was done. If it is yours, trust it with "
                "`trigpoint trust`, or go on with --no-git."
            )
        return self._permission


def _signature(sources: tuple[Path, ...]) -> object:
    """Return a value that equals an earlier one only where no file has changed, the user's grants included."""
    now_ns = time.time_ns()
    return tuple(_look(path, now_ns) for path in (*sources, store_path()))


def _looks_of(folder: Path) -> object:
    return _look(folder, time.time_ns())


def _look(path: Path, now_ns: int) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return None
    if max(status.st_ctime_ns, status.st_mtime_ns) > now_ns - _TICK_NS:
        return object()  # it may change again and keep its times
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

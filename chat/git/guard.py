"""Says before each call of git what may run in a repository now.

Trust is bound to what a repository asks for, and that can change while a chat is open: the model may
edit a hook that lies in the work tree, a pull may bring another. So the files that decide are looked
at before every call, and read again where one has changed. Reads the disk, and may ask git.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chat.errors import GitError
from chat.trust.git_claim import GitClaim, git_claim
from chat.trust.grants import store_path
from repomap import escaped, look_for_doubts, stat_signature

Decide = Callable[[GitClaim], bool]
"""Whether the user lets a repository have what it asks for."""


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
        now_ns = time.time_ns()
        if self._signature is None or _signature(self._claim.sources, now_ns) != self._signature:
            self._read()
        elif self._claim.layout and not self._claim.doubts:
            entries = stat_signature(self._claim.layout.git_dir, now_ns)
            if entries != self._entries and look_for_doubts(self._claim.layout):
                self._read()
            self._entries = entries
        return self._claim

    def _read(self) -> None:
        began_ns = time.time_ns()  # what changes while it is read is read again
        self._claim = git_claim(self._folder)
        trusted = self._decide(self._claim)
        self._permission = Permission(trusted, {} if trusted else self._claim.overrides)
        self._signature = _signature(self._claim.sources, began_ns)
        layout = self._claim.layout
        self._entries = stat_signature(layout.git_dir, began_ns) if layout else None

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


def _signature(sources: tuple[Path, ...], since_ns: int) -> object:
    """Return a value that equals an earlier one only where no file has changed, the user's grants included."""
    return tuple(stat_signature(path, since_ns) for path in (*sources, store_path()))

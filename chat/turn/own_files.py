"""[io] What one turn has made of files, as it is kept, committed and undone: its own writes and nothing else.

What a file holds and what is written is kept before the write. From then on, whatever differs from the turn's
own writes is somebody else's: saved in an editor, or committed, while checks were running. It is kept apart
from the turn's commit, and undo leaves it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from chat.sessions.records.changes import EditAdopted
from chat.snapshots.file_states import read_state
from chat.snapshots.own_changes import OwnChange, carried, paths_of, same
from chat.snapshots.store import FileState
from chat.state.state import State

if TYPE_CHECKING:
    from edits import FileChange


@dataclass(frozen=True, slots=True)
class ToCommit:
    """What a turn's commit takes of its files, where that is not what is on disk."""

    contents: Mapping[RepoPath, bytes | None] = field(default_factory=dict)
    """None: no file."""
    apart: tuple[RepoPath, ...] = ()
    """Files in which somebody else's changes stay uncommitted."""
    clashing: tuple[RepoPath, ...] = ()
    """Files of which the turn's part cannot be told from somebody else's."""


@dataclass(slots=True)
class OwnFiles:
    """The writes of one turn."""

    state: State
    changes: tuple[OwnChange, ...] = ()
    """Every step, in order."""
    writes: tuple[str, ...] = ()
    """The records that hold them."""
    head: str | None = None
    """Where the branch was at the last write."""

    def keep(self, changes: Sequence["FileChange"]) -> tuple[str, tuple[OwnChange, ...]]:
        """Keep what files hold, and what is about to be written. Raises ChatError; then do not write."""
        steps = tuple(self._step(change) for change in changes)
        return self.state.ports.kept.keep(steps), steps

    def written(self, kept: str, steps: tuple[OwnChange, ...]) -> None:
        """Count what was kept as the turn's own: it is on disk."""
        repository = self.state.ports.repository
        self.changes, self.writes = (*self.changes, *steps), (*self.writes, kept)
        self.head = repository.head() if repository else None

    @contextmanager
    def adopting(self) -> Iterator[None]:
        """Count what becomes of the turn's files in the body as its own: a linter that was told to mends them."""
        left = {path: state for path, state in self._left().items() if same(self._now(path), state)}
        yield
        self._adopt(left)

    def adopt(self, paths: Sequence[RepoPath]) -> None:
        """Count what these files hold now as the turn's own, since a hook has rewritten them."""
        left = self._left()
        self._adopt({path: left[path] for path in paths if path in left})

    def to_commit(self) -> ToCommit:
        """Return what a commit takes of the turn's files, and what of them it leaves to somebody else."""
        contents: dict[RepoPath, bytes | None] = {}
        apart: list[RepoPath] = []
        clashing: list[RepoPath] = []
        repository = self.state.ports.repository
        has_moved = repository is not None and repository.head() != self.head
        for path in paths_of(self.changes):
            steps = [change for change in self.changes if change.path == path]
            now = self._now(path)
            if not has_moved and same(now, steps[-1].after) and _is_unbroken(steps):
                continue
            start = self._start(path, steps[0].before, has_moved)
            becomes = carried({path: start}, steps, merge_texts)
            wanted = becomes.states.get(path, start)
            if becomes.clashing:
                clashing.append(path)
            elif not same(wanted, now):
                apart.append(path)
                contents[path] = wanted.data if wanted else None
        return ToCommit(contents, tuple(apart), tuple(clashing))

    def _start(self, path: RepoPath, before: FileState | None, has_moved: bool) -> FileState | None:
        """What the commit finds: the file as it was, or what somebody has committed of it since."""
        repository = self.state.ports.repository
        committed = repository.at_head(path) if has_moved and repository is not None else None
        if committed is None:  # not in HEAD, so not committed by anybody
            return before
        return replace(before, data=committed) if before else FileState(committed)

    def _step(self, change: "FileChange") -> OwnChange:
        path = self._real(change.path)
        before = self._now(path)
        model = before or (self._now(self._real(change.moved_from)) if change.moved_from else None)
        executable = change.executable if model is None else model.executable
        after = None if change.after is None else FileState(change.after, "file", executable)
        return OwnChange(path, before, after)

    def _adopt(self, left: Mapping[RepoPath, FileState | None]) -> None:
        steps = tuple(
            OwnChange(path, state, now)
            for path, state in left.items()
            if not same(now := self._now(path), state)
        )
        if steps:
            kept = self.state.ports.kept.keep(steps)
            self.state.ports.journal.write(EditAdopted(kept))
            self.changes, self.writes = (*self.changes, *steps), (*self.writes, kept)

    def _left(self) -> dict[RepoPath, FileState | None]:
        return {change.path: change.after for change in self.changes}

    def _now(self, path: RepoPath) -> FileState | None:
        return read_state(self.state.ports.root, path)

    def _real(self, path: RepoPath) -> RepoPath:
        """The file that a path leads to: an edit through a link changes another file."""
        return (real_paths(self.state.ports.root, path) or (path,))[-1]


def _is_unbroken(steps: Sequence[OwnChange]) -> bool:
    """Whether each step begins where the one before it ended."""
    return all(same(earlier.after, later.before) for earlier, later in pairwise(steps))

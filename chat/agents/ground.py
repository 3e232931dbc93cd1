"""[io] Where an agent works: in the folder of the chat, which it then cannot change, or in a git work tree.

A work tree is of HEAD, with what differs from it in the folder, so that the agent sees what the main model sees. What
it makes of files there is read off at the end, and the work tree is removed.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chat.events import Emit
from chat.git.process import Git
from chat.git.work_tree import WorkTree
from chat.git.worktrees import at_head, changed_in, passing_worktree
from chat.model import RepoPath
from chat.ports import Ran, Shell
from chat.safety.shell import NO_VARIABLES
from chat.safety.stopping import POLL_S, stop_if_wanted
from chat.snapshots.file_states import read_state, write_states
from chat.snapshots.own_changes import OwnChange, same
from chat.snapshots.store import FileState
from chat.state.state import State
from chat.state.workspace import Workspace

_MAX_CARRIED_BYTES = 5_000_000
"""A larger file that differs from HEAD is in the work tree as HEAD has it."""

OpenShells = Callable[[Path, Emit], tuple[Shell, Shell | None]]
"""Opens what runs checks and the model's commands in a folder; it may have something to say to the user."""
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class SharedShell:
    """Runs the commands of agents in one folder one after the other: they write to the same files and caches."""

    shell: Shell

    def run(
        self,
        command: str,
        timeout_s: float | None = None,
        *,
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> Ran:
        """Run a command line in the root; a timeout ends its whole process group."""
        while not _ONE_AT_A_TIME.acquire(timeout=POLL_S):
            stop_if_wanted()
        try:
            return self.shell.run(command, timeout_s, variables=variables)
        finally:
            _ONE_AT_A_TIME.release()


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder to work in."""

    root: Path
    workspace: Workspace
    check_shell: Shell | None
    model_shell: Shell | None
    changes: Callable[[Iterable[RepoPath], bool], tuple[OwnChange, ...]] = field(
        default=lambda _paths, _all: ()
    )
    """(what the agent has edited, whether new files count that something else made) → what has changed."""


def shared_ground(state: State, *, own_view: bool, runs: bool) -> Ground:
    """Return the folder of the chat; with an ``own_view`` of its index, which has read rules of its own."""
    ports = state.ports
    workspace = Workspace(ports.root, masks=ports.masks) if own_view else ports.workspace
    shell = SharedShell(ports.model_shell) if runs and ports.model_shell is not None else None
    return Ground(ports.root, workspace, ports.check_shell, shell)


@contextmanager
def worktree_ground(
    state: State, work_tree: WorkTree, open_shells: OpenShells, emit: Emit
) -> Iterator[Ground]:
    """Give a work tree that is gone afterwards. Raises GitError."""
    settings, masks = state.settings, state.ports.masks
    with passing_worktree(work_tree) as git:
        root = git.folder / work_tree.prefix
        root.mkdir(parents=True, exist_ok=True)
        carried = _carry_over(state, root)
        workspace = Workspace(root, history=False, encodings=settings.encoding, masks=masks)
        check_shell, model_shell = open_shells(root, emit)

        def changes(edited: Iterable[RepoPath], takes_new: bool) -> tuple[OwnChange, ...]:
            return tuple(_changes(git, work_tree.prefix, root, carried, frozenset(edited), takes_new))

        yield Ground(root, workspace, check_shell, model_shell, changes)


def _carry_over(state: State, root: Path) -> Mapping[RepoPath, FileState | None]:
    """Make the files that differ from HEAD in the folder of the chat the same in a work tree; return them."""
    repository = state.ports.repository
    states: dict[RepoPath, FileState | None] = {}
    for path in repository.changes() if repository else ():
        full = state.ports.root / path
        if os.path.lexists(full) and os.lstat(full).st_size > _MAX_CARRIED_BYTES:
            continue
        found = read_state(state.ports.root, path)
        if found is None or found.kind != "other":
            states[path] = found
    write_states(root, {path: read_state(root, path) for path in states}, states)
    return states


def _changes(
    git: Git,
    prefix: str,
    root: Path,
    carried: Mapping[RepoPath, FileState | None],
    edited: frozenset[RepoPath],
    takes_new: bool,
) -> Iterator[OwnChange]:
    """Yield what has become of each file, from what the work tree began with."""
    for path in sorted({*changed_in(git, prefix), *carried, *edited}):
        before = carried[path] if path in carried else _committed(git, prefix + path)
        now = read_state(root, path)
        is_new = before is None and path not in edited
        if not same(before, now) and (takes_new or not is_new):
            yield OwnChange(path, before, now)


def _committed(git: Git, path: str) -> FileState | None:
    data = at_head(git, path)
    return None if data is None else FileState(data)

"""What a turn itself made of files, step by step, carried over to the files as they are now. Pure.

Each write of a turn is a step from one state of a file to the next. What somebody else has changed between
two steps, or since the last, belongs to no step: it is merged with what is undone, redone or committed, or
the step is said to clash.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chat.model import RepoPath
from chat.snapshots.store import FileState, States

Merge = Callable[[bytes, bytes, bytes], bytes | None]
"""(base, ours, theirs) → the text with both sides' changes, or None where they clash."""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """What one step made of one file; None: not there. The path has its links followed."""

    path: RepoPath
    before: FileState | None
    after: FileState | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What files become, and what cannot be decided."""

    states: dict[RepoPath, FileState | None]
    """Of the files that change."""
    merged: tuple[RepoPath, ...] = ()
    """Those of them in which somebody else's changes stay."""
    clashing: tuple[RepoPath, ...] = ()
    """Files that somebody else has changed in the same lines, or in which nothing can be merged."""


def way_back(changes: Sequence[OwnChange]) -> tuple[OwnChange, ...]:
    """Return the steps that undo these, the last first."""
    return tuple(OwnChange(change.path, change.after, change.before) for change in reversed(changes))


def paths_of(changes: Iterable[OwnChange]) -> tuple[RepoPath, ...]:
    """Return the files of these steps, sorted, each once."""
    return tuple(sorted({change.path for change in changes}))


def carried(current: States, steps: Iterable[OwnChange], merge: Merge) -> Carried:
    """Take all steps in order, starting from what each file is now.

    A step that a file has taken already, or that was never taken because its process was killed, changes nothing.
    """
    states = dict(current)
    merged: dict[RepoPath, None] = {}
    clashing: dict[RepoPath, None] = {}
    for step in steps:
        here = states[step.path]
        if step.path in clashing or same(here, step.after) or same(step.before, step.after):
            continue
        if same(here, step.before) and "other" not in (kind_of(here), kind_of(step.after)):
            states[step.path] = step.after
            continue
        both = _merged(step, here, merge)
        if both is None:
            clashing[step.path] = None
        elif not same(both, here):
            states[step.path] = both
            merged[step.path] = None
    changed = {
        path: state
        for path, state in states.items()
        if path not in clashing and not same(state, current[path])
    }
    return Carried(changed, tuple(path for path in merged if path in changed), tuple(clashing))


def same(first: FileState | None, other: FileState | None) -> bool:
    """Whether two states are the same, as far as the system can tell them apart."""
    if first is None or other is None:
        return first is other
    same_mode = os.name == "nt" or first.executable == other.executable
    return (first.kind, first.data) == (other.kind, other.data) and same_mode


def kind_of(state: FileState | None) -> str:
    """Return the kind of a file, "" for one that is not there."""
    return state.kind if state else ""


def _merged(step: OwnChange, here: FileState | None, merge: Merge) -> FileState | None:
    wanted, base = step.after, step.before
    if wanted is None or base is None or here is None or {wanted.kind, base.kind, here.kind} != {"file"}:
        return None
    data = merge(base.data, here.data, wanted.data)
    executable = wanted.executable if here.executable == base.executable else here.executable
    return None if data is None else FileState(data, "file", executable)

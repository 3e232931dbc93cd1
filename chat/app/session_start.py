"""[io] The settings → the session that they ask for: a new one, one to continue, or a fork of another."""

import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.display.amounts import counted
from chat.errors import SessionError
from chat.model import ModelRole
from chat.ports import Journal
from chat.safety.masks import Masks
from chat.safety.printable import on_one_line
from chat.sessions.journal import FileJournal, NoJournal, read_history, read_lines
from chat.sessions.locations import (
    SUFFIX,
    has_turns,
    new_id,
    place_of,
    project_folder,
    session_matching,
    sessions_of,
)
from chat.sessions.outputs import Outputs
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.records.session import SessionBegin
from chat.sessions.replay import restore
from chat.sessions.restored import RestoredSession
from chat.settings.table import Settings
from chat.snapshots.kept_changes import KeptChanges
from chat.state.state import State


@dataclass(frozen=True, slots=True)
class Origin:
    """The session that a fork is a copy of."""

    session_id: str
    last_record: int
    """The number of the last record that was copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that is open for writing."""

    journal: Journal
    restored: RestoredSession | None = None
    """What it held before; None for a new one."""
    origin: Origin | None = None
    notice: str = ""
    """What the user should know about where it was."""
    kept: KeptChanges = field(default_factory=KeptChanges)
    outputs: Outputs = field(default_factory=Outputs)
    history: Callable[[], Iterable[JournalLine]] = tuple

    @property
    def transcript(self) -> str:
        """The path of the journal; "" where the session is not kept."""
        return str(self.journal.path) if isinstance(self.journal, FileJournal) else ""


def open_session(settings: Settings, root: Path, masks: Masks) -> OpenSession:
    """Open the session that the settings ask for. Raises SessionError."""
    if not _is_kept(settings):
        return OpenSession(journal=NoJournal(), outputs=Outputs(masks=masks))
    folder = project_folder(root)
    earlier = _find_session(settings, folder)
    if earlier is None:
        return _open_at(folder / f"{new_id()}{SUFFIX}", masks)
    if settings.fork_session:
        return _open_fork(earlier, folder / f"{new_id()}{SUFFIX}", masks)
    if earlier.parent == folder:
        return _open_earlier(earlier, masks)
    old_root = _move_here(earlier, folder, root)
    notice = f"Session {earlier.stem} was one of {old_root}, which has this name now; it is continued here."
    return replace(_open_earlier(folder / earlier.name, masks), notice=notice)


def _is_kept(settings: Settings) -> bool:
    """Whether the session is saved: that of a bare run only where it is asked for, or continues one that was."""
    is_asked = "session-persistence" in dict(settings.sources) or settings.continue_session or settings.resume
    return settings.session_persistence and bool(not settings.bare or is_asked)


def _open_fork(earlier: Path, path: Path, masks: Masks) -> OpenSession:
    from chat.recovery.resume import forked

    lines = tuple(read_lines(earlier))
    origin = Origin(earlier.stem, lines[-1].number if lines else 0)
    return _open_at(path, masks, restored=forked(restore(lines)), origin=origin)


def _open_earlier(path: Path, masks: Masks) -> OpenSession:
    journal = FileJournal(path)  # opened before it is read: another process may be writing to it
    lines = read_lines(path)
    first = next(lines, None)  # None where the session was killed before it had written a line
    restored = restore(itertools.chain((first,), lines)) if first else None
    return _open_at(path, masks, restored=restored, journal=journal)


def _open_at(
    path: Path,
    masks: Masks,
    *,
    restored: RestoredSession | None = None,
    origin: Origin | None = None,
    journal: FileJournal | None = None,
) -> OpenSession:
    return OpenSession(
        journal=journal or FileJournal(path),
        restored=restored,
        origin=origin,
        kept=KeptChanges(path.with_name(f"{path.stem}.kept")),
        outputs=Outputs(path.with_name(f"{path.stem}.outputs"), masks),
        history=lambda: read_history(path),
    )


def _find_session(settings: Settings, folder: Path) -> Path | None:
    """Find the session to continue, perhaps in another folder; None for a new one. Raises SessionError.

    A run that only showed or committed something is passed over for a session in which a request was sent.
    """
    if not settings.resume:
        sessions = sessions_of(folder) if settings.continue_session else ()
        return next(filter(has_turns, sessions), next(iter(sessions), None))
    return session_matching(folder, settings.resume)


def _move_here(old_path: Path, folder: Path, root: Path) -> str:
    """Move a session here whose folder was renamed, and return the old name. Raises SessionError.

    Another folder does not take a session away, even where its own is gone: it may come back, or have moved.
    """
    first = next(read_lines(old_path), None)
    old_root = str(first.fields.get("root", "")) if first else ""
    if os.path.isdir(old_root):
        raise SessionError(
            f"{old_path.stem} is a session of {old_root}, so it was not continued in {root}. Continue it there, "
            "or in a copy with --fork-session."
        )
    if first is None or first.fields.get("place") != place_of(root):
        raise SessionError(
            f"{old_path.stem} is a session of {old_root}, which is gone, and {root} is another folder; nothing was "
            "changed. If that folder was copied here, continue in a copy of the session with --fork-session."
        )
    FileJournal(old_path).close()  # raises where another process has it open
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in old_path.parent.glob(f"{old_path.stem}.*"):
        os.replace(path, folder / path.name)
    return old_root


def begin_session(state: State, session: OpenSession) -> str:
    """Write the session's first record, or bring back what it holds; returns the request to take again, or ""."""
    if session.restored is not None:
        state.ports.notice(_continued(session.restored, session))
    if session.restored is None:
        root = state.ports.root
        state.ports.journal.write(SessionBegin(str(root), _main_model(state), place=place_of(root)))
        return ""
    if session.notice:
        state.ports.notice(session.notice)
    if session.restored.skipped:
        kinds = ", ".join(session.restored.skipped)
        state.ports.notice(
            f"This version cannot read some records of the session and skipped them ({kinds}).", "warning"
        )
    if session.origin is None:
        from chat.recovery.resume import resume

        return resume(state, session.restored)
    state.ports.journal.write(
        SessionBegin(
            str(state.ports.root),
            _main_model(state),
            fork_of=session.origin.session_id,
            fork_at=session.origin.last_record,
            place=place_of(state.ports.root),
        )
    )
    state.writer.put(session.restored.conversation)
    return ""


def _continued(restored: RestoredSession, session: OpenSession) -> str:
    """Say which session goes on."""
    count = len(restored.requests)
    name = session.origin.session_id if session.origin else session.journal.session_id
    what = counted(count, "turn")
    last = f", the last: “{on_one_line(restored.requests[-1], 60)}”" if restored.requests else ""
    return f"{'Continuing a copy of' if session.origin else 'Continuing'} session {name}: {what}{last}."


def _main_model(state: State) -> str:
    """Return the model as the user wrote it, for which the table of models need not be read."""
    return state.settings.model or state.model.name(ModelRole.MAIN)

"""[io] The journals that `trigpoint sessions` reads and removes, without their secrets."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from chat.app.hiding import learn_key_files
from chat.cli.session_filters import line_matcher
from chat.errors import ChatError, SessionError
from chat.safety.masks import Masks, known_values
from chat.safety.printable import without_escapes
from chat.safety.secrets import secret_values
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import SUFFIX, all_sessions, project_folder, session_matching, sessions_of
from chat.sessions.metrics import Measured, measure
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.records.session import SessionBegin
from chat.sessions.transcripts import SessionMessage, lines_matching, messages_in
from chat.trust.claims import find_root


def _folder() -> Path:
    here = Path.cwd()
    return project_folder(find_root(here) or here)


def listed_sessions(everywhere: bool) -> list[Path]:
    """The journals, most recently used first."""
    return all_sessions() if everywhere else list(sessions_of(_folder()))


def find_session(prefix: str) -> Path:
    """Find the one session whose id begins with this, here or else in any folder. Raises SessionError."""
    return session_matching(_folder(), prefix)


def records_of(path: Path) -> Iterator[JournalLine]:
    """Read a journal's records; if it is unreadable, report that and yield none."""
    try:
        yield from read_lines(path)
    except SessionError as error:
        click.echo(f"trigpoint: {without_escapes(str(error))}", err=True)


def measured_sessions(paths: Iterable[Path], pattern: str = "") -> list[Measured]:
    """Measure the sessions of which a line matches; all without a pattern."""
    matches = line_matcher(pattern) if pattern else None
    sessions = []
    for path in paths:
        records = list(records_of(path))
        if matches is None or any(lines_matching(messages_in(records), matches)):
            measured = measure(path.stem, records)
            hidden = tuple(map(masks_of(records).hidden, measured.requests))
            sessions.append(replace(measured, requests=hidden))
    return sessions


def masks_of(lines: Iterable[JournalLine]) -> Masks:
    """What is secret in a session: what is so here and now, and what its texts show to be so."""
    masks = Masks(known_values(secret_values(os.environ)))
    for line in lines:
        if line.kind == SessionBegin.kind:
            learn_key_files(masks, Path(str(line.fields.get("root", ""))))
        masks.hidden_fields(line.fields)
    return masks


def messages_of(path: Path) -> Iterator[SessionMessage]:
    """The messages of a session, without secrets."""
    lines = list(records_of(path))
    masks = masks_of(lines)
    return (replace(message, text=masks.hidden(message.text)) for message in messages_in(lines))


def remove_session(path: Path) -> bool:
    """Remove a session and its side files; return False if another process has it open."""
    try:
        FileJournal(path).close()
    except SessionError:
        return False
    for side_folder in path.parent.glob(f"{path.stem}.*"):
        if side_folder.suffix != SUFFIX:
            shutil.rmtree(side_folder, ignore_errors=True)
    path.unlink(missing_ok=True)
    return True


def prune_snapshots(age_s: float) -> int:
    """Remove old snapshots from the repository around the working directory; return how many."""
    from chat.git.repository import open_repository
    from chat.sessions.locations import new_id
    from chat.snapshots.git_snapshots import GitSnapshots

    root = find_root(Path.cwd())
    repository = open_repository(root, trusted=False) if root else None
    if repository is None:
        return 0
    try:
        return GitSnapshots(repository, new_id()).prune(age_s, 0)
    except ChatError as error:
        click.echo(f"trigpoint: {without_escapes(str(error))}", err=True)
        return 0

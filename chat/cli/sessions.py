"""[io] `trigpoint sessions`: the journals of earlier sessions, for people or as JSON.

Nothing here calls a model; only `tag` and `prune` write.
"""

import functools
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.app.hiding import learn_key_files
from chat.display.amounts import token_count, usd
from chat.errors import ChatError, InputError, SessionError, UsageError
from chat.model import Usage
from chat.safety.masks import Masks, known_values
from chat.safety.printable import cut_line, without_escapes
from chat.safety.secrets import secret_values
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import SUFFIX, all_sessions, matching_sessions, project_folder, sessions_of
from chat.sessions.metrics import (
    Measured,
    as_fields,
    by_model,
    cached_share,
    matching,
    measure,
    prompt_tokens_by_turn,
    usage_fields,
)
from chat.sessions.plot import svg_plot, text_plot
from chat.sessions.records import JournalLine, SessionBegin, SessionTag
from chat.sessions.transcripts import SessionMessage, lines_matching, markdown, messages_in
from chat.trust.claims import find_root
from repomap import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_REQUEST_CHARACTERS = 60
"""A longer request is cut in the list."""
_DAY_S = 86_400.0
_SECONDS = {"h": 3_600.0, "d": _DAY_S, "w": 7 * _DAY_S}
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
"""As journals write times: UTC, to the second."""


def complete_session(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Complete an id by the sessions of this folder, the newest first."""
    from click.shell_completion import CompletionItem

    from chat.sessions.recent import recent_sessions

    found = recent_sessions(find_root(Path.cwd()) or Path.cwd())
    return [
        CompletionItem(row.session_id, help=row.last)
        for row in found
        if row.session_id.startswith(incomplete)
    ]


all_folders = click.option("--all", "everywhere", is_flag=True, help="Include the sessions of all folders.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def filters(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that choose among sessions."""
    options = (
        all_folders,
        click.option(
            "--since",
            metavar="TIME",
            default="",
            help="Only those used since a date, or in the last 12h, 30d, 2w.",
        ),
        click.option("--tag", metavar="TAG", default="", help="Only those with this tag."),
        click.option(
            "--grep",
            "pattern",
            metavar="PATTERN",
            default="",
            help="Only those whose transcript matches this.",
        ),
        json_option,
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.group(name="sessions", invoke_without_command=True)
@filters
@click.pass_context
def sessions_group(ctx: click.Context, /, **chosen: Any) -> int:
    """List the sessions of this folder, or work with one of them.

    An ID may be shortened as long as it stays unique. `trigpoint --resume ID` resumes a session. Ends with
    code 1 if there is none that the options look for.
    """
    return 0 if ctx.invoked_subcommand else _list(**chosen)


@sessions_group.command(name="list")
@filters
def list_command(**chosen: Any) -> int:
    """List the sessions of this folder, as `trigpoint sessions` alone does."""
    return _list(**chosen)


def _list(everywhere: bool, since: str, tag: str, pattern: str, as_json: bool) -> int:
    sessions = matching(_measured(_sessions(everywhere), pattern), _since(since) if since else "", tag)
    if as_json:
        click.echo(json.dumps([as_fields(session) for session in sessions], indent=1))
    elif sessions:
        _table(("id", "used (UTC)", "turns", "cost", "last request"), [_row(session) for session in sessions])
    else:
        click.echo("There is no such session.", err=True)
    return ExitCode.DONE if sessions or not (since or tag or pattern) else ExitCode.FAILED


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@json_option
def show(session: str, as_json: bool) -> int:
    """Print the transcript of a session."""
    path = _find(session)
    _print_session(path, "json" if as_json else "markdown", None)
    return 0


@sessions_group.command()
@click.argument("pattern")
@all_folders
@json_option
def grep(pattern: str, everywhere: bool, as_json: bool) -> int:
    """Print the transcript lines that match PATTERN.

    PATTERN is a regular expression; case is ignored. Ends with code 1 if no line matches.
    """
    matches = _matcher(pattern)
    hits = [
        (path.stem, utterance, number, line)
        for path in _sessions(everywhere)
        for utterance, number, line in lines_matching(_messages(path), matches)
    ]
    for session, utterance, number, line in hits:
        if as_json:
            row = {
                "session": session,
                "turn": utterance.turn,
                "role": utterance.role,
                "line": number,
                "text": line,
            }
            click.echo(json.dumps(row))
        else:
            _print(f"{session} turn {utterance.turn} {utterance.role}: {line.strip()}")
    return ExitCode.DONE if hits else ExitCode.FAILED


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@click.argument("tag")
def tag(session: str, tag: str) -> int:
    """Tag a session, for `trigpoint sessions --tag`."""
    path = _find(session)
    if tag in _tags(path):
        _print(f"{path.stem}: has the tag {tag} already")
    else:
        _write_tag(path, SessionTag(tag))
        _print(f"{path.stem}: tagged {tag}")
    return 0


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@click.argument("tag")
def untag(session: str, tag: str) -> int:
    """Remove a tag from a session."""
    path = _find(session)
    if tag not in _tags(path):
        known = ", ".join(_tags(path)) or "none"
        raise SessionError(f"{path.stem} does not have the tag {tag}. Nothing changed; its tags: {known}.")
    _write_tag(path, SessionTag(tag, removed=True))
    _print(f"{path.stem}: no longer tagged {tag}")
    return 0


def _tags(path: Path) -> tuple[str, ...]:
    return measure(path.stem, list(_records(path))).tags


def _write_tag(path: Path, record: SessionTag) -> None:
    """Append a record; the session counts as used when it was before, since --continue resumes the one used last."""
    used = path.stat()
    journal = FileJournal(path)
    try:
        journal.write(record)
    finally:
        journal.close()
    os.utime(path, ns=(used.st_atime_ns, used.st_mtime_ns))


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    help="Write to this file instead of standard output.",
    type=click.Path(path_type=Path),
)
def export(session: str, form: str, target: Path | None) -> int:
    """Export a session as a page, or its records as JSON."""
    _print_session(_find(session), form, target)
    return 0


@sessions_group.command()
@click.option(
    "--older-than",
    "age",
    metavar="AGE",
    default="30d",
    show_default=True,
    help="Age since the last use: 12h, 30d, 2w.",
)
@click.option("--keep", metavar="N", default=0, type=click.IntRange(0), help="Always keep the newest N.")
@click.option("--dry-run", is_flag=True, help="Print what would be removed.")
@all_folders
def prune(age: str, keep: int, dry_run: bool, everywhere: bool) -> int:
    """Remove old sessions with their outputs and snapshots.

    Sessions that another process has open are kept.
    """
    oldest_s = time.time() - _seconds(age)
    old = [path for path in _sessions(everywhere)[keep:] if path.stat().st_mtime < oldest_s]
    removed = [path for path in old if dry_run or _remove(path)]
    for path in removed:
        _print(f"{path.stem}: {'would be removed' if dry_run else 'removed'}")
    snapshots = 0 if dry_run else _prune_snapshots(_seconds(age))
    more = f" and {_counted(snapshots, 'snapshot')}" if snapshots else ""
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} {_counted(len(removed), 'session')}{more}.", err=True)
    return 0


@sessions_group.command()
@click.argument("session", metavar="[ID]", default="", shell_complete=complete_session)
@all_folders
@json_option
@click.option(
    "--svg", metavar="FILE", help="Write the plot to this file, too.", type=click.Path(path_type=Path)
)
def stats(session: str, everywhere: bool, as_json: bool, svg: Path | None) -> int:
    """Print tokens, cost, time and edits by session and model.

    Of the session ID, or of all sessions of this folder.
    """
    paths = [_find(session)] if session else _sessions(everywhere)
    sessions = _measured(paths)
    if not sessions:
        raise SessionError("This folder has no sessions, so there is nothing to count.")
    turns = [tokens for measured in reversed(sessions) for tokens in prompt_tokens_by_turn(measured)]
    names = sessions[0].session if len(sessions) == 1 else f"{len(sessions)} sessions"
    title = f"Prompt tokens by turn, {names}"
    if svg is not None:
        _write(svg, svg_plot(turns, title))
    if as_json:
        models = {name: usage_fields(usage) for name, usage in by_model(sessions).items()}
        fields = {"sessions": [as_fields(measured) for measured in sessions], "models": models}
        click.echo(json.dumps(fields, indent=1))
        return 0
    heads = ("in", "cached", "out", "cost")
    _table(
        ("session", "turns", *heads, "time", "edits", "refused"),
        [
            (
                measured.session,
                str(len(measured.requests)),
                *_spent(measured.usage),
                f"{measured.seconds:.0f} s",
                str(measured.applied),
                str(measured.refused),
            )
            for measured in sessions
        ],
    )
    click.echo()
    rows = [(name, str(usage.calls), *_spent(usage)) for name, usage in by_model(sessions).items()]
    _table(("model", "calls", *heads), rows)
    _print(f"\n{text_plot(turns, title)}")
    return 0


# Finding and reading


def _folder() -> Path:
    here = Path.cwd()
    return project_folder(find_root(here) or here)


def _sessions(everywhere: bool) -> list[Path]:
    """The journals, most recently used first."""
    return all_sessions() if everywhere else list(sessions_of(_folder()))


def _find(prefix: str) -> Path:
    """Find the one session whose id begins with this, here or else in any folder. Raises SessionError."""
    paths = matching_sessions(_sessions(False), prefix) or matching_sessions(_sessions(True), prefix)
    if not paths:
        raise SessionError(f"No session matches {prefix}. `trigpoint sessions --all` lists them.")
    if len(paths) > 1:
        names = ", ".join(path.stem for path in paths[:5])
        raise SessionError(f"{len(paths)} sessions match {prefix} ({names}, …). Give more of the id.")
    return paths[0]


def _records(path: Path) -> Iterator[JournalLine]:
    """Read a journal's records; if it is unreadable, report that and yield none."""
    try:
        yield from read_lines(path)
    except SessionError as error:
        click.echo(f"trigpoint: {without_escapes(str(error))}", err=True)


def _measured(paths: Iterable[Path], pattern: str = "") -> list[Measured]:
    matches = _matcher(pattern) if pattern else None
    sessions = []
    for path in paths:
        records = list(_records(path))
        if matches is None or any(lines_matching(messages_in(records), matches)):
            measured = measure(path.stem, records)
            hidden = tuple(map(_masks(records).hidden, measured.requests))
            sessions.append(replace(measured, requests=hidden))
    return sessions


def _matcher(pattern: str) -> Callable[[str], bool]:
    try:
        regex = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"{pattern} is not a regular expression: {error}. Nothing was searched.") from error
    return lambda line: bool(regex.search(line))


def _since(text: str) -> str:
    """Turn a date or an age into a time as journals write it. Raises UsageError."""
    if re.fullmatch(r"\d+[hdw]", text):
        return time.strftime(_TIME_FORMAT, time.gmtime(time.time() - _seconds(text)))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:]+Z?)?", text):
        raise UsageError(f"{text} is not a time. Give a date like 2026-01-31, or an age like 12h, 30d, 2w.")
    return text


def _seconds(age: str) -> float:
    """Seconds in an age such as `12h`. Raises UsageError.

    >>> _seconds("2w")
    1209600.0
    """
    match = re.fullmatch(r"(\d+)([hdw])", age)
    if not match:
        raise UsageError(f"{age} is not an age. Give one like 12h, 30d or 2w. Nothing was done.")
    return int(match[1]) * _SECONDS[match[2]]


# Removing


def _remove(path: Path) -> bool:
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


def _prune_snapshots(age_s: float) -> int:
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


# Printing


def _masks(lines: Iterable[JournalLine]) -> Masks:
    """What is secret in a session: what is so here and now, and what its texts show to be so."""
    masks = Masks(known_values(secret_values(os.environ)))
    for line in lines:
        if line.kind == SessionBegin.kind:
            learn_key_files(masks, Path(str(line.fields.get("root", ""))))
        masks.hidden_fields(line.fields)
    return masks


def _messages(path: Path) -> Iterator[SessionMessage]:
    """The messages of a session, without secrets."""
    lines = list(_records(path))
    masks = _masks(lines)
    return (replace(message, text=masks.hidden(message.text)) for message in messages_in(lines))


def _print_session(path: Path, form: str, target: Path | None) -> None:
    if form == "json":
        lines = list(read_lines(path))
        masks = _masks(lines)
        fields = [{"n": line.number, "t": line.time, "kind": line.kind, **line.fields} for line in lines]
        records = masks.hidden_fields(fields)
        text = json.dumps({"session": path.stem, "records": records}, indent=1) + "\n"
    else:
        list(read_lines(path))  # raises where it cannot be read
        text = markdown(path.stem, _messages(path))
    if target is None:
        click.echo(without_escapes(text), nl=False)
    else:
        _write(target, text)


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}. Nothing was written; choose another file.") from error


def _row(session: Measured) -> tuple[str, ...]:
    when = session.ended.replace("T", " ").removesuffix(":00Z").removesuffix("Z")[:16]
    tags = "".join(f" [{tag}]" for tag in session.tags)
    last = cut_line(session.last, _REQUEST_CHARACTERS)
    return session.session, when, str(len(session.requests)), _usd(session.usage), f"{last}{tags}"


def _spent(usage: Usage) -> tuple[str, str, str, str]:
    share = f"{100 * cached_share(usage):.0f} %"
    return token_count(usage.prompt_tokens), share, token_count(usage.completion_tokens), _usd(usage)


def _usd(usage: Usage) -> str:
    return "unknown" if usage.cost_usd is None else usd(usage.cost_usd)


def _counted(count: int, noun: str) -> str:
    """Write a count with its noun.

    >>> _counted(1, "session"), _counted(2, "session")
    ('1 session', '2 sessions')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _print(text: str) -> None:
    click.echo(without_escapes(text))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print columns, drawn by rich at a terminal and separated by tabs elsewhere."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            _print("\t".join(map(str, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for head in heads:
        is_text = head in ("id", "session", "model", "last request", "used (UTC)")
        table.add_column(head, justify="left" if is_text else "right", no_wrap=head != "last request")
    for row in rows:
        table.add_row(*(Text(without_escapes(str(cell))) for cell in row))
    Console().print(table)

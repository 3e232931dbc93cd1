"""[io] `trigpoint sessions`: the journals of earlier sessions, for people or as JSON.

Nothing here calls a model; only `tag` and `prune` write.
"""

import functools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.cli.session_files import (
    find_session,
    listed_sessions,
    masks_of,
    measured_sessions,
    messages_of,
    prune_snapshots,
    records_of,
    remove_session,
)
from chat.cli.session_filters import age_seconds, line_matcher, since_time
from chat.cli.session_tables import print_line, print_table, session_row, spent_cells
from chat.display.amounts import counted
from chat.errors import InputError, SessionError
from chat.safety.printable import without_escapes
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.metrics import (
    Measured,
    as_fields,
    by_model,
    matching,
    measure,
    prompt_tokens_by_turn,
    usage_fields,
)
from chat.sessions.plot import svg_plot, text_plot
from chat.sessions.records.session import SessionTag
from chat.sessions.transcripts import lines_matching, markdown
from chat.trust.claims import find_root
from repomap import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


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

    Runs without a request, such as that of a command alone, are listed with --json only. An ID may be shortened as long
    as it stays unique. `trigpoint --resume ID` resumes a session. Ends with code 1 if the
    options leave nothing to list.
    """
    return 0 if ctx.invoked_subcommand else _list(**chosen)


@sessions_group.command(name="list")
@filters
def list_command(**chosen: Any) -> int:
    """List the sessions of this folder, as `trigpoint sessions` alone does."""
    return _list(**chosen)


def _list(everywhere: bool, since: str, tag: str, pattern: str, as_json: bool) -> int:
    found = matching(
        measured_sessions(listed_sessions(everywhere), pattern), since_time(since) if since else "", tag
    )
    sessions = [session for session in found if as_json or session.requests or session.tags]
    if as_json:
        click.echo(json.dumps([as_fields(session) for session in sessions], indent=1))
    elif sessions:
        print_table(
            ("id", "used (UTC)", "turns", "cost", "last request"),
            [session_row(session) for session in sessions],
        )
    elif since or tag or pattern:
        click.echo("There is no such session.", err=True)
    else:
        click.echo(
            f"There are no sessions with a request{'' if everywhere else ' in this folder'}.", err=True
        )
    return ExitCode.DONE if sessions or not (since or tag or pattern) else ExitCode.FAILED


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@json_option
def show(session: str, as_json: bool) -> int:
    """Print the transcript of a session."""
    path = find_session(session)
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
    matches = line_matcher(pattern)
    hits = [
        (path.stem, utterance, number, line)
        for path in listed_sessions(everywhere)
        for utterance, number, line in lines_matching(messages_of(path), matches)
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
            print_line(f"{session} turn {utterance.turn} {utterance.role}: {line.strip()}")
    return ExitCode.DONE if hits else ExitCode.FAILED


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@click.argument("tag")
def tag(session: str, tag: str) -> int:
    """Tag a session, for `trigpoint sessions --tag`."""
    path = find_session(session)
    if tag in _tags(path):
        print_line(f"{path.stem}: has the tag {tag} already")
    else:
        _write_tag(path, SessionTag(tag))
        print_line(f"{path.stem}: tagged {tag}")
    return 0


@sessions_group.command()
@click.argument("session", metavar="ID", shell_complete=complete_session)
@click.argument("tag")
def untag(session: str, tag: str) -> int:
    """Remove a tag from a session."""
    path = find_session(session)
    if tag not in _tags(path):
        known = ", ".join(_tags(path)) or "none"
        raise SessionError(f"{path.stem} does not have the tag {tag}. Nothing changed; its tags: {known}.")
    _write_tag(path, SessionTag(tag, removed=True))
    print_line(f"{path.stem}: no longer tagged {tag}")
    return 0


def _tags(path: Path) -> tuple[str, ...]:
    return measure(path.stem, list(records_of(path))).tags


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
    _print_session(find_session(session), form, target)
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
    oldest_s = time.time() - age_seconds(age)
    old = [path for path in listed_sessions(everywhere)[keep:] if path.stat().st_mtime < oldest_s]
    removed = [path for path in old if dry_run or remove_session(path)]
    for path in removed:
        print_line(f"{path.stem}: {'would be removed' if dry_run else 'removed'}")
    snapshots = 0 if dry_run else prune_snapshots(age_seconds(age))
    more = f" and {counted(snapshots, 'snapshot')}" if snapshots else ""
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} {counted(len(removed), 'session')}{more}.", err=True)
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
    paths = [find_session(session)] if session else listed_sessions(everywhere)
    sessions = measured_sessions(paths)
    if not sessions:
        raise SessionError("This folder has no sessions, so there is nothing to count.")
    turns = [tokens for measured in reversed(sessions) for tokens in prompt_tokens_by_turn(measured)]
    names = sessions[0].session if len(sessions) == 1 else f"{len(sessions)} sessions"
    title = f"Prompt tokens by turn, {names}"
    if svg is not None:
        _write_file(svg, svg_plot(turns, title))
    if as_json:
        models = {name: usage_fields(usage) for name, usage in by_model(sessions).items()}
        fields = {"sessions": [as_fields(measured) for measured in sessions], "models": models}
        click.echo(json.dumps(fields, indent=1))
        return 0
    _print_spent(sessions)
    print_line(f"\n{text_plot(turns, title)}")
    return 0


def _print_spent(sessions: list[Measured]) -> None:
    """Print what was spent, by session and then by model."""
    heads = ("in", "cached", "out", "cost")
    rows = [
        (
            measured.session,
            str(len(measured.requests)),
            *spent_cells(measured.usage),
            f"{measured.seconds:.0f} s",
            str(measured.applied),
            str(measured.refused),
        )
        for measured in sessions
    ]
    print_table(("session", "turns", *heads, "time", "edits", "refused"), rows)
    click.echo()
    models = [(name, str(usage.calls), *spent_cells(usage)) for name, usage in by_model(sessions).items()]
    print_table(("model", "calls", *heads), models)


def _print_session(path: Path, form: str, target: Path | None) -> None:
    if form == "json":
        lines = list(read_lines(path))
        masks = masks_of(lines)
        fields = [{"n": line.number, "t": line.time, "kind": line.kind, **line.fields} for line in lines]
        records = masks.hidden_fields(fields)
        text = json.dumps({"session": path.stem, "records": records}, indent=1) + "\n"
    else:
        list(read_lines(path))  # raises where it cannot be read
        text = markdown(path.stem, messages_of(path))
    if target is None:
        click.echo(without_escapes(text), nl=False)
    else:
        _write_file(target, text)


def _write_file(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}. Nothing was written; choose another file.") from error

"""[io] `trigpoint sessions`: what the journals of earlier sessions hold, for a person or as JSON.

Nothing here talks to a model, and only `tag` and `prune` write.
"""

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from chat.display.event_text import count, usd
from chat.errors import ChatError, InputError, SessionError, UsageError
from chat.model import Usage
from chat.safety.printable import without_escapes
from chat.sessions.journal import (
    SUFFIX,
    FileJournal,
    all_sessions,
    matching_sessions,
    project_folder,
    read_records,
    sessions_of,
)
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
from chat.sessions.record import Record
from chat.sessions.transcripts import lines_matching, markdown, said_in
from chat.trust.grants import find_root

_LONGEST_REQUEST = 60
_DAY_S = 86_400.0
_UNITS = {"h": 3_600.0, "d": _DAY_S, "w": 7 * _DAY_S}
_FORM = "%Y-%m-%dT%H:%M:%SZ"

every = click.option("--all", "everywhere", is_flag=True, help="Of all folders, not of this one alone.")
as_json = click.option("--json", "json_lines", is_flag=True, help="Print JSON.")


@click.group(name="sessions", invoke_without_command=True)
@every
@click.option("--since", metavar="TIME", default="", help="Used since a date, or for 12h, 30d, 2w.")
@click.option("--tag", metavar="TAG", default="", help="With this tag.")
@click.option("--grep", "pattern", metavar="PATTERN", default="", help="In which this was said.")
@as_json
@click.pass_context
def sessions_group(
    ctx: click.Context, everywhere: bool, since: str, tag: str, pattern: str, json_lines: bool
) -> int:
    """List the sessions of this folder, or work with them.

    An ID may be shortened as long as it is the only one that begins so. `trigpoint --resume ID` goes on
    with a session.
    """
    if ctx.invoked_subcommand:
        return 0
    found = matching(_measured(_sessions(everywhere), pattern), _since(since) if since else "", tag)
    if json_lines:
        click.echo(json.dumps([as_fields(each) for each in found], indent=1))
    elif found:
        _table(("id", "used (UTC)", "turns", "cost", "last request"), [_row(each) for each in found])
    else:
        click.echo("No such session is kept.", err=True)
    return 0


@sessions_group.command()
@click.argument("session", metavar="ID")
@as_json
def show(session: str, json_lines: bool) -> int:
    """Print what was said in a session."""
    path = _find(session)
    _print_session(path, "json" if json_lines else "markdown", None)
    return 0


@sessions_group.command()
@click.argument("pattern")
@every
@as_json
def grep(pattern: str, everywhere: bool, json_lines: bool) -> int:
    """Find the lines in which something was said; PATTERN is a regular expression, in any case.

    Ends with 1 where there is none.
    """
    matches = _matcher(pattern)
    hits = [
        (path.stem, said, number, line)
        for path in _sessions(everywhere)
        for said, number, line in lines_matching(said_in(_records(path)), matches)
    ]
    for session, said, number, line in hits:
        if json_lines:
            row = {"session": session, "turn": said.turn, "role": said.role, "line": number, "text": line}
            click.echo(json.dumps(row))
        else:
            _print(f"{session} turn {said.turn} {said.role}: {line.strip()}")
    return 0 if hits else 1


@sessions_group.command()
@click.argument("session", metavar="ID")
@click.argument("tag")
def tag(session: str, tag: str) -> int:
    """Give a session a tag, by which `--tag` finds it."""
    path = _find(session)
    used = path.stat()
    journal = FileJournal(path)
    try:
        journal.write("tag", {"tag": tag})
    finally:
        journal.close()
    os.utime(path, ns=(used.st_atime_ns, used.st_mtime_ns))  # --continue takes the one that was used last
    _print(f"{path.stem}: tagged {tag}")
    return 0


@sessions_group.command()
@click.argument("session", metavar="ID")
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
@click.option(
    "-o", "--output", "target", metavar="FILE", help="Write to a file.", type=click.Path(path_type=Path)
)
def export(session: str, form: str, target: Path | None) -> int:
    """Print or write a session: as a page to read, or all of its records as JSON."""
    _print_session(_find(session), form, target)
    return 0


@sessions_group.command()
@click.option("--older-than", "age", metavar="AGE", default="30d", show_default=True, help="As 12h, 30d, 2w.")
@click.option("--keep", metavar="N", default=0, type=click.IntRange(0), help="Keep the newest N in any case.")
@click.option("--dry-run", is_flag=True, help="Say what would go.")
@every
def prune(age: str, keep: int, dry_run: bool, everywhere: bool) -> int:
    """Remove old sessions, with the outputs and snapshots that belong to them.

    Sessions that another process has open stay.
    """
    oldest_s = time.time() - _seconds(age)
    gone = [path for path in _sessions(everywhere)[keep:] if path.stat().st_mtime < oldest_s]
    removed = [path for path in gone if dry_run or _remove(path)]
    for path in removed:
        _print(f"{path.stem}{' would go' if dry_run else ' removed'}")
    snapshots = 0 if dry_run else _prune_snapshots(_seconds(age))
    click.echo(f"{len(removed)} sessions{f', {snapshots} snapshots' if snapshots else ''}", err=True)
    return 0


@sessions_group.command()
@click.argument("session", metavar="[ID]", default="")
@every
@as_json
@click.option("--svg", metavar="FILE", help="Write the plot to a file.", type=click.Path(path_type=Path))
def stats(session: str, everywhere: bool, json_lines: bool, svg: Path | None) -> int:
    """Print what a session took, or all of this folder: tokens, cost, time, edits, by session and model."""
    paths = [_find(session)] if session else _sessions(everywhere)
    found = _measured(paths)
    if not found:
        raise SessionError("no session of this folder is kept, so there is nothing to count.")
    turns = [tokens for each in reversed(found) for tokens in prompt_tokens_by_turn(each)]
    title = f"Prompt tokens by turn, {found[0].session if len(found) == 1 else f'{len(found)} sessions'}"
    if svg is not None:
        _write(svg, svg_plot(turns, title))
    if json_lines:
        models = {name: usage_fields(usage) for name, usage in by_model(found).items()}
        fields = {"sessions": [as_fields(each) for each in found], "models": models}
        click.echo(json.dumps(fields, indent=1))
        return 0
    heads = ("in", "cached", "out", "cost")
    _table(
        ("session", "turns", *heads, "time", "edits", "refused"),
        [
            (
                each.session,
                str(len(each.requests)),
                *_spent(each.usage),
                f"{each.seconds:.0f} s",
                str(each.applied),
                str(each.refused),
            )
            for each in found
        ],
    )
    click.echo()
    rows = [(name, str(usage.calls), *_spent(usage)) for name, usage in by_model(found).items()]
    _table(("model", "calls", *heads), rows)
    _print(f"\n{text_plot(turns, title)}")
    return 0


# Finding and reading


def _folder() -> Path:
    here = Path.cwd()
    return project_folder(find_root(here) or here)


def _sessions(everywhere: bool) -> list[Path]:
    """Journals, the one used last first."""
    return all_sessions() if everywhere else list(sessions_of(_folder()))


def _find(prefix: str) -> Path:
    """The one session that begins so: of this folder, else of any. Raises SessionError."""
    found = matching_sessions(_sessions(False), prefix) or matching_sessions(_sessions(True), prefix)
    if not found:
        raise SessionError(f"{prefix}: no session begins so. `trigpoint sessions --all` lists them.")
    if len(found) > 1:
        names = ", ".join(path.stem for path in found[:5])
        raise SessionError(f"{prefix}: {len(found)} sessions begin so ({names}, …); write more of the id.")
    return found[0]


def _records(path: Path) -> Iterator[Record]:
    """The records; of a journal that cannot be read, none, and a word about it."""
    try:
        yield from read_records(path)
    except SessionError as error:
        click.echo(f"trigpoint: {without_escapes(str(error))}", err=True)


def _measured(paths: Iterable[Path], pattern: str = "") -> list[Measured]:
    matches = _matcher(pattern) if pattern else None
    found = []
    for path in paths:
        records = list(_records(path))
        if matches is None or any(lines_matching(said_in(records), matches)):
            found.append(measure(path.stem, records))
    return found


def _matcher(pattern: str) -> Callable[[str], bool]:
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"{pattern}: no regular expression ({error}); nothing was searched.") from error
    return lambda line: bool(wanted.search(line))


def _since(text: str) -> str:
    """A time as journals write it."""
    if re.fullmatch(r"\d+[hdw]", text):
        return time.strftime(_FORM, time.gmtime(time.time() - _seconds(text)))
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:]+Z?)?", text):
        raise UsageError(f"{text}: give a date as 2026-01-31, or an age as 12h, 30d, 2w.")
    return text


def _seconds(age: str) -> float:
    found = re.fullmatch(r"(\d+)([hdw])", age)
    if not found:
        raise UsageError(f"{age}: give an age as 12h, 30d or 2w. Nothing was done.")
    return int(found[1]) * _UNITS[found[2]]


# Removing


def _remove(path: Path) -> bool:
    """Removes a session and what lies beside it; False where another process has it open."""
    try:
        FileJournal(path).close()
    except SessionError:
        return False
    for beside in path.parent.glob(f"{path.stem}.*"):
        if beside.suffix != SUFFIX:
            shutil.rmtree(beside, ignore_errors=True)
    path.unlink(missing_ok=True)
    return True


def _prune_snapshots(age_s: float) -> int:
    """Lets go of old snapshots in the repository around the working directory."""
    from chat.git.repository import open_repository
    from chat.sessions.journal import new_id
    from chat.snapshots.git_snapshots import GitCheckpoints

    root = find_root(Path.cwd())
    repository = open_repository(root, trusted=False) if root else None
    if repository is None:
        return 0
    try:
        return GitCheckpoints(repository, new_id()).prune(age_s, 0)
    except ChatError as error:
        click.echo(f"trigpoint: {without_escapes(str(error))}", err=True)
        return 0


# Printing


def _print_session(path: Path, form: str, target: Path | None) -> None:
    if form == "json":
        fields = [
            {"n": each.number, "t": each.time, "kind": each.kind, **each.fields}
            for each in read_records(path)
        ]
        text = json.dumps({"session": path.stem, "records": fields}, indent=1) + "\n"
    else:
        text = markdown(path.stem, said_in(read_records(path)))
    if target is None:
        click.echo(without_escapes(text), nl=False)
    else:
        _write(target, text)


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}; nothing was written. Choose another place.") from error


def _row(session: Measured) -> tuple[str, ...]:
    when = session.ended.replace("T", " ").removesuffix(":00Z").removesuffix("Z")[:16]
    tags = "".join(f" [{tag}]" for tag in session.tags)
    last = (
        session.last if len(session.last) <= _LONGEST_REQUEST else f"{session.last[: _LONGEST_REQUEST - 1]}…"
    )
    return session.session, when, str(len(session.requests)), _usd(session.usage), f"{last}{tags}"


def _spent(usage: Usage) -> tuple[str, str, str, str]:
    share = f"{100 * cached_share(usage):.0f} %"
    return count(usage.prompt_tokens), share, count(usage.completion_tokens), _usd(usage)


def _usd(usage: Usage) -> str:
    return "unknown" if usage.cost_usd is None else usd(usage.cost_usd)


def _print(text: str) -> None:
    click.echo(without_escapes(text))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns: on a terminal as rich draws them, else separated by tabs."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            _print("\t".join(map(str, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for head in heads:
        left = head in ("id", "session", "model", "last request", "used (UTC)")
        table.add_column(head, justify="left" if left else "right", no_wrap=head != "last request")
    for row in rows:
        table.add_row(*(Text(without_escapes(str(cell))) for cell in row))
    Console().print(table)

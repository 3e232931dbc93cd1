"""[io] Ranks attempts that are over, prints that, and merges the best on request."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from chat.attempts.ending import Ending, Place, end_attempts, ending_fields, ending_lines
from chat.attempts.group import Group
from chat.cli.session_tables import print_line
from chat.display.amounts import duration
from chat.display.event_text import retrying
from chat.display.text_table import text_table
from chat.errors import InputError, Terminated
from chat.events import Event, Notice, Retrying
from chat.job_commands.acting import merged_line
from chat.job_commands.attempts.waiting import until_over
from chat.job_commands.tables import cost
from chat.jobs.merging import Way, merge
from chat.jobs.record import Merged
from chat.safety.printable import on_one_line, without_escapes
from chat.settings.table import Settings
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode


def end_group(group: Group, settings: Settings, way: Way | None, *, as_json: bool) -> int:
    """Wait until all attempts of a group are over, rank them, print that, and merge the best on request.

    The attempts go on where this is interrupted. Returns 0 where one can be merged, or was; raises ChatError.
    """
    folders = group.jobs()
    if not folders:
        raise InputError(f"{group.id} has no attempts any more. `trigpoint jobs prune` removes it.")
    try:
        with ended_by_signals():
            ending = end_attempts(group, until_over(folders), settings, _emit)
    except KeyboardInterrupt as error:
        click.echo(f"trigpoint: `trigpoint jobs attempts {group.id}` ranks the attempts.", err=True)
        return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    if len(folders) < ending.record.wanted:
        click.echo(f"trigpoint: {len(folders)} of {ending.record.wanted} attempts are there.", err=True)
    return _tell(ending, way, as_json=as_json)


def _emit(event: Event) -> None:
    """Say what a call of the judge meets with."""
    match event:
        case Notice(text):
            click.echo(f"trigpoint: {without_escapes(text)}", err=True)
        case Retrying():
            click.echo(f"trigpoint: {without_escapes(retrying(event))}", err=True)


def _tell(ending: Ending, way: Way | None, *, as_json: bool) -> int:
    """Print the attempts, the best first, and what can be done with it or was; None merges nothing."""
    best = ending.best
    if not as_json:
        _print_table(ending)
    merged = merge(best.view, Path.cwd(), way) if best and way is not None else None
    if as_json:
        sys.stdout.write(json.dumps({**ending_fields(ending), "merged": _merged_fields(merged)}) + "\n")
    elif merged:
        print_line(merged_line(merged))
    elif best:
        job = best.attempt.job
        print_line(f"The best is {job}: `trigpoint merge {job}` merges it. The others stay until discarded.")
    if best is None:
        click.echo("trigpoint: No attempt can be merged; `trigpoint status ID` says why.", err=True)
        return ending.places[0].view.exit_code or ExitCode.FAILED
    return ExitCode.DONE


def _merged_fields(merged: Merged | None) -> Mapping[str, str] | None:
    return {"commit": merged.commit, "way": merged.way, "into": merged.into} if merged else None


_COLUMNS: tuple[tuple[str, Callable[[Ending, Place], str]], ...] = (
    ("id", lambda _, place: place.attempt.job),
    ("differs by", lambda _, place: on_one_line(place.view.record.note.partition(": ")[2], 40)),
    ("state", lambda _, place: place.attempt.state.value),
    ("checks", lambda _, place: _checks(place)),
    ("judge", lambda ending, place: ending.judged.verdict_on(place.attempt.job)),
    ("lines", lambda _, place: str(place.attempt.lines)),
    ("cost", lambda _, place: cost(place.view)),
    ("time", lambda _, place: duration(place.attempt.seconds)),
    ("why", lambda ending, place: ending.why(place)),
)


def _print_table(ending: Ending) -> None:
    """Print a row for each attempt; columns in which nothing stands are left out."""
    columns = [(head, [cell(ending, place) for place in ending.places]) for head, cell in _COLUMNS]
    shown = [(head, cells) for head, cells in columns if any(cells)]
    ranks = [str(rank) for rank in range(1, 1 + len(ending.places))]
    rows = zip(ranks, *(cells for _, cells in shown), strict=True)
    print_line(text_table([("rank", *(head for head, _ in shown)), *rows]))
    for line in ending_lines(ending):
        print_line(line)


def _checks(place: Place) -> str:
    attempt = place.attempt
    return f"{attempt.checks - attempt.red} of {attempt.checks}" if attempt.checks else ""

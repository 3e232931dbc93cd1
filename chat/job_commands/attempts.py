"""[io] `trigpoint run --attempts N`: several jobs on one task at the same time, of which the best is offered."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from chat.attempts.beginning import new_group, new_record
from chat.attempts.ending import Ending, Place, end_attempts, ending_fields, ending_lines
from chat.attempts.group import Group, drop_if_empty
from chat.attempts.ranking import shares
from chat.attempts.variation import Variation, variations
from chat.cli.session_tables import print_line
from chat.display.event_text import retrying
from chat.display.text_table import text_table
from chat.errors import ChatError, InputError, Terminated, UsageError
from chat.events import Event, Notice, Retrying
from chat.job_commands.acting import merged_line
from chat.job_commands.follow import leaving_with_the_terminal
from chat.job_commands.job_options import loaded_settings
from chat.job_commands.run import RunOptions
from chat.job_commands.tables import cost, duration
from chat.jobs.launch import start, stop
from chat.jobs.making import Order, make
from chat.jobs.merging import Way, merge
from chat.jobs.record import Merged
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView
from chat.safety.printable import on_one_line, without_escapes
from chat.settings.kinds import Value
from chat.settings.table import Settings
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode

_POLL_S = 0.2
_MOST = 16


def run_attempts(given: RunOptions, order: Order, values: Mapping[str, Value], settings: Settings) -> int:
    """Have a task done several times, print how the attempts rank, and merge the best on request.

    Limits of money and tokens are divided among them. Returns 0 where one can be merged, or was; raises ChatError.
    """
    if not 2 <= given.attempts <= _MOST:
        raise UsageError(f"--attempts takes a number from 2 to {_MOST}. Nothing was begun.")
    varied = variations(given.vary, given.attempts, settings)
    for each in varied:
        loaded_settings({**values, **each.values})
    group = new_group(new_record(order, given.attempts, judges=given.judges))
    code = _begin_all(replace(order, group=group.id), values, varied, waits=not given.detach)
    if given.detach and not code:
        click.echo(group.id)
    if given.detach or code:
        return code
    return end_group(group, settings, "" if given.merges else None, as_json=settings.output_format != "text")


def _begin_all(order: Order, values: Mapping[str, Value], varied: Sequence[Variation], *, waits: bool) -> int:
    """Begin all attempts, and wait for their end on request; return the exit code of whatever interrupts this.

    Then all are stopped. Raises ChatError.
    """
    begun: list[JobFolder] = []
    try:
        with ended_by_signals():
            _begin(begun, order, values, varied)
            with leaving_with_the_terminal():
                until_over(begun if waits else ())
    except (KeyboardInterrupt, ChatError) as error:
        stop_all(begun)
        drop_if_empty(order.group)
        if isinstance(error, ChatError):
            raise
        click.echo("trigpoint: All attempts were stopped; `trigpoint jobs` shows them.", err=True)
        return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    return ExitCode.DONE


def _begin(
    begun: list[JobFolder], order: Order, values: Mapping[str, Value], varied: Sequence[Variation]
) -> None:
    """Begin a job for each variation, and add it to those that have begun."""
    budget, tokens = (order.values.get(name, 0) for name in ("max-budget-usd", "max-tokens-total"))
    share = shares(float(str(budget)), int(str(tokens)), len(varied))
    for number, each in enumerate(varied, 1):
        note = f"attempt {number}: {each.name}" if each.name else f"attempt {number}"
        begun.append(make(replace(order, values={**order.values, **share, **each.values}, note=note)))
        start(begun[-1], values)
        click.echo(f"trigpoint: {_begun(number, len(varied), each)} is job {begun[-1].id}.", err=True)


def _begun(number: int, count: int, varied: Variation) -> str:
    return f"Attempt {number} of {count}{f' ({on_one_line(varied.name)})' if varied.name else ''}"


def until_over(folders: Sequence[JobFolder]) -> list[JobView]:
    """Wait until no attempt is at work, and return them; say once what each asks."""
    readers = [JobReader(folder) for folder in folders]
    told: set[tuple[str, int]] = set()
    while True:
        views = [reader.read() for reader in readers]
        for view in views:
            question = view.facts.question
            if question and (view.record.id, question.number) not in told:
                told.add((view.record.id, question.number))
                _tell_question(view)
        if not any(view.state.is_live for view in views):
            return views
        time.sleep(_POLL_S)


def _tell_question(view: JobView) -> None:
    click.echo(f"trigpoint: Job {view.record.id} asks; see `trigpoint status {view.record.id}`.", err=True)


def stop_all(folders: Sequence[JobFolder]) -> None:
    """Stop the attempts that are at work."""
    for folder in folders:
        with suppress(ChatError):  # over already
            stop(folder)


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
    if len(folders) < ending.record.count:
        click.echo(f"trigpoint: {len(folders)} of {ending.record.count} attempts are there.", err=True)
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

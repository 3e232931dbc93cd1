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
from chat.attempts.ending import Ending, Place, attempt_of, end_attempts, ending_fields, ending_lines
from chat.attempts.group import Group, drop_if_empty
from chat.attempts.rounds import Round, next_round
from chat.attempts.variation import Variation, variations
from chat.cli.session_tables import print_line
from chat.display.amounts import counted, usd
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
"""Attempts in all rounds together."""
_ROUNDS = 2


def run_attempts(given: RunOptions, order: Order, values: Mapping[str, Value], settings: Settings) -> int:
    """Have a task done several times, print how the attempts rank, and merge the best on request.

    Limits of money and tokens are divided among them. Returns 0 where one can be merged, or was; raises ChatError.
    """
    _require_possible(given, values, settings)
    group = new_group(new_record(order, given.attempts, judges=given.judges))
    rounds = Rounds(given, replace(order, group=group.id), values, settings, group)
    try:
        with ended_by_signals():
            rounds.begin()
            with leaving_with_the_terminal():
                rounds.until_over()
    except (KeyboardInterrupt, ChatError) as error:
        return _stopped(rounds.begun, group, error)
    if given.detach:
        click.echo(group.id)
        return ExitCode.DONE
    return end_group(group, settings, "" if given.merges else None, as_json=settings.output_format != "text")


def _require_possible(given: RunOptions, values: Mapping[str, Value], settings: Settings) -> None:
    """Raise ChatError where an attempt could not even begin."""
    if not 2 <= given.attempts <= _MOST:
        raise UsageError(f"--attempts takes a number from 2 to {_MOST}. Nothing was begun.")
    if not 1 <= _rounds_of(given) <= _MOST:
        raise UsageError(f"--rounds takes a number from 1 to {_MOST}. Nothing was begun.")
    for each in variations(given.vary, given.attempts, settings):
        loaded_settings({**values, **each.values})


def _rounds_of(given: RunOptions) -> int:
    """Return how many times attempts may begin."""
    return _ROUNDS if given.rounds is None else given.rounds


def _stopped(begun: Sequence[JobFolder], group: Group, error: BaseException) -> int:
    """Stop attempts since this interrupts them, and return the exit code of it; raises ChatErrors again."""
    stop_all(begun)
    drop_if_empty(group.id)
    if isinstance(error, ChatError):
        raise error
    click.echo("trigpoint: All attempts were stopped; `trigpoint jobs` shows them.", err=True)
    return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED


class Rounds:
    """Begins the attempts of a group, and more of them where none can be merged and the budget pays for it."""

    def __init__(
        self, given: RunOptions, order: Order, values: Mapping[str, Value], settings: Settings, group: Group
    ) -> None:
        self._given = given
        self._order = order
        self._values = values
        self._settings = settings
        self._group = group
        self.begun: list[JobFolder] = []

    def begin(self) -> None:
        """Begin the first round. Raises ChatError."""
        budget, tokens = (self._order.values.get(name, 0) for name in ("max-budget-usd", "max-tokens-total"))
        count = self._given.attempts
        self._begin(Round(count=count, left_usd=float(str(budget)), left_tokens=int(str(tokens))))

    def until_over(self) -> None:
        """Wait until nothing more comes of them, unless nobody waits. Raises ChatError."""
        if self._given.detach:
            return
        for _ in range(_rounds_of(self._given) - 1):
            further = self._next(until_over(self.begun))
            if further is None:
                return
            self._tell(further)
            self._group.want_more(further.count)
            self._begin(further)
        until_over(self.begun)

    def _next(self, views: Sequence[JobView]) -> Round | None:
        record = self._group.record()
        most = min(record.count, _MOST - len(views))
        taken = record.spent([view.usage for view in views])
        attempts = [attempt_of(view) for view in views]
        return next_round(attempts, taken, most, budget_usd=record.budget_usd, tokens=record.tokens)

    def _tell(self, further: Round) -> None:
        left = usd(further.left_usd) if further.left_usd else f"{further.left_tokens} tokens"
        many = counted(further.count, "more attempt")
        click.echo(f"trigpoint: None can be merged, and {left} are left: {many}.", err=True)

    def _begin(self, round_: Round) -> None:
        """Begin a job for each variation that comes next, all on the same commit."""
        before = len(self.begun)
        varied = variations(self._given.vary, round_.count, self._settings, begun=before)
        for number, each in enumerate(varied, before + 1):
            self._begin_one(number, before + round_.count, each, round_.limits)

    def _begin_one(self, number: int, of: int, varied: Variation, limits: Mapping[str, Value]) -> None:
        name = on_one_line(varied.name)
        note = f"attempt {number}: {name}" if name else f"attempt {number}"
        values = {**self._order.values, **limits, **varied.values}
        folder = make(replace(self._order, values=values, note=note))
        self.begun.append(folder)
        self._order = replace(self._order, base=folder.record().base, with_changes=False)
        start(folder, self._values)
        named = f" ({name})" if name else ""
        click.echo(f"trigpoint: Attempt {number} of {of}{named} is job {folder.id}.", err=True)


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

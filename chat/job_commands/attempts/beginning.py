"""[io] `trigpoint run --attempts N`: several jobs on one task at the same time, of which the best is offered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import click

from chat.attempts.beginning import new_group, new_record
from chat.attempts.ending import attempt_of
from chat.attempts.group import Group
from chat.attempts.rounds import Round, next_round
from chat.attempts.variation import Variation, variations
from chat.display.amounts import counted, usd
from chat.errors import ChatError, UsageError
from chat.job_commands.attempts.ending import end_group
from chat.job_commands.attempts.waiting import interrupted, until_over
from chat.job_commands.follow import leaving_with_the_terminal
from chat.job_commands.job_options import loaded_settings
from chat.job_commands.run import RunOptions
from chat.jobs.launch import start
from chat.jobs.making import Order, make
from chat.jobs.store import JobFolder
from chat.jobs.view import JobView
from chat.safety.printable import on_one_line
from chat.settings.kinds import Value
from chat.settings.table import Settings
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode

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
        return interrupted(rounds.begun, group, error)
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

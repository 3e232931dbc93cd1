"""[io] `trigpoint run --attempts N`: several jobs on one task at the same time, of which the best is offered."""

import json
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from chat.attempts.ranking import Attempt, ranked, shares
from chat.cli.session_tables import print_line
from chat.display.text_table import text_table
from chat.errors import ChatError, Terminated, UsageError
from chat.job_commands.acting import merged_line
from chat.job_commands.follow import leaving_with_the_terminal
from chat.job_commands.tables import cost, duration
from chat.jobs.artifacts import work_done
from chat.jobs.launch import start, stop
from chat.jobs.making import Order, make
from chat.jobs.merging import merge
from chat.jobs.record import Merged
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView, as_fields
from chat.settings.kinds import Value
from chat.settings.table import Settings
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode

_POLL_S = 0.2
_MOST = 16


@dataclass(frozen=True, slots=True)
class _Over:
    """An attempt with the job as it is at its end."""

    attempt: Attempt
    view: JobView


def run_attempts(
    count: int, order: Order, values: Mapping[str, Value], settings: Settings, merges: bool
) -> int:
    """Have a task done several times, print how the attempts rank, and merge the best on request.

    Limits of money and tokens are divided among them. Returns 0 where one can be merged, or was; raises ChatError.
    """
    if not 2 <= count <= _MOST:
        raise UsageError(f"--attempts takes a number from 2 to {_MOST}. Nothing was begun.")
    share = shares(settings.max_budget_usd, settings.max_tokens_total, count)
    group = f"attempts-{secrets.token_hex(4)}"
    order = replace(order, values={**order.values, **share}, group=group)
    folders: list[JobFolder] = []
    try:
        with ended_by_signals(), leaving_with_the_terminal():
            for number in range(1, count + 1):
                folders.append(make(replace(order, note=f"attempt {number}")))
                start(folders[-1], values)
                click.echo(f"trigpoint: Attempt {number} of {count} is job {folders[-1].id}.", err=True)
            views = _until_over([JobReader(folder) for folder in folders])
    except (KeyboardInterrupt, ChatError) as error:
        _stop_all(folders)
        if isinstance(error, ChatError):
            raise
        click.echo("trigpoint: All attempts were stopped; `trigpoint jobs` shows them.", err=True)
        return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    return _tell(_in_order(views), settings, merges)


def _until_over(readers: Sequence[JobReader]) -> list[JobView]:
    """Wait until no attempt is at work; say once what each asks."""
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


def _stop_all(folders: Sequence[JobFolder]) -> None:
    for folder in folders:
        with suppress(ChatError):  # over already
            stop(folder)


def _in_order(views: Sequence[JobView]) -> list[_Over]:
    by_job = {view.record.id: view for view in views}
    return [_Over(attempt, by_job[attempt.job]) for attempt in ranked([_attempt(view) for view in views])]


def _attempt(view: JobView) -> Attempt:
    work = work_done(view)
    return Attempt(
        job=view.record.id,
        state=view.state,
        commits=len(work.subjects),
        red=sum(code != 0 for _, code in work.checks),
        uncommitted=len(work.uncommitted),
        lines=sum((file.added or 0) + (file.removed or 0) or 1 for file in work.files),
        seconds=view.seconds,
    )


def _tell(overs: Sequence[_Over], settings: Settings, merges: bool) -> int:
    """Print the attempts, the best first, and what can be done with it or was."""
    best = overs[0]
    is_good = best.attempt.is_offered
    as_json = settings.output_format != "text"
    if not as_json:
        _print_table(overs)
    merged = merge(best.view, Path.cwd()) if merges and is_good else None
    if as_json:
        sys.stdout.write(json.dumps(_as_fields(overs, merged)) + "\n")
    elif merged:
        print_line(merged_line(merged))
    elif is_good:
        job = best.attempt.job
        print_line(f"The best is {job}: `trigpoint merge {job}` merges it. The others stay until discarded.")
    if not is_good:
        click.echo("trigpoint: No attempt can be merged; `trigpoint status ID` says why.", err=True)
    return ExitCode.DONE if is_good else best.view.exit_code or ExitCode.FAILED


def _print_table(overs: Sequence[_Over]) -> None:
    heads = ("rank", "id", "state", "why", "cost", "time")
    rows = [
        (
            str(rank),
            over.attempt.job,
            over.attempt.state.value,
            over.attempt.why,
            cost(over.view),
            duration(over.attempt.seconds),
        )
        for rank, over in enumerate(overs, 1)
    ]
    print_line(text_table([heads, *rows]))


def _as_fields(overs: Sequence[_Over], merged: Merged | None) -> dict[str, Any]:
    best = overs[0].attempt
    return {
        "best": best.job if best.is_offered else None,
        "attempts": [{**as_fields(over.view), "why": over.attempt.why} for over in overs],
        "merged": {"commit": merged.commit, "way": merged.way, "into": merged.into} if merged else None,
    }

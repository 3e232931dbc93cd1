"""[io] `trigpoint run`: a task that a process of its own works on, in a work tree and on a branch of its own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import click

from chat.cli.options import command_line_layer
from chat.errors import UsageError
from chat.job_commands.job_options import (
    RunCommand,
    loaded_settings,
    planned_values,
    task_of_issue,
    values_of,
)
from chat.job_commands.plan import PLAN_OPTIONS, PlanOptions, given_plan, options_in, with_plan
from chat.jobs.making import Order
from chat.jobs.pull_request import SOLVE
from chat.jobs.store import JobFolder
from chat.settings.kinds import Value
from chat.settings.table import Settings

_EXAMPLES = (
    ('trigpoint run "Fix the flaky test" --detach', "begin it, and go on working"),
    (
        'trigpoint run "Port it to Python 3.12" --check "make test" --max-budget-usd 3',
        "until the check succeeds",
    ),
    ("gh issue view 12 | trigpoint run --issue -", "solve an issue; artifacts has pr.md"),
    ('trigpoint run "Finish this" --with-changes', "begin with what is not committed yet"),
    ('trigpoint run "Speed up the parser" --check "make test" --attempts 3', "the best of three"),
    ('trigpoint run "Port it to asyncio" --check "make test" --plan', "in pieces, side by side"),
    ("trigpoint jobs", "what all jobs are doing"),
    ("trigpoint merge 3f9", "bring its branch into yours"),
)
_TASK_OPTIONS = (
    click.option(
        "--issue",
        metavar="FILE|-|TEXT",
        default="",
        help="The task is to solve an issue: its text, a file that holds it, or - for standard input.",
    ),
    click.option("--base", metavar="REV", default="", help="The commit to begin on. Default: HEAD."),
    click.option(
        "--with-changes",
        is_flag=True,
        help="Begin with what is not committed, too, as a commit of its own; ignored files stay behind.",
    ),
)
_WAY_OPTIONS = (
    click.option("-d", "--detach", is_flag=True, help="Do not wait: print the job's id, and let it work."),
    click.option(
        "--pr",
        "opens_pr",
        is_flag=True,
        help="When it is done, offer to push its branch and open a pull request.",
    ),
    click.option(
        "--queue",
        metavar="FILE",
        default="",
        help="Do the tasks of a file, one a line; each begins where the last one ended. Goes on where it was.",
    ),
    click.option("--scheduled", default="", hidden=True),
)
_ATTEMPTS_OPTIONS = (
    click.option(
        "--attempts",
        type=int,
        default=0,
        metavar="N",
        help="Have N jobs do the task at the same time, within one budget, and offer the best.",
    ),
    click.option(
        "--rounds",
        type=int,
        default=None,
        metavar="N",
        help="With --attempts: where none can be merged, begin as many again, up to N times in all, as long as "
        "--max-budget-usd or --max-tokens-total pays for it. [default: 2]",
    ),
    click.option("--merge", "merges", is_flag=True, help="With --attempts: merge the best."),
    click.option(
        "--vary",
        metavar="models|temperature|plan",
        default="",
        help="With --attempts: give each another model, temperature or approach. models=A,B and temperature=X,Y name "
        "them.",
    ),
    click.option(
        "--judge/--no-judge",
        "judges",
        default=True,
        help="With --attempts: whether a model compares those that pass alike. [default: on]",
    ),
)
_EXCLUSIVE = (
    ("--attempts", ("--queue", "--pr", "--scheduled")),
    ("--queue", ("TASK", "--issue", "--detach", "--pr")),
    ("--plan", ("--queue", "--attempts", "--scheduled")),
    ("--plan-file", ("--queue", "--attempts", "--scheduled")),
)
"""Options with those that mean nothing beside them."""


class _TaskCommand(RunCommand):
    examples = _EXAMPLES


def _with(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds options to a command, in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of `trigpoint run` that are not settings."""

    issue: str = ""
    base: str = ""
    with_changes: bool = False
    detach: bool = False
    opens_pr: bool = False
    queue: str = ""
    scheduled: str = ""
    attempts: int = 0
    rounds: int | None = None
    merges: bool = False
    plans: bool = False
    plan_file: str = ""
    vary: str = ""
    judges: bool = True

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Self:
        """Return those that a command line has set."""
        return cls(**{each.name: parameters[each.name] for each in fields(cls)})

    def order(self, task: str, values: Mapping[str, Value], paths: tuple[str, ...] = ()) -> Order:
        """Return the order of a job that begins as these say."""
        return Order(
            task=task,
            here=Path.cwd(),
            values=values,
            paths=paths,
            base=self.base,
            with_changes=self.with_changes,
        )


@click.command(name="run", cls=_TaskCommand)
@click.argument("task", required=False, default="")
@click.argument("paths", metavar="[FILE]...", nargs=-1)
@_with(*_WAY_OPTIONS, *_ATTEMPTS_OPTIONS, *PLAN_OPTIONS, *_TASK_OPTIONS)
def run_command(task: str, paths: tuple[str, ...], **parameters: Any) -> int:
    """Have TASK done by a process of its own, in a work tree and on a branch of its own.

    Your files, index and branch stay as they are until you merge. The job survives this terminal; the exit codes are
    those of `trigpoint -p`. With --check, or --goal, it works turn after turn until that is met.
    """
    given = RunOptions.of(parameters)
    _require_possible(given, task)
    values = dict(command_line_layer(parameters).values)
    plan = options_in(parameters)
    if given.queue:
        from chat.job_commands.queue import run_queue

        return run_queue(given.queue, given.order("", values), values_of, loaded_settings)
    if given.issue:
        task, paths = task_of_issue(given.issue, task, paths, values)
    if plan:
        return _run_plan(given, plan, task, paths, values)
    values = values_of(task, values)
    order, settings = _ordered(given, values, paths)
    if given.attempts:
        from chat.job_commands.attempts.beginning import run_attempts

        return run_attempts(given, order, values, settings)
    return _run_one(given, order, values, settings)


def _ordered(given: RunOptions, values: dict[str, Value], paths: tuple[str, ...]) -> tuple[Order, Settings]:
    """Return the order of a job with these settings, and what holds for showing it; all are checked."""
    settings = loaded_settings(values)
    task = (settings.message or settings.goal).removeprefix(SOLVE).strip()
    return given.order(
        task, {name: values[name] for name in values if name != "output-format"}, paths
    ), settings


def _run_plan(
    given: RunOptions, plan: PlanOptions, task: str, paths: tuple[str, ...], values: dict[str, Value]
) -> int:
    """Begin a job that carries out a plan, and follow it."""
    text, task = given_plan(plan, task)
    values = planned_values(task, values)
    order, settings = _ordered(given, values, paths)
    return _run_one(given, with_plan(order, plan, text, detach=given.detach), values, settings)


def _run_one(given: RunOptions, order: Order, values: Mapping[str, Value], settings: Settings) -> int:
    """Begin a job, and follow it to its end unless it is detached."""
    from chat.job_commands.follow import follow_job
    from chat.job_commands.once import once
    from chat.job_commands.pull_request import open_pull_request
    from chat.jobs.launch import start
    from chat.jobs.making import make

    def begin(order: Order) -> JobFolder:
        folder = make(order)
        start(folder, values)
        return folder

    folder = once(given.scheduled, order, begin) if given.scheduled else begin(order)
    if folder is None:
        return 0
    if given.detach:
        click.echo(folder.id)
        return 0
    code = follow_job(folder, settings)
    return code or (open_pull_request(folder, settings.yes) if given.opens_pr else 0)


def _contradictions(given: RunOptions) -> Iterator[tuple[object, str]]:
    """Yield whether options contradict each other, with what to say then."""
    later = "waits for the end, and --detach does not. Nothing was begun; leave one out. `trigpoint"
    yield given.opens_pr and given.detach, f"--pr {later} jobs pr ID` opens a pull request later."
    yield given.merges and given.detach, f"--merge {later} merge ID` takes the id that --detach prints."
    if not given.attempts:
        how = "Nothing was begun; `trigpoint merge ID` merges a job."
        yield given.merges, f"--merge goes with --attempts. {how}"
        alone = "--rounds, --vary and --no-judge go with --attempts. Nothing was begun; say how many."
        yield given.rounds is not None or given.vary or not given.judges, alone


def _require_possible(given: RunOptions, task: str) -> None:
    """Raise UsageError where options contradict each other."""
    for is_wrong, why in _contradictions(given):
        if is_wrong:
            raise UsageError(why)
    values = {
        "TASK": task,
        "--issue": given.issue,
        "--detach": given.detach,
        "--pr": given.opens_pr,
        "--queue": given.queue,
        "--scheduled": given.scheduled,
        "--attempts": given.attempts,
        "--plan": given.plans,
        "--plan-file": given.plan_file,
    }
    for option, others in _EXCLUSIVE:
        wrong = next(filter(values.get, others), "") if values[option] else ""
        if wrong:
            raise UsageError(f"{wrong} does not go with {option}. Nothing was begun; leave it out.")

"""[io] `trigpoint run --plan`: a task that a planner divides into pieces, each done by a job of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from chat.errors import InputError, UsageError
from chat.jobs.making import Order
from chat.jobs.record import JobRecord
from chat.jobs.store import JobFolder
from chat.safety.small_file import read_named
from chat.terminal.person import can_be_asked

PARALLEL = 2
_MOST = 16
PLAN_OPTIONS = (
    click.option(
        "--plan",
        "plans",
        is_flag=True,
        help="Have the task divided into pieces, done by a job each, and merged into one branch; asks you first.",
    ),
    click.option(
        "--plan-file",
        metavar="FILE",
        default="",
        help="Carry out this plan instead of having one made; `trigpoint schema plan` describes it.",
    ),
    click.option("--plan-out", metavar="FILE", default="", help="Write the plan there as well."),
    click.option(
        "--parallel",
        type=int,
        default=0,
        metavar="N",
        help=f"With --plan: how many pieces are done at the same time. [default: {PARALLEL}]",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What the command line says of a plan."""

    file: str
    out: str
    parallel: int


def options_in(parameters: Mapping[str, Any]) -> PlanOptions | None:
    """Return what the command line says of a plan, None where none is wanted. Raises UsageError."""
    file, out, parallel = (parameters.get(name) for name in ("plan_file", "plan_out", "parallel"))
    if not (parameters.get("plans") or file):
        wrong = "--plan-out" if out else "--parallel" if parallel else ""
        if wrong:
            raise UsageError(f"{wrong} goes with --plan. Nothing was begun; leave it out, or add --plan.")
        return None
    if not 0 <= (parallel or 0) <= _MOST:
        raise UsageError(f"--parallel takes a number from 1 to {_MOST}. Nothing was begun.")
    return PlanOptions(file=file or "", out=out or "", parallel=parallel or PARALLEL)


def given_plan(options: PlanOptions, task: str) -> tuple[str, str]:
    """Return the text of the plan that is given, "" without one, and the task. Raises InputError."""
    if not options.file:
        return "", task
    from chat.workers.reading import read_plan

    data = read_named(
        Path(options.file).expanduser(),
        f"--plan-file {options.file}",
        "Nothing was begun",
        advice="name a plan, or have one made with --plan",
    )
    text = data.decode("utf-8-sig", "replace")
    plan, wrong = read_plan(text, task)
    if plan is None:
        raise InputError(
            f"{options.file} is not a plan that can be carried out: {' '.join(wrong)} Nothing was begun; "
            "`trigpoint schema plan` describes what it has to hold."
        )
    return text, plan.task


def with_plan(order: Order, options: PlanOptions, given: str, *, detach: bool) -> Order:
    """Return the order of a job that carries out a plan."""
    from chat.workers.record import PlanOrder

    out = str(Path(options.out).expanduser().absolute()) if options.out else ""
    asks = detach or can_be_asked()
    plan = PlanOrder(given=given, out=out, parallel=options.parallel, asks=asks)
    return replace(order, plan=plan.fields())


def note_asking(folder: JobFolder, record: JobRecord, *, detach: bool) -> None:
    """Have a plan that is resumed ask whoever resumes it."""
    if record.plan:
        asks = detach or can_be_asked()
        folder.write_record(replace(record, plan={**record.plan, "asks": asks}))

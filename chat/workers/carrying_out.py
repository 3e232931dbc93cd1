"""[io] Carries a plan out, from the order to the report, as the process of the plan's own job.

It shows itself by events as every job does. When it ends early, the jobs that it has begun are stopped, and `resume`
goes on with them; where it was killed they go on by themselves, and the next process finds them.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

from chat.errors import ChatError, NeedsTerminal, Terminated
from chat.model import Usage
from chat.permissions.ground import Ground
from chat.trust.grants import is_git_trusted
from chat.workers.budget import for_planner, share
from chat.workers.consent import sorted_checks
from chat.workers.plan import WorkPlan
from chat.workers.planner import plan_for
from chat.workers.ports import Kept, PlanPorts
from chat.workers.reading import read_plan
from chat.workers.record import PieceState
from chat.workers.report import PieceEnd, PlanEnd
from chat.workers.table import plan_table
from chat.workers.work import Work
from repomap import ExitCode, escaped, write_whole

_NOBODY = (
    "Nobody is at a terminal to agree to the plan. Nothing was begun; `trigpoint artifacts {id}` has it as plan.json, "
    "and `trigpoint resume {id} --yes` carries it out."
)
_DECLINED = (
    "The plan was not agreed to. Nothing was begun; `trigpoint resume {id}` asks again, and "
    "`trigpoint run --plan-file FILE` takes another."
)
_NOT_RUN = (
    "These commands of the plan are not run, since --yes does not answer for commands of a model; a rule such as "
    '--allowed-tools "Bash(pytest *)" does: {commands}. The whole check decides instead.'
)


def carry_out(ports: PlanPorts) -> PlanEnd:
    """Carry a plan out, or go on with it, and return how it ended. Raises InputError where its state is damaged."""
    kept = Kept(ports.folder)
    error, code = "", 0
    try:
        _renew(ports, kept)
        kept.write(whole=kept.state.whole or ports.whole)
        plan = plan_for(ports, kept)
        _write_plan(ports, plan)
        waited = time.monotonic()
        _agree(ports, kept, plan)
        ports = replace(ports, began=ports.began + time.monotonic() - waited)
        Work(ports, kept, plan).run()
    except ChatError as caught:
        error, code = str(caught), caught.exit_code
    except KeyboardInterrupt as caught:
        is_terminated = isinstance(caught, Terminated)
        error = "It was stopped; `resume` goes on with it."
        code = ExitCode.TERMINATED if is_terminated else ExitCode.INTERRUPTED
    if error:
        jobs = [kept.state.planner, *(piece.job for piece in kept.state.pieces)]
        ports.children.stop(filter(None, jobs))
    return _end(ports, kept, error, code)


def _renew(ports: PlanPorts, kept: Kept) -> None:
    """Try pieces again that have failed, where all others are over: the user resumes the plan for that."""
    pieces = kept.state.pieces
    if not pieces or not all(piece.is_over for piece in pieces):
        return
    for piece in pieces:
        if piece.status in ("failed", "not done"):
            job = piece.job
            again = piece.with_earlier(ports.children.usage(job))
            kept.put(replace(again, status="waiting", tries=0, revived=0, code=0, message=""))
            if job:
                ports.children.remove(job)


def _write_plan(ports: PlanPorts, plan: WorkPlan) -> None:
    """Leave the plan with the job's artifacts, and where the user wants it as well."""
    paths = [ports.folder.path / "plan.json", *([Path(ports.order.out)] if ports.order.out else [])]
    for path in paths:
        try:
            write_whole(path, plan.to_json().encode("utf-8", "replace"))
        except OSError as error:
            ports.say(
                f"{escaped(os.fspath(path))}: {error.strerror}. The plan was not written there.", "warning"
            )


def _agree(ports: PlanPorts, kept: Kept, plan: WorkPlan) -> None:
    """Have the plan agreed to, and with it the commands in it. Raises ChatError where it is not."""
    if kept.state.is_agreed:
        return
    root = str(ports.branch.root)
    ground = Ground(root, os.path.realpath, git_trusted=is_git_trusted(ports.branch.root))
    checks = sorted_checks(plan, ports.settings, kept.state.whole, ground)
    budget = ports.budget
    part = share(budget, kept.accounts(ports, for_planner(budget)), len(plan.pieces))
    table = plan_table(plan, checks, part)
    may_run = checks.allowed
    if ports.settings.yes:
        ports.say(table)
        if checks.asked:
            ports.say(_NOT_RUN.format(commands="; ".join(map(escaped, checks.asked))), "warning")
    elif not ports.order.asks:
        ports.say(table)
        raise NeedsTerminal(_NOBODY.format(id=ports.record.id))
    elif ports.person.confirm("Carry out this plan?", table):
        may_run = (*checks.allowed, *checks.asked)
    else:
        raise ChatError(_DECLINED.format(id=ports.record.id))
    kept.write(is_agreed=True, checks=may_run)


def _end(ports: PlanPorts, kept: Kept, error: str, code: int) -> PlanEnd:
    """Return how the plan ended, with what each piece took."""
    state, record = kept.state, ports.record
    plan = read_plan(state.plan, ports.task)[0] if state.plan else None
    tip = state.tip or record.base
    return PlanEnd(
        job=record.id,
        task=record.task,
        branch=record.branch,
        base=record.base,
        tip=tip,
        pieces=[_piece_end(ports, plan, each) for each in state.pieces] if plan else (),
        planner=state.planner,
        planning=ports.children.usage(state.planner),
        is_green=state.is_green,
        budget=ports.budget,
        seconds=time.monotonic() - ports.began,
        error=error,
        error_code=code,
    )


def _piece_end(ports: PlanPorts, plan: WorkPlan, state: PieceState) -> PieceEnd:
    view = ports.children.view(state.job) if state.job else None
    usage = (Usage(**state.earlier) if state.earlier else Usage()) + (view.usage if view else Usage())
    tip = view.facts.merged.tip if view and view.facts.merged else ""
    files = ports.branch.files(view.record.base, tip) if view and tip else ()
    return PieceEnd(piece=plan.piece(state.id), state=state, usage=usage, files=files)

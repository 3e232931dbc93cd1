"""[io] Has a plan made by a job that explores and answers with JSON, or takes the one that the user gave."""

import json
from collections.abc import Mapping

from chat.errors import ChatError, InputError
from chat.jobs.state import JobState
from chat.jobs.view import JobView
from chat.safety.printable import on_one_line
from chat.settings.kinds import Value
from chat.workers.budget import for_planner
from chat.workers.pieces import Wanted
from chat.workers.plan import WorkPlan, plan_schema
from chat.workers.ports import Kept, PlanPorts
from chat.workers.reading import read_plan
from chat.workers.texts import misfit_text, planning_request

_POLL_S = 0.1
_REASON_CHARS = 500
_MOST_RUNS = 3
"""So often a planner is taken up again whose process is gone."""


def plan_for(ports: PlanPorts, kept: Kept) -> WorkPlan:
    """Return the plan of a task in the order of its pieces, and keep it. Raises ChatError where there is none."""
    if kept.state.plan:
        plan, wrong = read_plan(kept.state.plan, ports.task)
    elif ports.order.given:
        plan, wrong = read_plan(ports.order.given, ports.task)
    else:
        plan, wrong = _made(ports, kept)
    if plan is None:
        kept.write(told_at_run=0)  # whoever resumes it has it made once more
        raise InputError(f"The plan cannot be carried out: {' '.join(wrong)} Nothing was begun.")
    kept.write(plan=plan.to_json())
    return plan


def _made(ports: PlanPorts, kept: Kept) -> tuple[WorkPlan | None, tuple[str, ...]]:
    """Have a plan made; one that cannot be carried out is given back once. Returns it or what is wrong with it."""
    while True:
        view = _until_over(ports, kept)
        if view.state is not JobState.DONE:
            reason = on_one_line(view.reason, _REASON_CHARS) or view.state.value
            raise ChatError(f"No plan was made (job {view.record.id}): {reason}")
        run = view.facts.start.number if view.facts.start else 0
        plan, wrong = read_plan(json.dumps(view.progress.result.get("structured_output")), ports.task)
        if plan is not None or (kept.state.told_at_run and run > kept.state.told_at_run):
            return plan, wrong
        ports.say(f"The plan cannot be carried out, so it is given back once: {' '.join(wrong)}")
        kept.write(told_at_run=run)
        limit = for_planner(ports.budget).settings()
        ports.children.take_up(kept.state.planner, limit, misfit_text(wrong))


def _until_over(ports: PlanPorts, kept: Kept) -> JobView:
    """Have the planner work until it is through; one that was killed or stopped is taken up again."""
    is_new = not kept.state.planner
    if is_new:
        _begin(ports, kept)
    left = _MOST_RUNS
    while True:
        view = ports.children.view(kept.state.planner)
        if view is None:
            raise ChatError("The job that makes the plan is gone. Nothing was begun.")
        is_cut_off = view.state is JobState.LOST or (left == _MOST_RUNS and not is_new)
        if is_cut_off and left and not view.state.is_live and view.state is not JobState.DONE:
            left -= 1
            ports.children.take_up(kept.state.planner, for_planner(ports.budget).settings())
        elif not view.state.is_live:
            return view
        ports.sleep(_POLL_S)


def _begin(ports: PlanPorts, kept: Kept) -> None:
    values: Mapping[str, Value] = {
        "mode": "ask",
        "message": planning_request(ports.task, ports.whole),
        "json-schema": plan_schema(),
    }
    wanted = Wanted(
        note="planner",
        task="Plan the work",
        values=values,
        base=ports.record.base,
        limit=for_planner(ports.budget),
        seconds=ports.seconds_left() or 0.0,
        paths=ports.record.paths,
    )
    folder = ports.children.make(wanted, lambda folder: kept.write(planner=folder.id, told_at_run=0))
    for error in filter(None, ports.children.start([folder])):
        raise error
    ports.say(f"Job {folder.id} plans the work.")

"""A text → the plan that it says, in an order in which it can be carried out, or what is wrong with it. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from chat.errors import UsageError
from chat.goals.condition import read_condition
from chat.state.spending import Limits
from chat.workers.graph import arranged, faults
from chat.workers.plan import Piece, WorkPlan, answer_schema, plan_of
from chat.workers.texts import piece_text
from repomap import escaped, escaped_text


def read_plan(text: str, task: str) -> tuple[WorkPlan | None, tuple[str, ...]]:
    """Return the plan that a text says, or None and what is wrong with it, safe to be shown.

    ``task`` is what it is for; "" takes what the plan itself says.
    """
    checked = answer_schema().check(text)
    if checked.errors:
        return None, tuple(map(escaped_text, checked.errors))
    plan = plan_of(checked.value)
    plan = replace(plan, task=task or plan.task)
    wrong = faults(plan) or tuple(fault for piece in plan.pieces for fault in _of_text(piece, plan.task))
    return (None, wrong) if wrong else (arranged(plan), ())


def _of_text(piece: Piece, task: str) -> Iterator[str]:
    """Yield why a worker's goal cannot be what the plan says: it is too long, or would be read as a limit."""
    try:
        _, limits = read_condition(piece_text(piece, task))
    except UsageError:
        yield f"{escaped(piece.id)}: goal, files and interfaces together are too long; 3,000 characters are enough."
        return
    if limits != Limits():
        yield f'{escaped(piece.id)}: words such as "stop after 5 minutes" would limit the work; put them otherwise.'

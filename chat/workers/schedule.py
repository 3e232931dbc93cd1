"""Which piece of a plan is next: to be begun, to be merged, or not to be done at all. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from chat.workers.plan import WorkPlan
from chat.workers.record import TRIES, PieceState


def startable(plan: WorkPlan, states: Sequence[PieceState], parallel: int) -> list[PieceState]:
    """Return the pieces to begin now: those whose dependencies are merged, as many as may work side by side."""
    merged = {state.id for state in states if state.status == "merged"}
    free = parallel - sum(state.status == "working" for state in states)
    waiting = [
        state
        for state in states
        if state.status == "waiting" and merged.issuperset(plan.piece(state.id).depends_on)
    ]
    return waiting[: max(0, free)]


def unreachable(plan: WorkPlan, states: Sequence[PieceState]) -> list[PieceState]:
    """Return the pieces that wait for one which has failed or is not done, marked as not done."""
    lost = {state.id for state in states if state.status in ("failed", "not done")}
    found = []
    for state in states:  # dependencies come first
        needed = [name for name in plan.piece(state.id).depends_on if name in lost]
        if state.status == "waiting" and needed:
            lost.add(state.id)
            reason = f"It needs {', '.join(needed)}."
            found.append(replace(state, status="not done", happened=(*state.happened, reason)))
    return found


def mergeable(states: Sequence[PieceState]) -> PieceState | None:
    """Return the piece to merge next: of those that are done, the first in the plan."""
    return next((state for state in states if state.status == "done"), None)


def given_back(state: PieceState, reason: str, message: str) -> PieceState:
    """Return a piece whose try came to nothing: to be tried again, or failed where that was its last."""
    happened = (*state.happened, reason)
    if state.tries >= TRIES:
        return replace(state, status="failed", happened=happened, message="")
    return replace(state, status="waiting", happened=happened, message=message)


def failed(state: PieceState, reason: str) -> PieceState:
    """Return a piece for which nothing more is tried."""
    return replace(state, status="failed", happened=(*state.happened, reason), message="")

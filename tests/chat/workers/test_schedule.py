"""Which piece is next: as dependencies allow, no more than may work side by side, in the order of the plan."""

import json
from dataclasses import replace

from plan_cases import PLAN

from chat.workers.plan import WorkPlan
from chat.workers.reading import read_plan
from chat.workers.record import PieceState, PieceStatus, PlanState
from chat.workers.schedule import given_back, mergeable, startable, unreachable


def the_plan() -> WorkPlan:
    plan, _ = read_plan(json.dumps(PLAN), "task")
    assert plan is not None
    return plan


def states(**known: PieceStatus) -> list[PieceState]:
    return [PieceState(id=each.id, status=known.get(each.id, "waiting")) for each in the_plan().pieces]


def names(found: list[PieceState]) -> list[str]:
    return [each.id for each in found]


def test_no_more_begin_than_may_work_side_by_side() -> None:
    """One that is done or merged leaves its place."""
    assert names(startable(the_plan(), states(), 2)) == ["names", "notes"]
    assert names(startable(the_plan(), states(names="working", notes="done"), 2)) == ["prices"]
    assert startable(the_plan(), states(names="working", notes="working"), 2) == []


def test_a_piece_waits_until_its_dependencies_are_merged() -> None:
    """Not only done."""
    others: dict[str, PieceStatus] = dict.fromkeys(("notes", "prices", "stock"), "merged")  # type: ignore[arg-type]
    assert names(startable(the_plan(), states(names="done", **others), 2)) == ["totals"]
    assert names(startable(the_plan(), states(names="merged", **others), 2)) == ["labels", "totals"]


def test_merges_are_made_in_the_order_of_the_plan() -> None:
    """Of those that are done."""
    found = mergeable(states(stock="done", notes="done", names="working"))
    assert found is not None
    assert found.id == "notes"


def test_what_depends_on_a_failed_piece_is_not_done() -> None:
    """With the reason; the others go on."""
    (lost,) = unreachable(the_plan(), states(names="failed"))
    assert (lost.id, lost.status, lost.happened) == ("labels", "not done", ("It needs names.",))


def test_a_piece_is_given_back_once() -> None:
    """The second time it has failed, and both reasons are known."""
    once = given_back(PieceState(id="a", status="working", tries=1), "Red.", "Mend it.")
    assert (once.status, once.message) == ("waiting", "Mend it.")
    twice = given_back(replace(once, tries=2), "Red again.", "Mend it.")
    assert (twice.status, twice.happened, twice.message) == ("failed", ("Red.", "Red again."), "")


def test_the_state_survives_being_written() -> None:
    """As JSON, with tuples where there were some."""
    state = PlanState(plan="{}", checks=("a",)).with_pieces([PieceState(id="a", happened=("x",))])
    assert PlanState.from_json(state.to_json()) == state
    assert state.piece("a").happened == ("x",)

"""What a reply says of a plan is read in the forms in which models write it, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.goals.plan_texts import Claim, read_claims, read_edited, read_plan, shown_plan, state_text
from chat.goals.quotations import Quotable, Shown
from chat.model import Plan, PlanRevision, PlanStep
from chat.sessions.goal_plan import diff_of, revised, ticked
from chat.sessions.records.goal import PlanRevised, PlanTicked

EDIT = "a.py\n```python\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n"


@pytest.mark.parametrize(
    ("reply", "steps"),
    [
        ("1. Read it\n2. Test it", ("Read it", "Test it")),
        (
            "Here is the plan:\n\n1) **Read** it\n   - in `a.py`\n2) [ ] Test it\n\nShall I?",
            ("**Read** it", "Test it"),
        ),
        ("- [ ] Read it\n* [x] Test it", ("Read it", "Test it")),
        ("```\n1. Read it\n2. Test it\n```", ("Read it", "Test it")),
        ("NO PLAN", ()),
        ("1. Only one", ()),
        ("I need to see:\n- a.py\n- b.py", ()),
        (f"1. Read it\n2. Test it\n\n{EDIT}", ()),
        ("1. Same\n2. Same", ()),
        ("", ()),
    ],
)
def test_a_plan_is_a_checklist_and_nothing_else(reply: str, steps: tuple[str, ...]) -> None:
    """Numbered or with boxes; whoever begins to edit, or asks for files, has not planned."""
    assert read_plan(reply) == steps


def test_a_plan_has_bounds() -> None:
    """A model that goes on and on fills no prompt."""
    steps = read_plan("\n".join(f"{number}. {number}{'x' * 999}" for number in range(1, 99)))

    assert (len(steps), max(map(len, steps))) == (30, 200)


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        ('done: 2 "+def close(self):"', Claim(2, "+def close(self):", True)),
        ("- **done:** step 2: “3 passed”", Claim(2, "3 passed", True)),
        ("Done: 12 `x = 1`", Claim(12, "x = 1", True)),
        ("failed: 3 there is no such table", Claim(3, "there is no such table", False)),
        ("done: 2", Claim(2, "", True)),
        ("It is done: 2 tests pass.", None),
        (EDIT.replace("x\n", 'done: 2 "quoted here"\n'), None),
        ("```\ndone: 2 no\n```", None),
    ],
)
def test_a_claim_is_a_line_of_its_own(line: str, claim: Claim | None) -> None:
    """Outside of edits and fences, with or without the decoration that models like."""
    assert read_claims(f"Some words.\n{line}\nMore.") == ((claim,) if claim else ())


steps_of_plans = st.lists(
    st.text("ab ", min_size=1, max_size=3).map(str.strip).filter(bool), max_size=6, unique=True
)


@examples(30)
@given(before=steps_of_plans, after=steps_of_plans, done=st.sets(st.integers(1, 6)))
def test_a_revision_makes_the_new_plan_of_the_old_one(
    before: list[str], after: list[str], done: set[int]
) -> None:
    """Its diff is all that the journal has of it. What stays in its place keeps its tick; nothing new has one."""
    plan = Plan(tuple(map(PlanStep, before)))
    for number in done:
        plan = ticked(plan, PlanTicked(number, "proof"))

    later = revised(plan, PlanRevised("why", diff_of(before, after)))

    assert [step.text for step in later.steps] == after
    was_done = {step.text for step in plan.steps if step.is_done}
    assert {step.text for step in later.steps if step.is_done} <= was_done
    assert bool(later.revisions) == (before != after)
    if before == after:
        assert later.steps == plan.steps


def test_a_quotation_has_to_be_there() -> None:
    """Whatever the spaces and the marks of a diff; too little proves nothing."""
    seen = Quotable([Shown("Diff", "-old line here\n+def close(self):\n+    return None\n")])

    assert seen.fault_of("def close(self): return None") == ""
    assert seen.fault_of("+def  close(self):") == ""
    assert "too short" in seen.fault_of("close")
    assert "is not there" in seen.fault_of("def open(self):")


def test_an_edited_plan_is_read_however_it_is_written() -> None:
    """A step a line; remarks are left out."""
    assert read_edited("# remark\n1. [x] One\n\n2. Two\n- [ ] Three\nFour\nFour") == (
        "One",
        "Two",
        "Three",
        "Four",
    )


def test_a_plan_is_shown_with_its_evidence_and_its_revisions() -> None:
    """As a checklist; revisions as diffs."""
    plan = Plan(
        (PlanStep("Read it", "def read():"), PlanStep("Rewrite it")),
        (PlanRevision("It failed.", ("  Read it", "- Patch it", "+ Rewrite it")),),
    )

    assert shown_plan(plan).split("\n") == [
        "1. [x] Read it",
        "       “def read():”",
        "2. [ ] Rewrite it",
        "",
        "Revision 1: It failed.",
        "    Read it",
        "  - Patch it",
        "  + Rewrite it",
    ]
    assert state_text(plan) == "Plan: 1 of 2 steps is done (1). The next is 2. Rewrite it"

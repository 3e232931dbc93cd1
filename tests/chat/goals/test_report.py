"""The report of a run: what a person who was not there wants to know, in Markdown."""

from dataclasses import replace

from chat.goals.report import Change, RunFacts, Spent, report
from chat.model import Plan, PlanRevision, PlanStep, Usage
from chat.ports import Ran
from chat.results import GoalSummary

GOAL = GoalSummary(
    condition="Sessions end\nafter a minute",
    status="limit",
    reason="The goal's limit of 2 turns is reached.",
    evidence=(),
    turns=2,
    seconds=71.4,
    tokens=3_000,
    cost_usd=0.01,
    limits="2 turns",
    checks=(),
)
FACTS = RunFacts(
    asked=GOAL.condition,
    goal=GOAL,
    answer="I got as far as this.",
    changes=(Change("Shorten | sessions", "1234567890", ("shop/a.py", "b.py")), Change("", "", ("c.py",))),
    checks=(
        Ran("pytest -q", 1, "\n".join(f"line {number}" for number in range(40))),
        Ran("ruff check", 0, ""),
    ),
    refused=("`rm -rf /` was not run",),
    spent=(
        Spent("main", "openai/main", Usage(2, 2_000, 500, 300, 0.01)),
        Spent("judge", "local/j", Usage(1, 9, 0, 1, None)),
    ),
)


def test_a_report_says_everything_in_one_page() -> None:
    """Asked, ended, changed, checked, refused, spent, left."""
    text = report(FACTS)

    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# Report",
        "## What was asked",
        "## How it ended",
        "## What changed",
        "## Checks",
        "## What was refused",
        "## What it took",
        "## What is left",
    ]
    assert "> Sessions end\n> after a minute\n" in text
    assert "**Not met: a limit was reached.** The goal's limit of 2 turns is reached." in text
    assert "- `12345678` Shorten | sessions: `shop/a.py`, `b.py`\n- Not committed: `c.py`" in text
    assert "`pytest -q`: **failed with exit code 1**\n\n```text\nline 25\n" in text
    assert "line 24" not in text
    assert "- `rm -rf /` was not run" in text
    assert "| judge | `local/j` | 1 | 9 | 0 | 1 | unknown |" in text
    assert "- `pytest -q` fails.\n- Some changes are not committed.\n" in text


def test_a_report_has_the_plan_with_its_evidence() -> None:
    """And what became of it on the way; what is open is left."""
    plan = Plan(
        (PlanStep("Read `it`", "+x = `y`"), PlanStep("Rewrite it")),
        (PlanRevision("It failed.", ("  Read `it`", "- Patch it", "+ Rewrite it")),),
    )
    text = report(replace(FACTS, goal=replace(GOAL, plan=plan)))

    assert "## Plan\n\n- [x] Read `it`\n  - `` +x = `y` ``\n- [ ] Rewrite it\n\nRevised: It failed." in text
    assert "```diff\n  Read `it`\n- Patch it\n+ Rewrite it\n```" in text
    assert "- Step 2 of the plan is not proven: Rewrite it\n" in text


def test_output_cannot_break_out_of_its_block() -> None:
    """Its fence is longer than any in what it holds."""
    text = report(replace(FACTS, checks=(Ran("x", 1, "````\n# not a heading\n````"),)))

    assert "`````text\n````\n# not a heading\n````\n`````" in text


def test_a_run_without_a_goal_is_reported_too() -> None:
    """As done, or with why it failed."""
    done = report(RunFacts(asked="Do it"))
    failed = report(RunFacts(asked="Do it", failure="An edit was refused."))

    assert "**Done.**" in done
    assert done.endswith("## What is left\n\nNothing.\n")
    assert "**Failed.** An edit was refused." in failed
    assert failed.endswith("## What is left\n\n- An edit was refused.\n")

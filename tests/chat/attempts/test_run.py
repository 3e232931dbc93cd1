"""Several attempts at one task: the best is offered, and all stay within one budget."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from job_cases import WorkerHere
from repositories import git
from scripted_model import Answer, Request, ScriptedModel, usage
from whole_chat import FLAGS, ModelScripts, Program, ProgramRun, block, calls_of

from chat.attempts.group import find_group
from chat.attempts.ranking import Attempt, ranked, shares
from chat.attempts.rounds import next_round
from chat.jobs import launch
from chat.jobs.state import JobState
from chat.jobs.store import all_folders
from chat.model import Usage

Scripted = Callable[..., ScriptedModel]
Run = Callable[..., ProgramRun]
SMALL, LARGE = block("shop/one.py", "", "ONE = 1\n"), block("shop/one.py", "", "# one\n\nONE = 1\n")


@pytest.fixture
def run(trigpoint: Program, shop: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs two attempts, with jobs that are over when they have begun."""
    monkeypatch.setattr(launch, "start_worker", WorkerHere)

    def run_it(server: ScriptedModel, *more: str) -> ProgramRun:
        flags = (*FLAGS, "--api-base", server.base_url, "--api-key", "sk-none", "--map-tokens", "0")
        return trigpoint.run("run", "add one", "--attempts", "2", *flags, *more)

    return run_it


def attempt(**changes: object) -> Attempt:
    fields = {"job": "a", "state": JobState.DONE, "commits": 1, "checks": 0, "red": 0, "uncommitted": 0}
    return Attempt(**{**fields, "lines": 9, "seconds": 1.0, **changes})  # type: ignore[arg-type]


def test_of_two_that_are_done_the_smaller_change_is_offered(run: Run, scripted: Scripted, shop: Path) -> None:
    """The user's branch stays as it is; both jobs are kept."""
    head = git(shop, "rev-parse", "HEAD")
    ended = run(scripted(ModelScripts(LARGE, SMALL)))
    (best,) = [folder.id for folder in all_folders() if folder.record().note == "attempt 2"]
    assert (ended.code, len(all_folders()), git(shop, "rev-parse", "HEAD")) == (0, 2, head)
    assert f"The best is {best}" in ended.stdout


def judging(request: Request) -> str:
    """A weak model that prefers the larger change, in whichever order it is shown."""
    if "# Change 1" not in request.prompt:
        return "Do what was asked"
    better = 1 if "1| +# one" in request.prompt else 2
    return json.dumps({"better": better, "quote": "# one\n\nONE = 1", "reason": "It says why."})


def test_the_best_is_merged_on_request(run: Run, scripted: Scripted, shop: Path) -> None:
    """As `trigpoint merge` would do it; the result as JSON says what was done and why, and what it took."""
    server = scripted(ModelScripts(LARGE, SMALL, weak=judging))
    ended = run(server, "--merge", "--vary", "temperature", "--output-format", "json")
    found = json.loads(ended.stdout)
    assert (ended.code, found["merged"]["way"], found["judge"]["calls"]) == (0, "ff", 2)
    assert [each["why"] for each in found["attempts"]] == ["the judge prefers it", "1 changed line"]
    assert [each["note"] for each in found["attempts"]] == [
        "attempt 1: temperature 0",
        "attempt 2: temperature 1",
    ]
    assert [call.body["temperature"] for call in calls_of(server)] == [0.0, 1.0]
    assert (shop / "shop/one.py").read_text() == "# one\n\nONE = 1\n"


def test_an_attempt_that_changes_nothing_is_never_offered(
    run: Run, scripted: Scripted, trigpoint: Program
) -> None:
    """The end says so, and the exit code, here of a group that nobody waited for."""
    begun = run(scripted(ModelScripts("I cannot do it.")), "--detach")
    ended = trigpoint.run("jobs", "attempts", begun.stdout.strip())
    assert (begun.code, ended.code) == (0, 1)
    assert "No attempt can be merged" in ended.stderr


@pytest.mark.parametrize(
    "more",
    [
        *(("--queue", "q"), ("--pr",), ("--attempts", "1"), ("--attempts", "99"), ("--detach", "--merge")),
        *(("--rounds", "0"), ("--attempts", "0", "--rounds", "3")),
        *(("--vary", "luck"), ("--vary", "temperature=9"), ("--attempts", "0", "--vary", "plan")),
    ],
)
def test_what_makes_no_sense_with_attempts_is_refused(
    run: Run, scripted: Scripted, more: tuple[str, ...]
) -> None:
    """Before anything is begun."""
    server = scripted(ModelScripts(SMALL))
    assert (run(server, *more).code, all_folders(), calls_of(server)) == (2, [], [])


WRONG = block("shop/one.py", "", "NONE = 0\n")
FIXED = block("shop/one.py", "NONE = 0\n", "ONE = 1\n")
CHECKED = ("--check", "grep -q ^ONE shop/one.py", "--max-turns", "1", "--no-plan", "--no-judge")
LIMIT = ("--max-tokens-total", "1000000")


def test_where_none_can_be_merged_as_many_begin_again_within_the_budget(
    run: Run, scripted: Scripted, shop: Path
) -> None:
    """On the same commit as those before, whatever the user has committed meanwhile."""

    def second(_: Request) -> str:
        git(shop, "commit", "-q", "--allow-empty", "-m", "Meanwhile")
        return WRONG

    ended = run(scripted(ModelScripts(WRONG, second, SMALL)), *CHECKED, *LIMIT, "--vary", "temperature")
    records = [folder.record() for folder in all_folders()]
    assert ended.code == 0
    assert "None can be merged, and " in ended.stderr
    assert "Attempt 4 of 4 (temperature 1) is job" in ended.stderr
    assert len({record.base for record in records}) == 1
    assert sum(int(str(record.values["max-tokens-total"])) for record in records[:2]) <= 1_000_000


def test_a_group_goes_on_with_those_that_failed(run: Run, scripted: Scripted, trigpoint: Program) -> None:
    """Within what those that are done leave of a new limit; then all are ranked. Then nothing is left to do."""
    server = scripted(ModelScripts(SMALL, WRONG, FIXED))
    begun = run(server, *CHECKED, "--detach").stdout.strip()
    resumed = trigpoint.run("resume", begun, "--max-turns", "2", "--max-tokens-total", "500000")
    first, second = (folder.record() for folder in find_group(begun).jobs())
    assert resumed.code == 0
    assert (f"Job {second.id} goes on." in resumed.stderr, f"Job {first.id} goes on." in resumed.stderr) == (
        True,
        False,
    )
    assert 400_000 < int(str(second.values["max-tokens-total"])) < 500_000
    assert resumed.stdout.count("1 of 1") == 2
    assert " of 500k tokens." in resumed.stdout
    again = trigpoint.run("resume", begun)
    assert (again.code, "Nothing was done" in again.stderr) == (2, True)


@pytest.mark.parametrize("more", [(), (*LIMIT, "--rounds", "1"), ("--max-tokens-total", "9500")])
def test_no_second_round_begins_without_a_budget_that_pays_for_it(
    run: Run, scripted: Scripted, more: tuple[str, ...]
) -> None:
    """Here each attempt takes 4,000 tokens. Nor does one begin where the user wants none."""
    ended = run(scripted(ModelScripts(Answer(WRONG, usage=usage(4_000, 0)))), *CHECKED, *more)
    assert (ended.code != 0, len(all_folders())) == (True, 2)


@given(
    st.lists(st.tuples(st.floats(0, 9), st.integers(0, 9_000)), max_size=9),
    st.floats(0, 99),
    st.integers(0, 99_000),
)
@example([(5e-324, 0)], 1.0, 0)
def test_a_further_round_gets_no_more_than_what_is_left(
    took: list[tuple[float, int]], usd: float, tokens: int
) -> None:
    """And pays for each attempt half of what those before took on average."""
    spent = sum((Usage(prompt_tokens=used, cost_usd=cost) for cost, used in took), Usage())
    red = [attempt(state=JobState.FAILED, red=1) for _ in took]
    found = next_round(red, spent, 4, budget_usd=usd, tokens=tokens)
    for limit, taken in ((usd, spent.cost_usd or 0.0), (tokens, spent.prompt_tokens)):
        if found and limit:
            assert 1 <= found.count <= 4
            assert taken + found.count * taken / len(took) / 2 <= limit * (1 + 1e-9)
    assert found is None or found.left_usd + (spent.cost_usd or 0.0) <= usd * (1 + 1e-9) or not usd


def test_a_red_check_ranks_behind_any_green_change() -> None:
    """A small change is no merit where it does not work."""
    green, red = attempt(job="green", lines=900), attempt(job="red", red=1, lines=1)
    failed = attempt(job="failed", state=JobState.FAILED, red=2)
    assert [each.job for each in ranked([failed, red, green])] == ["green", "red", "failed"]


@given(st.floats(0.01, 1e4), st.integers(16, 10**9), st.integers(2, 16))
def test_the_shares_together_are_never_above_the_limit(usd: float, tokens: int, count: int) -> None:
    """Neither of money, but for rounding, nor of tokens."""
    found = shares(usd, tokens, count)
    assert float(str(found["max-budget-usd"])) * count <= usd * (1 + 1e-12)
    assert int(str(found["max-tokens-total"])) * count <= tokens

"""Several attempts at one task: the best is offered, and all stay within one budget."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import git
from scripted_model import Request, ScriptedModel
from whole_chat import FLAGS, ModelScripts, Program, ProgramRun, block, calls_of

from chat.attempts.ranking import Attempt, ranked, shares
from chat.job_commands.worker import work
from chat.jobs import launch
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder, all_folders

Scripted = Callable[..., ScriptedModel]
Run = Callable[..., ProgramRun]
SMALL, LARGE = block("shop/one.py", "", "ONE = 1\n"), block("shop/one.py", "", "# one\n\nONE = 1\n")


class Worker:
    """Stands for the process: works in this one, until the end."""

    def __init__(self, folder: JobFolder, _secrets: object) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(".")
            self.code = work(folder.id)

    def poll(self) -> int:
        return self.code


@pytest.fixture
def run(trigpoint: Program, shop: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs two attempts, with jobs that are over when they have begun."""
    monkeypatch.setattr(launch, "start_worker", Worker)

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
        *(("--vary", "luck"), ("--vary", "temperature=9"), ("--attempts", "0", "--vary", "plan")),
    ],
)
def test_what_makes_no_sense_with_attempts_is_refused(
    run: Run, scripted: Scripted, more: tuple[str, ...]
) -> None:
    """Before anything is begun."""
    server = scripted(ModelScripts(SMALL))
    assert (run(server, *more).code, all_folders(), calls_of(server)) == (2, [], [])


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

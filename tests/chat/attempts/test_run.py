"""Several attempts at one task: the best is offered, and all stay within one budget."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import git
from scripted_model import ScriptedModel
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
    fields = {"job": "a", "state": JobState.DONE, "commits": 1, "red": 0, "uncommitted": 0, "lines": 9}
    return Attempt(**{**fields, "seconds": 1.0, **changes})  # type: ignore[arg-type]


def test_of_two_that_are_done_the_smaller_change_is_offered(run: Run, scripted: Scripted, shop: Path) -> None:
    """The user's branch stays as it is; both jobs are kept."""
    head = git(shop, "rev-parse", "HEAD")
    ended = run(scripted(ModelScripts(LARGE, SMALL)))
    (best,) = [folder.id for folder in all_folders() if folder.record().note == "attempt 2"]
    assert (ended.code, len(all_folders()), git(shop, "rev-parse", "HEAD")) == (0, 2, head)
    assert f"The best is {best}" in ended.stdout


def test_the_best_is_merged_on_request(run: Run, scripted: Scripted, shop: Path) -> None:
    """As `trigpoint merge` would do it; the result as JSON says what was done and why."""
    ended = run(scripted(ModelScripts(LARGE, SMALL)), "--merge", "--output-format", "json")
    found = json.loads(ended.stdout)
    assert (ended.code, found["merged"]["way"], len(found["attempts"])) == (0, "ff", 2)
    assert [each["why"] for each in found["attempts"]] == ["1 changed line", "3 changed lines"]
    assert (shop / "shop/one.py").read_text() == "ONE = 1\n"


def test_an_attempt_that_changes_nothing_is_never_offered(run: Run, scripted: Scripted) -> None:
    """The end says so, and the exit code."""
    ended = run(scripted(ModelScripts("I cannot do it.")))
    assert ended.code != 0
    assert "No attempt can be merged" in ended.stderr


@pytest.mark.parametrize(
    "more", [("--queue", "q"), ("--detach",), ("--pr",), ("--attempts", "1"), ("--attempts", "99")]
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

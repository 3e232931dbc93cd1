"""The text of a pull request, and who opens it."""

import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from job_cases import made, view_of, worked
from repositories import git
from whole_chat import Program

from chat.errors import UsageError
from chat.job_commands.job_options import task_of_issue
from chat.jobs.artifacts import artifacts
from chat.jobs.pull_request import SOLVE, FileCount, Work, pull_request
from chat.safety.evidence import keep_evidence

WORK = Work(
    task="# Sessions never end\n\n```\nlog\n```",
    subjects=["Let sessions expire", "Say when they do"],
    files=[FileCount("shop/session.py", 4, 2), FileCount("tests/test_session.py", 9, 0)],
    checks=[("pytest -q", 0)],
)


def test_a_pull_request_says_why_what_how_it_was_tested_and_what_may_go_wrong() -> None:
    """From what is known, and from nothing else."""
    assert pull_request(WORK) == (
        "# Sessions never end\n\n## Why\n\n> # Sessions never end\n>\n> ``\n> log\n> ``\n\n"
        "## What\n\n- Let sessions expire\n- Say when they do\n\n"
        "- `shop/session.py` (+4 −2)\n- `tests/test_session.py` (+9 −0)\n\n"
        "## How it was tested\n\n- `pytest -q`: passed\n- Tests that changed with it: `tests/test_session.py`\n\n"
        "## Risks\n\nNone that the job itself could tell.\n"
    )


@pytest.mark.parametrize(
    ("work", "risk"),
    [
        (replace(WORK, checks=[("pytest -q", 1)]), "A check is red."),
        (replace(WORK, checks=[]), "Nothing was run against the change."),
        (replace(WORK, files=WORK.files[:1]), "No test was added or changed."),
        (replace(WORK, files=[*WORK.files, FileCount("old.py", 0, 9)]), "Only removals: `old.py`"),
        (
            replace(WORK, files=[*WORK.files, FileCount("a.bin", None, None)], reason="No budget."),
            "No budget.",
        ),
        (replace(WORK, uncommitted=["left.txt"]), "Not committed, so not part of it: `left.txt`"),
    ],
)
def test_each_risk_that_is_known_is_told(work: Work, risk: str) -> None:
    """Where one reviews, it decides what is looked at first."""
    assert risk in pull_request(work).partition("## Risks")[2]


def test_a_pull_request_and_its_commits_are_artifacts(shop: Path) -> None:
    """The commits are taken by `git am`; a job without any has none."""
    folder = worked(shop, {"new.py": "x = 1\n", "tests/test_new.py": "\n"})
    found = {each.name: each.path for each in artifacts(view_of(folder))}
    text = found["pr.md"].read_text()
    assert "Evidence" not in text
    assert text.startswith("# Work\n")
    assert "- `new.py` (+1 −0)" in text
    git(shop, "am", "-q", str(found["commits.mbox"]))
    assert git(shop, "log", "-1", "--format=%s") == "Work"
    assert "commits.mbox" not in {each.name for each in artifacts(view_of(made(shop)))}


def test_evidence_is_among_the_artifacts_and_in_the_pull_request(shop: Path, tmp_path: Path) -> None:
    """By the names that it has there."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    (tmp_path / "shot.png").write_bytes(b"\x89PNG")
    keep_evidence(tmp_path, folder.report)

    found = {each.name: each.path for each in artifacts(view_of(folder))}

    assert found["evidence/shot.png"].read_bytes() == b"\x89PNG"
    assert "\n## Evidence\n" in (text := found["pr.md"].read_text())
    assert "- `evidence/shot.png`\n" in text


def test_an_issue_is_a_text_a_file_or_standard_input(tmp_path: Path) -> None:
    """What is given beside it are files of the chat."""
    file = tmp_path / "issue.md"
    file.write_text("It fails.\n")
    assert task_of_issue(str(file), "a.py", ("b.py",), {}) == (f"{SOLVE}It fails.", ("a.py", "b.py"))
    assert task_of_issue("It fails " + "again " * 90, "", (), {})[0].startswith(f"{SOLVE}It fails again")
    with pytest.raises(UsageError, match="empty"):
        task_of_issue(" ", "", (), {})


@pytest.mark.skipif(sys.platform == "win32", reason="the program that stands for gh is a script")
def test_a_pull_request_is_opened_after_consent_alone(
    trigpoint: Program, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the commands are printed, and nothing is pushed."""
    git(shop, "init", "-q", "--bare", str(tmp_path / "theirs"))
    git(shop, "remote", "add", "origin", str(tmp_path / "theirs"))
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir()
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\necho https://example.org/1\n')
    gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{gh.parent}{os.pathsep}{os.environ['PATH']}")
    job = worked(shop, {"new.py": "x = 1\n"})

    printed = trigpoint.run("jobs", "pr", job.id)
    assert (printed.code, git(tmp_path / "theirs", "branch", "--list")) == (0, "")
    assert f"git push --set-upstream origin {job.record().branch}" in printed.stdout
    assert "Nothing was pushed" in printed.stderr

    opened = trigpoint.run("jobs", "pr", job.id, "--yes")
    assert "https://example.org/1" in opened.stdout
    assert job.record().branch in git(tmp_path / "theirs", "branch", "--list")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:6] == ["pr", "create", "--head", job.record().branch, "--title", "Work"]

    assert trigpoint.run("jobs", "pr", worked(shop, {}, code=1).id, "--yes").code == 2

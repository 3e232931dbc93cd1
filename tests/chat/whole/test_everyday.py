"""What a run says and does in everyday use, through the real command, git and litellm."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import has_ended, has_line, until
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import FLAGS, Program, ProgramRun, block, calls_of

pytestmark = pytest.mark.usefixtures("lasting_workers")

Play = Callable[..., ScriptedModel]
SHORTER = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
NOBODY_THERE = "http://127.0.0.1:9/v1"


@pytest.mark.usefixtures("shop")
def test_files_are_chosen_in_a_single_run(play: Play, trigpoint: Program) -> None:
    """In one call, and the run that continues the session sends them."""
    server = play("They live here:\n\n`shop/session.py` – all of it\n", "Fine.")

    done = trigpoint(server.base_url, "-m", "/context where do sessions live?")
    listed = trigpoint(NOBODY_THERE, "--continue", "-m", "/ls")

    assert "Added shop/session.py." in done.stderr
    assert len(calls_of(server)) == 1
    assert "shop/session.py" in listed.stdout
    assert " 0 tokens" not in listed.stdout


def test_the_map_of_a_run_is_shown_for_its_request(shop: Path, trigpoint: Program) -> None:
    """Without the files that the run has in its chat."""
    shown = trigpoint(NOBODY_THERE, "--show-repo-map", "-m", "expire the session", "shop/cart.py").stdout

    assert " session.py:\n" in shown
    assert " cart.py" not in shown
    assert (shop / "shop/cart.py").exists()


# Work without git that looks like work with it


@pytest.mark.parametrize("why", ["core.bare", "GIT_DIR", "broken"])
def test_edits_without_git_are_said_where_there_seems_to_be_a_repository(
    shop: Path, trigpoint: Program, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Else the user would look for the commits in vain."""
    if why == "core.bare":
        git(shop, "config", "core.bare", "true")
    elif why == "GIT_DIR":
        (shop / ".git").rename(shop.parent / "elsewhere.git")
        monkeypatch.setenv("GIT_DIR", str(shop.parent / "elsewhere.git"))
    else:
        (shop / ".git/HEAD").unlink()

    done = trigpoint(NOBODY_THERE, "-m", "/ls")

    assert "edits are made without git, so nothing is committed" in done.stderr


def test_an_environment_that_names_another_repository_is_said(
    shop: Path, trigpoint: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that names the folder's own, as git does for hooks, is not."""
    monkeypatch.setenv("GIT_DIR", str(shop / ".git"))
    assert "GIT_DIR" not in trigpoint(NOBODY_THERE, "-m", "/ls").stderr

    monkeypatch.setenv("GIT_DIR", str(shop.parent / "elsewhere.git"))
    assert "commits go to the repository of the folder" in trigpoint(NOBODY_THERE, "-m", "/ls").stderr


def test_a_plain_folder_needs_no_remark(shop: Path, trigpoint: Program) -> None:
    """Without a `.git`, nobody expects commits."""
    (shop / ".git").rename(shop.parent / "elsewhere.git")

    assert "git" not in trigpoint(NOBODY_THERE, "-m", "/ls").stderr


# Why a run failed


def outcome_of(done: ProgramRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("replies", "flags", "reason"),
    [
        ([SHORTER], ["--ask"], "not confirmed; nothing was written"),
        (["I need to see:\n\n`shop/session.py`\n"], [], "kept asking for shop/session.py"),
        (
            [SHORTER],
            ["--auto-test", "--test-cmd", "exit 3", "--max-reflections", "0"],
            "exit 3",
        ),
        (["Fine."], ["--require-changes"], "No file was changed"),
        ([block("shop/session.py", "nothing = 0\n", "x\n")], ["--max-reflections", "0"], "shop/session.py"),
    ],
)
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("form", ["text", "json", "quiet"])
def test_a_run_that_fails_says_why(
    play: Play, trigpoint: Program, replies: list[str], flags: list[str], reason: str, form: str
) -> None:
    """On standard error, however little is to be shown there, and in the object for scripts."""
    text = ["-p", "go"] if form == "quiet" else ["-m", "go", "--output-format", form]

    done = trigpoint(play(*replies).base_url, "shop/session.py", *flags, *text)

    assert done.code == 1
    assert reason in done.stderr
    if form == "json":
        assert reason in outcome_of(done)["error"]


def test_a_command_that_finds_failures_says_so(shop: Path, trigpoint: Program) -> None:
    """Its output is on standard output, where nobody looks for the reason."""
    done = trigpoint(NOBODY_THERE, "-m", "/test exit 3", "--output-format", "json")

    assert (done.code, shop.exists()) == (1, True)
    assert "found failures" in outcome_of(done)["error"]
    assert "found failures" in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "quiet"])
def test_verbose_says_what_calls_took(shop: Path, play: Play, trigpoint: Program, form: str) -> None:
    """Which model, how many tokens and how long; the files of the chat; all on standard error."""
    text = ["-p", "go"] if form == "quiet" else ["-m", "go", "--output-format", form]

    done = trigpoint(play("Fine.").base_url, "-v", "shop/session.py", *text)

    assert re.search(r"^call 1: openai/main \(main\), about [\d,]+ tokens$", done.stderr, re.MULTILINE)
    assert re.search(r"^call 1: [\d,]+ tokens in, .*ended with stop, .*\d s$", done.stderr, re.MULTILINE)
    assert re.search(r"^turn: \d+\.\d s$", done.stderr, re.MULTILINE)
    assert re.search(r"^files: shop/session.py \(\d+ tokens\)$", done.stderr, re.MULTILINE)
    assert str(shop) in done.stderr
    assert "call 1" not in done.stdout


def test_a_dry_run_hands_the_change_to_scripts(shop: Path, play: Play, trigpoint: Program) -> None:
    """As edits with their diffs, marked, and no file counts as changed."""
    before = (shop / "shop/session.py").read_text(encoding="utf-8")

    done = trigpoint(
        play(SHORTER).base_url, "-m", "go", "--dry-run", "--output-format", "json", "shop/session.py"
    )

    outcome = outcome_of(done)
    assert done.code == 0
    assert outcome["dry_run"] is True
    assert "+LIFETIME_S = 60" in outcome["edits"][0]["diff"]
    assert outcome["files_changed"] == []
    assert (shop / "shop/session.py").read_text(encoding="utf-8") == before


@pytest.mark.skipif(os.name == "nt", reason="Windows ends programs without a signal that they could see.")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_told_to_end_still_reports(shop: Path, number: signal.Signals, code: int) -> None:
    """With a reason, and without leaving the command behind that it runs."""
    command = "echo $$ > started; exec sleep 60"
    arguments = [*FLAGS, "--api-base", NOBODY_THERE, "--output-format", "json", "-m", f"/run {command}"]
    with subprocess.Popen(
        [sys.executable, "-m", "chat", *arguments],
        cwd=shop, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        started = shop / "started"
        until(lambda: has_line(started))
        program.send_signal(number)
        stdout, stderr = program.communicate(timeout=30)

    outcome = json.loads(stdout)
    assert (program.returncode, outcome["exit_code"]) == (code, code)
    assert "The turn was not finished" in outcome["error"]
    assert "The turn was not finished" in stderr
    assert has_ended(started)

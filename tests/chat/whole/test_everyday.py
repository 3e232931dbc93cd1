"""What a run says and does in everyday use, through the real command, git and litellm."""

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, Program, calls_of

pytestmark = pytest.mark.usefixtures("lasting_workers")

Play = Callable[..., ScriptedModel]
NOBODY_THERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def play(scripted: Callable[..., ScriptedModel]) -> Play:
    """A server whose models say these lines."""
    return lambda *lines, **others: scripted(ModelScripts(*lines, **others))


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

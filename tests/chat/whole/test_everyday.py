"""What a run says and does in everyday use, through the real command, git and litellm."""

from collections.abc import Callable
from pathlib import Path

import pytest
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

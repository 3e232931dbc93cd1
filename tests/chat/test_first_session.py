"""The whole program, as a newcomer meets it: command line, desk, git and a model server on loopback."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git, make_repository
from scripted_model import Request, ScriptedModel

EDIT = """\
Sessions live shorter now:

shop/session.py
```python
<<<<<<< SEARCH
LIFETIME_S = 3600
=======
LIFETIME_S = 60
>>>>>>> REPLACE
```
"""


def reply_to(request: Request) -> str:
    """An edit where one is asked for, a subject for commits, and else a greeting."""
    last = str(request.messages[-1]["content"])
    if "diff" in last and "shop/session.py b/" in last:
        return "Shorten the life of sessions"
    return EDIT if "shorter" in last else "Hello **there**."


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


def command(base_url: str, *arguments: str) -> list[str]:
    """The program with a model at an address."""
    model = ("--model", "openai/scripted", "--api-base", base_url, "--api-key", "k")
    return [sys.executable, "-m", "chat.cli", *model, *arguments]


def run(shop: Path, base_url: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """One run in a folder, with nothing on standard input."""
    return subprocess.run(
        command(base_url, *arguments),
        cwd=shop,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_a_model_that_cannot_be_reached_is_a_failure(shop: Path) -> None:
    """Code 1 within seconds, nothing on standard output, nothing changed."""
    started = time.monotonic()

    done = run(shop, "http://127.0.0.1:9/v1", "-m", "hi", "--timeout", "5")

    assert (done.returncode, done.stdout) == (1, b"")
    assert b"127.0.0.1:9" in done.stderr
    assert time.monotonic() - started < 60
    assert git(shop, "status", "--porcelain") == ""


def test_a_command_that_is_none_is_wrong_usage(shop: Path) -> None:
    """Code 2, and no model is asked."""
    with ScriptedModel("never") as server:
        done = run(shop, server.base_url, "-m", "/nope")

        assert (done.returncode, done.stdout) == (2, b"")
        assert server.calls == []


def test_the_map_is_alone_on_standard_output(shop: Path) -> None:
    """It can be piped anywhere, and no file is left in the repository."""
    done = run(shop, "http://127.0.0.1:9/v1", "--show-repo-map")

    assert done.returncode == 0
    assert b"class Session" in done.stdout
    assert b"\x1b" not in done.stdout
    assert git(shop, "status", "--porcelain", "--ignored") == ""


if sys.platform != "win32":
    from terminals import Terminal

    @pytest.fixture
    def terminal(shop: Path, scripted: Callable[..., ScriptedModel]) -> Terminal:
        """The REPL in a small repository, with a model that knows its lines."""
        return Terminal(command(scripted(reply_to).base_url), shop, 90, 50)

    @pytest.mark.slow
    def test_a_first_session(terminal: Terminal, shop: Path) -> None:
        """Ask, change, look, undo, redo, leave: each on the screen, and in git."""
        terminal.patience_s = 120.0  # the first turn loads what talks to models
        terminal.at_prompt()

        for line, shown in (
            ("hello", "Hello there."),
            ("make sessions shorter", "Committed "),
            ("/diff", "@@"),
            ("/tokens", "ceiling"),
            ("/cost", "Turns are counted"),
            ("/checkpoints", " now  make sessions"),
            ("/undo", "Turn 2 undone"),
        ):
            terminal.line(line)
            terminal.until(shown).at_prompt()
        undone = (shop / "shop/session.py").read_text(encoding="utf-8")
        terminal.line("/redo")
        terminal.until("Turn 2 done again").at_prompt()
        terminal.send("\x04")

        assert terminal.exit_code() == 0
        assert undone.startswith("LIFETIME_S = 3600\n")
        assert (shop / "shop/session.py").read_text(encoding="utf-8").startswith("LIFETIME_S = 60\n")
        assert git(shop, "log", "-1", "--format=%s") == "Shorten the life of sessions"
        assert git(shop, "status", "--porcelain") == ""

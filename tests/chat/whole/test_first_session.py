"""The whole program, as a newcomer meets it: command line, chat, git and a model server on loopback."""

import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git, make_repository
from scripted_model import Request, ScriptedModel

from chat.commands.table import SECTIONS

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
    return [sys.executable, "-m", "chat", *model, *arguments]


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
    def terminal(
        shop: Path, scripted: Callable[..., ScriptedModel], monkeypatch: pytest.MonkeyPatch
    ) -> Terminal:
        """The REPL in a small repository, with a model that knows its lines and an editor that writes `hello`."""
        write = "import sys; open(sys.argv[1], 'w').write('hello')"
        monkeypatch.setenv("VISUAL", shlex.join([sys.executable, "-c", write]))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
            monkeypatch.delenv(name, raising=False)
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
            ("/undo", "Turn 2 was undone"),
        ):
            terminal.line(line)
            terminal.until(shown).at_prompt()
        undone = (shop / "shop/session.py").read_text(encoding="utf-8")
        terminal.line("/redo")
        terminal.until("Turn 2 was done again").at_prompt()
        terminal.send("\x04")

        assert terminal.exit_code() == 0
        assert undone.startswith("LIFETIME_S = 3600\n")
        assert (shop / "shop/session.py").read_text(encoding="utf-8").startswith("LIFETIME_S = 60\n")
        assert git(shop, "log", "-1", "--format=%s") == "Shorten the life of sessions"
        assert git(shop, "status", "--porcelain") == ""

    EVERY: tuple[tuple[str, str], ...] = (
        ("/help", "/architect"),
        ("/add shop/session.py", "shop/session.py"),
        ("/read-only README.md", "README.md"),
        ("/ls", "README.md"),
        ("/map", "class CartView"),
        ("/map-refresh", "class CartView"),
        ("/find LIFETIME_S", "LIFETIME_S = 3600"),
        ("/refs Session", "Session"),
        ("/show Session", "class Session"),
        ("/model", "openai/scripted"),
        ("/weak-model openai/weak", "openai/weak"),
        ("/editor-model openai/scripted", "openai/scripted"),
        ("/models gpt-4o-mini", "gpt-4o-mini"),
        ("/chat-mode", "code"),
        ("/think-tokens", "auto"),
        ("/reasoning-effort", "reasoning-effort"),
        ("/permissions", "mode"),
        ("/report", "Look it through"),
        ("/tag first", "Tagged the session first."),
        ("/untag first", "no longer tagged first"),
        ("/settings map-tokens 512", "512"),
        ("/ask hello", "Hello there."),
        ("/code make sessions shorter", "Committed "),
        ("/undo", "undone"),
        ("/redo", "done again"),
        ("/diff", "LIFETIME_S = 60"),
        ("/checkpoints", "make sessions"),
        ("/architect say hello", "Hello"),
        ("/git log -1 --format=%s", "Shorten the life of sessions"),
        ("!echo out loud", "out loud"),
        ("/run echo out again", "out again"),
        ("/test exit 3", "3"),
        ("/lint", "lint"),
        ("/commit", "There is nothing to commit"),
        ("/tokens", "ceiling"),
        ("/cost", "Turns are counted"),
        ("/context where do sessions live?", "names no other files"),
        ("/focus how sessions end", "Exploring"),
        ("/done they time out", "its conclusion stays"),
        ("/compact", "rebuilt"),
        ("/uncompact", "as it was before"),
        ("/remember sessions end after a minute", "minute"),
        ("/memory", "sessions end after a minute"),
        ("/sessions", "make sessions shorter"),
        ("/save state.txt", "state.txt"),
        ("/load state.txt", "shop/session.py"),
        ("/rollback 2 files", "as before turn 2"),
        ("/copy", "clipboard"),
        ("/copy-context hello", "trigpoint apply"),
        ("/paste", "clipboard"),
        ("/editor", "Hello there."),
        ("/drop shop/session.py", "shop/session.py"),
        ("/clear", "The files stay"),
        ("/reset", "without files"),
        ("/multiline", "Alt-Enter sends"),
    )
    """A line, and what is shown below it. Three commands ask whether the model is to see what a program printed."""
    ASKING = frozenset(("!echo out loud", "/run echo out again", "/test exit 3"))

    @pytest.mark.slow
    def test_every_command(terminal: Terminal, shop: Path) -> None:
        """The whole table, one command after the other in one session, against the real program behind it."""
        terminal.patience_s = 120.0
        (shop / "README.md").write_text("# Shop\n", encoding="utf-8")
        git(shop, "add", "-A")
        git(shop, "commit", "-qm", "Say what this is")
        terminal.at_prompt()

        for line, shown in EVERY:
            terminal.line(line)
            terminal.until(lambda it, line=line, shown=shown: shown in below(it, line))  # type: ignore[misc]
            if line in ASKING:
                terminal.until(lambda it, line=line: below(it, line).rstrip().endswith("[y/N]"))  # type: ignore[misc]
                terminal.line("n")
            terminal.at_prompt("multi> " if line == "/multiline" else "> ")
        terminal.send("/exit\x1b\r")

        assert terminal.exit_code() == 0
        assert {command_name(line) for line, _ in EVERY} | {"exit"} == {
            command.name for table in SECTIONS.values() for command in table
        }
        assert (shop / "shop/session.py").read_text(encoding="utf-8").startswith("LIFETIME_S = 3600\n")

    def below(terminal: Terminal, line: str) -> str:
        """What the terminal shows below a line that was typed last."""
        return terminal.everything.rpartition(f"> {line}")[2]

    def command_name(line: str) -> str:
        """The command that a line calls."""
        return "run" if line.startswith("!") else line[1:].partition(" ")[0]

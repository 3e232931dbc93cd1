"""Commands of the user's: what they printed, how they ended, and that all of them ends."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import LIMITS_S, STARTED, InterruptedStart, has_ended, has_line, is_running, until

from chat.errors import InputError
from chat.safety import shell as processes
from chat.safety.shell import UserShell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for sh")


def test_a_command_runs_in_the_root_by_the_users_shell(tmp_path: Path) -> None:
    """With pipes, quotes and all that a shell knows."""
    ran = UserShell(tmp_path).run("pwd; printf '%s\\n' 'a  b' | tr a-z A-Z")

    assert ran.output == f"{tmp_path.resolve()}\nA  B\n"
    assert (ran.exit_code, ran.timed_out, ran.command[:3]) == (0, False, "pwd")


def test_the_shell_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SHELL names a program; else sh."""
    shell = tmp_path / "myshell"
    shell.write_text('#!/bin/sh\necho "mine: $2"\n')
    shell.chmod(0o755)
    monkeypatch.setenv("SHELL", str(shell))
    assert UserShell(tmp_path).run("anything").output == "mine: anything\n"
    monkeypatch.setenv("SHELL", "/nowhere/sh")

    assert UserShell(tmp_path).run("echo sh").output == "sh\n"


@pytest.mark.parametrize(
    ("command", "code"), [("exit 3", 3), ("kill -9 $$", 137), ("no-such-command-x", 127), ("true", 0)]
)
def test_the_exit_code_is_the_commands_own(tmp_path: Path, command: str, code: int) -> None:
    """And 128 and the signal's number where one ended it."""
    assert UserShell(tmp_path).run(command).exit_code == code


def test_both_streams_are_kept_in_order(tmp_path: Path) -> None:
    """As a terminal would show them."""
    ran = UserShell(tmp_path).run("echo 1; echo 2 >&2; echo 3; echo 4 >&2")

    assert ran.output == "1\n2\n3\n4\n"


def test_there_is_nothing_to_read(tmp_path: Path) -> None:
    """A command that asks gets an end of file instead of hanging."""
    assert UserShell(tmp_path).run("cat; read answer; echo $?").output == "1\n"


def test_the_middle_of_huge_output_is_cut_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beginning and end stay, and it is said how much is missing."""
    monkeypatch.setattr(processes, "MAX_OUTPUT_BYTES", 1000)

    ran = UserShell(tmp_path).run("echo first; yes filler | head -n 100000; echo last")

    assert ran.output.startswith("first\nfiller\n")
    assert ran.output.endswith("filler\nlast\n")
    assert "699011 bytes cut out" in ran.output
    assert len(ran.output) < 1100


def test_a_character_in_the_middle_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where beginning and end meet and nothing is cut out."""
    monkeypatch.setattr(processes, "MAX_OUTPUT_BYTES", 10)

    assert UserShell(tmp_path).run("printf 'abcdéfgh'").output == "abcdéfgh"


def test_output_that_is_no_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 become marks."""
    assert UserShell(tmp_path).run("printf 'a\\377b'").output == "a\ufffdb"


def test_a_time_out_ends_the_whole_group(tmp_path: Path) -> None:
    """What the command started, and what ignores being asked."""
    command = "trap '' TERM; sleep 600 & echo $! > child; echo before; sleep 600"
    started = time.monotonic()

    for limit_s in LIMITS_S:
        ran = UserShell(tmp_path).run(command, timeout_s=limit_s)
        if ran.output:
            break

    assert time.monotonic() - started < 100
    assert (ran.timed_out, ran.exit_code, ran.output) == (True, 124, "before\n")
    assert has_ended(tmp_path / "child")


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    """And goes on to whoever runs the command."""

    def interrupt() -> None:
        until(lambda: has_line(tmp_path / "child"))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()

    with pytest.raises(KeyboardInterrupt):
        UserShell(tmp_path).run("sleep 60 & echo $! > child; wait")

    assert has_ended(tmp_path / "child")


def test_ctrl_c_as_it_starts_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no moment at which a command would go on alone."""
    monkeypatch.setattr("subprocess.Popen", InterruptedStart)

    with pytest.raises(KeyboardInterrupt):
        UserShell(tmp_path).run("sleep 600")

    until(lambda: not is_running(STARTED[-1]))


def test_what_runs_on_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    """A server that the command started keeps the pipe open."""
    started = time.monotonic()

    ran = UserShell(tmp_path).run("sleep 60 & echo $! > child; echo started")

    assert time.monotonic() - started < 30
    assert ran.output == "started\n"
    pid = int((tmp_path / "child").read_text())
    assert is_running(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_command_does_not_see_the_keys_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no use for them; other keys it may need."""
    for name in (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "TRIGPOINT_API_KEY",
        "STRIPE_API_KEY",
    ):
        monkeypatch.setenv(name, f"secret-{name}")

    output = UserShell(tmp_path).run("env").output

    assert sorted(row for row in output.splitlines() if "secret" in row) == [
        "STRIPE_API_KEY=secret-STRIPE_API_KEY"
    ]


def test_a_command_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """A folder that is gone, a text that no command can be."""
    with pytest.raises(InputError, match="could not be started"):
        UserShell(tmp_path / "gone").run("true")
    with pytest.raises(InputError, match="could not be started"):
        UserShell(tmp_path).run("echo \0")

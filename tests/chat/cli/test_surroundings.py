"""What a command does where its surroundings fail it: no output, no folder, no state; and its exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import write_files

import chat.errors
import edits.errors
import repomap.errors
from chat.cli import main as cli
from chat.cli.main import COMMANDS, EXIT_CODES
from chat.errors import ChatError, SessionError, Terminated
from chat.sessions.journal import FileJournal
from repomap import ExitCode, RepoMapError

pytestmark = pytest.mark.usefixtures("lasting_workers")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="/dev/full and deleted current folders are POSIX")
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")

PRINTING: dict[str, tuple[str, ...]] = {
    "map": ("map", "--jobs", "1"),
    "page": ("page", "--jobs", "1"),
    "find": ("find", "one", "--jobs", "1"),
    "symbol": ("symbol", "one", "--jobs", "1"),
    "refs": ("refs", "one", "--jobs", "1"),
    "outline": ("outline", "a.py", "--jobs", "1"),
    "show": ("show", "a.py", "--jobs", "1"),
    "graph": ("graph", "impact", "a.py", "--jobs", "1"),
    "index": ("index", "--jobs", "1"),
    "review": ("review", "--pr-file", "binary.patch"),
    "apply": ("apply", "--reply", "reply.md"),
    "sessions": ("sessions",),
    "jobs": ("jobs", "--json"),
    "settings": ("settings",),
    "models": ("models", "gpt-4o"),
    "trust": ("trust",),
    "hooks": ("hooks",),
    "cache": ("cache", "info"),
    "schema": ("schema", "map"),
    "schema of results": ("schema", "result"),
    "help": ("--help",),
    "a command": ("-m", "/help"),
    "JSON": ("-m", "/help", "--output-format", "json"),
}
"""A run of each command that prints; what serves a protocol has tests of its own."""
SERVERS = frozenset({"mcp", "acp"})
FOR_A_JOB = frozenset("run status logs artifacts send attach stop resume merge discard schedule".split())
"""They have tests of their own, with a job."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of three files, the current one; a model is named and never called."""
    patch = "diff --git a/one.bin b/one.bin\nindex 1..2 100644\nBinary files a/one.bin and b/one.bin differ\n"
    source = "def one():\n    return two\n\n\none()\n"
    write_files(tmp_path / "here", {"a.py": source, "reply.md": "Done.\n", "binary.patch": patch})
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TRIGPOINT_MODEL", "openai/none")
    with open(os.devnull, encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield tmp_path / "here"


def test_every_command_has_a_run_here() -> None:
    """So that a new one is tried as well."""
    assert set(COMMANDS) - set(PRINTING) == SERVERS | FOR_A_JOB


@FULL
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", [name for name in PRINTING if name != "sessions"])
def test_a_full_standard_output_is_one_message_and_code_1(
    name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a traceback, and nothing to report to anybody."""
    with open("/dev/full", "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        code = cli.run(PRINTING[name])
    said = capfd.readouterr().err
    assert code == 1
    assert said.count("Standard output cannot be written: No space left on device") == 1
    assert "Traceback" not in said
    assert "report" not in said


@POSIX
@pytest.mark.parametrize(
    "name", [name for name in PRINTING if PRINTING[name][0] not in ("cache", "schema", "--help")]
)
def test_a_deleted_current_folder_is_one_message_and_code_42(
    folder: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """With what to do about it."""
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        code = cli.run(PRINTING[name])
    finally:
        os.chdir(folder)
    said = capfd.readouterr()
    assert (code, said.out) == (42, "")
    assert said.err == (
        "trigpoint: error: The current folder does not exist any more. Nothing was done; change to another.\n"
    )


@POSIX
@pytest.mark.parametrize("closed", ["0", "1", "2"])
def test_a_closed_stream_leaves_the_right_code(folder: Path, closed: str) -> None:
    """Without standard error nobody can be told, and the work is done all the same."""
    program = f'exec "{sys.executable}" -m chat settings map-tokens {closed}>&-'
    done = subprocess.run(["sh", "-c", program], capture_output=True, cwd=folder, check=False)
    assert done.returncode == (1 if closed == "1" else 0)
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) is (closed != "1")


def test_a_state_folder_that_cannot_be_written_says_how_to_go_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """And going without works."""
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "a.py"))
    monkeypatch.setenv("HOME", str(folder / "a.py"))
    monkeypatch.setenv("LOCALAPPDATA", str(folder / "a.py"))
    code = cli.run(("-m", "/help"))
    said = capfd.readouterr().err
    assert code == 1
    assert "--no-session-persistence" in said
    assert "report" not in said
    assert cli.run(("-m", "/help", "--no-session-persistence")) == 0


def test_a_journal_names_the_folder_that_it_cannot_make(folder: Path) -> None:
    """A file is in its way."""
    with pytest.raises(SessionError, match="--no-session-persistence"):
        FileJournal(folder / "a.py" / "session.jsonl")


@pytest.mark.parametrize(
    ("signal", "code", "said"), [(Terminated, 143, "Terminated"), (KeyboardInterrupt, 130, "Interrupted")]
)
def test_a_signal_before_the_request_begins_has_its_one_result(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    signal: type[KeyboardInterrupt],
    code: int,
    said: str,
) -> None:
    """While modules are imported and settings are read; without JSON there is only a message."""

    def interrupted(*_given: object) -> None:
        raise signal

    monkeypatch.setattr(cli, "read_settings", interrupted)
    assert cli.run(["-p", "hello", "--output-format", "json"]) == code
    result = json.loads(capfd.readouterr().out)
    assert (result["type"], result["is_error"], result["exit_code"]) == ("result", True, code)
    assert result["error"] == f"{said}. Nothing was sent."
    assert cli.run(["-p", "hello"]) == code
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(("signal", "code"), [(Terminated, 143), (KeyboardInterrupt, 130)])
def test_a_signal_behind_the_result_adds_no_second_one(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    signal: type[KeyboardInterrupt],
    code: int,
) -> None:
    """Such as one that arrives while the chat closes."""

    def loaded(_place: str) -> Callable[..., int]:
        def run(*_: object) -> int:
            raise signal

        return run

    monkeypatch.setattr(cli, "load", loaded)
    assert cli.run(["-p", "hello", "--output-format", "json"]) == code
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("map", "nowhere"), 42),
        (("map", "--query-file", "nowhere"), 42),
        (("find", "x", "-C", "nowhere"), 42),
        (("mcp", "nowhere"), 42),
        (("apply", "--reply", "nowhere"), 42),
        (("apply", "--root", "nowhere"), 42),
        (("trust", "nowhere"), 42),
        (("--message-file", "nowhere"), 42),
        (("--config", "nowhere", "-m", "/help"), 42),
        (("--env-file", "nowhere", "-m", "/help"), 42),
        (("--load", "nowhere", "-m", "/help"), 42),
        (("find", "nothing-of-this-name", "--jobs", "1"), 1),
        (("symbol", "nothing_of_this_name", "--jobs", "1"), 1),
        (("refs", "nothing_of_this_name", "--jobs", "1"), 1),
        (("outline", "nothing.py", "--jobs", "1"), 1),
        (("show", "nothing.py", "--jobs", "1"), 1),
        (("models", "nothing-of-this-name"), 1),
        (("sessions", "--tag", "none"), 1),
        (("sessions", "grep", "nothing"), 1),
        (("sessions", "show", "2026"), 1),
        (("--resume", "2026", "-m", "/help"), 1),
        (("sessions",), 0),
        (("find", "/[/", "--jobs", "1"), 2),
        (("sessions", "grep", "["), 2),
        (("settings", "nothing"), 2),
        (("map", "--tokenizer", "nothing"), 2),
        (("-m", "/nothing"), 2),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else str(given),
)
def test_the_exit_code_says_what_kind_of_failure_it_was(
    folder: Path, arguments: tuple[str, ...], code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same for every command: unreadable input, nothing found, wrong usage."""
    assert cli.run(arguments) == code
    capfd.readouterr()


def test_every_exit_code_is_declared_once() -> None:
    """Those of all errors are in the table that `--help` and the docs show."""
    trees = (chat.errors, repomap.errors, edits.errors)
    errors = [error for tree in trees for error in vars(tree).values() if isinstance(error, type)]
    codes = {error.exit_code for error in errors if issubclass(error, ChatError | RepoMapError)}
    assert {type(code) for code in codes} == {ExitCode}
    assert {str(code.value) for code in codes} <= {code for code, _ in EXIT_CODES}

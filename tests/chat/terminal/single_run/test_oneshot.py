"""One request as a process of its own: its streams, its code, what it leaves behind."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import pytest
from fake_chat import EDIT, FakeChat
from terminals import fake_chat

from chat.settings.table import Settings
from chat.terminal.single_run import oneshot
from chat.terminal.single_run.message_stream import MAX_INPUT_BYTES


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/session.py").write_text("LIFETIME_S = 3600\n", encoding="utf-8")
    return tmp_path


def run(
    shop: Path, *paths: str, given: bytes | None = None, **settings: object
) -> subprocess.CompletedProcess[bytes]:
    """One run with these settings; standard input is empty unless something is given."""
    return subprocess.run(
        fake_chat("oneshot", json.dumps(settings), *paths),
        cwd=shop,
        input=given if given is not None else b"",
        capture_output=True,
        timeout=30,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What a run in this process gave."""

    returncode: int
    stdout: bytes
    stderr: bytes


Here = Callable[..., Done]


@pytest.fixture
def here(shop: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Here:
    """Runs in this process, for what has nothing to do with processes: starting one takes its time."""
    monkeypatch.chdir(shop)

    def carry_out(given: bytes | None = None, **settings: Any) -> Done:
        with standard_input(given) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            code = oneshot.run(replace(Settings(), **settings), (), FakeChat)
        return Done(code, *capfdbinary.readouterr())

    return carry_out


@contextmanager
def standard_input(given: bytes | None) -> Iterator[TextIO]:
    """A pipe that brings these bytes and ends, or nothing at all."""
    if given is None:
        with open(os.devnull, encoding="utf-8") as nothing:
            yield nothing
        return
    reader, writer = os.pipe()
    thread = threading.Thread(target=write_all, args=(writer, given))
    thread.start()
    with open(reader, encoding="utf-8") as pipe:
        yield pipe
    thread.join()


def write_all(writer: int, data: bytes) -> None:
    """Write to a pipe until all is written, or nobody reads any more."""
    with suppress(BrokenPipeError), open(writer, "wb") as pipe:
        pipe.write(data)


def test_standard_output_is_the_answer_alone(shop: Path) -> None:
    """No banner, no colour, no cost, and no file is left behind."""
    done = run(shop, "shop/session.py", message="edit it")

    assert done.returncode == 0
    assert done.stdout.decode() == EDIT
    assert done.stderr.decode() == (
        "Changed shop/session.py (+1 −1)\nCommitted 1a2b3c4 Let sessions expire sooner\n"
        "2.0k in (80 % cached) · 340 out · $0.004\n"
    )
    assert [path.name for path in shop.iterdir()] == ["shop"]


def test_print_shows_the_answer_and_nothing_else(here: Here) -> None:
    """Not even on standard error."""
    done = here(print="edit it")

    assert (done.stdout.decode(), done.stderr) == (EDIT, b"")


def test_an_unreachable_server_is_a_failure(shop: Path) -> None:
    """Code 1 and a reason, and nothing on standard output."""
    done = run(shop, message="unreachable")

    assert (done.returncode, done.stdout) == (1, b"")
    assert b"no server answers; nothing was changed" in done.stderr


def test_refused_edits_are_a_failure(here: Here) -> None:
    """The answer is printed, and the code says that not everything was done."""
    done = here(message="refuse")

    assert (done.returncode, done.stdout.decode()) == (1, EDIT)
    assert b"None of it was written." in done.stderr


@pytest.mark.parametrize(
    ("request_", "code", "said"),
    [
        ("/nope", 2, b"There is no command /nope"),
        ("/model", 0, b""),
        ("/model x", 2, b"give --model x"),
        ("/editor", 2, b"needs a terminal"),
        ("/undo", 1, b"no turn to undo"),
        ("/add nothing.py", 42, b"There is no file"),
        ("/test false", 1, b""),
        ("/exit", 0, b""),
        ("too many", 53, b"limit of 1 turn"),
    ],
)
def test_commands_end_with_a_code(here: Here, request_: str, code: int, said: bytes) -> None:
    """A command that did nothing never ends with 0."""
    done = here(message=request_)

    assert done.returncode == code
    assert said in done.stderr


def test_a_command_prints_its_result(here: Here) -> None:
    """As the same command outside the chat would."""
    assert here(message="/map").stdout == b"shop/session.py:\n  class Session\n"
    assert here(message="!ls").stdout == b"output of ls\n"


def test_the_map_alone_is_printed(shop: Path) -> None:
    """Nothing else on either stream, and no file is left behind."""
    done = run(shop, show_repo_map=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"shop/session.py:\n  class Session\n", b"")
    assert [path.name for path in shop.iterdir()] == ["shop"]


def test_the_prompt_alone_is_printed(here: Here) -> None:
    """No model is called."""
    assert here(show_prompts=True, message="hello").stdout == b"system\n\nhello\n"


def test_standard_input_is_added_below_the_message(here: Here) -> None:
    """As in `git diff | trigpoint -m …`."""
    done = here(message="Explain:", given=b"\xef\xbb\xbfTraceback \xff\n")

    assert done.stdout.decode() == "You said: Explain:\n\nTraceback \ufffd\n"


def test_standard_input_alone_is_the_message(shop: Path) -> None:
    """As in `git diff | trigpoint`."""
    assert run(shop, given=b"hello\n").stdout == b"You said: hello\n"


def test_a_message_comes_from_a_file(here: Here, shop: Path) -> None:
    """Or from standard input under its usual name."""
    (shop / "request.txt").write_text("from a file\n", encoding="utf-8")

    assert here(message_file="request.txt").stdout == b"You said: from a file\n\n"
    assert here(message_file="-", given=b"piped").stdout == b"You said: piped\n"


@pytest.mark.parametrize(
    "text", ["!ls", "/run ls", " \n/RUN ls", "/git status", "/test ls", "/load commands.txt"]
)
@pytest.mark.parametrize("source", ["file", "pipe", "pipe by name"])
def test_only_what_the_user_gives_as_a_flag_is_a_command(
    here: Here, shop: Path, text: str, source: str
) -> None:
    """Text from a file or a pipe is sent, with a warning: somebody else may have written it."""
    (shop / "request.txt").write_text(text, encoding="utf-8")
    (shop / "commands.txt").write_text("!ls\n", encoding="utf-8")
    settings = {"file": {"message_file": "request.txt"}, "pipe": {}, "pipe by name": {"message_file": "-"}}

    done = here(given=b"" if source == "file" else text.encode(), **settings[source])

    assert done.stdout.startswith(b"You said: ")
    assert b"output of" not in done.stdout
    assert b"so it is sent as a request" in done.stderr


@pytest.mark.parametrize("command", ["!cat", "/run cat", "/test cat", "/git log", "/lint", "/load"])
def test_standard_input_never_becomes_part_of_what_a_command_runs(here: Here, command: str) -> None:
    """The command of a flag is refused with it, and nothing runs."""
    done = here(message=command, given=b"rm -rf .")

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"takes no text from standard input. Nothing was run" in done.stderr


def test_standard_input_goes_below_the_text_of_a_command_that_asks(here: Here) -> None:
    """As in `git diff | trigpoint -m "/ask Is this right?"`."""
    assert b"Is this right?\n\n!ls" in here(message="/ask Is this right?", given=b"!ls").stdout


@pytest.mark.parametrize(
    ("settings", "given", "code", "said"),
    [
        ({}, b"", 42, b"The request is empty"),
        ({"message_file": "nope.txt"}, b"", 42, b"nope.txt: "),
        ({"message": "hi"}, b"x" * (MAX_INPUT_BYTES + 1), 42, b"more than 10 MB"),
        ({"message": "hi", "print": "hi"}, b"", 2, b"Give only one of"),
    ],
    ids=["empty", "no file", "too long", "two requests"],
)
def test_unreadable_input_ends_with_its_code(
    here: Here, settings: dict[str, object], given: bytes, code: int, said: bytes
) -> None:
    """Before anything is sent."""
    done = here(given=given, **settings)

    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a pipe cannot be asked there whether it holds anything")
def test_an_idle_open_pipe_is_ignored(shop: Path) -> None:
    """Programs that start others often forget to close it, and would hang."""
    started = time.monotonic()
    command = fake_chat("oneshot", json.dumps({"message": "hi"}))
    child = subprocess.Popen(
        command, cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    with child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.read() == b"You said: hi\n"
        assert b"so it is ignored" in child.stderr.read()

    assert time.monotonic() - started < 20


def test_json_is_one_object(shop: Path) -> None:
    """Standard error still shows what happens."""
    done = run(shop, message="edit it", output_format="json")
    found = json.loads(done.stdout)

    assert done.stdout.count(b"\n") == 1
    assert found["result"] == EDIT
    assert found["files_changed"] == ["shop/session.py"]
    assert (found["session_id"], found["exit_code"]) == ("20240101-fake", 0)
    assert found["total_cost_usd"] == 0.004
    assert b"Changed shop/session.py" in done.stderr


@pytest.mark.parametrize(
    ("request_", "code"), [("unreachable", 1), ("too many", 53), ("/nope", 2), ("refuse", 1)]
)
def test_json_reports_failures(here: Here, request_: str, code: int) -> None:
    """A script reads one object, whatever happened."""
    done = here(message=request_, output_format="json")
    found = json.loads(done.stdout)

    assert done.returncode == found["exit_code"] == code
    assert found["is_error"] is True


def test_json_has_the_output_of_a_command(here: Here) -> None:
    """As the result."""
    assert json.loads(here(message="/map", output_format="json").stdout)["result"].startswith("shop/")


def test_stream_json_is_a_line_for_each_event(shop: Path) -> None:
    """The first names the model, the last is the result."""
    lines = [
        json.loads(line)
        for line in run(shop, message="edit it", output_format="stream-json").stdout.splitlines()
    ]
    deltas = [line["event"]["delta"]["text"] for line in lines if line["type"] == "stream_event"]

    assert (lines[0]["type"], lines[0]["subtype"]) == ("system", "init")
    assert lines[-1]["type"] == "result"
    assert "".join(deltas) == EDIT
    assert [line["subtype"] for line in lines if line["type"] == "system"] == [
        "init",
        "edits_written",
        "committed",
    ]
    assert {line["session_id"] for line in lines} == {"20240101-fake"}


def test_changes_can_be_required(here: Here) -> None:
    """An answer without edits is then a failure."""
    done = here(message="hello", require_changes=True)

    assert done.returncode == 1
    assert b"--require-changes" in done.stderr
    assert here(message="edit it", require_changes=True).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
@pytest.mark.parametrize("form", ["text", "stream-json"])
def test_a_closed_pipe_is_not_an_error(shop: Path, form: str) -> None:
    """The turn is finished, and no traceback is printed."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        fake_chat("oneshot", json.dumps({"message": "edit it", "output_format": form})),
        cwd=shop, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, timeout=30, check=False,
    )  # fmt: skip
    os.close(writer)

    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way there")
def test_an_interrupt_ends_the_run(shop: Path) -> None:
    """With code 130, as shells do."""
    import signal

    child = subprocess.Popen(
        fake_chat("oneshot", json.dumps({"message": "slow", "output_format": "stream-json"})),
        cwd=shop, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        assert child.stderr is not None
        while b"word1" not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        last = child.stdout.read().splitlines()[-1]
        assert b"Interrupted." in child.stderr.read()

    assert child.returncode == 130
    assert json.loads(last)["exit_code"] == 130


def test_commands_are_loaded_first(here: Here, shop: Path) -> None:
    """From the file that `--load` names."""
    (shop / "setup").write_text("/add shop/session.py\n", encoding="utf-8")

    assert b"shop/session.py" in here(message="/ls", load="setup").stdout


def test_paths_are_relative_to_the_working_directory(shop: Path) -> None:
    """Also in a folder below the root."""
    script = (
        "import sys; from pathlib import Path; from dataclasses import replace; import fake_chat\n"
        "from chat.terminal.single_run.oneshot import run; from chat.settings.table import Settings\n"
        "opening = lambda settings, root, emit, person: fake_chat.FakeChat(settings, root.parent, emit, person)\n"
        "sys.exit(run(replace(Settings(), message='/ls'), ['session.py'], opening))\n"
    )
    support = str(Path(__file__).parents[3] / "support")

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=shop / "shop", stdin=subprocess.DEVNULL, capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([support, *sys.path])}, timeout=30, check=False,
    )  # fmt: skip

    assert b"  shop/session.py" in done.stdout

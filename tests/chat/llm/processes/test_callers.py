"""Calls in a process of their own: what comes of them comes here, and nothing of the process stays."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import is_running, until
from scripted_model import Answer, ScriptedModel, failure

from chat.errors import Unauthorized, Unreachable
from chat.events import Event, ReasoningChunk, Retrying, TextChunk
from chat.llm.lite_model import LiteModel, Waiting
from chat.llm.options import ModelOptions
from chat.llm.processes.callers import _PROGRAM, LocalCaller, ProcessCaller, _neutral_environment
from chat.llm.processes.litellm_loader import LITELLM
from chat.model import Message, ModelRole, Prompt, Reply

HI = Prompt((Message("user", "Hi"),))
Start = Callable[..., ScriptedModel]


@pytest.fixture(scope="module")
def caller() -> Iterator[ProcessCaller]:
    """One process for all tests: each loads litellm anew."""
    caller = ProcessCaller(LocalCaller(LITELLM))
    caller.load()
    yield caller
    end(caller)


def process_of(caller: ProcessCaller) -> "subprocess.Popen[bytes]":
    """The process behind it."""
    assert caller._process is not None
    return caller._process._process


def end(caller: ProcessCaller) -> None:
    """Kills the process and waits until that is noticed."""
    process_of(caller).kill()
    while not process_of(caller).stdout.closed:  # type: ignore[union-attr]
        time.sleep(0.01)


def ask(caller: ProcessCaller, server: ScriptedModel, emit: Callable[[Event], None]) -> Reply:
    """A reply to a greeting, without waits between tries."""
    options = ModelOptions(
        {ModelRole.MAIN: "openai/scripted"}, api_base=server.base_url, api_key="sk-scripted-0123456789"
    )
    waiting = Waiting(sleep=lambda _: None, chance=lambda: 0.5)
    return LiteModel(options, waiting, caller).reply(HI, ModelRole.MAIN, emit)


def test_a_reply_comes_in_pieces_and_then_whole(scripted: Start, caller: ProcessCaller) -> None:
    """Thoughts and text are told as they come, as by a call in this process."""
    told: list[Event] = []

    reply = ask(caller, scripted(Answer("Hello there, you.", reasoning="Be kind.")), told.append)

    assert (reply.text, reply.reasoning, reply.usage.calls) == ("Hello there, you.", "Be kind.", 1)
    assert [event.text for event in told if isinstance(event, TextChunk)] == ["Hello th", "ere, you", "."]
    assert [event.text for event in told if isinstance(event, ReasoningChunk)] == ["Be kind."]


def test_a_refusal_keeps_its_advice(scripted: Start, caller: ProcessCaller) -> None:
    """The error is the one that a call in this process raises, with the server's words."""
    with pytest.raises(Unauthorized, match=r"no such key[\s\S]*--api-key"):
        ask(caller, scripted(failure(401, "no such key")), lambda _: None)


def test_the_server_s_own_wait_comes_along(scripted: Start, caller: ProcessCaller) -> None:
    """When it says when it wants to be asked again."""
    told: list[Event] = []
    busy = Answer(status=429, body=b'{"error": {"message": "busy"}}', headers=(("Retry-After", "7"),))

    assert ask(caller, scripted(busy, "Hello."), told.append).text == "Hello."
    assert [event.wait_s for event in told if isinstance(event, Retrying)] == [pytest.approx(7, abs=1)]


def test_a_call_that_is_left_ends(scripted: Start, caller: ProcessCaller) -> None:
    """Ctrl-C in the middle of a reply breaks its connection; the next call goes on."""
    server = scripted(Answer("Hello there", stall_after_bytes=400), "And again.")

    def interrupt(event: Event) -> None:
        if isinstance(event, TextChunk):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(caller, server, interrupt)

    assert ask(caller, server, lambda _: None).text == "And again."


def test_a_process_that_is_killed_is_started_anew(scripted: Start, caller: ProcessCaller) -> None:
    """In the middle of a call too: it is tried again in a new process."""
    told: list[Event] = []
    killed = process_of(caller)
    server = scripted(Answer("Never.", delay_s=60), "Hello.")

    def kill() -> None:
        until(lambda: server.requests != [])
        killed.kill()

    threading.Thread(target=kill).start()
    reply = ask(caller, server, told.append)

    assert reply.text == "Hello."
    assert process_of(caller) is not killed
    assert [event.reason for event in told if isinstance(event, Retrying)] == [
        "the process that calls models has ended"
    ]


def test_a_process_that_ends_each_time_is_told(scripted: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to look for."""
    monkeypatch.setattr("chat.llm.processes.callers._PROGRAM", "import os; os._exit(9)")

    with pytest.raises(Unreachable, match="out of memory"):
        ask(ProcessCaller(LocalCaller(LITELLM)), scripted(), lambda _: None)


def test_where_no_process_can_be_started_calls_are_made_here(
    litellm_loaded: None, scripted: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the interpreter is part of another program."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert ask(ProcessCaller(LocalCaller(LITELLM)), scripted("Hello."), lambda _: None).text == "Hello."


@pytest.mark.skipif(os.name == "nt", reason="Windows has no uname")
def test_a_call_runs_no_program_of_the_repository(
    scripted: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the user's PATH has the folder that the chat is in, as `.` or as an empty entry."""
    for program in (tmp_path / "uname", tmp_path / "bin" / "uname"):
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", "bin", os.environ["PATH"]]))
    monkeypatch.setattr(
        "chat.llm.processes.callers._PROGRAM", f"import platform; platform.processor(); {_PROGRAM}"
    )
    caller = ProcessCaller(LocalCaller(LITELLM))

    assert ask(caller, scripted("Hello."), lambda _: None).text == "Hello."

    end(caller)
    assert not (tmp_path / "ran").exists()


def test_files_that_variables_name_are_still_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is in another folder, where a relative path would lead elsewhere."""
    (tmp_path / "ca.pem").touch()
    monkeypatch.chdir(tmp_path)

    environment = _neutral_environment({"SSL_CERT_FILE": "ca.pem", "AWS_CONFIG_FILE": "none", "A": "ca.pem"})

    assert environment["SSL_CERT_FILE"] == str(tmp_path / "ca.pem")
    assert (environment["AWS_CONFIG_FILE"], environment["A"]) == ("none", "ca.pem")


ORPHAN = """
import os
from chat.llm.lite_model import CALLER
CALLER.load()
print(CALLER._process._process.pid, flush=True)
os._exit(1)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no signal that does nothing")
def test_the_process_ends_with_the_one_that_started_it() -> None:
    """However that ends, and although litellm is still being loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=60, check=False
    )
    until(lambda: not is_running(int(ran.stdout)))

"""[io] One request from the command line, a file or standard input → the answer on standard output, and a code.

Everything but the answer goes to standard error. A request may also be a command, such as `/map`.
"""

import json
import os
import select
import stat
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from chat.commands.command import CommandContext, Leave
from chat.commands.table import run_line
from chat.display import json_output as results
from chat.display.event_text import command_ran
from chat.display.input_line import read_command
from chat.errors import InputError
from chat.events import (
    CommandRan,
    Emit,
    Event,
    Notice,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    Shown,
    TextChunk,
)
from chat.model import ModelRole, Usage
from chat.settings.table import Settings
from chat.terminal.output import Look, error_text, plain_text, write
from chat.terminal.person import AtTerminal, Nobody
from chat.terminal.screen import Screen, open_screen
from chat.terminal.setup import OpenChat, one_request, open_real_chat, set_up

if TYPE_CHECKING:
    from chat.app.chat import Chat

MOST_INPUT_BYTES = 10_000_000
_PATIENCE_S = 3.0


def run(settings: Settings, paths: Sequence[str], opening: OpenChat = open_real_chat) -> int:
    """Carries out the one request and gives the exit code."""
    return Run(settings, opening).carry_out(paths)


class Run:
    """One request on its way."""

    def __init__(self, settings: Settings, opening: OpenChat) -> None:
        self._settings = settings
        self._opening = opening
        self._started = time.monotonic()
        self._api_s = 0.0
        self._aside = False
        self._call_started: float | None = None
        self._shown: list[str] = []
        self._session_id = ""
        self._screen = _screen(settings)
        asks = _can_ask(settings)
        self._person = AtTerminal(self._screen, settings.yes) if asks else Nobody(settings.yes)
        self._context: CommandContext | None = None

    def carry_out(self, paths: Sequence[str]) -> int:
        """Opens the chat, does what is asked, and tells how it ended."""
        error: BaseException | None = None
        chat: Chat | None = None
        try:
            request, piped = read_request(self._settings, self._emit)
            chat = self._opening(self._settings, Path.cwd(), self._emit, self._person)
            self._begin(chat)
            self._context = set_up(chat, self._settings, paths, at_terminal=False)
            self._do(
                self._context, join(request, chat.conversation.offload(piped) if piped and request else piped)
            )
        except Leave:
            pass
        except (Exception, KeyboardInterrupt) as caught:  # whatever it is, JSON has to say so
            error = caught
        code = self._tell_end(chat, error)
        if chat is not None:
            chat.close()
        return code

    def _do(self, context: CommandContext, request: str) -> None:
        context.around_turn = self._screen.turn
        if self._settings.show_repo_map:
            context.show(context.chat.prompt.map())
        elif self._settings.show_prompts:
            context.show(context.chat.prompt.text(request))
        else:
            if read_command(request) is None:
                threading.Thread(target=_warm_up, args=(context.chat,), daemon=True).start()
            context.ends = True
            run_line(context, request)

    def _begin(self, chat: "Chat") -> None:
        self._session_id = chat.session_id
        if self._settings.output_format == "stream-json":
            self._print(
                results.init(
                    chat.session_id, str(chat.root), chat.model.name(ModelRole.MAIN), self._settings.mode
                )
            )

    def _emit(self, event: Event) -> None:
        self._clock(event)
        if isinstance(event, Shown):
            self._shown.append(event.text)
        elif isinstance(event, CommandRan) and event.purpose == "run":
            self._shown.append(command_ran(event))
        if self._settings.output_format == "stream-json":
            line = results.line(event, self._session_id)
            if line is not None and not (self._aside and isinstance(event, TextChunk | ReasoningChunk)):
                self._print(line)
        self._screen.emit(event)

    def _clock(self, event: Event) -> None:
        """Counts how long calls take."""
        if isinstance(event, ReplyStarted):
            self._aside = event.role is ModelRole.WEAK
            self._call_started = time.monotonic()
        elif isinstance(event, ReplyEnded | Retrying) and self._call_started is not None:
            self._api_s += time.monotonic() - self._call_started
            self._call_started = time.monotonic() if isinstance(event, Retrying) else None

    def _tell_end(self, chat: "Chat | None", error: BaseException | None) -> int:
        turns = tuple(self._context.turns) if self._context else ()
        failed = self._context is not None and self._context.failed
        code = results.exit_code(error, turns, failed, self._requires_changes())
        if error is not None:
            self._screen.emit(Notice(_said(error), "error"))
        elif code and self._requires_changes() and all(turn.ok for turn in turns):
            self._screen.emit(
                Notice("No file was changed, and --require-changes asks for a change.", "error")
            )
        answer = turns[-1].text if turns else "\n".join(self._shown)
        if self._settings.output_format != "text":
            usage = sum(chat.usage().values(), Usage()) if chat else Usage()
            self._print(results.result(self._outcome(code, answer, error, usage)))
        elif turns and not self._screen.shows_replies:
            self._screen.emit(Shown(answer))
        return code

    def _outcome(self, code: int, answer: str, error: BaseException | None, usage: Usage) -> results.Outcome:
        return results.Outcome(
            self._session_id,
            code,
            answer,
            error,
            tuple(self._context.turns) if self._context else (),
            usage,
            int(1000 * (time.monotonic() - self._started)),
            int(1000 * self._api_s),
            tuple(self._person.denied) if isinstance(self._person, Nobody) else (),
        )

    def _requires_changes(self) -> bool:
        return self._settings.require_changes

    def _print(self, fields: results.Fields) -> None:
        write(sys.stdout, json.dumps(fields, ensure_ascii=True) + "\n")


def _said(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; the turn was not finished."
    return error_text(error)


def _warm_up(chat: "Chat") -> None:
    """Loads in parallel what the turn will need one after the other; what goes wrong, the turn tells."""
    with suppress(Exception):
        chat.warm_up()


class _Aside:
    """A screen for remarks alone, beside JSON on standard output."""

    shows_replies = True

    def __init__(self, look: Look) -> None:
        self._look = look

    def emit(self, event: Event) -> None:
        text = plain_text(event) if not isinstance(event, Shown) else ""
        if text and not self._look.quiet:
            write(sys.stderr, text + "\n")

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    paused = turn


def _screen(settings: Settings) -> Screen:
    look = Look(settings.pretty, settings.stream, sys.stdout.isatty(), bool(settings.print), settings.verbose)
    return open_screen(look) if settings.output_format == "text" else _Aside(replace(look, pretty=False))


def _can_ask(settings: Settings) -> bool:
    """Whether somebody is there to answer: reads what we ask and can type."""
    there = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    return there and settings.output_format == "text"


def join(*parts: str) -> str:
    """Texts below each other."""
    return "\n\n".join(part for part in parts if part.strip())


def read_request(settings: Settings, emit: Emit) -> tuple[str, str]:
    """The request from wherever it comes, and what standard input holds to go below it.

    Raises UsageError for several requests, InputError for what cannot be read, is too long or empty.
    """
    text = one_request(settings)
    if settings.message_file and settings.message_file != "-":
        text = _read_file(settings.message_file)
    piped = ""
    if settings.show_repo_map:
        return text, piped
    if sys.stdin is not None and not sys.stdin.isatty():
        waits = settings.message_file == "-" or not text
        piped = _read_input(sys.stdin.buffer, emit, waits).strip("\n")
    if not join(text, piped) and not settings.show_prompts:
        raise InputError(
            "The request is empty, so nothing was sent. Give one with --message TEXT or on standard input."
        )
    return text, piped


def _read_file(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return _text(file.read(MOST_INPUT_BYTES + 1), path)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; nothing was sent. Name a file that can be read."
        ) from error


def _read_input(stream: BinaryIO, emit: Emit, waits: bool) -> str:
    """All of standard input. A pipe that nobody writes to is left alone after a while, unless it is waited for."""
    if not waits and not _has_input(stream):
        emit(
            Notice(
                f"Standard input is open, but nothing came within {_PATIENCE_S:.0f} s; going on without it. "
                "Close it (</dev/null), or use --message-file - to wait for it.",
                "warning",
            )
        )
        return ""
    return _text(stream.read(MOST_INPUT_BYTES + 1), "standard input")


def _has_input(stream: BinaryIO) -> bool:
    """Whether there is something to read, be it the end: at once but for a pipe, which may take its time."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    if os.name == "nt" or not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return True  # Windows selects among sockets alone
    return bool(select.select([stream], [], [], _PATIENCE_S)[0])


def _text(data: bytes, where: str) -> str:
    if len(data) > MOST_INPUT_BYTES:
        raise InputError(
            f"{where} holds more than {MOST_INPUT_BYTES // 1_000_000} MB; nothing was sent. "
            "Name the file with --read instead, or send the part that matters."
        )
    return data.decode("utf-8-sig", "replace")

"""[io] Runs one request from the command line, a file or standard input.

The answer goes to standard output, everything else to standard error. A request that is given as a flag may also
be a command, such as `/map`. Text from a file or a pipe never is: somebody else may have written it.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext, Leave
from chat.commands.table import find_command, require_name, run_command
from chat.display import json_output
from chat.display.event_text import command_ran
from chat.display.input_line import TypedCommand, read_command, separate_commands
from chat.errors import ChatError, InputError, Terminated, UsageError
from chat.events import (
    CommandRan,
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
from chat.results import GoalSummary, TurnResult
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import secret_values
from chat.settings.table import Settings
from chat.terminal.message_stream import messages
from chat.terminal.output import ScreenOptions, error_text, is_important, plain_text
from chat.terminal.person import Nobody, TerminalPerson
from chat.terminal.request_input import join, read_request
from chat.terminal.screen import Screen, open_screen
from chat.terminal.setup import OpenChat, one_request, open_real_chat, set_up
from chat.terminal.signals import ended_by_signals
from chat.terminal.structured import StructuredAnswer
from chat.terminal.verbose_screen import VerboseScreen
from repomap import write_to

if TYPE_CHECKING:
    from chat.app.chat import Chat

_CHECK_WITHOUT_GOAL = (
    "--check counts for goals only, and this is a single request, so no check is run. Give --goal instead of "
    "--message, or the command as --test-cmd with --auto-test."
)
_COMMAND_FAILED = "The command found failures; see its output."
_NOT_A_COMMAND = (
    "The text begins like a command, but came from a file or standard input, so it is sent as a request. "
    "Give a command with --message."
)


def run(settings: Settings, paths: Sequence[str], opening: OpenChat = open_real_chat) -> int:
    """Run the request and return the exit code."""
    return OneShot(settings, opening).run(paths)


class OneShot:
    """The run of one request."""

    def __init__(self, settings: Settings, opening: OpenChat) -> None:
        self._settings = settings
        self._opening = opening
        self._started = time.monotonic()
        self._api_s = 0.0
        self._is_internal = False
        self._call_started: float | None = None
        self._asked = ""
        """The message that is answered, of several."""
        self._shown: list[str] = []
        """What commands printed, the answer of a request without a turn."""
        self._session_id = ""
        self._masks = Masks(known_values(secret_values(os.environ, (key for _, key in settings.api_key))))
        self._screen = _open_screen(settings)
        self._person = (
            TerminalPerson(self._screen, settings.yes) if _can_ask(settings) else Nobody(settings.yes)
        )
        self._context: CommandContext | None = None
        self._structured: StructuredAnswer | None = None
        """What the answer has to fit, where the settings say so."""

    def run(self, paths: Sequence[str]) -> int:
        """Open the chat, run the request, report the outcome; return the exit code."""
        with ended_by_signals():
            return self._run(paths)

    def _run(self, paths: Sequence[str]) -> int:
        if self._settings.input_format == "stream-json":
            return self._run_messages(paths)
        error: BaseException | None = None
        chat: Chat | None = None
        try:
            request, piped = read_request(self._settings, self._emit)
            chat = self._open()
            self._context = set_up(chat, self._settings, paths, at_terminal=False)
            attachment = chat.conversation.offload(piped) if piped and request else piped
            self._run_request(self._context, request, attachment)
            if self._structured and not _only_shows(self._settings):
                self._structured.require(self._context)
        except Leave:
            pass
        except (Exception, KeyboardInterrupt) as caught:  # the JSON result must report whatever it is
            error = caught
        code = self._report_end(chat, error)
        if chat is not None:
            chat.close()
        return code

    def _open(self) -> "Chat":
        """Read the schema, if there is one, and open the chat."""
        if self._settings.json_schema:
            self._structured = StructuredAnswer(self._settings.json_schema)
            # from here on the text itself, which the prompt shows
            self._settings = replace(self._settings, json_schema=self._structured.schema.text)
        chat = self._opening(self._settings, Path.cwd(), self._emit, self._person)
        self._begin(chat)
        return chat

    def _run_messages(self, paths: Sequence[str]) -> int:
        """Run the messages on standard input, each with a result of its own; return the first code that is not 0."""
        chat: Chat | None = None
        code = 0
        try:
            _require_stream(self._settings)
            chat = self._open()
            self._context = set_up(chat, self._settings, paths, at_terminal=False)
            self._context.around_turn = self._screen.turn
            is_empty = True
            for message in messages(sys.stdin.buffer):
                is_empty = False
                ended = self._run_message(chat, self._context, message)
                code = code or ended
            if is_empty:
                raise InputError("No message arrived on standard input. Nothing was sent.")
        except (Exception, KeyboardInterrupt) as caught:  # as for a single request
            self._begin_message()
            code = self._report_end(chat, caught)
        if chat is not None:
            chat.close()
        return code

    def _run_message(self, chat: "Chat", context: CommandContext, message: str | InputError) -> int:
        """Send one message and print its result; what is no error of the chat's ends the run."""
        self._begin_message()
        try:
            if isinstance(message, InputError):
                raise message
            self._asked = message
            context.send(message, is_typed=False)
            if self._structured:
                self._structured.require(context)
        except ChatError as error:
            return self._report_end(chat, error)
        return self._report_end(chat, None)

    def _begin_message(self) -> None:
        """Forget what belongs to the message before."""
        self._started, self._api_s, self._asked = time.monotonic(), 0.0, ""
        self._shown.clear()
        if isinstance(self._person, Nobody):
            self._person.denied.clear()
        if self._structured:
            self._structured.forget()
        if self._context:
            self._context.turns.clear()
            self._context.failed = False

    def _run_request(self, context: CommandContext, request: str, attachment: str) -> None:
        """Run the request; only what the user gave as a flag may be a command."""
        context.around_turn = self._screen.turn
        text = join(request, attachment)
        if self._settings.show_repo_map:
            context.show(context.chat.prompt.map(text))
        elif self._settings.show_prompts:
            context.show(context.chat.prompt.text(text))
        elif read_command(one_request(self._settings)):
            context.ends = True
            self._run_commands(context, attachment)
        else:
            require_name(one_request(self._settings))
            if read_command(text) is not None:
                context.say(_NOT_A_COMMAND, "warning")
            if dict(self._settings.sources).get("check") == "--check":
                context.say(_CHECK_WITHOUT_GOAL, "warning")
            threading.Thread(target=_warm_up, args=(context.chat,), daemon=True).start()
            context.send(text)

    def _run_commands(self, context: CommandContext, attachment: str) -> None:
        """Run the command that was given, or several, each on a line of its own; the last takes the text of a pipe."""
        *others, last = separate_commands(one_request(self._settings))
        for text in others:
            if command := read_command(text):
                _run_command(context, command, "")
        if command := read_command(last):
            _run_command(context, command, attachment)

    def _begin(self, chat: "Chat") -> None:
        self._session_id = chat.session_id
        self._masks = chat.masks
        if self._settings.output_format == "stream-json":
            self._print(
                json_output.init(
                    chat.session_id, str(chat.root), chat.model.name(ModelRole.MAIN), self._settings.mode
                )
            )

    def _emit(self, event: Event) -> None:
        self._measure_calls(event)
        if isinstance(event, Shown):
            self._shown.append(event.text)
        elif isinstance(event, CommandRan) and event.purpose == "run":
            self._shown.append(command_ran(event))
        if self._settings.output_format == "stream-json":
            line = json_output.line(event, self._session_id)
            if line is not None and not (self._is_internal and isinstance(event, TextChunk | ReasoningChunk)):
                self._print(line)
        self._screen.emit(event)

    def _measure_calls(self, event: Event) -> None:
        """Add up how long calls take, without the waits between tries."""
        if isinstance(event, ReplyStarted):
            self._is_internal = event.role.is_internal
            self._call_started = time.monotonic()
        elif isinstance(event, ReplyEnded | Retrying) and self._call_started is not None:
            self._api_s += time.monotonic() - self._call_started
            self._call_started = time.monotonic() if isinstance(event, Retrying) else None

    def _report_end(self, chat: "Chat | None", error: BaseException | None) -> int:
        turns = tuple(self._context.turns) if self._context else ()
        failed = self._context is not None and self._context.failed
        goal = chat.goals.summary() if chat else None
        code = json_output.exit_code(error, turns, failed, self._settings.require_changes, goal)
        reason = _reason(error, turns, failed, goal) if code else ""
        if chat is not None and self._settings.report:
            code = self._write_report(chat, turns, reason) or code
        if error is not None:
            self._screen.emit(Notice(self._masks.hidden(_end_text(error)), "error"))
        elif (
            code and goal is None and all(turn.ok for turn in turns)
        ):  # a turn says by itself what went wrong
            self._screen.emit(Notice(reason, "error"))
        answer = turns[-1].text if turns else "\n".join(self._shown)
        if self._settings.output_format != "text":
            usage = sum(chat.usage().values(), Usage()) if chat else Usage()
            structured = self._structured.value if self._structured else None
            outcome = replace(
                self._outcome(code, answer, error, reason, usage),
                goal=goal,
                structured=structured,
                by_model=_by_model(chat) if chat else {},
            )
            self._print(json_output.result(outcome))
        elif self._structured:
            if self._structured.is_there:
                self._print(self._structured.value)
        elif turns and not self._screen.shows_replies:
            self._screen.emit(Shown(self._masks.hidden(answer)))
        return code

    def _write_report(self, chat: "Chat", turns: Sequence[TurnResult], reason: str) -> int:
        """Write the report that the settings ask for; return 0, or the exit code where it cannot be written."""
        from chat.app.reporting import write_report

        try:
            write_report(
                chat,
                self._settings.report,
                turns,
                asked=self._asked
                or one_request(self._settings)
                or f"The text of {self._settings.message_file or 'standard input'}",
                failure=reason,
                denied=self._denied,
            )
        except InputError as error:
            self._screen.emit(Notice(str(error), "error"))
            return error.exit_code
        return 0

    @property
    def _denied(self) -> tuple[str, ...]:
        """Questions that nobody was there to answer."""
        return tuple(self._person.denied) if isinstance(self._person, Nobody) else ()

    def _outcome(
        self, code: int, answer: str, error: BaseException | None, reason: str, usage: Usage
    ) -> json_output.Outcome:
        return json_output.Outcome(
            self._session_id,
            code,
            answer,
            error,
            tuple(self._context.turns) if self._context else (),
            usage,
            int(1000 * (time.monotonic() - self._started)),
            int(1000 * self._api_s),
            self._denied,
            reason,
        )

    def _print(self, fields: object) -> None:
        write_to(sys.stdout, json.dumps(self._masks.hidden_fields(fields), ensure_ascii=True) + "\n")


def _run_command(context: CommandContext, command: TypedCommand, attachment: str) -> None:
    """Run a command with the text on standard input below its arguments.

    Raises UsageError where that text would become part of what a shell or git runs.
    """
    if attachment and find_command(command.name).runs_programs:
        raise UsageError(
            f"{command.usage} takes no text from standard input. Nothing was run; "
            "close standard input (</dev/null), or let the command read a file."
        )
    run_command(context, replace(command, arguments=join(command.arguments, attachment)))


def _reason(
    error: BaseException | None, turns: Sequence[TurnResult], failed: bool, goal: GoalSummary | None = None
) -> str:
    """Why a run ends with another exit code than 0."""
    if goal is not None and error is None and goal.is_over and goal.status != "met":
        return f"The goal was not met ({goal.status}): {goal.reason}"
    failures = "\n".join(filter(None, (turn.failure for turn in turns)))
    if error is not None:
        return "\n".join(filter(None, (failures, _end_text(error))))
    if failures:
        return failures
    return _COMMAND_FAILED if failed else "No file was changed, which --require-changes asks for."


def _end_text(error: BaseException) -> str:
    if isinstance(error, Terminated):
        return "Terminated. The turn was not finished."
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted. The turn was not finished."
    return error_text(error)


def _warm_up(chat: "Chat") -> None:
    """Load in parallel what the turn would load step by step; the turn reports any error."""
    with suppress(Exception):
        chat.warm_up()


class _StderrScreen:
    """Shows remarks only, beside JSON on standard output."""

    shows_replies = True

    def __init__(self, options: ScreenOptions) -> None:
        self._options = options

    def emit(self, event: Event) -> None:
        text = plain_text(event) if not isinstance(event, Shown) else ""
        if text and (not self._options.quiet or is_important(event)):
            write_to(sys.stderr, text + "\n")

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    paused = turn


def _open_screen(settings: Settings) -> Screen:
    is_quiet = bool(settings.print) and not settings.verbose
    options = ScreenOptions(settings.pretty, settings.stream, sys.stdout.isatty(), is_quiet, settings.verbose)
    is_text = settings.output_format == "text" and (not settings.json_schema or _only_shows(settings))
    screen: Screen = open_screen(options) if is_text else _StderrScreen(replace(options, pretty=False))
    return VerboseScreen(screen) if settings.verbose else screen


def _by_model(chat: "Chat") -> dict[str, Usage]:
    """What each model has taken; one may have several roles."""
    taken: dict[str, Usage] = {}
    for role, usage in chat.usage().items():
        name = chat.model.name(role)
        taken[name] = taken.get(name, Usage()) + usage
    return taken


def _require_stream(settings: Settings) -> None:
    """Raise UsageError where other settings do not go with messages on standard input."""
    if settings.output_format == "text":
        raise UsageError(
            "--input-format stream-json has a result for each message. Nothing was sent; add --output-format "
            "stream-json, or json for the results alone."
        )
    if one_request(settings) or settings.message_file or _only_shows(settings):
        raise UsageError(
            "With --input-format stream-json the requests come from standard input. Nothing was sent; leave the "
            "other request out."
        )


def _only_shows(settings: Settings) -> bool:
    """Whether no model is called."""
    return settings.show_repo_map or settings.show_prompts


def _can_ask(settings: Settings) -> bool:
    """Whether a person can read a question and type an answer."""
    at_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    return at_terminal and settings.output_format == "text"

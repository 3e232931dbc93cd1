"""[io] Runs one request from the command line, a file or standard input.

The answer goes to standard output, everything else to standard error. A request that is given as a flag may also
be a command, such as `/map`. Text from a file or a pipe never is: somebody else may have written it.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext, Leave
from chat.commands.table import find_command, require_name, run_command
from chat.display.input_line import TypedCommand, read_command, separate_commands
from chat.errors import ChatError, InputError, UsageError
from chat.events import (
    Event,
)
from chat.ports import Person
from chat.settings.table import Settings
from chat.terminal.person import Nobody, TerminalPerson, can_be_asked
from chat.terminal.screens.output import ScreenOptions, status_of_goal
from chat.terminal.screens.screen import RemarksScreen, Screen, open_screen
from chat.terminal.screens.verbose_screen import VerboseScreen
from chat.terminal.setup import OpenChat, one_request, only_shows, open_real_chat, set_up
from chat.terminal.signals import ended_by_signals
from chat.terminal.single_run.message_stream import messages
from chat.terminal.single_run.request_input import join, read_request
from chat.terminal.single_run.run_record import RunRecord
from chat.terminal.single_run.structured import StructuredAnswer

if TYPE_CHECKING:
    from chat.app.chat import Chat

_CHECK_WITHOUT_GOAL = (
    "--check counts for goals only, and this is a single request, so no check is run. Give --goal instead of "
    "--message, or the command as --test-cmd with --auto-test."
)
_NOT_A_COMMAND = (
    "The text begins like a command, but came from a file or standard input, so it is sent as a request. "
    "Give a command with --message."
)


def run(settings: Settings, paths: Sequence[str], opening: OpenChat = open_real_chat) -> int:
    """Run the request and return the exit code."""
    return OneShot(settings, opening).run(paths)


class OneShot:
    """The run of one request."""

    def __init__(self, settings: Settings, opening: OpenChat, person: Person | None = None) -> None:
        """``person`` answers questions; by default whoever is at the terminal, or nobody."""
        self._settings = settings
        self._opening = opening
        self._screen = _open_screen(settings)
        self._person = person or (
            TerminalPerson(self._screen, settings.yes) if _can_ask(settings) else Nobody(settings.yes)
        )
        self._record = RunRecord(settings, self._screen, self._person)
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
            request, piped = self._read_request()
            chat = self._open()
            self._context = set_up(chat, self._settings, paths, at_terminal=False)
            attachment = chat.conversation.offload(piped) if piped and request else piped
            self._run_request(self._context, request, attachment)
            if self._structured and not only_shows(self._settings):
                self._structured.require(self._context)
        except Leave:
            pass
        except (Exception, KeyboardInterrupt) as caught:  # the JSON result must report whatever it is
            error = caught
            self._take_back_blank()
        code = self._report_end(chat, error)
        if chat is not None:
            chat.close()
        return code

    def _read_request(self) -> tuple[str, str]:
        """Return the request, and the text that goes below it."""
        return read_request(self._settings, self._emit)

    def _open(self) -> "Chat":
        """Read the schema, if there is one, and open the chat."""
        if self._settings.json_schema:
            self._structured = StructuredAnswer(self._settings.json_schema)
            # from here on the text itself, which the prompt shows
            self._settings = replace(self._settings, json_schema=self._structured.schema.text)
        chat = self._opening(self._settings, Path.cwd(), self._emit, self._person)
        self._record.begin(chat)
        return chat

    def _run_messages(self, paths: Sequence[str]) -> int:
        """Run the messages on standard input, each with a result of its own; return the first code that is not 0."""
        chat: Chat | None = None
        code = 0
        try:
            _require_stream(self._settings)
            chat = self._open()
            self._context = set_up(chat, self._settings, paths, at_terminal=False)
            self._context.around_turn = partial(self._screen.turn, status_of_goal(chat))
            is_empty = True
            for message in messages(sys.stdin.buffer):
                is_empty = False
                ended = self._run_message(chat, self._context, message)
                code = code or ended
            if is_empty:
                raise InputError("No message arrived on standard input. Nothing was sent.")
        except (Exception, KeyboardInterrupt) as caught:  # as for a single request
            self._take_back_blank()
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
            self._record.asked = message
            context.send(message, is_typed=False)
            if self._structured:
                self._structured.require(context)
        except ChatError as error:
            return self._report_end(chat, error)
        return self._report_end(chat, None)

    def _begin_message(self) -> None:
        """Forget what belongs to the message before."""
        self._record.forget()
        if self._structured:
            self._structured.forget()
        if self._context:
            self._context.turns.clear()
            self._context.failed = False

    def _run_request(self, context: CommandContext, request: str, attachment: str) -> None:
        """Run the request; only what the user gave as a flag may be a command."""
        context.around_turn = partial(self._screen.turn, status_of_goal(context.chat))
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
            context.chat.warm_up_beside()
            context.send(text)

    def _run_commands(self, context: CommandContext, attachment: str) -> None:
        """Run the command that was given, or several, each on a line of its own; the last takes the text of a pipe."""
        *others, last = separate_commands(one_request(self._settings))
        for text in others:
            if command := read_command(text):
                _run_command(context, command, "")
        if command := read_command(last):
            _run_command(context, command, attachment)

    def _take_back_blank(self) -> None:
        """Remove the files that were made for this run and that nothing was written to."""
        if self._context and (paths := self._context.chat.files.take_back_blank()):
            self._context.say(f"Removed {', '.join(paths)}, which nothing was written to.")

    def _emit(self, event: Event) -> None:
        self._record.add(event)
        self._screen.emit(event)

    def _report_end(self, chat: "Chat | None", error: BaseException | None) -> int:
        return self._record.end(chat, self._context, self._structured, error)


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


def _open_screen(settings: Settings) -> Screen:
    is_quiet = bool(settings.print) and not settings.verbose
    options = ScreenOptions(settings.pretty, settings.stream, sys.stdout.isatty(), is_quiet, settings.verbose)
    is_text = settings.output_format == "text" and (not settings.json_schema or only_shows(settings))
    screen: Screen = open_screen(options) if is_text else RemarksScreen(replace(options, pretty=False))
    return VerboseScreen(screen) if settings.verbose else screen


def _require_stream(settings: Settings) -> None:
    """Raise UsageError where other settings do not go with messages on standard input."""
    if settings.output_format == "text":
        raise UsageError(
            "--input-format stream-json has a result for each message. Nothing was sent; add --output-format "
            "stream-json, or json for the results alone."
        )
    if one_request(settings) or settings.message_file or only_shows(settings):
        raise UsageError(
            "With --input-format stream-json the requests come from standard input. Nothing was sent; leave the "
            "other request out."
        )


def _can_ask(settings: Settings) -> bool:
    """Whether the run can put a question to a person: not where programs read what it prints."""
    return can_be_asked() and settings.output_format == "text"

"""[io] What a run without a prompt has shown and taken, and the result that it ends with.

The result is the answer as text, or one JSON object whatever happens; both are masked.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext
from chat.display import json_output
from chat.display.event_text import command_ran
from chat.errors import InputError, Terminated
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
from chat.ports import Person
from chat.results import GoalSummary, TurnResult
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import secret_values
from chat.settings.table import Settings
from chat.terminal.person import Nobody
from chat.terminal.screens.output import error_text
from chat.terminal.screens.screen import Screen
from chat.terminal.setup import one_request
from chat.terminal.single_run.structured import StructuredAnswer
from repomap import write_to

if TYPE_CHECKING:
    from chat.app.chat import Chat

_NO_REPORT = "--evidence-cmd keeps its files with a report, so it was not run. Add --report FILE."
_COMMAND_FAILED = "The command found failures; see its output."


class RunRecord:
    """What happens in a run, for its result; one of several messages after the other."""

    def __init__(self, settings: Settings, screen: Screen, person: Person) -> None:
        self._settings = settings
        self._screen = screen
        self._person = person
        self._started = time.monotonic()
        self._api_s = 0.0
        self._is_internal = False
        self._call_started: float | None = None
        self.asked = ""
        """The message that is answered, of several."""
        self._shown: list[str] = []
        """What commands printed, the answer of a request without a turn."""
        self._evidence: tuple[str, ...] = ()
        self._session_id = ""
        self._masks = Masks(known_values(secret_values(os.environ, (key for _, key in settings.api_key))))

    def begin(self, chat: "Chat") -> None:
        """Take the session and its masks, and print how the stream of events begins."""
        self._session_id = chat.session_id
        self._masks = chat.masks
        if self._settings.output_format == "stream-json":
            self._print(
                json_output.init(
                    chat.session_id, str(chat.root), chat.model.name(ModelRole.MAIN), self._settings.mode
                )
            )

    def forget(self) -> None:
        """Forget what belongs to the message before."""
        self._started, self._api_s, self.asked = time.monotonic(), 0.0, ""
        self._shown.clear()
        self._evidence = ()
        if isinstance(self._person, Nobody):
            self._person.denied.clear()

    def add(self, event: Event) -> None:
        """Measure an event, keep what it shows, and print it where events are streamed."""
        self._measure_calls(event)
        if isinstance(event, Shown):
            self._shown.append(event.text)
        elif isinstance(event, CommandRan) and event.purpose == "run":
            self._shown.append(command_ran(event))
        if self._settings.output_format == "stream-json":
            line = json_output.line(event, self._session_id)
            if line is not None and not (self._is_internal and isinstance(event, TextChunk | ReasoningChunk)):
                self._print(line)

    def _measure_calls(self, event: Event) -> None:
        """Add up how long calls take, without the waits between tries."""
        if isinstance(event, ReplyStarted):
            self._is_internal = event.role.is_internal
            self._call_started = time.monotonic()
        elif isinstance(event, ReplyEnded | Retrying) and self._call_started is not None:
            self._api_s += time.monotonic() - self._call_started
            self._call_started = time.monotonic() if isinstance(event, Retrying) else None

    def end(
        self,
        chat: "Chat | None",
        context: CommandContext | None,
        structured: StructuredAnswer | None,
        error: BaseException | None,
    ) -> int:
        """Show what went wrong, write the report and the result, and return the exit code."""
        turns = tuple(context.turns) if context else ()
        failed = context is not None and context.failed
        goal = chat.goals.summary() if chat else None
        code = json_output.exit_code(error, turns, failed, self._settings.require_changes, goal)
        reason = _reason(error, turns, failed, goal) if code else ""
        if chat is not None and self._settings.report:
            code = (
                self._write_report(chat, turns, reason, is_ended=isinstance(error, KeyboardInterrupt)) or code
            )
        elif self._settings.evidence_cmd and turns:
            self._screen.emit(Notice(_NO_REPORT, "warning"))
        if error is not None:
            self._screen.emit(Notice(self._masks.hidden(_end_text(error)), "error"))
        elif code and goal is None and all(turn.ok for turn in turns):  # else a turn has said it
            self._screen.emit(Notice(reason, "error"))
        answer = turns[-1].text if turns else "\n".join(self._shown)
        if self._settings.output_format == "text":
            self._show_answer(answer, structured, has_turns=bool(turns))
        else:
            outcome = self._outcome(code, answer, error, turns, reason, chat)
            value = structured.value if structured else None
            self._print(json_output.result(replace(outcome, goal=goal, structured=value)))
        return code

    def _show_answer(self, answer: str, structured: StructuredAnswer | None, *, has_turns: bool) -> None:
        """Print what fits the schema of the run, or else the answer where the screen has not shown it."""
        if structured:
            if structured.is_there:
                self._print(structured.value)
        elif has_turns and not self._screen.shows_replies and answer not in self._shown:
            self._screen.emit(Shown(self._masks.hidden(answer)))

    def _write_report(self, chat: "Chat", turns: Sequence[TurnResult], reason: str, *, is_ended: bool) -> int:
        """Write the report that the settings ask for; return 0, or the exit code where it cannot be written."""
        from chat.app.reporting import write_report

        try:
            self._evidence = write_report(
                chat,
                self._settings.report,
                turns,
                asked=self.asked
                or one_request(self._settings)
                or f"The text of {self._settings.message_file or 'standard input'}",
                failure=reason,
                denied=self._denied,
                gathers=not is_ended and not self._settings.dry_run,
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
        self,
        code: int,
        answer: str,
        error: BaseException | None,
        turns: tuple[TurnResult, ...],
        reason: str,
        chat: "Chat | None",
    ) -> json_output.Outcome:
        return json_output.Outcome(
            self._session_id,
            code,
            answer,
            error,
            turns,
            sum(chat.usage().values(), Usage()) if chat else Usage(),
            int(1000 * (time.monotonic() - self._started)),
            int(1000 * self._api_s),
            self._denied,
            reason,
            by_model=_by_model(chat) if chat else {},
            evidence=self._evidence,
        )

    def _print(self, fields: object) -> None:
        write_to(sys.stdout, json.dumps(self._masks.hidden_fields(fields), ensure_ascii=True) + "\n")


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


def _by_model(chat: "Chat") -> dict[str, Usage]:
    """What each model has taken; one may have several roles."""
    taken: dict[str, Usage] = {}
    for role, usage in chat.usage().items():
        name = chat.model.name(role)
        taken[name] = taken.get(name, Usage()) + usage
    return taken

"""[io] What leaves a chat for a screen or a script, without its secrets: events, and questions to the person.

`masks_for` reads the environment and the files of keys in the root; the rest is pure.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from chat.events import Emit, Event, ReasoningChunk, ReplyEnded, TextChunk
from chat.model import Plan, PlanRevision, PlanStep
from chat.ports import Permit, Person
from chat.safety.masks import Masks, known_values
from chat.safety.secret_forms import is_key_file
from chat.safety.secrets import secret_values
from chat.settings.table import Settings
from repomap import read_if_regular

_MAX_KEY_FILE_BYTES = 64_000
_MAX_KEY_FILES = 50

_PEM_BEGIN = "-----BEGIN "
_WHOLE_PEM = re.compile(r"-----BEGIN .*?-----END [^\n]*?-----", re.DOTALL)
_MAX_HELD_CHARS = 20_000
"""No key is longer; a certificate that never ends is shown."""


def masks_for(settings: Settings, root: Path) -> Masks:
    """Return what is secret in a folder from the start: keys of the settings, variables, files of keys."""
    masks = Masks(known_values(secret_values(os.environ, (key for _, key in settings.api_key))))
    learn_key_files(masks, root)
    return masks


def learn_key_files(masks: Masks, root: Path) -> None:
    """Take note of the secrets in a folder's own files of keys, such as `.env`."""
    with suppress(OSError):
        names: Iterable[str] = sorted(filter(is_key_file, os.listdir(root)))[:_MAX_KEY_FILES]
        for name in names:
            text = (read_if_regular(root / name, _MAX_KEY_FILE_BYTES) or b"").decode("utf-8", "replace")
            masks.learn(text)
            masks.learn_file(name, text)


class HidingEmit:
    """Passes events on without secrets; of a reply that streams in, each word once it is whole."""

    def __init__(self, emit: Emit, masks: Masks) -> None:
        self._emit = emit
        self._masks = masks
        self._text, self._reasoning = GrowingText(masks), GrowingText(masks)

    def __call__(self, event: Event) -> None:
        """Pass an event on."""
        match event:
            case ReasoningChunk(text):
                if shown := self._reasoning.added(text):
                    self._emit(ReasoningChunk(shown))
            case TextChunk(text):
                self._end_reasoning()
                if shown := self._text.added(text):
                    self._emit(TextChunk(shown))
            case _:
                self._end_reasoning()
                if shown := self._text.rest():
                    self._emit(TextChunk(shown))
                self._emit(hidden_event(event, self._masks))

    def _end_reasoning(self) -> None:
        if shown := self._reasoning.rest():
            self._emit(ReasoningChunk(shown))


class GrowingText:
    """A text that grows piece by piece; what may be part of a secret is held back until the next piece."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._line = ""
        """The beginning of the current line, which may say what follows."""
        self._held = ""

    def added(self, piece: str) -> str:
        """Return what can be shown after another piece."""
        self._held += piece
        end = _end_of_last_word(self._held)
        begin = self._held.rfind(_PEM_BEGIN)
        if begin >= 0 and len(self._held) < _MAX_HELD_CHARS:
            whole = _WHOLE_PEM.match(self._held, begin)
            end = min(end, begin) if whole is None or end < whole.end() else end
        return self._shown(end)

    def rest(self) -> str:
        """Return what is left at the end of the text."""
        text = self._shown(len(self._held))
        self._line = ""
        return text

    def _shown(self, end: int) -> str:
        text, self._held = self._held[:end], self._held[end:]
        if not text:
            return ""
        self._masks.learn(self._line + text)
        self._line = (self._line + text).rpartition("\n")[2]
        return self._masks.hidden(text)


def _end_of_last_word(text: str) -> int:
    return (
        len(text) - len(text.rsplit(maxsplit=1)[-1]) if text.split() and not text[-1].isspace() else len(text)
    )


def hidden_event(event: Event, masks: Masks) -> Event:
    """Return an event without secrets; its paths and ids stay as they are."""
    if isinstance(event, ReplyEnded):
        reply = event.reply
        hidden = replace(reply, text=masks.hidden(reply.text), reasoning=masks.hidden(reply.reasoning))
        return replace(event, reply=hidden)
    changed: dict[str, Any] = dict(_hidden_fields(event, masks))
    return replace(event, **changed) if changed else event


_TEXTS = frozenset("text reason detail messages subject command output diff task".split())


def _hidden_fields(value: object, masks: Masks) -> Iterator[tuple[str, object]]:
    """Yield the fields of an event, or of a part of one, that are texts or hold them."""
    for each in fields(value):  # type: ignore[arg-type]
        field = getattr(value, each.name)
        if each.name in _TEXTS and isinstance(field, str):
            yield each.name, masks.hidden(field)
        elif each.name == "messages":
            yield each.name, tuple(map(masks.hidden, field))
        elif each.name == "files":
            yield each.name, tuple(replace(file, diff=masks.hidden(file.diff)) for file in field)
        elif isinstance(field, Plan):
            yield each.name, _hidden_plan(field, masks)


def _hidden_plan(plan: Plan, masks: Masks) -> Plan:
    steps = (PlanStep(masks.hidden(step.text), masks.hidden(step.evidence)) for step in plan.steps)
    revisions = (
        PlanRevision(masks.hidden(each.reason), tuple(map(masks.hidden, each.diff)))
        for each in plan.revisions
    )
    return Plan(tuple(steps), tuple(revisions))


class HidingPerson:
    """Asks the person without showing secrets. A command that is offered is shown as it would run."""

    def __init__(self, person: Person, masks: Masks) -> None:
        self._person = person
        self._masks = masks

    @property
    def is_there(self) -> bool:
        """Whether a person can be asked."""
        return self._person.is_there

    def permit(self, command: str, rule: str) -> Permit:
        """Whether to run a command that the model waits for."""
        return self._person.permit(command, rule)

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the answer is yes. Raises NeedsTerminal."""
        return self._person.confirm(self._masks.hidden(question), self._masks.hidden(subject))

    def offer(self, command: str) -> bool:
        """Whether to run a command that the model proposes."""
        return self._person.offer(command)

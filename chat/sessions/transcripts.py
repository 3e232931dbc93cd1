"""The lines of a journal -> the messages of the session, to be read, searched and exported.

Pure. A rebuild drops messages from the prompt but not from the journal, so both the user and the
model can look them up there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.sessions.conversation_change import ConversationChange
from chat.sessions.records.journal_line import JournalLine, read_record
from chat.sessions.records.session import Resume
from chat.sessions.records.turn import TurnBegin
from repomap import CountTokens

_MAX_LINE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class SessionMessage:
    """One message of a session."""

    turn: int
    role: str
    kind: str
    text: str
    time: str
    """UTC, as `2026-01-31T12:00:00Z`."""


def messages_in(lines: Iterable[JournalLine]) -> tuple[SessionMessage, ...]:
    """Return every message in order, also those that have left the prompt; each once.

    The messages of an interrupted turn are left out where the turn was taken again.
    """
    messages: dict[tuple[int, str, str], SessionMessage] = {}
    open_keys: list[tuple[int, str, str]] = []
    for line in lines:
        match read_record(line):
            case TurnBegin():
                open_keys = []
            case Resume(again=True):
                for key in open_keys:
                    messages.pop(key, None)
            case ConversationChange() as change:
                for message in _messages(change, line.time):
                    key = (message.turn, message.role, message.text)
                    if key not in messages:
                        messages[key] = message
                        open_keys.append(key)
            case _:
                pass
    return tuple(messages.values())


def _messages(change: ConversationChange, time: str) -> Iterator[SessionMessage]:
    for entry in (*(change.entries or ()), *change.added):
        yield SessionMessage(entry.turn, entry.message.role, entry.kind, entry.message.text, time)


def lines_matching(
    messages: Iterable[SessionMessage], matches: Callable[[str], bool]
) -> Iterator[tuple[SessionMessage, int, str]]:
    """Yield the lines that match, each with its message and its number in the message, from 1."""
    for message in messages:
        for number, line in enumerate(message.text.split("\n"), 1):
            if matches(line):
                yield message, number, line


def search_past(
    messages: Sequence[SessionMessage], words: str, before_turn: int, budget_tokens: int, count: CountTokens
) -> str:
    """Return the lines of earlier turns with most of the words, best and newest first; "" for none.

    What files looked like is left out: the model can ask for them as they are now.
    """
    wanted = {word.casefold() for word in re.findall(r"\w+", words)}
    phrase = " ".join(words.split()).casefold()
    earlier = [message for message in messages if message.turn < before_turn and message.kind != "context"]

    def score(line: str) -> int:
        folded = line.casefold()
        return sum(word in folded for word in wanted) + len(wanted) * (phrase in folded)

    min_score = max(1, (len(wanted) + 1) // 2)
    hits = [
        (score(line), message, line)
        for message, _, line in lines_matching(earlier, lambda line: score(line) >= min_score)
    ]
    hits.sort(key=lambda hit: (-hit[0], -hit[1].turn))
    lines: list[str] = []
    for _, message, line in hits:
        text = f"turn {message.turn}, {message.role}: {line.strip()[:_MAX_LINE_CHARACTERS]}"
        budget_tokens -= count(text) + 1
        if budget_tokens < 0:
            break
        lines.append(text)
    return "\n".join(dict.fromkeys(lines))


def markdown(session: str, messages: Iterable[SessionMessage]) -> str:
    """Return a session as a Markdown page."""
    parts = [f"# Session {session}"]
    turn = 0
    for message in messages:
        if message.turn != turn:
            turn = message.turn
            parts.append(f"## Turn {turn} ({message.time})")
        parts.append(f"### {_TITLES.get(message.kind, message.kind)}\n\n{_fenced(message)}")
    return "\n\n".join(parts) + "\n"


def _fenced(message: SessionMessage) -> str:
    """The text in a fence, except of replies, which are Markdown already."""
    if message.kind == "reply":
        return message.text
    longest = max(map(len, re.findall(r"`+", message.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{message.text}\n{fence}"


_TITLES = {
    "request": "Request",
    "reply": "Reply",
    "context": "Shown to the model",
    "feedback": "Told to the model",
    "note": "Note",
}

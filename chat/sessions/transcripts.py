"""The records of a session → what was said in it, to be read, searched and exported.

Pure. The prompt forgets at each rebuild; the journal does not, so both the user and the model can
look there for what was said before.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.sessions.conversation_change import ConversationChange
from chat.sessions.records import Line, Resume, TurnBegin, read_record
from repomap import CountTokens

_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a session."""

    turn: int
    role: str
    kind: str
    text: str
    time: str
    """UTC, as `2026-01-31T12:00:00Z`."""


def said_in(lines: Iterable[Line]) -> tuple[Said, ...]:
    """Return every message in order, also those that have left the prompt; each once.

    The messages of an interrupted turn are left out where the turn was taken again.
    """
    found: dict[tuple[int, str, str], Said] = {}
    open_keys: list[tuple[int, str, str]] = []
    for line in lines:
        match read_record(line):
            case TurnBegin():
                open_keys = []
            case Resume(again=True):
                for key in open_keys:
                    found.pop(key, None)
            case ConversationChange() as change:
                for said in _messages(change, line.time):
                    key = (said.turn, said.role, said.text)
                    if key not in found:
                        found[key] = said
                        open_keys.append(key)
            case _:
                pass
    return tuple(found.values())


def _messages(change: ConversationChange, time: str) -> Iterator[Said]:
    for entry in (*(change.entries or ()), *change.added):
        yield Said(entry.turn, entry.message.role, entry.kind, entry.message.text, time)


def lines_matching(said: Iterable[Said], matches: Callable[[str], bool]) -> Iterator[tuple[Said, int, str]]:
    """The lines that match, each with its message and its number in it, from 1."""
    for each in said:
        for number, line in enumerate(each.text.split("\n"), 1):
            if matches(line):
                yield each, number, line


def past(said: Sequence[Said], words: str, before_turn: int, budget_tokens: int, count: CountTokens) -> str:
    """The lines of earlier turns that hold most of the words, the best and newest first; "" for none.

    What files looked like is left out: as they are now, they can be asked for.
    """
    wanted = {word.casefold() for word in re.findall(r"\w+", words)}
    phrase = " ".join(words.split()).casefold()
    earlier = [each for each in said if each.turn < before_turn and each.kind != "context"]

    def score(line: str) -> int:
        folded = line.casefold()
        return sum(word in folded for word in wanted) + len(wanted) * (phrase in folded)

    least = max(1, (len(wanted) + 1) // 2)
    found = [
        (score(line), each, line)
        for each, _, line in lines_matching(earlier, lambda line: score(line) >= least)
    ]
    found.sort(key=lambda hit: (-hit[0], -hit[1].turn))
    lines: list[str] = []
    for _, each, line in found:
        text = f"turn {each.turn}, {each.role}: {line.strip()[:_LONGEST_LINE]}"
        budget_tokens -= count(text) + 1
        if budget_tokens < 0:
            break
        lines.append(text)
    return "\n".join(dict.fromkeys(lines))


def markdown(session: str, said: Iterable[Said]) -> str:
    """A session as a page that can be read."""
    parts = [f"# Session {session}"]
    turn = 0
    for each in said:
        if each.turn != turn:
            turn = each.turn
            parts.append(f"## Turn {turn} ({each.time})")
        parts.append(f"### {_TITLES.get(each.kind, each.kind)}\n\n{_fenced(each)}")
    return "\n\n".join(parts) + "\n"


def _fenced(said: Said) -> str:
    """Replies are Markdown already; all else is shown as it is."""
    if said.kind == "reply":
        return said.text
    longest = max(map(len, re.findall(r"`+", said.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{said.text}\n{fence}"


_TITLES = {
    "request": "Request",
    "reply": "Reply",
    "context": "Shown to the model",
    "feedback": "Told to the model",
    "note": "Note",
}

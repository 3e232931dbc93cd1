"""[io] Notes for later sessions: those that the user adds, and those that the weak model proposes.

A proposal is kept only if the person accepts it. It quotes the user as evidence, and is dropped where the
user never said that, since models make up such things.
"""

import re
from collections.abc import Iterable, Sequence

from chat.conversation.prompt_texts import NOTES_SYSTEM, NOTES_TASK
from chat.errors import ChatError
from chat.model import Message, ModelRole, Prompt
from chat.prompt.rules import renew_rules
from chat.results import Proposal
from chat.sessions.memory import Memory
from chat.sessions.transcripts import messages_in
from chat.state.state import State
from chat.state.tokens import count_once

FEWEST_TURNS = 3
_MOST_NOTES = 3
_MOST_TOKENS = 6_000
_LONGEST_NOTE = 300
_PAIR = re.compile(
    r"^[ \t>*-]*NOTE:[ \t]*(?P<note>[^\n]+)\n+[ \t>*-]*EVIDENCE:[ \t]*(?P<evidence>[^\n]+)",
    re.MULTILINE | re.IGNORECASE,
)


class Notes:
    """The notes for later sessions, as one chat adds to them."""

    def __init__(self, state: State, memory: Memory) -> None:
        self._state = state
        self._memory = memory

    def add(self, text: str) -> str:
        """Keep a note; it is pinned in this session too. Raises InputError where there is no room for it."""
        message = self._memory.add(text)
        self._state.prompt.pinned = self._memory.pinned_into(self._state.prompt.pinned)
        renew_rules(self._state)
        return message

    def text(self) -> str:
        """The notes with their files."""
        return self._memory.shown()

    def propose(self) -> tuple[Proposal, ...]:
        """What of this session could be kept; asks the weak model once."""
        return propose(self._state, self._memory.text())


def propose(state: State, kept: str) -> tuple[Proposal, ...]:
    """What the weak model would keep of this session beside what is kept; nothing where it cannot be asked."""
    requests = [message.text for message in messages_in(state.ports.history()) if message.kind == "request"]
    requests = requests or [
        entry.message.text for entry in state.conversation.entries if entry.kind == "request"
    ]
    task = NOTES_TASK.format(kept=kept or "(none)", said="\n\n".join(_newest(requests)))
    try:
        reply = state.calls.reply(
            Prompt((Message("system", NOTES_SYSTEM), Message("user", task))), ModelRole.WEAK
        )
    except ChatError:
        return ()
    return read_proposals(reply.text, requests, kept)


def read_proposals(reply: str, requests: Iterable[str], kept: str = "") -> tuple[Proposal, ...]:
    """The notes of a reply whose evidence the user has said, and that are not kept yet; in its order."""
    said = [_flat(request) for request in requests]
    found: dict[str, Proposal] = {}
    for pair in _PAIR.finditer(reply):
        note = " ".join(pair["note"].split())[:_LONGEST_NOTE]
        evidence = pair["evidence"].strip().strip("\"'“”`").strip()
        known = _flat(note) in _flat(kept)
        if len(_flat(evidence)) > 3 and not known and any(_flat(evidence) in request for request in said):
            found.setdefault(_flat(note), Proposal(note, evidence))
    return tuple(found.values())[:_MOST_NOTES]


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _newest(requests: Sequence[str]) -> list[str]:
    """The newest requests within a budget, oldest of them first."""
    budget, kept = _MOST_TOKENS, list[str]()
    for request in reversed(requests):
        budget -= count_once(request)
        if budget < 0:
            break
        kept.append(request)
    return kept[::-1]

"""[io] Notes for later sessions: those that the user adds, and those that the weak model proposes.

A proposal is kept only if the person accepts it. It quotes the user as evidence, and is dropped where the
user never said that, since models make up such things.
"""

import re
from collections.abc import Iterable, Sequence

from chat.conversation.prompt_texts import NOTES_SYSTEM, NOTES_TASK
from chat.conversation.summaries import of_user
from chat.errors import ChatError
from chat.model import Message, ModelRole, Prompt
from chat.prompt.rules import renew_rules
from chat.results import Proposal
from chat.sessions.memory import Memory
from chat.sessions.transcripts import messages_in
from chat.state.state import State
from chat.state.tokens import count_once

MIN_TURNS = 3
"""Shorter sessions are not worth a proposal."""
_MAX_NOTES = 3
_MAX_REQUEST_TOKENS = 6_000
_MAX_NOTE_CHARACTERS = 300
_MIN_EVIDENCE_CHARACTERS = 4
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
        self._state.prompt.pin(self._memory.pinned_into(self._state.prompt.pinned))
        renew_rules(self._state)
        return message

    def text(self) -> str:
        """Return the notes with their files."""
        return self._memory.shown()

    def propose(self) -> tuple[Proposal, ...]:
        """Return what of this session could be kept; asks the weak model once, and none if it cannot be asked."""
        kept = self._memory.text()
        requests = _requests_of(self._state)
        task = NOTES_TASK.format(kept=kept or "(none)", said="\n\n".join(_newest(requests)))
        messages = (Message("system", NOTES_SYSTEM), Message("user", task))
        try:
            reply = self._state.calls.reply(Prompt(messages), ModelRole.WEAK)
        except ChatError:
            return ()
        return read_proposals(reply.text, requests, kept)


def read_proposals(reply: str, requests: Iterable[str], kept: str = "") -> tuple[Proposal, ...]:
    r"""Return the notes of a reply whose evidence the user wrote and that are not kept yet, in its order.

    >>> read_proposals("NOTE: Tabs are used.\nEVIDENCE: use tabs", ["Please use tabs here."])
    (Proposal(note='Tabs are used.', evidence='use tabs'),)
    >>> read_proposals("NOTE: Spaces are used.\nEVIDENCE: use spaces", ["Please use tabs here."])
    ()
    """
    written = [_normalised(request) for request in requests]
    proposals: dict[str, Proposal] = {}
    for pair in _PAIR.finditer(reply):
        note = " ".join(pair["note"].split())[:_MAX_NOTE_CHARACTERS]
        evidence = pair["evidence"].strip().strip("\"'“”`").strip()
        is_kept = _normalised(note) in _normalised(kept)
        if not is_kept and _is_evidence(_normalised(evidence), written):
            proposals.setdefault(_normalised(note), Proposal(note, evidence))
    return tuple(proposals.values())[:_MAX_NOTES]


def _is_evidence(text: str, written: Iterable[str]) -> bool:
    return len(text) >= _MIN_EVIDENCE_CHARACTERS and any(text in request for request in written)


def _normalised(text: str) -> str:
    return " ".join(text.casefold().split())


def _requests_of(state: State) -> list[str]:
    """The requests of the session, oldest first; of a session that is not kept, those still in the prompt."""
    requests = [message.text for message in messages_in(state.ports.history()) if message.kind == "request"]
    shown = [entry.message.text for entry in state.conversation.entries if entry.kind == "request"]
    return of_user(requests or shown)


def _newest(requests: Sequence[str]) -> list[str]:
    """The newest requests within a budget, oldest first."""
    left_tokens, kept = _MAX_REQUEST_TOKENS, list[str]()
    for request in reversed(requests):
        left_tokens -= count_once(request)
        if left_tokens < 0:
            break
        kept.append(request)
    return kept[::-1]

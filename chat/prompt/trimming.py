"""[io] What earlier turns showed and edited leaves the prompt, where that pays or where room is needed.

Between two rebuilds a prompt only grows. But a file that was asked for three turns ago is paid for with
each call, if only at the price of a cache; so it leaves, and stays one request away.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chat.conversation.already_shown import shows
from chat.conversation.conversation import Conversation, LogEntry
from chat.conversation.excerpts import without_pointers
from chat.conversation.summaries import without_edits
from chat.model import RepoPath
from chat.prompt.budget import ceiling
from chat.state.state import State
from chat.state.tokens import count

_KEPT_SHARE = 8
"""What earlier turns told of files that matter now stays within one part in so many of the window."""
_LEAST_TOKENS = 2_000
_SHORT_WORDS = 6
_NAME = re.compile(r"`|\w[_./]\w|\w\(|[a-z][A-Z]|[A-Z]{2}[a-z]")
_RANKED_FILES, _RANKED_TOKENS = 4, 256
_LONG_REPLY_TOKENS = 200
"""Edits of shorter replies stay: they are cheap, and show how edits are written."""
_LEFT_OUT = "(What was shown here has left the conversation. Ask for it again if you need it.)"
_EDITS_LEFT_OUT = "(The edits of this reply were dealt with and have left the conversation.)"


@dataclass(frozen=True, slots=True)
class _Shorter:
    """A conversation without the files and edits of some turns."""

    conversation: Conversation
    left_out: int = 0
    """The tokens that it is shorter by."""
    behind: int = 0
    """The tokens from its first change on, which have to be sent anew."""


def trim(state: State, request: str) -> None:
    """Lets what earlier turns showed and edited leave the prompt, where the new request does not rank it high.

    A turn's files and edits stay or go together. Those of files that the user added stay, and those of
    the last turn where the request most likely goes on with them. Leaving out costs once that what stands
    behind is sent anew, and saves a tenth of what is left out with each later call, at the prices of prompt
    caches; both balance at about the same size. It is told in their place.
    """
    conversation = state.conversation
    kept = _turns_of_users(conversation)
    kept |= {conversation.turn} if _goes_on(request) else set()
    if _without(conversation, kept).left_out < _LEAST_TOKENS:
        return
    kept |= _newest(conversation, _ranked_high(state, request), ceiling(state.active) // _KEPT_SHARE)
    shorter = _without(conversation, kept)
    if shorter.left_out >= max(_LEAST_TOKENS, shorter.behind):
        state.writer.put(shorter.conversation)


def _goes_on(request: str) -> bool:
    """Whether a request is so short, and so without any name from code, that only what came before explains it."""
    return len(request.split()) < _SHORT_WORDS and not _NAME.search(request)


def make_room(state: State) -> bool:
    """Lets what turns before this one showed and edited leave, whatever it costs; whether that was anything."""
    conversation = state.conversation
    shorter = _without(conversation, _turns_of_users(conversation) | {conversation.turn})
    if shorter.left_out:
        state.writer.put(shorter.conversation)
    return bool(shorter.left_out)


def without_its_edits(entry: LogEntry) -> LogEntry:
    """A reply without the text of its edits, if that is long."""
    text = entry.message.text
    if entry.kind != "reply" or count(text) < _LONG_REPLY_TOKENS:
        return entry
    bare = without_edits(text)
    return entry if bare == text.strip() else _said(entry, f"{bare}\n\n{_EDITS_LEFT_OUT}".strip())


def _said(entry: LogEntry, text: str) -> LogEntry:
    return replace(entry, message=replace(entry.message, text=text))


def _without(conversation: Conversation, kept_turns: set[int]) -> _Shorter:
    """The conversation in which only these turns still have their files and edits."""
    entries = conversation.entries
    short = [
        (entry,) if entry.turn in kept_turns else _shortened(entries, n) for n, entry in enumerate(entries)
    ]
    changed = [n for n, entry in enumerate(entries) if short[n] != (entry,)]
    if not changed:
        return _Shorter(conversation)
    lost = "\n".join(entries[n].message.text for n in changed)
    gone = [seen.path for seen in conversation.files if not seen.by_user and seen.path in lost]
    short = [tuple(_unmarked(entry, gone) for entry in rest) for rest in short]
    behind = sum(_size(rest) for rest in short[changed[0] :])
    exploring = conversation.exploration
    if exploring:
        exploring = replace(exploring, start=sum(map(len, short[: exploring.start])))
    kept = tuple(entry for rest in short for entry in rest)
    shorter = replace(conversation.without_files(gone), entries=kept, exploration=exploring)
    return _Shorter(shorter, _size(entries[changed[0] :]) - behind, behind)


def _size(entries: Iterable[LogEntry]) -> int:
    return sum(count(entry.message.text) for entry in entries)


def _shortened(entries: Sequence[LogEntry], at: int) -> tuple[LogEntry, ...]:
    """What is left of a message without files and edits: of what was shown a note, of asking for it nothing."""
    entry = entries[at]
    after = entries[at + 1] if at + 1 < len(entries) else None
    if entry.kind == "context":
        is_first = all(other.turn != entry.turn or other.kind != "context" for other in entries[:at])
        return (replace(_said(entry, _LEFT_OUT), kind="note"),) if is_first else ()
    is_asking = entry.kind == "reply" and after is not None and after.kind == "context"
    return () if is_asking and count(entry.message.text) < _LONG_REPLY_TOKENS else (without_its_edits(entry),)


def _unmarked(entry: LogEntry, gone: Iterable[RepoPath]) -> LogEntry:
    """A message whose files do not point to what has left."""
    text = entry.message.text
    if entry.kind == "context" and any(shows(text, path) for path in gone):
        return _said(entry, without_pointers(text))
    return entry


def _turns_of_users(conversation: Conversation) -> set[int]:
    """The turns that tell of files which the user added."""
    added = [seen.path for seen in conversation.files if seen.by_user]
    return {entry.turn for entry in conversation.entries if _tells_of(entry, added)}


def _newest(conversation: Conversation, paths: Iterable[RepoPath], budget_tokens: int) -> set[int]:
    """The newest of the turns that tell of these files, as many as fit."""
    kept: set[int] = set()
    for turn in sorted(
        {entry.turn for entry in conversation.entries if _tells_of(entry, paths)}, reverse=True
    ):
        budget_tokens -= _size(entry for entry in conversation.entries if entry.turn == turn)
        if budget_tokens < 0:
            break
        kept.add(turn)
    return kept


def _tells_of(entry: LogEntry, paths: Iterable[RepoPath]) -> bool:
    """Whether a message shows one of these files, or is a reply that names one."""
    text = entry.message.text
    if entry.kind == "reply":
        return any(path in text for path in paths)
    return entry.kind == "context" and any(shows(text, path) for path in paths)


def _ranked_high(state: State, request: str) -> frozenset[RepoPath]:
    """The few files that a request is most likely about."""
    from repomap import Focus, RepoMapError

    try:
        made = state.ports.workspace.ask(lambda index: index.map(Focus(request=request), _RANKED_TOKENS))
    except RepoMapError:
        return frozenset(seen.path for seen in state.conversation.files)
    return frozenset(file.path for file in made.files[:_RANKED_FILES])

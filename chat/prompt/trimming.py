"""[io] What earlier turns showed and edited leaves the prompt, where that pays or where room is needed.

Between two compactions a prompt only grows. But a file that was asked for three turns ago is paid for with
each call, even if only at the price of cached tokens; so it leaves, and stays one request away.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from chat.conversation.conversation import Conversation, LogEntry
from chat.conversation.excerpts import shows, without_listing
from chat.conversation.summaries import without_edits
from chat.model import RepoPath
from chat.prompt.budget import ceiling
from chat.state.state import State
from chat.state.tokens import count, tokens_of_entries

_KEPT_SHARE = 8
"""Earlier turns about files that matter now stay within one part in this many of the ceiling."""
_CARRIED_SHARE = 3
"""The same for what a request continues, which needs it for certain."""
_MIN_SAVED_TOKENS = 2_000
"""Less is not worth a changed prompt."""
_MAX_FOLLOW_UP_WORDS = 5
_CODE_NAME = re.compile(r"`|\w[_./]\w|\w\(|[a-z][A-Z]|[A-Z]{2}[a-z]")
_RANKED_FILES, _RANKED_TOKENS = 4, 256
_MIN_LONG_REPLY_TOKENS = 200
"""Edits of shorter replies stay: they are cheap, and show how edits are written."""
_LEFT_OUT = "(What was shown here has left the conversation. Ask for it again if you need it.)"
_FOLLOWS = "({path} was shown here in part. All of it follows below.)"
_EDITS_LEFT_OUT = "(The edits of this reply were dealt with and have left the conversation.)"


@dataclass(frozen=True, slots=True)
class _Trimmed:
    """A conversation without the files and edits of some turns."""

    conversation: Conversation
    saved_tokens: int = 0
    resent_tokens: int = 0
    """From its first change on, which the provider's cache does not have."""


def trim(state: State, request: str) -> None:
    """Let what earlier turns showed and edited leave the prompt, unless the request is likely to need it.

    A turn's files and edits stay or go together. The turns that show files of the user's stay. Where the request most
    likely continues the last turn, as each turn of a goal does, that one stays with the turns about its files.
    Leaving something out costs once that what follows it is sent uncached, and saves the price of cached tokens with
    each later call; at the usual prices of prompt caches, both balance at about the same size. A note in its place
    says so.
    """
    conversation = state.conversation
    kept_turns = _turns_with_user_files(conversation)
    if state.spending.has_goal or _is_follow_up(request):
        kept_turns |= {conversation.turn} | _turns_about_the_last(
            conversation, ceiling(state.active) // _CARRIED_SHARE
        )
    if _trimmed(conversation, kept_turns).saved_tokens < _MIN_SAVED_TOKENS:
        return
    budget = ceiling(state.active) // _KEPT_SHARE
    kept_turns |= _newest_turns_about(conversation, _ranked_high(state, request), budget)
    trimmed = _trimmed(conversation, kept_turns)
    if trimmed.saved_tokens >= max(_MIN_SAVED_TOKENS, trimmed.resent_tokens):
        state.writer.put(trimmed.conversation)


def _is_follow_up(request: str) -> bool:
    """Whether a request is so short, and so free of names from code, that only what came before explains it."""
    return len(request.split()) <= _MAX_FOLLOW_UP_WORDS and not _CODE_NAME.search(request)


def make_room(state: State) -> bool:
    """Trim all turns before this one, whatever it costs; returns whether that left anything out."""
    conversation = state.conversation
    trimmed = _trimmed(conversation, _turns_with_user_files(conversation) | {conversation.turn})
    if trimmed.saved_tokens:
        state.writer.put(trimmed.conversation)
    return bool(trimmed.saved_tokens)


def without_excerpts(
    conversation: Conversation, paths: Iterable[RepoPath], since_turn: int = 0
) -> Conversation:
    """Return a conversation without what it shows of files that it shows in part: all of them is to follow."""
    entries = conversation.entries
    for path in paths:
        file = conversation.file(path)
        if file is not None and file.spans:
            note = _FOLLOWS.format(path=path)
            entries = tuple(
                _with_text(entry, without_listing(entry.message.text, path, note))
                if entry.turn >= since_turn
                else entry
                for entry in entries
            )
    return replace(conversation, entries=entries)


def without_its_edits(entry: LogEntry) -> LogEntry:
    """Return a long reply without the text of its edits; any other entry as it is."""
    text = entry.message.text
    if entry.kind != "reply" or count(text) < _MIN_LONG_REPLY_TOKENS:
        return entry
    prose = without_edits(text)
    return entry if prose == text.strip() else _with_text(entry, f"{prose}\n\n{_EDITS_LEFT_OUT}".strip())


def _with_text(entry: LogEntry, text: str) -> LogEntry:
    return replace(entry, message=replace(entry.message, text=text))


def _trimmed(conversation: Conversation, kept_turns: Collection[int]) -> _Trimmed:
    """The conversation in which only these turns still have their files and edits."""
    entries = conversation.entries
    remains = [
        (entry,) if entry.turn in kept_turns else _remains(entries, index)
        for index, entry in enumerate(entries)
    ]
    changed = [index for index, entry in enumerate(entries) if remains[index] != (entry,)]
    if not changed:
        return _Trimmed(conversation)
    left_out = "\n".join(entries[index].message.text for index in changed)
    gone = [file.path for file in conversation.files if not file.by_user and file.path in left_out]
    first = changed[0]
    resent = sum(tokens_of_entries(rest) for rest in remains[first:])
    exploration = conversation.exploration
    if exploration:
        exploration = replace(exploration, start=sum(map(len, remains[: exploration.start])))
    kept = tuple(entry for rest in remains for entry in rest)
    trimmed = replace(conversation.without_files(gone), entries=kept, exploration=exploration)
    return _Trimmed(trimmed, tokens_of_entries(entries[first:]) - resent, resent)


def _remains(entries: Sequence[LogEntry], index: int) -> tuple[LogEntry, ...]:
    """What remains of an entry without files and edits: a note for the turn's first files, no requests for them."""
    entry = entries[index]
    following = entries[index + 1] if index + 1 < len(entries) else None
    if entry.kind == "context":
        is_first = all(other.turn != entry.turn or other.kind != "context" for other in entries[:index])
        return (replace(_with_text(entry, _LEFT_OUT), kind="note"),) if is_first else ()
    is_asking = entry.kind == "reply" and following is not None and following.kind == "context"
    is_short = count(entry.message.text) < _MIN_LONG_REPLY_TOKENS
    return () if is_asking and is_short else (without_its_edits(entry),)


def _turns_with_user_files(conversation: Conversation) -> set[int]:
    """The turns about files that the user added."""
    paths = [file.path for file in conversation.files if file.by_user]
    return {entry.turn for entry in conversation.entries if _is_about(entry, paths)}


def _newest_turns_about(
    conversation: Conversation, paths: Collection[RepoPath], budget_tokens: int
) -> set[int]:
    """The newest turns about these files that fit."""
    turns = {entry.turn for entry in conversation.entries if _is_about(entry, paths)}
    kept: set[int] = set()
    for turn in sorted(turns, reverse=True):
        budget_tokens -= tokens_of_entries(entry for entry in conversation.entries if entry.turn == turn)
        if budget_tokens < 0:
            break
        kept.add(turn)
    return kept


def _turns_about_the_last(conversation: Conversation, budget_tokens: int) -> set[int]:
    """The newest turns about the files that the last turn was shown or has edited."""
    paths = [file.path for file in conversation.files if file.used_turn == conversation.turn]
    return _newest_turns_about(conversation, paths, budget_tokens)


def _is_about(entry: LogEntry, paths: Collection[RepoPath]) -> bool:
    """Whether an entry shows one of these files, or is a reply that names one."""
    text = entry.message.text
    if entry.kind == "reply":
        return any(path in text for path in paths)
    return entry.kind == "context" and any(shows(text, path) for path in paths)


def _ranked_high(state: State, request: str) -> frozenset[RepoPath]:
    """The few files that a request is most likely about; all of the chat's where there is no index."""
    from repomap import Focus, RepoMapError

    focus = Focus(request=request)
    try:
        ranked = state.ports.workspace.ask(lambda index: index.map(focus, _RANKED_TOKENS))
    except RepoMapError:
        return frozenset(file.path for file in state.conversation.files)
    return frozenset(file.path for file in ranked.files[:_RANKED_FILES])

"""[io] A prompt that has grown long → a short one that goes on from it.

Kept word for word: the rules and pinned facts, what the user asked for, what the user said is to
hold, the newest turns, the files still in use as they are now. The rest becomes a summary by the
weak model, made in parts where it is long; files not used for a while are one request away.
"""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.already_shown import shows
from chat.conversation.context_requests import FileRequest
from chat.conversation.conversation import Conversation, Exploration, LogEntry, ShownFile
from chat.conversation.prompt_texts import PAST, SUMMARY_SYSTEM
from chat.conversation.summaries import parts_of, short_requests, standing_rules, transcript, without_listings
from chat.errors import ModelError
from chat.model import Message, ModelRole, Prompt
from chat.prompt.budget import ceiling
from chat.prompt.rules import base_messages
from chat.prompt.trimming import without_its_edits
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens

_SAID_SHARE = 16
"""From one part in so many of the window on, what was said is summarised where that pays."""
_RECENT_SHARE = 32
"""The newest turns stay as they are within one part in so many of the window."""
_CALLS_A_TURN, _CACHED_PRICE = 3, 0.1
_ADDED_SHARE, _FILES_SHARE = 4, 16
"""Files that the user added stay within one part in so many; others are one request away, so only those
of the last turn stay, within a smaller one."""
_REQUESTS_TOKENS = 1_200
_RULES = "# What the user said is to hold for the whole session\n"
_REQUESTS = "# What the user has asked for so far, oldest first\n"
_SUMMARY = "# What has been done so far\n"
_FILES = "# Files still in use, as they are now\n"
_TAKEN_IN = "Understood. I go on from there."
_GONE = "Files that were shown before and have to be asked for again: "


def threshold(state: State) -> int:
    """The prompt's size from which on it is rebuilt, in tokens; 0 is never."""
    wanted = state.settings.compact_at
    return int(wanted * ceiling(state.active)) if wanted <= 1 else int(wanted)


def is_due(state: State) -> bool:
    """Whether the prompt has grown past its threshold, or carrying what was said costs more than a summary."""
    limit = threshold(state)
    if not limit or not state.conversation.entries:
        return False
    return prompt_tokens(state.conversation.prompt()) > limit or _is_dear(state)


def _is_dear(state: State) -> bool:
    """Whether what was said since the last rebuild has cost about what a rebuild does.

    Each call of a turn sends it for a tenth of the price, and it grew from nothing. A rebuild sends it
    once to be summarised, and all else anew.
    """
    said = _said_tokens(state.conversation)
    turns = len({entry.turn for entry in state.conversation.entries})
    carried = said / 2 * turns * _CALLS_A_TURN * _CACHED_PRICE
    return said > ceiling(state.active) // _SAID_SHARE and carried > prompt_tokens(
        state.conversation.prompt()
    )


def _said_tokens(conversation: Conversation) -> int:
    """What was said since the last rebuild, beside the files that were shown."""
    added = [seen.path for seen in conversation.files if seen.by_user]
    said = [entry.message.text for entry in conversation.entries if entry.kind != "context"]
    return sum(count(text) for text in said if not any(shows(text, path) for path in added))


def compact(state: State, focus: str = "") -> str:
    """Rebuilds the prompt; gives the summary. ``focus`` says what the summary must keep.

    The conversation before stays in the journal. Where the summary cannot be had, what the user
    asked for stands in its place.
    """
    before = state.conversation
    state.writer.begin_rebuild()
    entries = tuple(_without_added(entry, before) for entry in before.entries)
    recent = _recent(state, entries)
    turns = {entry.turn for entry in recent}
    older = tuple(entry for entry in entries if entry.turn not in turns)
    summary = _summary(state, older, focus)
    files, texts = _files_in_use(state)
    requests = [entry.message.text for entry in entries if entry.kind == "request"]
    past = _past_of(before)
    rules = tuple(dict.fromkeys((*_listed(past, _RULES), *standing_rules(requests))))
    asked = [*_listed(past, _REQUESTS), *(entry.message.text for entry in older if entry.kind == "request")]
    parts = [
        _RULES + _points(rules) if rules else "",
        _REQUESTS + _points(short_requests(asked, _REQUESTS_TOKENS, count)) if asked else "",
        _SUMMARY + summary if summary else "",
        _FILES + "\n".join(texts) if texts else "",
        _GONE + ", ".join(seen.path for seen in before.files if seen.path not in files)
        if len(files) < len(before.files)
        else "",
        PAST if older and state.ports.journal.session_id else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    # answered, so that the next request is a message of its own and not the end of this one
    past_messages = (Message("user", text), Message("assistant", _TAKEN_IN)) if text else ()
    base = (*base_messages(state, with_overview=True), *past_messages)
    after = replace(before, base=base, entries=recent, files=tuple(files.values()))
    state.writer.end_rebuild(replace(after, exploration=_begun_at(before, recent)))
    state.ports.notice(
        f"The prompt was rebuilt: {prompt_tokens(before.prompt()):,} tokens before, "
        f"{prompt_tokens(state.conversation.prompt()):,} now. The whole conversation is in the session's journal."
    )
    return summary


def _begun_at(before: Conversation, recent: Sequence[LogEntry]) -> Exploration | None:
    """The exploration of a conversation of which the newest turns are left."""
    exploring = before.exploration
    if exploring is None:
        return None
    earlier = {entry.turn for entry in before.entries[: exploring.start]}
    return replace(exploring, start=sum(entry.turn in earlier for entry in recent))


def _points(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _past_of(conversation: Conversation) -> str:
    """What an earlier rebuild left at the beginning of the prompt."""
    return conversation.base[1].text if len(conversation.base) > 1 else ""


def _listed(past: str, heading: str) -> tuple[str, ...]:
    """The points that an earlier rebuild kept under a heading."""
    _, found, rest = past.partition(heading)
    lines = rest.split("\n\n")[0].split("\n") if found else []
    return tuple(line.removeprefix("- ") for line in lines if line.startswith("- "))


def _without_added(entry: LogEntry, conversation: Conversation) -> LogEntry:
    """A request without the files that the user added before it; they are shown anew."""
    if entry.kind != "request":
        return entry
    text = without_listings(entry.message.text, (seen.path for seen in conversation.files if seen.by_user))
    return replace(entry, message=replace(entry.message, text=text))


def _recent(state: State, entries: Sequence[LogEntry]) -> tuple[LogEntry, ...]:
    """The newest whole turns that fit their share, without the files that they showed."""
    budget = ceiling(state.active) // _RECENT_SHARE
    kept: list[LogEntry] = []
    by_turn: dict[int, list[LogEntry]] = {}
    for entry in entries:
        by_turn.setdefault(entry.turn, []).append(entry)
    for turn in sorted(by_turn, reverse=True):
        newest = [entry for entry in by_turn[turn] if entry.kind != "context"]
        whole = sum(count(entry.message.text) for entry in newest)
        if kept or whole > budget:
            newest = [without_its_edits(entry) for entry in newest]
        budget -= sum(count(entry.message.text) for entry in newest)
        if budget < 0:
            break
        kept = [*newest, *kept]
    return tuple(kept)


def _summary(state: State, entries: tuple[LogEntry, ...], focus: str) -> str:
    text = transcript(entries)
    past = _past_of(state.conversation)
    _, found, before = past.partition(_SUMMARY)
    earlier = (
        before.split(f"\n\n{_FILES}")[0].split(f"\n\n{_GONE}")[0].split(f"\n\n{PAST}")[0] if found else ""
    )
    if not text.strip():
        return earlier
    window = state.model.window(ModelRole.WEAK).input_tokens // 2
    for part in parts_of(text, window, count):
        told = f"The summary so far:\n{earlier}\n\nThe conversation goes on:\n\n{part}" if earlier else part
        ask = f"{told}\n\nKeep above all what concerns: {focus}" if focus else told
        try:
            reply = state.calls.reply(
                Prompt((Message("system", SUMMARY_SYSTEM), Message("user", ask))), ModelRole.WEAK
            )
        except ModelError as error:
            state.ports.notice(f"no summary from the model: {error}", "warning")
            return earlier
        earlier = reply.text.strip()
    return earlier


def _files_in_use(state: State) -> tuple[dict[str, ShownFile], list[str]]:
    """The files that stay in the prompt, shown anew: what the user added, then the newest; each within its share."""
    limit = ceiling(state.active)
    left = {True: limit // _ADDED_SHARE, False: limit // _FILES_SHARE}
    request = next((e.message.text for e in reversed(state.conversation.entries) if e.kind == "request"), "")
    kept: dict[str, ShownFile] = {}
    texts: list[str] = []
    for seen in sorted(state.conversation.files, key=lambda each: (not each.by_user, -each.used_turn)):
        if not seen.by_user and seen.used_turn < state.conversation.turn:
            continue
        shown = state.ports.workspace.show(
            FileRequest(seen.path), request, seen.used_turn, read_only=seen.read_only, by_user=seen.by_user
        )
        if shown is None or left[seen.by_user] < count(shown.text):
            continue
        left[seen.by_user] -= count(shown.text)
        kept[seen.path] = shown.file
        texts.append(shown.text)
    return kept, texts

"""[io] A long prompt → a short one that continues from it.

Kept word for word: the rules and pinned texts, the user's requests and standing rules, the newest turns, the
files still in use as they are now. The weak model summarises the rest, in parts where it is long. Files that
were not used for a while are one request away.
"""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.conversation import Conversation, Exploration, LogEntry, ShownFile
from chat.conversation.prompt_texts import PAST, SUMMARY_SYSTEM
from chat.conversation.summaries import (
    of_user,
    parts_of,
    short_requests,
    standing_rules,
    transcript,
    without_listings,
)
from chat.errors import ModelError
from chat.model import Message, ModelRole, Prompt
from chat.prompt.budget import ceiling, whole_file_tokens
from chat.prompt.rules import base_messages
from chat.prompt.trimming import without_its_edits
from chat.state.file_excerpt import FileExcerpt, WantedFile, choose_excerpt
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens, tokens_of_entries

_RECENT_SHARE = 32
"""The newest turns stay as they are within one part in this many of the ceiling."""
_USER_FILES_SHARE, _OTHER_FILES_SHARE = 4, 16
"""The shares of files that the user added, and of others. Those are one request away, so only those of the
last turn stay, within a smaller share."""
_REQUESTS_TOKENS = 1_200
_SUMMARISED_SHARE = 2
"""The weak model gets one part in this many of its window to summarise at once."""

_RULES = "# Rules that the user has set for the whole session\n"
_OLD_RULES = "# What the user said is to hold for the whole session\n"
"""The heading in sessions of version 0.1."""
_REQUESTS = "# What the user has asked for so far, oldest first\n"
_SUMMARY = "# What has been done so far\n"
_FILES = "# Files still in use, as they are now\n"
_GONE = "Files that were shown before and have to be asked for again: "
_CONFIRMATION = "Understood. I continue from there."


def compact(state: State, focus: str = "") -> str:
    """Rebuild the prompt around a summary of what is past; returns the summary.

    ``focus`` says what the summary must keep. The conversation before stays in the journal. Where the
    weak model cannot be asked, only the earlier summary and the user's requests remain.
    """
    before = state.conversation
    state.writer.begin_rebuild()
    entries = tuple(_without_user_files(entry, before) for entry in before.entries)
    recent = _recent(entries, ceiling(state.active) // _RECENT_SHARE)
    recent_turns = {entry.turn for entry in recent}
    older = tuple(entry for entry in entries if entry.turn not in recent_turns)
    summary = _summary(state, older, focus)
    files = _files_in_use(state)
    parts = [
        *_kept_parts(before, entries, older),
        _SUMMARY + summary if summary else "",
        *_file_parts(before.files, files),
        PAST if older and state.ports.journal.session_id else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    # answered, so that the next request is a message of its own and not the end of this one
    past = (Message("user", text), Message("assistant", _CONFIRMATION)) if text else ()
    after = replace(
        before,
        base=(*base_messages(state, with_overview=True), *past),
        entries=recent,
        files=tuple(excerpt.file for excerpt in files),
        exploration=_exploration_within(before, recent),
    )
    state.writer.end_rebuild(after)
    state.ports.notice(
        f"The prompt was rebuilt: {prompt_tokens(before.prompt()):,} tokens before, "
        f"{prompt_tokens(after.prompt()):,} now. The whole conversation is in the session's journal."
    )
    return summary


def _kept_parts(
    before: Conversation, entries: Sequence[LogEntry], older: Sequence[LogEntry]
) -> tuple[str, str]:
    """The user's standing rules, and the requests that are not in the recent turns."""
    past = _compacted_text(before)
    earlier_rules = _points_under(_RULES, past) or _points_under(_OLD_RULES, past)
    rules = dict.fromkeys((*earlier_rules, *standing_rules(of_user(_requests(entries)))))
    requests = [*_points_under(_REQUESTS, past), *of_user(_requests(older))]
    return (
        _RULES + _points(rules) if rules else "",
        _REQUESTS + _points(short_requests(requests, _REQUESTS_TOKENS, count)) if requests else "",
    )


def _requests(entries: Sequence[LogEntry]) -> list[str]:
    return [entry.message.text for entry in entries if entry.kind == "request"]


def _file_parts(before: Sequence[ShownFile], files: Sequence[FileExcerpt]) -> tuple[str, str]:
    """The files that stay, and the names of those that do not."""
    kept = {excerpt.file.path for excerpt in files}
    gone = [file.path for file in before if file.path not in kept]
    return (
        _FILES + "\n".join(excerpt.text for excerpt in files) if files else "",
        _GONE + ", ".join(gone) if gone else "",
    )


def _exploration_within(before: Conversation, recent: Sequence[LogEntry]) -> Exploration | None:
    """The exploration of a conversation of which only the newest turns are left."""
    exploration = before.exploration
    if exploration is None:
        return None
    earlier_turns = {entry.turn for entry in before.entries[: exploration.start]}
    return replace(exploration, start=sum(entry.turn in earlier_turns for entry in recent))


def _points(lines: Sequence[str] | dict[str, None]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _compacted_text(conversation: Conversation) -> str:
    """What an earlier compaction left at the beginning of the prompt."""
    return conversation.base[1].text if len(conversation.base) > 1 else ""


def _points_under(heading: str, text: str) -> tuple[str, ...]:
    _, _, rest = text.partition(heading)
    lines = rest.split("\n\n")[0].split("\n")
    return tuple(line.removeprefix("- ") for line in lines if line.startswith("- "))


def _earlier_summary(text: str) -> str:
    _, _, rest = text.partition(_SUMMARY)
    for end in (_FILES, _GONE, PAST):
        rest = rest.split(f"\n\n{end}")[0]
    return rest


def _without_user_files(entry: LogEntry, conversation: Conversation) -> LogEntry:
    """A request without the files that the user added before it; they are shown again."""
    if entry.kind != "request":
        return entry
    paths = (file.path for file in conversation.files if file.by_user)
    text = without_listings(entry.message.text, paths)
    return replace(entry, message=replace(entry.message, text=text))


def _recent(entries: Sequence[LogEntry], budget_tokens: int) -> tuple[LogEntry, ...]:
    """The newest whole turns that fit, without the files that they showed."""
    by_turn: dict[int, list[LogEntry]] = {}
    for entry in entries:
        by_turn.setdefault(entry.turn, []).append(entry)
    kept: list[LogEntry] = []
    for turn in sorted(by_turn, reverse=True):
        of_turn = [entry for entry in by_turn[turn] if entry.kind != "context"]
        if kept or tokens_of_entries(of_turn) > budget_tokens:
            of_turn = [without_its_edits(entry) for entry in of_turn]
        budget_tokens -= tokens_of_entries(of_turn)
        if budget_tokens < 0:
            break
        kept = [*of_turn, *kept]
    return tuple(kept)


def _summary(state: State, entries: Sequence[LogEntry], focus: str) -> str:
    """The earlier summary and these entries, as one summary by the weak model."""
    text = transcript(entries)
    summary = _earlier_summary(_compacted_text(state.conversation))
    if not text.strip():
        return summary
    part_tokens = state.model.window(ModelRole.WEAK).input_tokens // _SUMMARISED_SHARE
    for part in parts_of(text, part_tokens, count):
        task = f"The summary so far:\n{summary}\n\nThe conversation goes on:\n\n{part}" if summary else part
        if focus:
            task += f"\n\nAbove all, keep what concerns: {focus}"
        messages = (Message("system", SUMMARY_SYSTEM), Message("user", task))
        try:
            reply = state.calls.reply(Prompt(messages), ModelRole.WEAK)
        except ModelError as error:
            state.ports.notice(f"No summary from the model: {error}", "warning")
            return summary
        summary = reply.text.strip()
    return summary


def _files_in_use(state: State) -> list[FileExcerpt]:
    """The files that stay, as they are now: those that the user added, then the newest, each within its share."""
    limit = ceiling(state.active)
    left_tokens = {True: limit // _USER_FILES_SHARE, False: limit // _OTHER_FILES_SHARE}
    request = next(reversed(_requests(state.conversation.entries)), "")
    kept: list[FileExcerpt] = []
    for file in sorted(state.conversation.files, key=lambda file: (not file.by_user, -file.used_turn)):
        if not file.by_user and file.used_turn < state.conversation.turn:
            continue
        excerpt = choose_excerpt(
            state.ports.workspace,
            WantedFile(file.path, whole_tokens=whole_file_tokens(state.active), request=request),
            file.used_turn,
            read_only=file.read_only,
            by_user=file.by_user,
        )
        if excerpt is None or left_tokens[file.by_user] < count(excerpt.text):
            continue
        left_tokens[file.by_user] -= count(excerpt.text)
        kept.append(excerpt)
    return kept

"""What a turn shows the model: the files that a request brings, and those that the model asks for.

Inside the root a model gets what it asks for, up to a number of files and of tokens a turn; beyond
that the user is asked. Nothing that is shown already, and has not changed, is shown again.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import ContextRequests, FileRequest, Lookup, read_context_requests
from chat.conversation.conversation import Conversation, ShownFile, digest_of
from chat.conversation.excerpts import is_within, points_back
from chat.conversation.long_output import lines_of, lines_with, named_lines, named_search
from chat.errors import NeedsTerminal
from chat.model import RepoPath
from chat.prompt.budget import ceiling, fits
from chat.prompt.trimming import make_room
from chat.sessions.transcripts import messages_in, search_past
from chat.state.state import State
from chat.state.tokens import count, count_once
from chat.state.workspace import IMAGES, LOOKUP_TOKENS, ShownText

_TURN_SHARE = 2
"""A turn gives up to one part in so many of the window, where the settings name no number."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a turn has given so far."""

    files: int = 0
    tokens: int = 0
    lookups: frozenset[Lookup] = frozenset()
    looked_again: bool = False
    """A second, wider look at the repository was given."""
    told: frozenset[RepoPath] = frozenset()
    """Files that were asked for although the prompt shows them, or shown with marks for what it shows elsewhere.

    Asked for once more, they are shown as if the prompt did not show them.
    """


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to what a reply asks for."""

    text: str
    conversation: Conversation
    granted: Granted
    new: bool
    """Whether there is something in it that the prompt did not show."""
    empty: bool
    """Whether there is nothing in it at all."""
    cannot_see: bool
    paths: tuple[RepoPath, ...] = ()
    lookups: tuple[str, ...] = ()


def opening(state: State, request: str) -> tuple[Conversation, str, Granted]:
    """The conversation, and the request with all that goes before it: files added, files changed meanwhile."""
    conversation = _without_changed(state, state.conversation)
    waiting = [seen for seen in conversation.files if not seen.digest]
    parts: list[str] = []
    for read_only, heading in ((True, prompts.READ_ONLY), (False, prompts.FILES_ADDED)):
        asks = [_ask_of(seen) for seen in waiting if seen.read_only is read_only]
        shown = _shown(state, asks, request, conversation, read_only=read_only, by_user=True)
        if shown:
            conversation = conversation.with_files(text.file for text in shown)
            parts.append("\n\n".join([heading, *(text.text for text in shown)]))
    unreadable = [seen.path for seen in conversation.files if not seen.digest]
    for path in unreadable:
        state.ports.notice(f"{path}: is no text, so the model is not shown it.", "warning")
    return conversation.without_files(unreadable), "\n\n".join([*parts, request]), Granted()


def _ask_of(seen: ShownFile) -> FileRequest:
    return FileRequest(seen.path, seen.spans[0] if seen.spans else None)


def _without_changed(state: State, conversation: Conversation) -> Conversation:
    """The conversation in which files that changed behind the model's back are no longer known.

    Those that the user added are shown again; the others are one request away.
    """
    for seen in conversation.files:
        content = state.ports.workspace.read(seen.path) if seen.digest else None
        if not seen.digest or (content is not None and digest_of(content) == seen.digest):
            continue
        if content is None:
            conversation = conversation.without_files([seen.path]).with_note(
                f"({seen.path} is no longer there.)"
            )
        elif seen.by_user:
            conversation = conversation.with_files([replace(seen, digest="")]).with_note(
                f"({seen.path} has changed; as it is now:)"
            )
        else:
            told = f"({seen.path} has changed since it was shown. Ask for it again if you need it.)"
            conversation = conversation.without_files([seen.path]).with_note(told)
    return conversation


def grant(state: State, request: str, reply: str, granted: Granted) -> Given | None:
    """The answer to a reply that asks for context; None for one that asks for nothing."""
    asks = read_context_requests(reply, state.ports.workspace.table())
    if not asks and not asks.cannot_see:
        return None
    known, wanted, again = _sorted_out(state, asks, granted)
    shown = _shown(state, wanted, request, state.conversation, again=again)
    if not fits(state.active, state.conversation, sum(count(text.text) for text in shown)) and make_room(
        state
    ):
        shown = _shown(state, wanted, request, state.conversation, again=again)
    texts, refused = _within_limits(state, shown, granted)
    answers = [_answer(state, lookup) for lookup in asks.lookups if lookup not in granted.lookups]
    images = [ask.path for ask in wanted if _is_image(ask.path)]
    parts = [prompts.FILES_ASKED] if texts or answers else []
    parts += [text.text for text in texts] + answers
    parts += [prompts.ALREADY_SHOWN.format(paths=", ".join(known))] if known else []
    parts += [prompts.TOO_MUCH.format(paths=", ".join(refused))] if refused else []
    parts += [f"{', '.join(images)}: images cannot be shown here."] if images else []
    new = bool(texts or answers)
    parts += [] if new or known else [prompts.LOOK_AGAIN]
    return Given(
        "\n\n".join(parts),
        state.conversation.with_files(text.file for text in texts),
        replace(
            granted,
            files=granted.files + len(texts),
            tokens=granted.tokens + sum(count(text.text) for text in texts),
            lookups=granted.lookups | frozenset(asks.lookups),
            told=(granted.told - again).union(
                known, (text.file.path for text in texts if points_back(text.text))
            ),
        ),
        new,
        not new and not known,
        asks.cannot_see,
        tuple(text.file.path for text in texts),
        tuple(map(str, asks.lookups)),
    )


def _sorted_out(
    state: State, asks: ContextRequests, granted: Granted
) -> tuple[list[RepoPath], list[FileRequest], frozenset[RepoPath]]:
    """The files that the prompt shows as they are, and those to show; which of them once more from end to end.

    A model that names no file and says that it sees nothing has not found together what was shown in pieces.
    """
    known: list[RepoPath] = []
    wanted: list[FileRequest] = []
    again: set[RepoPath] = set()
    for ask in asks.files:
        seen = state.conversation.file(ask.path)
        content = state.ports.workspace.read(ask.path)
        current = seen is not None and content is not None and seen.shown_digest == digest_of(content)
        has_all = current and seen is not None and (not seen.spans or _inside(ask, seen))
        if has_all and ask.path not in granted.told:
            known.append(ask.path)
        else:
            wanted.append(ask)
            again |= {ask.path} if has_all else set()
    if asks.cannot_see and not asks:
        again |= granted.told
        wanted += [FileRequest(path) for path in sorted(again)]
    return known, wanted, frozenset(again)


def _inside(ask: FileRequest, seen: ShownFile) -> bool:
    return ask.span is not None and is_within(ask.span, seen.spans)


def _shown(
    state: State,
    asks: Sequence[FileRequest],
    request: str,
    conversation: Conversation,
    *,
    read_only: bool = False,
    by_user: bool = False,
    again: Container[RepoPath] = (),
) -> list[ShownText]:
    """The files with what the prompt does not show of them yet; those of ``again`` whatever it shows."""
    found: list[ShownText] = []
    messages = conversation.prompt().messages
    for ask in asks:
        known = conversation.file(ask.path)
        before = known if known is not None and known.digest else None
        shown = state.ports.workspace.show(
            ask,
            request,
            conversation.turn,
            before,
            () if ask.path in again else messages,
            read_only=read_only or bool(known and known.read_only),
            by_user=by_user,
        )
        unchanged = before is not None and shown is not None and shown.file.spans == before.spans != ()
        if shown is not None and not (
            unchanged and ask.span is None and shown.file.digest == (before.digest if before else "")
        ):
            found.append(shown)
    return found


def _within_limits(
    state: State, texts: Sequence[ShownText], granted: Granted
) -> tuple[list[ShownText], list[RepoPath]]:
    """What the policy gives without asking, then what the user allows; and the paths of the rest."""
    settings = state.settings
    most = (
        settings.grant_tokens if settings.grant_tokens is not None else ceiling(state.active) // _TURN_SHARE
    )
    given: list[ShownText] = []
    beyond: list[ShownText] = []
    files, tokens, total = granted.files, granted.tokens, 0
    for text in texts:
        cost = count(text.text)
        within = files < settings.grant_files and tokens + cost <= most
        if within and fits(state.active, state.conversation, total + cost):
            given.append(text)
            files, tokens, total = files + 1, tokens + cost, total + cost
        else:
            beyond.append(text)
    if (
        beyond
        and fits(state.active, state.conversation, total + sum(count(text.text) for text in beyond))
        and _allowed(state, beyond)
    ):
        return [*given, *beyond], []
    return given, [text.file.path for text in beyond]


def _allowed(state: State, texts: Sequence[ShownText]) -> bool:
    paths = ", ".join(text.file.path for text in texts)
    tokens = sum(count(text.text) for text in texts)
    try:
        return state.ports.person.confirm(f"The model asks for more: {paths} ({tokens} tokens). Show it?")
    except NeedsTerminal:
        return False


def _answer(state: State, lookup: Lookup) -> str:
    answer = answer_to(state, lookup)
    return f"{lookup}\n{answer}" if answer else prompts.UNKNOWN.format(ask=lookup)


def answer_to(state: State, lookup: Lookup) -> str:
    """What the index, a kept output or the conversation before says, within its budget; "" for nothing."""
    if lookup.kind == "past":
        messages = messages_in(state.ports.history())
        return search_past(messages, lookup.argument, state.conversation.turn, LOOKUP_TOKENS, count_once)
    lines = named_lines(lookup.argument) if lookup.kind == "show" else None
    if lines is not None and (text := state.ports.outputs.read(lines[0])) is not None:
        return lines_of(text, lines[1], lines[2], 4 * LOOKUP_TOKENS, count_once)
    search = named_search(lookup.argument) if lookup.kind == "find" else None
    if search is not None and (text := state.ports.outputs.read(search[0])) is not None:
        return lines_with(text, search[1], LOOKUP_TOKENS, count_once)
    return state.ports.workspace.answer(lookup)


def _is_image(path: RepoPath) -> bool:
    return path.lower().endswith(tuple(IMAGES))

"""[io] A reply that asks for context → what the model is shown of it.

Inside the root a model gets what it asks for, up to a number of files and of tokens a turn; beyond that
the user is asked. How much of each file is shown, `chat.state.file_excerpt` decides. What the prompt
shows already, and as it is now, is not shown again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import ContextRequests, FileRequest, Lookup, read_context_requests
from chat.conversation.conversation import Conversation, ShownFile, digest_of
from chat.conversation.excerpts import is_within, points_back
from chat.errors import NeedsTerminal
from chat.model import RepoPath
from chat.prompt.budget import ceiling, fits
from chat.prompt.trimming import make_room
from chat.state.file_excerpt import FileExcerpt, choose_excerpt
from chat.state.state import State
from chat.state.tokens import count
from chat.state.workspace import is_image
from chat.turn.lookups import answer_to

_TURN_SHARE = 2
"""A turn may show one part in this many of the window, where no setting names a number of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a turn has given the model so far."""

    files: int = 0
    tokens: int = 0
    lookups: frozenset[Lookup] = frozenset()
    widened: bool = False
    """The widened map was given."""
    pointed_to: frozenset[RepoPath] = frozenset()
    """Files that the model asked for and was pointed to where the prompt shows them, or parts of them.

    Asked for once more, they are shown as if the prompt did not show them.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a reply that asks for context."""

    text: str
    conversation: Conversation
    granted: Granted
    is_new: bool
    """It shows something that the prompt did not show."""
    is_empty: bool
    """It neither shows anything nor says where the prompt shows it."""
    cannot_see: bool
    """The reply says that it cannot see what it needs."""
    paths: tuple[RepoPath, ...] = ()
    lookups: tuple[str, ...] = ()


def grant(state: State, request: str, reply: str, granted: Granted) -> Answer | None:
    """Answer a reply that asks for context; None for a reply that asks for nothing."""
    asked = read_context_requests(reply, state.ports.workspace.path_table())
    if not asked and not asked.cannot_see:
        return None
    files = _sort(state, asked, granted)
    excerpts = _excerpts_that_fit(state, request, files)
    given, refused = _within_limits(state, excerpts, granted)
    answers = [_answered(state, lookup) for lookup in asked.lookups if lookup not in granted.lookups]
    is_new = bool(given or answers)
    return Answer(
        text="\n\n".join(_parts(given, answers, files, refused)),
        conversation=state.conversation.with_files(excerpt.file for excerpt in given),
        granted=_with_given(granted, given, files, asked.lookups),
        is_new=is_new,
        is_empty=not is_new and not files.shown_already,
        cannot_see=asked.cannot_see,
        paths=tuple(excerpt.file.path for excerpt in given),
        lookups=tuple(map(str, asked.lookups)),
    )


@dataclass(frozen=True, slots=True)
class _RequestedFiles:
    """The files that a reply asks for, by what is to be done with them."""

    shown_already: Sequence[RepoPath]
    """The prompt shows what was asked for, and the model was not yet told where."""
    wanted: Sequence[FileRequest]
    again: frozenset[RepoPath]
    """Those of the wanted that are shown from end to end, whatever the prompt shows of them."""


def _sort(state: State, asked: ContextRequests, granted: Granted) -> _RequestedFiles:
    shown_already: list[RepoPath] = []
    wanted: list[FileRequest] = []
    again: set[RepoPath] = set()
    for request in asked.files:
        if not _is_shown(state, request):
            wanted.append(request)
        elif request.path in granted.pointed_to:
            wanted.append(request)
            again.add(request.path)
        else:
            shown_already.append(request.path)
    if asked.cannot_see and not asked:
        # names no file and sees nothing: it has not put together what it was shown in pieces
        again |= granted.pointed_to
        wanted += [FileRequest(path) for path in sorted(again)]
    return _RequestedFiles(shown_already, wanted, frozenset(again))


def _is_shown(state: State, request: FileRequest) -> bool:
    """Whether the prompt shows all that a request asks for, as it is now."""
    file = state.conversation.file(request.path)
    content = state.ports.workspace.read(request.path)
    if file is None or content is None or file.shown_digest != digest_of(content):
        return False
    return not file.spans or (request.span is not None and is_within(request.span, file.spans))


def _excerpts_that_fit(state: State, request: str, files: _RequestedFiles) -> list[FileExcerpt]:
    """The wanted files; earlier ones leave the prompt where these would not fit otherwise."""
    excerpts = choose_excerpts(state, files.wanted, request, state.conversation, again=files.again)
    if fits(state.active, state.conversation, _tokens(excerpts)) or not make_room(state):
        return excerpts
    # what has left can no longer be pointed to
    return choose_excerpts(state, files.wanted, request, state.conversation, again=files.again)


def choose_excerpts(
    state: State,
    requests: Iterable[FileRequest],
    request: str,
    conversation: Conversation,
    *,
    read_only: bool = False,
    by_user: bool = False,
    again: Collection[RepoPath] = (),
) -> list[FileExcerpt]:
    """Choose what to show of these files beyond what the prompt shows; of ``again`` whatever it shows."""
    excerpts: list[FileExcerpt] = []
    messages = conversation.prompt().messages
    for wanted in requests:
        known = conversation.file(wanted.path)
        shown = known if known is not None and known.digest else None
        excerpt = choose_excerpt(
            state.ports.workspace,
            wanted,
            request,
            conversation.turn,
            shown=shown,
            messages=() if wanted.path in again else messages,
            read_only=read_only or bool(known and known.read_only),
            by_user=by_user,
        )
        if excerpt is not None and not _is_same_part(wanted, shown, excerpt):
            excerpts.append(excerpt)
    return excerpts


def _is_same_part(wanted: FileRequest, shown: ShownFile | None, excerpt: FileExcerpt) -> bool:
    """Whether a file in parts would be shown by the very parts that the prompt shows."""
    if shown is None or wanted.span is not None:
        return False
    return excerpt.file.spans == shown.spans != () and excerpt.file.digest == shown.digest


def _tokens(excerpts: Iterable[FileExcerpt]) -> int:
    return sum(count(excerpt.text) for excerpt in excerpts)


def _within_limits(
    state: State, excerpts: Sequence[FileExcerpt], granted: Granted
) -> tuple[list[FileExcerpt], list[RepoPath]]:
    """What the settings give without asking, then what the user allows; and the paths of the rest."""
    settings = state.settings
    max_tokens = settings.grant_tokens
    if max_tokens is None:
        max_tokens = ceiling(state.active) // _TURN_SHARE
    given: list[FileExcerpt] = []
    beyond: list[FileExcerpt] = []
    files, tokens, total = granted.files, granted.tokens, 0
    for excerpt in excerpts:
        cost = count(excerpt.text)
        is_within_settings = files < settings.grant_files and tokens + cost <= max_tokens
        if is_within_settings and fits(state.active, state.conversation, total + cost):
            given.append(excerpt)
            files, tokens, total = files + 1, tokens + cost, total + cost
        else:
            beyond.append(excerpt)
    if beyond and fits(state.active, state.conversation, total + _tokens(beyond)) and _allowed(state, beyond):
        return [*given, *beyond], []
    return given, [excerpt.file.path for excerpt in beyond]


def _allowed(state: State, excerpts: Sequence[FileExcerpt]) -> bool:
    paths = ", ".join(excerpt.file.path for excerpt in excerpts)
    question = f"The model asks for more: {paths} ({_tokens(excerpts)} tokens). Show it?"
    try:
        return state.ports.person.confirm(question)
    except NeedsTerminal:
        return False


def _answered(state: State, lookup: Lookup) -> str:
    answer = answer_to(state, lookup)
    return f"{lookup}\n{answer}" if answer else prompts.UNKNOWN.format(ask=lookup)


def _parts(
    given: Sequence[FileExcerpt], answers: Sequence[str], files: _RequestedFiles, refused: Sequence[RepoPath]
) -> list[str]:
    """The parts of the answer's text."""
    images = [request.path for request in files.wanted if is_image(request.path)]
    is_new = bool(given or answers)
    parts = [prompts.FILES_ASKED] if is_new else []
    parts += [*(excerpt.text for excerpt in given), *answers]
    if files.shown_already:
        parts.append(prompts.ALREADY_SHOWN.format(paths=", ".join(files.shown_already)))
    if refused:
        parts.append(prompts.TOO_MUCH.format(paths=", ".join(refused)))
    if images:
        parts.append(f"{', '.join(images)}: images cannot be shown here.")
    if not is_new and not files.shown_already:
        parts.append(prompts.LOOK_AGAIN)
    return parts


def _with_given(
    granted: Granted, given: Sequence[FileExcerpt], files: _RequestedFiles, lookups: Iterable[Lookup]
) -> Granted:
    pointed_to = [excerpt.file.path for excerpt in given if points_back(excerpt.text)]
    return replace(
        granted,
        files=granted.files + len(given),
        tokens=granted.tokens + _tokens(given),
        lookups=granted.lookups.union(lookups),
        pointed_to=(granted.pointed_to - files.again).union(files.shown_already, pointed_to),
    )

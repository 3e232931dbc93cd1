"""[io] The files that a reply asks for → excerpts of them, as far as they fit the prompt and the limits of a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chat.conversation.context_requests import ContextRequests
from chat.conversation.conversation import Conversation, Span, digest_of
from chat.conversation.excerpts import is_within, merge_spans
from chat.model import RepoPath
from chat.prompt.budget import fits
from chat.prompt.next_prompt import choose_excerpts
from chat.prompt.trimming import make_room, without_excerpts
from chat.state.file_excerpt import FileExcerpt
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens
from chat.turn.requests.limits import Granted, max_tokens, tokens_of


@dataclass(frozen=True, slots=True)
class AskedFiles:
    """The files that a reply asks for."""

    shown: Sequence[RepoPath]
    """The prompt shows what was asked for of these, as they are now."""
    wanted: Mapping[RepoPath, tuple[Span, ...]]
    """The others, each with the lines asked for."""


def asked_files(state: State, asked: ContextRequests) -> AskedFiles:
    """Sort the files that a reply asks for by whether the prompt shows them."""
    spans: dict[RepoPath, list[Span | None]] = {}
    for request in asked.files:
        spans.setdefault(request.path, []).append(request.span)
    wanted = {
        path: () if None in of_path else merge_spans([span for span in of_path if span])
        for path, of_path in spans.items()
    }
    if asked.cannot_see and not asked:
        wanted = _shown_in_part(state)
    shown = [path for path, of_path in wanted.items() if _is_shown(state, path, of_path)]
    return AskedFiles(shown, {path: of_path for path, of_path in wanted.items() if path not in shown})


def _shown_in_part(state: State) -> dict[RepoPath, tuple[Span, ...]]:
    """The files that this turn showed in part: what a model that names none and sees nothing may mean."""
    files = state.conversation.files
    return {file.path: () for file in files if file.spans and file.used_turn == state.conversation.turn}


def _is_shown(state: State, path: RepoPath, spans: Sequence[Span]) -> bool:
    """Whether the prompt shows all that is asked for, as it is now."""
    file = state.conversation.file(path)
    content = state.ports.workspace.read(path)
    if file is None or content is None or file.shown_digest != digest_of(content):
        return False
    return not file.spans or (bool(spans) and all(is_within(span, file.spans) for span in spans))


def excerpts_that_fit(
    state: State, request: str, files: AskedFiles, granted: Granted
) -> tuple[list[FileExcerpt], Granted]:
    """Return excerpts of the wanted files, and what the turn has given then.

    Where they would not fit, the files of earlier turns leave.
    What this turn has shown of a file in part leaves, too, once all of it is shown; where room is needed,
    also what earlier turns have shown of it.
    """
    excerpts = choose_excerpts(state, files.wanted, request, state.conversation)
    if not _fits(state, state.conversation, excerpts, granted) and make_room(state):
        # what has left is not shown any more
        excerpts = choose_excerpts(state, files.wanted, request, state.conversation)
    whole = [excerpt.file.path for excerpt in excerpts if not excerpt.file.spans]
    for since_turn in (state.conversation.turn, 0):
        shorter = without_excerpts(state.conversation, whole, since_turn)
        freed = prompt_tokens(state.conversation.prompt()) - prompt_tokens(shorter.prompt())
        less = replace(granted, tokens=max(0, granted.tokens - freed))
        if freed and _fits(state, shorter, excerpts, less):
            state.writer.put(shorter)
            return excerpts, less
        if _fits(state, state.conversation, excerpts, granted):
            break
    return excerpts, granted


def _fits(
    state: State, conversation: Conversation, excerpts: Sequence[FileExcerpt], granted: Granted
) -> bool:
    tokens = tokens_of(excerpts)
    return granted.tokens + tokens <= max_tokens(state) and fits(state.active, conversation, tokens)


def within_limits(
    state: State, excerpts: Sequence[FileExcerpt], granted: Granted
) -> tuple[list[FileExcerpt], list[RepoPath]]:
    """Return what the settings give without asking, then what the user allows; and the paths of the rest."""
    max_files, most_tokens = state.settings.grant_files, max_tokens(state)
    given: list[FileExcerpt] = []
    beyond: list[FileExcerpt] = []
    files, tokens, total = granted.files, granted.tokens, 0
    for excerpt in excerpts:
        cost = count(excerpt.text)
        is_within_settings = files < max_files and tokens + cost <= most_tokens
        if is_within_settings and fits(state.active, state.conversation, total + cost):
            given.append(excerpt)
            files, tokens, total = files + 1, tokens + cost, total + cost
        else:
            beyond.append(excerpt)
    if (
        beyond
        and fits(state.active, state.conversation, total + tokens_of(beyond))
        and _allowed(state, beyond)
    ):
        return [*given, *beyond], []
    return given, [excerpt.file.path for excerpt in beyond]


def _allowed(state: State, excerpts: Sequence[FileExcerpt]) -> bool:
    paths = ", ".join(excerpt.file.path for excerpt in excerpts)
    question = f"The model asks for more: {paths} ({tokens_of(excerpts)} tokens). Show it?"
    return state.ports.agrees(question)

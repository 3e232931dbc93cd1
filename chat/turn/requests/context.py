"""[io] A reply that asks for context → what the model is shown of it.

Inside the root a model gets what it asks for, up to a number of files and of tokens a turn; beyond that
the user is asked. How much of each file is shown, `chat.state.file_excerpt` decides. What the prompt
shows already, and as it is now, is not shown again: the model is told so, then told what to do, and a
turn that asks in vain once more is over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import ContextRequests, Lookup, read_context_requests
from chat.conversation.conversation import Conversation, Span, digest_of
from chat.conversation.excerpts import is_within, merge_spans
from chat.model import RepoPath
from chat.prompt.budget import fits
from chat.prompt.next_prompt import choose_excerpts
from chat.prompt.trimming import make_room, without_excerpts
from chat.state.file_excerpt import FileExcerpt
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens
from chat.state.workspace import is_image
from chat.turn.consent.reading import without_denied_files
from chat.turn.hooks import Heard, said_of_context
from chat.turn.requests.limits import (
    Granted,
    is_over,
    keys_of,
    max_tokens,
    may_still_ask,
    tokens_of,
    with_asked,
)
from chat.turn.requests.lookups import answer_to, reason_against


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a reply that asks for context."""

    text: str
    conversation: Conversation
    granted: Granted
    is_new: bool
    """It shows something that the prompt did not show."""
    is_whole: bool
    """It shows all that was asked for."""
    is_empty: bool
    """It neither shows anything nor says where the prompt shows it."""
    is_over: bool
    """The model was told what to do and asks for the same once more: it gets no answer."""
    cannot_see: bool
    """The reply says that it cannot see what it needs."""
    asked: str
    """What the reply asks for, for a person to read."""
    paths: tuple[RepoPath, ...] = ()
    lookups: tuple[str, ...] = ()
    denied: tuple[RepoPath, ...] = ()
    """Files that rules or hooks do not let the model see."""
    is_stopped: bool = False
    """A hook wants the turn to end."""


def grant(
    state: State, request: str, reply: str, granted: Granted, *, only_written: bool = False
) -> Answer | None:
    """Answer a reply that asks for context; None for a reply that asks for nothing.

    With ``only_written``, paths in the reply's own words are part of what it says, and not asked for.
    """
    asked = read_context_requests(reply, state.ports.workspace.path_table(), only_written=only_written)
    if not asked and not asked.cannot_see:
        return None
    heard = Heard()
    permitted, denied = without_denied_files(state, asked, heard)
    files = _sort(state, permitted)
    excerpts, granted = _excerpts_that_fit(state, request, files, granted)
    given, too_much = _within_limits(state, excerpts, granted)
    lookups = _look_up(state, asked.lookups, granted, tokens_of(given), heard)
    granted, keys = with_asked(state, granted, asked, given, lookups.found), keys_of(state, asked)
    is_new = bool(given or lookups.found)
    refused = denied or lookups.forbidden
    is_empty = not (is_new or files.shown or lookups.repeated or lookups.unknown or refused)
    given_paths = tuple(excerpt.file.path for excerpt in given)
    parts = _parts(given, lookups, files, too_much)
    parts += [said] if (said := said_of_context(state, given_paths, lookups.answers, heard)) else []
    parts += [_not_permitted(denied)] if denied else []
    parts += [prompts.LOOK_AGAIN] if is_empty else []
    parts += [prompts.NO_MORE] if not may_still_ask(granted, keys, more=1) else []
    return Answer(
        text="\n\n".join(parts),
        conversation=state.conversation.with_files(excerpt.file for excerpt in given),
        granted=granted,
        is_new=is_new,
        is_whole=is_new and not (too_much or lookups.too_much or lookups.unknown),
        is_empty=is_empty,
        is_over=is_over(granted, keys, is_new=is_new),
        cannot_see=asked.cannot_see,
        asked=", ".join([*dict.fromkeys(file.path for file in asked.files), *map(str, asked.lookups)]),
        paths=given_paths,
        lookups=tuple(map(str, asked.lookups)),
        denied=tuple(denied),
        is_stopped=heard.is_stopped,
    )


def _not_permitted(denied: Mapping[RepoPath, str]) -> str:
    paths = (f"{path} ({reason})" if reason else path for path, reason in denied.items())
    return prompts.NOT_PERMITTED.format(paths=", ".join(paths))


# Files


@dataclass(frozen=True, slots=True)
class _Files:
    """The files that a reply asks for."""

    shown: Sequence[RepoPath]
    """The prompt shows what was asked for of these, as they are now."""
    wanted: Mapping[RepoPath, tuple[Span, ...]]
    """The others, each with the lines asked for."""


def _sort(state: State, asked: ContextRequests) -> _Files:
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
    return _Files(shown, {path: of_path for path, of_path in wanted.items() if path not in shown})


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


def _excerpts_that_fit(
    state: State, request: str, files: _Files, granted: Granted
) -> tuple[list[FileExcerpt], Granted]:
    """The wanted files. Where they would not fit, the files of earlier turns leave.

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


# Limits


def _within_limits(
    state: State, excerpts: Sequence[FileExcerpt], granted: Granted
) -> tuple[list[FileExcerpt], list[RepoPath]]:
    """What the settings give without asking, then what the user allows; and the paths of the rest."""
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


# Lookups


@dataclass(frozen=True, slots=True)
class _Lookups:
    """The lookups of a reply, by what became of them."""

    answers: Sequence[tuple[Lookup, str]]
    unknown: Sequence[Lookup]
    repeated: Sequence[Lookup]
    """Answered earlier in this turn."""
    too_much: Sequence[Lookup]
    """Not answered, because the limit of the turn is reached."""
    forbidden: Mapping[Lookup, str]
    """Hooks do not let them be answered: why not."""

    @property
    def found(self) -> list[str]:
        """The answers as the model is shown them."""
        return [f"{lookup}\n{answer}" for lookup, answer in self.answers]


def _look_up(
    state: State, lookups: Iterable[Lookup], granted: Granted, tokens: int, heard: Heard
) -> _Lookups:
    """Answer the lookups that were not asked before; ``tokens`` are given with the same answer."""
    left_tokens = max_tokens(state) - granted.tokens - tokens
    answers, forbidden = list[tuple[Lookup, str]](), dict[Lookup, str]()
    unknown, repeated, too_much = list[Lookup](), list[Lookup](), list[Lookup]()
    for lookup in lookups:
        if str(lookup) in granted.asked:
            repeated.append(lookup)
            continue
        if (reason := reason_against(state, lookup, heard)) is not None:
            forbidden[lookup] = reason
            continue
        answer = answer_to(state, lookup)
        cost = count(answer)
        if not answer:
            unknown.append(lookup)
        elif cost > left_tokens or not fits(state.active, state.conversation, tokens + cost):
            too_much.append(lookup)
        else:
            answers.append((lookup, answer))
            left_tokens, tokens = left_tokens - cost, tokens + cost
    return _Lookups(answers, unknown, repeated, too_much, forbidden)


# The text


def _parts(
    given: Sequence[FileExcerpt], lookups: _Lookups, files: _Files, too_much: Sequence[RepoPath]
) -> list[str]:
    """The parts of the answer's text."""
    shown = [*files.shown, *map(str, lookups.repeated)]
    refused = [*too_much, *map(str, lookups.too_much)]
    images = [path for path in files.wanted if is_image(path)]
    parts = [prompts.FILES_ASKED] if given or lookups.found else []
    parts += [*(excerpt.text for excerpt in given), *lookups.found]
    parts += [prompts.UNKNOWN.format(ask=lookup) for lookup in lookups.unknown]
    for ask, reason in lookups.forbidden.items():
        parts.append(prompts.NOT_ANSWERED.format(ask=ask, reason=f": {reason}" if reason else ""))
    if shown:
        parts.append(prompts.ALREADY_SHOWN.format(paths=", ".join(shown)))
    if refused:
        parts.append(prompts.TOO_MUCH.format(paths=", ".join(refused)))
    if images:
        parts.append(f"{', '.join(images)}: images cannot be shown here.")
    return parts

"""[io] A reply that asks for context → what the model is shown of it.

Inside the root a model gets what it asks for, up to a number of files and of tokens a turn; beyond that
the user is asked (`files`). How much of each file is shown, `chat.state.file_excerpt` decides. What the prompt
shows already, and as it is now, is not shown again: the model is told so, then told what to do, and a
turn that asks in vain once more is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import ContextRequests, read_context_requests
from chat.conversation.conversation import Conversation
from chat.model import RepoPath
from chat.state.file_excerpt import FileExcerpt
from chat.state.state import State
from chat.state.workspace import is_image
from chat.turn.consent.reading import without_denied_files
from chat.turn.hooks import HookVerdicts, said_of_context
from chat.turn.requests.files import AskedFiles, asked_files, excerpts_that_fit, within_limits
from chat.turn.requests.limits import (
    Granted,
    is_over,
    keys_of,
    may_still_ask,
    tokens_of,
    with_asked,
)
from chat.turn.requests.lookups import Lookups, look_up


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
    verdicts = HookVerdicts()
    permitted, denied = without_denied_files(state, asked, verdicts)
    files = asked_files(state, permitted)
    excerpts, granted = excerpts_that_fit(state, request, files, granted)
    given, too_much = within_limits(state, excerpts, granted)
    lookups = look_up(state, asked.lookups, granted, tokens_of(given), verdicts)
    found = _Found(files=files, given=given, too_much=too_much, denied=denied, lookups=lookups)
    return _answer(state, asked, found, with_asked(state, granted, asked, given, lookups.found), verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What became of the requests of a reply."""

    files: AskedFiles
    given: Sequence[FileExcerpt]
    too_much: Sequence[RepoPath]
    """Files beyond the limits."""
    denied: Mapping[RepoPath, str]
    lookups: Lookups

    @property
    def is_new(self) -> bool:
        """Whether it shows something that the prompt did not show."""
        return bool(self.given or self.lookups.found)

    @property
    def is_whole(self) -> bool:
        """Whether it shows all that was asked for."""
        return self.is_new and not (self.too_much or self.lookups.too_much or self.lookups.unknown)

    @property
    def is_empty(self) -> bool:
        """Whether it neither shows anything nor says where the prompt shows it."""
        lookups = self.lookups
        is_told = self.files.shown or lookups.repeated or lookups.unknown or self.denied or lookups.forbidden
        return not (self.is_new or is_told)


def _answer(
    state: State, asked: ContextRequests, found: _Found, granted: Granted, verdicts: HookVerdicts
) -> Answer:
    """Put what was found into words; ``granted`` counts it already."""
    paths, keys = tuple(excerpt.file.path for excerpt in found.given), keys_of(state, asked)
    parts = _parts(found)
    parts += [said] if (said := said_of_context(state, paths, found.lookups.answers, verdicts)) else []
    parts += [_not_permitted(found.denied)] if found.denied else []
    parts += [prompts.LOOK_AGAIN] if found.is_empty else []
    parts += [prompts.NO_MORE] if not may_still_ask(granted, keys, more=1) else []
    return Answer(
        text="\n\n".join(parts),
        conversation=state.conversation.with_files(excerpt.file for excerpt in found.given),
        granted=granted,
        is_new=found.is_new,
        is_whole=found.is_whole,
        is_empty=found.is_empty,
        is_over=is_over(granted, keys, is_new=found.is_new),
        cannot_see=asked.cannot_see,
        asked=", ".join([*dict.fromkeys(file.path for file in asked.files), *map(str, asked.lookups)]),
        paths=paths,
        lookups=tuple(map(str, asked.lookups)),
        denied=tuple(found.denied),
        is_stopped=verdicts.is_stopped,
    )


def _not_permitted(denied: Mapping[RepoPath, str]) -> str:
    paths = (f"{path} ({reason})" if reason else path for path, reason in denied.items())
    return prompts.NOT_PERMITTED.format(paths=", ".join(paths))


def _parts(found: _Found) -> list[str]:
    """The parts of the answer's text."""
    lookups = found.lookups
    shown = [*found.files.shown, *map(str, lookups.repeated)]
    refused = [*found.too_much, *map(str, lookups.too_much)]
    images = [path for path in found.files.wanted if is_image(path)]
    parts = [prompts.FILES_ASKED] if found.is_new else []
    parts += [*(excerpt.text for excerpt in found.given), *lookups.found]
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

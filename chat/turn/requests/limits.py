"""What a turn has shown the model of what it asked for, and what it may still show; reads files for their digests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chat.conversation.context_requests import ContextRequests
from chat.conversation.conversation import digest_of
from chat.prompt.budget import ceiling
from chat.state.file_excerpt import FileExcerpt
from chat.state.state import State
from chat.state.tokens import count

_TURN_SHARE = 0.5
_TURN_TOKENS = 64_000
"""A turn may show this share of the ceiling, or so many tokens, where no setting names a number of tokens."""
_MAX_ANSWERS = 16
"""A model that has asked so often in one turn will not come to an end by itself."""
_MAX_IN_VAIN = 2
"""Answers in a row that show nothing new: where it is shown, then what to do instead."""
_MAX_SAME = 3
"""Answers to the same request: what was asked for, the rest of it, then what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a turn has given the model so far."""

    files: int = 0
    tokens: int = 0
    answers: int = 0
    in_vain: int = 0
    """The answers since the last one that showed something new."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """How often each thing was asked for; a file that has changed since is another one."""
    widened: bool = False
    """The widened map was given."""


def max_tokens(state: State) -> int:
    """Return how many tokens a turn may show."""
    tokens = state.settings.grant_tokens
    limit = ceiling(state.active)
    return max(int(limit * _TURN_SHARE), min(limit, _TURN_TOKENS)) if tokens is None else tokens


def tokens_of(excerpts: Iterable[FileExcerpt]) -> int:
    """Return how many tokens these take."""
    return sum(count(excerpt.text) for excerpt in excerpts)


def with_asked(
    state: State,
    granted: Granted,
    asked: ContextRequests,
    given: Sequence[FileExcerpt],
    found: Sequence[str],
) -> Granted:
    """Count what this answer gives, and what it was asked for."""
    times = dict(granted.asked)
    for key in keys_of(state, asked):
        times[key] = times.get(key, 0) + 1
    return replace(
        granted,
        files=granted.files + len(given),
        tokens=granted.tokens + tokens_of(given) + sum(map(count, found)),
        answers=granted.answers + 1,
        in_vain=0 if given or found else granted.in_vain + 1,
        asked=times,
    )


def keys_of(state: State, asked: ContextRequests) -> tuple[str, ...]:
    """What tells the things that a reply asks for apart; a file that has changed is another one."""
    keys = [str(lookup) for lookup in asked.lookups]
    for request in asked.files:
        content = state.ports.workspace.read(request.path)
        digest = digest_of(content) if content is not None else ""
        keys.append(f"{request.path} {request.span} {digest}")
    return tuple(dict.fromkeys(keys))


def may_still_ask(granted: Granted, keys: Iterable[str], more: int) -> bool:
    """Whether the limits allow ``more`` further answers like this one."""
    return (
        granted.in_vain + more <= _MAX_IN_VAIN
        and granted.answers + more <= _MAX_ANSWERS
        and all(granted.asked[key] + more <= _MAX_SAME for key in keys)
    )


def is_over(granted: Granted, keys: Iterable[str], *, is_new: bool) -> bool:
    """Whether the model gets no answer any more: it has asked too often, or in vain after it was told what to do."""
    return granted.answers > _MAX_ANSWERS or (not is_new and not may_still_ask(granted, keys, more=0))

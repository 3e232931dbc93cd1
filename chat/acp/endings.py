"""How a prompt ended → the protocol's reason, what the user is told, and what it took."""

from dataclasses import dataclass, field
from typing import Literal

from acp.schema import Cost, UsageUpdate
from acp.schema import Usage as ProtocolUsage

from chat.commands.command import Leave
from chat.errors import (
    InputError,
    LimitReached,
    NeedsTerminal,
    NothingToUndo,
    Paused,
    PromptBlocked,
    PromptTooLarge,
    UsageError,
    WindowExceeded,
)
from chat.model import Usage
from chat.terminal.screens.output import error_text

StopReason = Literal["end_turn", "max_tokens", "max_turn_requests", "cancelled"]

_ANSWERS = (InputError, NeedsTerminal, NothingToUndo, Paused, PromptBlocked, UsageError)
"""Errors that tell the user what to do otherwise; the session is as it was."""
_LEFT = "The editor closes the session, so nothing was done."


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a prompt."""

    reason: StopReason
    remark: str = ""
    """Shown behind everything else."""
    error: str = ""
    """Why the prompt failed; the protocol has errors for that."""
    usage: Usage = field(default_factory=Usage)
    """What it took."""


def ending_of(error: BaseException | None, is_cancelled: bool) -> Ending:
    """Return how a prompt ended that raised an error, or none."""
    if is_cancelled or isinstance(error, KeyboardInterrupt):
        return Ending("cancelled")
    match error:
        case None:
            return Ending("end_turn")
        case Leave():
            return Ending("end_turn", _LEFT)
        case LimitReached():
            return Ending("max_turn_requests", error_text(error))
        case PromptTooLarge() | WindowExceeded():
            return Ending("max_tokens", error_text(error))
        case _ if isinstance(error, _ANSWERS):
            return Ending("end_turn", error_text(error))
    return Ending("end_turn", error=error_text(error))


def usage_update(last: Usage, window_tokens: int, session: Usage) -> UsageUpdate:
    """Return how full the model's window is after the last reply, and what the session cost where that is known."""
    cost = None if session.cost_usd is None else Cost(amount=session.cost_usd, currency="USD")
    used = last.tokens
    return UsageUpdate(session_update="usage_update", used=used, size=max(used, window_tokens), cost=cost)


def protocol_usage(usage: Usage) -> ProtocolUsage:
    """Return what a prompt took, as its response says it."""
    return ProtocolUsage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        total_tokens=usage.tokens,
        cached_read_tokens=usage.cached_tokens,
    )

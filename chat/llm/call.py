"""What crosses between the two processes of a call: the call itself, and the failure of an attempt."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat.errors import ModelError
from chat.llm import failures
from chat.llm.failures import Advice, error_of, short_detail
from chat.llm.models.local_servers import why_unreachable
from chat.llm.options import CONNECT_S, Route


class CallFailed(Exception):
    """An attempt gave no complete reply; ``advice`` says what to make of it."""

    def __init__(self, advice: Advice, detail: str = "") -> None:
        self.advice = advice
        self.detail = detail
        """The words of the server or the library, on one line."""
        self.retry_after = ""
        """The server's own wish when to be asked again, as it wrote it."""
        super().__init__(advice, detail)  # as given, so that it can be pickled

    def __str__(self) -> str:
        return self.advice.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A reply to be made: the arguments, and what all its attempts share."""

    route: Route
    arguments: Mapping[str, Any]
    """Of `litellm.completion`."""
    prompt_tokens: int
    """By our own count."""
    own_entries: Mapping[str, Mapping[str, Any]]
    """The user's own model data, in the form of litellm's table."""
    priced: bool
    """Whether the price of the model is known."""
    deadline: float
    """On the clock of `time.monotonic`."""
    stall_s: float
    secrets: tuple[str, ...] = ()

    def error(self, failure: CallFailed, tries: int) -> ModelError:
        """Return the error for the user when there is no further attempt."""
        return error_of(
            failure.advice,
            model=self.route.model,
            where=self.route.where,
            detail=failure.detail,
            key=self.route.key_name,
            tries=tries,
        )


def check_reachable(call: Call) -> None:
    """Raise CallFailed if nothing answers at the call's address; litellm need not be loaded for that."""
    if call.route.api_base:
        start = time.monotonic()
        if reason := why_unreachable(call.route.api_base, CONNECT_S):
            is_slow = time.monotonic() - start > CONNECT_S / 2
            advice = failures.UNCONNECTED if is_slow else failures.REFUSED
            raise CallFailed(advice, short_detail(reason))

"""Turns a failed call into the error that the user sees: its class, whether to try again, what to do.

One table, first row that fits. A failure is what is known of it without the library that met it:
the names of its exceptions, the status that came over the wire, the words of the server.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chat.errors import (
    BadCall,
    ModelError,
    OutOfTime,
    Overloaded,
    ReplyCut,
    Unauthorized,
    UnknownModel,
    Unreachable,
    WindowExceeded,
)
from chat.safety.printable import cut_line, on_one_line
from chat.safety.secrets import masked_message

Again = Literal["no", "once", "soon", "later"]
"""Whether a failure may pass: tried again once, at once and briefly, or with growing waits."""

MAX_WORDS_CHARS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of a call that gave no complete reply."""

    names: frozenset[str] = frozenset()
    """Class names of the exception, of those above it and of those that led to it."""
    status: int = 0
    """The HTTP status, 0 where no answer came."""
    words: str = ""
    """What the server said, else what the exception says."""
    unconnected: bool = False
    """No connection was made at all."""
    begun: bool = False
    """The server took the call and began to answer."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A row of the table."""

    error: type[ModelError]
    again: Again
    what: str
    """What happened."""
    next: str
    """What to do about it, a whole sentence; {model} and {key} are filled in."""


@dataclass(frozen=True, slots=True)
class _Rule:
    advice: Advice
    names: frozenset[str] = frozenset()
    statuses: Sequence[int] = ()
    words: re.Pattern[str] | None = None
    besides: Callable[[Failure], bool] | None = None

    def fits(self, failure: Failure) -> bool:
        return bool(
            self.names & failure.names
            or failure.status in self.statuses
            or (self.words and self.words.search(failure.words))
            or (self.besides and self.besides(failure))
        )


def _rule(
    advice: Advice,
    *,
    names: str = "",
    statuses: Sequence[int] = (),
    words: str = "",
    besides: Callable[[Failure], bool] | None = None,
) -> _Rule:
    pattern = re.compile(words, re.IGNORECASE) if words else None
    return _Rule(advice, frozenset(names.split()), statuses, pattern, besides)


UNKNOWN = Advice(
    BadCall,
    "no",
    "the call failed in a way that this program does not know",
    "Try again with --verbose, and report it with what it prints.",
)

EMPTY = Advice(
    ReplyCut,
    "once",
    "the reply is empty",
    "Ask again in other words, or choose another model with --model.",
)

NOT_A_MODEL = Advice(
    BadCall,
    "no",
    "what answers at this address is no model",
    "Check --api-base: for many servers it ends in /v1.",
)

FILTERED = Advice(
    BadCall,
    "no",
    "the provider's content filter ended the reply",
    "Ask in other words, or choose another model with --model.",
)

TOO_LONG = Advice(
    ReplyCut,
    "no",
    "the reply is longer than any model writes",
    "Check that a model answers at this address.",
)

CUT = Advice(
    ReplyCut,
    "later",
    "the reply broke off before its end",
    "Try again; if it happens each time, look at the server's own log, or try --no-stream.",
)

FAILING = Advice(
    Overloaded,
    "later",
    "the server fails or is overloaded",
    "Try again later, or choose another model with --model.",
)

STALLED = replace(CUT, what="the server fell silent before the reply's end")

UNCONNECTED = Advice(
    Unreachable,
    "once",
    "no server answers",
    "Start the server, or check the network and --api-base.",
)

REFUSED = replace(UNCONNECTED, again="soon")

OUT_OF_TIME = Advice(
    OutOfTime,
    "no",
    "no complete reply came in time",
    "Allow more with --timeout, or ask for less at once.",
)


CHECK_KEY = "Check {key}, or give the key with --api-key."

RULES: tuple[_Rule, ...] = (
    _rule(
        Advice(
            WindowExceeded,
            "no",
            "the prompt is longer than the model reads",
            "Drop files with /drop or /clear the conversation, or name the model's window with --context-tokens.",
        ),
        names="ContextWindowExceededError",
        statuses=(413,),
        words=r"context[ _]length|context[ _]window|maximum context|prompt is too long|input is too long"
        r"|exceed_context_size|exceeds? the (available )?context",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the provider's content filter refused the prompt",
            "Ask in other words, or leave out the file that it may have met.",
        ),
        names="ContentPolicyViolationError",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the account has no credit or quota left",
            "Look at the account's billing page, or choose another model with --model.",
        ),
        names="PaymentRequiredError BudgetExceededError",
        statuses=(402,),
        words=r"insufficient_quota|exceeded your current quota|credit balance|insufficient (balance|credits?)",
    ),
    _rule(
        Advice(Unauthorized, "no", "the key is missing or refused", CHECK_KEY),
        names="AuthenticationError",
        statuses=(401,),
        words=r"api_key client option must be set|missing .{0,30}api.?key|incorrect api key|invalid x-api-key",
    ),
    _rule(
        Advice(
            Unauthorized,
            "no",
            "the key may not do this",
            "Check what {key} is allowed to use, and that its account has access to {model}.",
        ),
        names="PermissionDeniedError",
        statuses=(403,),
    ),
    _rule(
        Advice(
            UnknownModel,
            "no",
            "there is no such model at this address",
            "Check the spelling with `trigpoint models`, the provider's prefix as in "
            "openai/NAME or ollama_chat/NAME, and that --api-base is right and ends as the server wants it.",
        ),
        names="NotFoundError LiteLLMUnknownProvider",
        statuses=(404,),
        words=r"model_not_found|llm provider not provided|model .{0,80}(not found|does not exist)",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the server sends the call elsewhere, and prompts go to no address but the one given",
            "Give the new address with --api-base if you trust it.",
        ),
        besides=lambda failure: 300 <= failure.status < 400,
    ),
    _rule(
        Advice(
            Overloaded,
            "later",
            "the provider limits how often it may be asked",
            "Wait a while, or choose another model with --model.",
        ),
        names="RateLimitError",
        statuses=(429,),
    ),
    _rule(
        REFUSED,
        names="ConnectError ConnectTimeout",
        besides=lambda failure: failure.unconnected,
    ),
    _rule(
        FAILING,
        statuses=(408, 409, 425, *range(500, 600)),
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the server refuses the call as it is",
            "Its words say what it did not take; --show-prompts prints what is sent, and other settings "
            "of the model may be what it wants.",
        ),
        names="BadRequestError UnprocessableEntityError UnsupportedParamsError",
        besides=lambda failure: 400 <= failure.status < 500,
    ),
    _rule(
        CUT,
        names="RemoteProtocolError ReadError WriteError ReadTimeout WriteTimeout JSONDecodeError",
        besides=lambda failure: failure.begun,
    ),
    _rule(
        FAILING,
        names="Timeout InternalServerError ServiceUnavailableError BadGatewayError",
    ),
)
"""Which failure is which, first fit first."""


def advise(failure: Failure) -> Advice:
    """The row of the table that fits."""
    return next((rule.advice for rule in RULES if rule.fits(failure)), UNKNOWN)


def worded(
    advice: Advice, *, model: str, where: str, words: str = "", key: str = "", tries: int = 1
) -> ModelError:
    """The error to raise: where and what, that nothing of it was used, what to do next."""
    said = f" ({words})" if words else ""
    tried = f" after {tries} tries" if tries > 1 else ""
    place = f"{model} at {where}" if where else model
    then = advice.next.format(model=model, key=key or "its key")
    return advice.error(f"{place}: {advice.what}{tried}{said}; no reply was used. {then}")


_PREFIX = re.compile(r"^(\s*(litellm\.)?\w+(Error|Exception|Timeout):?\s*-?\s*)+")


def plain_words(text: str, keys: Sequence[str] = ()) -> str:
    """A server's or a library's message as one short line, without keys and control characters."""
    line = on_one_line(_PREFIX.sub("", text), max_chars=len(text))
    return cut_line(masked_message(line, keys), MAX_WORDS_CHARS)


MAX_WAIT_S = 20.0
MAX_ASKED_WAIT_S = 60.0
"""A server that asks for more is not waited for: the user is told instead."""

TRIES: dict[Again, int] = {"no": 1, "once": 2, "soon": 3, "later": 4}


def wait_s(advice: Advice, attempt: int, retry_after: str, chance: float) -> float | None:
    """How long to wait after the attempt of this number, from 1, or None where no other is made.

    Full jitter: anything between nothing and a bound that doubles, by ``chance`` in [0, 1). What
    the server asks for is waited in full.
    """
    if attempt >= TRIES[advice.again]:
        return None
    if advice.again == "soon":
        return 0.5 * attempt
    asked = _seconds(retry_after)
    if asked > MAX_ASKED_WAIT_S:
        return None
    return asked + chance * min(MAX_WAIT_S, 2.0 ** (attempt - 1))


def _seconds(retry_after: str) -> float:
    """The seconds of a Retry-After header; a date counts from now."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        return _until(retry_after)


def _until(date: str) -> float:
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(date)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0

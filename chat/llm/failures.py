"""A failed call -> the error for the user: its class, whether to try again, what to do about it.

Pure: one table, of which the first row that fits counts. A `Failure` is described without the library
that met it: the names of its exceptions, the HTTP status, the words of the server.
"""

import re
from collections.abc import Callable, Mapping, Sequence
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

Retry = Literal["no", "once", "soon", "later"]
"""Whether to try again: never, once, twice after a moment, or several times with growing waits."""

MAX_DETAIL_CHARS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that gave no complete reply, described by what is known of it."""

    names: frozenset[str] = frozenset()
    """Class names of the exception and of those that led to it, base classes included."""
    status: int = 0
    """The HTTP status, 0 if no answer came."""
    detail: str = ""
    """The message of the server, or else of the exception."""
    unconnected: bool = False
    """No connection was made at all."""
    answered: bool = False
    """The server accepted the call and began to answer."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to make of a failure."""

    error: type[ModelError]
    retry: Retry
    problem: str
    """What happened, as a part of a sentence."""
    remedy: str
    """What to do about it, in whole sentences; {model} and {key} are filled in."""
    quotes: bool = True
    """Whether what the server or the library said is of use to the user."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A row of the table: the advice, and the failures that it is for."""

    advice: Advice
    names: frozenset[str] = frozenset()
    statuses: Sequence[int] = ()
    detail: re.Pattern[str] | None = None
    condition: Callable[[Failure], bool] | None = None

    def fits(self, failure: Failure) -> bool:
        """Return whether any of the conditions holds."""
        return bool(
            self.names & failure.names
            or failure.status in self.statuses
            or (self.detail and self.detail.search(failure.detail))
            or (self.condition and self.condition(failure))
        )


def _rule(
    advice: Advice,
    *,
    names: str = "",
    statuses: Sequence[int] = (),
    detail: str = "",
    condition: Callable[[Failure], bool] | None = None,
) -> _Rule:
    pattern = re.compile(detail, re.IGNORECASE) if detail else None
    return _Rule(advice, frozenset(names.split()), statuses, pattern, condition)


UNKNOWN = Advice(
    BadCall,
    "no",
    "the call failed for an unknown reason",
    "Try again with --verbose, and report its output.",
)

EMPTY = Advice(
    ReplyCut,
    "once",
    "the reply is empty",
    "Ask again in other words, or choose another model with --model.",
)

EMPTY_AT_LIMIT = Advice(
    ReplyCut,
    "no",
    "the model reached its output limit before it wrote any text",
    "Lower --thinking-tokens or --reasoning-effort, or choose another model with --model.",
)

NOT_A_MODEL = Advice(
    BadCall,
    "no",
    "the server at this address is not a model server",
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
    "Try again. If it keeps happening, look at the server's log or try --no-stream.",
)

FAILING = Advice(
    Overloaded,
    "later",
    "the server is failing or overloaded",
    "Try again later, or choose another model with --model.",
)

STALLED = replace(CUT, problem="the server fell silent before the end of the reply")

UNCONNECTED = Advice(
    Unreachable,
    "once",
    "no server answers",
    "Start the server, or check the network and --api-base.",
)

REFUSED = replace(UNCONNECTED, retry="soon")

OUT_OF_TIME = Advice(
    OutOfTime,
    "no",
    "no complete reply arrived in time",
    "Allow more time with --timeout, or ask for less at once.",
)


CHECK_KEY = "Check {key}, or give the key with --api-key."

RULES: tuple[_Rule, ...] = (
    _rule(
        Advice(
            WindowExceeded,
            "no",
            "the prompt is longer than the model's window",
            "Drop files with /drop, /clear the conversation, or give the window's size with --context-tokens.",
        ),
        names="ContextWindowExceededError",
        statuses=(413,),
        detail=r"context[ _]length|context[ _]window|maximum context|prompt is too long|input is too long"
        r"|exceed_context_size|exceeds? the (available )?context",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the provider's content filter refused the prompt",
            "Ask in other words, or leave out the file that it may object to.",
        ),
        names="ContentPolicyViolationError",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the account has no credit or quota left",
            "Check the account's billing page, or choose another model with --model.",
        ),
        names="PaymentRequiredError BudgetExceededError",
        statuses=(402,),
        detail=r"insufficient_quota|exceeded your current quota|credit balance|insufficient (balance|credits?)",
    ),
    _rule(
        Advice(Unauthorized, "no", "the key is missing or refused", CHECK_KEY),
        names="AuthenticationError",
        statuses=(401,),
        detail=r"api_key client option must be set|missing .{0,30}api.?key|incorrect api key|invalid x-api-key",
    ),
    _rule(
        Advice(
            Unauthorized,
            "no",
            "the key has no permission for this",
            "Check the permissions of {key}, and that its account has access to {model}.",
        ),
        names="PermissionDeniedError",
        statuses=(403,),
    ),
    _rule(
        Advice(
            UnknownModel,
            "no",
            "the name does not begin with a known provider",
            "Write PROVIDER/NAME, such as openai/{model} for a server that speaks OpenAI's protocol, or "
            "ollama_chat/{model}; `trigpoint models {model}` searches the known names.",
            quotes=False,
        ),
        names="LiteLLMUnknownProvider",
        detail="llm provider not provided",
    ),
    _rule(
        Advice(
            UnknownModel,
            "no",
            "there is no such model at this address",
            "Check the spelling with `trigpoint models`, the provider's prefix as in "
            "openai/NAME or ollama_chat/NAME, and that --api-base is right and ends as the server expects.",
        ),
        names="NotFoundError",
        statuses=(404,),
        detail=r"model_not_found|model .{0,80}(not found|does not exist)",
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the server redirects the call, and prompts are sent only to the address given",
            "If you trust the new address, give it with --api-base.",
        ),
        condition=lambda failure: 300 <= failure.status < 400,
    ),
    _rule(
        Advice(
            Overloaded,
            "later",
            "the provider's rate limit is reached",
            "Wait a while, or choose another model with --model.",
        ),
        names="RateLimitError",
        statuses=(429,),
    ),
    _rule(
        REFUSED,
        names="ConnectError ConnectTimeout",
        condition=lambda failure: failure.unconnected,
    ),
    _rule(
        FAILING,
        statuses=(408, 409, 425, *range(500, 600)),
    ),
    _rule(
        Advice(
            BadCall,
            "no",
            "the server rejects the call",
            "Its message says why; --show-prompts prints what is sent. The model may need other settings.",
        ),
        names="BadRequestError UnprocessableEntityError UnsupportedParamsError",
        condition=lambda failure: 400 <= failure.status < 500,
    ),
    _rule(
        CUT,
        names="RemoteProtocolError ReadError WriteError ReadTimeout WriteTimeout JSONDecodeError",
        condition=lambda failure: failure.answered,
    ),
    _rule(
        FAILING,
        names="Timeout InternalServerError ServiceUnavailableError BadGatewayError",
    ),
)
"""Tried in this order."""


def advise(failure: Failure) -> Advice:
    """Return the advice of the first row that fits.

    >>> advise(Failure(status=401)).problem
    'the key is missing or refused'
    """
    return next((rule.advice for rule in RULES if rule.fits(failure)), UNKNOWN)


def error_of(
    advice: Advice, *, model: str, where: str, detail: str = "", key: str = "", tries: int = 1
) -> ModelError:
    """Return the error to raise: where and what, that no reply was used, what to do next."""
    place = f"{model} at {where}" if where else model
    tried = f" after {tries} tries" if tries > 1 else ""
    remedy = advice.remedy.format(model=model, key=key or "its key")
    return advice.error(
        f"{place}: {advice.problem}{tried}{_quoted(advice, detail)}; no reply was used. {remedy}"
    )


def reason_of(advice: Advice, detail: str) -> str:
    """Return what happened, as a part of a sentence, for a call that is made again.

    >>> reason_of(FAILING, "busy")
    'the server is failing or overloaded (busy)'
    """
    return advice.problem + _quoted(advice, detail)


def _quoted(advice: Advice, detail: str) -> str:
    return f" ({detail})" if detail and advice.quotes else ""


_REPEATED = re.compile(r"\.?\s*Original exception:.*", re.DOTALL)
"""litellm adds the message that it has wrapped, which says the same again."""
_PREFIX = re.compile(r"^(\s*(litellm\.)?\w+(Error|Exception|Timeout):?\s*-?\s*)+")


def short_detail(text: str, keys: Sequence[str] = ()) -> str:
    """Return the message of a server or a library as one short line, without keys and control characters.

    >>> short_detail("litellm.APIError: APIError: out of memory. Original exception: APIError: out of memory\\n")
    'out of memory'
    """
    line = on_one_line(_PREFIX.sub("", _REPEATED.sub("", text)), max_chars=len(text))
    return cut_line(masked_message(line, keys), MAX_DETAIL_CHARS)


MAX_WAIT_S = 20.0
MAX_ASKED_WAIT_S = 60.0
"""If a server asks for a longer wait, the user is told instead."""

TRIES: Mapping[Retry, int] = {"no": 1, "once": 2, "soon": 3, "later": 4}


def retry_wait_s(advice: Advice, attempt: int, retry_after: str, chance: float) -> float | None:
    """Return how long to wait after this attempt, counted from 1, or None if it was the last.

    Full jitter: anything between nothing and a bound that doubles, by ``chance`` in [0, 1). A wait
    that the server asks for is kept in full.
    """
    if attempt >= TRIES[advice.retry]:
        return None
    if advice.retry == "soon":
        return 0.5 * attempt
    asked_s = _seconds(retry_after)
    if asked_s > MAX_ASKED_WAIT_S:
        return None
    return asked_s + chance * min(MAX_WAIT_S, 2.0 ** (attempt - 1))


def _seconds(retry_after: str) -> float:
    """The seconds of a Retry-After header; a date counts from now."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        return _seconds_until(retry_after)


def _seconds_until(date: str) -> float:
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(date)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0

"""Failures of calls: what they are taken for, what is said, whether and when to try again."""

from email.utils import formatdate
from time import time

import pytest

from chat.errors import BadCall, ModelError, Overloaded, ReplyCut, Unauthorized, Unreachable, WindowExceeded
from chat.llm.failures import RULES, UNKNOWN, Failure, advise, error_of, retry_wait_s, short_detail


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure(frozenset({"InternalServerError", "ConnectError"})), Unreachable),
        (Failure(frozenset({"InternalServerError"}), unconnected=True), Unreachable),
        (Failure(frozenset({"MidStreamFallbackError"}), 429), Overloaded),
        (Failure(frozenset({"MidStreamFallbackError", "RemoteProtocolError"})), ReplyCut),
        (Failure(frozenset({"MidStreamFallbackError", "ServiceUnavailableError"}), answered=True), ReplyCut),
        (Failure(frozenset({"ServiceUnavailableError"})), Overloaded),
        (Failure(frozenset({"BadRequestError"}), 400, "input is too long for this model"), WindowExceeded),
        (Failure(detail="The api_key client option must be set"), Unauthorized),
        (Failure(frozenset({"SomethingNew"})), BadCall),
        (Failure(status=418), BadCall),
        (Failure(status=529), Overloaded),
        (Failure(status=307), BadCall),
    ],
)
def test_failures_by_class(failure: Failure, error: type[ModelError]) -> None:
    """The first row that fits decides, so the narrow ones stand before the wide ones."""
    assert advise(failure).error is error


def test_every_row_says_what_and_what_next() -> None:
    """As whole sentences."""
    for advice in (UNKNOWN, *(rule.advice for rule in RULES)):
        assert advice.problem
        assert advice.remedy.endswith(".")


def test_an_error_has_three_parts() -> None:
    """Where, what and that nothing was used, what to do."""
    advice = advise(Failure(status=401))

    error = error_of(
        advice, model="openai/x", where="http://h/v1", detail="bad", key="OPENAI_API_KEY", tries=2
    )

    assert str(error) == (
        "openai/x at http://h/v1: the key is missing or refused after 2 tries (bad); no reply was used. "
        "Check OPENAI_API_KEY, or give the key with --api-key."
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("litellm.RateLimitError: RateLimitError: OpenAIException - slow down", "slow down"),
        ("Incorrect API key provided: sk-proj-abcdef0123456789", "Incorrect API key provided: [secret]"),
        ("key my-own-secret refused", "key [secret] refused"),
        ("https://x/v1?key=AbCd1234&b=1", "https://x/v1?key=[secret]&b=1"),
        ("a\x1b]0;title\x07b\r\n\u202ec", "ab c"),
    ],
)
def test_words_are_plain(text: str, shown: str) -> None:
    """One line, no key, nothing that moves a cursor, and not the library's own prefixes."""
    assert short_detail(text, ["my-own-secret"]) == shown


def test_words_are_short() -> None:
    """A page of HTML is no message."""
    assert len(short_detail("word " * 1000)) == 300


def test_waits() -> None:
    """They double, are never longer than 20 s by themselves, and come to an end."""
    later, soon = advise(Failure(status=500)), advise(Failure(unconnected=True))

    assert [retry_wait_s(later, attempt, "", 1.0) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, None]
    assert [retry_wait_s(soon, attempt, "", 1.0) for attempt in (1, 2, 3)] == [0.5, 1.0, None]
    assert retry_wait_s(advise(Failure(status=400)), 1, "", 1.0) is None


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", 0.0), ("600", None)]
)
def test_what_the_server_asks_for(header: str, wait: float | None) -> None:
    """Is waited in full, or not at all where it is too long."""
    assert retry_wait_s(advise(Failure(status=429)), 1, header, 0.0) == wait


def test_a_date_to_wait_for() -> None:
    """Retry-After has two forms."""
    wait = retry_wait_s(advise(Failure(status=429)), 1, formatdate(time() + 30, usegmt=True), 0.0)

    assert wait is not None
    assert 25 < wait <= 30

"""A reply counts only if its end was seen."""

import pytest

from chat.errors import BadCall, ReplyCut
from chat.llm.call import CallFailed
from chat.llm.replies.completeness import check_complete, how_it_ended
from chat.llm.replies.stream_end import HttpExchange

SSE = "text/event-stream"


def exchange(body: bytes, content_type: str = SSE) -> HttpExchange:
    """An exchange whose body has arrived."""
    exchange = HttpExchange(content_type=content_type)
    exchange.feed(body)
    return exchange


def event(finish: str | None) -> bytes:
    """One event of a stream, with the end that it names."""
    named = "null" if finish is None else f'"{finish}"'
    return b'data: {"choices": [{"finish_reason": %s}]}\n\n' % named.encode()


def test_the_bytes_decide_and_not_what_litellm_reports() -> None:
    """litellm reports `stop` for a stream that was cut."""
    assert how_it_ended(exchange(event("length")), "stop") == "length"
    assert how_it_ended(exchange(event(None)), "stop") == ""


def test_where_the_bytes_cannot_be_read_the_end_that_the_provider_sent_decides() -> None:
    """As with the binary streams of Bedrock."""
    binary = exchange(b"\0\0", "application/vnd.amazon.eventstream")

    assert how_it_ended(binary, "end_turn") == "stop"
    assert how_it_ended(binary, "") == ""


def test_a_piece_that_cannot_be_read_breaks_the_reply() -> None:
    """Although the end came."""
    assert how_it_ended(exchange(b"data: {\n\n" + event("stop")), "stop") == "broken"


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_a_complete_reply_is_one_of_two(finish: str) -> None:
    """It ended by itself, or at the model's limit."""
    assert check_complete(exchange(event(finish)), "", "Hello.") == finish


@pytest.mark.parametrize(
    ("body", "content_type", "text", "error"),
    [
        (event(None), SSE, "Hel", ReplyCut),
        (event("error"), SSE, "Hel", ReplyCut),
        (event("stop"), SSE, " \n", ReplyCut),
        (event("stop"), SSE, "\u200b\ufeff\n\x00", ReplyCut),
        (event("length"), SSE, " ", ReplyCut),
        (event("content_filter"), SSE, "Hel", BadCall),
        (b"<html>", "text/html", "", BadCall),
    ],
    ids=["cut", "failed", "empty", "invisible", "empty at the limit", "filtered", "not a model"],
)
def test_any_other_reply_is_a_failure(
    body: bytes, content_type: str, text: str, error: type[Exception]
) -> None:
    """Nothing of it is used."""
    with pytest.raises(CallFailed) as failure:
        check_complete(exchange(body, content_type), "stop" if text else "", text)

    assert failure.value.advice.error is error

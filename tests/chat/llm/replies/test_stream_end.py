"""The bytes of a server's answer, and whether they prove that the reply ended."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.llm.replies.stream_end import HttpExchange, finish_of

SSE = "text/event-stream; charset=utf-8"


def read(body: bytes, content_type: str = SSE, piece: int = 10_000, *, whole: bool = True) -> HttpExchange:
    """The exchange after a body that came in pieces of so many bytes."""
    exchange = HttpExchange(content_type=content_type)
    for start in range(0, len(body), piece):
        exchange.feed(body[start : start + piece])
    if whole:
        exchange.close()
    return exchange


def chunk(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\r\n\r\n".encode()


WHOLE = chunk("Grü") + b": ping\n\n" + chunk("ße [DONE]") + chunk("", "stop") + b"data: [DONE]\n\n"
END = WHOLE.index(b'"stop"') + len(b'"stop"}]}\r\n\r\n')


@given(st.integers(1, 40))
def test_how_the_bytes_are_cut_into_reads_does_not_matter(piece: int) -> None:
    """Characters, lines and line ends may be split."""
    exchange = read(WHOLE, piece=piece)

    assert (exchange.ended, exchange.damage) == ("stop", "")


@given(st.integers(0, END - 1))
def test_a_beginning_has_not_ended(length: int) -> None:
    """Up to the last byte of the event that names the end, wherever the stream stops, and however."""
    assert read(WHOLE[:length]).ended == ""
    assert read(WHOLE[:length], whole=False).ended == ""


def test_the_event_that_names_the_end_is_enough() -> None:
    """`[DONE]` and the counts after it may be missing."""
    assert read(WHOLE[:END], whole=False).ended == "stop"


def test_done_after_pieces_that_name_no_reason_is_no_end() -> None:
    """Servers write it after a failure too."""
    assert read(chunk("half") + b"data: [DONE]\n\n").ended == ""


def test_a_failure_within_the_stream_is_kept() -> None:
    """In the server's own words."""
    exchange = read(chunk("half") + b'data: {"error": {"message": "engine died"}}\n\ndata: [DONE]\n\n')

    assert exchange.damage == "engine died"


@pytest.mark.parametrize(
    ("event", "ended"),
    [
        ({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, "stop"),
        ({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}, "length"),
        ({"type": "message_delta", "delta": {"stop_reason": "refusal"}}, "filtered"),
        ({"type": "message_start", "message": {"type": "message", "stop_reason": None}}, ""),
        ({"candidates": [{"finishReason": "STOP"}]}, "stop"),
        ({"candidates": [{"finishReason": "MALFORMED_RESPONSE"}]}, "broken"),
        ({"type": "response.completed", "response": {}}, "stop"),
        (
            {
                "type": "response.incomplete",
                "response": {"incomplete_details": {"reason": "max_output_tokens"}},
            },
            "length",
        ),
        ({"type": "response.failed"}, "broken"),
        ({"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}, "stop"),
    ],
)
def test_each_providers_way_to_end(event: dict[str, object], ended: str) -> None:
    """Where each of them names it."""
    assert read(f"event: x\ndata: {json.dumps(event)}\n\n".encode()).ended == ended


def test_lines_of_json() -> None:
    """Ollama's way; the last line may lack its newline."""
    body = b'{"message": {"content": "a"}, "done": false}\n{"done": true, "done_reason": "length", "eval_count": 3}'

    assert read(body, "application/x-ndjson").ended == "length"
    assert read(body, "application/x-ndjson").reports_usage
    assert read(body[:60], "application/x-ndjson").ended == ""


def test_one_json_value() -> None:
    """Whole, it has ended, whether it says so or not; cut, it has not."""
    body = json.dumps(
        {"choices": [{"message": {"content": "a\nb"}, "finish_reason": "length"}]}, indent=1
    ).encode()

    assert read(body, "application/json", piece=5).ended == "length"
    assert read(b'{"choices": [{"message": {}}]}', "application/json").ended == "stop"
    assert read(body[:-3], "application/json").ended == ""


@pytest.mark.parametrize("name", ["abort", "error", "cancelled", "ERROR", "what", "network_error"])
def test_an_end_that_nobody_knows_is_a_failure(name: str) -> None:
    """What is not known to be whole is not taken for whole."""
    assert finish_of(name) == "broken"


@given(
    st.binary(max_size=300),
    st.sampled_from([SSE, "application/json", "application/x-ndjson", "text/html", ""]),
)
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    """A server may send anything."""
    assert read(body, content_type).ended in ("", "stop", "length", "filtered", "broken")


def test_a_line_without_end_is_not_kept() -> None:
    """Memory is bounded, whatever a server sends."""
    exchange = HttpExchange(content_type=SSE)
    for _ in range(40):
        exchange.feed(b"x" * (1 << 20))

    assert "8 MB" in exchange.damage

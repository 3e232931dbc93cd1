"""Records what goes over litellm's HTTP clients in an `HttpExchange`, by the hooks that the clients offer.

httpx itself is not imported: its clients, requests and responses are handed in.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from chat.llm.options import SOCKET_CONNECT_S
from chat.llm.replies.stream_end import HttpExchange

_thread = threading.local()
"""The exchange that this thread's traffic is recorded in, and the responses to be closed after it."""


class Redirected(Exception):
    """The server redirects the call; a prompt is sent to no address but the one given."""


@contextmanager
def watched(exchange: HttpExchange) -> Iterator[None]:
    """Record this thread's HTTP traffic in ``exchange``, and close its responses at the end.

    Otherwise the garbage collector would close a stream that was not read to its end, at any moment:
    even within a client's own lock, which would then wait for itself forever.
    """
    _thread.exchange, _thread.responses = exchange, []
    try:
        yield
    finally:
        exchange.hang_up = None
        for response in _thread.responses:
            with suppress(Exception):  # whatever is wrong with it, nobody reads it any more
                response.close()
        _thread.exchange, _thread.responses = None, []


def watch(client: Any) -> Any:
    """Add hooks to a client that record its traffic in the exchange of the thread that uses it."""
    hooks = client.event_hooks
    client.event_hooks = {
        "request": [*hooks.get("request", ()), _on_request],
        "response": [*hooks.get("response", ()), _on_response],
    }
    return client


def _exchange_of(request: Any) -> HttpExchange | None:
    exchange: HttpExchange | None = getattr(_thread, "exchange", None)
    return exchange if request.method == "POST" else None


def _on_request(request: Any) -> None:
    exchange = _exchange_of(request)
    if exchange is None:
        return

    def trace(event: str, details: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            exchange.connected = True
            exchange.hang_up = _breaker(details.get("return_value"))
        elif event.endswith("send_request_headers.started"):
            exchange.connected = True

    exchange.sent = True
    timeout = {
        **request.extensions.get("timeout", {}),
        "connect": SOCKET_CONNECT_S,
        "pool": SOCKET_CONNECT_S,
    }
    request.extensions = {**request.extensions, "trace": trace, "timeout": timeout}


def _on_response(response: Any) -> None:
    exchange = _exchange_of(response.request)
    if exchange is None:
        return
    _thread.responses.append(response)
    exchange.connected, exchange.status = True, response.status_code
    exchange.refusal = b""  # litellm repeats some calls that are refused
    exchange.retry_after = response.headers.get("retry-after", "")
    exchange.content_type = response.headers.get("content-type", "")
    if response.has_redirect_location:
        exchange.location = response.headers["location"]
        raise Redirected(exchange.location)
    exchange.hang_up = _breaker(response.extensions.get("network_stream")) or exchange.hang_up
    response.iter_bytes = _RecordedBytes(response, exchange)


class _RecordedBytes:
    """`iter_bytes` of a response, through which every other way to read its body goes."""

    def __init__(self, response: Any, exchange: HttpExchange) -> None:
        self._read = response.iter_bytes
        self._exchange = exchange
        self._recorded = False

    def __call__(self, chunk_size: int | None = None) -> Iterator[bytes]:
        if self._recorded:
            yield from self._read(chunk_size)
            return
        self._recorded = True
        for data in self._read(chunk_size):
            self._exchange.feed(data)
            yield data
        self._exchange.close()


def _breaker(stream: Any) -> Callable[[], None] | None:
    """A function that shuts a connection down under the thread that reads from it."""
    connection = stream.get_extra_info("socket") if hasattr(stream, "get_extra_info") else None
    if connection is None:
        return None

    def hang_up() -> None:
        with suppress(OSError, ValueError):
            connection.shutdown(socket.SHUT_RDWR)

    return hang_up

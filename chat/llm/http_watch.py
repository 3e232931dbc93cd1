"""Shows a `Wire` what goes over litellm's HTTP clients, by the hooks that these clients offer.

httpx itself is not imported: its clients, requests and responses come in.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from chat.llm.stream_end import Wire

CONNECT_S = 5.0
"""When a thread gives up on a connection that its caller has given up before."""

_here = threading.local()


class Redirected(Exception):
    """The server sends the call elsewhere; a prompt goes to no address but the one given."""


@contextmanager
def watched(wire: Wire) -> Iterator[None]:
    """While it is open, what this thread sends and gets is shown to ``wire``; then its responses are closed.

    A stream that nobody read to its end would else be closed by the garbage collector, at any moment:
    also within a client's own lock, which would then wait for itself forever.
    """
    _here.wire, _here.responses = wire, []
    try:
        yield
    finally:
        wire.hang_up = None
        for response in _here.responses:
            with suppress(Exception):  # whatever is wrong with it, nobody reads it any more
                response.close()
        _here.wire, _here.responses = None, []


def watch(client: Any) -> Any:
    """The client, with hooks that show its traffic to the `Wire` of the thread that uses it."""
    hooks = client.event_hooks
    client.event_hooks = {
        "request": [*hooks.get("request", ()), _on_request],
        "response": [*hooks.get("response", ()), _on_response],
    }
    return client


def _wire_of(request: Any) -> Wire | None:
    wire: Wire | None = getattr(_here, "wire", None)
    return wire if request.method == "POST" else None


def _on_request(request: Any) -> None:
    wire = _wire_of(request)
    if wire is None:
        return

    def trace(event: str, details: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            wire.connected = True
            wire.hang_up = _breaker(details.get("return_value"))
        elif event.endswith("send_request_headers.started"):
            wire.connected = True

    wire.sent = True
    timeout = {**request.extensions.get("timeout", {}), "connect": CONNECT_S, "pool": CONNECT_S}
    request.extensions = {**request.extensions, "trace": trace, "timeout": timeout}


def _on_response(response: Any) -> None:
    wire = _wire_of(response.request)
    if wire is None:
        return
    _here.responses.append(response)
    wire.connected, wire.status = True, response.status_code
    wire.retry_after = response.headers.get("retry-after", "")
    wire.content_type = response.headers.get("content-type", "")
    if response.has_redirect_location:
        wire.location = response.headers["location"]
        raise Redirected(wire.location)
    wire.hang_up = _breaker(response.extensions.get("network_stream")) or wire.hang_up
    response.iter_bytes = _Shown(response, wire)


class _Shown:
    """`iter_bytes` of a response, through which every other way to read its body goes."""

    def __init__(self, response: Any, wire: Wire) -> None:
        self._read = response.iter_bytes
        self._wire = wire
        self._shown = False

    def __call__(self, chunk_size: int | None = None) -> Iterator[bytes]:
        if self._shown:
            yield from self._read(chunk_size)
            return
        self._shown = True
        for data in self._read(chunk_size):
            self._wire.feed(data)
            yield data
        self._wire.close()


def _breaker(stream: Any) -> Any:
    """A function that ends a connection under the thread that reads from it."""
    connection = stream.get_extra_info("socket") if hasattr(stream, "get_extra_info") else None
    if connection is None:
        return None

    def hang_up() -> None:
        with suppress(OSError, ValueError):
            connection.shutdown(socket.SHUT_RDWR)

    return hang_up

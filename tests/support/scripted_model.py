"""A model server on loopback that says what a script tells it to: replies, and each way to fail.

    with ScriptedModel("Hello.", Answer("Bye.", finish="length")) as server:
        ...                      # point the program at server.base_url, any model name, any key
    assert server.requests[0].messages[-1]["content"] == "Hi"

A script is a row of replies, each used once and the last never again, or a function from a
`Request` to a reply. A reply is a text or an `Answer`. When a row is used up, the server answers
400, which nobody tries again, and `server.overrun` is true.

It speaks `/v1/chat/completions` (streamed and plain) and `/v1/models`, and the dialects of
`scripted_dialects` on their own paths, so that other providers are tested through real HTTP too.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import scripted_dialects as dialects


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, and what goes wrong with it. The bytes that are counted are those of the body."""

    text: str = ""
    reasoning: str = ""
    """Sent before the text, as `reasoning_content`."""
    finish: str | None = "stop"
    """`finish_reason` of the last chunk; None sends none, as a server does that dies politely."""
    done: bool = True
    """Whether `data: [DONE]` follows."""
    usage: Mapping[str, Any] | None = None
    """The server's own counts, sent in a last chunk; see `usage`. None sends none."""
    chunk_chars: int = 8
    """How much text a chunk of the stream carries."""
    status: int = 200
    body: bytes | None = None
    """Sent as it is, instead of what the other fields would make."""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None
    piece_bytes: int = 0
    """How much is written to the socket at once, whatever it cuts apart; 0 writes event by event."""
    pause_s: float = 0.0
    """Waited before each piece."""
    cut_after_bytes: int | None = None
    """The body ends here."""
    clean_end: bool = False
    """Where the body is cut, end it as a whole one ends; else the connection breaks."""
    stall_after_bytes: int | None = None
    """Nothing more is sent from here on, and the connection stays open until the server closes."""
    garbage_after_chunks: int | None = None
    """After so many chunks comes one that is no JSON."""
    delay_s: float = 0.0
    """Waited before the first byte, the status line."""


def failure(
    status: int,
    message: str = "scripted failure",
    *,
    code: str = "",
    retry_after: str | None = None,
    delay_s: float = 0.0,
) -> Answer:
    """An error as OpenAI's API words it."""
    error = {"message": message, "type": code or "scripted", "code": code or str(status)}
    return Answer(
        status=status,
        body=json.dumps({"error": error}).encode(),
        headers=(("Retry-After", retry_after),) if retry_after is not None else (),
        delay_s=delay_s,
    )


def too_long(limit: int = 4096) -> Answer:
    """What OpenAI says to a prompt that is longer than the model reads."""
    return failure(
        400,
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in "
        f"{2 * limit} tokens. Please reduce the length of the messages.",
        code="context_length_exceeded",
    )


def redirect(location: str, status: int = 307) -> Answer:
    """Sends the client elsewhere."""
    return Answer(status=status, body=b"", headers=(("Location", location),))


def usage(prompt: int, completion: int, cached: int = 0) -> dict[str, Any]:
    """Counts as OpenAI's API words them."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Mapping[str, Any]
    at_s: float
    """When it came, on the monotonic clock."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The prompt as it was sent."""
        return list(self.body.get("messages", ()))

    @property
    def prompt(self) -> str:
        """All text of the prompt: each message's blocks joined, messages apart by a blank line."""
        return "\n\n".join(text_of(message) for message in self.messages)


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message, whether it was sent as a text or as blocks."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content or ())


Reply = str | Answer
Script = Callable[[Request], Reply]


class ScriptedModel:
    """The server; a context manager that listens while it is open.

    ``models`` are what `/v1/models` tells. ``gets`` answers further paths with JSON, as `/api/tags`
    or `/api/show`. `base_url` ends in `/v1`, `url` does not; `requests` holds all that came, in order.
    """

    def __init__(
        self,
        *replies: Reply | Script,
        models: tuple[str, ...] = ("scripted",),
        gets: Mapping[str, Any] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.overrun = False
        self.models = models
        self.gets = dict(gets or {})
        self.closing = threading.Event()
        self._replies = iter(replies)
        self._script: Script | None = replies[0] if replies and callable(replies[0]) else None
        self._lock = threading.Lock()
        self._http = _Listener(("127.0.0.1", 0), _Connection)
        self._http.model = self
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.base_url = f"{self.url}/v1"

    @property
    def calls(self) -> list[Request]:
        """The requests that asked for a reply."""
        return [
            request for request in self.requests if "messages" in request.body or "contents" in request.body
        ]

    def reply_to(self, request: Request) -> Answer:
        """The script's next reply."""
        with self._lock:
            if self._script is not None:
                reply: Reply | Script | None = self._script(request)
            else:
                reply = next(self._replies, None)
            self.overrun = self.overrun or reply is None
        if reply is None:
            return failure(400, "the script has no more replies")
        return Answer(reply) if isinstance(reply, str) else reply  # type: ignore[return-value]

    def __enter__(self) -> "ScriptedModel":
        thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._http.hang_up()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    model: ScriptedModel

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends what clients keep open, lest they ask a later server's port and reach this one."""
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to print."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener
    sent = 0

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        model = self.server.model
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, _ = self.path.partition("?")
        body = json.loads(raw) if raw else {}
        request = Request(self.command, self.path, headers, body, time.monotonic())
        model.requests.append(request)
        if path in model.gets:
            self._send(Answer(body=json.dumps(model.gets[path]).encode()), (), "application/json")
        elif path == "/v1/models":
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in model.models]}
            self._send(Answer(body=json.dumps(listed).encode()), (), "application/json")
        elif self.command == "GET" or dialects.of(path) is None:
            self._send(failure(404, f"no route {path}"), (), "application/json")
        else:
            dialect = dialects.of(path)
            answer = model.reply_to(request)
            self._send(answer, dialect.events(answer, request.body, path), dialect.kind(request.body, path))

    def _send(self, answer: Answer, events: Any, content_type: str) -> None:
        if answer.delay_s:
            self.server.model.closing.wait(answer.delay_s)
        plain = answer.body is not None
        pieces = _pieces([answer.body] if answer.body is not None else list(events), answer)
        self.send_response(answer.status)
        self.send_header(
            "Content-Type", answer.content_type or ("application/json" if plain else content_type)
        )
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.sent = 0
        for piece in pieces:
            if not self._write(piece, answer):
                return
        self.wfile.write(b"0\r\n\r\n")

    def _write(self, piece: bytes, answer: Answer) -> bool:
        """Sends one piece, or as much of it as the answer's faults let through; false ends the body."""
        if answer.pause_s and self.server.model.closing.wait(answer.pause_s):
            return self._break_off()
        limits = [n for n in (answer.cut_after_bytes, answer.stall_after_bytes) if n is not None]
        allowed = min(limits, default=self.sent + len(piece) + 1) - self.sent
        shown = piece[:allowed]
        self.sent += len(shown)
        if shown:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(shown), shown))
            self.wfile.flush()
        if allowed > len(piece):
            return True
        if answer.stall_after_bytes is not None:
            self.server.model.closing.wait()
        elif answer.clean_end:
            self.wfile.write(b"0\r\n\r\n")
            return False
        return self._break_off()

    def _break_off(self) -> bool:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        return False


def _pieces(events: list[bytes], answer: Answer) -> Iterator[bytes]:
    if not answer.piece_bytes:
        yield from events
        return
    body = b"".join(events)
    for start in range(0, len(body), answer.piece_bytes):
        yield body[start : start + answer.piece_bytes]

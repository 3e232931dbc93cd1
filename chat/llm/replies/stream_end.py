"""The bytes of a model server's answer -> what they prove: whether the reply ended, and how.

Pure. litellm reports the end `stop` for a stream that was cut, drops pieces that it cannot read, and
takes a text with `[DONE]` in it for the end. So the bytes themselves are read here as well.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Finish = Literal["stop", "length", "filtered", "broken", ""]
"""How a reply ended; "" if its end was not seen."""

BodyKind = Literal["events", "lines", "json", "binary", "unknown"]

FINISHES: Mapping[Finish, frozenset[str]] = {
    "stop": frozenset(
        """stop stop_sequence end_turn eos eos_token complete completed tool_calls tool_use
        function_call too_many_tool_calls unexpected_tool_call""".split()
    ),
    "length": frozenset("length max_tokens max_output_tokens compaction model_length".split()),
    "filtered": frozenset(
        """content_filter content_filtered refusal safety recitation blocklist prohibited_content spii
        language sensitive guardrail_intervened error_toxic other escalation""".split()
    ),
}
"""The names that servers give to an end, in lower case. Any other name counts as a failure."""

MAX_PIECE_BYTES = 8 << 20
"""Of one line or one JSON value, which is buffered until it is complete."""

MAX_REFUSAL_BYTES = 64 << 10
"""No server needs more to say what is wrong."""
_FAILED = 400


def finish_of(name: str) -> Finish:
    """Return what a server's name for an end means; names that nobody knows are "broken".

    >>> finish_of("end_turn"), finish_of("MAX_TOKENS"), finish_of("abort")
    ('stop', 'length', 'broken')
    """
    return next((finish for finish, names in FINISHES.items() if name.lower() in names), "broken")


@dataclass(slots=True)
class HttpExchange:
    """One HTTP request and its response, as far as they have come. One thread writes, others may read."""

    sent: bool = False
    """The request is on its way: a connection is being made."""
    connected: bool = False
    status: int = 0
    retry_after: str = ""
    location: str = ""
    """The target of a redirect, which was not followed."""
    content_type: str = ""
    finish: str = ""
    """The end, as the server named it."""
    damage: str = ""
    """A piece that cannot be read, or the failure that the server reported within the stream."""
    reports_usage: bool = False
    """The server said how many tokens it counted."""
    hang_up: Callable[[], None] | None = None
    """Breaks the connection, from any thread."""
    abandoned: bool = False
    kind: BodyKind = "unknown"
    """The format of the body, by its content type or, where that is wrong, by its first bytes."""
    bytes_read: int = 0
    refusal: bytes = b""
    """The beginning of the body of a failed call, whatever its format."""
    _names_ends: bool = False
    _done: bool = False
    _pieces: list[bytes] = field(default_factory=list)
    _piece_bytes: int = 0
    _event: list[bytes] = field(default_factory=list)

    @property
    def ended(self) -> Finish:
        """How the reply ended, or "" if it has not.

        `[DONE]` alone is an end only if no piece had a field for a reason: a server that writes
        `finish_reason: null` into each piece and then stops has failed.
        """
        if self.finish:
            return finish_of(self.finish)
        return "stop" if self._done and not self._names_ends else ""

    def abandon(self) -> None:
        """Break the connection, so that the server may stop too: nobody waits for the rest."""
        self.abandoned = True
        hang_up = self.hang_up  # the thread that reads may clear it meanwhile
        if hang_up is not None:
            hang_up()

    def feed(self, data: bytes) -> None:
        """Take in the next bytes of the body."""
        if not self.bytes_read:
            self.kind = _kind_of(self.content_type, data)
        self.bytes_read += len(data)
        if self.status >= _FAILED:
            self.refusal += data[: MAX_REFUSAL_BYTES - len(self.refusal)]
        if self.kind == "json":
            self._buffer(data)
        elif self.kind in ("events", "lines"):
            *lines, last = data.split(b"\n")
            for line in lines:
                self._buffer(line)
                self._take_line(self._take_buffer().rstrip(b"\r"))
            self._buffer(last)

    def close(self) -> None:
        """End the body, as HTTP said that it ends; a last line without a newline is complete then."""
        rest = self._take_buffer().strip()
        if self.kind == "json":
            self._take_json(rest)
            self._done = not self.damage
        elif self.kind == "lines" and rest:
            self._take_json(rest)

    def _buffer(self, data: bytes) -> None:
        self._pieces.append(data)
        self._piece_bytes += len(data)
        if self._piece_bytes > MAX_PIECE_BYTES:
            self.damage = self.damage or "a piece of more than 8 MB"
            self._take_buffer()

    def _take_buffer(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._piece_bytes = 0
        return data

    def _take_line(self, line: bytes) -> None:
        """Take in one line. In an event stream, an event counts once a blank line has ended it."""
        if self.kind == "lines":
            if line.strip():
                self._take_json(line)
            return
        name, _, value = line.partition(b":")
        if not line:
            event, self._event = self._event, []
            if event:
                self._take_event(event)
        elif name == b"data":
            self._event.append(value.removeprefix(b" "))

    def _take_event(self, lines: list[bytes]) -> None:
        data = b"\n".join(lines).strip()
        if data == b"[DONE]":
            self._done = True
        elif data:
            self._take_json(data)

    def _take_json(self, text: bytes) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            self.damage = self.damage or "a piece that is not JSON"
            return
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                self._take_value(part)

    def _take_value(self, value: dict[str, Any]) -> None:
        if error := value.get("error"):
            message = error.get("message") if isinstance(error, dict) else error
            self.damage = self.damage or str(message or error)
        self.reports_usage = (
            self.reports_usage
            or any(value.get(name) for name in _USAGE_FIELDS)
            or bool(_inner_field(value, "usage"))
        )
        for reason in _finish_reasons(value):
            self._names_ends = True
            if isinstance(reason, str) and reason:
                self.finish = self.finish or reason


def _kind_of(content_type: str, start: bytes) -> BodyKind:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/vnd.amazon.eventstream":
        return "binary"
    if media_type == "text/event-stream" or start.lstrip().startswith((b"data:", b"event:", b"id:", b":")):
        return "events"
    if "ndjson" in media_type or "jsonl" in media_type:
        return "lines"
    return "json" if media_type.endswith("json") else "unknown"


_USAGE_FIELDS = ("usage", "usageMetadata", "prompt_eval_count", "eval_count")


def _inner_field(value: Mapping[str, Any], name: str) -> Any:
    """A field of the message or the response that an event carries."""
    carried = [value.get("message"), value.get("response")]
    return next((inner[name] for inner in carried if isinstance(inner, dict) and name in inner), None)


def _finish_reasons(value: Mapping[str, Any]) -> Iterator[object]:
    """The contents, None included, of every field in which some provider names the end."""
    for choice in value.get("choices") or ():
        if isinstance(choice, dict) and "finish_reason" in choice:
            yield choice["finish_reason"]
    for candidate in value.get("candidates") or ():
        yield candidate.get("finishReason") if isinstance(candidate, dict) else None
    match value:
        case {"type": "message_delta", "delta": {"stop_reason": reason}}:
            yield reason
        case {"type": "message", "stop_reason": reason}:
            yield reason
        case {"type": "message-end", "delta": {"finish_reason": reason}}:
            yield reason
        case {"type": "response.completed"} | {"object": "response", "status": "completed"}:
            yield "completed"
        case {"type": "response.incomplete", "response": {"incomplete_details": {"reason": reason}}}:
            yield reason
        case {"type": "response.failed"}:
            yield "failed"
        case {"done": True}:
            yield value.get("done_reason") or "stop"
        case {"done": False}:
            yield None

"""Turns the bytes of a model server's answer into what they prove: whether the reply ended, and how.

litellm reports the end `stop` for a stream that was cut, drops pieces that it cannot read, and takes
a text that holds `[DONE]` for the end. So the bytes themselves are read here, beside it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Finish = Literal["stop", "length", "filtered", "broken", ""]

Kind = Literal["events", "lines", "json", "binary", "unknown"]

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
"""How servers name an end, in lower case. Every other name is taken for a failure."""

MAX_PIECE_BYTES = 8 << 20
"""Of one line or one JSON value, which are held until they are whole."""


def finish_of(name: str) -> Finish:
    """What a server's name for an end means: `abort`, `error` and names nobody knows are "broken"."""
    return next((finish for finish, names in FINISHES.items() if name.lower() in names), "broken")


@dataclass(slots=True)
class Wire:
    """What one HTTP exchange has shown so far. One thread writes it, others may look."""

    sent: bool = False
    """The request is on its way: a connection is looked for."""
    connected: bool = False
    status: int = 0
    retry_after: str = ""
    location: str = ""
    """Where a redirect points, that was not followed."""
    content_type: str = ""
    finish: str = ""
    """The end as the server named it."""
    damage: str = ""
    """A piece that cannot be read, or the failure that the server told of within the stream."""
    counted: bool = False
    """The server told how many tokens it counted."""
    hang_up: Callable[[], None] | None = None
    """Breaks the connection, from whatever thread."""
    abandoned: bool = False
    kind: Kind = "unknown"
    """How the body is written, by its content type and, where that is wrong, its first bytes."""
    bytes_read: int = 0
    _names_ends: bool = False
    _done: bool = False
    _pieces: list[bytes] = field(default_factory=list)
    _piece_bytes: int = 0
    _event: list[bytes] = field(default_factory=list)

    @property
    def ended(self) -> Finish:
        """How the reply ended, or "" while it has not.

        `[DONE]` alone is an end only where no piece so much as left room for a reason: a server
        that writes `finish_reason: null` into each and then stops has failed.
        """
        if self.finish:
            return finish_of(self.finish)
        return "stop" if self._done and not self._names_ends else ""

    def abandon(self) -> None:
        """Nobody waits for the rest: the connection is broken, so that the server may stop too."""
        self.abandoned = True
        hang_up = self.hang_up  # its own thread may take it away meanwhile
        if hang_up is not None:
            hang_up()

    def feed(self, data: bytes) -> None:
        """Takes the next bytes of the body."""
        if not self.bytes_read:
            self.kind = _kind_of(self.content_type, data)
        self.bytes_read += len(data)
        if self.kind == "json":
            self._hold(data)
        elif self.kind in ("events", "lines"):
            *lines, last = data.split(b"\n")
            for line in lines:
                self._hold(line)
                self._take_line(self._held().rstrip(b"\r"))
            self._hold(last)

    def close(self) -> None:
        """The body ended as HTTP says a body ends: what a newline did not end can be read now."""
        held = self._held().strip()
        if self.kind == "json":
            self._take_json(held)
            self._done = not self.damage
        elif self.kind == "lines" and held:
            self._take_json(held)

    def _hold(self, data: bytes) -> None:
        self._pieces.append(data)
        self._piece_bytes += len(data)
        if self._piece_bytes > MAX_PIECE_BYTES:
            self.damage = self.damage or "a piece of more than 8 MB"
            self._held()

    def _held(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        self._piece_bytes = 0
        return whole

    def _take_line(self, line: bytes) -> None:
        """One line; in an event stream a blank one ends an event, without which it does not count."""
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
        whole = b"\n".join(lines)
        if whole.strip() == b"[DONE]":
            self._done = True
        elif whole.strip():
            self._take_json(whole)

    def _take_json(self, text: bytes) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            self.damage = self.damage or "a piece that is no JSON"
            return
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                self._take_value(part)

    def _take_value(self, value: dict[str, Any]) -> None:
        if error := value.get("error"):
            message = error.get("message") if isinstance(error, dict) else error
            self.damage = self.damage or str(message or error)
        self.counted = (
            self.counted or any(value.get(name) for name in _COUNTS) or bool(_inside(value, "usage"))
        )
        for named in _ends(value):
            self._names_ends = True
            if isinstance(named, str) and named:
                self.finish = self.finish or named


def _kind_of(content_type: str, begin: bytes) -> Kind:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/vnd.amazon.eventstream":
        return "binary"
    if kind == "text/event-stream" or begin.lstrip().startswith((b"data:", b"event:", b"id:", b":")):
        return "events"
    if "ndjson" in kind or "jsonl" in kind:
        return "lines"
    return "json" if kind.endswith("json") else "unknown"


_COUNTS = ("usage", "usageMetadata", "prompt_eval_count", "eval_count")


def _inside(value: Mapping[str, Any], name: str) -> Any:
    """A field of the message or the response that an event carries."""
    held = [value.get("message"), value.get("response")]
    return next((inner[name] for inner in held if isinstance(inner, dict) and name in inner), None)


def _ends(value: Mapping[str, Any]) -> Iterator[object]:
    """Every place where one of the providers names the end, with what stands there, None included."""
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

"""How providers write a reply on the wire: an `Answer` as the bytes of OpenAI's, Anthropic's, … API."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scripted_model import Answer

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API: what it sends for an answer, event by event, and as what content type."""

    events: "Callable[[Answer, Body, str], Iterator[bytes]]"
    kind: Callable[[Body, str], str]


def of(path: str) -> Dialect | None:
    """The API that a path belongs to."""
    for end, dialect in _BY_END.items():
        if path.endswith(end):
            return dialect
    return None


def _sse(value: Any, event: str = "") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _parts(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _openai(answer: "Answer", body: Body, path: str) -> Iterator[bytes]:
    head = {"id": "chatcmpl-1", "created": 1, "model": body.get("model", "scripted")}
    if not body.get("stream"):
        message: dict[str, Any] = {"role": "assistant", "content": answer.text}
        if answer.reasoning:
            message["reasoning_content"] = answer.reasoning
        choice = {"index": 0, "message": message, "finish_reason": answer.finish}
        whole = {**head, "object": "chat.completion", "choices": [choice]}
        if answer.usage is not None:
            whole["usage"] = answer.usage
        yield json.dumps(whole, ensure_ascii=False).encode()
        return

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _sse({**head, "object": "chat.completion.chunk", "choices": [choice]})

    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({"reasoning_content": part}) for part in _parts(answer.reasoning, answer.chunk_chars)]
    chunks += [chunk({"content": part}) for part in _parts(answer.text, answer.chunk_chars)]
    if answer.finish is not None:
        chunks.append(chunk({}, answer.finish))
    if answer.usage is not None:
        chunks.append(_sse({**head, "object": "chat.completion.chunk", "choices": [], "usage": answer.usage}))
    if answer.garbage_after_chunks is not None:
        chunks.insert(answer.garbage_after_chunks, b'data: {"choices": [{"delta": {"cont\n\n')
    yield from chunks
    if answer.done:
        yield b"data: [DONE]\n\n"


def _stream_or_json(body: Body, path: str) -> str:
    return "text/event-stream" if body.get("stream") else "application/json"


_ANTHROPIC_STOP = {"stop": "end_turn", "length": "max_tokens"}


def _anthropic(answer: "Answer", body: Body, path: str) -> Iterator[bytes]:
    counts = dict(answer.usage or {"input_tokens": 3, "output_tokens": 2})
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body.get("model")}
    stop = _ANTHROPIC_STOP.get(answer.finish or "", answer.finish)
    if not body.get("stream"):
        content = [{"type": "text", "text": answer.text}]
        whole = {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": counts}
        yield json.dumps(whole, ensure_ascii=False).encode()
        return
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": {**head, "content": [], "stop_reason": None, "usage": counts}})
    ]
    blocks = [("thinking", answer.reasoning), ("text", answer.text)]
    for index, (kind, text) in enumerate(block for block in blocks if block[1]):
        events.append(("content_block_start", {"index": index, "content_block": {"type": kind, kind: ""}}))
        events += [
            ("content_block_delta", {"index": index, "delta": {"type": f"{kind}_delta", kind: part}})
            for part in _parts(text, answer.chunk_chars)
        ]
        events.append(("content_block_stop", {"index": index}))
    if stop is not None:
        delta = {"stop_reason": stop, "stop_sequence": None}
        events.append(("message_delta", {"delta": delta, "usage": counts}))
    if answer.done:
        events.append(("message_stop", {}))
    lines = [_sse({"type": name, **fields}, name) for name, fields in events]
    if answer.garbage_after_chunks is not None:
        lines.insert(answer.garbage_after_chunks, b'data: {"type": "content_bl\n\n')
    yield from lines


def _ollama(answer: "Answer", body: Body, path: str) -> Iterator[bytes]:
    def line(text: str, done: bool) -> bytes:
        fields = {"model": body.get("model"), "created_at": "2025-01-01T00:00:00Z", "done": done}
        end = {"done_reason": answer.finish, "prompt_eval_count": 3, "eval_count": 2} if done else {}
        message = {"role": "assistant", "content": text}
        return json.dumps({**fields, "message": message, **end}, ensure_ascii=False).encode() + b"\n"

    if body.get("stream") is False:
        yield line(answer.text, True)
        return
    lines = [line(part, False) for part in _parts(answer.text, answer.chunk_chars)]
    if answer.finish is not None:
        lines.append(line("", True))
    if answer.garbage_after_chunks is not None:
        lines.insert(answer.garbage_after_chunks, b'{"message": {"cont\n')
    yield from lines


def _ollama_kind(body: Body, path: str) -> str:
    return "application/json" if body.get("stream") is False else "application/x-ndjson"


def _gemini(answer: "Answer", body: Body, path: str) -> Iterator[bytes]:
    def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
        if finish is not None:
            candidate["finishReason"] = {"stop": "STOP", "length": "MAX_TOKENS"}.get(finish, finish.upper())
        counts = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
        return {"candidates": [candidate], "usageMetadata": counts}

    if "stream" not in path:
        yield json.dumps(chunk(answer.text, answer.finish)).encode()
        return
    lines = [_sse(chunk(part)) for part in _parts(answer.text, answer.chunk_chars)]
    if answer.finish is not None:
        lines.append(_sse(chunk("", answer.finish)))
    if answer.garbage_after_chunks is not None:
        lines.insert(answer.garbage_after_chunks, b'data: {"candidates": [{"con\n\n')
    yield from lines


def _gemini_kind(body: Body, path: str) -> str:
    return "text/event-stream" if "stream" in path else "application/json"


_BY_END = {
    "/chat/completions": Dialect(_openai, _stream_or_json),
    "/messages": Dialect(_anthropic, _stream_or_json),
    "/api/chat": Dialect(_ollama, _ollama_kind),
    ":generateContent": Dialect(_gemini, _gemini_kind),
    ":streamGenerateContent": Dialect(_gemini, _gemini_kind),
}

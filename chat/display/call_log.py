"""What `--verbose` adds: each call with its tokens, its time and its price, and each turn with its time."""

from chat.display.amounts import usd
from chat.events import Event, ReplyEnded, ReplyStarted, Retrying, TextChunk, TurnEnded
from chat.model import Usage


class CallLog:
    """Turns the events of calls into lines; the time of each event is given, in seconds of any clock."""

    def __init__(self) -> None:
        self._calls = 0
        self._sent_s: float | None = None
        self._first_s: float | None = None
        self._turn_s: float | None = None

    def line(self, event: Event, now_s: float) -> str:
        """Return the line that an event adds, or "" for none."""
        match event:
            case ReplyStarted(model, role, tokens):
                self._calls += 1
                self._sent_s, self._first_s = now_s, None
                self._turn_s = now_s if self._turn_s is None else self._turn_s
                return f"call {self._calls}: {model} ({role.value}), about {tokens:,} tokens"
            case TextChunk() if self._first_s is None:
                self._first_s = now_s
            case ReplyEnded(reply):
                parts = [*_amounts(reply.usage), f"ended with {reply.finish}", *self._times(now_s)]
                return f"call {self._calls}: {', '.join(parts)}"
            case Retrying():
                parts = ["failed", *self._times(now_s)]
                self._sent_s, self._first_s = now_s + event.wait_s, None
                return f"call {self._calls}: {', '.join(parts)}"
            case TurnEnded() if self._turn_s is not None:
                took_s, self._turn_s = now_s - self._turn_s, None
                return f"turn: {took_s:.1f} s"
            case _:
                pass
        return ""

    def _times(self, now_s: float) -> list[str]:
        if self._sent_s is None:
            return []
        first = (
            [f"first text after {self._first_s - self._sent_s:.1f} s"] if self._first_s is not None else []
        )
        return [*first, f"{now_s - self._sent_s:.1f} s"]


def _amounts(usage: Usage) -> list[str]:
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    price = [usd(usage.cost_usd)] if usage.cost_usd is not None else []
    return [f"{usage.prompt_tokens:,} tokens in{cached}", f"{usage.completion_tokens:,} out", *price]

"""The records of a session → its numbers: tokens, cost, time, edits, by model and by turn.

Pure. What a session took is not remembered anywhere but in its journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.model import ModelRole, Usage
from chat.sessions.record import Record
from chat.sessions.replay import seconds_of


@dataclass(frozen=True, slots=True)
class Call:
    """One reply that was paid for."""

    model: str
    role: ModelRole
    turn: int
    """The turn that it was made for, from 1 in the order of the journal; a rebuild counts to the next."""
    usage: Usage
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What a session took and did."""

    session: str
    root: str = ""
    began: str = ""
    """Times are UTC, as `2026-01-31T12:00:00Z`."""
    ended: str = ""
    requests: tuple[str, ...] = ()
    """Of every turn, oldest first."""
    tags: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    seconds: float = 0.0
    """Within turns, to the second."""
    applied: int = 0
    """Files that edits wrote."""
    refused: int = 0
    """Edits that could not be made when they came."""
    commits: int = 0
    rebuilds: int = 0
    resumed: int = 0

    @property
    def usage(self) -> Usage:
        """Of all calls."""
        return sum((call.usage for call in self.calls), Usage())

    @property
    def last(self) -> str:
        """The newest request, on one line."""
        return " ".join(self.requests[-1].split()) if self.requests else ""


def measure(session: str, records: Iterable[Record]) -> Measured:
    """The numbers of one session."""
    meter = _Meter()
    for record in records:
        meter.take(record)
    return meter.done(session)


def by_model(sessions: Iterable[Measured]) -> Mapping[str, Usage]:
    """What calls took, by the model that answered; sorted by name."""
    found: dict[str, Usage] = {}
    for each in sessions:
        for call in each.calls:
            found[call.model] = found.get(call.model, Usage()) + call.usage
    return dict(sorted(found.items()))


def prompt_tokens_by_turn(session: Measured) -> tuple[int, ...]:
    """The tokens of all prompts that each turn sent, first turn first."""
    turns = [0] * len(session.requests)
    for call in session.calls:
        if call.turn <= len(turns):
            turns[call.turn - 1] += call.usage.prompt_tokens
    return tuple(turns)


def cached_share(usage: Usage) -> float:
    """Of the tokens sent, how many the provider had cached; 0 to 1."""
    return usage.cached_tokens / usage.prompt_tokens if usage.prompt_tokens else 0.0


def as_fields(session: Measured) -> dict[str, Any]:
    """A session's numbers as JSON holds them."""
    return {
        "session": session.session,
        "root": session.root,
        "began": session.began,
        "ended": session.ended,
        "turns": len(session.requests),
        "tags": list(session.tags),
        "last_request": session.last,
        **usage_fields(session.usage),
        "seconds": round(session.seconds, 3),
        "model_seconds": round(sum(call.seconds for call in session.calls), 3),
        "edits_applied": session.applied,
        "edits_refused": session.refused,
        "commits": session.commits,
        "rebuilds": session.rebuilds,
        "resumed": session.resumed,
        "models": {name: usage_fields(usage) for name, usage in by_model([session]).items()},
        "prompt_tokens_by_turn": list(prompt_tokens_by_turn(session)),
    }


def usage_fields(usage: Usage) -> dict[str, Any]:
    """What calls took, as JSON holds it; the cost is null where a price is not known."""
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "cached_share": round(cached_share(usage), 4),
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
    }


def matching(sessions: Iterable[Measured], since: str = "", tag: str = "") -> Sequence[Measured]:
    """Those that were written to since a time and have a tag."""
    return [each for each in sessions if each.ended >= since and (not tag or tag in each.tags)]


@dataclass(slots=True)
class _Meter:
    """Follows the records."""

    root: str = ""
    began: str = ""
    ended: str = ""
    requests: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    turn_began: float | None = None
    paths: int = 0

    def take(self, record: Record) -> None:
        self.began = self.began or record.time
        self.ended = record.time
        step = getattr(self, f"_{record.kind.replace('.', '_')}", None)
        if step is not None:
            step(record.fields, seconds_of(record.time))

    def done(self, session: str) -> Measured:
        return Measured(
            session,
            self.root,
            self.began,
            self.ended,
            tuple(self.requests),
            tuple(self.tags),
            tuple(self.calls),
            self.seconds,
            self.counts.get("applied", 0),
            self.counts.get("refused", 0),
            self.counts.get("commits", 0),
            self.counts.get("rebuilds", 0),
            self.counts.get("resumed", 0),
        )

    def _count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def _session(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self.root = str(fields.get("root", ""))

    def _tag(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self.tags.append(str(fields["tag"]))

    def _turn_begin(self, fields: Mapping[str, Any], now_s: float) -> None:
        self.requests.append(str(fields["request"]))
        self.turn_began = now_s

    def _turn_done(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        if self.turn_began is not None:
            self.seconds += max(0.0, now_s - self.turn_began)
        self.turn_began = None

    _turn_failed = _turn_done

    def _resume(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self._count("resumed")
        if fields.get("again") and self.turn_began is not None:
            self.requests.pop()
            self.turn_began = None

    def _call_done(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        turn = len(self.requests) + (self.turn_began is None)
        usage, role = Usage(**fields["usage"]), ModelRole(fields["role"])
        self.calls.append(Call(str(fields["model"]), role, turn, usage, float(fields.get("seconds", 0.0))))

    def _edit_intent(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self.paths = len(fields.get("after", ()))

    def _edit_done(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self._count("applied", self.paths)

    def _edit_refused(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self._count("refused", len(fields.get("messages", ())))

    def _commit_done(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self._count("commits", bool(fields.get("commit")))

    def _rebuild(self, fields: Mapping[str, Any], now_s: float) -> None:  # noqa: ARG002
        self._count("rebuilds", fields.get("step") == "end")

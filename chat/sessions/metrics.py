"""The lines of a journal -> the numbers of the session: tokens, cost, time, edits, by model and by turn.

Pure. The journal is the only place where these are kept.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.model import ModelRole, Usage
from chat.sessions.records.changes import CommitDone, EditDone, EditIntent, EditRefused
from chat.sessions.records.journal_line import JournalLine, read_record, seconds_of
from chat.sessions.records.session import Resume, SessionBegin, SessionTag
from chat.sessions.records.turn import CallDone, Rebuild, TurnBegin, TurnDone, TurnFailed


@dataclass(frozen=True, slots=True)
class PaidReply:
    """The tokens, cost and time of one reply."""

    model: str
    role: ModelRole
    turn: int
    """Its turn, from 1 in the order of the journal; a rebuild counts towards the next turn."""
    usage: Usage
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The numbers of one session."""

    session: str
    root: str = ""
    began: str = ""
    """Times are UTC, as `2026-01-31T12:00:00Z`."""
    ended: str = ""
    requests: tuple[str, ...] = ()
    """Of every turn, oldest first."""
    tags: tuple[str, ...] = ()
    calls: tuple[PaidReply, ...] = ()
    seconds: float = 0.0
    """Spent in turns; accurate to a second per turn."""
    applied: int = 0
    """The number of files that edits wrote."""
    refused: int = 0
    """The number of edits that could not be applied."""
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


def measure(session: str, lines: Iterable[JournalLine]) -> Measured:
    """Compute the numbers of one session."""
    meter = _Meter()
    for line in lines:
        meter.follow(line)
    return meter.result(session)


def by_model(sessions: Iterable[Measured]) -> Mapping[str, Usage]:
    """Return the usage of each model, sorted by its name."""
    usages: dict[str, Usage] = {}
    for session in sessions:
        for call in session.calls:
            usages[call.model] = usages.get(call.model, Usage()) + call.usage
    return dict(sorted(usages.items()))


def prompt_tokens_by_turn(session: Measured) -> tuple[int, ...]:
    """Return the tokens that the prompts of each turn had in all, first turn first."""
    turns = [0] * len(session.requests)
    for call in session.calls:
        if call.turn <= len(turns):
            turns[call.turn - 1] += call.usage.prompt_tokens
    return tuple(turns)


def cached_share(usage: Usage) -> float:
    """Return the share of the prompt tokens that the provider had cached, 0 to 1."""
    return usage.cached_tokens / usage.prompt_tokens if usage.prompt_tokens else 0.0


def as_fields(session: Measured) -> dict[str, Any]:
    """Return a session's numbers for JSON."""
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
    """Return the usage for JSON; the cost is null if a price is unknown."""
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "cached_share": round(cached_share(usage), 4),
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
    }


def matching(sessions: Iterable[Measured], since: str = "", tag: str = "") -> Sequence[Measured]:
    """Return the sessions that were written to since a time (UTC, as in the journal) and have a tag."""
    return [session for session in sessions if session.ended >= since and (not tag or tag in session.tags)]


@dataclass(slots=True)
class _Meter:
    """The numbers of a session after the lines so far."""

    root: str = ""
    began: str = ""
    ended: str = ""
    requests: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    calls: list[PaidReply] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """`applied`, `refused`, `commits`, `rebuilds` and `resumed`."""
    seconds: float = 0.0
    turn_began_s: float | None = None
    """None between turns."""
    files_to_write: int = 0

    def follow(self, line: JournalLine) -> None:
        """Take in one line."""
        self.began = self.began or line.time
        self.ended = line.time
        record = read_record(line)
        match record:
            case SessionBegin(root):
                self.root = root
            case SessionTag():
                self.tags = record.follow(self.tags)
            case TurnBegin() | TurnDone() | TurnFailed() | Resume():
                self._follow_turn(record, seconds_of(line.time))
            case CallDone():
                self._add_call(record)
            case EditIntent() | EditDone() | EditRefused() | CommitDone() | Rebuild():
                self._count(record)
            case _:
                pass

    def _follow_turn(self, record: TurnBegin | TurnDone | TurnFailed | Resume, now_s: float) -> None:
        match record:
            case TurnBegin(request):
                self.requests.append(request)
                self.turn_began_s = now_s
            case TurnDone() | TurnFailed():
                if self.turn_began_s is not None:
                    self.seconds += max(0.0, now_s - self.turn_began_s)
                self.turn_began_s = None
            case Resume(again=again):
                self.counts["resumed"] += 1
                if again and self.turn_began_s is not None:
                    self.requests.pop()
                    self.turn_began_s = None

    def _add_call(self, record: CallDone) -> None:
        turn = len(self.requests) + (self.turn_began_s is None)
        reply = record.reply
        self.calls.append(PaidReply(reply.model, record.role, turn, reply.usage, record.seconds))

    def _count(self, record: EditIntent | EditDone | EditRefused | CommitDone | Rebuild) -> None:
        match record:
            case EditIntent(after):
                self.files_to_write = len(after)
            case EditDone():
                self.counts["applied"] += self.files_to_write
            case EditRefused(messages):
                self.counts["refused"] += len(messages)
            case CommitDone(commit):
                self.counts["commits"] += bool(commit)
            case Rebuild(step):
                self.counts["rebuilds"] += step == "end"

    def result(self, session: str) -> Measured:
        """Return the numbers of the session with this id."""
        return Measured(
            session=session,
            root=self.root,
            began=self.began,
            ended=self.ended,
            requests=tuple(self.requests),
            tags=tuple(self.tags),
            calls=tuple(self.calls),
            seconds=self.seconds,
            applied=self.counts["applied"],
            refused=self.counts["refused"],
            commits=self.counts["commits"],
            rebuilds=self.counts["rebuilds"],
            resumed=self.counts["resumed"],
        )

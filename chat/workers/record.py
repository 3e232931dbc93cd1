"""What is kept of a plan at work: how it was ordered, what was agreed to, and how far each piece has got. Pure.

One file with one writer, the process that carries the plan out; it is written before the next step begins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from chat.errors import InputError
from chat.jobs.record import Document
from chat.model import Usage

PieceStatus = Literal["waiting", "working", "done", "merged", "failed", "not done"]
"""`done`: its job is through and its branch is to be merged."""
TRIES = 2
"""A piece is begun once, and given back once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOrder:
    """How a plan is to be made and carried out."""

    given: str = ""
    """The plan as JSON; "" has it made."""
    out: str = ""
    """An absolute path that it is written to as well."""
    parallel: int = 2
    asks: bool = True
    """Somebody can be asked to agree: at the terminal, or later for a job without one."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "PlanOrder":
        """Return the order that a job's record holds. Raises InputError."""
        try:
            return cls(**fields)
        except TypeError as error:
            raise InputError(f"The order of the plan cannot be read ({error}).") from error

    def fields(self) -> dict[str, Any]:
        """Return what a job's record holds of it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceState:
    """How far a piece has got."""

    id: str
    status: PieceStatus = "waiting"
    job: str = ""
    """That works on it or did last; "" before one does."""
    tries: int = 0
    run: int = 0
    """The run of its job that was given back; its next try is a later one."""
    revived: int = 0
    """How often its job was taken up again because its process was gone."""
    message: str = ""
    """What its next try begins with: why the last one was given back."""
    happened: tuple[str, ...] = ()
    """Why tries came to nothing, a sentence each, oldest first."""
    limit_usd: float = 0.0
    limit_tokens: int = 0
    """What its job was given, 0 where that is not limited."""
    code: int = 0
    """How its job ended last where that was not well."""
    commit: str = ""
    """The branch of the plan with its work, once it is merged."""
    earlier: Mapping[str, Any] = field(default_factory=dict)
    """What jobs before the present one took, as fields of `Usage`."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done about it."""
        return self.status in ("merged", "failed", "not done")

    def with_earlier(self, usage: Usage) -> "PieceState":
        """Return it without its job, whose usage counts on; where no price is known, all that it was given."""
        if usage.cost_usd is None and self.limit_usd:
            usage = replace(usage, cost_usd=self.limit_usd)
        return replace(self, job="", run=0, earlier=asdict(Usage(**self.earlier) + usage))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState(Document):
    """How far a plan has got."""

    planner: str = ""
    """The job that makes it."""
    told_at_run: int = 0
    """The run of that job whose plan was given back as wrong; 0 if none was."""
    plan: str = ""
    """As JSON, in the order of its pieces; "" before there is one."""
    whole: tuple[str, ...] = ()
    """The whole check."""
    is_agreed: bool = False
    checks: tuple[str, ...] = ()
    """Commands of the plan that may be run."""
    is_green: bool | None = None
    """How the whole check ended on the tip; None before it has run."""
    tip: str = ""
    """The commit that the plan's branch is at: all that is merged, checked."""
    merging: str = ""
    """The commit that it is at while that is checked."""
    rows: tuple[Mapping[str, Any], ...] = ()
    """The fields of a `PieceState` each, in the order of the plan."""

    @property
    def pieces(self) -> tuple[PieceState, ...]:
        """How far each piece has got."""
        return tuple(PieceState(**row) for row in self.rows)

    def piece(self, name: str) -> PieceState:
        """Return how far the piece of an id has got."""
        return next(each for each in self.pieces if each.id == name)

    def with_pieces(self, pieces: Iterable[PieceState]) -> "PlanState":
        """Return the state with these in place of those of the same ids; new ones come last."""
        new = {each.id: each for each in pieces}
        kept = [new.pop(each.id, each) for each in self.pieces]
        return replace(self, rows=tuple(asdict(each) for each in (*kept, *new.values())))

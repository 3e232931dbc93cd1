"""A plan: pieces of work with what each needs of the others, as frozen values and as JSON. Pure.

`trigpoint schema plan` prints the schema. Whether the pieces go together is for `graph` to say.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.conversation.answer_schema import AnswerSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the work, which one worker does."""

    id: str
    goal: str
    files: tuple[str, ...]
    """That it creates or changes, relative to the top of the repository."""
    interfaces: str = ""
    """What other pieces rely on, or what it may rely on."""
    check: str = ""
    """A command that succeeds once it is done; "" leaves that to the whole check."""
    leave_alone: tuple[str, ...] = ()
    """Patterns, as in .gitignore, of files that it must not change."""
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """The pieces of a task; dependencies come first once `graph.arranged` has ordered them."""

    pieces: tuple[Piece, ...]
    task: str = ""
    """The whole task; "" where it does not say."""

    def piece(self, name: str) -> Piece:
        """Return the piece of an id. Raises KeyError."""
        return {each.id: each for each in self.pieces}[name]

    def to_json(self) -> str:
        """Return the plan as `--plan-file` takes it."""
        rows = [{name: value for name, value in asdict(each).items() if value} for each in self.pieces]
        task = {"task": self.task} if self.task else {}
        return json.dumps({**task, "pieces": rows}, indent=1) + "\n"


def plan_schema() -> str:
    """Return the JSON Schema of a plan, as text."""
    from importlib import resources

    return resources.files("chat.workers").joinpath("plan.schema.json").read_text("utf-8")


def answer_schema() -> "AnswerSchema":
    """Return what plans are held against."""
    from chat.conversation.answer_schema import parse_schema

    return parse_schema(plan_schema(), "The schema of a plan")


def plan_of(value: Any) -> WorkPlan:
    """Return the plan that a value says which fits the schema."""
    return WorkPlan(tuple(_piece(each) for each in value["pieces"]), str(value.get("task", "")))


def _piece(fields: Mapping[str, Any]) -> Piece:
    return Piece(
        id=str(fields["id"]),
        goal=str(fields["goal"]).strip(),
        files=_distinct(fields["files"]),
        interfaces=str(fields.get("interfaces", "")).strip(),
        check=str(fields.get("check", "")).strip(),
        leave_alone=_distinct(fields.get("leave_alone", ())),
        depends_on=_distinct(fields.get("depends_on", ())),
    )


def _distinct(texts: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(text).strip() for text in texts))

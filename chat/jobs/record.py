"""What is kept of a job, as values and as JSON: what it is, which process works on it, how that ended.

Each is one small file with one writer: whoever makes the job, its worker, and whoever merges it. Unknown fields are
ignored, so that a later version may add some.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from chat.errors import InputError
from chat.settings.kinds import Value

VERSION = 1
_JOB = re.compile(r"[0-9a-f]{6}\Z")
"""An id of a job; other groups are called otherwise."""


class Document:
    """A value that is one file: its fields as one JSON object."""

    __slots__ = ()

    def to_json(self) -> bytes:
        """Return the file's bytes."""
        return (json.dumps({"version": VERSION, **asdict(self)}, indent=1) + "\n").encode()  # type: ignore[call-overload]

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a file's bytes. Raises InputError where they are not such a document."""
        try:
            found = json.loads(data)
            kinds = {each.name: each.type for each in fields(cls)}  # type: ignore[arg-type]
            values = {name: frozen(value) for name, value in found.items() if name in kinds}
            if wrong := [name for name in values if not _is_of(values[name], kinds[name])]:
                raise ValueError(f"{wrong[0]} is of another type")
            return cls(**values)
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"A file of a job cannot be read ({error}).") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord(Document):
    """What a job is. Written before anything is made for it, and again once its work tree is there."""

    id: str
    task: str
    """As the user gave it, secrets hidden; the condition of its goal where there is no other."""
    created: float
    """As `time.time` counts."""
    root: str
    """The work tree that it was begun in, and is merged into."""
    common_dir: str
    """The git folder that all work trees of the repository share."""
    folder: str = ""
    """Where in the work tree it was begun, relative to the top; "" is the top."""
    branch: str = ""
    base: str = ""
    """The commit that its branch began on."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings of the command line, by name, without keys."""
    paths: tuple[str, ...] = ()
    """Files of its chat, relative to ``folder``."""
    ready: bool = False
    """Its work tree is there."""
    maker: str = ""
    """The mark of the process that makes it."""
    group: str = ""
    """What it belongs to with others: the id of a run of several jobs, or of the job that began it."""
    note: str = ""
    """What it is within its group, such as a model's name."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """How a plan of further jobs is made and carried out; empty for a job that does its task itself."""

    @property
    def parent(self) -> str:
        """The id of the job that began it, "" where the user did."""
        return self.group if _JOB.match(self.group) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart(Document):
    """A process has begun to work on a job."""

    number: int
    """From 1, one more each time that the job is taken up."""
    mark: str
    """Of the process."""
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd(Document):
    """How that process ended."""

    number: int
    """Of the run that it is the end of."""
    exit_code: int
    at: float
    reason: str = ""
    """Why the code is not 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Document):
    """A job's branch was merged."""

    commit: str
    """What the branch of the user is at since then."""
    tip: str
    """What the job's branch was at."""
    way: Literal["ff", "merge", "squash"]
    into: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Document):
    """What a job waits for an answer to."""

    number: int
    kind: Literal["confirm", "permit"]
    text: str
    subject: str = ""
    """What it is about in more words."""
    rule: str = ""
    """The rule that "always" would keep; "" where it cannot be answered so."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers that it takes.

        >>> Question(number=1, kind="permit", text="Run it?", rule="Bash(ls *)").choices
        ('yes', 'no', 'always')
        """
        return ("yes", "no", "always") if self.rule else ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Document):
    """The user's answer to a question."""

    number: int
    text: str


def _is_of(value: object, kind: object) -> bool:
    """Whether a value may stand in a field of a plain type; those of other types are not looked at.

    >>> _is_of(1, float), _is_of("1", int), _is_of([], tuple[str, ...])
    (True, False, True)
    """
    plain = {str: (str,), bool: (bool,), int: (int,), float: (float, int)}
    return kind not in plain or isinstance(value, plain[kind])


def frozen(value: Any) -> Any:
    """Return a value that JSON gave, with tuples for its lists."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {name: frozen(item) for name, item in value.items()}
    return value

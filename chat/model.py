"""The values that pass between the parts of the chat: messages, replies, usage.

Everything is frozen; a change makes a new value.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

RepoPath = str
"""A path relative to the root, with `/` and without `.` or `..`."""


class ModelRole(StrEnum):
    """Which of the configured models a call is for."""

    MAIN = "main"
    WEAK = "weak"
    """Writes commit messages and summaries."""
    EDITOR = "editor"
    """Writes the edits that the main model planned."""
    JUDGE = "judge"
    """Says whether a goal is met."""
    PLANNER = "planner"
    """Plans the work on a goal; the same model as the main one."""

    @property
    def is_internal(self) -> bool:
        """Whether its replies are for the program, and not for the user to read."""
        return self in (ModelRole.WEAK, ModelRole.JUDGE, ModelRole.PLANNER)


class Mode(StrEnum):
    """What the model may do in a turn."""

    CODE = "code"
    ASK = "ask"
    """It answers and changes nothing."""
    ARCHITECT = "architect"
    """The main model plans, and the editor model writes the edits."""


Purpose = Literal["lint", "test", "scan", "run", "model", "check", "evidence"]
"""Why a command was run."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt of one call."""

    messages: tuple[Message, ...]
    """The next call begins with the same messages, so the provider can cache them."""
    request_map: str = ""
    """Follows the last message in this call only, and is not cached."""
    most_reply_tokens: int = 0
    """At which the provider is to end the reply; 0 leaves it to the model."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and cost of calls, as the server counted them, or else by our own count."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """The part of the prompt's tokens that the provider had cached."""
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    """None if the price of a model is unknown."""

    @property
    def tokens(self) -> int:
        """All tokens, of prompts and of replies."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            None if unknown else (self.cost_usd or 0.0) + (other.cost_usd or 0.0),
        )

    def __sub__(self, other: "Usage") -> "Usage":
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            self.calls - other.calls,
            self.prompt_tokens - other.prompt_tokens,
            self.cached_tokens - other.cached_tokens,
            self.completion_tokens - other.completion_tokens,
            None if unknown else (self.cost_usd or 0.0) - (other.cost_usd or 0.0),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply; one that broke off is an error instead."""

    text: str
    finish: Literal["stop", "length"]
    """`length`: the model reached its output limit."""
    usage: Usage
    model: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """How much a model reads and writes at once, in tokens."""

    input_tokens: int
    output_tokens: int
    known: bool = True
    """From the model's data; otherwise a cautious guess."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model, in US dollars per token."""

    prompt_usd: float
    completion_usd: float


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step of the plan for a goal."""

    text: str
    """One line."""
    evidence: str = ""
    """Proves that it is done: a passage of what the work showed. Empty while it is open."""

    @property
    def is_done(self) -> bool:
        """Whether it is proven to be done."""
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class PlanRevision:
    """A change of a plan."""

    reason: str
    diff: tuple[str, ...]
    """All steps, before and after: with `  ` in front those that stay, `- ` those that go, `+ ` new ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan for a goal: its steps, in order, and how it came to be what it is."""

    steps: tuple[PlanStep, ...] = ()
    """None where the work needs no plan."""
    revisions: tuple[PlanRevision, ...] = ()

    @property
    def done(self) -> tuple[int, ...]:
        """The numbers of the steps that are done, from 1."""
        return tuple(number for number, step in enumerate(self.steps, 1) if step.is_done)

    @property
    def open(self) -> tuple[int, ...]:
        """The numbers of the other steps."""
        return tuple(number for number, step in enumerate(self.steps, 1) if not step.is_done)

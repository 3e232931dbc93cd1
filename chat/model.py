"""The values that pass between the parts of the chat: messages, replies, usage.

Everything is frozen; a change makes a new value.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

RepoPath = str
"""A path below the root, POSIX, without `.` or `..`."""


class ModelRole(StrEnum):
    """Which of the configured models a call is for."""

    MAIN = "main"
    WEAK = "weak"
    """Commit messages and summaries."""
    EDITOR = "editor"
    """Writes the edits that the main model planned."""


class Mode(StrEnum):
    """What a turn may do."""

    CODE = "code"
    ASK = "ask"
    """Answers, changes nothing."""
    ARCHITECT = "architect"
    """The main model plans, the editor model edits."""


Purpose = Literal["lint", "test", "run"]
"""Why a command was run."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one call sends."""

    messages: tuple[Message, ...]
    """The same again, with more behind it, in the next call: what a provider can cache."""
    tail: str = ""
    """Follows the text of the last message, in this call alone."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls took, as the server counted it or, where it did not say, as we did."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt's tokens, those that the provider had cached."""
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    """None where the price of a model is not known."""

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
    """A reply that ended as its server said it would; one that did not end is an error."""

    text: str
    finish: Literal["stop", "length"]
    """`length`: the model's limit cut it."""
    usage: Usage
    model: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """How much a model reads and writes at once, in tokens."""

    input_tokens: int
    output_tokens: int
    known: bool = True
    """Whether the model's data says so; else it is a careful guess."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in US dollars for each token."""

    prompt_usd: float
    cached_usd: float
    completion_usd: float

"""What the chat hands back to whoever drives it: finished turns and the rows of its listings."""

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from chat.events import Committed, FileEdited
from chat.model import Plan, RepoPath, Usage
from chat.ports import Ran

GIVEN_UP = (
    "The model kept asking for {asked} instead of going on, so the turn was ended. Nothing more was done; "
    "add what it needs with /add, ask for less at once, or try another model."
)
"""Why a turn ends that would not by itself."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What a turn did."""

    text: str = ""
    """The model's words, without its edits and its requests for context."""
    _: KW_ONLY
    edits: tuple[FileEdited, ...] = ()
    """By path."""
    commits: tuple[Committed, ...] = ()
    refused: tuple[str, ...] = ()
    """Why edits that the turn ended with were not made."""
    lint: Ran | None = None
    test: Ran | None = None
    scan: Ran | None = None
    planned: tuple[FileEdited, ...] = ()
    """What a dry run would have written, by path."""
    usage: Usage = field(default_factory=Usage)
    unanswered: str = ""
    """What the last reply asked for in vain; empty if it asked for nothing."""
    uncommitted: bool = False
    """The files were changed, and git or the scan refused the commit that the settings ask for."""
    denied: tuple[str, ...] = ()
    """Commands that the model asked for and that were not run, since nobody allowed them."""
    denied_files: tuple[tuple[Literal["Read", "Edit"], RepoPath], ...] = ()
    """Files that the model asked to see or wanted to change, where rules do not allow it; each once."""
    delegated: bool = False
    """It was an agent's alone."""
    answer: str = ""
    """The result of that agent that fits the schema of the run."""
    commands: tuple[str, ...] = ()
    """Shell commands that the last reply proposes."""

    @property
    def files_changed(self) -> tuple[RepoPath, ...]:
        """The files that the turn changed, sorted."""
        return tuple(edit.path for edit in self.edits)

    @property
    def ok(self) -> bool:
        """Whether everything that the model intended was done and no check failed."""
        return not self.failure

    @property
    def failure(self) -> str:
        """Why not everything was done, for a person; empty if it was."""
        reasons = list(self.refused)
        if self.unanswered:
            reasons.append(GIVEN_UP.format(asked=self.unanswered))
        if self.uncommitted:
            who = "the scan" if self.scan is not None and self.scan.exit_code else "git"
            reasons.append(f"The files were changed, and {who} refused to commit them.")
        failed = [ran for ran in (self.lint, self.test, self.scan) if ran is not None and ran.exit_code != 0]
        reasons += [f"`{ran.command}` failed with exit code {ran.exit_code}." for ran in failed]
        return "\n".join(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """How a check of a goal ended last."""

    command: str
    exit_code: int
    output: str
    """What the model was shown of it."""
    timed_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalSummary:
    """A goal, open or over, as the user is told of it."""

    condition: str
    """Empty where only the checks count."""
    status: str
    """`active`, `paused`, or how it ended: `met`, `impossible`, `stalled`, `limit`, `cleared`."""
    reason: str
    """Why it ended, or why it was not met when that was last judged."""
    evidence: tuple[str, ...]
    """What the judge quoted."""
    turns: int
    seconds: float
    tokens: int
    cost_usd: float | None
    limits: str
    """In words; empty for none."""
    checks: tuple[CheckOutcome, ...]
    """When all had run last; empty before that."""
    plan: Plan | None = None
    """None where it has none: it was not asked for, or is not needed."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done for it."""
        return self.status not in ("active", "paused")


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file of the chat, as `/ls` lists it."""

    path: RepoPath
    read_only: bool
    tokens: int
    """Of what the prompt shows of it, or will with the next request."""
    part: bool
    """Only some of its lines are shown."""


@dataclass(frozen=True, slots=True)
class TokenPart:
    """A part of the prompt, as `/tokens` lists it; the last of a list is the ceiling."""

    name: str
    tokens: int
    usd: float | None
    """The price of sending it once, uncached."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A note that could be kept for later sessions, and the user's own words as evidence."""

    note: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A turn that can be undone, as `/checkpoints` lists it."""

    number: int
    """Of the turn; going back to it undoes it and all after it."""
    label: str
    age: str

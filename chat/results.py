"""What the chat hands back to whoever drives it: finished turns and the rows of its listings."""

from dataclasses import KW_ONLY, dataclass, field

from chat.events import Committed, FileEdited
from chat.model import RepoPath, Usage
from chat.ports import Ran


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
    usage: Usage = field(default_factory=Usage)
    unanswered: str = ""
    """What the last reply asked for in vain; empty if it asked for nothing."""
    uncommitted: bool = False
    """The files were changed, and git refused the commit that the settings ask for."""
    commands: tuple[str, ...] = ()
    """Shell commands that the last reply proposes."""

    @property
    def files_changed(self) -> tuple[RepoPath, ...]:
        """The files that the turn changed, sorted."""
        return tuple(edit.path for edit in self.edits)

    @property
    def ok(self) -> bool:
        """Whether everything that the model intended was done and no check failed."""
        failed = any(ran is not None and ran.exit_code != 0 for ran in (self.lint, self.test))
        return not (self.refused or self.unanswered or self.uncommitted or failed)


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

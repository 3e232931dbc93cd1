"""The state of a session that its journal gives back, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from chat.conversation.conversation import Conversation
from chat.model import ModelRole, Reply, RepoPath, Usage
from chat.sessions.goal_progress import GoalProgress, GoalTaken
from chat.sessions.records.changes import CommitIntent, RestoreIntent
from chat.sessions.records.turn import AgentDone
from chat.sessions.turn_history import TurnHistory


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A finished check of an interrupted turn."""

    command: str
    exit_code: int
    feedback: str
    """The part of its output that the model was shown."""
    place: int | None = None
    """How many entries the conversation had when it began; None for an agent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """How far an agent of an interrupted turn had got."""

    name: str
    task: str
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    """Its paid replies, by the digest of their prompt."""
    runs: tuple[CheckRun, ...] = ()
    """Its finished commands."""
    done: AgentDone | None = None
    """None where it had not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedTurn:
    """A turn that was cut off."""

    request: str
    turn: int
    conversation_before: Conversation
    conversation: Conversation
    """The conversation as far as the turn had got."""
    before: str = ""
    """The snapshot before its first write; empty if it wrote nothing."""
    paths: tuple[RepoPath, ...] = ()
    """The files that it wrote, or was about to write."""
    writes: tuple[str, ...] = ()
    """The records of its writes, oldest first; none of them where an earlier version wrote."""
    writing: str = ""
    """The record of the write that was cut off, or that failed."""
    after: Mapping[RepoPath, tuple[str, ...]] = field(default_factory=dict)
    """The digests that it gave each of them, oldest first; "" where the file was to be deleted."""
    commit: str = ""
    """The commit that it had made."""
    committing: CommitIntent | None = None
    """The commit that it was about to make."""
    is_masked: bool = False
    """A part of its request is lost: an earlier version put `[secret]` in its place."""
    taken_up: bool = False
    """A process has begun to take it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredSession:
    """A session as its journal gives it back."""

    conversation: Conversation = field(default_factory=Conversation)
    spent: Mapping[ModelRole, Usage] = field(default_factory=dict)
    turns: TurnHistory = field(default_factory=TurnHistory)
    unfinished: UnfinishedTurn | None = None
    restoring: RestoreIntent | None = None
    """The undo, redo or rollback that was cut off."""
    restored: bool = False
    """Files and branch are done, and the conversation is left."""
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    """The paid replies of what was cut off, by the digest of their prompt."""
    runs: tuple[CheckRun, ...] = ()
    """The checks of the turn that was cut off."""
    agents: Mapping[str, AgentRun] = field(default_factory=dict)
    """Its agents, by their ids."""
    compacted: Conversation | None = None
    """The conversation before the last rebuild of its prompt."""
    requests: tuple[str, ...] = ()
    """Of every turn; one that was taken again occurs once."""
    tags: tuple[str, ...] = ()
    goal: GoalProgress | None = None
    """The goal that is not over."""
    goal_taken: GoalTaken = field(default_factory=GoalTaken)
    """What it has taken; a turn that was cut off is in it."""
    skipped: tuple[str, ...] = ()
    """Kinds of records that this version cannot read, each once; they were skipped."""


class ReusableReplies:
    """Paid replies and finished checks of an interrupted turn, used once each instead of repeating them."""

    def __init__(
        self,
        replies: Mapping[str, tuple[Reply, ...]],
        runs: Sequence[CheckRun] = (),
        agents: Mapping[str, AgentRun] = MappingProxyType({}),
    ) -> None:
        self._replies = {digest: list(waiting) for digest, waiting in replies.items()}
        self._runs = list(runs)
        self._agents = dict(agents)

    def take(self, digest: str) -> Reply | None:
        """Return the reply to the prompt with this digest, or None."""
        waiting = self._replies.get(digest)
        return waiting.pop(0) if waiting else None

    def take_agent(self, agent: str, name: str, task: str) -> AgentRun | None:
        """Return how far an agent of this id had got, if it had the same task; else None."""
        run = self._agents.pop(agent, None)
        return run if run is not None and (run.name, run.task) == (name, task) else None

    def has_run(self, command: str, place: int) -> bool:
        """Whether this command was run at this place of the conversation."""
        return self._run_at(command, place) is not None

    def take_run(self, command: str, place: int, *, again: bool = False) -> CheckRun | None:
        """Return how a check at a place of the conversation ended, as long as a later reply is left; else None.

        Run anew, a check may print something else, a time for instance, and the prompt with its output
        would no longer match the one that the paid reply answers. With ``again``, also the last is returned: what
        the model has run may have done something.
        """
        run = self._run_at(command, place) if again or any(self._replies.values()) else None
        if run is not None:
            self._runs.remove(run)
        return run

    def _run_at(self, command: str, place: int) -> CheckRun | None:
        return next(
            (run for run in self._runs if run.command == command and run.place in (None, place)), None
        )

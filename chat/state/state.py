"""What one open chat consists of: its ports, and what changes while it is open, grouped by what changes together.

Each group has its own way to be changed, and journals what a resumed session needs.
"""

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.conversation.conversation import Conversation
from chat.errors import NeedsTerminal
from chat.events import Emit, Notice, NoticeLevel
from chat.hooks.hooks import Hooks
from chat.model import Mode, RepoPath
from chat.ports import Journal, JournalRecord, Model, Person, Repository, Shell
from chat.safety.masks import Masks
from chat.sessions.outputs import Outputs
from chat.sessions.records.journal_line import JournalLine
from chat.settings.table import Settings, rules_of
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.store import SnapshotStore
from chat.state.active_settings import ActiveSettings
from chat.state.conversation_writer import ConversationWriter
from chat.state.delegates import AgentLimits, Delegates
from chat.state.model_calls import ModelCalls
from chat.state.spending import Limits, Spending
from chat.state.turn_log import TurnLog
from chat.state.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a chat reaches outside itself; the same as long as it is open."""

    root: Path
    """The folder that the chat works in."""
    workspace: Workspace
    repository: Repository | None
    snapshots: SnapshotStore
    journal: Journal
    shell: Shell
    person: Person
    emit: Emit
    check_shell: Shell | None = None
    """Runs the user's lint and test commands, where that is not `shell`."""
    model_shell: Shell | None = None
    """Runs the model's commands; None where none can be run."""
    kept: KeptChanges = field(default_factory=KeptChanges)
    """The bytes of the files that turns change, before and after."""
    masks: Masks = field(default_factory=Masks)
    """What is secret here, and must be neither shown nor sent."""
    outputs: Outputs = field(default_factory=Outputs)
    """Where long outputs are kept."""
    history: Callable[[], Iterable[JournalLine]] = tuple
    """The session's journal from its first line on, that of a fork's origin included."""
    hooks: Hooks | None = None
    """The user's programs that are told of events; None where none are run."""
    agents: Delegates | None = None
    """What works for the main model; None where nothing can be handed over, as in an agent's own chat."""

    def notice(self, text: str, level: NoticeLevel = "info") -> None:
        """Tell the user something."""
        self.emit(Notice(text, level))

    def left_out(self, path: RepoPath) -> str:
        """Return why a file is not on the disk though git has it, and how to get it; "" where neither is so."""
        if self.repository is None or not self.repository.is_left_out(path):
            return ""
        return (
            "it is outside the sparse checkout, so what it holds is not on the disk; "
            f"`git sparse-checkout add {posixpath.dirname(path)}` puts it there"
        )

    def agrees(self, question: str, subject: str = "", *, warns: bool = False) -> bool:
        """Ask the user; where nobody can answer it counts as no, with a warning if ``warns``."""
        try:
            return self.person.confirm(question, subject)
        except NeedsTerminal as error:
            if warns:
                self.notice(str(error), "warning")
            return False


@dataclass(frozen=True, slots=True)
class PromptMap:
    """A map as text, and the files that it lists."""

    text: str = ""
    paths: tuple[RepoPath, ...] = ()


@dataclass(slots=True)
class PromptParts:
    """What the prompt shows beside the conversation."""

    pinned: tuple[tuple[str, str], ...] = ()
    """Title and text of what every prompt says word for word: instructions, notes."""
    request_map: PromptMap | None = None
    """The map of the last call; None where the next call needs a new one."""
    map_files: tuple[RepoPath, ...] = ()
    """The files of the chat when that map was made."""

    def pin(self, texts: tuple[tuple[str, str], ...]) -> None:
        """Show these texts in every prompt, instead of those before."""
        self.pinned = texts

    def keep_map(self, request_map: PromptMap, chat_paths: tuple[RepoPath, ...]) -> PromptMap:
        """Keep the map of a call, in case it is to stay for the next; return it."""
        self.request_map, self.map_files = request_map, chat_paths
        return request_map

    def forget_map(self) -> None:
        """Have the next call make a new map."""
        self.request_map = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One open chat; its parts change, the chat keeps the same parts."""

    ports: Ports
    active: ActiveSettings
    writer: ConversationWriter
    turns: TurnLog
    spending: Spending
    calls: ModelCalls
    prompt: PromptParts = field(default_factory=PromptParts)
    agent: AgentLimits | None = None
    """Whose chat it is, if not the user's."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.active.settings

    @property
    def model(self) -> Model:
        """The models in force."""
        return self.active.model

    @property
    def may_edit(self) -> bool:
        """Whether a turn may change files: neither in ask mode, nor where the mode of permission is to plan."""
        if self.agent is not None and not self.agent.edits:
            return False
        return self.conversation.mode is not Mode.ASK and self.settings.permission_mode != "plan"

    @property
    def only_looks(self) -> bool:
        """Whether commands of the model's may only look: in a turn that changes nothing, unless they are its task."""
        return not self.may_edit and not (self.agent is not None and self.agent.runs)

    @property
    def may_run_commands(self) -> bool:
        """Whether a command of the model's could be run: a rule, the mode or a person may allow one."""
        rules, mode = rules_of(self.settings), self.settings.permission_mode
        if self.agent is not None and not self.agent.runs:
            return False
        if self.ports.model_shell is None or any(not rule.pattern for rule in rules.of("deny", "Bash")):
            return False
        if mode in ("default", "acceptEdits") and self.ports.person.is_there:
            return True
        return bool(rules.of("allow", "Bash")) or mode in ("plan", "bypassPermissions")

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is now."""
        return self.writer.conversation

    def draft(self) -> "State":
        """Return a copy whose conversation and prompt can be changed without anybody noticing."""
        return replace(
            self,
            ports=replace(self.ports, journal=_NoJournal(), emit=lambda _event: None),
            writer=ConversationWriter(_NoJournal(), self.conversation),
            prompt=replace(self.prompt),
        )


class _NoJournal:
    """The journal of a draft, which nobody will resume."""

    session_id = ""

    def write(self, record: JournalRecord) -> int:  # noqa: ARG002
        """Write nothing."""
        return 0

    def close(self) -> None:
        """Do nothing."""


def open_state(ports: Ports, settings: Settings, model: Model, conversation: Conversation) -> State:
    """Put the state of a chat together that has not taken a turn yet."""
    active = ActiveSettings(settings, model)
    spending = Spending(
        Limits.of(settings),
        active.price,
        lambda text: ports.notice(text, "warning"),
    )
    return State(
        ports=ports,
        active=active,
        writer=ConversationWriter(ports.journal, conversation),
        turns=TurnLog(ports.journal),
        spending=spending,
        calls=ModelCalls(active, spending, ports.journal, ports.emit, ports.masks),
    )

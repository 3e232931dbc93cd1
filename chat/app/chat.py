"""[io] An open chat: it takes turns, and its parts do everything else that a user can ask for.

A part is named for its subject (`chat.files`, `chat.changes`, ...) and works on the same `State`.
`open.py` puts the real ports together.
"""

import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chat.app.agents import Agents
from chat.app.configuration import Configuration
from chat.app.conversation_actions import ConversationActions
from chat.app.index_view import IndexView
from chat.app.permissions import Permissions
from chat.app.programs import Programs, RunGit
from chat.conversation.prompt_texts import command_text
from chat.errors import Paused, PromptTooLarge
from chat.events import Emit, Notice
from chat.goals.goals import Goals
from chat.model import Mode, ModelRole, Usage
from chat.ports import Model, Person, Shell
from chat.prompt.chat_files import ChatFiles
from chat.prompt.compactor import Compactor
from chat.prompt.preview import PromptPreview
from chat.recovery.changes import Changes
from chat.results import TurnResult
from chat.safety.masks import Masks
from chat.sessions.records.session import SessionEnd
from chat.settings.table import Settings
from chat.state.delegates import AgentTask
from chat.state.hook_calls import prompt_submitted, prompt_waits, session_ended
from chat.state.state import State
from chat.turn.notes import Notes
from repomap import escaped_text, hides_something

_TURN_MODULES = ("chat.prompt.compaction", "chat.turn.turn")
"""Imported when a turn needs them, since they are slow to load."""
_NOT_OFFERED = (
    "The model proposes a command with characters that are not seen as what they are, so it is not offered: "
    "{command}"
)


class Chat:
    """An open chat."""

    def __init__(
        self,
        state: State,
        *,
        files: ChatFiles,
        changes: Changes,
        configuration: Configuration,
        notes: Notes,
        run_git: RunGit,
        goals: Goals | None = None,
        unfinished: str = "",
        prune_snapshots: Callable[[], None] = lambda: None,
    ) -> None:
        self.state = state
        self.files = files
        self.changes = changes
        self.configuration = configuration
        self.notes = notes
        self.goals = goals or Goals(state)
        self.unfinished = unfinished
        """The request of a turn that was cut off, to be taken again."""
        self.index = IndexView(state)
        self.prompt = PromptPreview(state)
        self.programs = Programs(state, files, run_git)
        self.permissions = Permissions(state)
        self.agents = Agents(state)
        self._compactor = Compactor(state)
        self.conversation = ConversationActions(state, self._compactor)
        self._prune_snapshots = prune_snapshots

    # What is open

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.state.settings

    @property
    def mode(self) -> Mode:
        """What a turn may do."""
        return self.state.conversation.mode

    @property
    def root(self) -> Path:
        """The folder that the chat works in."""
        return self.state.ports.root

    @property
    def model(self) -> Model:
        """The configured models."""
        return self.state.model

    @property
    def person(self) -> Person:
        """Whoever answers questions."""
        return self.state.ports.person

    @property
    def emit(self) -> Emit:
        """Where events go."""
        return self.state.ports.emit

    @property
    def masks(self) -> Masks:
        """What is secret, for whoever shows something that is no event."""
        return self.state.ports.masks

    @property
    def shell(self) -> Shell:
        """What runs commands."""
        return self.state.ports.shell

    @property
    def session_id(self) -> str:
        """The id that `--resume` takes; empty where the session is not kept."""
        return self.state.ports.journal.session_id

    def branch(self) -> str:
        """Return the git branch; "" without git."""
        return self.state.ports.repository.branch() if self.state.ports.repository else ""

    def usage(self) -> Mapping[ModelRole, Usage]:
        """Return what calls have taken so far, by role."""
        return dict(self.state.spending.by_role)

    # Its life

    def warm_up(self) -> None:
        """Load what the first turn needs: index and models in the background, then the modules of a turn."""
        self.state.model.load_in_background()
        self.state.ports.workspace.warm_up()
        for module in _TURN_MODULES:
            importlib.import_module(module)

    def warm_up_beside(self) -> None:
        """Do so in a thread; the turn reports any error."""

        def load() -> None:
            with suppress(Exception):
                self.warm_up()

        threading.Thread(target=load, name="warm up", daemon=True).start()

    def take_turn(self, request: str, mode: Mode | None = None, *, names_files: bool = False) -> TurnResult:
        """Carry one request through; ``mode`` is for this turn only.

        With ``names_files``, paths in a reply are its answer, and not files that the model wants to see.

        Raises ChatError and KeyboardInterrupt, which leave the conversation as it was.
        """
        if (result := self._take_unfinished(request)) is not None:
            return result
        usual_mode = self.mode
        self.configuration.choose_mode(mode or usual_mode)
        try:
            return self._take_turn(request, names_files=names_files)
        finally:
            self.configuration.choose_mode(usual_mode)

    def delegate(self, request: str, task: AgentTask) -> TurnResult:
        """Have an agent do a task, as a turn in which the main model is not asked; ``request`` is what was typed.

        Raises what `take_turn` does.
        """
        result = self._take_unfinished(request)
        return self._take_turn(request, task=task) if result is None else result

    def _take_unfinished(self, request: str) -> TurnResult | None:
        """Take the turn again that was cut off, if there is one; return what came of it if it is this very request."""
        unfinished, self.unfinished = self.unfinished, ""
        if not unfinished:
            return None
        try:
            result = self._take_turn(unfinished, task=self.agents.task_in(unfinished))
        except Paused:
            self.unfinished = unfinished
            raise
        return result if unfinished == request else None

    def _take_turn(
        self, request: str, *, names_files: bool = False, task: AgentTask | None = None
    ) -> TurnResult:
        from chat.turn.turn import take_delegated_turn, take_turn

        state = self.state
        context = prompt_submitted(state, request)
        self._compactor.shorten(request)
        try:
            if task is not None:
                return take_delegated_turn(state, request, task, context)
            result = take_turn(state, request, names_files=names_files, context=context)
        except PromptTooLarge:
            if not state.conversation.entries:
                raise
            self._compactor.rebuild()
            result = take_turn(state, request, names_files=names_files, context=context)
        finally:
            state.calls.forget_reusable()
        self._offer(result.commands)
        return result

    def _offer(self, commands: Sequence[str]) -> None:
        """Run those commands of a reply that the person at the terminal agrees to, and can see as they are."""
        if not self.settings.suggest_shell_commands:
            return
        for command in commands:
            if hides_something(command):
                self.emit(Notice(_NOT_OFFERED.format(command=escaped_text(command)), "warning"))
            elif self.person.offer(command):
                ran = self.programs.run(command)
                self.conversation.tell_model(command_text(ran.command, ran.exit_code, ran.output))

    def tell_idle(self) -> None:
        """Tell hooks that the prompt has waited for a while; may be called from any thread."""
        prompt_waits(self.state)

    def close(self, reason: str = "other") -> None:
        """End the chat; prune old snapshots if it has changed files. Hooks are told the reason."""
        with suppress(Exception):
            session_ended(self.state, reason)
        if self.state.turns.done:
            self._prune_snapshots()
        with suppress(Exception):
            self.state.ports.journal.write(SessionEnd())
        self.state.ports.journal.close()

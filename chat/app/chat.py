"""[io] One chat held open, as commands, the REPL and one shot drive it.

A thin face over `State`: each method is one thing that a user can ask for. `opening.py` puts the
real ports together.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

from chat.conversation.context_requests import PathTable, read_context_requests
from chat.conversation.conversation import Conversation
from chat.errors import GitError, InputError, NothingToUndo, Paused, PromptTooLarge, UsageError
from chat.events import Committed, Emit
from chat.model import Mode, ModelRole, RepoPath, Usage
from chat.ports import Model, Person, Ran, Repository, Shell
from chat.prompt import chat_files
from chat.prompt import preview as next_prompt
from chat.prompt.preview import renew_rules
from chat.prompt.rebuilding import Rebuilding
from chat.recovery.rewinding import Rewinding
from chat.results import ChatFile, CheckpointRow, Proposal, TokenPart, TurnResult
from chat.sessions.memory import Memory
from chat.settings.kinds import Value
from chat.settings.names import row_for
from chat.settings.row import Group
from chat.settings.table import Settings, changed
from chat.state.state import State, prompt_tokens
from chat.turn import checks
from chat.turn.notes import propose

_IN_RULES = frozenset(("edit-format", "chat-language"))
"""Settings that the rules in the prompt tell the model of."""


class Desk:
    """One chat."""

    def __init__(
        self,
        state: State,
        rewinding: Rewinding,
        open_model: Callable[[Settings], Model],
        memory: Memory,
        *,
        below: RepoPath = "",
        unfinished: str = "",
        tidy: Callable[[], None] = lambda: None,
    ) -> None:
        self.state = state
        self.rewinding = rewinding
        self.unfinished = unfinished
        """The request of a turn that was cut off, to be taken again."""
        self._open_model = open_model
        self._memory = memory
        self._below = below
        self._tidy = tidy
        self._rebuilding = Rebuilding(state)

    # What is open

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.state.settings

    @property
    def mode(self) -> Mode:
        """What a turn may do."""
        return self.state.conversation.mode

    @property
    def root(self) -> Path:
        """The folder that the chat works in."""
        return self.state.root

    @property
    def model(self) -> Model:
        """The configured models."""
        return self.state.model

    @property
    def repository(self) -> Repository | None:
        """The git repository around the root, if there is one."""
        return self.state.repository

    @property
    def person(self) -> Person:
        """Who can answer questions."""
        return self.state.person

    @property
    def emit(self) -> Emit:
        """Where events go."""
        return self.state.emit

    @property
    def shell(self) -> Shell:
        """What runs commands."""
        return self.state.shell

    @property
    def session_id(self) -> str:
        """The id that `--resume` takes; empty where the session is not kept."""
        return self.state.journal.session_id

    def branch(self) -> str:
        """The git branch; empty without git."""
        return self.state.repository.branch() if self.state.repository else ""

    def warm_up(self) -> None:
        """Loads the index, what calls models and what takes turns, in the background."""
        self.state.model.load_in_background()
        self.state.workspace.warm_up()
        import chat.prompt.compaction
        import chat.turn.turn  # noqa: F401

    # Turns

    def take_turn(self, request: str, mode: Mode | None = None) -> TurnResult:
        """Carries one request through, in another mode than the chat's where one is given.

        Raises ChatError and KeyboardInterrupt, which leave the conversation as it was.
        """
        again, self.unfinished = self.unfinished, ""
        if again:
            try:
                result = self._take_turn(again)
            except Paused:
                self.unfinished = again
                raise
            if again == request:
                return result
        usual = self.mode
        self.set_mode(mode or usual)
        try:
            return self._take_turn(request)
        finally:
            self.set_mode(usual)

    def _take_turn(self, request: str) -> TurnResult:
        from chat.turn.turn import take_turn

        state = self.state
        self._rebuilding.shorten(request)
        try:
            result = take_turn(state, request)
        except PromptTooLarge:
            if not state.conversation.entries:
                raise
            self._rebuilding.rebuild()
            result = take_turn(state, request)
        finally:
            state.recorded = None
        self._offer(result.commands)
        return result

    def _offer(self, commands: Sequence[str]) -> None:
        """Commands that the reply proposes are run if the person at the terminal says so."""
        if not self.settings.suggest_shell_commands:
            return
        for command in commands:
            if self.person.offer(command):
                ran = self.run(command)
                self.say_to_model(f"I ran `{ran.command}`: exit code {ran.exit_code}.\n\n{ran.output}")

    # Files

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[RepoPath, ...]:
        """Takes files into the chat; gives the new ones. Raises InputError; then none was added."""
        return chat_files.add(self.state, patterns, self._below, read_only=read_only)

    def drop(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Takes files out of the chat; gives them."""
        return chat_files.drop(self.state, patterns)

    def files(self) -> tuple[ChatFile, ...]:
        """The files of the chat, in the order in which they came."""
        return chat_files.listed(self.state)

    def paths(self) -> tuple[RepoPath, ...]:
        """The files of the repository; empty until the index is there."""
        return self.state.workspace.paths() if self.state.workspace.is_ready() else ()

    def symbols(self) -> tuple[str, ...]:
        """The names that the index knows; empty until it is there."""
        return self.state.workspace.symbols() if self.state.workspace.is_ready() else ()

    # The prompt

    def map(self, refresh: bool = False) -> str:
        """The map that the next prompt would show; ``refresh`` looks at the disk and makes it anew."""
        return next_prompt.map_text(self.state, refresh=refresh)

    def prompt_text(self, request: str) -> str:
        """The prompt that a request would send, as text."""
        return next_prompt.prompt_text(self.state, request)

    def tokens(self) -> tuple[TokenPart, ...]:
        """The parts of the next prompt; the last is the ceiling."""
        return next_prompt.parts(self.state)

    def context_use(self) -> float:
        """How much of the ceiling the conversation fills, 0 to 1."""
        return next_prompt.share_used(self.state)

    def usage(self) -> Mapping[ModelRole, Usage]:
        """What calls took so far, by role."""
        return dict(self.state.spent)

    def lookup(self, line: str) -> str:
        """The answer to `map: …`, `find: …`, `refs: …`, `show: …` or `past: …`, as the model gets it."""
        from chat.turn.granting import answer_to

        lookups = read_context_requests(line, PathTable(())).lookups
        if not lookups:
            raise InputError(f"{line}: write map:, find:, refs:, show: or past: and what to look for.")
        return answer_to(self.state, lookups[0])

    # The conversation

    def clear(self) -> None:
        """Forgets the conversation; the files of the user stay."""
        conversation = self.state.conversation
        kept = tuple(replace(seen, digest="", tokens=0) for seen in conversation.files if seen.by_user)
        self.state.put(Conversation(files=kept, turn=conversation.turn, mode=conversation.mode))

    def reset(self) -> None:
        """Forgets the conversation and the files."""
        self.state.put(Conversation(turn=self.state.conversation.turn, mode=self.mode))

    def compact(self, focus: str = "") -> str:
        """Rebuilds the prompt with a summary of what is past; gives the summary."""
        return self._rebuilding.compact(focus)

    def uncompact(self) -> str:
        """Takes the last rebuild back; the next is made only when nothing more fits. Raises NothingToUndo."""
        return self._rebuilding.uncompact()

    def focus(self, what: str) -> str:
        """Begins an exploration: what follows leaves the prompt when it is done."""
        self.state.put(self.state.conversation.with_exploration(what))
        return f"Looking into: {what}. /done CONCLUSION ends it and keeps the conclusion alone."

    def done(self, conclusion: str) -> str:
        """Ends an exploration. Raises NothingToUndo where none is under way."""
        conversation = self.state.conversation
        if conversation.exploration is None:
            raise NothingToUndo("nothing is looked into; /focus WHAT begins it.")
        before = prompt_tokens(conversation.prompt())
        self.state.put(conversation.with_conclusion(conclusion))
        saved = before - prompt_tokens(self.state.conversation.prompt())
        return f"The exploration left the prompt ({saved:,} tokens); its conclusion stays."

    def say_to_model(self, text: str) -> None:
        """What the model is told with the next request; long output is cut to what matters."""
        self.state.put(self.state.conversation.with_note(checks.offloaded(self.state, text)))

    def set_mode(self, mode: Mode) -> None:
        """What turns may do from now on."""
        if mode is not self.mode:
            self.state.put(replace(self.state.conversation, mode=mode))
            renew_rules(self.state)

    # Settings

    def set_model(self, role: ModelRole, name: str) -> None:
        """Which model calls of a role go to. Raises ModelError, and the models stay as they are."""
        row = {ModelRole.MAIN: "model", ModelRole.WEAK: "weak-model", ModelRole.EDITOR: "editor-model"}[role]
        self.configure(row, name)

    def configure(self, name: str, value: object) -> None:
        """Changes a setting, by its name, for the rest of the chat. Raises UsageError for a name that none has."""
        row = row_for(name)
        if row is None:
            raise UsageError(f"{name!r} is no setting, so nothing was changed; /settings lists all of them.")
        state = self.state
        settings = changed(self.settings, {row.name: cast("Value", value)}, "typed")
        if row.group is Group.MODEL:
            state.model = self._open_model(settings)
            state.model.load_in_background()
        state.settings = settings
        state.limits.change(
            settings.max_turns,
            settings.max_budget_usd,
            settings.max_tokens_total,
            settings.max_seconds,
            state.model.price,
        )
        if row.name in _IN_RULES:
            renew_rules(self.state)

    def models(self, part: str = "") -> tuple[str, ...]:
        """The models that are known and whose names hold this."""
        from chat.app.open import known_models

        return known_models(part)

    # Git and commands

    def commit(self, message: str = "") -> Committed | None:
        """Commits the user's own changes; None where there are none. Raises GitError."""
        from chat.turn.commits import commit_by_user

        repository = self.state.repository
        if repository is None:
            raise GitError("this folder is in no git repository, so nothing was committed.")
        dirty = repository.changes()
        return commit_by_user(self.state, repository, dirty, message) if dirty else None

    def diff(self) -> str:
        """What has changed since before the last turn that changed something, else since HEAD."""
        return self.rewinding.diff()

    def run(self, command: str) -> Ran:
        """Runs a command that the user typed, journals it and tells it."""
        return checks.run(self.state, command, "run")

    def test(self) -> Ran:
        """Runs the test command. Raises InputError where there is none."""
        if not self.settings.test_cmd:
            raise InputError(
                "no test command is set; give one with --test-cmd or /settings test-cmd COMMAND."
            )
        return checks.run_tests(self.state)

    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        """Runs the lint commands on these files, by default those of the chat."""
        return checks.lint(self.state, chat_files.named(self.state, patterns))

    def undo(self) -> str:
        """Takes the last turn back, its files and its messages. Raises NothingToUndo."""
        return self.rewinding.undo()

    def redo(self) -> str:
        """Brings back what was undone last. Raises NothingToUndo."""
        return self.rewinding.redo()

    def rollback(self, number: int, what: Literal["files", "conversation", "both"]) -> str:
        """Goes back to before a turn. Raises NothingToUndo."""
        return self.rewinding.rollback(number, what)

    def checkpoints_list(self) -> Sequence[CheckpointRow]:
        """The turns that can be gone back to, newest first."""
        return self.rewinding.rows()

    # Memory and sessions

    def remember(self, text: str) -> str:
        """Keeps a note for later sessions; it is pinned in this one too."""
        told = self._memory.add(text)
        self.state.pinned = self._memory.pinned_into(self.state.pinned)
        renew_rules(self.state)
        return told

    def memory(self) -> str:
        """The notes that are kept."""
        return self._memory.shown()

    def propose_notes(self) -> tuple[Proposal, ...]:
        """What of this session could be kept, with the words that say so; asks the weak model once."""
        return propose(self.state, self._memory.text())

    def offload(self, text: str) -> str:
        """A text as a prompt holds it: where it is long, its head, errors and tail, and where the rest is."""
        return checks.offloaded(self.state, text)

    def sessions(self) -> str:
        """The sessions of this folder, newest first."""
        from chat.sessions.recent import listed

        return listed(self.root)

    def close(self) -> None:
        """Ends the chat. Where it changed files, old snapshots go."""
        if self.state.turns:
            self._tidy()
        with suppress(Exception):
            self.state.journal.write("end", {})
        self.state.journal.close()

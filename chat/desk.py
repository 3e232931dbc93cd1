"""[io] One chat held open, as commands, the REPL and one shot drive it.

A thin face over `State`: each method is one thing that a user can ask for. `opening.py` puts the
real ports together.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from chat import checks, context
from chat.asks import PathTable, read_asks
from chat.errors import GitError, InputError, NothingToUndo, Paused, PromptTooLarge, UsageError
from chat.memory import Memory
from chat.model import Committed, Emit, Message, Mode, ModelRole, RepoPath, Shown, Usage
from chat.notes import Proposal, propose
from chat.ports import Model, Person, Ran, Repository, Shell
from chat.rewinding import CheckpointRow, Rewinding
from chat.selection import is_named, select
from chat.settings import Group, Settings, changed, row_for
from chat.state import State, prompt_tokens
from chat.talk import Seen, Span, Talk
from chat.values import Value
from chat.workspace import IMAGES, count

if TYPE_CHECKING:
    from chat.turn import TurnResult


_IN_RULES = frozenset(("edit-format", "chat-language"))
"""Settings that the rules in the prompt tell the model of."""


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file of the chat, as `/ls` lists it."""

    path: RepoPath
    read_only: bool
    tokens: int
    """Of what the prompt shows of it; 0 where it enters with the next request."""
    part: bool
    """Only some of its lines are shown."""


@dataclass(frozen=True, slots=True)
class TokenPart:
    """A part of the prompt, as `/tokens` lists it."""

    name: str
    tokens: int
    usd: float | None
    """What sending it once costs, uncached."""


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
        self._rebuilt_turn = -1
        self._uncompacted = False

    # What is open

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.state.settings

    @property
    def mode(self) -> Mode:
        """What a turn may do."""
        return self.state.talk.mode

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
        import chat.compaction
        import chat.turn  # noqa: F401

    # Turns

    def take_turn(self, request: str, mode: Mode | None = None) -> "TurnResult":
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

    def _take_turn(self, request: str) -> "TurnResult":
        from chat.compaction import is_due, trim
        from chat.turn import take_turn

        state = self.state
        self._prepare()
        trim(state, request)
        if is_due(state) and self._rebuilt_turn != state.talk.turn and not self._uncompacted:
            self._rebuild()
        try:
            result = take_turn(state, request)
        except PromptTooLarge:
            if not state.talk.entries:
                raise
            self._rebuild()
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

    def _rebuild(self) -> None:
        """The prompt is made anew. Raises Paused where the user wants to look at that."""
        summary = self.compact()
        if self.settings.pause_after_compaction:
            self.emit(Shown(summary))
            raise Paused(
                "The prompt was rebuilt, and the request was not sent yet (--pause-after-compaction). Send it again "
                "to go on; /uncompact takes the rebuild back."
            )

    def _prepare(self) -> None:
        """The base of the prompt stands."""
        state = self.state
        if not state.talk.base:
            state.put(replace(state.talk, base=context.base(state, stable_map=self._goes_on())))

    def _goes_on(self) -> bool:
        """Whether more than one request is to be expected, for which a stable map pays."""
        settings = self.settings
        one_shot = bool(settings.message or settings.print or settings.message_file)
        return not one_shot or settings.continue_session or bool(settings.resume)

    # Files

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[RepoPath, ...]:
        """Takes files into the chat: paths, folders, globs, `path:from-to`; gives the new ones.

        Raises InputError; then none was added.
        """
        talk = self.state.talk
        files: dict[RepoPath, Seen] = {}
        for pattern in patterns:
            for path, span in self._selected(pattern):
                if path.lower().endswith(tuple(IMAGES)):
                    raise InputError(f"{path}: the model cannot be shown images here; nothing was added.")
                known = talk.file(path)
                if known is None or known.read_only != read_only or span:
                    files[path] = Seen(path, "", 0, talk.turn, (span,) if span else (), read_only, True)
        self.state.put(talk.see(files.values()))
        return tuple(files)

    def _selected(self, pattern: str) -> tuple[tuple[RepoPath, Span | None], ...]:
        """What a pattern means: relative to the folder that the chat was started in, else to the root."""
        workspace = self.state.workspace
        here = f"{self._below}/{pattern}" if self._below and not os.path.isabs(pattern) else pattern
        for name in dict.fromkeys((here, pattern)):
            if workspace.is_file(name):
                return select(name, self.root, (), PathTable(()), workspace.is_file)
        paths, table = workspace.paths(), workspace.table()
        if here != pattern:
            with suppress(InputError):
                return select(here, self.root, paths, table, workspace.is_file)
        return select(pattern, self.root, paths, table, workspace.is_file)

    def drop(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Takes files out of the chat; gives them."""
        talk = self.state.talk
        gone = [seen for seen in talk.seen if any(is_named(seen.path, pattern) for pattern in patterns)]
        talk = talk.forget(seen.path for seen in gone)
        shown = [seen.path for seen in gone if seen.digest]
        if shown:
            talk = talk.note(f"({', '.join(shown)}: no longer in the chat; do not edit.)")
        self.state.put(talk)
        return tuple(seen.path for seen in gone)

    def files(self) -> tuple[ChatFile, ...]:
        """The files of the chat, in the order in which they came."""
        return tuple(
            ChatFile(seen.path, seen.read_only, seen.tokens, bool(seen.spans))
            for seen in self.state.talk.seen
        )

    def paths(self) -> tuple[RepoPath, ...]:
        """The files of the repository; empty until the index is there."""
        return self.state.workspace.paths() if self.state.workspace.is_ready() else ()

    def symbols(self) -> tuple[str, ...]:
        """The names that the index knows; empty until it is there."""
        return self.state.workspace.symbols() if self.state.workspace.is_ready() else ()

    # The prompt

    def map(self, refresh: bool = False) -> str:
        """The map that the next prompt would show; ``refresh`` looks at the disk and makes it anew."""
        if refresh:
            self.state.workspace.ask(lambda index: index.refresh())
            self.state.put(replace(self.state.talk, base=()))
        return context.focus(self.state, "").text.partition("\n")[2]

    def prompt_text(self, request: str) -> str:
        """The prompt that a request would send, as text."""
        self._prepare()
        messages = [*self.state.talk.prompt().messages, Message("user", request)]
        shown = [f"# {message.role.upper()}\n{message.text}" for message in messages]
        return "\n\n".join([*shown, context.focus(self.state, request).text])

    def tokens(self) -> tuple[TokenPart, ...]:
        """The parts of the next prompt; the last is the ceiling."""
        state = self.state
        self._prepare()
        base = sum(count(message.text) for message in state.talk.base)
        files = sum(seen.tokens for seen in state.talk.seen)
        said = prompt_tokens(state.talk.prompt()) - base
        parts = (
            ("rules and pinned facts", base - context.stable_tokens(state)),
            ("map, at most", context.map_budget(state)),
            ("files", files),
            ("conversation", max(0, said - files)),
            ("ceiling", context.ceiling(state)),
        )
        price = state.model.price(ModelRole.MAIN)
        return tuple(
            TokenPart(name, size, size * price.prompt_usd if price else None) for name, size in parts
        )

    def context_use(self) -> float:
        """How much of the ceiling the conversation fills, 0 to 1."""
        return prompt_tokens(self.state.talk.prompt()) / max(1, context.ceiling(self.state))

    def usage(self) -> Mapping[ModelRole, Usage]:
        """What calls took so far, by role."""
        return dict(self.state.spent)

    def lookup(self, line: str) -> str:
        """The answer to `map: …`, `find: …`, `refs: …`, `show: …` or `past: …`, as the model gets it."""
        from chat.granting import answer_to

        lookups = read_asks(line, PathTable(())).lookups
        if not lookups:
            raise InputError(f"{line}: write map:, find:, refs:, show: or past: and what to look for.")
        return answer_to(self.state, lookups[0])

    # The conversation

    def clear(self) -> None:
        """Forgets the conversation; the files of the user stay."""
        talk = self.state.talk
        kept = tuple(replace(seen, digest="", tokens=0) for seen in talk.seen if seen.by_user)
        self.state.put(Talk(seen=kept, turn=talk.turn, mode=talk.mode))

    def reset(self) -> None:
        """Forgets the conversation and the files."""
        self.state.put(Talk(turn=self.state.talk.turn, mode=self.mode))

    def compact(self, focus: str = "") -> str:
        """Rebuilds the prompt with a summary of what is past; gives the summary."""
        from chat.compaction import compact

        self._prepare()
        summary = compact(self.state, focus)
        self._rebuilt_turn, self._uncompacted = self.state.talk.turn, False
        return summary

    def uncompact(self) -> str:
        """Takes the last rebuild back; the next is then made only when nothing more fits. Raises NothingToUndo."""
        state = self.state
        if state.compacted is None:
            raise NothingToUndo("the prompt has not been rebuilt, so there is nothing to take back.")
        since = [entry for entry in state.talk.entries if entry.turn > state.compacted.turn]
        restored = replace(state.compacted, entries=(*state.compacted.entries, *since), turn=state.talk.turn)
        state.put(replace(restored, notes=state.talk.notes, mode=state.talk.mode))
        state.compacted = None
        self._uncompacted = True
        return f"The prompt is as it was before its rebuild: {prompt_tokens(state.talk.prompt()):,} tokens."

    def focus(self, what: str) -> str:
        """Begins an exploration: what follows leaves the prompt when it is done."""
        self.state.put(self.state.talk.explore(what))
        return f"Looking into: {what}. /done CONCLUSION ends it and keeps the conclusion alone."

    def done(self, conclusion: str) -> str:
        """Ends an exploration. Raises NothingToUndo where none is under way."""
        talk = self.state.talk
        if talk.exploring is None:
            raise NothingToUndo("nothing is looked into; /focus WHAT begins it.")
        before = prompt_tokens(talk.prompt())
        self.state.put(talk.conclude(conclusion))
        saved = before - prompt_tokens(self.state.talk.prompt())
        return f"The exploration left the prompt ({saved:,} tokens); its conclusion stays."

    def say_to_model(self, text: str) -> None:
        """What the model is told with the next request; long output is cut to what matters."""
        self.state.put(self.state.talk.note(checks.offloaded(self.state, text)))

    def set_mode(self, mode: Mode) -> None:
        """What turns may do from now on."""
        if mode is not self.mode:
            self.state.put(replace(self.state.talk, mode=mode))
            self._new_base()

    def _new_base(self) -> None:
        """The rules are written anew; what an earlier rebuild left behind them stays."""
        talk = self.state.talk
        if talk.base:
            first = context.base(self.state, stable_map=self._goes_on())
            self.state.put(replace(talk, base=(*first, *talk.base[1:])))

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
            self._new_base()

    def models(self, part: str = "") -> tuple[str, ...]:
        """The models that are known and whose names hold this."""
        from chat.opening import known_models

        return known_models(part)

    # Git and commands

    def commit(self, message: str = "") -> Committed | None:
        """Commits the user's own changes; None where there are none. Raises GitError."""
        from chat.commits import commit_by_user

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
        inside = self.state.talk.editable
        files = (
            [path for path in inside if any(is_named(path, each) for each in patterns)]
            if patterns
            else inside
        )
        return checks.lint(self.state, files)

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
        self._new_base()
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
        from chat.listing import listed

        return listed(self.root)

    def close(self) -> None:
        """Ends the chat. Where it changed files, old snapshots go."""
        if self.state.turns:
            self._tidy()
        with suppress(Exception):
            self.state.journal.write("end", {})
        self.state.journal.close()

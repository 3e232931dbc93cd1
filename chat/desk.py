"""[io] One chat held open, as commands, the REPL and one shot drive it.

A thin face over `State`: each method is one thing that a user can ask for. `opening.py` puts the
real ports together.
"""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chat import context
from chat.checks import run, run_tests
from chat.commits import commit_by_user
from chat.compaction import compact, is_due
from chat.errors import GitError, InputError, NothingToUndo, PromptTooLarge
from chat.model import Committed, Message, Mode, ModelRole, RepoPath, Usage
from chat.ports import Model, Ran
from chat.settings import Settings, changed
from chat.state import State, prompt_tokens
from chat.talk import Seen, Span, Talk
from chat.turn import TurnResult, take_turn
from chat.workspace import IMAGES, count

_GLOB = frozenset("*?[")


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

    def __init__(self, state: State, open_model: Callable[[Settings], Model]) -> None:
        self.state = state
        self._open_model = open_model

    # What the REPL shows

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

    def branch(self) -> str:
        """The git branch, or "" without git."""
        return self.state.repository.branch() if self.state.repository else ""

    def warm_up(self) -> None:
        """Loads the index in the background."""
        self.state.workspace.warm_up()

    # Turns

    def take_turn(self, request: str, mode: Mode | None = None) -> TurnResult:
        """Carries one request through; in another mode than the chat's where one is given.

        Raises ChatError and KeyboardInterrupt, which leave the conversation as it was.
        """
        state, usual = self.state, self.state.talk.mode
        self._prepare()
        if mode is not None and mode is not usual:
            self.set_mode(mode)
        try:
            return self._fitting_turn(request)
        finally:
            if mode is not None and mode is not usual:
                self.set_mode(usual)
            state.journal.write("usage", {"calls": state.usage.calls})

    def _fitting_turn(self, request: str) -> TurnResult:
        try:
            return take_turn(self.state, request)
        except PromptTooLarge:
            if not self.state.talk.entries:
                raise
            self.state.notice("The prompt does not fit any more, so it is rebuilt.")
            compact(self.state)
            return take_turn(self.state, request)

    def _prepare(self) -> None:
        """The base of the prompt stands, and the prompt is rebuilt where it has grown too long."""
        state = self.state
        if not state.talk.base:
            state.put(replace(state.talk, base=context.base(state, stable_map=self._keeps_going())))
        elif is_due(state):
            compact(state)

    def _keeps_going(self) -> bool:
        """Whether more than one request is to be expected, for which a stable map pays."""
        settings = self.settings
        one_shot = bool(settings.message or settings.print or settings.message_file)
        return not one_shot or settings.continue_session or bool(settings.resume)

    # Files

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[RepoPath, ...]:
        """Takes files into the chat: paths, folders, globs, `path:from-to`. Raises InputError."""
        found = [each for pattern in patterns for each in self._matching(pattern)]
        files = []
        for path, span in found:
            if path.lower().endswith(tuple(IMAGES)):
                raise InputError(f"{path}: images cannot be shown to the model here; nothing was added.")
            files.append(Seen(path, "", 0, self.state.talk.turn, (span,) if span else (), read_only, True))
        known = {seen.path for seen in self.state.talk.seen if seen.read_only == read_only}
        self.state.put(self.state.talk.see(file for file in files if file.path not in known or file.spans))
        return tuple(dict.fromkeys(path for path, _ in found))

    def _matching(self, pattern: str) -> list[tuple[RepoPath, Span | None]]:
        name, span = _split_span(pattern)
        name = self._relative(name)
        paths = self.state.workspace.paths()
        if self.state.workspace.read(name) is not None:
            return [(name, span)]
        folder = name.rstrip("/") + "/"
        below = [path for path in paths if path.startswith(folder) or name in ("", ".")]
        globbed = [path for path in paths if _GLOB & set(name) and fnmatch.fnmatchcase(path, name)]
        one = self.state.workspace.table().find(name)
        found = below or globbed or ([one] if one else [])
        if not found:
            raise InputError(f"{pattern}: no such file in {self.root}; nothing was added.")
        return [(path, span if len(found) == 1 else None) for path in found]

    def _relative(self, name: str) -> str:
        import os

        path = os.path.expanduser(name)
        if os.path.isabs(path):
            path = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        path = os.path.normpath(path).replace(os.sep, "/")
        if path.startswith("../") or path == "..":
            raise InputError(f"{name}: lies outside {self.root}; nothing was added.")
        return path

    def drop(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Takes files out of the chat; without a pattern all of them. Raises InputError."""
        inside = [seen.path for seen in self.state.talk.seen]
        gone = [path for path in inside if not patterns or any(_names(each, path) for each in patterns)]
        if patterns and not gone:
            raise InputError(f"{', '.join(patterns)}: not in the chat; nothing was dropped.")
        talk = self.state.talk.forget(gone)
        shown = [path for path in gone if self.state.talk.file(path).digest]  # type: ignore[union-attr]
        if shown:
            talk = talk.note(f"({', '.join(shown)}: no longer in the chat.)")
        self.state.put(talk)
        return tuple(gone)

    def files(self) -> tuple[ChatFile, ...]:
        """The files of the chat, in the order in which they came."""
        return tuple(
            ChatFile(seen.path, seen.read_only, seen.tokens, bool(seen.spans))
            for seen in self.state.talk.seen
        )

    # The prompt

    def map(self, refresh: bool = False, request: str = "") -> str:
        """The map that the next prompt would show; ``refresh`` looks at the disk first."""
        if refresh:
            self.state.workspace.ask(lambda index: index.refresh())
            self.state.put(replace(self.state.talk, base=()))
        return context.focus(self.state, request).text.partition("\n")[2]

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
        rules = sum(count(message.text) for message in state.talk.base) - context.stable_tokens(state)
        said = prompt_tokens(state.talk.prompt()) - sum(count(message.text) for message in state.talk.base)
        files = sum(seen.tokens for seen in state.talk.seen)
        parts = (
            ("rules and pinned facts", rules),
            ("map", context.map_budget(state)),
            ("files", files),
            ("conversation", max(0, said - files)),
            ("ceiling", context.ceiling(state)),
        )
        price = state.model.price(ModelRole.MAIN)
        return tuple(TokenPart(name, n, n * price.prompt_usd if price else None) for name, n in parts)

    def context_use(self) -> float:
        """How much of the ceiling the conversation fills, 0 to 1."""
        return prompt_tokens(self.state.talk.prompt()) / max(1, context.ceiling(self.state))

    def usage(self) -> Mapping[ModelRole, Usage]:
        """What calls took so far, by role."""
        return dict(self.state.spent)

    def lookup(self, line: str) -> str:
        """The answer to `map: …`, `find: …`, `refs: …` or `show: …`, as the model gets it."""
        from chat.asks import PathTable, read_asks

        asks = read_asks(line, PathTable(()))
        if not asks.lookups:
            raise InputError(f"{line}: write map:, find:, refs: or show: and what to look for.")
        return self.state.workspace.answer(asks.lookups[0])

    # The conversation

    def clear(self) -> None:
        """Forgets the conversation; the files of the user stay."""
        kept = [replace(seen, digest="", tokens=0) for seen in self.state.talk.seen if seen.by_user]
        self.state.put(Talk(seen=tuple(kept), turn=self.state.talk.turn, mode=self.mode))

    def reset(self) -> None:
        """Forgets the conversation and the files."""
        self.state.put(Talk(turn=self.state.talk.turn, mode=self.mode))

    def compact(self, focus: str = "") -> str:
        """Rebuilds the prompt with a summary of what is past; gives the summary."""
        return compact(self.state, focus)

    def say_to_model(self, text: str) -> None:
        """What the model is told with the next request."""
        self.state.put(self.state.talk.note(text))

    def set_mode(self, mode: Mode) -> None:
        """What turns may do from now on."""
        if mode is not self.mode:
            self.state.put(replace(self.state.talk, mode=mode, base=()))

    def set_model(self, role: ModelRole, name: str) -> None:
        """Which model calls of a role go to."""
        row = {ModelRole.MAIN: "model", ModelRole.WEAK: "weak-model", ModelRole.EDITOR: "editor-model"}[role]
        self.configure(row, name)

    def configure(self, name: str, value: object) -> None:
        """Changes one setting for the rest of the chat."""
        self.state.settings = changed(self.state.settings, {name: value}, "typed")  # type: ignore[dict-item]
        if name.endswith("model"):
            self.state.model = self._open_model(self.state.settings)

    # Git and commands

    def commit(self, message: str = "") -> Committed | None:
        """Commits the user's own changes; None where there are none. Raises GitError."""
        repository = self.state.repository
        if repository is None:
            raise GitError("this folder is in no git repository, so nothing was committed.")
        dirty = repository.dirty(())
        return commit_by_user(self.state, repository, dirty, message) if dirty else None

    def diff(self) -> str:
        """What has changed since before the last turn that changed something."""
        if self.state.repository is None:
            raise GitError("this folder is in no git repository; there is nothing to compare with.")
        return self.state.repository.diff()

    def run(self, command: str) -> Ran:
        """Runs a command that the user typed."""
        return run(self.state, command, "run")

    def test(self) -> Ran:
        """Runs the test command. Raises InputError where there is none."""
        if not self.settings.test_cmd:
            raise InputError("no test command is set; give one with --test-cmd or /settings test-cmd …")
        return run_tests(self.state)

    def undo(self) -> str:
        """Takes the last turn back, its files and its messages. Raises NothingToUndo."""
        raise NothingToUndo("there is no turn to undo.")

    def redo(self) -> str:
        """Brings back what was undone last. Raises NothingToUndo."""
        raise NothingToUndo("there is no turn to redo.")

    def close(self) -> None:
        """Ends the chat."""
        self.state.journal.write("end", {})


def _split_span(pattern: str) -> tuple[str, Span | None]:
    import re

    found = re.fullmatch(r"(?P<name>.+?):L?(?P<first>\d+)(?:-L?(?P<last>\d+))?", pattern)
    if not found:
        return pattern, None
    first = int(found["first"])
    return found["name"], (first, max(first, int(found["last"] or first)))


def _names(pattern: str, path: RepoPath) -> bool:
    pattern = pattern.removeprefix("./").rstrip("/")
    return (
        path == pattern
        or path.startswith(f"{pattern}/")
        or path.endswith(f"/{pattern}")
        or fnmatch.fnmatchcase(path, pattern)
    )

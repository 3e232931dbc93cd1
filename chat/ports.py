"""What a turn needs from outside, as Protocols: the model, git, the journal, a person to ask.

The real implementations touch the network, the disk and the terminal; tests use fakes.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from chat.events import Emit
from chat.model import ModelRole, Price, Prompt, Reply, RepoPath, Window


class Model(Protocol):
    """The configured models, by role."""

    def name(self, role: ModelRole) -> str:
        """Return the model for calls of this role, in litellm's notation."""
        ...

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        """Return the complete reply to a prompt; ``emit`` gets it as it streams in.

        Retries failures that may pass, under one deadline. Raises ModelError.
        """
        ...

    def window(self, role: ModelRole) -> Window:
        """Return how many tokens the model reads and writes."""
        ...

    def price(self, role: ModelRole) -> Price | None:
        """Return the price of the model, or None if it is unknown."""
        ...

    def edit_format(self, role: ModelRole) -> str:
        """Return the format in which the model is known to write edits best, "" where nothing is known."""
        ...

    def load_in_background(self) -> None:
        """Start loading what calls need; a call waits for the rest."""
        ...


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that was made."""

    id: str
    subject: str
    paths: tuple[RepoPath, ...]
    rewritten: tuple[RepoPath, ...] = ()
    """Files that a hook has changed, on disk as in the commit."""


class Repository(Protocol):
    """The git repository around the root. All paths are relative to the root of the chat."""

    def blocked(self) -> str:
        """Return why nothing may be committed now (mid-merge, a lock, …), or "" if it may."""
        ...

    def branch(self) -> str:
        """Return the branch, a short commit id if HEAD is detached, or "" before the first commit."""
        ...

    def head(self) -> str | None:
        """Return the full id of HEAD's commit, or None before the first commit."""
        ...

    def dirty(self, paths: Sequence[RepoPath]) -> tuple[RepoPath, ...]:
        """Return which of the paths differ from HEAD, in the index or on disk, new ones included; sorted."""
        ...

    def partly_staged(self, paths: Sequence[RepoPath]) -> Mapping[RepoPath, bytes]:
        """Return what is staged of those paths that differ from HEAD both there and on disk, and not alike."""
        ...

    def changes(self) -> tuple[RepoPath, ...]:
        """Return all paths that differ from HEAD, new ones included; sorted."""
        ...

    def commit(
        self,
        paths: Sequence[RepoPath],
        message: str,
        *,
        contents: Mapping[RepoPath, bytes | None] = ...,
        announce: Callable[[Mapping[RepoPath, str]], None] | None = None,
    ) -> Commit | None:
        """Commit just these paths as they are on disk; whatever else is staged stays staged.

        Of the paths in ``contents``, those bytes are committed instead, None for no file. ``announce`` is told
        what the commit will hold, just before it is made: mode and id by path. Returns None if the paths do
        not differ from HEAD. Raises HookFailed, GitError; then nothing changed.
        """
        ...

    def amend(
        self,
        commit: str,
        paths: Sequence[RepoPath],
        message: str,
        *,
        contents: Mapping[RepoPath, bytes | None] = ...,
        announce: Callable[[Mapping[RepoPath, str]], None] | None = None,
    ) -> Commit | None:
        """Add the paths to a commit, if HEAD is at it and it was not pushed; else make a new one."""
        ...

    def stage(self, paths: Sequence[RepoPath], contents: Mapping[RepoPath, bytes | None] = ...) -> None:
        """Put the paths into the index as they are on disk, or as in ``contents``. Raises GitError."""
        ...

    def candidate(
        self, paths: Sequence[RepoPath], contents: Mapping[RepoPath, bytes | None] = ...
    ) -> AbstractContextManager[Path]:
        """Give an index that holds what `commit` would make of these, and is gone afterwards. Raises GitError."""
        ...

    def at_head(self, path: RepoPath) -> bytes | None:
        """Return what HEAD holds at a path, as it would be on disk; None for no file."""
        ...

    def is_left_out(self, path: RepoPath) -> bool:
        """Return whether git has a file here and keeps it off the disk: it is outside the sparse checkout."""
        ...

    def named(self, *, author: bool, committer: bool) -> "Repository":
        """Return the repository with "(trigpoint)" behind the names in the commits that it makes."""
        ...

    def diff(self, paths: Sequence[RepoPath] = (), against: str = "HEAD") -> str:
        """Return the unified diff of the work tree against a commit, new files included."""
        ...

    def message(self, commit: str) -> str:
        """Return the whole message of a commit."""
        ...

    def made_since(self, head: str, entries: Mapping[RepoPath, str], paths: Sequence[RepoPath] = ()) -> str:
        """Return the commit after ``head`` that holds what was announced, or changes all of the paths, or ""."""
        ...

    def subjects(self, count: int) -> tuple[str, ...]:
        """Return the subjects of the newest commits, newest first."""
        ...


Permit = Literal["yes", "no", "always"]


class Person(Protocol):
    """Whoever answers questions."""

    @property
    def is_there(self) -> bool:
        """Whether a person can be asked; otherwise every question is answered in advance."""
        ...

    def confirm(self, question: str, subject: str = "") -> bool:
        """Return whether the answer is yes. Raises NeedsTerminal if nobody is there to ask."""
        ...

    def offer(self, command: str) -> bool:
        """Return whether to run a command that the model proposes; only a person can say yes."""
        ...

    def permit(self, command: str, rule: str) -> Permit:
        """Return whether to run a command that the model waits for; "always" keeps the rule, if there is one."""
        ...


class JournalRecord(Protocol):
    """One record of a session; `chat.sessions.records` has a class for each kind."""

    kind: ClassVar[str]

    def fields(self) -> Mapping[str, object]:
        """Return the fields of the record, as JSON can hold them."""
        ...


class Journal(Protocol):
    """The append-only record of a session."""

    @property
    def session_id(self) -> str:
        """The id that `--resume` takes; empty if the session is not kept."""
        ...

    def write(self, record: JournalRecord) -> int:
        """Append one record, flush it to the disk and return its number. Raises SessionError."""
        ...

    def close(self) -> None:
        """Let other processes write."""
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    command: str
    exit_code: int
    output: str
    """Both streams, in order; the middle is cut out where it is huge."""
    timed_out: bool = False


class Shell(Protocol):
    """Runs commands from the user's settings, or that the user typed or allowed."""

    def run(self, command: str, timeout_s: float | None = None, *, variables: Mapping[str, str] = ...) -> Ran:
        """Run a command line in the root with the user's shell; a timeout ends its whole process group.

        ``variables`` are added to its environment.
        """
        ...

"""What a turn needs from outside, as Protocols: the model, git, the journal, a person to ask.

The real ones touch the network, the disk and the terminal; tests hand in fakes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from chat.events import Emit
from chat.model import ModelRole, Price, Prompt, Reply, RepoPath, Window


class Model(Protocol):
    """The configured models behind one face."""

    def name(self, role: ModelRole) -> str:
        """The model that calls of this role go to, as litellm names it."""
        ...

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        """The complete reply to a prompt; what streams in is told to ``emit``.

        Tries again what may pass, under one deadline. Raises ModelError.
        """
        ...

    def window(self, role: ModelRole) -> Window:
        """How much the model reads and writes."""
        ...

    def price(self, role: ModelRole) -> Price | None:
        """What the model costs, or None where nobody knows."""
        ...

    def load_in_background(self) -> None:
        """Begins to load what calls need; a call waits for what is left of it."""
        ...


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that was made."""

    id: str
    subject: str
    paths: tuple[RepoPath, ...]


class Repository(Protocol):
    """The git repository around the root. All paths are relative to the root that the chat works in."""

    def blocked(self) -> str:
        """Why nothing may be committed now (mid-merge, a lock, …), or "" where it may."""
        ...

    def branch(self) -> str:
        """The branch, a short commit id where HEAD is detached, or "" on no commit yet."""
        ...

    def head(self) -> str | None:
        """The full id of the commit that HEAD is at, or None on no commit yet."""
        ...

    def dirty(self, paths: Sequence[RepoPath]) -> tuple[RepoPath, ...]:
        """Which of the paths differ from HEAD, in the index or on disk, new ones included; sorted."""
        ...

    def changes(self) -> tuple[RepoPath, ...]:
        """All paths that differ from HEAD, new ones included; sorted."""
        ...

    def commit(self, paths: Sequence[RepoPath], message: str) -> Commit | None:
        """Commits just these paths as they are on disk; what else is staged stays staged.

        None where they do not differ from HEAD. Raises HookFailed, GitError; then nothing changed.
        """
        ...

    def amend(self, commit: str, paths: Sequence[RepoPath], message: str) -> Commit | None:
        """Adds the paths to a commit, if HEAD is at it and it was not pushed; else makes one of its own."""
        ...

    def stage(self, paths: Sequence[RepoPath]) -> None:
        """Puts the paths into the index as they are on disk. Raises GitError."""
        ...

    def diff(self, paths: Sequence[RepoPath] = (), against: str = "HEAD") -> str:
        """The unified diff of the work tree against a commit, new files included."""
        ...

    def message(self, commit: str) -> str:
        """The whole message of a commit."""
        ...

    def made_since(self, head: str, paths: Sequence[RepoPath], message: str) -> str:
        """The newest commit after ``head`` that changes just these paths under this subject, or ""."""
        ...

    def subjects(self, count: int) -> tuple[str, ...]:
        """Subjects of the newest commits, newest first."""
        ...


class Person(Protocol):
    """Whoever can answer a question."""

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the answer is yes. Raises NeedsTerminal where nobody is there to ask."""
        ...

    def offer(self, command: str) -> bool:
        """Whether to run a command that the model proposes; never yes but by a person who says so."""
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
        """The id that `--resume` takes."""
        ...

    def write(self, record: JournalRecord) -> int:
        """Append one record, flush it to the disk and return its number."""
        ...

    def close(self) -> None:
        """Lets other processes write."""
        ...


class Checkpoints(Protocol):
    """Snapshots of the work tree."""

    def take(self, label: str) -> str:
        """Keeps the whole tree as it is now; gives the snapshot's id. Touches no index, branch or file."""
        ...

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """The bytes that a file had, or None where it was not there."""
        ...

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """The paths in which two snapshots differ, sorted."""
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    command: str
    exit_code: int
    output: str
    """What it printed to both streams, in order; the middle cut out where it is huge."""
    timed_out: bool = False


class Shell(Protocol):
    """Runs commands of the user's own settings, or that the user typed or allowed."""

    def run(self, command: str, timeout_s: float | None = None) -> Ran:
        """Runs a command line in the root with the user's shell, its whole process group ended on a time-out."""
        ...

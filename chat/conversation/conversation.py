"""The conversation as a value: the log of messages, the files shown, and the prompt's fixed beginning.

Between two rebuilds a `Conversation` only grows, so each prompt begins with the whole prompt before
it and the provider's cache holds. Every change makes a new value; `chat.state` holds the current one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

from chat.model import Message, Mode, Prompt, RepoPath

EntryKind = Literal["request", "reply", "context", "feedback", "note"]
Span = tuple[int, int]
"""First and last line, 1-based and inclusive."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message of the log."""

    message: Message
    kind: EntryKind
    turn: int


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of the chat, as the prompt shows it; with the defaults, one that the next request will show."""

    path: RepoPath
    _: KW_ONLY
    digest: str = ""
    """Of the content that the model knows: as shown, or as its own edits left it."""
    tokens: int = 0
    used_turn: int = 0
    """The turn that last asked for it, edited it or added it."""
    spans: tuple[Span, ...] = ()
    """The lines that were shown; empty if all were."""
    read_only: bool = False
    by_user: bool = False
    """The user added it, so it stays until the user drops it."""
    shown_digest: str = ""
    """Of the content that the prompt shows; differs from ``digest`` once the model has edited the file."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """A side question; its messages leave the prompt when it is concluded."""

    topic: str
    start: int
    """The number of log entries before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation with the main model."""

    base: tuple[Message, ...] = ()
    """What precedes the log: rules, pinned facts, the overview map, the summary of earlier turns."""
    entries: tuple[LogEntry, ...] = ()
    """The log, oldest first."""
    files: tuple[ShownFile, ...] = ()
    """The files of the chat, in the order in which they were added."""
    notes: tuple[str, ...] = ()
    """Remarks that the next request carries to the model."""
    turn: int = 0
    mode: Mode = Mode.CODE
    exploration: Exploration | None = None

    def prompt(self, request_map: str = "") -> Prompt:
        """Return the prompt of the next call."""
        return Prompt((*self.base, *(entry.message for entry in self.entries)), request_map)

    def with_message(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> "Conversation":
        """Add a message to the log."""
        return replace(self, entries=(*self.entries, LogEntry(Message(role, text), kind, self.turn)))

    def with_note(self, text: str) -> "Conversation":
        """Add a remark for the next request to carry."""
        return replace(self, notes=(*self.notes, text))

    def with_request(self, request: str) -> "Conversation":
        """Begin a turn: its first message holds the pending notes and the request."""
        text = "\n\n".join((*self.notes, request))
        return replace(self, turn=self.turn + 1, notes=()).with_message("user", text, "request")

    def with_files(self, files: Iterable[ShownFile]) -> "Conversation":
        """Add files, or replace what is known of them; a file that the user added stays the user's."""
        known = {file.path: file for file in self.files}
        for file in files:
            old = known.pop(file.path, None)
            known[file.path] = replace(file, by_user=file.by_user or (old is not None and old.by_user))
        return replace(self, files=tuple(known.values()))

    def without_files(self, paths: Iterable[RepoPath]) -> "Conversation":
        """Remove files from the chat."""
        removed = set(paths)
        return replace(self, files=tuple(file for file in self.files if file.path not in removed))

    def file(self, path: RepoPath) -> ShownFile | None:
        """Return a file of the chat, or None."""
        return next((file for file in self.files if file.path == path), None)

    def with_exploration(self, topic: str) -> "Conversation":
        """Begin an exploration with the next message."""
        return replace(self, exploration=Exploration(topic, len(self.entries)))

    def with_conclusion(self, conclusion: str) -> "Conversation":
        """Drop the exploration's messages and files, and note its conclusion."""
        if self.exploration is None:
            return self
        entries = self.entries[: self.exploration.start]
        turn = entries[-1].turn if entries else 0
        files = tuple(file for file in self.files if file.by_user or file.used_turn <= turn)
        note = f"(Looked into: {self.exploration.topic}. Conclusion: {conclusion})"
        return replace(self, entries=entries, files=files, exploration=None).with_note(note)

    @property
    def editable(self) -> tuple[RepoPath, ...]:
        """The files of the chat that may be edited."""
        return tuple(file.path for file in self.files if not file.read_only)


def digest_of(content: bytes) -> str:
    """Return the digest by which a file's content is recognised.

    >>> digest_of(b"")
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return hashlib.sha256(content).hexdigest()[:32]

"""The conversation as a value: what was said, which files were shown, what stands before it all.

A `Talk` only grows between two rebuilds, so that each prompt begins with the one before it and the
provider's cache holds. Every change makes a new value; the desk keeps the present one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from chat.model import Message, Mode, Prompt, RepoPath

EntryKind = Literal["request", "reply", "context", "feedback", "note"]
Span = tuple[int, int]
"""First and last line, 1-based and inclusive."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the log."""

    message: Message
    kind: EntryKind
    turn: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the prompt shows it."""

    path: RepoPath
    digest: str
    """Of the content that the model knows: as shown, or as its own edits left it."""
    tokens: int
    used_turn: int
    """The turn that last asked for it, edited it or added it."""
    spans: tuple[Span, ...] = ()
    """The lines that were shown; empty where all were."""
    read_only: bool = False
    by_user: bool = False
    """The user added it, so it stays until the user drops it."""
    shown: str = ""
    """The digest of the content that stands in the prompt; another one where edits came after it."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """Something that is looked into apart; its messages leave the prompt when it is done."""

    what: str
    entries: int
    """How many entries stood before it."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation."""

    base: tuple[Message, ...] = ()
    """What stands before the log: rules, pinned facts, the stable map, the summary of what is past."""
    entries: tuple[Entry, ...] = ()
    seen: tuple[Seen, ...] = ()
    """In the order in which they came."""
    notes: tuple[str, ...] = ()
    """What the model is told at the beginning of the next message."""
    turn: int = 0
    mode: Mode = Mode.CODE
    exploring: Exploration | None = None

    def prompt(self, tail: str = "") -> Prompt:
        """What a call sends now."""
        return Prompt((*self.base, *(entry.message for entry in self.entries)), tail)

    def say(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> "Talk":
        """The talk with one more message."""
        return replace(self, entries=(*self.entries, Entry(Message(role, text), kind, self.turn)))

    def note(self, text: str) -> "Talk":
        """The talk with something to tell the model when it is next spoken to."""
        return replace(self, notes=(*self.notes, text))

    def ask(self, request: str) -> "Talk":
        """The talk with a new turn, which begins with what is to be told and the request."""
        text = "\n\n".join((*self.notes, request))
        return replace(self, turn=self.turn + 1, notes=()).say("user", text, "request")

    def see(self, files: Iterable[Seen]) -> "Talk":
        """The talk in which these files are known as they say; a known one keeps who added it."""
        known = {seen.path: seen for seen in self.seen}
        for file in files:
            old = known.pop(file.path, None)
            known[file.path] = replace(file, by_user=file.by_user or (old is not None and old.by_user))
        return replace(self, seen=tuple(known.values()))

    def forget(self, paths: Iterable[RepoPath]) -> "Talk":
        """The talk in which these files are no longer in the chat."""
        gone = set(paths)
        return replace(self, seen=tuple(seen for seen in self.seen if seen.path not in gone))

    def file(self, path: RepoPath) -> Seen | None:
        """A file of the chat."""
        return next((seen for seen in self.seen if seen.path == path), None)

    def touch(self, paths: Iterable[RepoPath]) -> "Talk":
        """The talk in which this turn has used these files."""
        used = set(paths)
        seen = (replace(each, used_turn=self.turn) if each.path in used else each for each in self.seen)
        return replace(self, seen=tuple(seen))

    def explore(self, what: str) -> "Talk":
        """The talk in which what follows is an exploration."""
        return replace(self, exploring=Exploration(what, len(self.entries)))

    def conclude(self, conclusion: str) -> "Talk":
        """The talk without its exploration, but for what came of it."""
        if self.exploring is None:
            return self
        kept = self.entries[: self.exploring.entries]
        turn = kept[-1].turn if kept else 0
        seen = tuple(each for each in self.seen if each.by_user or each.used_turn <= turn)
        told = f"(Looked into: {self.exploring.what}. Conclusion: {conclusion})"
        return replace(self, entries=kept, seen=seen, exploring=None).note(told)

    @property
    def editable(self) -> tuple[RepoPath, ...]:
        """The files of the chat that may be edited."""
        return tuple(seen.path for seen in self.seen if not seen.read_only)


def digest_of(content: bytes) -> str:
    """What identifies the content of a file."""
    return hashlib.sha256(content).hexdigest()[:32]

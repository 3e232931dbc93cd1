"""The records of a session in a journal: it begins, is resumed, gets tags, and ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chat.sessions.records.fields import Fields


@dataclass(frozen=True, slots=True)
class SessionBegin(Fields):
    """The first record of a session."""

    kind: ClassVar[str] = "session"
    root: str
    model: str = ""
    fork_of: str | None = None
    """The session that this one continues under an id of its own."""
    fork_at: int | None = None
    """The last record of that session that belongs to this one."""
    place: str | None = None
    """What `locations.place_of` says of the root, by which it is known under another name."""


@dataclass(frozen=True, slots=True)
class SessionEnd(Fields):
    """The chat was closed."""

    kind: ClassVar[str] = "end"


@dataclass(frozen=True, slots=True)
class SessionTag(Fields):
    """A tag that the user gave the session, or took from it."""

    kind: ClassVar[str] = "tag"
    tag: str
    removed: bool = False

    def follow(self, tags: Sequence[str]) -> list[str]:
        """Return the tags after this record, each once.

        >>> SessionTag("b").follow(["a", "b"]), SessionTag("a", removed=True).follow(["a", "b"])
        (['a', 'b'], ['b'])
        """
        others = [tag for tag in tags if tag != self.tag]
        if self.removed:
            return others
        return list(tags) if self.tag in tags else [*tags, self.tag]


@dataclass(frozen=True, slots=True)
class Resume(Fields):
    """A process continues the session."""

    kind: ClassVar[str] = "resume"
    unfinished: bool = False
    """A turn had been cut off."""
    again: bool = False
    """It is taken again: the records continue from before it."""

"""The values that flow through the package: a reply's blocks, a file's text, a plan and its results.

Everything is frozen: a stage takes these values and makes new ones, so that nothing is half done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

RepoPath = str
"""A path below the root, POSIX, without `.` or `..`."""


class Conventions(Protocol):
    """How a project stores its texts, as far as their bytes do not say."""

    def encoding(self, path: RepoPath, content: bytes, reply: str) -> str | None:
        """Python's name of the encoding of a file; None where it is uncertain.

        `content` is not UTF-8, or empty for a new file. `reply` is the text of the edits beyond
        ASCII: what the encoding must be able to hold, and a hint at the language.
        """
        ...

    def line_end(self, path: RepoPath) -> str:
        r"""The line end of a new file, `\n` or `\r\n`."""
        ...


Barrier = Callable[[RepoPath], str]
"""Why a file must not be changed, in a few words; "" where it may."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a syntax check says against the text of a file after the edits."""

    why: str
    """In words, with the line: a sentence without its end."""
    line: int
    """1-based, in the text after the edits."""
    refuses: bool
    """False where it is only to be told."""
    instead: str = ""
    """What to send instead."""


SyntaxGate = Callable[[RepoPath, bytes, bytes], Objection | None]
"""The text of a file before and after the edits, as UTF-8 → what is wrong now and was not before."""


class Format(StrEnum):
    """How a reply writes its edits down."""

    AUTO = "auto"
    DIFF = "diff"
    DIFF_FENCED = "diff-fenced"
    UDIFF = "udiff"
    WHOLE = "whole"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class NameHint:
    """A place in the reply that may name the file of a block."""

    spellings: tuple[str, ...]
    """What the name could be, the likeliest first, without the Markdown around it."""
    declared: bool
    """The line, fence or marker does nothing but name a file; else a sentence mentions one."""
    unusual: tuple[str, ...] = ()
    """Spellings with spaces, commas and the like that may name a new file: `notes (1).txt`."""
    spaced: tuple[str, ...] = ()
    """The same on a line of plain words, where only a folder that exists tells a path from a sentence."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a reply says about where a SEARCH stands, beside the text itself."""

    line: int | None = None
    """1-based line of its first line in the file as it was shown, where the reply counted."""
    scopes: tuple[str, ...] = ()
    """Lines that stand above it and enclose it, the outermost first."""
    ordered: bool = False
    """The format demands that the hunks of a file come in the order of the file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a block: these lines become those. Lines carry no line end."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replace:
    """Lines of a file become other lines."""

    readings: tuple[Reading, ...]
    """Never empty; more than one where a line could be text as well as a marker."""
    cue: Cue = Cue()


@dataclass(frozen=True, slots=True)
class Write:
    """A file gets this text."""

    texts: tuple[tuple[str, ...], ...]
    """The lines; more than one where the end of the listing can be read in several ways."""
    new: bool
    """The file must not have text yet."""
    reply_ends: tuple[int, ...] = ()
    """The 1-based line of the reply where each of the texts ends, where that tells them apart."""
    excerpt: bool = False
    """The reply calls it a part of the file."""


@dataclass(frozen=True, slots=True)
class Delete:
    """A file goes away."""

    content: tuple[str, ...] | None = None
    """What the reply believes to be all of its text, where it says."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file gets another name."""

    to: str


Change = Replace | Write | Delete | Move


@dataclass(frozen=True, slots=True)
class EditBlock:
    """One edit of a reply."""

    names: tuple[NameHint, ...]
    """Where its file may be named, the nearest place first."""
    change: Change
    reply_line: int
    """1-based line of the reply where the block begins."""

    @property
    def name(self) -> str:
        """The file's name as the reply writes it, or "" where it names none."""
        for hint in self.names:
            if hint.declared:
                return hint.spellings[0]
        return self.names[0].spellings[0] if self.names else ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a reply that looks like an edit and cannot be read as one."""

    reply_line: int
    expected: str
    """What is missing or in the way, in the words of the format."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """All edits of a reply, in its order."""

    format: Format
    blocks: tuple[EditBlock | Unreadable, ...]
    finished: bool
    """False while the last edit is still being written, and for a reply that was cut off."""


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of one file, with all that is needed to give its bytes back unchanged."""

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    """The line end of each line; the last one may be empty."""
    encoding: str = "utf-8"
    bom: bytes = b""
    certain: bool = True
    """False where the encoding is a guess that keeps the bytes, and new text must be ASCII."""


class Reason(StrEnum):
    """Why an edit was not made."""

    UNREADABLE = "unreadable"
    CUT_OFF = "cut-off"
    NO_NAME = "no-name"
    NO_FILE = "no-file"
    FORBIDDEN = "forbidden"
    READ_ONLY = "read-only"
    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"
    OVERLAP = "overlap"
    UNCLEAR = "unclear"
    ELIDED = "elided"
    EXISTS = "exists"
    STALE = "stale"
    SYNTAX = "syntax"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class Applied:
    """A block that the plan carries out."""

    block: EditBlock
    path: RepoPath
    line: int
    """1-based line of the new text where the change begins."""
    already: bool = False
    """The file is as the block wants it: nothing to do."""
    how: str = "exact"
    """The strategy that found the place."""
    note: str = ""
    """What the syntax check has to say about the file, without refusing the edit."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A block that changes nothing."""

    block: EditBlock | Unreadable
    reason: Reason
    message: str
    """Which block, why, and what to send instead: for a model to read."""
    path: RepoPath = ""
    lines: tuple[int, ...] = ()
    """1-based lines of the places it is about."""


EditResult = Applied | Rejected


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a plan: its bytes before and after; None where there is no file."""

    path: RepoPath
    before: bytes | None
    after: bytes | None
    moved_from: RepoPath | None = None
    """The file whose mode the new one takes over."""
    encoding: str = "utf-8"
    """What the bytes are to be read with."""
    executable: bool = False
    """A new file that may be run by whoever may read it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reply does to the files: complete, in memory, and not yet written."""

    changes: tuple[FileChange, ...]
    """By path."""
    results: tuple[EditResult, ...]
    """One for each block, in the order of the reply."""

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The blocks that were refused."""
        return tuple(result for result in self.results if isinstance(result, Rejected))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan may do."""

    chat: tuple[RepoPath, ...] = ()
    """The files that the model was given to edit."""
    read_only: frozenset[RepoPath] = frozenset()
    shown: Mapping[RepoPath, bytes] | None = None
    """The bytes of files as the model saw them, where the caller knows."""
    barrier: Barrier | None = None
    """What the user's rules say; asked after everything else that keeps a file from being written."""
    gate: SyntaxGate | None = None
    conventions: Conventions | None = None
    partial: bool = False
    """Keep what can be applied although other blocks are refused."""

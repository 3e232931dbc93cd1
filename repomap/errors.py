"""The errors that end an operation of `repomap`. Everyday outcomes are values instead.

RepoMapError
├── NotMappable        the root is missing, not a folder, unreadable or empty: exit 42
├── Unreadable         a file that an option names cannot be read: exit 42
├── Unwritable         a file that an option names cannot be written, or must not be replaced
├── NotInRepository    a path or name is not in the index
├── BadRequest         an argument that no repository could satisfy: exit 2
├── NotReady           the index is still being made
├── GitFailed          git failed, and the map cannot go on without it
│   └── DoubtfulGit    the repository may not be the folder's own, so git was not asked
├── NotWritten         a snapshot cannot be written
└── WorkersFailed      the parse workers cannot be started

`ExitCode` has the exit codes of every command of the program, those of the chat as well.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREADABLE = 42
    TURN_LIMIT = 53
    BUDGET_LIMIT = 54
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def meaning(self) -> str:
        """What it says, in a few words; `--help` and the docs show it."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed: no answer, a refused edit, failing tests, nothing found, output that could not be "
    "written, or no change with --require-changes",
    ExitCode.USAGE: "wrong usage, no model, or a question that needs a terminal",
    ExitCode.UNREADABLE: "unreadable input: a file or folder that is missing or cannot be read",
    ExitCode.TURN_LIMIT: "the limit on turns was reached",
    ExitCode.BUDGET_LIMIT: "the limit on money, tokens or time was reached",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.TERMINATED: "terminated by a signal",
}


class RepoMapError(Exception):
    """The root of the tree. Messages say where, what happened and what was not done, and what to do."""

    exit_code = ExitCode.FAILED


class NotMappable(RepoMapError):
    """There is nothing here to make a map of."""

    exit_code = ExitCode.UNREADABLE


class Unreadable(RepoMapError):
    """A file that an option names cannot be read."""

    exit_code = ExitCode.UNREADABLE


class Unwritable(RepoMapError):
    """A file that an option names cannot be written, or holds what must not be replaced."""


class NotInRepository(RepoMapError):
    """A path or name is not in the index."""


class BadRequest(RepoMapError):
    """An argument that no repository could satisfy."""

    exit_code = ExitCode.USAGE


class NotReady(RepoMapError):
    """The index is still being made, and the caller could not wait."""


class GitFailed(RepoMapError):
    """git failed, and the map cannot go on without it."""


class DoubtfulGit(GitFailed):
    """The repository may not be the folder's own, so git was not asked."""


class NotWritten(RepoMapError):
    """A snapshot cannot be written; what was indexed is indexed all the same."""


class WorkersFailed(RepoMapError):
    """The parse workers cannot be started, so nothing new can be parsed."""

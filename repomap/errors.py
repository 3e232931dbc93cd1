"""The errors that end an operation of `repomap`. Everyday outcomes are values instead.

RepoMapError
├── NotMappable        the root is missing, not a folder, unreadable or empty
├── NotInRepository    a path or name is not in the index
<<<<<<< HEAD
├── BadRequest         an argument that no repository could satisfy
=======
├── BadRequest         an argument that no repository could satisfy: exit 2
├── NotReady           the index is still being made
>>>>>>> e901f23 (mcp: refresh for each question, in the background, and say where an answer is older)
├── GitFailed          git failed, and the map cannot go on without it
│   └── DoubtfulGit    the repository may not be the folder's own, so git was not asked
└── WorkersFailed      the parse workers cannot be started
"""


class RepoMapError(Exception):
    """The root of the tree. Messages say where, what happened and what was not done, and what to do."""


class NotMappable(RepoMapError):
    """There is nothing here to make a map of."""


class NotInRepository(RepoMapError):
    """A path or name is not in the index."""


class BadRequest(RepoMapError):
    """An argument that no repository could satisfy."""


class NotReady(RepoMapError):
    """The index is still being made, and the caller could not wait."""


class GitFailed(RepoMapError):
    """git failed, and the map cannot go on without it."""


class DoubtfulGit(GitFailed):
    """The repository may not be the folder's own, so git was not asked."""


class WorkersFailed(RepoMapError):
    """The parse workers cannot be started, so nothing new can be parsed."""

"""What ends an operation of `repomap`; what a caller meets every day is a value instead.

RepoMapError
├── NotMappable        the root is missing, not a folder, unreadable or empty
├── NotInRepository    a path or name that was asked for is not in the index
├── BadRequest         an argument that no repository could satisfy
├── GitFailed          git answered with an error where the map cannot go on without it
└── WorkersFailed      the parse workers cannot be started at all
"""


class RepoMapError(Exception):
    """The root of the tree. Messages say where, what was not done, and what to do next."""


class NotMappable(RepoMapError):
    """There is nothing here of which a map could be made."""


class NotInRepository(RepoMapError):
    """A path or name that was asked for is not in the index."""


class BadRequest(RepoMapError):
    """An argument that no repository could satisfy."""


class GitFailed(RepoMapError):
    """git answered with an error where the map cannot go on without it."""


class WorkersFailed(RepoMapError):
    """The parse workers cannot be started, so nothing new can be parsed."""

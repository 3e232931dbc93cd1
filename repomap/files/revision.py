"""Reads the files of an earlier revision through git -> ids and contents, by path below the folder."""

import hashlib
from collections.abc import Mapping, Sequence

from repomap.errors import BadRequest, GitFailed
from repomap.files.collector import decode_path
from repomap.files.git import Git
from repomap.model import RepoPath
from repomap.safety.printable import printable

_FILE_MODES = (b"100644", b"100755")
_NOT_NAMES = frozenset(("", ".", "..", ".git"))


def ids_at(git: Git, revision: str) -> dict[RepoPath, str]:
    """Return the regular files of a revision, each with the id of its content.

    A path that no checkout could have is left out. Raises BadRequest where git knows no such commit.
    """
    try:
        name = f"{revision}^{{commit}}"
        commit = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except (GitFailed, ValueError) as error:
        raise BadRequest(
            f"There is no commit {printable(revision)} here. Nothing was compared; name a commit, branch or tag."
        ) from error
    ids: dict[RepoPath, str] = {}
    for row in git.run("ls-tree", "-r", "-z", commit).split(b"\0"):
        head, _, name_bytes = row.partition(b"\t")
        mode, _, rest = head.partition(b" ")
        path = decode_path(name_bytes)
        if mode in _FILE_MODES and not _NOT_NAMES.intersection(path.lower().split("/")) and "\\" not in path:
            ids[path] = rest.rpartition(b" ")[2].decode()
    return ids


def id_of(content: bytes, length: int) -> str:
    """Return git's id of a content, with that many digits: 64 where a repository uses SHA-256.

    >>> id_of(b"", 40)
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    new = hashlib.sha256 if length == 64 else hashlib.sha1
    return new(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def contents(git: Git, ids: Sequence[str]) -> Mapping[str, bytes]:
    """Return the contents with these ids; one that git does not have is left out."""
    if not ids:
        return {}
    output = git.run("cat-file", "--batch", input="".join(f"{each}\n" for each in ids).encode())
    found: dict[str, bytes] = {}
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        head = output[position:end].split(b" ")
        position = end + 1
        if len(head) == 3:
            size = int(head[2])
            found[head[0].decode()] = output[position : position + size]
            position += size + 1
    return found

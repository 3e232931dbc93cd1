"""Lists the files of a folder as columns, with the stat data that shows whether they changed.

Every other stage works on this listing, so that which files belong to a repository is decided only
once, in `collector`.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repomap.files.collector import LOW_63_BITS, Collector, collect, decode_path, encode_path
from repomap.files.git import Git
from repomap.model import RepoPath


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FileListing:
    """The files below ``root``, as columns of equal length in the order of ``paths``.

    A file whose size, mtime, ctime and inode all equal those of an earlier listing is unchanged,
    unless its mtime is not older than that listing: then it may have been written again within one
    tick of the clock, and the caller has to look at its content.
    """

    root: Path
    paths: list[str]
    """Relative to ``root``, with `/`, sorted by code point; undecodable bytes as surrogates."""
    kinds: NDArray[np.uint8]
    """The `EntryKind` of each path."""
    size: NDArray[np.int64]
    mtime_ns: NDArray[np.int64]
    """The low 63 bits of the system's value, as in ``ctime_ns`` and ``inode``."""
    ctime_ns: NDArray[np.int64]
    inode: NDArray[np.int64]
    warnings: tuple[str, ...]
    """What is missing from the listing and why, as messages for the user."""
    git: Git | None = field(repr=False)
    """The repository that was listed; None if the folder was walked."""
    folders: frozenset[bytes] = field(default=frozenset(), repr=False)
    """The folders that were searched, up to ``root``, without links; as bytes."""
    indirect: frozenset[RepoPath] = field(default=frozenset(), repr=False)
    """Files that can change through another name: hard links, and symbolic links, listed or not."""

    @property
    def commit(self) -> str | None:
        """HEAD's commit id; None without git or before the first commit."""
        return self.git.commit if self.git else None

    def __len__(self) -> int:
        return len(self.paths)

    def locate(self, row: int) -> bytes:
        """Return the absolute path of a row as bytes, which every system's ``open`` takes."""
        return b"/".join((os.fsencode(self.root), encode_path(self.paths[row])))


def list_files(root: Path, *, submodules: bool = False) -> FileListing:
    """List the files below ``root``.

    In a git work tree these are the tracked files that exist and the untracked ones that are not
    ignored. Elsewhere, and in a folder that its repository ignores as a whole, they are the files
    that a walk finds (see `walk`). ``submodules`` enters submodules and embedded clones instead of
    listing each as one entry.

    Links are listed if they lead to a file inside ``root``, and never followed. Raises NotMappable
    if there is nothing to list, GitFailed if git refuses.
    """
    root = Path(os.path.abspath(root))
    return listing_of(root, collect(root, submodules=submodules))


def listing_of(root: Path, collected: Collector) -> FileListing:
    """Sort what was collected below ``root``, and make columns of it."""
    paths = collected.names()
    order = sorted(range(len(paths)), key=paths.__getitem__)
    rows = np.frombuffer(collected.stats, dtype=np.int64).reshape(-1, 4)[order] & LOW_63_BITS
    size, mtime_ns, ctime_ns, inode = np.ascontiguousarray(rows.T)
    return FileListing(
        root=root,
        paths=[paths[row] for row in order],
        kinds=np.frombuffer(collected.kinds, dtype=np.uint8)[order],
        size=size,
        mtime_ns=mtime_ns,
        ctime_ns=ctime_ns,
        inode=inode,
        warnings=collected.warnings,
        git=collected.git,
        folders=collected.folders,
        indirect=frozenset(map(decode_path, collected.indirect)),
    )

"""Listed files as columns, with the stat data that tells whether they changed.

Every other stage works on what this lists, so what belongs to a repository is decided once, by
`collecting.py`.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repomap.files.collector import LOW_63_BITS, Collector, EntryKind, collect, decode_path, encode_path
from repomap.files.git import Git
from repomap.model import RepoPath

COARSE_TICK_NS, FINE_TICK_NS = 2_000_000_000, 20_000_000
"""How far apart two changes may be that leave the same time: FAT counts in steps of two seconds,
kernels that keep nanoseconds advance their clock every few milliseconds."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One path of a :class:`FileListing`; fields as there."""

    path: str
    kind: EntryKind
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, eq=False)
class FileListing:
    """The files below ``root``, as columns of equal length in the order of ``paths``.

    A file whose size, mtime, ctime and inode all equal those of an earlier listing is
    unchanged, unless its mtime is not older than that listing: then it may have been
    written again within one tick of the clock, and the caller has to look at its content.
    """

    root: Path
    paths: list[str]
    """Relative to ``root``, with ``/``, sorted by code point; undecodable bytes as surrogates."""
    kinds: NDArray[np.uint8]
    """:class:`EntryKind` of each path."""
    size: NDArray[np.int64]
    mtime_ns: NDArray[np.int64]
    """As the system tells it, its low 63 bits; so are ``ctime_ns`` and ``inode``."""
    ctime_ns: NDArray[np.int64]
    inode: NDArray[np.int64]
    warnings: tuple[str, ...]
    """What is missing from the listing, and why, in words for the user."""
    git: Git | None = field(repr=False)
    """The repository that was asked; None where the folder was walked."""
    folders: frozenset[bytes] = field(default=frozenset(), repr=False)
    """The real folders that were looked into, as bytes: those of the files, and above them up to ``root``."""
    indirect: frozenset[RepoPath] = field(default=frozenset(), repr=False)
    """What may change by way of another place: files that have another name too, and links, listed or not."""

    @property
    def commit(self) -> str | None:
        """HEAD's commit id; None without git and before the first commit."""
        return self.git.commit if self.git else None

    def __len__(self) -> int:
        return len(self.paths)

    def entry(self, index: int) -> FileEntry:
        """Return the row at ``index``."""
        return FileEntry(
            self.paths[index],
            EntryKind(int(self.kinds[index])),
            int(self.size[index]),
            int(self.mtime_ns[index]),
            int(self.ctime_ns[index]),
            int(self.inode[index]),
        )

    def locate(self, index: int) -> bytes:
        """Return the absolute name on disk, as bytes, which every system's ``open`` takes."""
        return b"/".join((os.fsencode(self.root), encode_path(self.paths[index])))


def list_files(root: Path, *, submodules: bool = False) -> FileListing:
    """List the files below ``root``.

    In a git work tree: tracked files that are there, and untracked ones that are not
    ignored. Elsewhere, and in a folder that its repository ignores as a whole: a walk, see
    :mod:`repomap.walk`. ``submodules`` enters submodules and embedded clones instead of
    listing each as one entry.

    Links are listed when they lead to a file inside ``root`` and never followed. Raises
    NotMappable when there is nothing to list, GitFailed when git refuses.
    """
    root = Path(os.path.abspath(root))
    return listing_of(root, collect(root, submodules=submodules))


def listing_of(root: Path, collected: Collector) -> FileListing:
    """What was collected below ``root``, sorted."""
    paths = collected.names()
    order = sorted(range(len(paths)), key=paths.__getitem__)
    rows = np.frombuffer(collected.stats, dtype=np.int64).reshape(-1, 4)[order] & LOW_63_BITS
    size, mtime_ns, ctime_ns, inode = np.ascontiguousarray(rows.T)
    return FileListing(
        root=root,
        paths=[paths[i] for i in order],
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

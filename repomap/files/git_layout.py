"""Finds the repository around a folder by the files that git reads, and says why it may not be the folder's own.

An unpacked archive may bring a `.git` that leads into another repository of the user's, where git
would then commit, or links in it that have git write elsewhere. A pipe or an endless device in place
of one of git's files would hang git or fill the memory. So these files are looked at before git is
started; what git says of them is then compared by `doubts_about`. Reads the disk and never starts git.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from repomap.files.git_places import GitPlaces
from repomap.safety.regular_file import read_if_regular

_MAX_LINE_BYTES = 10_000
_MAX_ENTRIES = 200_000
"""Of a git folder; a repository with more branches packs them."""
_MAX_CONFIG_BYTES = 10_000_000
_MAX_INCLUDED_FILES = 100
_NAMED_FILE = re.compile(
    rb"(?im)^[ \t]*(?:\[[^\]\n]*\][ \t]*)?(path|file|excludesfile|attributesfile|ignorerevsfile|template)[ \t]*=(.*)$"
)
"""A setting whose value is a file that git reads."""
_HEAD = re.compile(rb"ref:\s*refs/|[0-9a-f]{40}")
_FLAT = ("info", "objects", os.path.join("objects", "info"), os.path.join("objects", "pack"))
_DEEP = ("refs", "logs")
"""Folders in which git writes at any depth."""
_READ_AT_TOP = (".gitignore", ".gitattributes", ".gitmodules", ".mailmap")
_CANNOT_FOLLOW = "its .git is not written as git writes it, so it cannot be followed"


@dataclass(frozen=True, slots=True)
class GitLayout:
    """Where the repository around a folder is, going by its files."""

    top: Path
    """The folder that holds `.git`, without links."""
    git_dir: Path
    common_dir: Path
    """The same, except in a linked work tree."""
    needs_worktree: bool = False
    """Only the setting `core.worktree` can say that the git folder belongs to ``top``: a submodule's."""
    doubts: tuple[str, ...] = ()
    """Why git must not be asked, a clause each."""


def find_layout(folder: Path) -> GitLayout | None:
    """Return the layout of the repository that git would find around a folder, or None without one."""
    real = Path(os.path.realpath(folder))
    for top in (real, *real.parents):
        layout = _layout_at(top) if os.path.lexists(top / ".git") else None
        if layout is not None:
            return layout
    return None


def look_for_doubts(layout: GitLayout) -> tuple[str, ...]:
    """Return why git must not be asked about a repository, and why what it says must not be believed.

    Looks at the entries of the git folder where git reads and writes, but not at hooks, which trust is
    about, and not at single objects, which git only ever reads or renames into place.
    """
    doubts = list(layout.doubts)
    doubts += _strays_at_top(layout.top)
    if not layout.doubts:
        doubts += _strays_in(layout)
    if not doubts:
        doubts += _endless_in_settings(layout)
    return tuple(dict.fromkeys(doubts))


def doubts_about(layout: GitLayout | None, places: GitPlaces, worktree: str) -> tuple[str, ...]:
    """Return why a repository that looks honest may be another one for git.

    ``worktree`` is the setting `core.worktree` as git reads it, "" where it is not set.
    """
    if layout is None:
        return (f"git takes {places.git_dir} for its repository, which no .git leads to",)
    for ours, gits in (
        (layout.top, places.top),
        (layout.git_dir, places.git_dir),
        (layout.common_dir, places.common_dir),
    ):
        if not _is_same(ours, gits):
            return (f"git takes {gits} for a part of its repository, instead of {ours}",)
    if layout.needs_worktree and not (worktree and _is_same(layout.git_dir / worktree, layout.top)):
        return (_leads_away(layout.git_dir),)
    return ()


def _layout_at(top: Path) -> GitLayout | None:
    """Return the layout that begins at a `.git`; None where git passes it by and looks further up."""
    entry = top / ".git"
    if os.path.islink(entry):
        return _followed(top, entry)
    if os.path.isfile(entry):
        return _pointed_at(top, entry)
    common_dir = _common_dir(entry)
    if common_dir is None:
        return GitLayout(top, entry, entry, doubts=(_CANNOT_FOLLOW,))
    if not _is_git_folder(entry, common_dir):
        return None
    doubts = () if common_dir == entry else (f"commondir in its .git leads to {common_dir}",)
    return GitLayout(top, entry, common_dir, doubts=doubts)


def _followed(top: Path, link: Path) -> GitLayout | None:
    target = Path(os.path.realpath(link))
    if not target.exists():
        return None
    return GitLayout(top, target, target, doubts=(f"its .git is a link to {target}",))


def _pointed_at(top: Path, pointer: Path) -> GitLayout:
    """Return the layout where `.git` is a file: in a linked work tree, a submodule, or made by hand."""
    name = _read_line(pointer, b"gitdir: ")
    if not name:
        return GitLayout(top, pointer, pointer, doubts=(_CANNOT_FOLLOW,))
    git_dir = top / name
    common_dir = _common_dir(git_dir)
    if common_dir is None:
        return GitLayout(top, git_dir, git_dir, doubts=(_CANNOT_FOLLOW,))
    if common_dir != git_dir:
        is_known = _is_linked(git_dir, common_dir, pointer)
        doubts = () if is_known else (_leads_away(common_dir),)
        return GitLayout(top, git_dir, common_dir, doubts=doubts)
    is_inside = _is_below(os.path.realpath(git_dir), str(top))
    return GitLayout(top, git_dir, git_dir, needs_worktree=not is_inside)


def _is_linked(git_dir: Path, common_dir: Path, pointer: Path) -> bool:
    """Whether a repository itself keeps a git folder for the work tree of this `.git`."""
    back = _read_line(git_dir / "gitdir")
    is_listed = _is_same(git_dir.parent, common_dir / "worktrees")
    return is_listed and bool(back) and _is_same(git_dir / back, pointer)


def _common_dir(git_dir: Path) -> Path | None:
    """Return the folder that a git folder shares; None where it is said in a way that git may read otherwise."""
    path = git_dir / "commondir"
    if not os.path.lexists(path):
        return git_dir
    name = _read_line(path)
    return git_dir / name if name else None


def _read_line(path: Path, prefix: bytes = b"") -> str:
    """Return the one line of a file behind its prefix, nothing but its line feed removed; "" for anything else."""
    data = read_if_regular(path, _MAX_LINE_BYTES) or b""
    line = data.removeprefix(prefix).removesuffix(b"\n")
    is_plain = data.startswith(prefix) and not re.search(rb"[\0\r\n]", line)
    return os.fsdecode(line) if is_plain else ""


def _is_git_folder(path: Path, common_dir: Path) -> bool:
    """Whether git stops here. What it could hang at counts as a git folder, to be doubted."""
    head = path / "HEAD"
    with suppress(OSError):
        if not stat.S_ISREG(os.stat(head).st_mode) and not os.path.isdir(head):
            return True
    with suppress(OSError, ValueError):
        if os.readlink(head).startswith("refs/"):
            return (common_dir / "objects").is_dir() and (common_dir / "refs").is_dir()
    text = read_if_regular(head, _MAX_LINE_BYTES, follow_links=True) or b""
    return bool(_HEAD.match(text)) and (common_dir / "objects").is_dir() and (common_dir / "refs").is_dir()


def _strays_at_top(top: Path) -> Iterator[str]:
    """Yield what git reads at the top of a work tree and could hang at."""
    for name in _READ_AT_TOP:
        with suppress(OSError):
            mode = os.lstat(top / name).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
                yield f"{name} is a pipe or a device"


def _strays_in(layout: GitLayout) -> Iterator[str]:
    """Yield the links that leave a git folder, and what git could hang at."""
    folders = tuple(dict.fromkeys((layout.git_dir, layout.common_dir)))
    inside = tuple(os.path.realpath(folder) for folder in folders)
    for folder in folders:
        count = 0
        for entry in islice(_entries(folder), _MAX_ENTRIES):
            count += 1
            if stray := _stray(entry, inside):
                yield f"{os.path.relpath(entry.path, folder)} in its .git {stray}"
        if count == _MAX_ENTRIES:
            yield f"its .git has more than {_MAX_ENTRIES:,} entries"


def _endless_in_settings(layout: GitLayout) -> Iterator[str]:
    """Yield what the settings name for git to read and git would hang at.

    Only names are looked for here, on whatever line they stand: what settings mean is git's to say.
    """
    waiting, seen = [layout.common_dir / "config", layout.git_dir / "config.worktree"], set[Path]()
    while waiting and len(seen) < _MAX_INCLUDED_FILES:
        config = waiting.pop()
        if config in seen:
            continue
        seen.add(config)
        text = read_if_regular(config, _MAX_CONFIG_BYTES, follow_links=True) or b""
        for key, value in _NAMED_FILE.findall(text):
            name = os.path.expanduser(os.fsdecode(value.strip().strip(b'"')))
            for path in {config.parent / name, layout.top / name, layout.git_dir / name}:
                if _is_endless(path):
                    yield f"{os.fsdecode(key)} in its settings leads to {path}, which is a pipe or a device"
            if key.lower() == b"path":
                waiting.append(config.parent / name)


def _is_endless(path: Path) -> bool:
    with suppress(OSError, ValueError):
        mode = os.stat(path).st_mode
        is_device = stat.S_ISCHR(mode) and str(path) != os.devnull
        return is_device or stat.S_ISFIFO(mode) or stat.S_ISBLK(mode)
    return False


def _entries(git_dir: Path) -> Iterator["os.DirEntry[str]"]:
    for entry in _scan(git_dir):
        if entry.name != "hooks":
            yield entry
    for name in _FLAT:
        if not os.path.islink(git_dir / name):
            yield from _scan(git_dir / name)
    waiting = [git_dir / name for name in _DEEP if not os.path.islink(git_dir / name)]
    while waiting:
        for entry in _scan(waiting.pop()):
            yield entry
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))


def _scan(folder: Path) -> Iterator["os.DirEntry[str]"]:
    with suppress(OSError), os.scandir(folder) as entries:
        yield from entries


def _stray(entry: "os.DirEntry[str]", inside: tuple[str, ...]) -> str:
    """Return what is wrong with an entry; "" where nothing is."""
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if not any(_is_below(target, folder) for folder in inside):
            return f"is a link to {target}"
    elif entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return ""
    with suppress(OSError):
        mode = entry.stat().st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            return "is a pipe or a device"
    return ""


def _leads_away(folder: Path) -> str:
    return f"its .git leads to {os.path.realpath(folder)}, which does not say so"


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):
        return os.path.samefile(one, other)
    return False


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)

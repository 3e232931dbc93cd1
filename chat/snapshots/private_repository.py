"""A repository folder of our own over the user's files and objects, for `git_snapshots`.

Snapshots are to hold the bytes that are on disk, and taking one is to run nothing. The user's own
repository can promise neither: attributes convert line ends and pass files through filters, and its
configuration names programs. So git is given another folder to work from, in which nothing is
configured but what the file system needs, all conversions are off, and the index is ours.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from chat.errors import GitError
from chat.git.committer import chunks
from chat.git.index_lock import copy_index
from chat.git.process import Git
from chat.git.work_tree import WorkTree
from repomap import join_zero, read_if_regular

_COPIED_SETTINGS = frozenset(
    """core.filemode core.symlinks core.ignorecase core.precomposeunicode core.protecthfs core.protectntfs
    core.sharedrepository core.longpaths core.trustctime core.checkstat extensions.objectformat""".split()
)
_PLAIN = re.compile(r"[\w.-]+\Z")
_MAX_EXCLUDES_BYTES = 1_000_000
_CONFIG = """\
[core]
\tbare = false
\tautocrlf = false
\tsafecrlf = false
\tfsmonitor = false
\tsplitIndex = false
\tuntrackedCache = false
\tcompression = 1
\tlogAllRefUpdates = false
[index]
\tsparse = false
[diff]
\tignoreSubmodules = dirty
"""
_ATTRIBUTES = "* -text -filter -ident !working-tree-encoding\n"
_CONVERSIONS = ("text", "eol", "crlf", "filter", "ident", "working-tree-encoding")
_BEYOND_LINE_ENDS = frozenset({"filter", "ident", "working-tree-encoding"})
_OFF = frozenset({"unspecified", "unset"})
_TEMPORARY = b".trigpoint-*.tmp\n"
"""Files on their way to their place, or left by a killed process."""
_FEW_PATHS = 500
"""So many may be named one by one; for more, git lists all."""


def private_git(work_tree: WorkTree, folder: Path) -> tuple[Git, bool]:
    """Return git as it runs from ``folder`` on the files and objects of a repository.

    The second value says whether its index is new.
    """
    objects = Path(work_tree.git.line("rev-parse", "--git-path", "objects"))
    git = Git(
        work_tree.git.program,
        work_tree.git.folder,
        environment={
            "GIT_DIR": str(folder),
            "GIT_WORK_TREE": str(work_tree.git.folder),
            "GIT_OBJECT_DIRECTORY": str(work_tree.git.folder / objects),
            **{f"GIT_{role}_NAME": "trigpoint" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "trigpoint@localhost" for role in ("AUTHOR", "COMMITTER")},
        },
    )
    for name in ("refs", "objects", "info"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("HEAD", "ref: refs/heads/none\n"),
        ("config", _config(work_tree)),
        ("info/attributes", _ATTRIBUTES),
    ):
        (folder / name).write_text(
            text, "utf-8", newline="\n"
        )  # git reads a carriage return as part of a name
    copy_excludes(work_tree, folder)
    (folder / "index.lock").unlink(missing_ok=True)  # a killed process of this session left it
    if _has_readable_index(git, folder):
        return git, False
    (folder / "index").unlink(missing_ok=True)
    _start_index(work_tree, git, folder)
    return git, True


def copy_excludes(work_tree: WorkTree, folder: Path) -> bool:
    """Copy what the repository ignores beyond its files; return whether that has changed."""
    ours = folder / "info" / "exclude"
    theirs = work_tree.common_dir / "info" / "exclude"
    excludes = read_if_regular(theirs, _MAX_EXCLUDES_BYTES, follow_links=True) or b""
    excludes += b"\n" + _TEMPORARY
    if excludes == read_if_regular(ours, _MAX_EXCLUDES_BYTES):
        return False
    ours.write_bytes(excludes)
    return True


def _config(work_tree: WorkTree) -> str:
    settings = {}
    for row in work_tree.git.paths("config", "-z", "--list"):
        key, _, value = row.partition("\n")
        if key in _COPIED_SETTINGS and _PLAIN.match(value or "true"):
            settings[key] = value or "true"
    has_extensions = any(key.startswith("extensions.") for key in settings)
    rows = [f"[core]\n\trepositoryformatversion = {int(has_extensions)}\n", _CONFIG]
    rows += [
        f"[{key.partition('.')[0]}]\n\t{key.partition('.')[2]} = {value}\n" for key, value in settings.items()
    ]
    return "".join(rows)


def _has_readable_index(git: Git, folder: Path) -> bool:
    """Whether there is an index already, and a whole one."""
    if not (folder / "index").exists():
        return False
    with suppress(GitError):
        git.run("ls-files", "-u")
        return True
    return False


def _start_index(work_tree: WorkTree, git: Git, folder: Path) -> None:
    """Begin with a copy of the user's index, so that only what has changed is read.

    What in it is not true of the files is taken out: conflicts, files that the user told git not to
    look at, and files that git keeps in another form than they have on disk.
    """
    copy_index(work_tree.git_dir / "index", folder / "index")
    try:
        rows = git.paths("ls-files", "-v", "-z")
    except GitError:  # an index in parts, of which we have but one
        (folder / "index").unlink(missing_ok=True)
        return
    top = work_tree.git.folder
    marked = [
        row[2:] for row in rows if (row[0] == "S" or row[0].islower()) and os.path.lexists(top / row[2:])
    ]
    for mark in ("--no-skip-worktree", "--no-assume-unchanged") if marked else ():
        git.run("update-index", mark, "-z", "--stdin", stdin=join_zero(marked))
    conflicted = {row[2:] for row in rows if row[0] == "M"}
    untrue = conflicted.union(_converted(work_tree, git, [row[2:] for row in rows]))
    if untrue:
        git.run("update-index", "--force-remove", "-z", "--stdin", stdin=join_zero(untrue))


def _converted(work_tree: WorkTree, git: Git, paths: Sequence[str]) -> Iterator[str]:
    """Yield the paths that git may keep in another form than they have on disk.

    Converting line ends only ever shortens, so a file as long as its blob has not been converted.
    """
    fields = work_tree.git.paths("check-attr", "-z", "--stdin", *_CONVERSIONS, stdin=join_zero(paths))
    autocrlf = work_tree.git.answer("config", "--get", "core.autocrlf", accept=(0, 1)).stdout.strip().lower()
    with_line_ends = set(paths) if autocrlf not in (b"", b"false", b"no", b"off", b"0") else set()
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
        if value not in _OFF:
            if name in _BEYOND_LINE_ENDS:
                yield path
            else:
                with_line_ends.add(path)
    if with_line_ends:
        yield from _of_other_size(git, with_line_ends)


def _of_other_size(git: Git, paths: set[str]) -> Iterator[str]:
    """Yield the paths whose files are not as long as their blobs."""
    blobs = {}
    for part in chunks(sorted(paths)) if len(paths) < _FEW_PATHS else ((),):
        for row in git.paths("ls-files", "-s", "-z", "--", *part):
            description, _, path = row.partition("\t")
            if path in paths:
                blobs[path] = description.split(" ")[1]
    names = "".join(f"{object_id}\n" for object_id in blobs.values()).encode()
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", "--buffer", stdin=names)
    for path, size in zip(blobs, sizes.decode().splitlines(), strict=True):
        with suppress(OSError):  # not there: nothing to be read again
            if size != str(os.lstat(git.folder / path).st_size):
                yield path

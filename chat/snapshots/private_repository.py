"""[io] A repository folder of our own over the user's files and objects.

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
from chat.git.process import Git, join_zero
from chat.git.work_tree import Found
from repomap import read_if_regular

_TAKEN_OVER = frozenset(
    """core.filemode core.symlinks core.ignorecase core.precomposeunicode core.protecthfs core.protectntfs
    core.sharedrepository core.longpaths core.trustctime core.checkstat extensions.objectformat""".split()
)
_MAX_EXCLUDE_BYTES = 1_000_000
_PLAIN = re.compile(r"[\w.-]+\Z")
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
_ASKED = ("text", "eol", "crlf", "filter", "ident", "working-tree-encoding")
_CHANGING = frozenset({"filter", "ident", "working-tree-encoding"})
_OFF = frozenset({"unspecified", "unset"})


def private_git(found: Found, folder: Path) -> tuple[Git, bool]:
    """Git as it runs from ``folder`` on the files and objects of a repository, and whether it is new there."""
    objects = Path(found.git.line("rev-parse", "--git-path", "objects"))
    git = Git(
        found.git.program,
        found.git.folder,
        trusted=False,
        environment={
            "GIT_DIR": str(folder),
            "GIT_WORK_TREE": str(found.git.folder),
            "GIT_OBJECT_DIRECTORY": str(found.git.folder / objects),
            **{f"GIT_{role}_NAME": "trigpoint" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "trigpoint@localhost" for role in ("AUTHOR", "COMMITTER")},
        },
    )
    for name in ("refs", "objects", "info"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    (folder / "config").write_text(_config(found))
    (folder / "info" / "attributes").write_text(_ATTRIBUTES)
    copy_excludes(found, folder)
    (folder / "index.lock").unlink(missing_ok=True)  # a killed process of this session left it
    if _readable(git, folder):
        return git, False
    (folder / "index").unlink(missing_ok=True)
    _start_index(found, git, folder)
    return git, True


def copy_excludes(found: Found, folder: Path) -> bool:
    """Takes over what the repository ignores beyond its files; whether that has changed."""
    ours = folder / "info" / "exclude"
    data = (
        read_if_regular(found.common_dir / "info" / "exclude", _MAX_EXCLUDE_BYTES, follow_links=True) or b""
    )
    if data == read_if_regular(ours, _MAX_EXCLUDE_BYTES):
        return False
    ours.write_bytes(data)
    return True


def _config(found: Found) -> str:
    settings = {}
    for row in found.git.paths("config", "-z", "--list"):
        key, _, value = row.partition("\n")
        if key in _TAKEN_OVER and _PLAIN.match(value or "true"):
            settings[key] = value or "true"
    extended = any(key.startswith("extensions.") for key in settings)
    rows = [f"[core]\n\trepositoryformatversion = {int(extended)}\n", _CONFIG]
    rows += [
        f"[{key.partition('.')[0]}]\n\t{key.partition('.')[2]} = {value}\n" for key, value in settings.items()
    ]
    return "".join(rows)


def _readable(git: Git, folder: Path) -> bool:
    """Whether there is an index already, and a whole one."""
    if not (folder / "index").exists():
        return False
    with suppress(GitError):
        git.run("ls-files", "-u")
        return True
    return False


def _start_index(found: Found, git: Git, folder: Path) -> None:
    """Begins with a copy of the user's index, so that only what has changed is read.

    What in it is not so in fact is taken out: conflicts, files that the user told git not to look at,
    and files that git keeps in another form than they have on disk.
    """
    copy_index(found.git_dir / "index", folder / "index")
    try:
        rows = git.paths("ls-files", "-v", "-z")
    except GitError:  # an index in parts, of which we have but one
        (folder / "index").unlink(missing_ok=True)
        return
    top = found.git.folder
    hidden = [
        row[2:] for row in rows if (row[0] == "S" or row[0].islower()) and os.path.lexists(top / row[2:])
    ]
    for mark in ("--no-skip-worktree", "--no-assume-unchanged") if hidden else ():
        git.run("update-index", mark, "-z", "--stdin", stdin=join_zero(hidden))
    untrue = {row[2:] for row in rows if row[0] == "M"}.union(
        _converted(found, git, [row[2:] for row in rows])
    )
    if untrue:
        git.run("update-index", "--force-remove", "-z", "--stdin", stdin=join_zero(untrue))


def _converted(found: Found, git: Git, paths: Sequence[str]) -> Iterator[str]:
    """The paths that git may keep in another form than they have on disk.

    Line ends are only ever shortened, so a file that is as long as its blob has not been changed by them.
    """
    fields = found.git.paths("check-attr", "-z", "--stdin", *_ASKED, stdin=join_zero(paths))
    crlf = found.git.answer("config", "--get", "core.autocrlf", accept=(0, 1)).stdout.strip().lower()
    ends = set(paths) if crlf not in (b"", b"false", b"no", b"off", b"0") else set()
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
        if value not in _OFF:
            if name in _CHANGING:
                yield path
            else:
                ends.add(path)
    if ends:
        yield from _of_other_size(git, ends)


def _of_other_size(git: Git, paths: set[str]) -> Iterator[str]:
    blobs = {}
    for part in chunks(sorted(paths)) if len(paths) < 500 else ((),):
        for row in git.paths("ls-files", "-s", "-z", "--", *part):
            what, _, path = row.partition("\t")
            if path in paths:
                blobs[path] = what.split(" ")[1]
    sizes = git.run(
        "cat-file",
        "--batch-check=%(objectsize)",
        "--buffer",
        stdin="".join(f"{name}\n" for name in blobs.values()).encode(),
    )
    for path, size in zip(blobs, sizes.decode().splitlines(), strict=True):
        try:
            same = size == str(os.lstat(git.folder / path).st_size)
        except OSError:
            same = True  # not there: nothing to be read again
        if not same:
            yield path

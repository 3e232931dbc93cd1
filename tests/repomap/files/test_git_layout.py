"""Whether the repository around a folder is its own: real git folders, honest and made up."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from repositories import git, make_repository, write_files

from repomap.errors import DoubtfulGit
from repomap.files.git import Git
from repomap.files.git_layout import find_layout, look_for_doubts
from repomap.files.listing import list_files

POSIX = pytest.mark.skipif(os.name != "posix", reason="links and pipes")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that may mean harm, with another one of the user's beside it."""
    make_repository(tmp_path / "mine", {"secret.txt": "mine\n"}, ["Mine"])
    return make_repository(tmp_path / "root", {"a.py": "x = 1\n"}, ["First"])


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _replace_git(root: Path, text: bytes) -> None:
    (root / ".git").rename(root / "g")
    (root / ".git").write_bytes(text)


HONEST: dict[str, Callable[[Path], Path]] = {
    "a clone": lambda root: root,
    "a folder below": lambda root: root / "deep",
    "a linked work tree": lambda root: _worktree(root, root.parent / "linked"),
    "a linked work tree inside": lambda root: _worktree(root, root / ".trees" / "linked"),
    "a submodule": lambda root: _submodule(root),
    "a git folder inside, under another name": lambda root: _named(root, b"gitdir: g\n"),
    "the same with a blank at its end": lambda root: _blank(root),
    "a link inside": lambda root: _with(root, lambda: _link(root / ".git/HEAD", "refs/heads/main")),
    "hooks that are a link": lambda root: _with(root, lambda: _link(root / ".git/hooks", "../hooks")),
}


def _with(root: Path, act: Callable[[], None]) -> Path:
    if (root / ".git/hooks").is_dir():
        (root / ".git/hooks").rename(root / "hooks")
    act()
    return root


def _worktree(root: Path, place: Path) -> Path:
    git(root, "worktree", "add", "-q", str(place))
    return place


def _submodule(root: Path) -> Path:
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(root.parent / "mine"), "sub")
    return root / "sub"


def _named(root: Path, text: bytes) -> Path:
    _replace_git(root, text)
    return root


def _blank(root: Path) -> Path:
    _replace_git(root, b"gitdir: g \n")
    (root / "g").rename(root / "g ")
    return root


@POSIX
@pytest.mark.parametrize("how", HONEST)
def test_what_points_back_is_not_doubted(root: Path, how: str) -> None:
    """And git is asked for its files."""
    write_files(root, {"deep/b.py": "y = 1\n"})
    folder = HONEST[how](root)

    layout = find_layout(folder)
    assert layout is not None
    assert look_for_doubts(layout) == ()
    found = Git.find(folder)
    assert found is not None
    assert found.commit is not None


def _made_up_worktree(root: Path) -> None:
    _replace_git(root, b"gitdir: g\n")
    write_files(root, {"g/commondir": "../../mine/.git\n", "g/gitdir": f"{root}/.git\n"})


def _moved(root: Path, path: str, target: str) -> None:
    """Leave a link in the place of a folder."""
    (root / path).rename(root / "moved")
    (root / path).symlink_to(target)


def _configure(root: Path, *arguments: str) -> None:
    git(root, "config", *arguments)


def _pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _names_pipe(root: Path, text: str) -> None:
    os.mkfifo(root / "pipe")
    with (root / ".git/config").open("a") as config:
        config.write(text)


LINKED = """COMMIT_EDITMSG ORIG_HEAD config index packed-refs info/exclude logs/HEAD logs/refs/heads/main
    refs/heads/main objects/info/alternates shallow""".split()
PIPES = (".git/HEAD", ".git/config", ".git/info/exclude", ".git/index", ".gitattributes")

DOUBTFUL: dict[str, Callable[[Path], None]] = {
    "a file that leads elsewhere": lambda root: _replace_git(root, b"gitdir: ../mine/.git\n"),
    "a zero byte": lambda root: _replace_git(root, b"gitdir: g\0x\n"),
    "a carriage return": lambda root: _replace_git(root, b"gitdir: g\r\n"),
    "two lines": lambda root: _replace_git(root, b"gitdir: g\nx\n"),
    "no prefix": lambda root: _replace_git(root, b"g\n"),
    "a link": lambda root: _moved(root, ".git", "moved"),
    "a link elsewhere": lambda root: _moved(root, ".git", "../mine/.git"),
    "commondir": lambda root: write_files(root, {".git/commondir": "../../mine/.git\n"}),
    "commondir with a zero byte": lambda root: write_files(root, {".git/commondir": "../../mine/.git\0\n"}),
    "a work tree made up": _made_up_worktree,
    "a setting": lambda root: _configure(root, "core.worktree", "../.."),
    "HEAD of another": lambda root: _link(root / ".git/HEAD", "../../mine/.git/HEAD"),
    **{
        f"a link in place of {name}": partial(
            lambda name, root: _link(root / ".git" / name, f"{root.parent}/mine/secret.txt"), name
        )
        for name in LINKED
    },
    **{f"a pipe in place of {name}": partial(lambda name, root: _pipe(root / name), name) for name in PIPES},
    "a pipe that settings include": lambda root: _names_pipe(root, "[include]\n\tpath = ../pipe\n"),
    "a pipe of rules": lambda root: _names_pipe(root, "[core] excludesFile = pipe\n"),
    "a device": lambda root: _link(root / ".git/info/exclude", "/dev/zero"),
    "objects elsewhere": lambda root: _moved(root, ".git/objects", "../../mine/.git/objects"),
}


@POSIX
@pytest.mark.parametrize("how", DOUBTFUL)
def test_what_leads_elsewhere_or_hangs_is_listed_without_git(root: Path, how: str) -> None:
    """With a warning that says why: nothing of the other repository is read, and nothing hangs."""
    DOUBTFUL[how](root)

    with pytest.raises(DoubtfulGit):
        Git.find(root)
    listing = list_files(root)

    assert listing.git is None
    assert "a.py" in listing.paths
    assert "secret.txt" not in listing.paths
    assert "git was not asked" in listing.warnings[0]

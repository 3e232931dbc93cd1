"""Which files belong to a repository, and the stat data that shows whether they changed."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap.errors import NotMappable
from repomap.files.collector import EntryKind, decode_path, encode_path
from repomap.files.ignore import without_backtracking
from repomap.files.listing import FileListing, list_files
from repomap.files.walk import walk

posix = pytest.mark.skipif(os.name != "posix", reason="needs links, pipes or bytes in names")


def git(folder: Path, *args: str, given: bytes | None = None) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *identity, *args], cwd=folder, input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()


def write(root: Path, *paths: str, text: str = "x\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder that no repository holds."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def work_tree(root: Path) -> Path:
    git(root, "init", "-q")
    return root


def commit_all(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")


def kinds(listing: FileListing) -> dict[str, EntryKind]:
    return {path: EntryKind(kind) for path, kind in zip(listing.paths, listing.kinds, strict=True)}


# ---------------------------------------------------------------- in a git work tree


def test_tracked_and_new_files_are_listed_but_not_ignored_or_deleted_ones(work_tree: Path) -> None:
    """What a person sees as the repository's files right now."""
    write(work_tree, "kept.py", "deleted.py", "pkg/a.py", "forced.log")
    commit_all(work_tree)
    write(work_tree, ".gitignore", text="*.log\nbuild/\n")
    write(work_tree, "new.py", "noise.log", "build/out.py", "pkg/new.py")
    (work_tree / "deleted.py").unlink()

    listing = list_files(work_tree)

    assert listing.paths == [".gitignore", "forced.log", "kept.py", "new.py", "pkg/a.py", "pkg/new.py"]
    assert listing.warnings == ()
    assert listing.commit == git(work_tree, "rev-parse", "HEAD")


def test_a_subfolder_as_root_gives_paths_relative_to_itself(work_tree: Path) -> None:
    """Paths in and out of the map are relative to the folder that was named."""
    write(work_tree, "top.py", "sub/a.py", "sub/deep/b.py", "sub/x.log")
    write(work_tree, ".gitignore", text="*.log\n/sub/gone.py\n")
    write(work_tree, "sub/gone.py")

    listing = list_files(work_tree / "sub")

    assert listing.paths == ["a.py", "deep/b.py"]
    assert listing.git is not None
    assert listing.git.prefix == "sub/"


def test_a_folder_that_its_repository_ignores_is_walked(work_tree: Path) -> None:
    """Someone who names such a folder wants to see its files."""
    write(work_tree, ".gitignore", text="out/\n")
    write(work_tree, "out/a.py", "out/node_modules/b.js")

    listing = list_files(work_tree / "out")

    assert listing.paths == ["a.py"]
    assert listing.git is None


def test_a_conflicted_file_is_listed_once(work_tree: Path) -> None:
    """The index holds it up to three times in the middle of a merge."""
    write(work_tree, "a.py")
    commit_all(work_tree)
    blob = git(work_tree, "hash-object", "a.py")
    rows = "".join(f"100644 {blob} {stage}\ta.py\n" for stage in (1, 2, 3))
    git(work_tree, "update-index", "--force-remove", "a.py")
    git(work_tree, "update-index", "--index-info", given=rows.encode())

    assert list_files(work_tree).paths == ["a.py"]


def test_before_the_first_commit_files_are_listed(work_tree: Path) -> None:
    """A repository of five minutes ago has files and no HEAD."""
    write(work_tree, "a.py")

    listing = list_files(work_tree)

    assert listing.paths == ["a.py"]
    assert listing.commit is None


def test_files_outside_a_sparse_checkout_are_left_out(work_tree: Path) -> None:
    """They are in the index but not on disk."""
    write(work_tree, "in/a.py", "out/b.py", "top.py")
    commit_all(work_tree)
    git(work_tree, "sparse-checkout", "set", "--cone", "in")

    listing = list_files(work_tree)

    assert listing.paths == ["in/a.py", "top.py"]
    assert listing.warnings == ()


def test_a_linked_work_tree_is_like_any_other(work_tree: Path, tmp_path: Path) -> None:
    """Its `.git` is a file, and it has another branch."""
    write(work_tree, "a.py")
    commit_all(work_tree)
    git(work_tree, "worktree", "add", "-q", str(tmp_path / "linked"))
    write(tmp_path / "linked", "only-here.py")

    listing = list_files(tmp_path / "linked")

    assert listing.paths == ["a.py", "only-here.py"]
    assert listing.commit is not None


@pytest.fixture
def with_submodules(work_tree: Path, tmp_path: Path) -> Path:
    """A submodule that holds another one, one without a checkout, and a clone nobody tracks."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for folder, name in ((inner, "inner.py"), (outer, "outer.py")):
        folder.mkdir()
        git(folder, "init", "-q")
        write(folder, name)
        commit_all(folder)
    git(outer, "submodule", "add", "-q", str(inner), "nested")
    git(outer, "commit", "-qm", "nested")
    write(work_tree, "a.py")
    git(work_tree, "submodule", "add", "-q", str(outer), "lib/outer")
    git(work_tree, "submodule", "add", "-q", str(inner), "empty")
    commit_all(work_tree)
    git(work_tree, "submodule", "update", "-q", "--init", "--recursive", "lib/outer")
    git(work_tree, "submodule", "deinit", "-q", "-f", "empty")
    git(work_tree, "clone", "-q", str(inner), "clone")
    return work_tree


def test_other_repositories_are_one_entry_each(with_submodules: Path) -> None:
    """Their files are another project's."""
    listing = list_files(with_submodules)

    assert kinds(listing) == {
        ".gitmodules": EntryKind.FILE,
        "a.py": EntryKind.FILE,
        "clone": EntryKind.SUBMODULE,
        "empty": EntryKind.SUBMODULE,
        "lib/outer": EntryKind.SUBMODULE,
    }


def test_other_repositories_are_entered_on_request(with_submodules: Path) -> None:
    """At any depth; one without a checkout stays an entry."""
    listing = list_files(with_submodules, submodules=True)

    assert kinds(listing) == {
        ".gitmodules": EntryKind.FILE,
        "a.py": EntryKind.FILE,
        "clone/inner.py": EntryKind.FILE,
        "empty": EntryKind.SUBMODULE,
        "lib/outer/.gitmodules": EntryKind.FILE,
        "lib/outer/nested/inner.py": EntryKind.FILE,
        "lib/outer/outer.py": EntryKind.FILE,
    }


def test_a_tracked_file_that_became_a_folder_is_no_submodule(work_tree: Path) -> None:
    """The folder's files are new files."""
    write(work_tree, "a")
    commit_all(work_tree)
    (work_tree / "a").unlink()
    write(work_tree, "a/b.py")

    assert kinds(list_files(work_tree)) == {"a/b.py": EntryKind.FILE}


@posix
def test_files_below_a_folder_that_became_a_link_are_not_reached(work_tree: Path, tmp_path: Path) -> None:
    """The index still names them, and the link leads out of the root."""
    write(work_tree, "a.py", "sub/deep/secret.py")
    commit_all(work_tree)
    shutil.move(work_tree / "sub", tmp_path / "outside")
    (work_tree / "sub").symlink_to(tmp_path / "outside")

    assert list_files(work_tree).paths == ["a.py"]


@pytest.mark.parametrize(
    "path", ["../outside.py", "sub/../../x.py", ".git/config", "sub/.GIT/x.py", "/etc/hosts.x"]
)
def test_a_forged_index_does_not_lead_out(work_tree: Path, path: str) -> None:
    """git refuses to write such names but reads them."""
    placeholder = "p" * len(path)
    write(work_tree, "a.py", placeholder, "sub/b.py")
    write(work_tree.parent, "outside.py", "x.py")
    commit_all(work_tree)
    (work_tree / placeholder).unlink()
    index = work_tree / ".git" / "index"
    body = index.read_bytes()[:-20].replace(placeholder.encode(), path.encode())
    index.write_bytes(body + hashlib.sha1(body, usedforsecurity=False).digest())

    assert list_files(work_tree).paths == ["a.py", "sub/b.py"]


def test_a_configured_work_tree_elsewhere_is_not_followed(work_tree: Path, tmp_path: Path) -> None:
    """A repository's own configuration could otherwise point the map at any folder."""
    write(work_tree, "a.py", "sub/b.py")
    write(tmp_path, "elsewhere/c.py")
    git(work_tree, "config", "core.worktree", str(tmp_path / "elsewhere"))

    assert list_files(work_tree).paths == ["a.py", "sub/b.py"]
    assert list_files(work_tree / "sub").paths == ["b.py"]


# ---------------------------------------------------------------- anywhere


@pytest.fixture(params=["git", "walk"])
def anywhere(request: pytest.FixtureRequest, root: Path) -> Path:
    """The same expectations hold with git and without it."""
    if request.param == "git":
        git(root, "init", "-q")
    return root


@posix
@posix
def test_a_link_that_is_removed_while_files_are_listed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everything that goes meanwhile; below `/proc` there are links that nobody can follow."""
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to("a.py")

    def gone(path: object, **_: object) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(os, "readlink", gone)
    assert list(list_files(tmp_path).paths) == ["a.py"]


def test_links_are_listed_only_when_they_lead_to_a_file_inside(anywhere: Path, tmp_path: Path) -> None:
    """Nothing outside the root is read, and no loop is walked."""
    write(anywhere, "a.py", "sub/b.py")
    write(tmp_path, "outside.py")
    for name, target in {
        "inside.py": "sub/b.py",
        "sub/up.py": "../a.py",
        "absolute.py": str(anywhere / "a.py"),
        "out.py": "../outside.py",
        "dangling.py": "nowhere.py",
        "loop.py": "loop.py",
        "folder": "sub",
        "sub/around": "..",
        "device.py": "/dev/zero",
    }.items():
        (anywhere / name).symlink_to(target)

    assert kinds(list_files(anywhere)) == {
        "a.py": EntryKind.FILE,
        "absolute.py": EntryKind.LINK,
        "inside.py": EntryKind.LINK,
        "sub/b.py": EntryKind.FILE,
        "sub/up.py": EntryKind.LINK,
    }


@posix
def test_pipes_and_sockets_are_left_out(anywhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening one would block forever."""
    write(anywhere, "a.py")
    os.mkfifo(anywhere / "pipe.py")
    monkeypatch.chdir(anywhere)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.py")

        assert list_files(anywhere).paths == ["a.py"]


ODD_NAMES = [
    b"new\nline.py",
    b'quote".py',
    b"-dash.py",
    b"--output=x.py",
    b":(glob)*.py",
    b"back\\slash.py",
    b"space at end.py ",
    b" leading.py",
    b"tab\t.py",
    b"#hash.py",
    b"!bang.py",
    b"*star[1]?.py",
    b"\xff\xfe.py",
    b"latin-\xe9.py",
    "é-nfc.py".encode(),
    "e\u0301-nfd.py".encode(),
    "漢字😀.py".encode(),
    b"\x1b[31mred.py",
    b"n" * 252 + b".py",
    b"CON",
    b"aux.py",
    b"$(touch x).py",
    b"...",
    b".gitx",
]


@posix
def test_any_name_is_listed_as_it_is(anywhere: Path) -> None:
    """Names are bytes; all that a file system allows are listed and can be opened."""
    for name in ODD_NAMES:
        Path(os.fsdecode(os.fsencode(anywhere) + b"/" + name)).write_bytes(name)

    listing = list_files(anywhere)

    assert sorted(map(encode_path, listing.paths)) == sorted(ODD_NAMES)
    assert listing.paths == sorted(listing.paths)
    for i, path in enumerate(listing.paths):
        with open(listing.locate(i), "rb") as file:
            assert file.read() == encode_path(path)


def test_stat_data_shows_what_changed(anywhere: Path) -> None:
    """A file that is rewritten, replaced or touched differs in at least one column."""
    write(anywhere, "same.py", "grown.py", "replaced.py", "touched.py")
    before = list_files(anywhere)
    write(anywhere, "grown.py", text="more than before\n")
    write(anywhere, "other.tmp")
    (anywhere / "other.tmp").replace(anywhere / "replaced.py")
    os.utime(anywhere / "touched.py", ns=(1, int(before.mtime_ns[3]) + 1))

    after = list_files(anywhere)

    changed = [
        path
        for i, path in enumerate(after.paths)
        if any(
            getattr(before, c)[i] != getattr(after, c)[i] for c in ("size", "mtime_ns", "ctime_ns", "inode")
        )
    ]
    assert after.paths == before.paths
    assert changed == ["grown.py", "replaced.py", "touched.py"]


def test_columns_hold_the_stat_data_of_their_file(anywhere: Path) -> None:
    """In the row of its path."""
    write(anywhere, "a.py", text="abc")
    status = (anywhere / "a.py").lstat()

    listing = list_files(anywhere)

    assert (listing.paths, listing.kinds.tolist(), listing.size.tolist()) == (["a.py"], [EntryKind.FILE], [3])
    assert listing.mtime_ns.tolist() == [status.st_mtime_ns]
    assert listing.inode.tolist() == [status.st_ino & (2**63 - 1)]


@posix
@pytest.mark.parametrize("seconds", [-5_000_000_000, -1, 0, 2**33, 2**34 - 1])
def test_odd_times_do_no_harm(anywhere: Path, seconds: int) -> None:
    """File systems store times from 1901 to 2446; 64-bit nanoseconds end in 2262."""
    write(anywhere, "a.py")
    os.utime(anywhere / "a.py", (seconds, seconds))

    listing = list_files(anywhere)

    assert listing.mtime_ns.dtype == np.int64
    assert listing.mtime_ns[0] >= 0


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root can read every folder")
def test_an_unreadable_folder_is_a_warning(anywhere: Path) -> None:
    """The rest is mapped, and the user learns what is missing."""
    write(anywhere, "a.py", "closed/b.py")
    (anywhere / "closed").chmod(0)
    try:
        listing = list_files(anywhere)
    finally:
        (anywhere / "closed").chmod(0o755)

    assert listing.paths == ["a.py"]
    assert len(listing.warnings) == 1
    assert "closed" in listing.warnings[0]
    assert "Permission denied" in listing.warnings[0]


@pytest.mark.parametrize("name", [".aiderignore", ".trigpointignore"])
def test_map_ignore_files_apply_in_any_folder(anywhere: Path, name: str) -> None:
    """They add to git's rules, for files that are tracked but not wanted in a map."""
    write(anywhere, name, text="/data\n*.gen.py\n!kept.gen.py\n")
    write(anywhere, f"sub/{name}", text="!x.gen.py\n/local.py\n")
    write(
        anywhere, "a.py", "data/b.py", "x.gen.py", "kept.gen.py", "sub/x.gen.py", "sub/local.py", "local.py"
    )
    if (anywhere / ".git").exists():
        commit_all(anywhere)

    listing = list_files(anywhere)

    assert listing.paths == [name, "a.py", "kept.gen.py", "local.py", f"sub/{name}", "sub/x.gen.py"]


def test_map_ignore_files_cannot_include(anywhere: Path) -> None:
    """What git ignores stays excluded."""
    write(anywhere, ".gitignore", text="*.log\n")
    write(anywhere, ".trigpointignore", text="!*.log\n")
    write(anywhere, "a.py", "x.log")

    assert list_files(anywhere).paths == [".gitignore", ".trigpointignore", "a.py"]


def test_a_map_ignore_file_applies_even_if_git_ignores_it(work_tree: Path) -> None:
    """People keep `.aider*` in their .gitignore."""
    write(work_tree, ".gitignore", text=".aider*\n")
    write(work_tree, ".aiderignore", text="secret/\n")
    write(work_tree, "a.py", "secret/b.py")

    assert list_files(work_tree).paths == [".gitignore", "a.py"]


def test_map_ignore_files_above_a_subfolder_apply(work_tree: Path) -> None:
    """The repository's rules hold in a map of one of its subfolders."""
    write(work_tree, ".aiderignore", text="*.gen.py\n/sub/pkg/hidden/\n")
    write(work_tree, "sub/pkg/a.py", "sub/pkg/b.gen.py", "sub/pkg/hidden/c.py")

    assert list_files(work_tree / "sub" / "pkg").paths == ["a.py"]


# ---------------------------------------------------------------- without git


def test_a_walk_skips_folders_that_only_tools_write(root: Path) -> None:
    """Nothing else distinguishes an installed package's files from the project's."""
    write(root, "src/a.py", "build/b.py", "dist/c.py", "vendor/d.py", "target/e.rs")
    for folder in (".git", ".hg", "node_modules", "pkg/node_modules", "pkg/__pycache__", ".venv", ".tox"):
        write(root, f"{folder}/x.py")
    write(
        root,
        "my-env/pyvenv.cfg",
        "my-env/lib/x.py",
        "mirror.git/HEAD",
        "mirror.git/refs/x",
        "mirror.git/objects/x",
    )

    assert list_files(root).paths == ["build/b.py", "dist/c.py", "src/a.py", "target/e.rs", "vendor/d.py"]


def test_in_a_walk_ignore_overrides_gitignore(root: Path) -> None:
    """Within one folder, as in search tools; the nearest folder decides first."""
    write(root, ".gitignore", text="*.a\n*.b\n")
    write(root, ".ignore", text="!x.a\n*.c\n")
    write(root, "sub/.gitignore", text="!*.c\n")
    write(root, "x.a", "y.a", "x.b", "x.c", "sub/x.c", "sub/x.b")

    assert list_files(root).paths == [".gitignore", ".ignore", "sub/.gitignore", "sub/x.c", "x.a"]


SEGMENTS = st.sampled_from(["a", "b", "ab", "a.c", "b.c", ".a", "a b", "foo", "foo.o", "B"])
PATTERNS = st.sampled_from(
    [
        *(
            "a",
            "b",
            "*.c",
            "*.o",
            "/a",
            "a/",
            "foo/",
            "/foo/",
            "a/b",
            "a/*",
            "**/b",
            "a/**",
            "a/**/b",
            "*",
            "*/",
        ),
        *(
            "!a",
            "!b",
            "!*.c",
            "!*/",
            "!foo/",
            "!/a",
            "!a/b",
            "[ab]",
            "?",
            "a*",
            "*a*",
            "\\a",
            "a b",
            "foo ",
            "#x",
        ),
        *(
            "!foo/a.c",
            "/*",
            "!/foo",
            "/foo/*",
            "!/foo/a",
            "**",
            "**/",
            "foo/**/a.c",
            "[!a]",
            "[^a].c",
            "[a",
            "a[]",
        ),
        *("[[:alpha:]]", "[[:upper:]]*", "\\!a", "\\#", "a\\ ", "/", "//", "!", "./a", "../a", "a//b", "\\*"),
        *(
            "*.c/",
            "**a",
            "a**b",
            "**/a/",
            "a?",
            "{a,b}",
            "\ta",
            " a",
            "a\\",
            "[a-b].c",
            "[]a]b",
            "[[",
            "a*b*c*o",
        ),
    ]
)


@example(paths=[["b", "a", "b"], ["b", "c"], ["c"]], rules=[(0, ["a", "!b"])])
@example(paths=[["a", "b"], ["a", "c", "d"], ["c"]], rules=[(0, ["a/**", "!a/b"])])
@example(paths=[["a", "b"], ["a", "c", "d"], ["c"]], rules=[(0, ["a/**/"])])
@example(paths=[["a", "b"], ["b"], ["c", "d"]], rules=[(0, ["a/", "!a", "*/", "!c"])])
@examples(60)
@given(
    paths=st.lists(st.lists(SEGMENTS, min_size=1, max_size=4), min_size=3, max_size=12),
    rules=st.lists(st.tuples(st.integers(0, 20), st.lists(PATTERNS, min_size=1, max_size=4)), max_size=3),
)
def test_a_walk_finds_what_git_lists(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]], rules: list[tuple[int, list[str]]]
) -> None:
    """git itself is the specification of `.gitignore`: negation, anchoring, parent folders."""
    root = tmp_path_factory.mktemp("walk")
    for parts in paths:
        target = root.joinpath(*parts)
        if not target.exists() and not any(p.is_file() for p in target.parents):
            write(root, "/".join(parts))
    folders = [root, *sorted(p for p in root.rglob("*") if p.is_dir())]
    for number, lines in rules:
        write(folders[number % len(folders)], ".gitignore", text="\n".join(lines) + "\n")

    walked = sorted(map(decode_path, walk(os.fsencode(root), pytest.fail)))

    git(root, "init", "-q")
    listed = git(root, "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard").split("\n")
    assert walked == sorted(path for path in listed if path)
    shutil.rmtree(root)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*a" * 40 + "b", "a" * 200),
        ("*?*?*?*?*?*?*?*?b", "a" * 200),
        ("**/a/**/a/**/a/**/b", "a/" * 80 + "c"),
    ],
)
def test_a_hostile_pattern_is_matched_quickly(root: Path, pattern: str, name: str) -> None:
    """Backtracking through all the ways in which these could match would take hours."""
    write(root, ".gitignore", text=pattern + "\n")
    write(root, name)

    began = time.process_time()
    listing = list_files(root)

    assert name in listing.paths
    assert time.process_time() - began < 2
    assert all("wildcards" in w or "`**`" in w for w in listing.warnings)


@given(
    st.lists(st.sampled_from(["a", "b", "ab", "[^/]", "[a-b]", "\\."]), min_size=1, max_size=8),
    st.text("ab./", max_size=12),
)
def test_a_pattern_without_backtracking_matches_the_same(parts: list[str], path: str) -> None:
    """It only skips attempts that cannot succeed."""
    regex = "[^/]*".join(("^", *parts)) + "(?:/|$)"

    assert bool(re.search(without_backtracking(regex), path)) == bool(re.search(regex, path))


@posix
def test_an_ignore_file_that_is_not_a_regular_file_is_not_opened(root: Path, tmp_path: Path) -> None:
    """A pipe would hang the walk; a link could lead anywhere."""
    write(root, "a.py", "sub/b.py")
    write(tmp_path, "rules", text="*.py\n")
    os.mkfifo(root / ".gitignore")
    (root / "sub" / ".gitignore").symlink_to(tmp_path / "rules")

    assert list_files(root).paths == ["a.py", "sub/b.py"]


def test_an_oversized_ignore_file_is_a_warning(root: Path) -> None:
    """A million bytes cannot be rules that somebody wrote."""
    write(root, "a.py")
    write(root, ".gitignore", text="*.py\n" * 250_000)

    listing = list_files(root)

    assert listing.paths == [".gitignore", "a.py"]
    assert "larger than 1,000,000 bytes" in listing.warnings[0]


@posix
def test_depth_has_no_limit(root: Path) -> None:
    """Deeper than Python's recursion limit."""
    deepest = str(root)
    for _ in range(1200):
        deepest += "/d"
        os.mkdir(deepest)
    Path(deepest, "a.py").touch()
    try:
        assert list_files(root).paths == ["d/" * 1200 + "a.py"]
        git(root, "init", "-q")
        assert list_files(root).paths == ["d/" * 1200 + "a.py"]
    finally:  # pytest removes the folder recursively
        os.unlink(deepest + "/a.py")
        while deepest != str(root):
            os.rmdir(deepest)
            deepest = os.path.dirname(deepest)


def test_a_repository_without_git_installed_is_walked_with_a_warning(
    work_tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The map is useful, and the warning explains why it may hold more than expected."""
    write(work_tree, "a.py")
    monkeypatch.setenv("PATH", str(tmp_path))

    listing = list_files(work_tree)

    assert listing.paths == ["a.py"]
    assert "git was not found" in listing.warnings[0]


# ---------------------------------------------------------------- nothing to map


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    """The name may be misspelt."""
    with pytest.raises(NotMappable, match=r"There is no folder .* Nothing was mapped"):
        list_files(tmp_path / "nowhere")


def test_an_impossible_name_is_an_error(tmp_path: Path) -> None:
    """A NUL ends a name on every system."""
    with pytest.raises(NotMappable, match="There is no folder"):
        list_files(tmp_path / "a\0b")


def test_a_file_as_root_is_an_error(tmp_path: Path) -> None:
    """Only a folder can be mapped."""
    write(tmp_path, "a.py")

    with pytest.raises(NotMappable, match="is a file, not a folder"):
        list_files(tmp_path / "a.py")


def test_an_empty_root_is_an_error(anywhere: Path) -> None:
    """Even if it holds files that are ignored."""
    write(anywhere, ".gitignore", text="*\n")

    with pytest.raises(NotMappable, match="has no files, or all are ignored"):
        list_files(anywhere)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root can read every folder")
def test_an_unreadable_root_is_an_error(root: Path) -> None:
    """The message says that a permission is missing, not the folder."""
    root.chmod(0)
    try:
        with pytest.raises(NotMappable, match=r"cannot be read \(Permission denied\)"):
            list_files(root)
    finally:
        root.chmod(0o755)

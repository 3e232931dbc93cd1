"""Snapshots of a work tree by git, and of a folder without: the same rules for both."""

import importlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from work_trees import conflict, git, looks, make, write

from chat.errors import GitError, NothingToUndo
from chat.git.process import Git
from chat.git.repository import open_repository
from chat.snapshots import file_snapshots, git_snapshots
from chat.snapshots.file_snapshots import FileSnapshots
from chat.snapshots.git_snapshots import GitSnapshots
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.own_changes import way_back
from chat.snapshots.restore import Restored, carry_out, changes_of, plan_rollback, plan_steps
from chat.snapshots.turn_record import TurnRecord

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, modes and names that Windows has not")
Store = GitSnapshots | FileSnapshots


def by_git(root: Path, state: Path, session: str = "session") -> GitSnapshots:
    repository = open_repository(root, trusted=False)
    assert repository is not None
    return GitSnapshots(repository, session, state / session)


def by_store(root: Path, state: Path, session: str = "session") -> FileSnapshots:
    def paths() -> list[str]:
        found: list[str] = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name != ".git"]
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in (*names, *links)]
        return [path.replace(os.sep, "/") for path in found]

    return FileSnapshots(root, state / session, paths)


def restore(store: Store, snapshot: str, paths: Sequence[str] | None, expected: str) -> Restored:
    """Makes files as they were in a snapshot."""
    if paths is None:
        plan = plan_rollback(store, snapshot, expected)
    else:
        record = TurnRecord(1, snapshot, expected, tuple(paths))
        changes, left_out = changes_of(record, store, KeptChanges())
        plan = plan_steps(store.root, way_back(changes), left_out)
    return carry_out(plan, store.root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "work")


@pytest.fixture(params=[by_git, by_store], ids=["git", "store"])
def opened(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Callable[[], Store]:
    return lambda: request.param(root, tmp_path / "state")


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()


def test_a_snapshot_holds_every_file_as_it_is(root: Path, store: Store) -> None:
    """Tracked and new ones, whatever of them is staged."""
    write(root, "a.txt", "two\n")
    write(root, "new/er.txt", "new\n")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    write(root, "b.txt", "changed after\n")

    kept = store.take("turn 1")

    assert store.read(kept, "a.txt") == b"two\n"
    assert store.read(kept, "b.txt") == b"changed after\n"
    assert store.read(kept, "new/er.txt") == b"new\n"
    assert store.read(kept, "never.txt") is None


def test_taking_one_changes_nothing(root: Path, store: Store) -> None:
    """Neither index, nor branch, nor file, to the bit."""
    write(root, "a.txt", "two\n")
    write(root, "new.txt", "new\n")
    git(root, "add", "-N", "new.txt")
    before, index = looks(root), (root / ".git" / "index").read_bytes()

    store.take("turn 1")

    assert (root / ".git" / "index").read_bytes() == index
    assert looks(root) == before


def test_what_changed_between_two(root: Path, store: Store) -> None:
    """Changed, new and deleted files, sorted; and the diff of them."""
    first = store.take("first")
    write(root, "b.txt", "two\n")
    (root / "a.txt").unlink()
    write(root, "c/new.txt", "new\n")
    second = store.take("second")

    assert store.changed(first, second) == ("a.txt", "b.txt", "c/new.txt")
    assert store.changed(second, second) == ()
    assert "+++ b/c/new.txt\n@@ -0,0 +1 @@\n+new\n" in store.diff(first, second)


def test_snapshots_are_numbered_and_labelled(root: Path, opened: Callable[[], Store]) -> None:
    """From 1, oldest first, going on after a restart; two of the same tree are two."""
    first = opened().take("turn 1: add\nthings")
    second = opened().take("turn 2")

    found = opened().snapshots()

    assert [(each.number, each.id) for each in found] == [(1, first), (2, second)]
    assert first != second
    assert found[1].label == "turn 2"
    assert abs(found[0].time_s - time.time()) < 60


def test_an_edit_of_the_same_size_in_the_same_moment_is_seen(root: Path, store: Store) -> None:
    """File times are coarser than edits are fast."""
    for number in range(10):
        write(root, "a.txt", f"{number}\n")
        kept = store.take(f"turn {number}")
        assert store.read(kept, "a.txt") == b"%d\n" % number


def test_an_edit_with_its_old_time_is_seen_in_the_first_snapshot(root: Path, store: Store) -> None:
    """Written in the moment in which git wrote its index, in the same size."""
    write(root, "a.txt", "xxx\n")
    git(root, "add", "a.txt")
    stat = (root / "a.txt").stat()
    write(root, "a.txt", "yyy\n")
    os.utime(root / "a.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))

    kept = store.take("turn 1")

    assert store.read(kept, "a.txt") == b"yyy\n"


@pytest.mark.parametrize(
    "attributes", ["* text=auto", "* text eol=crlf", "* ident", "* filter=f", "*.txt eol=lf"]
)
def test_bytes_come_back_as_they_were_on_disk(root: Path, tmp_path: Path, attributes: str) -> None:
    """Whatever git would convert: line ends, keywords, filters."""
    git(root, "config", "filter.f.clean", "tr a-z A-Z")
    git(root, "config", "filter.f.smudge", "tr A-Z a-z")
    texts = {
        "crlf.txt": b"a\r\nb\r\n",
        "mixed.txt": b"a\r\nb\n",
        "id.txt": b"$Id: 123 $\n",
        "lf.txt": b"a\nb\n",
    }
    for name, text in texts.items():
        write(root, name, text)
    write(root, ".gitattributes", attributes + "\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Converted")
    store = by_git(root, tmp_path / "state")
    before = store.take("before")

    assert {name: store.read(before, name) for name in texts} == texts
    for name, text in texts.items():
        write(root, name, text + b"more\r\n")
    after = store.take("after")
    assert set(texts) <= set(store.changed(before, after))
    restore(store, before, tuple(texts), after)
    assert {name: (root / name).read_bytes() for name in texts} == texts


def test_autocrlf_changes_no_byte(root: Path, tmp_path: Path) -> None:
    """The blob that git has of it has other line ends than the file."""
    git(root, "config", "core.autocrlf", "true")
    write(root, "a.txt", "one\r\ntwo\r\n")
    git(root, "commit", "-qam", "Two")
    store = by_git(root, tmp_path / "state")

    kept = store.take("turn 1")

    assert store.read(kept, "a.txt") == b"one\r\ntwo\r\n"


def test_ignored_files_are_left_out(root: Path, tmp_path: Path) -> None:
    """By every file that says so; also those that come to be ignored while a session lasts."""
    store = by_git(root, tmp_path / "state")
    write(root, "later/made.txt", "made\n")
    write(root, "local.txt", "local\n")
    first = store.take("first")
    assert store.read(first, "later/made.txt") == b"made\n"
    write(root, ".gitignore", "later/\na.txt\n")
    write(root, ".git/info/exclude", "local.txt\n")

    second = store.take("second")

    assert store.read(second, "later/made.txt") is None
    assert store.read(second, "local.txt") is None
    assert store.read(second, "a.txt") == b"one\n"


def test_what_is_kept_survives_garbage_collection(root: Path, tmp_path: Path) -> None:
    """A ref holds it, and the repository is sound."""
    write(root, "new.txt", "new\n")
    store = by_git(root, tmp_path / "state")
    kept = store.take("first")
    (root / "new.txt").unlink()

    git(root, "gc", "--quiet", "--prune=now")

    assert store.read(kept, "new.txt") == b"new\n"
    git(root, "fsck", "--strict")
    assert git(root, "for-each-ref", "--format=%(refname)", "refs/trigpoint") == "refs/trigpoint/session/1"


def test_in_a_folder_of_the_work_tree_only_that_folder_counts(root: Path, tmp_path: Path) -> None:
    """Paths are relative to it, and what is elsewhere is no business of the chat's."""
    write(root, "sub/c.txt", "one\n")
    store = by_git(root / "sub", tmp_path / "state")
    first = store.take("first")
    write(root, "sub/c.txt", "two\n")
    write(root, "a.txt", "two\n")
    second = store.take("second")

    assert store.changed(first, second) == ("c.txt",)
    restore(store, first, None, second)
    assert (root / "sub" / "c.txt").read_text() == "one\n"
    assert (root / "a.txt").read_text() == "two\n"


def prepare_unborn(root: Path) -> Path:
    git(root, "update-ref", "-d", "HEAD")
    return root


def prepare_conflict(root: Path) -> Path:
    conflict(root)
    git(root, "merge", "other", check=False)
    return root


def prepare_marks(root: Path) -> Path:
    git(root, "update-index", "--assume-unchanged", "a.txt")
    git(root, "update-index", "--skip-worktree", "b.txt")
    return root


def prepare_sparse(root: Path) -> Path:
    write(root, "far/away.txt", "far\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Far")
    git(root, "sparse-checkout", "init", "--cone", "--sparse-index")
    return root


def prepare_split(root: Path) -> Path:
    git(root, "config", "core.splitIndex", "true")
    git(root, "update-index", "--split-index")
    return root


def prepare_locked(root: Path) -> Path:
    (root / ".git" / "index.lock").touch()
    return root


def prepare_worktree(root: Path) -> Path:
    git(root, "worktree", "add", "-q", str(root.parent / "linked"))
    return root.parent / "linked"


def prepare_submodule(root: Path) -> Path:
    around = make(root.parent / "around")
    git(around, "submodule", "--quiet", "add", str(root), "inner")
    git(around, "commit", "-qm", "Add inner")
    return around / "inner"


def prepare_superproject(root: Path) -> Path:
    return prepare_submodule(root).parent


def prepare_nested(root: Path) -> Path:
    make(root / "nested")
    return root


def prepare_partial(root: Path) -> Path:
    write(root, "far/away.txt", "far\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Far")
    git(root, "config", "uploadpack.allowFilter", "true")
    git(root.parent, "clone", "-q", "--filter=blob:none", "--sparse", root.as_uri(), "partial")
    root.rename(root.parent / "gone")
    return root.parent / "partial"


def prepare_shared(root: Path) -> Path:
    git(root.parent, "clone", "-q", "--shared", str(root), "shared")
    return root.parent / "shared"


def prepare_wide(root: Path) -> Path:
    wide = root.parent / "wide"
    wide.mkdir()
    git(wide, "init", "-q", "--object-format=sha256")
    write(wide, "a.txt", "one\n")
    write(wide, "b.txt", "one\n")
    return wide


def prepare_no_index(root: Path) -> Path:
    (root / ".git" / "index").unlink()
    return root


@pytest.mark.parametrize(
    "prepare",
    [each for name, each in sorted(globals().items()) if name.startswith("prepare_")],
    ids=lambda each: each.__name__.removeprefix("prepare_"),
)
def test_a_snapshot_can_be_taken_in_any_state(
    root: Path, tmp_path: Path, prepare: Callable[[Path], Path]
) -> None:
    """And put back; neither needs a commit, and neither touches the state."""
    there = prepare(root)
    original = (there / "a.txt").read_bytes()
    store = by_git(there, tmp_path / "state")
    before = store.take("before")
    write(there, "a.txt", "changed\n")
    write(there, "b.txt", "changed\n")
    write(there, "new.txt", "new\n")
    shown = looks(there)
    after = store.take("after")

    assert store.changed(before, after) == ("a.txt", "b.txt", "new.txt")
    assert looks(there) == shown
    restore(store, before, None, after)

    assert (there / "a.txt").read_bytes() == original
    assert (there / "b.txt").read_bytes() == b"one\n"
    assert not (there / "new.txt").exists()
    assert looks(there)["head"] == shown["head"]


# Putting back


@posix
def test_everything_about_a_file_comes_back(root: Path, store: Store) -> None:
    """Bytes, modes, links, deletions, files for folders, and odd names."""
    write(root, "tool.sh", "#!/bin/sh\n")
    (root / "tool.sh").chmod(0o755)
    (root / "link").symlink_to("a.txt")
    write(root, "place", "a file\n")
    write(root, "deep/er/file", "deep\n")
    write(root, "odd\nname", "odd\n")
    write(root, "empty", "")
    write(root, "plain", "plain\n")
    first = store.take("first")
    (root / "tool.sh").chmod(0o644)
    (root / "link").unlink()
    (root / "link").symlink_to("b.txt")
    (root / "place").unlink()
    write(root, "place/inner", "in a folder\n")
    (root / "deep" / "er" / "file").unlink()
    (root / "deep" / "er").rmdir()
    (root / "deep").rmdir()
    write(root, "deep", "a file\n")
    (root / "odd\nname").unlink()
    (root / "empty").unlink()
    (root / "plain").unlink()
    (root / "plain").symlink_to("a.txt")
    write(root, "fresh/new", "new\n")
    second = store.take("second")
    changed = store.changed(first, second)

    done = restore(store, first, None, second)

    assert done.paths == changed
    assert os.access(root / "tool.sh", os.X_OK)
    assert os.readlink(root / "link") == "a.txt"
    assert (root / "place").read_text() == "a file\n"
    assert (root / "deep" / "er" / "file").read_text() == "deep\n"
    assert (root / "odd\nname").read_text() == "odd\n"
    assert (root / "empty").read_bytes() == b""
    assert (root / "plain").read_text() == "plain\n"
    assert not (root / "plain").is_symlink()
    assert not (root / "fresh").exists()
    assert store.changed(first, store.take("again")) == ()
    restore(store, second, None, first)
    assert store.changed(second, store.take("and back")) == ()
    assert not [name for name in os.listdir(root) if name.startswith(".trigpoint")]


def test_only_the_paths_asked_for_come_back(root: Path, store: Store) -> None:
    """A turn's files, and not what the user did to others meanwhile."""
    first = store.take("first")
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "two\n")
    second = store.take("second")

    done = restore(store, first, ("a.txt",), second)

    assert done.paths == ("a.txt",)
    assert (root / "b.txt").read_text() == "two\n"


LINES = "".join(f"line {number}\n" for number in range(20))


def test_a_users_later_edit_elsewhere_in_the_file_stays(root: Path, store: Store) -> None:
    """Both are merged, and it is told."""
    write(root, "a.txt", LINES)
    first = store.take("first")
    write(root, "a.txt", LINES.replace("line 3\n", "by the turn\n"))
    second = store.take("second")
    write(root, "a.txt", LINES.replace("line 3\n", "by the turn\n").replace("line 17\n", "by the user\n"))

    done = restore(store, first, ("a.txt",), second)

    assert done.merged == ("a.txt",)
    assert (root / "a.txt").read_text() == LINES.replace("line 17\n", "by the user\n")


@pytest.mark.parametrize("way", ["edited", "deleted", "made anew", "binary", "a folder"])
def test_a_users_later_edit_in_the_same_place_is_never_overwritten(
    root: Path, store: Store, way: str
) -> None:
    """Then no file changes, not even the others."""
    new = "made.txt"
    first = store.take("first")
    write(root, "a.txt", "by the turn\n")
    write(root, "b.txt", "by the turn\n")
    write(root, new, "by the turn\n")
    second = store.take("second")
    if way == "edited":
        write(root, "a.txt", "by the user\n")
    elif way == "deleted":
        (root / "a.txt").unlink()
    elif way == "made anew":
        write(root, new, "by the user\n")
    elif way == "binary":
        write(root, "a.txt", b"\0\1\2")
    else:
        (root / "a.txt").unlink()
        write(root, "a.txt/inner", "by the user\n")
    before = looks(root)

    with pytest.raises(NothingToUndo, match=r"a\.txt|made\.txt"):
        restore(store, first, ("a.txt", "b.txt", new), second)

    assert looks(root) == before
    assert (root / "b.txt").read_text() == "by the turn\n"


def test_what_is_as_it_should_be_already_is_no_clash(root: Path, store: Store) -> None:
    """The user may have put a file back by hand."""
    first = store.take("first")
    write(root, "a.txt", "two\n")
    second = store.take("second")
    write(root, "a.txt", "one\n")

    assert restore(store, first, ("a.txt",), second).paths == ()


@posix
def test_a_file_that_was_edited_through_a_link_comes_back(root: Path, store: Store) -> None:
    """The path that was edited is not the one that changed."""
    write(root, "real/file.txt", "one\n")
    (root / "linked").symlink_to("real")
    (root / "link.txt").symlink_to("a.txt")
    first = store.take("first")
    write(root, "linked/file.txt", "two\n")
    write(root, "link.txt", "two\n")
    second = store.take("second")

    done = restore(store, first, ("linked/file.txt", "link.txt"), second)

    assert done.paths == ("a.txt", "real/file.txt")
    assert (root / "real" / "file.txt").read_text() == "one\n"
    assert (root / "link.txt").is_symlink()


@posix
def test_nothing_is_written_through_a_folder_that_became_a_link(
    root: Path, tmp_path: Path, store: Store
) -> None:
    """It may lead anywhere."""
    write(root, "sub/file.txt", "one\n")
    first = store.take("first")
    write(root, "sub/file.txt", "two\n")
    second = store.take("second")
    write(tmp_path, "elsewhere/file.txt", "two\n")
    (root / "sub" / "file.txt").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NothingToUndo):
        restore(store, first, ("sub/file.txt",), second)

    assert (tmp_path / "elsewhere" / "file.txt").read_text() == "two\n"


@posix
def test_a_failed_write_leaves_all_files_as_they_were(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links and odd names too."""
    (root / "link").symlink_to("a.txt")
    first = store.take("first")
    (root / "link").unlink()
    (root / "link").symlink_to("b.txt")
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "two\n")
    second = store.take("second")
    before = looks(root)
    replace, calls = os.replace, []

    def failing(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr("edits.disk.write.exchange", lambda *_: False)  # as where files cannot be exchanged
    monkeypatch.setattr(os, "replace", failing)
    # without the swap of two files, which the system does in one call, so that each step is a `replace`
    monkeypatch.setattr(importlib.import_module("edits.disk.write"), "exchange", lambda _one, _other: False)
    with pytest.raises(Exception, match="No space left"):
        restore(store, first, None, second)
    monkeypatch.undo()

    assert looks(root) == before
    assert os.readlink(root / "link") == "b.txt"


# Size and age


def test_files_that_are_too_large_are_left_alone(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not in the snapshot, so going back neither changes nor deletes them."""
    for module in (git_snapshots, file_snapshots):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", 1000)
    write(root, "a.txt", "x" * 2000)
    write(root, "huge.bin", "x" * 2000)
    first = store.take("first")
    assert store.left_out(first) == {"a.txt", "huge.bin"}
    write(root, "a.txt", "small\n")
    write(root, "huge.bin", "small\n")
    write(root, "b.txt", "two\n")
    second = store.take("second")

    done = restore(store, first, None, second)

    assert set(done.left_out) == {"a.txt", "huge.bin"} & set(store.changed(first, second))
    assert done.paths == ("b.txt",)
    assert (root / "huge.bin").read_text() == "small\n"


def test_old_snapshots_are_dropped(root: Path, store: Store) -> None:
    """By number and by age; the newest stay, readable."""
    for number in range(5):
        write(root, "a.txt", f"{number}\n")
        store.take(f"turn {number}")

    assert store.prune(age_s=3600, number=2) == 3
    assert [each.number for each in store.snapshots()] == [4, 5]
    assert store.read(store.snapshots()[0].id, "a.txt") == b"3\n"
    assert store.take("next") in {each.id for each in store.snapshots() if each.number == 6}
    assert store.prune(age_s=-10, number=100) == 3
    assert store.snapshots() == ()
    write(root, "a.txt", "4\n")
    assert store.read(store.take("anew"), "a.txt") == b"4\n"


def test_dropping_by_number_is_for_the_own_session_alone(root: Path, tmp_path: Path) -> None:
    """Another session may be at work in the same repository."""
    other = by_git(root, tmp_path / "state", "other")
    kept = other.take("theirs")
    mine = by_git(root, tmp_path / "state", "mine")
    mine.take("one")

    mine.prune(age_s=3600, number=0)

    assert [each.id for each in other.snapshots()] == [kept]
    assert mine.snapshots() == ()


@pytest.mark.parametrize(
    "session", ["20261121-1034-ab", "../x", "a..b", "x.lock", "sp ace", "ünï", "-dash", ".dot", ""]
)
def test_any_session_id_names_a_ref(root: Path, tmp_path: Path, session: str) -> None:
    """Git is strict about the names of refs."""
    repository = open_repository(root, trusted=False)
    assert repository is not None
    store = GitSnapshots(repository, session, tmp_path / "state")

    kept = store.take("one")

    assert [each.id for each in store.snapshots()] == [kept]


def test_a_broken_index_of_ours_is_made_anew(root: Path, tmp_path: Path) -> None:
    """A session that was killed while it wrote, or a full disk."""
    by_git(root, tmp_path / "state").take("one")
    (tmp_path / "state" / "session" / "index").write_bytes(b"DIRC garbage")
    (tmp_path / "state" / "session" / "index.lock").touch()
    write(root, "a.txt", "two\n")
    store = by_git(root, tmp_path / "state")

    assert store.read(store.take("two"), "a.txt") == b"two\n"


@pytest.mark.parametrize("damage", [b"", b"garbage"])
def test_a_broken_list_of_known_files_is_made_anew(root: Path, tmp_path: Path, damage: bytes) -> None:
    """It only saves reading."""
    by_store(root, tmp_path / "state").take("one")
    (tmp_path / "state" / "session" / "stats").write_bytes(damage)
    store = by_store(root, tmp_path / "state")

    assert store.read(store.take("two"), "a.txt") == b"one\n"


@posix
def test_names_that_are_no_text_are_kept(root: Path, store: Store) -> None:
    """A path is bytes."""
    name = os.fsdecode(b"caf\xe9.txt")
    write(root, name, "x\n")
    first = store.take("one")
    (root / name).unlink()
    second = store.take("two")

    restore(store, first, None, second)

    assert (root / name).read_text() == "x\n"


def test_a_file_that_cannot_be_read_is_left_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program may have it open, where that locks it; the rest is kept."""
    store = by_git(root, tmp_path / "state")
    store.take("start")
    for name in ("b.txt", "held.txt", "other.txt"):
        write(root, name, "two\n")
    run = Git.run

    def locked(self: Git, *args: str, stdin: bytes | None = None, index: Path | None = None) -> bytes:
        if args[0] == "update-index" and b"held.txt" in (stdin or b""):
            raise GitError("unable to index file held.txt")
        return run(self, *args, stdin=stdin, index=index)

    monkeypatch.setattr(Git, "run", locked)

    kept = store.take("one")

    assert store.left_out(kept) == {"held.txt"}
    assert store.read(kept, "b.txt") == store.read(kept, "other.txt") == b"two\n"


@posix
def test_pipes_and_unreadable_files_do_not_stop_it(root: Path, store: Store) -> None:
    """They are no files to be kept."""
    os.mkfifo(root / "pipe")
    write(root, "secret", "x\n")
    (root / "secret").chmod(0)

    assert store.read(store.take("one"), "a.txt") == b"one\n"


def test_snapshots_of_a_clean_tree_are_quick(tmp_path: Path) -> None:
    """150 ms of processor time for 5,000 files, after the first; the bound here leaves room for noise."""
    import resource

    root = tmp_path / "large"
    root.mkdir()
    git(root, "init", "-q")
    files = "".join(f"M 644 inline f{n // 50}/n{n}.txt\ndata 5\n{n:04}\n\n" for n in range(5000))
    stream = f"commit refs/heads/main\ncommitter T <t@localhost> 1700000000 +0000\ndata 5\nFirst\n{files}"
    git(root, "fast-import", "--quiet", given=stream.encode())
    git(root, "checkout", "-q", "-f", "main")
    store = by_git(root, tmp_path / "state")
    store.take("first")

    def spent_s() -> float:
        return sum(
            used.ru_utime + used.ru_stime
            for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )

    best_s = 9.0
    for number in range(3):
        started_s = spent_s()
        store.take(f"turn {number}")
        best_s = min(best_s, spent_s() - started_s)

    assert best_s < 0.15


def test_what_git_reads_is_written_with_line_feeds_alone(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a text would get carriage returns, which git takes for a part of names and values."""
    newlines: dict[str, object] = {}
    whole = Path.write_text

    def write_text(self: Path, data: str, *arguments: Any, **named: Any) -> int:
        newlines[self.name] = named.get("newline")
        return whole(self, data, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", write_text)
    by_git(root, tmp_path / "state").take("now")

    assert newlines == {"HEAD": "\n", "config": "\n", "attributes": "\n"}

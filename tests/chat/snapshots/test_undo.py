"""Turns taken back and done again: files, branch and index, whatever the user has done since."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from work_trees import executable, git, looks, make, staged, write

from chat.errors import ChatError, GitError, NothingToUndo
from chat.git.repository import GitRepository, open_repository
from chat.snapshots.file_snapshots import FileSnapshots
from chat.snapshots.git_snapshots import GitSnapshots
from chat.snapshots.restore import Restored, carry_out
from chat.snapshots.store import SnapshotStore
from chat.snapshots.turn_record import TurnRecord
from chat.snapshots.undo import plan_files, redo, undo, undo_message

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, modes and names that Windows has not")
LINES = "".join(f"line {number}\n" for number in range(30))


def rollback(store: SnapshotStore, snapshot: str, turn: int) -> tuple[Restored, TurnRecord]:
    """Makes every file what it was in a snapshot; what was done, and a record to undo it by."""
    plan, before = plan_files(store, snapshot)
    restored = carry_out(plan, store.root)
    return restored, TurnRecord(turn, before, store.take("rollback"), restored.paths)


class Session:
    """A chat without its model: turns that write files and commit them, through the real parts."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.state = state
        self.turns = 0
        self.open()

    def open(self) -> None:
        """Opens all again, as a restart does."""
        self.repository = open_repository(self.root, trusted=False)
        if self.repository:
            self.store: GitSnapshots | FileSnapshots = GitSnapshots(self.repository, "s", self.state)
        else:
            self.store = FileSnapshots(self.root, self.state, lambda: list(files_of(self.root)))

    def turn(self, texts: dict[str, str | bytes | None], commit: bool = True) -> TurnRecord:
        """A turn that gives files these texts, None deleting one."""
        self.turns += 1
        before = self.store.take(f"before turn {self.turns}")
        for path, text in texts.items():
            if text is None:
                (self.root / path).unlink()
            else:
                write(self.root, path, text)
        done = (
            self.repository.commit(tuple(texts), f"Turn {self.turns}") if self.repository and commit else None
        )
        after = self.store.take(f"after turn {self.turns}")
        return TurnRecord(self.turns, before, after, tuple(texts), commits=(done.id,) if done else ())

    @property
    def git(self) -> GitRepository:
        assert self.repository is not None
        return self.repository


def files_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder but git's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "work", a_txt=LINES, b_txt="one\n")


@pytest.fixture
def session(root: Path, tmp_path: Path) -> Session:
    return Session(root, tmp_path / "state")


def test_a_turn_is_taken_back_and_done_again(root: Path, session: Session) -> None:
    """Changed, new and deleted files, the commit and the index; both ways, to the bit."""
    before = looks(root), files_of(root)
    record = session.turn({"a.txt": "two\n", "new/file.txt": "new\n", "b.txt": None})
    after = looks(root), files_of(root)

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "taken off"
    assert (looks(root), files_of(root)) == before
    assert not (root / "new").exists()
    assert redo(undone, session.store, session.git) == record
    assert (looks(root), files_of(root)) == after


def test_it_says_what_was_done(session: Session) -> None:
    """In one line."""
    record = session.turn({"a.txt": "two\n"})

    undone, restored = undo(record, session.store, session.git)

    assert (
        undo_message(undone, restored)
        == f"Turn 1 was undone: 1 file restored. {record.commits[0][:9]} was taken off the branch."
    )


def test_after_a_restart(root: Path, session: Session) -> None:
    """All that it takes is the record and what the repository holds."""
    before = looks(root), files_of(root)
    record = session.turn({"a.txt": "two\n", "new.txt": "new\n"})
    session.open()
    undone, _ = undo(record, session.store, session.git)
    assert (looks(root), files_of(root)) == before
    session.open()

    redo(undone, session.store, session.git)

    assert (root / "new.txt").read_text() == "new\n"


def test_without_commits(root: Path, session: Session) -> None:
    """The files alone."""
    before = looks(root), files_of(root)
    record = session.turn({"a.txt": "two\n", "new.txt": "new\n"}, commit=False)

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "files"
    assert (looks(root), files_of(root)) == before


def test_without_git(tmp_path: Path) -> None:
    """A folder like any other."""
    write(tmp_path, "work/a.txt", "one\n")
    session = Session(tmp_path / "work", tmp_path / "state")
    assert session.repository is None
    record = session.turn({"a.txt": "two\n", "new.txt": "new\n"})

    undone, _ = undo(record, session.store, None)

    assert files_of(tmp_path / "work") == {"a.txt": b"one\n"}
    redo(undone, session.store, None)
    assert files_of(tmp_path / "work") == {"a.txt": b"two\n", "new.txt": b"new\n"}


def test_the_first_commit_of_all(tmp_path: Path) -> None:
    """Afterwards the branch is as unborn as it was."""
    root = tmp_path / "unborn"
    root.mkdir()
    git(root, "init", "-q")
    write(root, "staged.txt", "staged\n")
    git(root, "add", "staged.txt")
    session = Session(root, tmp_path / "state")
    before = looks(root)
    record = session.turn({"a.txt": "one\n"})

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "taken off"
    assert looks(root) == before
    redo(undone, session.store, session.git)
    assert session.git.subjects(5) == ("Turn 1",)
    git(root, "fsck", "--strict")


def test_the_first_commit_of_a_detached_head_is_reverted(tmp_path: Path) -> None:
    """HEAD cannot be nothing where it is no branch."""
    root = make(tmp_path / "work", a_txt="one\n")
    git(root, "checkout", "-q", "--detach")
    session = Session(root, tmp_path / "state")
    kept = session.store.take("after")
    (root / "a.txt").unlink()
    empty = session.store.take("as before")
    write(root, "a.txt", "one\n")
    record = TurnRecord(1, empty, kept, ("a.txt",), commits=(git(root, "rev-parse", "HEAD"),))

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "reverted"
    assert git(root, "status", "--porcelain") == ""


def test_what_the_user_staged_stays_staged(root: Path, session: Session) -> None:
    """Before the turn or after it."""
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    before = staged(root)
    record = session.turn({"a.txt": "two\n"})
    write(root, "later.txt", "later\n")
    git(root, "add", "later.txt")

    undo(record, session.store, session.git)

    assert git(root, "status", "--porcelain") == "M  b.txt\nA  later.txt"
    git(root, "rm", "-q", "--cached", "later.txt")
    assert staged(root) == before


def test_what_was_dirty_before_the_turn_is_so_again(root: Path, session: Session) -> None:
    """Where the user's changes were not committed first, they come back as they were."""
    write(root, "a.txt", "dirty\n")
    record = session.turn({"a.txt": "dirty, and edited\n"}, commit=False)

    undo(record, session.store, session.git)

    assert (root / "a.txt").read_text() == "dirty\n"


def test_the_users_later_edits_stay(root: Path, session: Session) -> None:
    """In other files as they are, in the same file merged; in redo too."""
    record = session.turn({"a.txt": LINES.replace("line 3\n", "turn\n")})
    write(root, "a.txt", LINES.replace("line 3\n", "turn\n").replace("line 25\n", "user\n"))
    write(root, "b.txt", "user\n")

    undone, restored = undo(record, session.store, session.git)

    assert (root / "a.txt").read_text() == LINES.replace("line 25\n", "user\n")
    assert (root / "b.txt").read_text() == "user\n"
    assert "Your later changes stay in a.txt" in undo_message(undone, restored)
    redo(undone, session.store, session.git)
    assert (root / "a.txt").read_text() == LINES.replace("line 3\n", "turn\n").replace("line 25\n", "user\n")
    assert git(root, "diff", "--name-only") == "a.txt\nb.txt"


def test_a_clash_changes_nothing(root: Path, session: Session) -> None:
    """Neither file, nor branch, nor index."""
    record = session.turn({"a.txt": "turn\n", "b.txt": "turn\n"})
    write(root, "a.txt", "user\n")
    before = looks(root), files_of(root)

    with pytest.raises(NothingToUndo, match=r"a\.txt"):
        undo(record, session.store, session.git)

    assert (looks(root), files_of(root)) == before


def test_what_the_user_has_taken_back_already_stays_so(root: Path, session: Session) -> None:
    """With what else they have done to the file since: there is nothing left to do in it."""
    record = session.turn({"a.txt": LINES.replace("line 4\n", "turn\n"), "b.txt": "two\n"}, commit=False)
    write(root, "a.txt", LINES.replace("line 6\n", "user\n"))

    _, restored = undo(record, session.store, session.git)

    assert (restored.paths, restored.merged) == (("b.txt",), ())
    assert files_of(root) == {"a.txt": LINES.replace("line 6\n", "user\n").encode(), "b.txt": b"one\n"}


def test_a_pushed_commit_is_reverted(root: Path, tmp_path: Path, session: Session) -> None:
    """History that others have is not taken back."""
    git(tmp_path, "init", "-q", "--bare", "there.git")
    git(root, "remote", "add", "origin", str(tmp_path / "there.git"))
    record = session.turn({"a.txt": "two\n", "new.txt": "new\n", "b.txt": None})
    git(root, "push", "-q", "origin", "HEAD")

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "reverted"
    assert session.git.subjects(3) == ('Revert "Turn 1"', "Turn 1", "First")
    assert git(root, "diff", "HEAD~2", "HEAD") == ""
    assert git(root, "status", "--porcelain") == ""
    again = redo(undone, session.store, session.git)
    assert (root / "a.txt").read_text() == "two\n"
    assert git(root, "status", "--porcelain") == ""
    assert session.git.subjects(1) == ("Turn 1",)
    assert again.commits == record.commits


def test_a_commit_under_later_ones_is_reverted(root: Path, session: Session) -> None:
    """Those of the user stay, also in the same file."""
    record = session.turn({"a.txt": LINES.replace("line 3\n", "turn\n")})
    write(root, "a.txt", LINES.replace("line 3\n", "turn\n").replace("line 25\n", "user\n"))
    git(root, "commit", "-qam", "By the user")

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "reverted"
    assert (root / "a.txt").read_text() == LINES.replace("line 25\n", "user\n")
    assert git(root, "status", "--porcelain") == ""
    assert session.git.subjects(2) == ('Revert "Turn 1"', "By the user")
    write(root, "b.txt", "user again\n")
    git(root, "commit", "-qam", "By the user again")
    again = redo(undone, session.store, session.git)
    assert git(root, "status", "--porcelain") == ""
    assert "turn\n" in (root / "a.txt").read_text()
    assert len(again.commits) == 1
    assert again.commits != record.commits


def test_turns_are_taken_back_one_after_the_other(root: Path, session: Session) -> None:
    """Newest first, and done again oldest first."""
    states = [files_of(root)]
    records = []
    for number in range(3):
        records.append(session.turn({"a.txt": f"{number}\n", f"{number}.txt": "new\n"}))
        states.append(files_of(root))
    undone = [undo(record, session.store, session.git)[0] for record in reversed(records)]
    assert files_of(root) == states[0]
    assert session.git.subjects(5) == ("First",)

    for each in reversed(undone):
        redo(each, session.store, session.git)

    assert files_of(root) == states[3]
    assert session.git.subjects(5) == ("Turn 3", "Turn 2", "Turn 1", "First")


def test_a_turn_of_several_commits(root: Path, session: Session) -> None:
    """All of them come off together."""
    first = session.turn({"a.txt": "two\n"})
    second = session.turn({"a.txt": "three\n", "new.txt": "new\n"})
    both = TurnRecord(
        1, first.before, second.after, ("a.txt", "new.txt"), commits=first.commits + second.commits
    )

    undone, _ = undo(both, session.store, session.git)

    assert undone.way == "taken off"
    assert session.git.subjects(5) == ("First",)
    assert files_of(root) == {"a.txt": LINES.encode(), "b.txt": b"one\n"}


def test_a_turn_that_grew_the_sessions_commit(root: Path, session: Session) -> None:
    """The commit is again what it was before that turn."""
    first = session.turn({"a.txt": "two\n"})
    before = session.store.take("before")
    write(root, "b.txt", "two\n")
    done = session.git.amend(first.commits[0], ("b.txt",), "Turns 1 and 2")
    assert done is not None
    after = session.store.take("after")
    record = TurnRecord(2, before, after, ("b.txt",), commits=(done.id,), base=first.commits[0])

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "taken off"
    assert session.git.head() == first.commits[0]
    assert git(root, "status", "--porcelain") == ""
    redo(undone, session.store, session.git)
    assert session.git.head() == done.id
    assert git(root, "status", "--porcelain") == ""


def test_commits_that_the_user_took_off_are_let_be(root: Path, session: Session) -> None:
    """Files go back, the branch is the user's."""
    record = session.turn({"a.txt": "two\n"})
    git(root, "reset", "-q", "--soft", "HEAD~1")

    undone, _ = undo(record, session.store, session.git)

    assert undone.way == "gone"
    assert (root / "a.txt").read_text() == LINES
    assert session.git.subjects(5) == ("First",)


def test_what_was_staged_instead_of_committed(root: Path, session: Session) -> None:
    """The index goes back with the files."""
    before = session.store.take("before")
    write(root, "a.txt", "two\n")
    write(root, "new.txt", "new\n")
    session.git.stage(("a.txt", "new.txt"))
    after = session.store.take("after")
    record = TurnRecord(1, before, after, ("a.txt", "new.txt"), staged=True)

    undone, _ = undo(record, session.store, session.git)

    assert git(root, "status", "--porcelain") == ""
    redo(undone, session.store, session.git)
    assert git(root, "status", "--porcelain") == "M  a.txt\nA  new.txt"


def test_in_the_middle_of_a_merge_nothing_is_undone(root: Path, session: Session) -> None:
    """The branch must not move now, so the files do not either."""
    record = session.turn({"a.txt": "two\n"})
    git(root, "checkout", "-qb", "other", "HEAD~1")
    write(root, "b.txt", "theirs\n")
    git(root, "commit", "-qam", "Theirs")
    git(root, "checkout", "-q", "-")
    git(root, "merge", "-q", "--no-commit", "--no-ff", "other")
    before = looks(root), files_of(root)

    with pytest.raises(GitError, match="merge is in progress"):
        undo(record, session.store, session.git)

    assert (looks(root), files_of(root)) == before


def test_when_the_branch_cannot_move_the_files_come_back(root: Path, session: Session) -> None:
    """Both or neither."""
    record = session.turn({"a.txt": "two\n", "new.txt": "new\n"})
    before = looks(root), files_of(root)
    lock = root / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()

    with pytest.raises(GitError):
        undo(record, session.store, session.git)

    lock.unlink()
    assert (looks(root), files_of(root)) == before


@posix
def test_a_hook_that_refuses_the_revert_undoes_nothing(root: Path, tmp_path: Path, session: Session) -> None:
    """In a trusted repository, hooks are asked about every commit."""
    record = session.turn({"a.txt": "two\n"})
    git(root, "commit", "-q", "--allow-empty", "-m", "By the user")
    executable(root / ".git" / "hooks" / "pre-commit", "#!/bin/sh\nexit 1\n")
    before = looks(root), files_of(root)
    trusted = open_repository(root, trusted=True)

    with pytest.raises(GitError, match="hook"):
        undo(record, session.store, trusted)

    assert (looks(root), files_of(root)) == before


@posix
def test_modes_and_links_come_back(root: Path, session: Session) -> None:
    """A script that lost its bit, a file that became a link."""
    (root / "b.txt").chmod(0o755)
    git(root, "commit", "-qam", "Executable")
    before = session.store.take("before")
    (root / "b.txt").unlink()
    (root / "b.txt").symlink_to("a.txt")
    after = session.store.take("after")

    undo(TurnRecord(1, before, after, ("b.txt",)), session.store, session.git)

    assert not (root / "b.txt").is_symlink()
    assert os.access(root / "b.txt", os.X_OK)


def test_a_rollback_goes_to_any_snapshot_and_is_undone_like_a_turn(root: Path, session: Session) -> None:
    """Files alone; the branch stays."""
    start = session.store.take("start")
    session.turn({"a.txt": "1\n", "new.txt": "new\n"})
    session.turn({"a.txt": "2\n", "b.txt": None})
    write(root, "a.txt", "user\n")
    head, files = session.git.head(), files_of(root)

    restored, record = rollback(session.store, start, 3)

    assert restored.paths == ("a.txt", "b.txt", "new.txt")
    assert files_of(root) == {"a.txt": LINES.encode(), "b.txt": b"one\n"}
    assert session.git.head() == head
    undo(record, session.store, session.git)
    assert files_of(root) == files


class Turns(RuleBasedStateMachine):
    """Turns, undo, redo, rollback, restarts and a user beside them, against a model of the files."""

    with_git = True

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        root = self.folder / "work"
        if self.with_git:
            make(root, a_txt=LINES, b_txt=LINES)
        else:
            write(root, "a.txt", LINES)
            write(root, "b.txt", LINES)
        write(root, "user.txt", "0\n")
        self.root = root
        self.session = Session(root, self.folder / "state")
        self.done: list[TurnRecord] = []
        self.undone: list = []
        self.count = 0
        self.subjects: list[str] = []
        self.was: dict[str, dict[str, bytes]] = {}

    def teardown(self) -> None:
        if self.with_git:
            git(self.root, "fsck", "--strict")
        shutil.rmtree(self.folder)

    def note(self, snapshot: str) -> None:
        self.was[snapshot] = files_of(self.root)

    @rule(
        paths=st.sets(st.sampled_from(["a.txt", "b.txt", "c.txt", "d/e.txt"]), min_size=1, max_size=3),
        line=st.integers(0, 29),
        delete=st.booleans(),
        commit=st.booleans(),
    )
    def turn(self, paths: set[str], line: int, delete: bool, commit: bool) -> None:
        self.count += 1
        texts: dict[str, str | bytes | None] = {}
        before = files_of(self.root)
        for path in sorted(paths):
            rows = before.get(path, LINES.encode()).decode().splitlines(keepends=True)
            rows[min(line, len(rows) - 1)] = f"turn {self.count}\n"
            texts[path] = None if delete and path in before else "".join(rows)
        record = self.session.turn(texts, commit)
        self.was[record.before] = before
        self.note(record.after)
        self.done.append(record)
        self.undone.clear()

    @rule(path=st.sampled_from(["a.txt", "b.txt", "c.txt"]), line=st.integers(0, 29))
    def user_edits(self, path: str, line: int) -> None:
        self.count += 1
        rows = files_of(self.root).get(path, LINES.encode()).decode().splitlines(keepends=True)
        rows[min(line, len(rows) - 1)] = f"user {self.count}\n"
        write(self.root, path, "".join(rows))

    @rule(stage=st.booleans(), commit=st.booleans())
    def user_works_elsewhere(self, stage: bool, commit: bool) -> None:
        self.count += 1
        write(self.root, "user.txt", f"{self.count}\n")
        if self.with_git and (stage or commit):
            git(self.root, "add", "user.txt")
        if self.with_git and commit:
            git(self.root, "commit", "-qm", f"user {self.count}", "user.txt")
            self.subjects.append(f"user {self.count}")

    @rule()
    def restart(self) -> None:
        self.session.open()

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        record = self.done[-1]
        before = self.shown()
        files = files_of(self.root)
        try:
            undone, restored = undo(record, self.session.store, self.session.repository)
        except ChatError:
            assert self.shown() == before
            assert any(files.get(path) != self.was[record.after].get(path) for path in record.paths)
            self.done.pop()
            return
        self.done.pop()
        self.undone.append(undone)
        self.check(files, self.was[record.after], self.was[record.before], record.paths, restored.merged)

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        undone = self.undone[-1]
        record = undone.record
        before = self.shown()
        files = files_of(self.root)
        self.undone.pop()
        try:
            again = redo(undone, self.session.store, self.session.repository)
        except ChatError:
            assert self.shown() == before
            assert any(files.get(path) != self.was[record.before].get(path) for path in record.paths)
            return
        self.done.append(again)
        self.check(files, self.was[record.before], self.was[record.after], record.paths, None)

    @precondition(lambda self: self.was)
    @rule(which=st.integers(0, 1000))
    def roll_back(self, which: int) -> None:
        snapshot = list(self.was)[which % len(self.was)]  # in the order taken: ids differ from run to run
        files, head = files_of(self.root), self.session.repository and self.session.git.head()
        self.count += 1
        _, record = rollback(self.session.store, snapshot, self.count)
        assert files_of(self.root) == self.was[snapshot]
        assert (self.session.repository and self.session.git.head()) == head
        self.was[record.before] = files
        self.note(record.after)
        self.done.append(record)
        self.undone.clear()

    @invariant()
    def nothing_of_the_users_is_lost(self) -> None:
        if self.with_git:
            subjects = git(self.root, "log", "--format=%s").splitlines()
            assert [each for each in reversed(subjects) if each.startswith("user")] == self.subjects
            assert not list((self.root / ".git").glob("*.lock"))
        assert not list(self.root.rglob(".trigpoint-*"))

    def shown(self) -> tuple[dict[str, str], dict[str, bytes]]:
        return (looks(self.root) if self.with_git else {}), files_of(self.root)

    def check(
        self,
        files: dict[str, bytes],
        there: dict[str, bytes],
        wanted: dict[str, bytes],
        paths: tuple[str, ...],
        merged: tuple[str, ...] | None,
    ) -> None:
        """A file that was as the turn left it is as it should be; one that the user edited keeps the edit."""
        now = files_of(self.root)
        for path in files.keys() | now.keys() | wanted.keys():
            if path not in paths:
                assert now.get(path) == files.get(path), path
            elif files.get(path) == there.get(path):
                assert now.get(path) == wanted.get(path), path
            elif files.get(path) != wanted.get(path):
                had, left, should, has = (
                    set(each.get(path, b"").splitlines()) for each in (files, there, wanted, now)
                )
                assert had - left <= has, path
                assert should - left <= has, path
                assert (left - should).isdisjoint(has), path
                assert merged is None or (path in merged) == (files.get(path) != now.get(path)), path


class TurnsWithoutGit(Turns):
    with_git = False


QUICK = settings(
    max_examples=4,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
LONG = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("machine", [Turns, TurnsWithoutGit])
def test_any_order_of_steps(machine: type[Turns]) -> None:
    """A refused step changes nothing, an undone one gives back all, and nothing of the user's is lost."""
    run_state_machine_as_test(machine, settings=QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Turns, TurnsWithoutGit])
def test_any_order_of_very_many_steps(machine: type[Turns]) -> None:
    """The same over 2,000 steps."""
    run_state_machine_as_test(machine, settings=LONG)

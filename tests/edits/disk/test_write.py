"""Writing a plan: all of it or nothing, whatever fails, and nothing but the text changes."""

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edits import FileChange, NotRestored, Stale, WriteFailed, write_changes
from edits.disk import folders
from edits.disk import write as module
from edits.disk.exchange import exchange

CALLS = ("open", "write", "fsync", "replace", "rename", "link", "unlink", "chmod", "mkdir", "close", "stat")


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


def swaps() -> bool:
    """Whether this system can swap two files in its temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("one", "other")]
        for name in names:
            Path(name).touch()
        return exchange(*names)


def three_files(root: Path) -> tuple[FileChange, ...]:
    """A change, a deletion, and a new file in a new folder."""
    (root / "a.txt").write_bytes(b"old a\n")
    (root / "b.txt").write_bytes(b"old b\n")
    return (
        FileChange("a.txt", b"old a\n", b"new a\n"),
        FileChange("b.txt", b"old b\n", None),
        FileChange("new/c.txt", None, b"new c\n"),
    )


NEW = {"a.txt": b"new a\n", "new/c.txt": b"new c\n"}
OLD = {"a.txt": b"old a\n", "b.txt": b"old b\n"}


class FailingSystem:
    """The `os` module, one call of which fails."""

    def __init__(self, name: str, number: int, code: int) -> None:
        self.name, self.number, self.code = name, number, code
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name != self.name or not callable(real):
            return real

        def call(*args: Any, **options: Any) -> Any:
            self.number -= 1
            if self.number == -1:
                self.failed = True
                if name == "close":
                    real(*args, **options)
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **options)

        return call


def test_all_changes_are_written_and_nothing_is_left_over(tmp_path: Path) -> None:
    """Changed, deleted and new files, new folders; no temporary file stays."""
    written = write_changes(three_files(tmp_path), str(tmp_path))

    assert snapshot(tmp_path) == NEW
    assert written == ("a.txt", "b.txt", "new/c.txt")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR, errno.EMFILE])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_fails_once_leaves_all_or_nothing(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Each call of each kind fails once: the files are all old or all new, with nothing beside them."""
    for number in range(100):
        root = tmp_path / str(number)
        root.mkdir()
        changes = three_files(root)
        system = FailingSystem(name, number, code)
        with monkeypatch.context() as patch:
            for part in (module, folders):
                patch.setattr(part, "os", system)
            failed = failure_of(changes, root)
        assert snapshot(root) == (OLD if failed else NEW), way
        assert not failed or not (root / "new").exists()
        assert not isinstance(failed, NotRestored)
        if not system.failed:
            return
    pytest.fail("the call never stopped failing")


def failure_of(changes: tuple[FileChange, ...], root: Path) -> WriteFailed | None:
    try:
        write_changes(changes, str(root))
    except WriteFailed as error:
        return error
    return None


def test_a_file_changed_since_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    """What somebody else wrote in the meantime stays, and nothing else is written."""
    changes = three_files(tmp_path)
    (tmp_path / "b.txt").write_bytes(b"theirs\n")

    with pytest.raises(Stale, match=r"b\.txt"):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == {"a.txt": b"old a\n", "b.txt": b"theirs\n"}


def test_a_file_that_appeared_since_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    """A new file must still be new."""
    changes = three_files(tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "c.txt").write_bytes(b"theirs\n")

    with pytest.raises(Stale):
        write_changes(changes, str(tmp_path))

    assert (tmp_path / "new" / "c.txt").read_bytes() == b"theirs\n"
    assert (tmp_path / "a.txt").read_bytes() == b"old a\n"


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", "../out.txt", "link/out.txt"])
def test_a_change_outside_the_root_is_refused(path: str, tmp_path: Path) -> None:
    """Writing checks the place again: a plan is not trusted with it."""
    root = tmp_path / "repo"
    (tmp_path / "outside").mkdir()
    root.mkdir()
    symlink(root / "link", tmp_path / "outside")

    with pytest.raises(WriteFailed):
        write_changes((FileChange(path, None, b"x"),), str(root))

    assert list((tmp_path / "outside").iterdir()) == []


@pytest.fixture(params=["swap", "rename"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the system's swap of two files, and as on a system that has none."""
    if request.param == "rename":
        monkeypatch.setattr(module, "exchange", lambda _one, _other: False)
    return str(request.param)


def meanwhile(path: Path, text: bytes) -> None:
    """Another process puts its own text in place, by a rename."""
    path.with_name("theirs").write_bytes(text)
    os.replace(path.with_name("theirs"), path)


needs_swap = pytest.mark.skipif(not swaps(), reason="this system has no swap of two files")


@needs_swap
def test_a_file_replaced_at_the_last_moment_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the swap: theirs stays, ours is not written, nothing is left over."""

    def late(one: str, other: str) -> bool:
        meanwhile(Path(other), b"theirs\n")
        return exchange(one, other)

    changes = three_files(tmp_path)
    monkeypatch.setattr(module, "exchange", late)

    with pytest.raises(Stale, match=r"a\.txt"):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == {**OLD, "a.txt": b"theirs\n"}


@needs_swap
def test_a_file_deleted_at_the_last_moment_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the swap: it stays deleted."""

    def late(one: str, other: str) -> bool:
        os.unlink(other)
        return exchange(one, other)

    changes = three_files(tmp_path)
    monkeypatch.setattr(module, "exchange", late)

    with pytest.raises(Stale, match=r"a\.txt"):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == {"b.txt": b"old b\n"}


def test_a_file_replaced_before_its_deletion_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Between the last look and the deletion: theirs stays, on every system; the other files are as before."""

    class Late:
        def __getattr__(self, name: str) -> Any:
            return late if name == "rename" else getattr(os, name)

    def late(one: str, other: str) -> None:
        meanwhile(Path(one), b"theirs\n")
        os.rename(one, other)

    changes = three_files(tmp_path)
    monkeypatch.setattr(module, "os", Late())

    with pytest.raises(Stale, match=r"b\.txt"):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == {**OLD, "b.txt": b"theirs\n"}, way


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be replaced there")
def test_what_is_written_into_the_old_file_meanwhile_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Another process had the file open: what it writes into it before the end counts."""
    changes = three_files(tmp_path)
    with open(tmp_path / "a.txt", "r+b") as handle:

        def late(_folder: str) -> None:
            handle.write(b"theirs\n")
            handle.flush()

        monkeypatch.setattr(module, "_sync_folder", late)
        with pytest.raises(Stale, match=r"a\.txt"):
            write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path)["a.txt"].startswith(b"theirs\n"), way
    assert snapshot(tmp_path)["b.txt"] == b"old b\n"


@needs_swap
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EINTR])
@pytest.mark.parametrize("happened", [True, False])
def test_a_swap_that_fails_leaves_all_as_it_was(
    code: int, happened: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it reports an error and has happened all the same."""

    def failing(one: str, other: str) -> bool:
        if happened:
            exchange(one, other)
        raise OSError(code, os.strerror(code))

    changes = three_files(tmp_path)
    monkeypatch.setattr(module, "exchange", failing)

    with pytest.raises(WriteFailed):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == OLD


@needs_swap
def test_exchange_swaps_two_files(tmp_path: Path) -> None:
    """Both are there before and after; one that is missing is an error."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"1")
    other.write_bytes(b"2")

    assert exchange(str(one), str(other))

    assert (one.read_bytes(), other.read_bytes()) == (b"2", b"1")
    with pytest.raises(FileNotFoundError):
        exchange(str(one), str(tmp_path / "none"))


@pytest.mark.skipif(os.name == "nt", reason="modes and owners are those of POSIX")
def test_mode_is_kept(tmp_path: Path) -> None:
    """Exec and setgid bits survive."""
    path = tmp_path / "run.sh"
    path.write_bytes(b"old")
    path.chmod(0o2755)
    mode = stat.S_IMODE(path.stat().st_mode)

    write_changes((FileChange("run.sh", b"old", b"new"),), str(tmp_path))

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_a_moved_file_keeps_its_mode(tmp_path: Path) -> None:
    """The new name takes over what the old one had."""
    (tmp_path / "a.sh").write_bytes(b"x")
    (tmp_path / "a.sh").chmod(0o755)
    changes = (FileChange("a.sh", b"x", None), FileChange("b.sh", None, b"x", moved_from="a.sh"))

    write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == {"b.sh": b"x"}
    assert os.name == "nt" or (tmp_path / "b.sh").stat().st_mode & 0o111


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes on this system")
def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    """They belong to the file, not to its text."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")

    write_changes((FileChange("a.txt", b"old", b"new"),), str(tmp_path))

    assert os.getxattr(path, "user.note") == b"kept"


def test_a_hard_link_keeps_the_old_text(tmp_path: Path) -> None:
    """A rename breaks the link: what another project shares is not changed behind its back."""
    (tmp_path / "a.txt").write_bytes(b"old")
    os.link(tmp_path / "a.txt", tmp_path / "b.txt")

    write_changes((FileChange("a.txt", b"old", b"new"),), str(tmp_path))

    assert snapshot(tmp_path) == {"a.txt": b"new", "b.txt": b"old"}


def test_a_link_inside_the_root_stays_a_link(tmp_path: Path) -> None:
    """The file behind it gets the text."""
    (tmp_path / "a.txt").write_bytes(b"old")
    symlink(tmp_path / "link.txt", Path("a.txt"))

    write_changes((FileChange("link.txt", b"old", b"new"),), str(tmp_path))

    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """A temporary file whose process is gone goes with the next write; one of a living process stays."""
    dead = 2**22 + 1  # above the largest process id that Linux gives
    (tmp_path / f".trigpoint-{dead}-0123456789abcdef.tmp").write_bytes(b"half")
    (tmp_path / f".trigpoint-{os.getpid()}-0123456789abcdef.tmp").write_bytes(b"mine")
    (tmp_path / "a.txt").write_bytes(b"old")

    write_changes((FileChange("a.txt", b"old", b"new"),), str(tmp_path))

    left = {path.name for path in tmp_path.iterdir()} - {"a.txt"}
    assert left == {f".trigpoint-{os.getpid()}-0123456789abcdef.tmp"} or os.name == "nt"


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the old text is kept as a copy, and a write that fails is still undone."""

    class NoLinks(FailingSystem):
        def __getattr__(self, name: str) -> Any:
            if name == "link":
                return refuse
            return super().__getattr__(name)

    def refuse(*_args: Any, **_options: Any) -> None:
        raise OSError(errno.EPERM, "no links")

    changes = three_files(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "os", NoLinks("rename", 0, errno.EIO))
        assert failure_of(changes, tmp_path)
    assert snapshot(tmp_path) == OLD

    with monkeypatch.context() as patch:
        patch.setattr(module, "os", NoLinks("none", 0, 0))
        write_changes(changes, str(tmp_path))
    assert snapshot(tmp_path) == NEW


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_any_call_no_file_is_damaged(tmp_path: Path, way: str) -> None:
    """kill -9 before each system call: every file is its old or its new self."""
    assert sum(1 for _ in killed_at_each_call(tmp_path, 60)) > 15, way


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_at_a_thousand_points_no_file_is_damaged(tmp_path: Path) -> None:
    """The same at 1,000 points, over larger files; the next write succeeds and cleans up."""
    points = 0
    for round_number in range(60):
        root = tmp_path / str(round_number)
        root.mkdir()
        points += sum(1 for _ in killed_at_each_call(root, 60))
    assert points >= 1000


def killed_at_each_call(tmp_path: Path, most: int) -> Iterator[int]:
    """The numbers of the calls at which a writing process was killed, each with its outcome checked."""
    for number in range(most):
        root = tmp_path / f"at-{number}"
        root.mkdir()
        changes = three_files(root)
        killed = die_at(number, lambda changes=changes, root=root: write_changes(changes, str(root)))
        left = {name: text for name, text in snapshot(root).items() if not name.startswith(".trigpoint-")}
        left = {name: text for name, text in left.items() if not name.startswith("new/.trigpoint-")}
        for name, text in left.items():
            assert text in (OLD.get(name), NEW.get(name)), (number, name)
        assert "a.txt" in left
        assert killed or left == NEW
        if not killed:
            return
        yield number


def die_at(number: int, work: Callable[[], Any]) -> bool:
    """Run work in a process that kills itself before a system call; whether it got that far."""
    child = os.fork()
    if child == 0:
        counted = [number]

        class Dying:
            def __getattr__(self, name: str) -> Any:
                real = getattr(os, name)
                if name not in CALLS:
                    return real

                def call(*args: Any, **options: Any) -> Any:
                    counted[0] -= 1
                    if counted[0] < 0:
                        os.kill(os.getpid(), 9)
                    return real(*args, **options)

                return call

        module.os = Dying()  # type: ignore[assignment]
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.skipif(
    sys.platform != "linux" or not Path("/dev/full").exists(), reason="needs a small file system"
)
def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what happened; there is no empty file and no temporary one."""
    changes = three_files(tmp_path)
    monkeypatch.setattr(module, "os", FailingSystem("write", 1, errno.ENOSPC))

    with pytest.raises(WriteFailed, match="No space left"):
        write_changes(changes, str(tmp_path))

    assert snapshot(tmp_path) == OLD


def test_a_file_that_cannot_be_put_back_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one case in which something did change says which file."""

    monkeypatch.setattr(module, "exchange", once(os.replace))
    monkeypatch.setattr(module, "os", Broken())
    changes = (FileChange("a.txt", b"old a\n", b"new a\n"), FileChange("b.txt", b"old b\n", b"new b\n"))
    for change in changes:
        (tmp_path / change.path).write_bytes(change.before or b"")

    with pytest.raises(NotRestored, match=r"a\.txt") as caught:
        write_changes(changes, str(tmp_path))

    assert "a.txt" in caught.value.left
    assert (tmp_path / "a.txt").read_bytes() == b"new a\n"


class Broken:
    """The `os` module without a working `replace`."""

    def __getattr__(self, name: str) -> Any:
        return refuse if name == "replace" else getattr(os, name)


def refuse(*_args: Any, **_options: Any) -> None:
    raise OSError(errno.EIO, "broken")


def once(work: Callable[[str, str], None]) -> Callable[[str, str], bool]:
    """An exchange that works a single time, by a rename."""
    calls: list[str] = []

    def exchange(one: str, other: str) -> bool:
        calls.append(other)
        if len(calls) > 1:
            refuse()
        os.link(other, one + ".old")
        work(one, other)
        os.rename(one + ".old", one)
        return True

    return exchange


def symlink(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except (OSError, NotImplementedError):
        pytest.skip("no symbolic links here")

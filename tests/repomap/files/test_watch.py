"""What a watch tells of a folder, and that a listing renewed by it is the listing made anew."""

import _thread
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from histories import bounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from repositories import commit, git, make_repository, write_files

from repomap.errors import NotMappable
from repomap.files import lister as lister_module
from repomap.files import live_listing, watch
from repomap.files.lister import Lister
from repomap.files.listing import FileListing, list_files
from repomap.files.watch import Watch, can_watch
from repomap.index.index import Index, IndexOptions

COLUMNS = ("kinds", "size", "mtime_ns", "ctime_ns", "inode")
YOUNG_S = 0.03
"""A file of git's own that is younger may change again and look the same, so everything is looked at."""
watches = pytest.mark.skipif(
    not can_watch(os.fsencode(tempfile.gettempdir()), 1), reason="nothing tells here what was touched"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.fixture
def watched(folder: Path) -> Iterator[Watch]:
    one = Watch([os.fsencode(folder)])
    yield one
    one.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def lister(shop: Path) -> Iterator[Lister]:
    """One that has begun to watch."""
    time.sleep(YOUNG_S)
    one = Lister(shop, watch=True)
    one.files()
    one.files()
    yield one
    one.close()


def assert_equal(renewed: FileListing, anew: FileListing) -> None:
    assert renewed.paths == anew.paths
    for name in COLUMNS:
        assert np.array_equal(getattr(renewed, name), getattr(anew, name)), name
    assert (renewed.warnings, renewed.git, renewed.indirect) == (anew.warnings, anew.git, anew.indirect)
    assert renewed.folders >= anew.folders


@pytest.fixture
def full_looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were listed in full."""
    looks: list[Path] = []

    def counted(root: Path, *, submodules: bool = False) -> FileListing:
        looks.append(root)
        return list_files(root, submodules=submodules)

    monkeypatch.setattr(lister_module, "list_files", counted)
    return looks


@watches
def test_a_watch_tells_what_was_touched_just_before_it_was_asked(watched: Watch, folder: Path) -> None:
    """No waiting in between, and each change is told once."""
    (folder / "a").write_text("1")
    (folder / "b").write_text("1")
    first = watched.changed()
    os.replace(folder / "a", folder / "c")
    (folder / "b").unlink()

    assert first == {os.fsencode(folder / name) for name in "ab"}
    assert watched.changed() == {os.fsencode(folder / name) for name in "abc"}
    assert watched.changed() == set()


@watches
def test_a_watch_tells_what_another_process_wrote(watched: Watch, folder: Path) -> None:
    """All that was done before the question is in the answer."""
    for number in range(5):
        subprocess.run([sys.executable, "-c", f"open('a{number}', 'w')"], cwd=folder, check=True)
        assert watched.changed() == {os.fsencode(folder / f"a{number}")}


@watches
def test_what_lies_deeper_is_not_watched(watched: Watch, folder: Path) -> None:
    """An ignored folder full of packages costs nothing."""
    (folder / "deep").mkdir()
    watched.changed()
    (folder / "deep/a").write_text("1")

    assert watched.changed() == set()


@watches
def test_more_changes_than_a_queue_holds_cannot_be_told(
    watched: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next answer counts from there."""
    monkeypatch.setattr(watch, "MAX_CHANGES", 3)
    for number in range(4):
        (folder / str(number)).write_text("1")

    assert watched.changed() is None
    assert watched.changed() == set()


@watches
def test_a_cookie_that_does_not_come_back_is_no_answer(
    watched: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where events are late, or do not come at all, nothing is said of the files."""
    monkeypatch.setattr(Path, "touch", lambda self: None)
    before = time.monotonic()

    assert watched.changed() is None
    assert time.monotonic() - before < 5


@watches
def test_ctrl_c_ends_the_wait_and_what_it_dropped_is_not_forgotten(
    watched: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer after it would be one without the events that had come before it."""
    monkeypatch.setattr(watch, "MAX_WAIT_MS", 60_000)
    with monkeypatch.context() as nothing_comes:
        nothing_comes.setattr(Path, "touch", lambda self: None)
        timer = threading.Timer(0.1, _thread.interrupt_main)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            watched.changed()
        timer.join()

    assert watched.changed() is None
    assert watched.changed() == set()


@watches
def test_a_watch_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread, no open file and no folder of cookies, also where it could not begin."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = set(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))
    Watch([os.fsencode(folder)]).close()
    with pytest.raises(watch.Unwatchable):
        Watch([os.fsencode(folder / "none")])
    end = time.monotonic() + 5
    while time.monotonic() < end:
        now = set(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))
        if now[0] <= before[0] and now[1] <= before[1]:
            break
        time.sleep(0.01)

    assert now[0] <= before[0]
    assert now[1] <= before[1]
    assert os.listdir(folder) == []


@watches
def test_an_open_watch_does_not_keep_a_process_alive(shop: Path, tmp_path: Path) -> None:
    """Nor does its folder stay."""
    program = (
        "import sys; from pathlib import Path; from repomap.files.lister import Lister\n"
        "one = Lister(Path(sys.argv[1]), watch=True); one.files(); one.files(); one.files()\n"
        "assert one._live"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary)}
    root = Path(__file__).parents[3]

    subprocess.run(
        [sys.executable, "-W", "error", "-c", program, shop],
        check=True, timeout=30, env=environment, cwd=root,
    )  # fmt: skip

    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("mounts", "told"),
    [
        ("/ - ext4", True),
        ("/ - nfs4", False),
        ("/ - ext4\n/data - 9p", False),
        ("/ - ext4\n/data/tree/shared - fuse.sshfs", False),
        ("/ - ext4\n/database - nfs\n/data/other - nfs", True),
        ("/ - nfs\n/data - xfs", True),
        ("/ - ext4\n/data - ext4\n/data - cifs", False),
        (r"/ - ext4" + "\n" + r"/data/tree/a\040b - cifs", False),
    ],
)
def test_only_file_systems_of_this_machine_are_watched(
    mounts: str, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine's changes to a shared file system raise no event here."""
    rows = (row.split(" - ") for row in mounts.splitlines())
    table = tmp_path / "mountinfo"
    table.write_text("".join(f"1 2 3:4 / {place} rw - {kind} source rw\n" for place, kind in rows))
    limit = tmp_path / "limit"
    limit.write_text("100\n")
    monkeypatch.setattr(watch, "_MOUNTS", table)
    monkeypatch.setattr(watch, "_WATCH_LIMIT", limit)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os.path, "realpath", os.path.abspath)

    assert can_watch(b"/data/tree", 50) is told
    assert not can_watch(b"/data/tree", 51)


def test_watchfiles_own_variable_turns_watching_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has set it knows that events do not come here."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")

    assert not can_watch(os.fsencode(tmp_path), 1)


@watches
def test_a_second_listing_begins_to_watch_and_the_third_needs_no_full_look(
    shop: Path, full_looks: list[Path]
) -> None:
    """One that is asked once only starts nothing."""
    time.sleep(YOUNG_S)
    lister = Lister(shop, watch=True)
    lister.files()
    assert lister._live is None
    lister.files()
    write_files(shop, {"shop/cart.py": "x = 1\n", "shop/new.py": "y = 1\n", "web/new.o": ""})
    (shop / "web/show.ts").unlink()
    renewed = lister.files()
    lister.close()

    assert len(full_looks) == 2
    assert "shop/new.py" in renewed.paths
    assert_equal(renewed, list_files(shop))


@watches
@pytest.mark.parametrize(("watch_it", "largest"), [(False, 0), (None, 1_000)])
def test_nothing_is_watched_unless_it_pays(
    watch_it: bool | None, largest: int, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a small folder every file is looked at before a watch would answer."""
    monkeypatch.setattr(lister_module, "MIN_WATCHED_FILES", largest)
    lister = Lister(shop, watch=watch_it)
    for _ in range(3):
        lister.files()

    assert lister._live is None


@watches
def test_a_large_folder_is_watched_without_being_told_to(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the chat, the server and whoever keeps an index open profit."""
    monkeypatch.setattr(lister_module, "MIN_WATCHED_FILES", 3)
    with Index(shop, IndexOptions(1, cache=False, history=False)) as index:
        index.refresh()
        index.refresh()
        assert index._lister._live is not None

    assert index._lister._live is None


@watches
def test_a_file_that_is_written_again_at_once_is_read_again(shop: Path) -> None:
    """Its stat data may be the same where both times fall between two ticks of the clock."""
    with Index(shop, IndexOptions(1, cache=False, history=False, watch=True)) as index:
        for number in range(12):
            (shop / "shop/cart.py").write_text(f"def total_{number % 10}():\n    return 1\n")
            index.refresh()
            assert [one.name for one in index.outline("shop/cart.py").items] == [f"total_{number % 10}"]


@watches
def test_now_and_then_everything_is_looked_at(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no event told, as a change through another name, is found in the end."""
    os.link(shop / "shop/cart.py", shop.parent / "cart.py")
    assert "shop/cart.py" not in lister.files().indirect
    monkeypatch.setattr(live_listing, "FULL_EVERY_S", -1.0)

    assert_equal(lister.files(), list_files(shop))
    assert lister._live is not None


@watches
def test_a_file_of_two_names_is_always_looked_at(shop: Path) -> None:
    """Whoever writes it by its other name touches no watched folder."""
    os.link(shop / "shop/cart.py", shop.parent / "cart.py")
    lister = Lister(shop, watch=True)
    lister.files()
    lister.files()
    (shop.parent / "cart.py").write_text("changed = True\n")
    renewed = lister.files()
    lister.close()

    assert_equal(renewed, list_files(shop))


@watches
def test_a_second_name_changes_the_file_of_the_first(lister: Lister, shop: Path) -> None:
    """Its time of change is another, and only the new name is told of."""
    lister.files()
    os.link(shop / "shop/cart.py", shop / "web/cart.py")

    assert_equal(lister.files(), list_files(shop))


@watches
def test_what_is_thrown_while_listing_loses_no_change(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch tells each change once, so it is kept until it stands in a listing."""
    (shop / "shop/cart.py").write_text("changed = True\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(live_listing, "_check_nested", interrupt)
        with pytest.raises(KeyboardInterrupt):
            lister.files()

    assert_equal(lister.files(), list_files(shop))


@watches
def test_a_full_look_that_fails_loses_no_change(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be found by it is found by the next."""
    time.sleep(YOUNG_S)
    lister.files()
    write_files(shop, {"shop/cart.py": "changed = True\n"})
    git(shop, "rm", "-q", "--cached", "web/show.ts")
    write_files(shop, {".git/info/exclude": "show.ts\n"})
    time.sleep(YOUNG_S)

    def fail(*_: object, **__: object) -> FileListing:
        raise NotMappable("nothing")

    with monkeypatch.context() as failing:
        failing.setattr(live_listing, "FULL_EVERY_S", -1.0)
        failing.setattr(lister_module, "list_files", fail)
        with pytest.raises(NotMappable):
            lister.files()

    assert_equal(lister.files(), list_files(shop))


@watches
def test_a_relative_folder_is_the_one_of_now(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may go elsewhere, and each listing is of where it is."""
    make_repository(tmp_path / "other", {"only.py": ""})
    lister = Lister(Path("."), watch=True)
    for place in (shop, shop, shop, tmp_path / "other", tmp_path / "other", tmp_path / "other", shop):
        monkeypatch.chdir(place)
        assert_equal(lister.files(), list_files(place))
    lister.close()


def test_a_folder_that_is_gone_is_said_to_be_gone(lister: Lister, shop: Path) -> None:
    """In the words of a first listing; when it is back it is listed."""
    shop.rename(shop.parent / "elsewhere")
    with pytest.raises(NotMappable, match="there is no such folder"):
        lister.files()
    shutil.copytree(shop.parent / "elsewhere", shop)

    for _ in range(4):
        assert_equal(lister.files(), list_files(shop))


@watches
@pytest.mark.parametrize("where", [".git/info/exclude", "../ignore", ".gitignore", ".trigpointignore"])
def test_what_decides_from_elsewhere_is_heeded(where: str, shop: Path, full_looks: list[Path]) -> None:
    """Rules of git's own folder and of the user, and of the folder itself."""
    git(shop, "config", "core.excludesFile", "../ignore")
    write_files(shop, {"shop/new.py": ""})
    (shop / "../ignore").write_text("nothing\n")
    lister = Lister(shop, watch=True)
    time.sleep(YOUNG_S)
    lister.files()
    lister.files()
    lister.files()
    assert len(full_looks) == 2
    (shop / where).write_text("new.py\n")
    renewed = lister.files()
    lister.close()

    assert "shop/new.py" not in renewed.paths


@watches
def test_a_setting_of_git_is_heeded(lister: Lister, shop: Path) -> None:
    """Which files are ignored may depend on it."""
    write_files(shop, {"shop/new.py": "", "../other": "new.py\n"})
    assert "shop/new.py" in lister.files().paths
    git(shop, "config", "core.excludesFile", str(shop.parent / "other"))

    assert "shop/new.py" not in lister.files().paths


@watches
def test_a_file_in_a_folder_that_was_empty_is_found(shop: Path, full_looks: list[Path]) -> None:
    """Git names no empty folder, and none that holds but ignored files."""
    write_files(shop, {".gitignore": "*.o\npackages/\n", "a/b/c.o": "", "packages/deep/c.py": ""})
    (shop / "d/e").mkdir(parents=True)
    time.sleep(YOUNG_S)
    lister = Lister(shop, watch=True)
    lister.files()
    lister.files()
    write_files(shop, {"a/b/c.py": "", "packages/deep/d.py": "", "d/e/f.py": ""})
    renewed = lister.files()
    live = lister._live
    lister.close()

    assert len(full_looks) == 2
    assert {"a/b/c.py", "d/e/f.py"} < set(renewed.paths)
    assert live is not None
    assert not any(folder.startswith(b"packages") for folder in live.folders)


NAMES = ("a.py", "b.py", "c.o", "d.ts")
FOLDERS = ("", "src/", "src/deep/", "empty/", "lib/", "nested/")
PATHS = st.builds(lambda folder, name: folder + name, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
SOME_FOLDERS = st.sampled_from(FOLDERS[1:])


class Folder(RuleBasedStateMachine):
    """A repository that anything may happen to, and a listing of it that is kept up to date."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="watch-"))
        self.top = self.home / "shop"
        self.branches = ["main"]
        self.looks = self.renewed = 0

    @initialize(below=st.booleans())
    def make(self, below: bool) -> None:
        make_repository(self.top, {"README.md": "", "src/a.py": "", "src/deep/b.py": "", "lib/keep.py": ""})
        self.root = self.top / "src" if below else self.top
        self.lister = Lister(self.root, watch=True)

    def at(self, path: str) -> Path:
        place = self.top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    @rule(path=PATHS, text=st.text(max_size=3))
    def write(self, path: str, text: str) -> None:
        if not self.at(path).is_dir() and not self.at(path).is_symlink():
            self.at(path).write_text(text, encoding="utf-8")

    @rule(path=PATHS, text=st.text(max_size=3))
    def replace(self, path: str, text: str) -> None:
        """As editors do."""
        if not self.at(path).is_dir():
            self.at(path + "~").write_text(text, encoding="utf-8")
            os.replace(self.at(path + "~"), self.at(path))

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        if not self.at(path).is_dir():
            self.at(path).unlink(missing_ok=True)

    @rule(path=PATHS, other=PATHS)
    def rename(self, path: str, other: str) -> None:
        if self.at(path).is_file() and not self.at(other).is_dir():
            os.replace(self.at(path), self.at(other))

    @rule(path=PATHS, other=PATHS)
    def link(self, path: str, other: str) -> None:
        if not os.path.lexists(self.at(path)):
            os.symlink(os.path.relpath(self.at(other), self.at(path).parent), self.at(path))

    @rule(path=PATHS, name=st.sampled_from(NAMES))
    def share(self, path: str, name: str) -> None:
        """In the same folder: no event tells of a first other name in one that is not watched."""
        other = path.rpartition("/")[0] + "/" + name if "/" in path else name
        if self.at(path).is_file() and not os.path.lexists(self.at(other)):
            os.link(self.at(path), self.at(other), follow_symlinks=False)

    @rule(path=PATHS)
    def file_becomes_folder(self, path: str) -> None:
        if self.at(path).is_file():
            self.at(path).unlink()
            self.at(path + "/inner.py").write_text("")

    @rule(path=PATHS, mode=st.sampled_from((0o600, 0o755)))
    def change_mode(self, path: str, mode: int) -> None:
        if self.at(path).exists():
            self.at(path).chmod(mode)

    @rule(folder=SOME_FOLDERS, other=SOME_FOLDERS)
    def rename_folder(self, folder: str, other: str) -> None:
        if folder != "src/" and (self.top / folder).is_dir() and not os.path.lexists(self.top / other[:-1]):
            os.rename(self.at(folder[:-1]), self.at(other[:-1]))

    @rule(folder=SOME_FOLDERS)
    def delete_folder(self, folder: str) -> None:
        if folder != "src/":
            shutil.rmtree(self.top / folder, ignore_errors=True)

    @rule(folder=SOME_FOLDERS)
    def make_folder(self, folder: str) -> None:
        (self.top / folder).mkdir(parents=True, exist_ok=True)

    @rule(folder=SOME_FOLDERS)
    def nest(self, folder: str) -> None:
        if folder not in ("src/", "src/deep/") and (self.top / folder).is_dir():
            if (self.top / folder / ".git").exists():
                shutil.rmtree(self.top / folder / ".git")
            else:
                git(self.top / folder, "init", "-q")
                git(self.top / folder, "commit", "-q", "--allow-empty", "-m", "nested")

    @rule(
        folder=st.sampled_from(FOLDERS),
        name=st.sampled_from((".gitignore", ".trigpointignore")),
        rules=st.lists(st.sampled_from(("*.o", "deep/", "empty", "!b.py", "a.py", "/lib")), max_size=3),
    )
    def ignore(self, folder: str, name: str, rules: list[str]) -> None:
        if not (self.at(folder + name)).is_dir():
            self.at(folder + name).write_text("\n".join(rules))

    @rule()
    def commit(self) -> None:
        for nested in self.top.rglob("*/.git"):
            shutil.rmtree(nested)
        commit(self.top, "All")

    @rule(path=PATHS)
    def forget(self, path: str) -> None:
        git(self.top, "rm", "-q", "--cached", "--ignore-unmatch", "-r", "--", path)

    @rule()
    def branch(self) -> None:
        self.branches.append(f"branch-{len(self.branches)}")
        git(self.top, "checkout", "-q", "-b", self.branches[-1])

    @precondition(lambda self: len(self.branches) > 1)
    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        self.commit()
        git(self.top, "checkout", "-q", data.draw(st.sampled_from(self.branches)))

    @invariant()
    def is_what_a_full_look_says(self) -> None:
        try:
            anew = list_files(self.root)
        except NotMappable:
            with pytest.raises(NotMappable):
                self.lister.files()
            return
        for _ in range(2):  # after the first look a watch may have ended, after the second it has begun
            live = self.lister._live
            renewed = self.lister.files()
            self.looks += 1
            self.renewed += live is not None and live is self.lister._live
            assert_equal(renewed, anew)

    def teardown(self) -> None:
        self.lister.close()
        shutil.rmtree(self.home)


@watches
class TestShortFates(Folder.TestCase):
    """A few steps, in every run."""

    settings = bounds(5, 8)


@watches
@pytest.mark.slow
class TestLongFates(Folder.TestCase):
    """Two and a half thousand steps."""

    settings = bounds(50, 50)

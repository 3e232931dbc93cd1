"""A watch reports what was touched, and an updated listing equals a full one."""

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
from repomap.index.index import Index
from repomap.index.options import IndexOptions

COLUMNS = ("kinds", "size", "mtime_ns", "ctime_ns", "inode")
YOUNG_S = 0.03
"""A younger file of git's may change again and keep its times, so everything is listed."""
watches = pytest.mark.skipif(
    not can_watch(os.fsencode(tempfile.gettempdir()), 1),
    reason="this system does not report what was touched",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def watched(folder: Path) -> Iterator[Watch]:
    watch = Watch([os.fsencode(folder)])
    yield watch
    watch.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def lister(shop: Path) -> Iterator[Lister]:
    """A lister that has started to watch."""
    time.sleep(YOUNG_S)
    lister = Lister(shop, watch=True)
    lister.files()
    lister.files()
    yield lister
    lister.close()


def assert_equal(updated: FileListing, full: FileListing) -> None:
    assert updated.paths == full.paths
    for name in COLUMNS:
        assert np.array_equal(getattr(updated, name), getattr(full, name)), name
    assert (updated.warnings, updated.git, updated.indirect) == (full.warnings, full.git, full.indirect)
    assert updated.folders >= full.folders


@pytest.fixture
def full_listings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were listed in full."""
    roots: list[Path] = []

    def counted(root: Path, *, submodules: bool = False) -> FileListing:
        roots.append(root)
        return list_files(root, submodules=submodules)

    monkeypatch.setattr(lister_module, "list_files", counted)
    return roots


@watches
def test_a_watch_reports_what_was_touched_just_before_the_call(watched: Watch, folder: Path) -> None:
    """Without waiting in between, and each change once."""
    (folder / "a").write_text("1")
    (folder / "b").write_text("1")
    first = watched.changed()
    os.replace(folder / "a", folder / "c")
    (folder / "b").unlink()

    assert first == {os.fsencode(folder / name) for name in "ab"}
    assert watched.changed() == {os.fsencode(folder / name) for name in "abc"}
    assert watched.changed() == set()


@watches
def test_a_watch_reports_what_another_process_wrote(watched: Watch, folder: Path) -> None:
    """Everything that happened before the call is in its result."""
    for number in range(5):
        subprocess.run([sys.executable, "-c", f"open('a{number}', 'w')"], cwd=folder, check=True)
        assert watched.changed() == {os.fsencode(folder / f"a{number}")}


@watches
def test_subfolders_are_not_watched(watched: Watch, folder: Path) -> None:
    """An ignored folder full of packages costs nothing."""
    (folder / "deep").mkdir()
    watched.changed()
    (folder / "deep/a").write_text("1")

    assert watched.changed() == set()


@watches
def test_after_more_changes_than_a_queue_holds_the_result_is_unknown(
    watched: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next call counts from this one."""
    monkeypatch.setattr(watch, "MAX_CHANGES", 3)
    for number in range(4):
        (folder / str(number)).write_text("1")

    assert watched.changed() is None
    assert watched.changed() == set()


@watches
def test_without_the_event_of_its_cookie_the_result_is_unknown(
    watched: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events may be late, or not arrive at all."""
    monkeypatch.setattr(Path, "touch", lambda self: None)
    before = time.monotonic()

    assert watched.changed() is None
    assert time.monotonic() - before < 5


@watches
def test_after_ctrl_c_the_next_result_is_unknown(watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interrupted call may have dropped events."""
    monkeypatch.setattr(watch, "MAX_WAIT_MS", 60_000)
    with monkeypatch.context() as no_cookies:
        no_cookies.setattr(Path, "touch", lambda self: None)
        timer = threading.Timer(0.1, _thread.interrupt_main)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            watched.changed()
        timer.join()

    assert watched.changed() is None
    assert watched.changed() == set()


@watches
def test_a_watch_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread, no open file and no folder of cookies, even if it could not start."""
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
    """And its folder of cookies is removed."""
    program = (
        "import sys; from pathlib import Path; from repomap.files.lister import Lister\n"
        "lister = Lister(Path(sys.argv[1]), watch=True); lister.files(); lister.files(); lister.files()\n"
        "assert lister._live"
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
    ("mounts", "watchable"),
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
    mounts: str, watchable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    assert can_watch(b"/data/tree", 50) is watchable
    assert not can_watch(b"/data/tree", 51)


def test_watchfiles_own_variable_turns_watching_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users set it where events do not arrive."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")

    assert not can_watch(os.fsencode(tmp_path), 1)


@watches
def test_the_second_listing_starts_a_watch_and_the_third_is_an_update(
    shop: Path, full_listings: list[Path]
) -> None:
    """A single listing starts nothing."""
    time.sleep(YOUNG_S)
    lister = Lister(shop, watch=True)
    lister.files()
    assert lister._live is None
    lister.files()
    write_files(shop, {"shop/cart.py": "x = 1\n", "shop/new.py": "y = 1\n", "web/new.o": ""})
    (shop / "web/show.ts").unlink()
    updated = lister.files()
    lister.close()

    assert len(full_listings) == 2
    assert "shop/new.py" in updated.paths
    assert_equal(updated, list_files(shop))


@watches
@pytest.mark.parametrize(("setting", "min_files"), [(False, 0), (None, 1_000)])
def test_nothing_is_watched_unless_it_pays(
    setting: bool | None, min_files: int, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a small folder, a full listing takes no longer than a watch."""
    monkeypatch.setattr(lister_module, "MIN_WATCHED_FILES", min_files)
    lister = Lister(shop, watch=setting)
    for _ in range(3):
        lister.files()

    assert lister._live is None


@watches
def test_a_large_folder_is_watched_by_default(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat, the server and other users of an open index profit."""
    monkeypatch.setattr(lister_module, "MIN_WATCHED_FILES", 3)
    with Index(shop, IndexOptions(1, cache=False, history=False)) as index:
        index.refresh()
        index.refresh()
        assert index._live._lister._live is not None

    assert index._live._lister._live is None


@watches
def test_a_file_that_is_written_again_at_once_is_read_again(shop: Path) -> None:
    """Its stat data may be equal if both writes fall between two ticks of the clock."""
    with Index(shop, IndexOptions(1, cache=False, history=False, watch=True)) as index:
        for number in range(12):
            (shop / "shop/cart.py").write_text(f"def total_{number % 10}():\n    return 1\n")
            index.refresh()
            assert [item.name for item in index.outline("shop/cart.py").items] == [f"total_{number % 10}"]


@watches
def test_now_and_then_everything_is_listed(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This finds what no event reports, such as a change through another name."""
    os.link(shop / "shop/cart.py", shop.parent / "cart.py")
    assert "shop/cart.py" not in lister.files().indirect
    monkeypatch.setattr(live_listing, "FULL_EVERY_S", -1.0)

    assert_equal(lister.files(), list_files(shop))
    assert lister._live is not None


@watches
def test_a_file_with_two_names_is_always_looked_at(shop: Path) -> None:
    """Writing it through its other name touches no watched folder."""
    os.link(shop / "shop/cart.py", shop.parent / "cart.py")
    lister = Lister(shop, watch=True)
    lister.files()
    lister.files()
    (shop.parent / "cart.py").write_text("changed = True\n")
    updated = lister.files()
    lister.close()

    assert_equal(updated, list_files(shop))


@watches
def test_a_second_name_changes_the_file_of_the_first(lister: Lister, shop: Path) -> None:
    """Its ctime changes, but only the new name is reported."""
    lister.files()
    os.link(shop / "shop/cart.py", shop / "web/cart.py")

    assert_equal(lister.files(), list_files(shop))


@watches
def test_an_interrupt_while_listing_loses_no_change(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch reports each change once, so it is kept until it is in a listing."""
    (shop / "shop/cart.py").write_text("changed = True\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(live_listing, "_check_nested", interrupt)
        with pytest.raises(KeyboardInterrupt):
            lister.files()

    assert_equal(lister.files(), list_files(shop))


@watches
def test_a_full_listing_that_fails_loses_no_change(
    lister: Lister, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one finds what it should have found."""
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
def test_a_relative_folder_follows_the_current_folder(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may change it between two listings."""
    make_repository(tmp_path / "other", {"only.py": ""})
    lister = Lister(Path("."), watch=True)
    for folder in (shop, shop, shop, tmp_path / "other", tmp_path / "other", tmp_path / "other", shop):
        monkeypatch.chdir(folder)
        assert_equal(lister.files(), list_files(folder))
    lister.close()


def test_a_missing_folder_is_an_error_until_it_is_back(lister: Lister, shop: Path) -> None:
    """With the message of a first listing."""
    shop.rename(shop.parent / "elsewhere")
    with pytest.raises(NotMappable, match="There is no folder"):
        lister.files()
    shutil.copytree(shop.parent / "elsewhere", shop)

    for _ in range(4):
        assert_equal(lister.files(), list_files(shop))


@watches
@pytest.mark.parametrize("where", [".git/info/exclude", "../ignore", ".gitignore", ".trigpointignore"])
def test_ignore_rules_from_outside_are_applied(where: str, shop: Path, full_listings: list[Path]) -> None:
    """Those in git's own folder, the user's, and those of the folder itself."""
    git(shop, "config", "core.excludesFile", "../ignore")
    write_files(shop, {"shop/new.py": ""})
    (shop / "../ignore").write_text("nothing\n")
    lister = Lister(shop, watch=True)
    time.sleep(YOUNG_S)
    lister.files()
    lister.files()
    lister.files()
    assert len(full_listings) == 2
    (shop / where).write_text("new.py\n")
    updated = lister.files()
    lister.close()

    assert "shop/new.py" not in updated.paths


@watches
def test_a_changed_git_setting_is_applied(lister: Lister, shop: Path) -> None:
    """It may decide which files are ignored."""
    write_files(shop, {"shop/new.py": "", "../other": "new.py\n"})
    assert "shop/new.py" in lister.files().paths
    git(shop, "config", "core.excludesFile", str(shop.parent / "other"))

    assert "shop/new.py" not in lister.files().paths


@watches
def test_a_file_in_a_folder_that_was_empty_is_found(shop: Path, full_listings: list[Path]) -> None:
    """Git lists neither empty folders nor those with only ignored files."""
    write_files(shop, {".gitignore": "*.o\npackages/\n", "a/b/c.o": "", "packages/deep/c.py": ""})
    (shop / "d/e").mkdir(parents=True)
    time.sleep(YOUNG_S)
    lister = Lister(shop, watch=True)
    lister.files()
    lister.files()
    write_files(shop, {"a/b/c.py": "", "packages/deep/d.py": "", "d/e/f.py": ""})
    updated = lister.files()
    live = lister._live
    lister.close()

    assert len(full_listings) == 2
    assert {"a/b/c.py", "d/e/f.py"} < set(updated.paths)
    assert live is not None
    assert not any(folder.startswith(b"packages") for folder in live.folders)


NAMES = ("a.py", "b.py", "c.o", "d.ts")
FOLDERS = ("", "src/", "src/deep/", "empty/", "lib/", "nested/")
PATHS = st.builds(lambda folder, name: folder + name, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
SOME_FOLDERS = st.sampled_from(FOLDERS[1:])


class Folder(RuleBasedStateMachine):
    """A repository to which anything may happen, and a listing that is kept up to date."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="watch-"))
        self.top = self.home / "shop"
        self.branches = ["main"]

    @initialize(below=st.booleans())
    def make(self, below: bool) -> None:
        make_repository(self.top, {"README.md": "", "src/a.py": "", "src/deep/b.py": "", "lib/keep.py": ""})
        self.root = self.top / "src" if below else self.top
        self.lister = Lister(self.root, watch=True)

    def at(self, path: str) -> Path:
        absolute = self.top / path
        absolute.parent.mkdir(parents=True, exist_ok=True)
        return absolute

    @rule(path=PATHS, text=st.text(max_size=3))
    def write(self, path: str, text: str) -> None:
        if not self.at(path).is_dir() and not self.at(path).is_symlink():
            self.at(path).write_text(text, encoding="utf-8")

    @rule(path=PATHS, text=st.text(max_size=3))
    def replace(self, path: str, text: str) -> None:
        """Rename a new file over the old one, as editors do."""
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
        """Add a name in the same folder: in an unwatched one, no event would report it."""
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
    def equals_a_full_listing(self) -> None:
        try:
            full = list_files(self.root)
        except NotMappable:
            with pytest.raises(NotMappable):
                self.lister.files()
            return
        for _ in range(2):  # the first listing may end a watch, the second starts one
            assert_equal(self.lister.files(), full)

    def teardown(self) -> None:
        self.lister.close()
        shutil.rmtree(self.home)


@watches
class TestShortHistories(Folder.TestCase):
    """A few steps, in every run."""

    settings = bounds(5, 8)


@watches
@pytest.mark.slow
class TestLongHistories(Folder.TestCase):
    """Two and a half thousand steps."""

    settings = bounds(50, 50)

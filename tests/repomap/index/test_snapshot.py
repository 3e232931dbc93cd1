"""A snapshot saves work and changes no answer."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from repositories import SHOP, commit, make_repository, write_files

from repomap.index import snapshot
from repomap.index import tags_cache as cache
from repomap.index.index import Index
from repomap.index.options import IndexOptions
from repomap.index.snapshot import Snapshots
from repomap.model import Focus

pytestmark = pytest.mark.usefixtures("lasting_workers")

WARM = IndexOptions(1)
COLD = IndexOptions(1, cache=False)
ASKED = Focus("why does the session cookie expire")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


def answers(index: Index) -> tuple[object, ...]:
    with index:
        return (index.map(), index.map(ASKED, 300), index.ranking(ASKED), index.why("shop/main.py", ASKED))


def the_file() -> Path:
    (path,) = Snapshots().folder.iterdir()
    return path


def test_the_next_run_opens_nothing(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files nor the cache of parsed files, and the answers are the same."""
    first = answers(Index(repository, WARM))

    def refuse(*_: object) -> None:
        raise AssertionError("something was opened")

    monkeypatch.setattr("repomap.index.reader.read_if_regular", refuse)
    monkeypatch.setattr(cache.TagsCache, "get_many", refuse)
    second = Index(repository, WARM)

    assert second.refresh().unchanged == len(SHOP)
    assert answers(second) == first


def test_one_file_touched_is_one_file_parsed(repository: Path) -> None:
    """In the next run; in the one after that, none."""
    Index(repository, WARM).refresh()
    write_files(repository, {"shop/cart.py": "def pay(cart):\n    return cart.total()\n"})
    touched = Index(repository, WARM).refresh()
    after = Index(repository, WARM)

    assert (touched.parsed, touched.unchanged) == (1, len(SHOP) - 1)
    assert after.refresh().parsed == 0
    assert answers(after) == answers(Index(repository, COLD))


def test_a_large_index_is_packed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers stay the same, also when it is packed again."""
    expected = answers(Index(repository, COLD))
    monkeypatch.setattr("repomap.arrays.array_file.MIN_PACKED_BYTES", 64)
    Index(repository, WARM).refresh()
    assert answers(Index(repository, WARM)) == expected
    write_files(repository, {"shop/cart.py": SHOP["shop/cart.py"] + "\n"})
    Index(repository, WARM).refresh()
    again = Index(repository, WARM)

    assert again.refresh().unchanged == len(SHOP)
    assert answers(again) == answers(Index(repository, COLD))


@pytest.mark.parametrize("damage", ["cut", "foreign", "older", "empty"])
def test_an_invalid_snapshot_is_a_miss(
    repository: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are read as if there were none, and a valid one is written."""
    expected = answers(Index(repository, WARM))
    path = the_file()
    if damage == "older":
        monkeypatch.setattr(snapshot, "_program_version", lambda: "older")
    else:
        data = path.read_bytes()
        path.write_bytes({"cut": data[: len(data) // 2], "foreign": b"x" * 5000, "empty": b""}[damage])
    again = Index(repository, WARM)

    assert again.refresh().cached == len(SHOP)
    assert answers(again) == expected
    assert Index(repository, WARM).refresh().unchanged == len(SHOP)


def test_a_snapshot_of_another_folder_is_a_miss(repository: Path, tmp_path: Path) -> None:
    """Whatever its file name is."""
    other = tmp_path / "other"
    write_files(other, {"a.py": "def f(): pass\n"})
    Index(other, WARM).refresh()
    foreign = the_file()
    Index(repository, WARM).refresh()
    (own,) = set(Snapshots().folder.iterdir()) - {foreign}
    shutil.copy(foreign, own)

    assert Index(repository, WARM).refresh().cached == len(SHOP)


def test_a_moved_repository_is_read_again(repository: Path, tmp_path: Path) -> None:
    """Its files are found by content, its snapshot by folder."""
    Index(repository, WARM).refresh()
    moved = repository.rename(tmp_path / "moved")

    assert Index(moved, WARM).refresh().cached == len(SHOP)


def test_a_lookup_without_history_keeps_the_history(repository: Path) -> None:
    """One snapshot serves both, since the history is a separate part of it."""
    write_files(repository, {"shop/session.py": "class Session: pass\n"})
    commit(repository, "Lend umbrellas")
    with_history = answers(Index(repository, WARM))
    without = Index(repository, IndexOptions(1, history=False))
    write_files(repository, {"shop/cart.py": SHOP["shop/cart.py"] + "\n"})
    without.refresh()
    write_files(repository, {"shop/cart.py": SHOP["shop/cart.py"]})

    assert without.data.commits == ()
    assert answers(Index(repository, WARM)) == with_history


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_snapshot_is_for_its_user_alone(repository: Path) -> None:
    """It has the content of the user's files."""
    Index(repository, WARM).refresh()

    assert the_file().stat().st_mode & 0o777 == 0o600
    assert Snapshots().folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_cache_folder_stops_nothing(repository: Path) -> None:
    """What cannot be saved is computed again."""
    Snapshots().folder.mkdir(parents=True)
    Snapshots().folder.chmod(0o500)

    assert Index(repository, WARM).refresh().parsed == len(SHOP)


def test_the_oldest_snapshots_are_removed_first(repository: Path, tmp_path: Path) -> None:
    """Once all together exceed the limit; the newest stays whatever its size."""
    Index(repository, WARM).refresh()
    first = the_file()
    state = Snapshots().load(repository, "submodules=False")
    assert state is not None
    small = Snapshots(first.parent, size_limit=first.stat().st_size + 10)
    small.save(tmp_path, "other", state)

    assert not first.exists()
    assert len(list(first.parent.iterdir())) == 1
    assert small.size() > 0
    small.clear()
    assert small.size() == 0

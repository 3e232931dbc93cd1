"""What one has parsed, others find by its content, and the map is the same whoever parsed."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from repomap.index.index import Index
from repomap.index.options import IndexOptions, Refreshed
from repomap.index.sources import open_store
from repomap.store.pack_store import PackStore
from repomap.store.place import Place

pytestmark = pytest.mark.usefixtures("lasting_workers")

FRESH = IndexOptions(1, cache=False, history=False, few_files=0)
COUNT = 20


def repository(folder: Path, *, changed: int = 0) -> Path:
    """Files that use each other, of which so many differ from those of another such repository."""
    (folder / "pkg").mkdir(parents=True)
    for number in range(COUNT):
        after = "\n\ndef more():\n    pass\n" if number < changed else ""
        text = f"from pkg.mod_{number - 1} import f_{number - 1}\n\ndef f_{number}():\n    f_{number - 1}()\n"
        (folder / "pkg" / f"mod_{number}.py").write_text(text + after, "utf-8")
    return folder


def read(root: Path, options: IndexOptions) -> tuple[Refreshed, str]:
    """The outcome of reading a folder, and all that its map can show."""
    with Index(root, options) as index:
        refreshed = index.refresh()
        for store in options.kept_in:
            store.flush()
        return refreshed, index.map(tokens=100_000).text


def sharing(url: str) -> IndexOptions:
    store = open_store(url)
    return replace(FRESH, stores=(store,), kept_in=(store,))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def test_a_repository_that_shares_most_files_parses_the_rest_alone(tmp_path: Path, url: str) -> None:
    """18 of 20 come from the store; the map is that of a repository read without one."""
    read(repository(tmp_path / "one"), sharing(url))
    other = repository(tmp_path / "other", changed=2)

    refreshed, text = read(other, sharing(url))

    assert (refreshed.parsed, refreshed.shared, refreshed.cached) == (2, 18, 0)
    assert text == read(other, FRESH)[1]
    assert read(other, sharing(url))[0].shared == COUNT


def test_an_executor_and_a_store_change_no_map(tmp_path: Path, url: str) -> None:
    """Cold, and out of the store."""
    root = repository(tmp_path / "one")
    expected = read(root, FRESH)[1]
    with ThreadPoolExecutor(2) as threads:
        for parsed in (COUNT, 0):
            refreshed, text = read(root, replace(sharing(url), executor=threads))
            assert (refreshed.parsed, refreshed.warnings) == (parsed, ())
            assert text == expected


def test_what_an_executor_fails_at_is_said(tmp_path: Path) -> None:
    """As a warning of the refresh."""
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    root = repository(tmp_path / "one")

    refreshed, text = read(root, replace(FRESH, executor=threads))

    assert refreshed.parsed == COUNT
    assert "parsed here" in refreshed.warnings[0]
    assert text == read(root, FRESH)[1]


def test_a_run_that_only_looks_up_keeps_nothing(tmp_path: Path, url: str) -> None:
    """What is being worked on stays with who works on it."""
    read(repository(tmp_path / "one"), replace(FRESH, stores=(open_store(url),)))
    assert not Path(url).exists()


def test_the_cache_gets_what_the_store_has_and_gives_what_it_lacks(tmp_path: Path, url: str) -> None:
    """What was parsed before there was a store is kept there, too; what came from it is here the next time."""
    cached = replace(FRESH, cache=True, snapshot=False)
    root = repository(tmp_path / "one")
    read(root, cached)

    refreshed, _ = read(root, replace(sharing(url), cache=True, snapshot=False))

    assert (refreshed.parsed, refreshed.cached) == (0, COUNT)
    assert read(root, sharing(url))[0].shared == COUNT
    other = repository(tmp_path / "other", changed=COUNT)
    read(other, sharing(url))
    assert read(other, replace(cached, stores=(open_store(url),)))[0].shared == COUNT
    assert read(other, cached)[0].cached == COUNT


def test_a_store_is_not_asked_for_a_few_files(tmp_path: Path) -> None:
    """Parsing what was just edited takes less than a round trip."""
    root = repository(tmp_path / "one")
    asked = replace(FRESH, stores=(open_store("nonsense://x"),), few_files=COUNT)
    assert read(root, asked)[0].warnings == ()
    assert len(read(root, replace(asked, few_files=COUNT - 1))[0].warnings) == 1


def test_files_with_the_same_content_are_parsed_once(tmp_path: Path, url: str) -> None:
    """All of them have the symbols."""
    root = repository(tmp_path / "one")
    for number in range(5):
        (root / f"copy_{number}.py").write_text("def copied(): pass\n", "utf-8")

    refreshed, text = read(root, sharing(url))

    assert (refreshed.parsed, refreshed.cached) == (COUNT + 1, 4)
    assert text == read(root, FRESH)[1]


@pytest.mark.parametrize("entry", [b"", zlib.compress(b"\xff" * 40), b"poison because"])
def test_hostile_entries_are_parsed_anew(tmp_path: Path, url: str, entry: bytes) -> None:
    """Entries whose digests are right, and which are not tags: nothing, another version, an unknown reason."""
    root = repository(tmp_path / "one")
    expected = read(root, sharing(url))[1]
    store = PackStore(Place(url), tmp_path / "tables")
    index = store._loaded()
    keys = [table.key(row) for table in index.tables for row in range(len(table.keys))]
    for name in store.place.sizes():
        store.place.remove(name)
    hostile = PackStore(store.place, tmp_path / "tables")
    hostile.put_many([(key, entry) for key in keys])
    hostile.flush()

    refreshed, text = read(root, replace(sharing(url), kept_in=()))

    assert refreshed.parsed == COUNT
    assert refreshed.warnings == ()
    assert text == expected


def test_a_store_that_cannot_be_reached_costs_a_warning(tmp_path: Path) -> None:
    """The map is made without it."""
    root = repository(tmp_path / "one")

    refreshed, text = read(root, sharing("nonsense://somewhere"))

    assert [warning[:32] for warning in refreshed.warnings] == ["The store nonsense://somewhere c"]
    assert text == read(root, FRESH)[1]

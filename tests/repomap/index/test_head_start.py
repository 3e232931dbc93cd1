"""What is begun before the index is imported ends in the same index."""

from pathlib import Path

import pytest
from repositories import SHOP, make_repository, write_files

from repomap.errors import NotMappable
from repomap.index import head_start
from repomap.index.head_start import HeadStart
from repomap.index.index import Index, IndexOptions
from repomap.model import Focus
from repomap.workers import pool as workers
from repomap.workers.child import Child, Limits

ASKED = Focus("why does the session cookie expire")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """All workers that were started."""
    started: list[Child] = []

    def start(program: str, limits: Limits) -> Child:
        started.append(Child(program, limits))
        return started[-1]

    monkeypatch.setattr(workers, "Child", start)
    return started


def begun(root: Path, *, cache: bool = True) -> HeadStart:
    return HeadStart(root, jobs=2, submodules=False, cache=cache)


def words(text: str) -> int:
    return len(text.split())


def answers(index: Index) -> tuple[object, ...]:
    maps = [index.map(focus, 400, words) for focus in (Focus(), ASKED)]
    return (*maps, index.ranking(ASKED), index.data.corpus.paths)


def have_ended(children: list[Child]) -> bool:
    return all(child._process.poll() is not None for child in children)


@pytest.mark.parametrize("cache", [True, False])
def test_an_index_with_a_head_start_says_what_others_say(
    repository: Path, children: list[Child], cache: bool
) -> None:
    """No file is parsed twice, and no worker is left."""
    write_files(repository, {"de/messages.po": 'msgid "yes"\n', "web/link.ts": "show();\n"})
    (repository / "web" / "same.ts").symlink_to("link.ts")
    with Index(repository, IndexOptions(2, cache), begun(repository, cache=cache)) as index:
        refreshed = index.refresh()

        assert (refreshed.parsed, refreshed.cached) == (len(SHOP) + 1, 0)
        assert len(children) == 2
        assert have_ended(children)
        assert answers(index) == answers(Index(repository, IndexOptions(2, cache=False)))


def test_a_later_refresh_sees_what_changed_since_the_start(repository: Path) -> None:
    """The folder is as it was listed; what came later is found as ever."""
    early = begun(repository)
    write_files(repository, {"shop/late.py": "def come_late():\n    pass\n"})
    with Index(repository, IndexOptions(2), early) as index:
        index.refresh()
        assert "shop/late.py" not in index.data.corpus.paths
        assert index.refresh().parsed == 1
        assert answers(index) == answers(Index(repository, IndexOptions(2, cache=False)))


def test_a_file_written_while_it_is_begun_is_as_it_was_last_written(repository: Path) -> None:
    """However close to the listing: its stat data, or its content, tell the next refresh."""
    early = begun(repository)
    write_files(repository, {"shop/cart.py": "def written_again():\n    pass\n"})
    with Index(repository, IndexOptions(2), early) as index:
        index.refresh()
        index.refresh()
        assert [one.name for one in index.outline("shop/cart.py").items] == ["written_again"]


def test_a_start_from_long_ago_does_not_count(
    repository: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is listed again, and every file parsed as it is by then."""
    monkeypatch.setattr(head_start, "LASTS_S", 0.0)
    early = begun(repository)
    write_files(repository, {"shop/late.py": "def come_late():\n    pass\n", "shop/cart.py": "late = 1\n"})
    with Index(repository, IndexOptions(2), early) as index:
        assert index.refresh().parsed == len(SHOP) + 1
        assert answers(index) == answers(Index(repository, IndexOptions(2, cache=False)))
    assert have_ended(children)


def test_what_is_known_by_content_is_not_parsed(repository: Path, tmp_path: Path) -> None:
    """Where there is a cache, nothing is begun before it was asked."""
    Index(repository, IndexOptions(2)).refresh()
    clone = make_repository(tmp_path / "clone")
    with Index(clone, IndexOptions(2), begun(clone)) as index:
        refreshed = index.refresh()

    assert (refreshed.parsed, refreshed.cached) == (0, len(SHOP))


def test_of_a_known_folder_only_what_changed_is_begun(repository: Path, children: list[Child]) -> None:
    """Where nothing is newer than what is known, no worker starts; else one is ready when it is asked for."""
    Index(repository, IndexOptions(2)).refresh()
    children.clear()
    with Index(repository, IndexOptions(2), begun(repository)) as index:
        assert (index.refresh().unchanged, children) == (len(SHOP), [])

    write_files(repository, {"shop/cart.py": "def written_again():\n    pass\n"})
    early = begun(repository)
    assert len(children) == 1
    with Index(repository, IndexOptions(2), early) as index:
        assert index.refresh().parsed == 1
        assert [one.name for one in index.outline("shop/cart.py").items] == ["written_again"]
    assert len(children) == 1
    assert have_ended(children)


def test_another_process_may_have_been_faster(repository: Path, children: list[Child]) -> None:
    """Its index is used then, and what was begun is stopped."""
    early = begun(repository)
    Index(repository, IndexOptions(2)).refresh()
    with Index(repository, IndexOptions(2), early) as index:
        refreshed = index.refresh()

    assert (refreshed.parsed, refreshed.unchanged) == (0, len(SHOP))
    assert have_ended(children)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_without_files_is_refused_as_ever(
    tmp_path: Path, children: list[Child], is_there: bool
) -> None:
    """By the refresh: the start says nothing, and its workers end with it."""
    folder = tmp_path / "nothing"
    if is_there:
        folder.mkdir()
    with Index(folder, early=begun(folder)) as index, pytest.raises(NotMappable):
        index.refresh()
    assert len(children) == 2 * is_there
    assert have_ended(children)


def test_a_start_that_nobody_uses_leaves_nothing_behind(repository: Path, children: list[Child]) -> None:
    """As where the index is closed before it was asked anything."""
    Index(repository, IndexOptions(2), begun(repository)).close()

    assert children
    assert have_ended(children)

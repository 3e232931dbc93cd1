"""Questions to a server are answered from the present state of the folder, or the answer says that it is older."""

import asyncio
import threading
from pathlib import Path

import pytest

from repomap.errors import NotMappable, NotReady
from repomap.index.fresh import Fresh, FreshIndex
from repomap.index.index import Index
from repomap.index.options import IndexOptions, Refreshed
from repomap.mcp.ask import present
from repomap.mcp.roots import Served

pytestmark = pytest.mark.usefixtures("lasting_workers")


class SlowIndex(Index):
    """An index whose refreshes wait until they are let go, from the second or from the first on."""

    def __init__(self, root: Path, *, slow_from: int = 1) -> None:
        super().__init__(root, IndexOptions(jobs=1, cache=False, history=False))
        self.let_go = threading.Event()
        self.began: list[int] = []
        self._slow_from = slow_from

    def refresh(self, on_progress: object = None) -> Refreshed:
        self.began.append(len(self.began))
        if len(self.began) > self._slow_from:
            assert self.let_go.wait(30)
        return super().refresh()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "store.py").write_text("class Store:\n    pass\n")
    return tmp_path


def fresh_index(index: Index, **waits: float) -> FreshIndex:
    return FreshIndex(index, pytest.fail, **waits)


def ask(fresh: FreshIndex) -> Fresh[tuple[str, ...]]:
    """Ask for the names, as the server does."""

    async def silent(*_: object) -> None:
        return None

    state = asyncio.run(present(Served("root", str(fresh.index.root), fresh), silent))
    return Fresh(names(state.answer), state.age_s, state.is_partial)


def names(index: Index) -> tuple[str, ...]:
    return index.names()


def test_a_file_that_was_just_written_is_in_the_answer(root: Path) -> None:
    """However soon after the last question: agents edit and ask."""
    fresh = fresh_index(Index(root, IndexOptions(jobs=1, cache=False, history=False)))
    assert ask(fresh).answer == ("Store",)
    for number in range(3):
        (root / f"new_{number}.py").write_text(f"def fresh_{number}():\n    pass\n")
        given = ask(fresh)
        assert f"fresh_{number}" in given.answer
        assert given.age_s == 0


def test_an_answer_that_cannot_wait_says_how_old_it_is(root: Path) -> None:
    """It comes within the limit, from what was known before."""
    index = SlowIndex(root)
    fresh = fresh_index(index, wait_s=0.05)
    ask(fresh)
    (root / "new.py").write_text("def added():\n    pass\n")

    given = ask(fresh)

    assert given.answer == ("Store",)
    assert given.age_s > 0
    index.let_go.set()
    fresh.begin().result(30)
    assert ask(fresh).answer == ("Store", "added")


def test_before_the_first_refresh_there_is_nothing_to_say(root: Path) -> None:
    """A client that would give up is told to ask again; the reading goes on meanwhile."""
    index = SlowIndex(root, slow_from=0)
    fresh = fresh_index(index, first_wait_s=0.05)
    with pytest.raises(NotReady, match="ask again"):
        ask(fresh)
    index.let_go.set()
    fresh.begin().result(30)
    assert ask(fresh).answer == ("Store",)


def test_questions_that_come_together_share_a_refresh(root: Path) -> None:
    """At most one runs and one waits, however many ask."""
    index = SlowIndex(root)
    fresh = fresh_index(index, wait_s=0.02)
    ask(fresh)
    for _ in range(5):
        ask(fresh)
    index.let_go.set()
    fresh.begin().result(30)
    assert len(index.began) <= 4


def test_an_error_of_a_refresh_is_the_answer(root: Path) -> None:
    """And the next question tries again."""
    fresh = fresh_index(Index(root / "gone"))
    for _ in range(2):
        with pytest.raises(NotMappable):
            ask(fresh)


def test_a_view_does_not_change_with_its_index(root: Path) -> None:
    """What it was taken from goes on."""
    index = Index(root, IndexOptions(jobs=1, cache=False, history=False))
    index.refresh()
    view = index.as_it_is()
    (root / "new.py").write_text("def added():\n    pass\n")
    index.refresh()
    assert (view.names(), index.names()) == (("Store",), ("Store", "added"))

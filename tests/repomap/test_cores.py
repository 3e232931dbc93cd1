"""Work on several parts beside each other says what one part after the other says."""

import threading

import pytest

from repomap import cores
from repomap.cores import side_by_side


def test_results_stand_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is done first: here the first item waits for the second."""
    monkeypatch.setattr(cores, "usable_cores", lambda: 2)
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(10)
        elif item == 1:
            second_done.set()
        return item * item

    assert side_by_side(work, range(5)) == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("many", [1, 2])
def test_what_one_item_raises_is_raised(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """With one core as with two."""
    monkeypatch.setattr(cores, "usable_cores", lambda: many)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda item: 1 // item, [1, 0, 1])


def test_one_item_needs_no_thread() -> None:
    """Nor do none."""
    here = threading.get_ident()

    assert side_by_side(lambda _: threading.get_ident(), [0]) == [here]
    assert side_by_side(lambda _: threading.get_ident(), []) == []

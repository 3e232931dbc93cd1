"""Failures that come again, and when that is often enough."""

from chat.goals.stall import Stall, after_failure, digest_of_failure, digest_of_files


def in_a_row(*states: str) -> list[Stall]:
    """The same failure with these states of the files."""
    stalls: list[Stall] = []
    for state in states:
        stalls.append(after_failure(stalls[-1] if stalls else None, "red", state))
    return stalls


def test_the_same_failure_twice_calls_for_a_fresh_context_and_thrice_ends_the_goal() -> None:
    """In a row, with the files as they were."""
    first, second, third = in_a_row("a", "a", "a")

    assert (first.is_fresh_due, first.is_over) == (False, False)
    assert (second.is_fresh_due, second.is_over) == (True, False)
    assert third.is_over


def test_work_that_goes_on_behind_a_coarse_check_is_given_more_room() -> None:
    """A check that only says no would end a goal in the middle otherwise."""
    stalls = in_a_row(*"abcdefghi")

    assert [stall.is_fresh_due for stall in stalls].index(True) == 4
    assert [stall.is_over for stall in stalls].index(True) == 8


def test_work_that_moves_again_has_its_standstill_forgiven() -> None:
    """So one useless turn after that begins afresh, and does not end the goal."""
    stalls = in_a_row(*"aabcc")

    assert [stall.is_fresh_due for stall in stalls] == [False, True, False, False, True]
    assert not stalls[-1].is_over
    assert in_a_row(*"aabccc")[-1].is_over


def test_going_round_in_circles_is_no_progress() -> None:
    """Files that were so before count as unchanged."""
    assert in_a_row("a", "b", "a", "b")[-1].is_over


def test_another_failure_begins_anew() -> None:
    """It shows that something has changed."""
    (*_, second) = in_a_row("a", "a")

    assert after_failure(second, "other", "a") == Stall("other", states=("a",))


def test_times_and_addresses_do_not_make_a_failure_another_one() -> None:
    """The number of failed tests does."""
    first = "test_a <object at 0x7f01> failed\n2 failed, 3 passed in 0.12s at 12:00:01"

    assert digest_of_failure([first]) == digest_of_failure(
        ["test_a <object at 0x7faa> failed\n2 failed, 3 passed in 3.4s at 12:07:59"]
    )
    assert digest_of_failure([first]) != digest_of_failure([first.replace("2 failed", "1 failed")])


def test_a_missing_file_is_like_an_empty_one_of_no_other_name() -> None:
    """The digest of files depends on their names and contents."""
    assert digest_of_files({"a": b"x"}) != digest_of_files({"b": b"x"})
    assert digest_of_files({"a": b"x"}) != digest_of_files({"a": b"y"})
    assert digest_of_files({"a": None}) == digest_of_files({"a": b""})

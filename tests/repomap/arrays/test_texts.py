"""Texts stored in one block behave like a list of strings."""

import numpy as np
from corpora import ANY_CHARACTER, NASTY
from hypothesis import example, given
from hypothesis import strategies as st

from repomap.arrays.texts import BlockSearch, Texts, concat, distinct

TEXT_LISTS = st.lists(st.text(ANY_CHARACTER | NASTY, max_size=12), max_size=12)


@given(TEXT_LISTS)
def test_texts_are_returned_unchanged(texts: list[str]) -> None:
    """With any characters; by iterating, by index from both ends, and in slices."""
    block = Texts.of(texts)

    assert list(block) == texts
    assert [block[row] for row in range(len(block))] == texts
    assert [block[-1 - row] for row in range(len(block))] == texts[::-1]
    assert block[1:-1] == tuple(texts[1:-1])


@given(TEXT_LISTS, st.integers(1, 6))
def test_lengths_and_first_bytes_are_those_of_the_texts(texts: list[str], chars: int) -> None:
    """Lengths in characters as Python counts them, and in bytes."""
    block = Texts.of(texts)
    rows = [row for row in range(len(texts)) if row % 3 != 1]
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]

    assert block.have_chars(np.array(rows, np.int64), chars).tolist() == [
        len(texts[row]) >= chars for row in rows
    ]
    assert block.byte_sizes().tolist() == list(map(len, encoded))
    assert block.first_bytes().tolist() == [data[0] if data else -1 for data in encoded]


@given(TEXT_LISTS)
@example(["ΑΣ", "Σα", "Σ", "ΑΣ\u0301", "İ"])
@example(["ΑΣ", "Σ\nα", "İ"])
def test_lower_case_is_that_of_python(texts: list[str]) -> None:
    """Even if a lower-case letter takes more bytes than the capital, or depends on its neighbours."""
    assert list(Texts.of(texts).lower(np.arange(len(texts)))) == [text.lower() for text in texts]


@given(st.text("ab\n", max_size=40), st.text("ab", min_size=1, max_size=6))
def test_a_search_finds_every_position(text: str, part: str) -> None:
    """Even if two overlap, or the text is shorter than the pattern."""
    positions = BlockSearch(np.frombuffer(text.encode(), np.uint8))(part.encode())
    assert sorted(positions.tolist()) == [start for start in range(len(text)) if text.startswith(part, start)]


@given(st.lists(st.integers(-3, 9), max_size=20))
def test_distinct_numbers_come_once_and_in_order(numbers: list[int]) -> None:
    """Their type stays the same."""
    result = distinct(np.array(numbers, np.int32))
    assert result.tolist() == sorted(set(numbers))
    assert result.dtype == np.int32


@given(TEXT_LISTS, st.text(ANY_CHARACTER, max_size=3))
def test_a_sorted_text_is_found(texts: list[str], other: str) -> None:
    """In its row; other texts are not."""
    known = sorted(set(texts))
    block = Texts.of(known)

    assert [block.find_sorted(text) for text in known] == list(range(len(known)))
    assert (block.find_sorted(other) is None) == (other not in known)


@given(TEXT_LISTS, TEXT_LISTS, st.integers(0, 12))
def test_slices_are_concatenated(texts: list[str], other: list[str], start: int) -> None:
    """In the given order."""
    first = min(start, len(texts))
    result = concat([(Texts.of(other), 0, len(other)), (Texts.of(texts), first, len(texts))])
    assert list(result) == [*other, *texts[first:]]
    assert list(concat([])) == []

"""Texts in one block are what they were."""

import numpy as np
from corpora import ANY_CHARACTER, NASTY
from hypothesis import example, given
from hypothesis import strategies as st

from repomap.arrays.texts import BlockSearch, Texts, concat, distinct

MANY = st.lists(st.text(ANY_CHARACTER | NASTY, max_size=12), max_size=12)


@given(MANY)
def test_texts_are_given_back(texts: list[str]) -> None:
    """Whatever characters they hold, in a row, one by one, by their end and in slices."""
    block = Texts.of(texts)

    assert list(block) == texts
    assert [block[place] for place in range(len(block))] == texts
    assert [block[-1 - place] for place in range(len(block))] == texts[::-1]
    assert block[1:-1] == tuple(texts[1:-1])


@given(MANY, st.integers(1, 6))
def test_lengths_and_first_bytes_are_those_of_the_texts(texts: list[str], chars: int) -> None:
    """Whether a text is so long, in characters as Python counts them, its bytes, and the first of them."""
    block = Texts.of(texts)
    places = [place for place in range(len(texts)) if place % 3 != 1]
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]

    assert block.have_chars(np.array(places, np.int64), chars).tolist() == [
        len(texts[place]) >= chars for place in places
    ]
    assert block.byte_sizes().tolist() == list(map(len, encoded))
    assert block.first_bytes().tolist() == [data[0] if data else -1 for data in encoded]


@given(MANY)
@example(["ΑΣ", "Σα", "Σ", "ΑΣ\u0301", "İ"])
@example(["ΑΣ", "Σ\nα", "İ"])
def test_lower_case_is_pythons(texts: list[str]) -> None:
    """Also where a lower-case letter takes more bytes than the capital, or depends on what follows it."""
    assert list(Texts.of(texts).lower(np.arange(len(texts)))) == [text.lower() for text in texts]


@given(st.text("ab\n", max_size=40), st.text("ab", min_size=1, max_size=6))
def test_a_search_finds_every_place(text: str, part: str) -> None:
    """Also where two overlap, or the text is shorter than what is sought."""
    places = BlockSearch(np.frombuffer(text.encode(), np.uint8))(part.encode())
    assert sorted(places.tolist()) == [place for place in range(len(text)) if text.startswith(part, place)]


@given(st.lists(st.integers(-3, 9), max_size=20))
def test_distinct_numbers_are_given_once_in_order(numbers: list[int]) -> None:
    """In the type that they had."""
    found = distinct(np.array(numbers, np.int32))
    assert found.tolist() == sorted(set(numbers))
    assert found.dtype == np.int32


@given(MANY, st.text(ANY_CHARACTER, max_size=3))
def test_a_sorted_text_is_found(texts: list[str], other: str) -> None:
    """At its place, and nothing else is."""
    known = sorted(set(texts))
    block = Texts.of(known)

    assert [block.find_sorted(text) for text in known] == list(range(len(known)))
    assert (block.find_sorted(other) is None) == (other not in known)


@given(MANY, MANY, st.integers(0, 12), st.integers(0, 12))
def test_slices_are_joined(one: list[str], other: list[str], first: int, end: int) -> None:
    """In the order in which they are given."""
    cut = concat([(Texts.of(other), 0, len(other)), (Texts.of(one), min(first, len(one)), len(one))])
    assert list(cut) == [*other, *one[min(first, len(one)) :]]
    assert list(concat([])) == []

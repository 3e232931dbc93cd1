"""The words that contain a text or a stem are found in one search over all words."""

import pytest
from corpora import NAMES
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.ranking import lexicon
from repomap.ranking.lexicon import Lexicon, words_of_term
from repomap.ranking.request import stem, subtokens


@examples(30)
@given(st.lists(NAMES.filter(lambda name: "\n" not in name), max_size=12, unique=True).map(sorted), NAMES)
def test_the_lexicon_finds_what_a_search_of_all_words_finds(words: list[str], name: str) -> None:
    """Every word that has the stem among its parts, and no other."""
    for part in subtokens(name):
        matches = words_of_term(stem(part), Lexicon.of(words))
        expected = {
            word_id
            for word_id, word in enumerate(words)
            if any(stem(other) == stem(part) for other in subtokens(word))
        }
        assert set(matches) == expected
        assert all(0.5 < share <= 1 for share in matches.values())


@pytest.mark.parametrize("words", [("a\nb", "c"), ("İstanbul", "zebra"), ("", "zebra")])
def test_odd_words_do_not_shift_the_others(words: tuple[str, ...]) -> None:
    """A newline in a word, or a character whose lower case is longer, moves no later word."""
    assert Lexicon.of(words).containing(words[-1]).tolist() == [len(words) - 1]


@examples(40)
@given(st.lists(NAMES, max_size=12), st.text("abeginrs_é\u212a", max_size=2), st.integers(1, 20))
def test_the_size_of_the_searched_chunks_changes_no_result(words: list[str], part: str, size: int) -> None:
    """Those that contain a text in lower case are found, however few are searched at a time."""
    words = [word.replace("\n", "") for word in words]
    sought = [part.lower(), *(word[1:4].lower() for word in words)]
    before, lexicon.SEARCHED_BYTES = lexicon.SEARCHED_BYTES, size
    try:
        matches = Lexicon.of(words).containing_each(sought)
    finally:
        lexicon.SEARCHED_BYTES = before
    assert [word_ids.tolist() for word_ids in matches] == [
        [word_id for word_id, word in enumerate(words) if text in word.lower()] for text in sought
    ]

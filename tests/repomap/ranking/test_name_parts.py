"""Splitting many names at once gives the same parts as splitting each."""

import numpy as np
from corpora import NAMES
from hypothesis import example, given
from hypothesis import strategies as st

from repomap.arrays.texts import Texts
from repomap.ranking.name_parts import shares_of_stem
from repomap.ranking.request import stem, subtokens

WORDS = st.lists(
    NAMES | st.text("aAbBsgin1_ -é\n", max_size=12) | st.sampled_from(["HTTPPages2", "\u212aing", ""]),
    max_size=12,
)


@given(WORDS, st.data())
@example(["parseHTTPHeader2X"], None)
def test_names_have_the_parts_that_subtokens_finds(words: list[str], data: st.DataObject | None) -> None:
    """And a stem covers the share of each name that its parts have, whichever names are asked about."""
    texts = Texts.of(words)
    chosen = (
        data.draw(st.lists(st.integers(0, len(words) - 1), unique=True))
        if data and words
        else range(len(words))
    )
    numbers = np.array(sorted(chosen), np.int32)
    for term in sorted({stem(part) for word in words for part in subtokens(word)} | {"pag"}):
        places, shares = shares_of_stem(term, texts, numbers)
        parts = [[stem(part) for part in subtokens(words[number])] for number in numbers.tolist()]
        assert dict(zip(places.tolist(), shares.tolist(), strict=True)) == {
            place: 0.5 + 0.5 * each.count(term) / len(each)
            for place, each in enumerate(parts)
            if term in each
        }


def test_a_part_that_begins_with_the_term_counts_as_much_as_is_said() -> None:
    """And nothing where nothing is said, or where the term is so short that it begins anything."""
    texts = Texts.of(["validators_page", "valid_page", "invalid"])
    every = np.arange(3, dtype=np.int32)

    assert shares_of_stem("valid", texts, every)[0].tolist() == [1]
    places, shares = shares_of_stem("valid", texts, every, 0.5)
    assert (places.tolist(), shares.tolist()) == ([0, 1], [0.625, 0.75])
    assert shares_of_stem("val", texts, every, 0.5)[0].tolist() == []

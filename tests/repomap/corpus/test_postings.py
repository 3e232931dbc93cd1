"""The inverted index returns the uses that were put into it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repomap.corpus import postings
from repomap.corpus.postings import GONE, InvertedIndex, Uses

USE = st.tuples(
    st.integers(0, 6),
    st.integers(0, 40) | st.sampled_from((127, 128, 16383, 16384, 2097151, 2097152, 268435456, 2147483646)),
    st.integers(0, 20) | st.just(65535),
    st.integers(0, 20) | st.just(65535),
)
ROWS = st.lists(USE, max_size=40, unique_by=lambda use: use[:2])
WORDS = 8


def uses_of(rows: list[tuple[int, int, int, int]]) -> Uses:
    word, slot, code, prose = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Uses(
        np.array(word, np.int32),
        np.array(slot, np.int32),
        np.array(code, np.uint16),
        np.array(prose, np.uint16),
    )


def listed(index: InvertedIndex, words: list[int]) -> list[tuple[int, ...]]:
    return list(
        zip(*(column.tolist() for column in index.lists.decompress(np.array(words, np.int64))), strict=True)
    )


@given(ROWS, st.lists(st.integers(0, WORDS - 1), max_size=10))
def test_the_uses_of_words_are_found(found: list[tuple[int, int, int, int]], words: list[int]) -> None:
    """Of any words in any order, some asked for twice, some without uses; in the order of the slots."""
    index = InvertedIndex.of(uses_of(found), WORDS, 0)

    assert listed(index, words) == [
        (row, *use[1:]) for row, word in enumerate(words) for use in sorted(found) if use[0] == word
    ]
    assert len(index) == len(found)


SMALL = st.lists(USE.filter(lambda use: use[1] < 40), max_size=60, unique_by=lambda use: use[:2])


@given(SMALL, st.data())
def test_documents_that_move_keep_their_uses(
    found: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    """Those that are gone lose them, new ones bring theirs, however often and whether or not lists are rebuilt."""
    index, expected = InvertedIndex.of(uses_of(found), WORDS, 41), {use[:2]: use[2:] for use in found}
    docs = 41
    slot_doc = np.arange(docs, dtype=np.int32)
    for _ in range(data.draw(st.integers(1, 3))):
        kept = sorted(data.draw(st.sets(st.integers(0, docs - 1)))) if docs else []
        new = data.draw(SMALL)
        moved = {doc: new_id for new_id, doc in enumerate(kept)}
        expected = {(word, moved[doc]): counts for (word, doc), counts in expected.items() if doc in moved}
        expected |= {(word, len(kept) + doc): (code, prose) for word, doc, code, prose in new}
        after = np.full(len(index.slot_doc) + 41, GONE, np.int32)
        for slot, doc in enumerate(index.slot_doc.tolist()):
            after[slot] = moved.get(doc, GONE)
        after[len(index.slot_doc) :] = np.arange(41) + len(kept)
        index = index.updated(after, uses_of(new).shifted(len(index.slot_doc)), WORDS)
        docs = len(kept) + 41
        all_words = index.postings(range(WORDS))

        assert list(zip(*(column.tolist() for column in all_words), strict=True)) == [
            (*key, *counts) for key, counts in sorted(expected.items())
        ]
    assert len(slot_doc) == 41


@given(SMALL, st.integers(1, 8))
def test_lists_built_in_parts_are_the_same(found: list[tuple[int, int, int, int]], chunk: int) -> None:
    """Sorting everything at once would take several times the memory."""
    whole = InvertedIndex.of(uses_of(found), WORDS, 41)
    before = postings.SORTED_USES, postings.DECOMPRESSED_USES
    postings.SORTED_USES = postings.DECOMPRESSED_USES = chunk
    try:
        parts = InvertedIndex.of(uses_of(found), WORDS, 41)
        chunks = list(parts.word_chunks(WORDS))
    finally:
        postings.SORTED_USES, postings.DECOMPRESSED_USES = before

    assert listed(parts, list(range(WORDS))) == listed(whole, list(range(WORDS)))
    assert [word for words in chunks for word in words.tolist()] == list(range(WORDS))

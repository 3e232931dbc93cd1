"""The features of definitions are the same whether computed all at once or a slice at a time."""

from collections import Counter

import numpy as np
import pytest
from corpora import NAMES, corpora, index_data_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import SHOP

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import Focus
from repomap.ranking import bm25, documents, file_evidence, lexicon, score
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import build_index_data


@examples(40)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join), st.integers(1, 5))
def test_a_slice_has_the_features_of_the_whole(corpus: Corpus, request: str, size: int) -> None:
    """To the last bit, wherever the slice begins: it may cut a file anywhere."""
    found = gather(build_index_data(corpus, ()), Focus(request or "x"))
    for first in range(0, len(corpus), size):
        part = slice(first, min(first + size, len(corpus)))
        for name, column in found.docs_of(part).items():
            assert column.tolist() == found.docs[name][part].tolist(), name


@examples(40)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join))
def test_ranks_follow_the_text_score(corpus: Corpus, request: str) -> None:
    """By text and kind of file among all definitions, by text alone in a file; ties by position."""
    index_data = build_index_data(corpus, ())
    found = gather(index_data, Focus(request or "x"))
    docs = np.flatnonzero(corpus.doc_kind != NO_KIND).tolist()
    text, file = found.docs["text"], corpus.doc_file

    ordered = sorted(docs, key=lambda doc: (-text[doc] * index_data.kind_weight[file[doc]], doc))
    in_file = sorted(docs, key=lambda doc: (file[doc], -text[doc], doc))
    rank, rank_in_file = (np.rint(np.expm1(found.docs[name])) for name in ("rank", "rank in file"))

    assert rank[ordered].tolist() == list(range(len(docs)))
    assert rank_in_file[in_file].tolist() == [
        expected for count in Counter(file[docs].tolist()).values() for expected in range(count)
    ]


@examples(40)
@given(corpora())
def test_definitions_directly_inside_are_counted(corpus: Corpus) -> None:
    """Those at the top level of a file are inside none."""
    found = gather(build_index_data(corpus, ()), Focus("x")).docs["definitions inside"]
    parents = Counter(
        parent for parent in corpus.doc_parent.tolist() if parent >= 0 and corpus.doc_kind[parent] != NO_KIND
    )
    assert np.rint(np.expm1(found)).tolist() == [parents[doc] for doc in range(len(corpus))]


def test_threads_and_chunks_change_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large repository is scored as a small one is."""
    index_data, focus = index_data_of(SHOP), Focus("why does the session cookie expire")
    plain = score.score(index_data, focus)
    for module in (file_evidence, score):
        monkeypatch.setattr(module, "MANY_DOCUMENTS", 1)
    monkeypatch.setattr(documents, "CHUNK_DOCS", 2)
    monkeypatch.setattr(bm25, "TERMS_PER_BATCH", 1)
    monkeypatch.setattr(lexicon, "WORDS_PER_SPLIT", 2)
    chunked = score.score(index_data_of(SHOP), focus)

    assert chunked.files.tolist() == plain.files.tolist()
    assert chunked.docs.tolist() == plain.docs.tolist()

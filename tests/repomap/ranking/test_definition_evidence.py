"""The columns of definitions are the same whether they are worked out all at once or some at a time."""

from collections import Counter

import numpy as np
import pytest
from corpora import NAMES, corpora, library_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import SHOP

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import Focus
from repomap.ranking import bm25 as relevance
from repomap.ranking import definition_evidence as columns
from repomap.ranking import file_evidence as evidence
from repomap.ranking import score
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import make_library


@examples(40)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join), st.integers(1, 5))
def test_a_part_of_the_columns_is_what_stands_there_in_all(corpus: Corpus, request: str, size: int) -> None:
    """To the last bit, wherever it begins: a file may be cut anywhere."""
    found = gather(make_library(corpus, ()), Focus(request or "x"))
    for first in range(0, len(corpus), size):
        part = slice(first, min(first + size, len(corpus)))
        for name, column in found.docs_of(part).items():
            assert column.tolist() == found.docs[name][part].tolist(), name


@examples(40)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join))
def test_places_go_by_the_text(corpus: Corpus, request: str) -> None:
    """Among all definitions by text and kind of file, in a file by text alone; equal ones as they stand."""
    library = make_library(corpus, ())
    found = gather(library, Focus(request or "x"))
    docs = np.flatnonzero(corpus.doc_kind != NO_KIND).tolist()
    text, file = found.docs["text"], corpus.doc_file

    ordered = sorted(docs, key=lambda doc: (-text[doc] * library.prior[file[doc]], doc))
    in_file = sorted(docs, key=lambda doc: (file[doc], -text[doc], doc))
    place, place_in_file = (np.rint(np.expm1(found.docs[name])) for name in ("place", "place in file"))

    assert place[ordered].tolist() == list(range(len(docs)))
    assert place_in_file[in_file].tolist() == [
        at for many in Counter(file[docs].tolist()).values() for at in range(many)
    ]


@examples(40)
@given(corpora())
def test_what_stands_right_inside_is_counted(corpus: Corpus) -> None:
    """Definitions in definitions; those at the top of a file stand in none."""
    found = gather(make_library(corpus, ()), Focus("x")).docs["definitions inside"]
    parents = Counter(
        parent for parent in corpus.doc_parent.tolist() if parent >= 0 and corpus.doc_kind[parent] != NO_KIND
    )
    assert np.rint(np.expm1(found)).tolist() == [parents[doc] for doc in range(len(corpus))]


def test_threads_and_parts_change_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large repository is scored as a small one is."""
    library, focus = library_of(SHOP), Focus("why does the session cookie expire")
    plain = score.score(library, focus)
    for module in (evidence, score):
        monkeypatch.setattr(module, "MANY_DOCUMENTS", 1)
    monkeypatch.setattr(columns, "PART_DOCS", 2)
    monkeypatch.setattr(relevance, "TERMS_AT_ONCE", 1)
    monkeypatch.setattr(relevance, "WORDS_AT_ONCE", 2)
    parted = score.score(library_of(SHOP), focus)

    assert parted.files.tolist() == plain.files.tolist()
    assert parted.docs.tolist() == plain.docs.tolist()

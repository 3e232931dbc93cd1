"""Files and definitions are scored by how well they match the words of a request."""

import numpy as np
import pytest
from corpora import NAMES, corpora, corpus_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.ranking.bm25 import RequestMatch, match_request
from repomap.ranking.lexicon import Lexicon
from repomap.ranking.request import read_request

SOURCES = {
    "web/session.py": "class Session:\n    def expire(self):\n        return self.clock\n",
    "web/page.py": "def render(page):\n    # the session is shown\n    return page\n",
    "web/other.py": "def other(thing):\n    return thing\n",
}


def match(corpus: Corpus, request: str) -> RequestMatch:
    return match_request(corpus, Lexicon.of(corpus.words), Lexicon.of(corpus.paths), read_request(request))


def best_file(corpus: Corpus, request: str) -> str:
    return corpus.paths[int(match(corpus, request).files.bm25.argmax())]


def best_definition(corpus: Corpus, request: str) -> str:
    found = match(corpus, request).docs
    return corpus.definition(int(found.ids[found.bm25.argmax()])).name


@pytest.mark.parametrize(
    "request_text", ["session expires", "expired sessions", "SESSION EXPIRE", "expire_session"]
)
def test_words_find_names_however_they_are_written(request_text: str) -> None:
    """The forms of a word, its case and how it is joined make no difference."""
    corpus = corpus_of(SOURCES)
    assert best_file(corpus, request_text) == "web/session.py"
    assert best_definition(corpus, request_text) == "expire"


def test_a_name_matches_better_than_a_comment() -> None:
    """`Session` defines what `render` only mentions."""
    assert best_file(corpus_of(SOURCES), "session") == "web/session.py"


def test_a_rare_word_outweighs_a_common_one() -> None:
    """A word in every file singles out none of them."""
    sources = {f"f{number}.py": "def run(task):\n    return task\n" for number in range(8)}
    sources["odd.py"] = "def go(zebra):\n    return zebra\n"
    assert best_file(corpus_of(sources), "task zebra") == "odd.py"


def test_a_path_matches_too() -> None:
    """A file named after the word comes first where the bodies do not have it."""
    corpus = corpus_of({"billing/invoice.py": "x = 1\n", "other.py": "y = 1\n"})
    found = match(corpus, "invoice")
    assert found.files.name.tolist()[0] > 0 == found.files.name.tolist()[1]
    assert best_file(corpus, "invoice") == "billing/invoice.py"


def test_long_texts_do_not_win_by_length() -> None:
    """The same word counts more in a short body."""
    filler = "".join(f"    step_{number} = {number}\n" for number in range(200))
    corpus = corpus_of({"a.py": f"def a():\n    zebra = 1\n{filler}", "b.py": "def b():\n    zebra = 1\n"})
    assert best_file(corpus, "zebra") == "b.py"


@examples(30)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join))
def test_scores_are_within_bounds(corpus: Corpus, request: str) -> None:
    """From 0 to 1, one for each document and file, and finite."""
    found = match(corpus, request)
    assert found.files.ids.tolist() == list(range(len(corpus.paths)))
    for scores, count in ((found.docs, len(corpus)), (found.files, len(corpus.paths))):
        assert sorted({*scores.ids.tolist()} & {*range(count)}) == scores.ids.tolist()
        for column in (scores.bm25, scores.first_line, scores.coverage, scores.name):
            assert column.shape == scores.ids.shape
            assert np.isfinite(column).all()
            assert (column >= 0).all()
        for column in (scores.bm25, scores.first_line, scores.coverage):
            assert (column <= 1 + 1e-9).all()


def test_a_request_without_words_matches_nothing() -> None:
    """All scores are zero, without a division by zero; the same in an empty repository."""
    found = match(corpus_of(SOURCES), "the of")
    assert not found.files.bm25.any()
    assert not found.docs.bm25.any()
    assert match(corpus_of({}), "session").files.bm25.shape == (0,)


def test_unknown_words_do_not_change_the_order() -> None:
    """The ranking of the matches stays the same if the request has an unknown word as well."""
    corpus = corpus_of(SOURCES)
    plain, noisy = match(corpus, "session"), match(corpus, "session qwxz")
    assert (
        np.argsort(-plain.files.bm25, kind="stable") == np.argsort(-noisy.files.bm25, kind="stable")
    ).all()


def test_file_documents_have_no_name_to_match() -> None:
    """Only a definition has a name of its own."""
    corpus = corpus_of(SOURCES)
    found = match(corpus, "session render")
    assert not found.docs.name[corpus.doc_kind[found.docs.ids] == NO_KIND].any()

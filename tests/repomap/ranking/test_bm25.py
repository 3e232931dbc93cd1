"""How well files and definitions match the words of a request."""

import numpy as np
import pytest
from corpora import NAMES, corpora, corpus_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.ranking import bm25 as relevance_module
from repomap.ranking.bm25 import Lexicon, Relevance, relevance, words_of_term
from repomap.ranking.request import read_request, stem, subtokens

SOURCES = {
    "web/session.py": "class Session:\n    def expire(self):\n        return self.clock\n",
    "web/page.py": "def render(page):\n    # the session is shown\n    return page\n",
    "web/other.py": "def other(thing):\n    return thing\n",
}


def match(corpus: Corpus, request: str) -> Relevance:
    return relevance(corpus, Lexicon.of(corpus.words), Lexicon.of(corpus.paths), read_request(request))


def best_file(corpus: Corpus, request: str) -> str:
    return corpus.paths[int(match(corpus, request).files.text.argmax())]


def best_definition(corpus: Corpus, request: str) -> str:
    found = match(corpus, request).docs
    return corpus.definition(int(found.rows[found.text.argmax()])).name


@pytest.mark.parametrize(
    "request_text", ["session expires", "expired sessions", "SESSION EXPIRE", "expire_session"]
)
def test_words_find_names_however_they_are_written(request_text: str) -> None:
    """The forms of a word, its case and how it is joined make no difference."""
    corpus = corpus_of(SOURCES)
    assert best_file(corpus, request_text) == "web/session.py"
    assert best_definition(corpus, request_text) == "expire"


def test_a_name_matches_better_than_a_comment() -> None:
    """`Session` defines what `render` only speaks of."""
    assert best_file(corpus_of(SOURCES), "session") == "web/session.py"


def test_a_rare_word_outweighs_a_common_one() -> None:
    """A word in every file tells none of them from another."""
    sources = {f"f{number}.py": "def run(task):\n    return task\n" for number in range(8)}
    sources["odd.py"] = "def go(zebra):\n    return zebra\n"
    assert best_file(corpus_of(sources), "task zebra") == "odd.py"


def test_a_path_matches_too() -> None:
    """A file that is called by the word comes first where bodies say nothing."""
    corpus = corpus_of({"billing/invoice.py": "x = 1\n", "other.py": "y = 1\n"})
    found = match(corpus, "invoice")
    assert found.files.label.tolist()[0] > 0 == found.files.label.tolist()[1]
    assert best_file(corpus, "invoice") == "billing/invoice.py"


def test_long_texts_do_not_win_by_length() -> None:
    """The same word in a short body says more."""
    filler = "".join(f"    step_{number} = {number}\n" for number in range(200))
    corpus = corpus_of({"a.py": f"def a():\n    zebra = 1\n{filler}", "b.py": "def b():\n    zebra = 1\n"})
    assert best_file(corpus, "zebra") == "b.py"


@examples(30)
@given(corpora(), st.lists(NAMES, max_size=4).map(" ".join))
def test_scores_lie_within_bounds(corpus: Corpus, request: str) -> None:
    """From 0 to 1, one for each document and file, and finite."""
    found = match(corpus, request)
    assert found.files.rows.tolist() == list(range(len(corpus.paths)))
    for scores, many in ((found.docs, len(corpus)), (found.files, len(corpus.paths))):
        assert sorted({*scores.rows.tolist()} & {*range(many)}) == scores.rows.tolist()
        for column in (scores.text, scores.leading, scores.coverage, scores.label):
            assert column.shape == scores.rows.shape
            assert np.isfinite(column).all()
            assert (column >= 0).all()
        for column in (scores.text, scores.leading, scores.coverage):
            assert (column <= 1 + 1e-9).all()


@examples(30)
@given(st.lists(NAMES.filter(lambda name: "\n" not in name), max_size=12, unique=True).map(sorted), NAMES)
def test_the_lexicon_finds_what_a_search_of_all_words_finds(words: list[str], name: str) -> None:
    """Every word that has the stem among its parts, and no other."""
    for part in subtokens(name):
        found = words_of_term(stem(part), Lexicon.of(words))
        expected = {
            number
            for number, word in enumerate(words)
            if any(stem(one) == stem(part) for one in subtokens(word))
        }
        assert set(found) == expected
        assert all(0.5 < share <= 1 for share in found.values())


@pytest.mark.parametrize("words", [("a\nb", "c"), ("İstanbul", "zebra"), ("", "zebra")])
def test_odd_words_do_not_shift_the_others(words: tuple[str, ...]) -> None:
    """A newline in a word, or a character whose lower case is longer, moves no later word."""
    lexicon = Lexicon.of(words)
    assert lexicon.holding(words[-1]).tolist() == [len(words) - 1]


@examples(40)
@given(st.lists(NAMES, max_size=12), st.text("abeginrs_é\u212a", max_size=2), st.integers(1, 20))
def test_words_are_found_in_pieces(words: list[str], part: str, size: int) -> None:
    """Those that hold a text, in lower case, however few are searched at a time."""
    words = [word.replace("\n", "") for word in words]
    sought = [part.lower(), *(word[1:4].lower() for word in words)]
    before, relevance_module.SEARCHED_BYTES = relevance_module.SEARCHED_BYTES, size
    try:
        found = Lexicon.of(words).holding_each(sought)
    finally:
        relevance_module.SEARCHED_BYTES = before
    assert [numbers.tolist() for numbers in found] == [
        [number for number, word in enumerate(words) if one in word.lower()] for one in sought
    ]


def test_a_request_without_words_matches_nothing() -> None:
    """Zeros, and no division by nothing; neither by an empty repository."""
    found = match(corpus_of(SOURCES), "the of")
    assert not found.files.text.any()
    assert not found.docs.text.any()
    assert match(corpus_of({}), "session").files.text.shape == (0,)


def test_words_that_do_not_occur_lower_no_other() -> None:
    """The order of what matches stays the same when the request holds an unknown word as well."""
    corpus = corpus_of(SOURCES)
    plain, noisy = match(corpus, "session"), match(corpus, "session qwxz")
    assert (
        np.argsort(-plain.files.text, kind="stable") == np.argsort(-noisy.files.text, kind="stable")
    ).all()


def test_file_documents_have_no_name_to_match() -> None:
    """Only a definition's own name counts as its label."""
    corpus = corpus_of(SOURCES)
    found = match(corpus, "session render")
    assert not found.docs.label[corpus.doc_kind[found.docs.rows] == NO_KIND].any()

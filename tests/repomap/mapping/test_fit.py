"""A map fits its budget, fills it, and shows what is worth most."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from corpora import corpora, corpus_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.arrays.array_types import Floats
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.fit import Fitted, _RunningCount, choice_of, fit
from repomap.mapping.form import Form, form_of
from repomap.mapping.render import NAMESPACE, render

Count = Callable[[str], int]
BUDGETS = st.sampled_from((16, 17, 24, 40, 64, 100, 200, 1000)) | st.integers(16, 400)


@pytest.fixture(scope="module")
def tiktoken_count() -> Count:
    """The reference tokenizer itself, from the vocabulary that litellm carries."""
    import tiktoken

    found = find_spec("litellm")
    assert found is not None
    assert found.origin is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "TIKTOKEN_CACHE_DIR", str(Path(found.origin).parent / "litellm_core_utils" / "tokenizers")
        )
        encoding = tiktoken.get_encoding("o200k_base")
    return lambda text: len(encoding.encode_ordinary(text))


def words(text: str) -> int:
    """A coarse counter of another kind."""
    return len(text.split()) + text.count("\n")


@st.composite
def values(draw: st.DrawFn) -> tuple[Corpus, Floats, Floats]:
    """A corpus with a value for each file and each document, zeros among them."""
    corpus = draw(corpora())
    value = st.sampled_from((0.0, 0.001, 0.1, 0.5, 0.5, 0.9, 1.0))
    files = draw(st.lists(value, min_size=len(corpus.paths), max_size=len(corpus.paths)))
    docs = draw(st.lists(value, min_size=len(corpus), max_size=len(corpus)))
    return corpus, np.array(files), np.where(corpus.doc_kind == NO_KIND, 0.0, np.array(docs))


def ones(corpus: Corpus) -> tuple[Floats, Floats]:
    return np.ones(len(corpus.paths)), np.where(corpus.doc_kind == NO_KIND, 0.0, 0.5)


def fit_all(corpus: Corpus, budget: int, count: Count = words) -> Fitted:
    return fit(corpus, *ones(corpus), frozenset(), budget, count)


def many_functions(files: int, each: int) -> Corpus:
    return corpus_of(
        {
            f"pkg{file % 3}/module_{file}.py": "".join(
                f"def step_{n}(value, limit={n}):\n    pass\n" for n in range(each)
            )
            for file in range(files)
        }
    )


@examples(30)
@given(given_values=values(), budget=BUDGETS)
def test_a_map_never_exceeds_its_budget(
    tiktoken_count: Count, given_values: tuple[Corpus, Floats, Floats], budget: int
) -> None:
    """For any corpus and values, as tiktoken counts the very text that is returned."""
    corpus, files, docs = given_values
    fitted = fit(corpus, files, docs, frozenset(), budget, tiktoken_count)

    assert fitted.tokens == tiktoken_count(fitted.text) <= budget
    assert fitted.text == render(corpus, fitted.choice, fitted.rests, form_of(corpus, budget))


@examples(40)
@given(values(), BUDGETS, st.sampled_from((words, len, lambda text: len(text) ** 2 // 40, lambda text: 17)))
def test_the_budget_holds_for_any_counter(
    given_values: tuple[Corpus, Floats, Floats], budget: int, count: Count
) -> None:
    """Also for one whose lines do not add up, or for which even one line is too much."""
    corpus, files, docs = given_values
    fitted = fit(corpus, files, docs, frozenset(), budget, count)
    assert fitted.tokens <= budget
    assert fitted.tokens == (count(fitted.text) if fitted.text else 0)


@examples(30)
@given(values(), BUDGETS)
def test_nothing_is_shown_twice_or_without_what_encloses_it(
    given_values: tuple[Corpus, Floats, Floats], budget: int
) -> None:
    """Each file once, each definition once, in source order, below its parents except namespaces."""
    corpus, files, docs = given_values
    choice = fit(corpus, files, docs, frozenset(), budget, words).choice

    for file, shown in choice.items():
        assert list(shown) == sorted(set(shown))
        assert set(shown) <= set(corpus.docs_of(file))
        for doc in shown:
            parent = int(corpus.doc_parent[doc])
            while corpus.doc_kind[parent] == NAMESPACE:
                parent = int(corpus.doc_parent[parent])
            assert corpus.doc_kind[parent] == NO_KIND or parent in shown
            assert corpus.doc_kind[doc] != NAMESPACE


@examples(30)
@given(values(), BUDGETS, st.data())
def test_hidden_and_worthless_items_are_not_shown(
    given_values: tuple[Corpus, Floats, Floats], budget: int, data: st.DataObject
) -> None:
    """A hidden file never; a worthless one only for a valuable definition in it."""
    corpus, files, docs = given_values
    numbers = range(len(corpus.paths))
    hidden = frozenset(data.draw(st.sets(st.sampled_from(numbers)))) if numbers else frozenset()
    choice = fit(corpus, files, docs, hidden, budget, words).choice

    assert hidden.isdisjoint(choice)
    for file, shown in choice.items():
        assert files[file] > 0 or any(docs[doc] > 0 for doc in shown)


@examples(30)
@given(values(), BUDGETS)
def test_the_same_values_give_the_same_map(given_values: tuple[Corpus, Floats, Floats], budget: int) -> None:
    """Ties are broken by doc id, and the inputs are left as they were."""
    corpus, files, docs = given_values
    files_before, docs_before = files.copy(), docs.copy()
    first = fit(corpus, files, docs, frozenset(), budget, words)

    assert fit(corpus, files, docs, frozenset(), budget, words) == first
    assert (files == files_before).all()
    assert (docs == docs_before).all()


@examples(20)
@given(files=st.integers(1, 12), each=st.integers(0, 25), budget=st.integers(60, 1200))
def test_a_budget_is_filled_where_there_is_more_to_show(
    tiktoken_count: Count, files: int, each: int, budget: int
) -> None:
    """Less is left than the most expensive item takes; if everything fits, everything is shown."""
    corpus = many_functions(files, each)
    fitted = fit_all(corpus, budget, tiktoken_count)
    shown = sum(1 + len(docs) for docs in fitted.choice.values())

    assert shown == len(corpus) or fitted.tokens > budget - 16


@pytest.mark.parametrize("budget", [16, 20, 30])
def test_the_smallest_budgets_show_a_path(budget: int, tiktoken_count: Count) -> None:
    """A path takes about eight tokens."""
    assert fit_all(many_functions(5, 3), budget, tiktoken_count).choice


def test_the_most_valuable_items_are_shown_first() -> None:
    """Of two files of one length, and of two functions of one length."""
    corpus = corpus_of(
        {"a.py": "def aa(): pass\ndef bb(): pass\n", "b.py": "def cc(): pass\ndef dd(): pass\n"}
    )
    docs = np.where(corpus.doc_kind == NO_KIND, 0.0, 0.1)
    wanted = corpus.docs_of(1)[1]
    docs[wanted] = 0.9
    fitted = fit(corpus, np.array([0.2, 0.8]), docs, frozenset(), 8, words)
    assert next(iter(fitted.choice)) == 1
    assert wanted in fitted.choice[1]


def test_a_method_is_shown_with_its_class() -> None:
    """The line of the class says whose method it is."""
    corpus = corpus_of({"a.py": "class Cart:\n    def total(self):\n        pass\n"})
    cart, total = corpus.docs_of(0)
    assert choice_of(corpus, [total]) == {0: (cart, total)}


def test_items_after_one_that_does_not_fit_are_tried() -> None:
    """A long signature must not keep shorter ones out."""
    long = "x" * 3 + " = " + " + ".join(f"some_{n}" for n in range(14))
    corpus = corpus_of({"a.py": f"def {'very_' * 15}long(): pass\ndef b(): pass\n", "c.py": f"{long}\n"})
    docs = np.where(corpus.doc_kind == NO_KIND, 0.0, 0.01)
    docs[corpus.docs_of(0)[0]] = 1.0
    fitted = fit(corpus, np.ones(2), docs, frozenset(), 24, len)
    assert fitted.choice
    assert corpus.docs_of(0)[0] not in fitted.choice.get(0, ())


def test_definitions_on_one_line_are_shown_once() -> None:
    """`RED, GREEN = range(2)` defines two names; its line is worth its tokens once."""
    text = fit_all(corpus_of({"a.py": "RED, GREEN = range(2)\n"}), 100).text
    assert text.count("RED, GREEN") == 1


def test_an_empty_corpus_makes_an_empty_map() -> None:
    """No error, no line, no token."""
    assert fit_all(corpus_of({}), 16) == Fitted({}, "", 0)


def test_a_large_corpus_is_fitted_in_time() -> None:
    """Items outside the best few hundred cost no more than a comparison."""
    corpus = many_functions(300, 60)
    started = os.times().user
    fit_all(corpus, 1024)
    assert os.times().user - started < 5.0


@given(corpora(), BUDGETS, st.booleans())
def test_a_growing_map_is_counted_as_it_will_be_written(corpus: Corpus, budget: int, brief: bool) -> None:
    """Counting too much would leave room unused; counting too little would drop items."""
    form = Form(100, brief)
    running = _RunningCount(corpus, len, form)

    taken = [doc for doc in range(len(corpus)) if running.take(doc, budget)]

    assert running.tokens == len(render(corpus, choice_of(corpus, taken, form), form=form)) <= budget

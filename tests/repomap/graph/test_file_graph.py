"""The weight of each mention goes to the files that the name may mean."""

import networkx as nx
import numpy as np
import pytest
from corpora import corpora, corpus_of, index_data_of
from hypothesis import given
from properties import examples

from repomap.corpus.corpus import Corpus
from repomap.graph.file_graph import GRAIN, MOST_DEFINERS, build_graph, find_mentions
from repomap.ranking.index_data import IndexData

USER = "def work():\n    return helper()\n"
HELPER = "def helper():\n    return 1\n"


def weights(index_data: IndexData) -> dict[tuple[str, str, str], float]:
    """(name, mentioning file, defining file) → weight."""
    corpus, found = index_data.corpus, index_data.mentions
    return {
        (corpus.words[word], corpus.paths[source], corpus.paths[target]): float(weight)
        for word, source, target, weight in zip(
            found.word_id, found.source, found.target, found.weight, strict=True
        )
    }


def edges(corpus: Corpus) -> dict[tuple[str, str], float]:
    graph = build_graph(corpus, find_mentions(corpus))
    return {
        (corpus.paths[source], corpus.paths[target]): float(weight)
        for source, target, weight in zip(graph.source, graph.target, graph.weight, strict=True)
    }


@pytest.mark.parametrize("many", [1, 2, 4])
def test_a_name_is_shared_among_its_definers(many: int) -> None:
    """Each of k files that define a name gets 1/k of a mention."""
    found = weights(index_data_of({"user.py": USER} | {f"d{number}.py": HELPER for number in range(many)}))

    assert found == {
        ("helper", "user.py", f"d{number}.py"): pytest.approx(1 / many) for number in range(many)
    }


def test_more_mentions_weigh_more_but_less_than_in_proportion() -> None:
    """The square root, so that a loop's body does not outweigh ten other users."""
    found = weights(index_data_of({"user.py": "helper()\n" * 9, "a.py": HELPER}))
    assert found == {("helper", "user.py", "a.py"): pytest.approx(3.0)}


def test_a_files_own_definition_wins() -> None:
    """A file that defines a name it uses means its own, and so uses no other file by it."""
    found = weights(index_data_of({"user.py": USER + HELPER, "other.py": HELPER}))
    assert found == {}


def test_an_import_decides() -> None:
    """Where an imported file defines the name, only imported files count."""
    found = weights(
        index_data_of({"user.py": "from b import helper\n" + USER, "a.py": HELPER, "b.py": HELPER})
    )
    assert {(source, target) for name, source, target in found if name == "helper"} == {("user.py", "b.py")}


def test_an_import_of_something_else_decides_nothing() -> None:
    """A name that no imported file defines is shared among all that do."""
    sources = {"user.py": "import c\n" + USER, "a.py": HELPER, "b.py": HELPER, "c.py": "x = 1\n"}
    found = weights(index_data_of(sources))
    assert {target for name, _, target in found if name == "helper"} == {"a.py", "b.py"}


def test_languages_of_one_family_use_each_others_names() -> None:
    """TypeScript uses what JavaScript defines, C++ what C does."""
    found = edges(corpus_of({"a.ts": "helper();\n", "b.js": "function helper() {}\n"}))
    assert ("a.ts", "b.js") in found


def test_languages_of_different_families_do_not() -> None:
    """A function that happens to have the same name in another language is not meant."""
    assert edges(corpus_of({"a.ts": "helper();\n", "b.py": HELPER})) == {}


def test_a_namesake_in_another_family_takes_no_share() -> None:
    """Only files that can be meant share."""
    found = edges(corpus_of({"user.py": USER, "a.py": HELPER, "b.go": "package b\nfunc helper() {}\n"}))
    assert found == {("user.py", "a.py"): pytest.approx(1.0)}


@pytest.mark.parametrize(("many", "counts"), [(MOST_DEFINERS, True), (MOST_DEFINERS + 1, False)])
def test_a_name_with_very_many_definers_gives_no_edge(many: int, counts: bool) -> None:
    """Such as `main` or `setUp`."""
    found = edges(corpus_of({"user.py": USER} | {f"d{number}.py": HELPER for number in range(many)}))
    assert bool(found) is counts


def test_words_in_prose_are_not_mentions() -> None:
    """A comment that mentions a helper does not use it."""
    assert edges(corpus_of({"user.py": '# helper\nx = "helper"\n', "a.py": HELPER})) == {}


def test_a_definitions_own_name_is_not_a_mention() -> None:
    """Two files that define the same name do not use each other."""
    assert edges(corpus_of({"a.py": HELPER, "b.py": HELPER})) == {}


def test_without_definitions_the_graph_is_empty() -> None:
    """No file, or no definition."""
    for sources in ({}, {"a.txt": "words alone\n"}, {"a.py": ""}):
        graph = build_graph(corpus_of(sources), find_mentions(corpus_of(sources)))
        assert graph.file_count == len(sources)
        assert len(graph.source) == len(graph.target) == len(graph.weight) == 0


@examples(25)
@given(corpora())
def test_the_shares_of_a_mention_add_up(corpus: Corpus) -> None:
    """The shares of one (name, file) sum to the square root of its count; no weight is negative."""
    found = find_mentions(corpus)
    counts: dict[tuple[int, int], int] = {}
    for word in range(len(corpus.words)):
        uses = corpus.postings([word])
        for doc, code in zip(uses.doc_id.tolist(), uses.code.tolist(), strict=True):
            key = (word, int(corpus.doc_file[doc]))
            counts[key] = counts.get(key, 0) + code
    sums: dict[tuple[int, int], float] = {}
    for word, source, weight in zip(found.word_id.tolist(), found.source.tolist(), found.weight, strict=True):
        sums[word, source] = sums.get((word, source), 0.0) + float(weight)

    assert (found.weight > 0).all()
    assert sums == {key: pytest.approx(counts[key] ** 0.5, abs=MOST_DEFINERS * GRAIN) for key in sums}


@examples(25)
@given(corpora())
def test_the_graph_is_the_sum_of_the_mentions(corpus: Corpus) -> None:
    """One edge for each pair, sorted by mentioner, then by definer."""
    found = find_mentions(corpus)
    graph = build_graph(corpus, found)
    pairs = list(zip(graph.source.tolist(), graph.target.tolist(), strict=True))

    assert pairs == sorted(set(zip(found.source.tolist(), found.target.tolist(), strict=True)))
    assert graph.weight.sum() == pytest.approx(found.weight.sum())


def test_networkx_gets_the_same_graph() -> None:
    """Paths as nodes, also those without edges; weights on the edges; the same PageRank."""
    index_data = index_data_of({"user.py": USER, "a.py": HELPER, "b.py": HELPER, "alone.py": ""})
    graph = index_data.graph.to_networkx(index_data.corpus.paths)

    assert list(graph.nodes) == ["a.py", "alone.py", "b.py", "user.py"]
    assert {(a, b): w for a, b, w in graph.edges(data="weight")} == edges(index_data.corpus)
    jump = dict(zip(index_data.corpus.paths, index_data.kind_weight.tolist(), strict=True))
    expected = nx.pagerank(graph, personalization=jump, tol=1e-12)
    assert index_data.centrality == pytest.approx(
        np.array([expected[path] for path in index_data.corpus.paths]), abs=1e-6
    )

"""PageRank on arrays agrees with networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.graph import pagerank
from repomap.graph.file_graph import FileGraph
from repomap.graph.gmres import correction
from repomap.graph.pagerank import page_rank

Edges = dict[tuple[int, int], float]

WEIGHTS = st.integers(1, 1000).map(lambda number: number / 100)


def graph_of(files: int, edges: Edges) -> FileGraph:
    rows = [(a, b, weight) for (a, b), weight in edges.items()]
    source, target, weight = zip(*rows, strict=True) if rows else ((), (), ())
    return FileGraph(
        files, np.array(source, np.int32), np.array(target, np.int32), np.array(weight, np.float64)
    )


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Edges]:
    """Up to twelve files; self-edges, dangling and unreachable files among them."""
    files = draw(st.integers(1, 12))
    place = st.integers(0, files - 1)
    return files, draw(st.dictionaries(st.tuples(place, place), WEIGHTS, max_size=30))


def reference(files: int, edges: Edges, teleport: list[float] | None, damping: float = 0.85) -> list[float]:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(files))
    graph.add_weighted_edges_from((a, b, weight) for (a, b), weight in edges.items())
    personal = dict(enumerate(teleport)) if teleport and any(teleport) else None
    scores = nx.pagerank(graph, alpha=damping, personalization=personal, tol=1e-12, max_iter=10_000)
    return [scores[file] for file in range(files)]


@examples(60)
@given(graphs(), st.lists(st.just(0.0) | WEIGHTS, min_size=12, max_size=12), st.sampled_from((0.5, 0.85)))
def test_scores_are_those_of_networkx(graph: tuple[int, Edges], jump: list[float], damping: float) -> None:
    """For any weights, dangling files and teleport weights, to within 1e-6."""
    files, edges = graph
    teleport = jump[:files]
    scores = page_rank(graph_of(files, edges), np.array(teleport), damping=damping)

    assert scores == pytest.approx(reference(files, edges, teleport, damping), abs=1e-6)
    assert scores.sum() == pytest.approx(1.0)


@examples(40)
@given(graphs(), st.lists(st.just(0.0) | WEIGHTS, min_size=12, max_size=12))
def test_a_large_graph_has_the_scores_of_a_small_one(graph: tuple[int, Edges], jump: list[float]) -> None:
    """It is followed in parts and solved in fewer rounds, with the same result."""
    files, edges = graph
    teleport = np.array(jump[:files])
    small = [page_rank(graph_of(files, edges), teleport, reverse_edges=reverse) for reverse in (False, True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pagerank, "MANY_EDGES", 0)
        patch.setattr(pagerank, "EDGES_PER_PART", 3)
        large = [
            page_rank(graph_of(files, edges), teleport, reverse_edges=reverse) for reverse in (False, True)
        ]

    for one, other in zip(large, small, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


@examples(30)
@given(graphs())
def test_reverse_edges_rank_the_reversed_graph(graph: tuple[int, Edges]) -> None:
    """The same arrays answer who uses what matches, and what it uses."""
    files, edges = graph
    reversed_edges = {(b, a): weight for (a, b), weight in edges.items()}

    assert page_rank(graph_of(files, edges), reverse_edges=True) == pytest.approx(
        page_rank(graph_of(files, reversed_edges)), abs=1e-9
    )


def test_a_correction_leaves_less_than_the_tolerance() -> None:
    """For any linear map that shrinks its input."""
    chance = np.random.default_rng(3)
    matrix = chance.random((40, 40)) / 50
    wanted = chance.random(40)

    found = correction(lambda given: matrix @ given, wanted, 1e-9)

    assert np.abs(matrix @ found + wanted - found).sum() < 1e-9


@examples(30)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_edges_makes_no_difference(graph: tuple[int, Edges], chance: object) -> None:
    """Scores belong to the graph; floating sums may differ in their last bits only."""
    files, edges = graph
    rows = list(edges.items())
    chance.shuffle(rows)  # type: ignore[attr-defined]

    assert page_rank(graph_of(files, dict(rows))) == pytest.approx(
        page_rank(graph_of(files, edges)), rel=1e-9
    )


@examples(30)
@given(graphs(), st.floats(0.001, 1000))
def test_the_unit_of_weights_makes_no_difference(graph: tuple[int, Edges], unit: float) -> None:
    """Neither that of edges nor that of the teleport."""
    files, edges = graph
    jump = np.arange(1.0, files + 1)
    scaled = {pair: weight * unit for pair, weight in edges.items()}

    assert page_rank(graph_of(files, scaled), jump * unit) == pytest.approx(
        page_rank(graph_of(files, edges), jump), rel=1e-6
    )


def test_no_files_have_no_scores() -> None:
    """An empty repository is not an error."""
    assert page_rank(graph_of(0, {})).shape == (0,)


def test_without_edges_scores_are_the_teleport() -> None:
    """All the same without weights, and with weights of zero."""
    assert page_rank(graph_of(4, {})).tolist() == pytest.approx([0.25] * 4)
    assert page_rank(graph_of(4, {}), np.zeros(4)).tolist() == pytest.approx([0.25] * 4)
    assert page_rank(graph_of(2, {}), np.array([3.0, 1.0])).tolist() == pytest.approx([0.75, 0.25])


def test_files_that_are_used_more_rank_higher() -> None:
    """Rank flows from the file that mentions to the file that defines."""
    scores = page_rank(graph_of(4, {(0, 3): 1.0, (1, 3): 1.0, (2, 1): 1.0}))
    assert scores.argmax() == 3
    assert scores[1] > scores[0] == pytest.approx(scores[2])


def test_a_focus_lifts_what_it_uses() -> None:
    """With the whole teleport on one file, files that it leads to come before others."""
    edges = {(0, 1): 1.0, (2, 3): 5.0}
    scores = page_rank(graph_of(4, edges), np.array([1.0, 0, 0, 0]))
    assert scores[1] > scores[3] == pytest.approx(0.0)

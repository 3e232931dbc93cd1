"""Answers questions about all files through networkx: cycles, layers, the most depended on, ways, communities.

Nodes are file ids, which are in the order of the paths, and every choice between equals falls on the lower
one, so the answers do not depend on the hash seed.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from repomap.graph.file_graph import FileGraph
from repomap.graph_queries.dependencies import dependency_graph, names_between, neighbours
from repomap.graph_queries.neighbours import files_using
from repomap.graph_queries.values import Community, Cycle, Depended, Layer, Step
from repomap.lookup.names import find_file, full_name
from repomap.ranking.index_data import IndexData

if TYPE_CHECKING:
    import networkx as nx

SEED = 0
"""Of the search for communities, which tries the files in a random order."""


def _digraph(graph: FileGraph) -> "nx.DiGraph[int]":
    import networkx as nx  # late: slow to load

    digraph: nx.DiGraph[int] = nx.DiGraph()
    digraph.add_nodes_from(range(graph.file_count))
    digraph.add_weighted_edges_from(
        zip(graph.source.tolist(), graph.target.tolist(), graph.weight.tolist(), strict=True)
    )
    return digraph


def cycles(index_data: IndexData) -> list[Cycle]:
    """List the groups of files that depend on each other, largest first."""
    import networkx as nx

    paths, graph = index_data.corpus.paths, _digraph(dependency_graph(index_data))
    groups = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    groups.sort(key=lambda group: (-len(group), group))
    return [
        Cycle(
            size=len(group),
            example=tuple(paths[file_id] for file_id in _way_around(graph, group)),
            paths=tuple(paths[file_id] for file_id in group),
        )
        for group in groups
    ]


def _way_around(graph: "nx.DiGraph[int]", group: list[int]) -> list[int]:
    """Return a shortest way from the first file of a group back to it."""
    inside, start = set(group), group[0]
    before: dict[int, int] = {}
    frontier = [start]
    while frontier:
        following = []
        for file_id in frontier:
            for each in sorted(set(graph.successors(file_id)) & inside):
                if each == start:
                    way = [file_id]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way[::-1]
                if each not in before:
                    before[each] = file_id
                    following.append(each)
        frontier = following
    return group


def layers(index_data: IndexData) -> list[Layer]:
    """List the layers of the files with any dependency, the lowest first."""
    import networkx as nx

    graph = _digraph(dependency_graph(index_data))
    graph.remove_nodes_from([file_id for file_id in graph if graph.degree(file_id) == 0])
    condensed = nx.condensation(graph)
    level: dict[int, int] = {}
    for group in reversed(list(nx.topological_sort(condensed))):
        level[group] = 1 + max((level[below] for below in condensed.successors(group)), default=-1)
    members: dict[int, list[int]] = {}
    for group, each in level.items():
        members.setdefault(each, []).extend(condensed.nodes[group]["members"])
    paths = index_data.corpus.paths

    def by_use(file_id: int) -> tuple[int, int]:
        return -graph.in_degree(file_id), file_id

    return [
        Layer(
            level=each,
            size=len(members[each]),
            paths=tuple(paths[file_id] for file_id in sorted(members[each], key=by_use)),
        )
        for each in sorted(members)
    ]


def most_depended(index_data: IndexData, limit: int) -> list[Depended]:
    """List the files on which most others depend, directly and then by others."""
    graph = dependency_graph(index_data)
    direct = np.bincount(graph.target, minlength=graph.file_count)
    order = np.lexsort((np.arange(graph.file_count), -index_data.centrality, -direct))
    users = neighbours(graph, reverse=True)
    return [
        Depended(
            path=index_data.corpus.paths[file_id],
            name="",
            direct=int(direct[file_id]),
            all=_reachable(users, file_id),
        )
        for file_id in order[:limit].tolist()
        if direct[file_id]
    ]


def most_used(index_data: IndexData, limit: int) -> list[Depended]:
    """List the definitions that the other files use most."""
    corpus = index_data.corpus
    order = np.lexsort((np.arange(len(corpus)), -index_data.usage))[:limit]
    users = neighbours(dependency_graph(index_data), reverse=True)
    found = [
        Depended(
            path=corpus.paths[corpus.doc_file[doc_id]],
            name=full_name(corpus, doc_id),
            direct=files_using(index_data, doc_id),
            all=_reachable(users, int(corpus.doc_file[doc_id])),
        )
        for doc_id in order.tolist()
        if index_data.usage[doc_id] > 0
    ]
    return sorted(found, key=lambda each: (-each.direct, each.path, each.name))


def _reachable(adjacent: "Iterable[list[int]]", start: int) -> int:
    """Count the files that can be reached, without the first."""
    lists = list(adjacent)
    seen, waiting = {start}, [start]
    while waiting:
        for file_id in lists[waiting.pop()]:
            if file_id not in seen:
                seen.add(file_id)
                waiting.append(file_id)
    return len(seen) - 1


def way(index_data: IndexData, first: str, last: str) -> list[Step]:
    """Return a shortest way of dependencies from one file to another; empty if there is none.

    Raises NotInRepository.
    """
    import networkx as nx

    corpus = index_data.corpus
    ends = find_file(corpus, first), find_file(corpus, last)
    try:
        file_ids = nx.shortest_path(_digraph(dependency_graph(index_data)), *ends)
    except nx.NetworkXNoPath:
        return []
    steps = [
        Step(path=corpus.paths[file_id], names=names_between(index_data, file_id, following))
        for file_id, following in pairwise(file_ids)
    ]
    return [*steps, Step(path=corpus.paths[file_ids[-1]], names=())]


def communities(index_data: IndexData) -> list[Community]:
    """List the communities of at least two files, largest first (Louvain's method)."""
    import networkx as nx

    graph = dependency_graph(index_data)
    undirected = _digraph(graph).to_undirected(reciprocal=False)
    groups = nx.community.louvain_communities(undirected, weight="weight", seed=SEED)
    in_degree = np.bincount(graph.target, minlength=graph.file_count)
    found = [sorted(group, key=lambda each: (-int(in_degree[each]), each)) for group in groups]
    large = sorted((group for group in found if len(group) > 1), key=lambda group: (-len(group), group))
    return [_community(index_data, graph, group) for group in large]


def _community(index_data: IndexData, graph: FileGraph, group: list[int]) -> Community:
    paths = index_data.corpus.paths
    source, target = np.isin(graph.source, group), np.isin(graph.target, group)
    inside, touching = float(graph.weight[source & target].sum()), float(graph.weight[source | target].sum())
    folders = Counter(paths[file_id].rpartition("/")[0] for file_id in group)
    folder = min(folders, key=lambda each: (-folders[each], each))
    return Community(
        name=f"{folder or '.'} ({paths[group[0]].rpartition('/')[2]})",
        size=len(group),
        inside=round(inside / touching, 3) if touching else 0.0,
        paths=tuple(paths[file_id] for file_id in group),
    )

"""What is exported: files as a map shows them, and the dependencies between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from repomap.graph_queries.dependencies import dependency_graph
from repomap.model import ShownFile
from repomap.ranking.index_data import IndexData


class Edge(NamedTuple):
    """A dependency between two of the files, by their indexes."""

    source: int
    target: int
    weight: float
    """The names that the first uses of the second: for each the root of how often, by how many it may mean."""


@dataclass(frozen=True, slots=True)
class Export:
    """Files of a map and what is between them."""

    title: str
    """The name of the folder."""
    files: tuple[ShownFile, ...]
    """Best first."""
    kinds: tuple[str, ...]
    """By file: source, test, docs …"""
    edges: tuple[Edge, ...]
    """Sorted by source and target; both are in `files`."""


def export_of(index_data: IndexData, title: str, files: Sequence[ShownFile]) -> Export:
    """Add the dependencies between these files."""
    graph, paths = dependency_graph(index_data), index_data.corpus.paths
    index_of_path = {file.path: index for index, file in enumerate(files)}
    index_of = np.array([index_of_path.get(path, -1) for path in paths], np.int64)
    source, target = index_of[graph.source], index_of[graph.target]
    rows = np.flatnonzero((source >= 0) & (target >= 0))
    edges = zip(source[rows].tolist(), target[rows].tolist(), graph.weight[rows].tolist(), strict=True)
    kind_of_path = dict(zip(paths, index_data.kinds, strict=True))
    kinds = tuple(kind_of_path[file.path] for file in files)
    return Export(title, tuple(files), kinds, tuple(Edge(*edge) for edge in sorted(edges)))


_NOT_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def encodable(text: str) -> str:
    """Return a text with U+FFFD for halves of characters that stand for no byte of a path."""
    return _NOT_BYTES.sub("\ufffd", text)

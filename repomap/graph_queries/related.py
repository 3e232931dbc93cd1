"""Finds the files that belong to a file: those it uses, those that use it, those that change with it."""

import numpy as np

from repomap.arrays.array_types import FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.graph_queries.dependencies import dependency_graph, names_between
from repomap.graph_queries.values import RelatedFile
from repomap.impact.companions import companions
from repomap.lookup.names import find_file
from repomap.ranking.index_data import IndexData


def related(index_data: IndexData, path: str) -> list[RelatedFile]:
    """List the files related to one, closest first. Raises NotInRepository.

    Each relation counts by its share of the strongest of its kind; a file may have all three.
    """
    corpus, graph = index_data.corpus, dependency_graph(index_data)
    file_id, file_count = find_file(corpus, path), len(corpus.paths)
    is_user, is_used = graph.target == file_id, graph.source == file_id
    uses = _relative(sum_by(graph.target[is_used], graph.weight[is_used], file_count))
    used_by = _relative(sum_by(graph.source[is_user], graph.weight[is_user], file_count))
    itself = np.zeros(file_count)
    itself[file_id] = 1.0
    together = {each.path: each for each in companions(index_data, itself)}
    changes = _relative(np.array([together[p].score if p in together else 0.0 for p in corpus.paths]))
    score = uses + used_by + changes
    order = np.lexsort((np.arange(file_count), -score))[: np.count_nonzero(score)]
    return [
        RelatedFile(
            path=corpus.paths[other],
            score=round(float(score[other]) / 3, 6),
            uses=names_between(index_data, file_id, other) if uses[other] else (),
            used_by=names_between(index_data, other, file_id) if used_by[other] else (),
            commits=together[corpus.paths[other]].commits if changes[other] else 0,
        )
        for other in order.tolist()
    ]


def _relative(values: FloatsByFile) -> FloatsByFile:
    most = float(values.max(initial=0.0))
    return values / most if most > 0 else values

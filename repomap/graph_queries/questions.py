"""The questions about the graph by their names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from repomap.errors import BadRequest
from repomap.graph_queries.answer import answer_of
from repomap.graph_queries.neighbours import dependencies
from repomap.graph_queries.related import related
from repomap.graph_queries.structure import communities, cycles, layers, most_depended, most_used, way
from repomap.lookup.answers import Answer
from repomap.model import CountTokens
from repomap.ranking.index_data import IndexData


class Question(NamedTuple):
    """A question about the graph."""

    name: str
    targets: tuple[str, ...] = ()
    """`PATH`, `PATH:NAME` or `NAME`."""
    depth: int = 1
    """For how many steps dependencies are followed."""
    limit: int = 50
    """Items of the answer."""
    skip: int = 0
    """How many items an earlier answer had."""


class _Way(NamedTuple):
    """How a question is answered."""

    targets: int
    find: Callable[[IndexData, Question], Sequence[Any]]
    nothing: str
    """What is said where there is nothing."""


QUESTIONS: Mapping[str, _Way] = {
    "deps": _Way(
        1,
        lambda data, asked: dependencies(data, asked.targets[0], asked.depth, reverse=False),
        "No dependencies.",
    ),
    "rdeps": _Way(
        1,
        lambda data, asked: dependencies(data, asked.targets[0], asked.depth, reverse=True),
        "No dependants.",
    ),
    "cycles": _Way(0, lambda data, asked: cycles(data), "No cycles."),  # noqa: ARG005
    "layers": _Way(0, lambda data, asked: layers(data), "No dependencies between files."),  # noqa: ARG005
    "top": _Way(0, lambda data, asked: most_depended(data, asked.limit), "No dependencies between files."),
    "top-symbols": _Way(0, lambda data, asked: most_used(data, asked.limit), "no file uses another"),
    "path": _Way(2, lambda data, asked: way(data, *asked.targets), "the first does not depend on the second"),
    "related": _Way(1, lambda data, asked: related(data, *asked.targets), "No related file."),
    "communities": _Way(0, lambda data, asked: communities(data), "No dependencies between files."),  # noqa: ARG005
}


def ask(index_data: IndexData, asked: Question, budget_tokens: int, count: CountTokens) -> Answer[Any]:
    """Answer a question within a budget.

    Raises NotInRepository for an unknown target, BadRequest for an unknown question or the wrong number of
    targets.
    """
    known = QUESTIONS.get(asked.name)
    if known is None:
        raise BadRequest(f"There is no question {asked.name!r}. There are {', '.join(QUESTIONS)}.")
    if len(asked.targets) != known.targets:
        raise BadRequest(f"{asked.name} is about {known.targets} targets, not {len(asked.targets)}.")
    items = known.find(index_data, asked)
    return answer_of(items, asked.limit, budget_tokens, count, known.nothing, asked.skip)

"""Follows the uses of changed definitions, from caller to caller.

A definition hands on a share of its weight to each document whose code uses its name: all of it where
nothing else can be meant, 1/k where k files may be. Each step costs half.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph.file_graph import MOST_DEFINERS, SHORTEST_NAME
from repomap.impact.change import definers_of
from repomap.model import KINDS
from repomap.ranking.index_data import IndexData

DECAY = 0.5
"""Of the weight that a step passes on."""
CONTAINER_SHARE = 0.5
"""Of a changed member's weight that counts for what contains it: who uses the class may use the member."""
FOLLOWED = 150
"""Documents that are followed in one step, those of the most weight."""
CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "initialize", "init", "new", "New"})
"""Members that are used by the name of what contains them."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A document that uses what changed, or uses what does."""

    doc_id: int
    steps: int
    """1 for a direct use."""
    weight: float
    via: int
    """The doc id that it uses."""


def changed_weights(corpus: Corpus, docs: Mapping[int, int]) -> dict[int, float]:
    """Weigh the changed definitions and what contains them: at most 1 each, by doc id.

    A change outside all definitions, such as an import, changes none of them.
    """
    weights: dict[int, float] = {}
    for doc_id in docs:
        weight, each = 1.0, doc_id
        while corpus.doc_kind[each] != NO_KIND:
            weights[each] = max(weights.get(each, 0.0), weight)
            name = corpus.words[corpus.doc_name[each]]
            weight *= 1.0 if name in CONSTRUCTORS else CONTAINER_SHARE
            each = int(corpus.doc_parent[each])
    return weights


def follow(index_data: IndexData, weights: Mapping[int, float], depth: int) -> list[Reached]:
    """Find who uses these definitions, directly or by others, up to ``depth`` steps; the surest first.

    Each document is listed once, with its fewest steps; the changed ones are not listed.
    """
    found: dict[int, Reached] = {}
    frontier = dict(weights)
    for steps in range(1, depth + 1):
        reached: dict[int, Reached] = {}
        for doc_id, weight in sorted(frontier.items(), key=lambda item: (-item[1], item[0]))[:FOLLOWED]:
            for user, share in users_of(index_data, doc_id):
                before = reached.get(user)
                passed = weight * share * (1.0 if steps == 1 else DECAY)
                if user in weights or user in found or not _may_use(index_data, user, doc_id):
                    continue
                if before is None:
                    reached[user] = Reached(user, steps, passed, doc_id)
                else:
                    via = before.via if before.weight >= passed else doc_id
                    reached[user] = Reached(user, steps, before.weight + passed, via)
        found |= reached
        frontier = {
            each.doc_id: min(1.0, each.weight)
            for each in reached.values()
            if index_data.corpus.doc_kind[each.doc_id] != NO_KIND
        }
    return sorted(found.values(), key=lambda each: (each.steps, -each.weight, each.doc_id))


def _may_use(index_data: IndexData, user: int, used: int) -> bool:
    """Return whether the use is more than a common name: code that ships uses no test."""
    user_kind, used_kind = (index_data.kinds[index_data.corpus.doc_file[each]] for each in (user, used))
    return bool(user_kind == "test" or used_kind != "test")


def users_of(index_data: IndexData, doc_id: int) -> Iterator[tuple[int, float]]:
    """Return the documents whose code uses a definition, and how likely they mean it."""
    corpus = index_data.corpus
    if corpus.doc_kind[doc_id] == NO_KIND or KINDS[corpus.doc_kind[doc_id]] in ("heading", "namespace"):
        return
    word_id, file_id = int(corpus.doc_name[doc_id]), int(corpus.doc_file[doc_id])
    shares = _shares(index_data, word_id, file_id)
    postings = corpus.postings([word_id])
    users = postings.doc_id[postings.code > 0]
    users = users[np.isin(corpus.doc_file[users], np.fromiter(shares, np.int64))]
    for user in users.tolist():
        if user != doc_id and not _is_inside(corpus, user, doc_id):
            yield user, shares[int(corpus.doc_file[user])]


def users_of_name(corpus: Corpus, name: str) -> list[int]:
    """Return the documents whose code uses a name that their files do not define."""
    word_id = corpus.word_id(name)
    if word_id is None:
        return []
    postings, own = corpus.postings([word_id]), definers_of(corpus, word_id)
    users = [each for each in postings.doc_id[postings.code > 0].tolist() if corpus.doc_file[each] not in own]
    return users if len({int(corpus.doc_file[user]) for user in users}) <= MOST_DEFINERS else []


def _shares(index_data: IndexData, word_id: int, file_id: int) -> dict[int, float]:
    """Return for each file how likely it means this file's definition by a name."""
    corpus = index_data.corpus
    shares = {file_id: 1.0}
    name = corpus.words[word_id]
    if len(name) < SHORTEST_NAME:
        return shares
    mentions = index_data.mentions
    first, end = np.searchsorted(mentions.word_id, [word_id, word_id + 1])
    sources, targets = mentions.source[first:end], mentions.target[first:end]
    meant = np.bincount(sources, minlength=1)
    for source in sources[targets == file_id].tolist():
        shares[source] = 1.0 / float(meant[source])
    return shares


def _is_inside(corpus: Corpus, doc_id: int, outer: int) -> bool:
    """Return whether a document is inside another one of its file."""
    while corpus.doc_kind[doc_id] != NO_KIND:
        doc_id = int(corpus.doc_parent[doc_id])
        if doc_id == outer:
            return True
    return False

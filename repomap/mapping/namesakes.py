"""Definitions that share a name: which of them an overview shows, and how many a line stands for.

Namesakes in one place are overloads, the two accessors of a property, or variants for different platforms:
the one with most parameters says most. Namesakes in different places are often one thing again: an override,
or a declaration in a header and its implementation.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from weakref import WeakKeyDictionary

from repomap.corpus.corpus import Corpus
from repomap.mapping.parameters import parameter_span, split_parameters
from repomap.model import KINDS

NAMESAKE_VALUE = 0.25
"""Factor for a further definition of the same name in one place, such as an overload."""

ELSEWHERE_VALUE = 0.3
"""Factor for a further definition of the same name in another place."""

CONSTRUCTOR = KINDS.index("constructor")
FUNCTIONS = frozenset(KINDS.index(kind) for kind in ("function", "method", "constructor"))
OVERLOADING = frozenset(
    "cpp csharp d groovy java julia kotlin python scala solidity svelte swift tsx typescript vue".split()
)
"""Languages in which functions of one name differ by their parameters."""
STUB = ("@overload", "@typing.overload", "@t.overload")
"""How an overload begins in Python; other namesakes there are accessors or variants."""
ACCESSORS = ("get ", "set ")
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".h++", ".inl")


def with_namesakes(corpus: Corpus, values: Mapping[int, float]) -> dict[int, float]:
    """Return the values of items, best first, with less for all but one of each name.

    Of those in one place, the one with most parameters has the value of the best.
    """
    places: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    weighed, items = dict(values), list(values)
    name_ids, parents = corpus.doc_name[items].tolist(), corpus.doc_parent[items].tolist()
    for item, name_id, parent in zip(items, name_ids, parents, strict=True):
        if name_id >= 0:
            places[name_id, parent].append(item)
    firsts: defaultdict[int, list[int]] = defaultdict(list)
    for (name_id, _), same in places.items():
        first = same[0]
        if len(same) > 1:
            first = _fullest(corpus, same)
            best = max(values[item] for item in same)
            weighed |= {item: NAMESAKE_VALUE * values[item] for item in same}
            weighed[first] = best
        firsts[name_id].append(first)
    for same in firsts.values():
        if len(same) > 1 and corpus.doc_kind[same[0]] != CONSTRUCTOR:  # in Python, all have the same name
            _weigh_places(corpus, same, weighed)
    return dict(sorted(weighed.items(), key=lambda item: (-item[1], item[0])))


def _weigh_places(corpus: Corpus, items: Iterable[int], weighed: dict[int, float]) -> None:
    """Lower the values of all but the best place; a header is better than what implements it."""
    headers = [item for item in items if corpus.paths[corpus.doc_file[item]].endswith(HEADERS)]
    first = max(headers or items, key=lambda item: (weighed[item], -item))
    if headers:
        weighed[first] = max(weighed[item] for item in items)
    for item in items:
        if item != first:
            weighed[item] *= ELSEWHERE_VALUE


def _fullest(corpus: Corpus, items: list[int]) -> int:
    """Return the first of the items that have most parameters."""
    return max(items, key=lambda item: (_parameter_count(corpus, item), -item))


def _parameter_count(corpus: Corpus, doc_id: int) -> int:
    signature = corpus.signatures[doc_id]
    start, end = parameter_span(signature, corpus.words[corpus.doc_name[doc_id]])
    return sum(1 for _ in split_parameters(signature[start:end]))


_OVERLOADS: WeakKeyDictionary[Corpus, dict[int, Mapping[int, tuple[int, ...]]]] = WeakKeyDictionary()
"""By file of each corpus in use: the overloads of each definition that has some, itself among them."""


def overloads_hidden(corpus: Corpus, file_id: int, shown: Collection[int]) -> Callable[[int], int]:
    """Return a function that counts the overloads of a definition that are not ``shown``, for the last one shown."""
    by_file = _OVERLOADS.setdefault(corpus, {})
    if file_id not in by_file:
        by_file[file_id] = _find_overloads(corpus, file_id)
    overloads = by_file[file_id]

    def hidden(doc_id: int) -> int:
        same = overloads.get(doc_id, ())
        visible = [other for other in same if other in shown]
        return len(same) - len(visible) if visible and doc_id == visible[-1] else 0

    return hidden


def _find_overloads(corpus: Corpus, file_id: int) -> Mapping[int, tuple[int, ...]]:
    language = corpus.languages[file_id]
    if language not in OVERLOADING:
        return {}
    places: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for doc_id in corpus.docs_of(file_id):
        if corpus.doc_kind[doc_id] in FUNCTIONS:
            places[int(corpus.doc_name[doc_id]), int(corpus.doc_parent[doc_id])].append(doc_id)
    found: dict[int, tuple[int, ...]] = {}
    for doc_ids in places.values():
        same = tuple(doc_ids) if len(doc_ids) > 1 and _are_overloads(corpus, doc_ids, language) else ()
        found |= dict.fromkeys(same, same)
    return found


def _are_overloads(corpus: Corpus, doc_ids: Iterable[int], language: str) -> bool:
    signatures = {corpus.signatures[doc_id] for doc_id in doc_ids}
    if language == "python":
        return any(signature.startswith(STUB) for signature in signatures)
    return len(signatures) > 1 and not any(signature.startswith(ACCESSORS) for signature in signatures)

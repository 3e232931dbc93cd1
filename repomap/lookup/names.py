"""Finds the files and definitions that a caller names, and what comes near where there is none.

Names are given as people and models write them: `Flask.run`, `Flask/run`, `app.py:Flask`,
`std::vector`, the end of a path. What is not found is answered with the nearest names, since a
model that misremembers a name needs the right one and not an apology.
"""

import difflib
import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Floats
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.errors import NotInRepository
from repomap.lookup.answers import Symbol
from repomap.mapping.make import qualifier
from repomap.model import KINDS
from repomap.ranking.definition_evidence import CONTAINERS, FUNCTIONS, of_kinds
from repomap.ranking.index_data import IndexData
from repomap.ranking.request import subtokens
from repomap.safety.printable import printable

NEAR = 5
SHORTLIST = 50
LONGEST_NAME = 500

_SEPARATORS = re.compile(r"::|->|[./:#\\]+")

Places = npt.NDArray[np.int64]


def find_file(corpus: Corpus, path: str) -> int:
    """The number of a file by its path, or by the end of it where that is unmistakable.

    Raises NotInRepository, naming what comes near.
    """
    number = exact_file(corpus, path)
    if number is not None:
        return number
    ends = files_ending(corpus, path)
    if len(ends) == 1:
        return ends[0]
    shown = printable(path) or "an empty path"
    if ends:
        raise NotInRepository(f"{shown}: {len(ends)} files end so; name one: {_some(corpus.paths, ends)}")
    if _tail(path).startswith("/../"):
        raise NotInRepository(f"{shown}: is outside the folder of this index; give a path inside it.")
    inside = files_below(corpus, path)
    if inside:
        raise NotInRepository(f"{shown}: is a folder; name a file, such as {_some(corpus.paths, inside)}")
    raise NotInRepository(f"{shown}: no such file in the index.{_hint(_near_paths(corpus, path))}")


def exact_file(corpus: Corpus, path: str) -> int | None:
    """The number of the file with just this path, or None."""
    place = bisect_left(corpus.paths, path)
    return place if place < len(corpus.paths) and corpus.paths[place] == path else None


def files_ending(corpus: Corpus, path: str) -> list[int]:
    """The files whose paths end in these parts."""
    tail = _tail(path)
    return [
        number for number, known in enumerate(corpus.paths) if ("/" + known).endswith(tail) and tail != "/"
    ]


def files_below(corpus: Corpus, folder: str) -> list[int]:
    """The files below a folder."""
    head = _tail(folder).rstrip("/") + "/"
    return [number for number, known in enumerate(corpus.paths) if ("/" + known).startswith(head)]


def _tail(path: str) -> str:
    return "/" + path.replace("\\", "/").removeprefix("./").strip("/")


def find_definitions(index_data: IndexData, name: str) -> list[int]:
    """The definitions that a name means, best first, as documents.

    First those of exactly that name, then those that differ in case, then those that a qualified
    name means; only where there is none of these, those whose names hold all its parts. Raises
    NotInRepository, naming what comes near.
    """
    name = name.strip()[:LONGEST_NAME]
    found = _named(index_data, name) or _holding(index_data, name)
    if not found:
        raise not_defined(index_data, name)
    return found


def find_meant(index_data: IndexData, name: str) -> list[int]:
    """As `find_definitions`, but only what the name says as a whole; empty where nothing does."""
    return _named(index_data, name.strip()[:LONGEST_NAME])


def not_defined(index_data: IndexData, name: str) -> NotInRepository:
    """The error for a name that nothing has."""
    corpus = index_data.corpus
    defined = np.unique(corpus.doc_name[corpus.doc_kind != NO_KIND]).tolist()
    wanted = _parts(name)[-1] if _parts(name) else name
    close = near(wanted, (corpus.words[number] for number in defined))
    return NotInRepository(
        f"{printable(name) or 'an empty name'}: nothing of that name is defined here.{_hint(close)}"
    )


def near(wanted: str, names: Iterable[str]) -> list[str]:
    """Up to five names that look most like a name that is not there, the nearest first."""
    grams = _grams(wanted)
    shortlist = heapq.nlargest(SHORTLIST, names, lambda name: (_likeness(grams, name), name))
    lowered = {name.lower(): name for name in shortlist}
    return [lowered[close] for close in difflib.get_close_matches(wanted.lower(), lowered, NEAR, 0.5)]


def symbol_of(corpus: Corpus, doc: int) -> Symbol:
    """A definition as a value."""
    span = corpus.doc_span[doc]
    return Symbol(
        corpus.paths[corpus.doc_file[doc]],
        corpus.words[corpus.doc_name[doc]],
        KINDS[corpus.doc_kind[doc]],
        qualifier(corpus, doc),
        (int(span[1]), int(span[2])),
        corpus.signatures[doc],
    )


def full_name(corpus: Corpus, doc: int) -> str:
    """The name of a definition after those of what encloses it, joined by dots; empty for a file."""
    if corpus.doc_kind[doc] == NO_KIND:
        return ""
    return ".".join(filter(None, (qualifier(corpus, doc), corpus.words[corpus.doc_name[doc]])))


def standing(index_data: IndexData) -> Floats:
    """By file: how much rests on it, as a multiple of the mean, lowered for tests, docs and the like."""
    return index_data.centrality * len(index_data.corpus.paths) * index_data.kind_weight


def worth(index_data: IndexData, docs: Sequence[int]) -> Floats:
    """For each of these definitions: how much its name is used where it means it, and its file's standing."""
    corpus, found = index_data.corpus, index_data.mentions
    places = np.asarray(docs, np.int64)
    file, name = corpus.doc_file[places].astype(np.int64), corpus.doc_name[places].astype(np.int64)
    files = max(1, len(corpus.paths))
    keys, back = np.unique(name * files + file, return_inverse=True)
    rows = np.flatnonzero(np.isin(found.word_id, name))
    used = found.word_id[rows].astype(np.int64) * files + found.target[rows]
    at = np.searchsorted(keys, used)
    hit = (at < len(keys)) & (keys[np.minimum(at, len(keys) - 1)] == used)
    users = sum_by(at[hit], found.weight[rows][hit], len(keys))[back]
    kind = np.where(of_kinds(corpus, CONTAINERS), 1.0, np.where(of_kinds(corpus, FUNCTIONS), 0.8, 0.3))
    worthy: Floats = kind[places] * (users * index_data.kind_weight[file] + standing(index_data)[file] + 0.01)
    return worthy


def _named(index_data: IndexData, name: str) -> list[int]:
    corpus = index_data.corpus
    number = corpus.word_id(name)
    exact = _defining(corpus, [] if number is None else [number])
    folded = [
        one for one in _words_holding(index_data, name) if corpus.words[one].lower() == name.lower() != ""
    ]
    alike = _defining(corpus, [one for one in folded if one != number])
    ranked = [*_by_worth(index_data, exact), *_by_worth(index_data, alike)]
    return ranked or _by_worth(index_data, _qualified(index_data, _parts(name)))


def _qualified(index_data: IndexData, parts: list[str]) -> list[int]:
    """Definitions of the last part, in whose path and parents the parts before it stand, in order."""
    if len(parts) < 2:
        return []
    corpus = index_data.corpus
    number = corpus.word_id(parts[-1])
    exact = _defining(corpus, [] if number is None else [number])
    found = [doc for doc in exact if _stand_in(parts[:-1], _way_to(corpus, doc))]
    if found:
        return found
    lowered = [part.lower() for part in parts]
    alike = _defining(
        corpus,
        [one for one in _words_holding(index_data, lowered[-1]) if corpus.words[one].lower() == lowered[-1]],
    )
    return [doc for doc in alike if _stand_in(lowered[:-1], map(str.lower, _way_to(corpus, doc)))]


def _way_to(corpus: Corpus, doc: int) -> list[str]:
    """The parts of the path and of the names around a definition, outermost first."""
    return _parts(f"{corpus.paths[corpus.doc_file[doc]]}:{qualifier(corpus, doc)}")


def _stand_in(wanted: Sequence[str], way: Iterable[str]) -> bool:
    left = iter(way)
    return all(any(part == one for one in left) for part in wanted)


def _holding(index_data: IndexData, name: str) -> list[int]:
    """Definitions whose names hold all parts of a name, the tightest and most used first."""
    parts = subtokens(name)
    if not parts:
        return []
    corpus = index_data.corpus
    longest = max(parts, key=len)
    lowered = {number: corpus.words[number].lower() for number in _words_holding(index_data, longest)}
    numbers = [number for number, word in lowered.items() if all(part in word for part in parts)]
    docs = _defining(corpus, numbers)
    share = [len("".join(parts)) / len(corpus.words[corpus.doc_name[doc]]) for doc in docs]
    return _by_worth(index_data, docs, np.array(share))


def _by_worth(index_data: IndexData, docs: Sequence[int], factor: Floats | float = 1.0) -> list[int]:
    if not docs:
        return []
    order: list[int] = np.lexsort((np.asarray(docs), -worth(index_data, docs) * factor)).tolist()
    return [docs[place] for place in order]


def _words_holding(index_data: IndexData, part: str) -> list[int]:
    if not part:
        return []
    numbers: list[int] = index_data.lexicon.containing(part.lower()).tolist()
    return numbers


def _defining(corpus: Corpus, numbers: Sequence[int]) -> list[int]:
    """The definitions that have one of these names, in their order."""
    if not numbers:
        return []
    wanted = np.zeros(len(corpus.words) + 1, bool)
    wanted[np.asarray(numbers, np.int64)] = True
    docs: list[int] = np.flatnonzero(wanted[corpus.doc_name] & (corpus.doc_kind != NO_KIND)).tolist()
    return docs


def _parts(name: str) -> list[str]:
    return [part for part in _SEPARATORS.split(name.strip()) if part]


def _near_paths(corpus: Corpus, path: str) -> list[str]:
    """The paths whose file names come near that of a path that is not there."""
    names: dict[str, str] = {}
    for known in corpus.paths:
        names.setdefault(known.rpartition("/")[2], known)
    return [names[name] for name in near(path.replace("\\", "/").rpartition("/")[2], names)]


def _some(names: Sequence[Any], places: Sequence[int]) -> str:
    shown = [printable(names[place]) for place in places[:NEAR]]
    return ", ".join(shown) + (", …" if len(places) > NEAR else "")


def _hint(close: Sequence[str]) -> str:
    if not close:
        return " Look for it by a part of its name, or by its text."
    return f" Near it: {', '.join(map(printable, close))}."


def _grams(name: str) -> frozenset[str]:
    text = f" {name.lower()} "
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _likeness(grams: frozenset[str], name: str) -> float:
    others = _grams(name)
    return len(grams & others) / len(grams | others)

"""How well each definition and each file matches a request: BM25F over the corpus.

Each definition is a document with fields (its name, the names around it, its path, its code, its
comments and strings), each with a weight; a file is the sum of its definitions. Terms weigh by
their rarity (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import Bytes, Places, Search, Texts, ascii_lowered, distinct
from repomap.corpus.corpus import Corpus, Floats, Ints, summed
from repomap.ranking.name_parts import shares_of_stem
from repomap.ranking.request import Request, Term, stem, subtokens

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """How much one occurrence counts in each field, and how scores saturate."""

    code: float = 1.0
    prose: float = 0.7
    name: float = 6.0
    parent: float = 1.5
    path: float = 8.0
    path_of_doc: float = 1.2
    k1: float = 1.2
    b_doc: float = 0.5
    b_file: float = 0.4


DEFAULT_WEIGHTS = FieldWeights()


@dataclass(frozen=True, slots=True)
class Match:
    """Scores of some things of a kind, each from 0 (nothing matches) to about 1 (everything does)."""

    rows: Rows
    """Which things they are, ascending; all others have no score above 0."""
    text: Floats
    """BM25F over all fields."""
    leading: Floats
    """The same for the request's first line alone."""
    coverage: Floats
    """Which share of the request's words is there at all, by rarity."""
    label: Floats
    """How well the name of a definition, or the path of a file, matches by itself."""
    whole: Floats
    """Which share of the parts of the definition's name, or of the file's, the request holds."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """How the documents that hold any word of a request, and all files, match it."""

    docs: Match
    files: Match


WORDS_AT_ONCE = 1 << 15
"""So many names are taken apart together."""
TERMS_AT_ONCE = 8
"""A long request has thousands of terms, each of which may stand in hundreds of thousands of documents."""
SEARCHED_BYTES = 1 << 20
"""About so many are lowered and searched at a time, which the processor's cache holds."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of a corpus in one block, so that the names that hold a word are found by one search."""

    words: Texts

    @classmethod
    def of(cls, words: "Texts | Iterable[str]") -> "Lexicon":
        texts = words if isinstance(words, Texts) else Texts.of(words)
        return cls(Texts(texts.whole(), texts.start))

    def holding(self, part: str) -> Ints:
        """Numbers of the words that contain a text in lower case, ascending."""
        return self.holding_each([part])[0]

    def holding_each(self, parts: Sequence[str]) -> list[Ints]:
        """For each of some texts: the numbers of the words that contain it, ascending."""
        sought = [part.encode("utf-8", "surrogatepass") for part in parts]
        found: list[list[Ints]] = [[] for _ in parts]
        odd = [np.zeros(0, np.int32)]
        for first, starts, block in self._stretches() if any(sought) else ():
            lowered, outside = ascii_lowered(block)
            for numbers, places in zip(found, _places(sought, lowered), strict=True):
                numbers.append(first + _holders(starts, places))
            odd.append(first + distinct(_holders(starts, outside)))
        others = np.concatenate(odd)  # whose letters may become others, and ASCII at that
        texts = self.words.lowered(others)
        for numbers, places in zip(found, _places(sought, texts.whole()), strict=True):
            numbers.append(others[_holders(texts.start, places)])
        every = np.arange(len(self.words), dtype=np.int32)
        return [
            distinct(np.concatenate([np.zeros(0, np.int32), *numbers])) if part else every
            for numbers, part in zip(found, sought, strict=True)
        ]

    def _stretches(self) -> Iterator[tuple[int, Places, Bytes]]:
        """Some words at a time: the number of the first, where each begins in their block, and the block."""
        start, block = self.words.start, self.words.whole()
        cuts = np.searchsorted(start, np.arange(SEARCHED_BYTES, int(start[-1]), SEARCHED_BYTES))
        for first, end in pairwise(distinct(np.array([0, *cuts.tolist(), len(self.words)])).tolist()):
            low, high = int(start[first]), int(start[end])
            yield first, start[first : end + 1] - low, block[low:high]


def _places(sought: Sequence[bytes], block: Bytes) -> list[Rows]:
    """Where the block holds each of the texts; nowhere for one that is empty."""
    search = Search(block)
    return [search(part) if part else np.zeros(0, np.int64) for part in sought]


def _holders(starts: Places, places: Rows) -> Ints:
    """The numbers of the texts that stand at these places."""
    return np.searchsorted(starts, places, "right").astype(np.int32) - np.int32(1)


@functools.lru_cache(100_000)
def stems(name: str) -> tuple[str, ...]:
    """The stems of the words of which an identifier or a path is made, in order."""
    return tuple(map(stem, subtokens(name)))


def words_of_term(term: str, lexicon: Lexicon) -> dict[int, float]:
    """Which words have this stem among their parts, and how much of a word it is: 1 for all of it.

    In the order of the words, whatever their numbers, so that equal corpora sum up equally.
    """
    return words_of_terms([term], lexicon)[0]


def words_of_terms(terms: Sequence[str], lexicon: Lexicon) -> list[dict[int, float]]:
    """The same for each of some stems."""
    found = lexicon.holding_each([term.removesuffix("i") for term in terms])
    return [_of_stem(term, lexicon, numbers) for term, numbers in zip(terms, found, strict=True)]


def _of_stem(term: str, lexicon: Lexicon, numbers: Ints) -> dict[int, float]:
    """Those of the words with these numbers that have the stem."""
    found: list[tuple[str, int, float]] = []
    for first in range(0, len(numbers), WORDS_AT_ONCE):
        some = numbers[first : first + WORDS_AT_ONCE]
        places, shares = shares_of_stem(term, lexicon.words, some)
        held = some[places]
        found += zip(lexicon.words.at(held), held.tolist(), shares.tolist(), strict=True)
    return {number: share for _, number, share in sorted(found)}


def relevance(
    corpus: Corpus,
    lexicon: Lexicon,
    path_lexicon: Lexicon,
    request: Request,
    weights: FieldWeights = DEFAULT_WEIGHTS,
) -> Relevance:
    """How well each document and each file matches the request."""
    many, files = len(corpus), len(corpus.paths)
    in_files = (
        np.add.reduceat(corpus.doc_length, corpus.doc_start[:-1], dtype=np.int64) if files else np.zeros(0)
    )
    doc_mean, file_mean = _mean(corpus.doc_length), _mean(in_files)
    docs_sum, files_sum = _Sums(np.zeros(0, np.int64)), _Sums(np.arange(files))
    holds_any, by_word = np.zeros(many, bool), np.zeros(len(corpus.words) + 1)

    def found_of(terms: Sequence[Term]) -> Iterator[tuple[Term, dict[int, float], _Found]]:
        """For each term: how much of which paths it is, and the documents, which have their place in the sums."""
        sought = [term.stem for term in terms]
        in_paths, in_words = words_of_terms(sought, path_lexicon), words_of_terms(sought, lexicon)
        named = _Named.by_any(corpus, in_words)
        found = [_found(corpus, matched, named, by_word, weights) for matched in in_words]
        for one in found:
            holds_any[one.docs] = True
        docs_sum.widen(np.flatnonzero(holds_any))
        return zip(terms, in_paths, found, strict=True)

    batches = (request.terms[at : at + TERMS_AT_ONCE] for at in range(0, len(request.terms), TERMS_AT_ONCE))
    for term, in_path, found in chain.from_iterable(map(found_of, batches)):
        path_hit = np.zeros(files)
        path_hit[list(in_path)] = list(in_path.values())
        in_file = summed(corpus.doc_file[found.docs], found.body, files) + weights.path * path_hit
        in_doc = found.body + weights.name * found.named + weights.parent * found.named_around
        rarity = term.weight * _rarity(int(np.count_nonzero(in_doc)), many)
        in_doc = np.where(
            in_doc > 0, in_doc + weights.path_of_doc * path_hit[corpus.doc_file[found.docs]], 0.0
        )
        doc_norm = _norm(corpus.doc_length[found.docs], doc_mean, weights.b_doc)
        places = np.searchsorted(docs_sum.rows, found.docs)
        docs_sum.add(term, rarity, places, in_doc, weights.k1 * doc_norm, found.named)
        docs_sum.whole[places] += np.maximum(2 * found.named - 1, 0)
        held = np.flatnonzero(in_file)
        rarity = term.weight * _rarity(len(held), files)
        file_norm = _norm(in_files[held], file_mean, weights.b_file)
        files_sum.add(term, rarity, held, in_file[held], weights.k1 * file_norm, path_hit[held])
        files_sum.whole[list(in_path)] += [_share_of_stem(term.stem, corpus.paths[file]) for file in in_path]
    return Relevance(docs_sum.match(), files_sum.match())


class _Sums:
    """The scores of one kind of thing while the terms come in."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.text, self.leading, self.coverage, self.label, self.whole = (
            np.zeros(len(rows)) for _ in range(5)
        )
        self.total = self.total_leading = 1e-9

    def widen(self, rows: Rows) -> None:
        """Makes room for more things: all of these."""
        places = np.searchsorted(rows, self.rows)
        for name in ("text", "leading", "coverage", "label", "whole"):
            wide = np.zeros(len(rows))
            wide[places] = getattr(self, name)
            setattr(self, name, wide)
        self.rows = rows

    def add(
        self, term: Term, rarity: float, held: Rows, frequency: Floats, norm: Floats, label: Floats
    ) -> None:
        """``held`` are the places of what may hold the term; how often it does, how long and how called it is."""
        part = rarity * frequency / (frequency + norm)
        self.text[held] += part
        self.coverage[held] += rarity * (frequency > 0)
        self.label[held] += rarity * label
        self.total += rarity
        if term.leads:
            self.leading[held] += part
            self.total_leading += rarity

    def match(self) -> Match:
        """The scores, for which the sums are used up."""
        self.text /= self.total
        self.coverage /= self.total
        self.label /= self.total
        self.leading /= self.total_leading
        return Match(self.rows, self.text, self.leading, self.coverage, self.label, self.whole)


def _share_of_stem(term: str, path: str) -> float:
    """Which share of the parts of a file's name, suffixes left out, has this stem."""
    parts = stems(path.rpartition("/")[2].partition(".")[0])
    return parts.count(term) / max(1, len(parts))


def _mean(lengths: npt.NDArray[Any]) -> float:
    """The mean length of a text, at least 1; whole numbers sum up alike in any order."""
    return max(1.0, float(lengths.mean())) if len(lengths) else 1.0


def _norm(lengths: npt.NDArray[Any], mean: float, share: float) -> Floats:
    """How much the length of a text divides its counts: 1 at the mean."""
    norm: Floats = 1 - share + share * lengths.astype(float) / mean
    return norm


def _rarity(holders: int, many: int) -> float:
    return math.log(1 + (many - holders + 0.5) / (holders + 0.5))


@dataclass(frozen=True, slots=True)
class _Found:
    """The documents that a term may be found in, ascending, and what of it stands in each."""

    docs: Rows
    body: Floats
    """How often it stands in the text."""
    named: Floats
    """How much of the name it is."""
    named_around: Floats
    """How much of the name of what encloses the document it is."""


@dataclass(frozen=True, slots=True)
class _Named:
    """The documents whose name, or whose parent's, some term of a request may be a part of."""

    docs: Rows
    name: Ints
    inside: Rows
    name_around: Ints

    @classmethod
    def by_any(cls, corpus: Corpus, matched: Sequence[dict[int, float]]) -> "_Named":
        """``matched`` says for each term which words hold it."""
        sought = np.zeros(len(corpus.words) + 1, bool)
        for words in matched:
            sought[list(words)] = True
        docs = rows_of(sought, corpus.doc_name)
        named = np.zeros(len(corpus) + 1, bool)  # with one more for those that nothing is around
        named[docs] = True
        inside = rows_of(named, corpus.doc_parent)
        return cls(docs, corpus.doc_name[docs], inside, corpus.doc_name[corpus.doc_parent[inside]])


LOOKED_UP = 1 << 16
"""So many numbers are looked up at a time: numpy widens them."""


def rows_of(flags: Flags, numbers: npt.NDArray[np.integer[Any]]) -> Rows:
    """The rows whose number has a flag; -1 stands for the last one."""
    firsts = range(0, len(numbers), LOOKED_UP)
    found = [first + np.flatnonzero(flags[numbers[first : first + LOOKED_UP]]) for first in firsts]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _found(
    corpus: Corpus, matched: dict[int, float], named: _Named, by_word: Floats, weights: FieldWeights
) -> _Found:
    """``by_word`` is all zeros, and so again afterwards: that of a huge repository is made once for all terms."""
    words = np.fromiter(matched, np.int64, len(matched))
    quality = np.fromiter(matched.values(), float, len(matched))
    found = corpus.postings(words)
    counts = weights.code * np.minimum(found.code, 8) + weights.prose * np.minimum(found.prose, 8)
    by_word[words] = quality
    holds = np.zeros(len(corpus), bool)
    holds[found.doc] = True
    holds[named.docs[by_word[named.name] > 0]] = True
    holds[named.inside[by_word[named.name_around] > 0]] = True
    docs = np.flatnonzero(holds)
    place = np.searchsorted(docs, found.doc)
    parent = corpus.doc_parent[docs]
    name, name_around = by_word[corpus.doc_name[docs]], by_word[corpus.doc_name[parent]]
    by_word[words] = 0.0
    body = summed(place, quality[found.place] * counts, len(docs))
    return _Found(docs, body, name, np.where(parent >= 0, name_around, 0.0))

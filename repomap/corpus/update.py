"""Updates a corpus from a few changed files, without reading the others.

Unchanged files come in runs, and each column is joined from runs of the old corpus and of the files
that were read. That takes as long as copying the column.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import DocIds, FileIds, Ints
from repomap.arrays.texts import Texts, concat, starts_of
from repomap.corpus.build import FileColumns, assemble
from repomap.corpus.corpus import Corpus
from repomap.corpus.import_table import ImportTable
from repomap.corpus.postings import GONE, InvertedIndex, Uses
from repomap.corpus.word_table import WordTable
from repomap.model import FileTags, RepoPath
from repomap.parsing.tags_codec import EncodedTags

Column = TypeVar("Column", bound=npt.NDArray[Any])


@dataclass(frozen=True, slots=True, eq=False)
class CorpusChange:
    """A corpus before and after some files changed."""

    before: Corpus
    after: Corpus
    became: FileIds
    """By file before: the id of the same path after; -1 if it is gone."""
    read: FileIds
    """Files after that were read again or are new, ascending."""
    uses: Uses
    """The uses in these files, in any order; their slots are doc ids after."""

    def stale(self) -> FileIds:
        """Return the files before that are gone or were read again, ascending."""
        return np.flatnonzero((self.became < 0) | np.isin(self.became, self.read)).astype(np.int32)


def update_corpus(
    corpus: Corpus, paths: Sequence[RepoPath], read: Mapping[RepoPath, FileTags | EncodedTags]
) -> CorpusChange:
    """Replace, add and remove files, so that the corpus has exactly these sorted paths.

    ``read`` has the tags of the files that are new or changed; the others stay as they are. The result
    equals a corpus built from all files in every answer, but numbers its words otherwise. Raises
    ValueError for a path that is neither in the corpus nor in ``read``.
    """
    new = _corpus_of_read(read, corpus.words)
    if tuple(paths) == corpus.paths:
        became = np.arange(len(paths), dtype=np.int32)
        read_ids = np.array([bisect_left(corpus.paths, path) for path in new.paths], np.int32)
        runs = _runs_in_place(read_ids.tolist(), len(paths))
    else:
        became, read_ids, runs = _runs_of(corpus, new, paths)
    after = _join(corpus, new, tuple(paths), runs)
    shift = after.doc_start[read_ids] - new.doc_start[:-1]
    uses = new.inverted_index.later
    uses = uses._replace(slot=uses.slot + shift[new.doc_file[uses.slot]])
    return CorpusChange(corpus, after, became, read_ids, uses)


@dataclass(slots=True)
class _Run:
    """Consecutive files of one corpus that stay consecutive."""

    is_new: bool
    """Whether they are of the files that were read, not of the old corpus."""
    first: int
    end: int


def _runs_in_place(read_ids: Sequence[int], file_count: int) -> list[_Run]:
    """Cut the files into runs where no path came or went and the files ``read_ids`` were read again."""
    runs, done = [], 0
    for index, file_id in enumerate(read_ids):
        runs += [_Run(False, done, file_id), _Run(True, index, index + 1)]
        done = file_id + 1
    return [run for run in (*runs, _Run(False, done, file_count)) if run.first < run.end]


def _runs_of(corpus: Corpus, new: Corpus, paths: Sequence[RepoPath]) -> tuple[FileIds, FileIds, list[_Run]]:
    """Cut the files into runs where paths came or went; also return what became of each and what was read."""
    old_ids = {path: file_id for file_id, path in enumerate(corpus.paths)}
    new_ids = {path: file_id for file_id, path in enumerate(new.paths)}
    became = np.full(len(corpus.paths), -1, np.int32)
    runs: list[_Run] = []
    for file_id, path in enumerate(paths):
        old_id = old_ids.get(path)
        if old_id is not None:
            became[old_id] = file_id
        source_id = new_ids.get(path, old_id)
        if source_id is None:
            raise ValueError(f"{path} is neither in the corpus nor among the files that were read.")
        last, is_new = runs[-1] if runs else None, path in new_ids
        if last is not None and last.is_new == is_new and last.end == source_id:
            last.end = source_id + 1
        else:
            runs.append(_Run(is_new, source_id, source_id + 1))
    read_ids = np.fromiter((file_id for file_id, path in enumerate(paths) if path in new_ids), np.int32)
    return became, read_ids, runs


def _corpus_of_read(read: Mapping[RepoPath, FileTags | EncodedTags], words: WordTable) -> Corpus:
    """Build a corpus of the files that were read; their new words are numbered after the known ones."""
    new_words: dict[str, int] = {}

    def word_id_of(encoded: bytes) -> int:
        word = encoded.decode("utf-8", "surrogatepass")
        known = words.id_of(word)
        return new_words.setdefault(word, len(words) + len(new_words)) if known is None else known

    files = FileColumns()
    for path, tags in read.items():
        files.add(path, tags, word_id_of)
    all_words = words.extended(tuple(new_words))
    final_ids = np.append(np.arange(len(all_words), dtype=np.int32), np.int32(-1))
    return assemble(files, all_words, final_ids, InvertedIndex.uncompressed)


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """The columns of runs of files, one run after the other."""

    new: Corpus
    """Gives the type of a column where there are no runs."""
    sources: Sequence[tuple[Corpus, _Run]]

    def of_files(self, column: Callable[[Corpus], Any]) -> list[Any]:
        """Return the parts of a column that has a value for each file."""
        return [column(source)[run.first : run.end] for source, run in self.sources]

    def of_docs(self, column: Callable[[Corpus], Column], dtype: Any) -> Column:
        """Join a column that has a value for each document."""
        parts = [
            column(source)[source.doc_start[run.first] : source.doc_start[run.end]]
            for source, run in self.sources
        ]
        empty = column(self.new)[:0]
        return np.concatenate([empty, *parts]).astype(dtype, copy=False)  # type: ignore[return-value]

    def texts_of_docs(self, column: Callable[[Corpus], Texts]) -> Texts:
        """Join the texts of documents."""
        return concat(
            [
                (column(source), int(source.doc_start[run.first]), int(source.doc_start[run.end]))
                for source, run in self.sources
            ]
        )

    def imports(self) -> ImportTable:
        """Join the imports of files."""
        return ImportTable(
            concat([(source.imports.texts, run.first, run.end) for source, run in self.sources])
        )


def _join(old: Corpus, new: Corpus, paths: tuple[RepoPath, ...], runs: Sequence[_Run]) -> Corpus:
    """Join runs of files of two corpora into one."""
    joined = _Joined(new, [(new if run.is_new else old, run) for run in runs])
    of_files, of_docs, texts_of_docs = joined.of_files, joined.of_docs, joined.texts_of_docs
    doc_counts = np.concatenate([np.zeros(0, np.int32), *of_files(lambda source: np.diff(source.doc_start))])
    doc_start = starts_of(doc_counts).astype(np.int32)
    doc_parent = of_docs(lambda source: source.doc_parent, np.int32)
    _shift_docs(doc_parent, joined.sources, doc_start)
    doc_parent[doc_start[:-1]] = -1
    old_slots = len(old.inverted_index.slot_doc)
    doc_slot = of_docs(
        lambda source: source.doc_slot + old_slots if source is new else source.doc_slot, np.int32
    )
    slot_doc = np.full(old_slots + len(new), GONE, np.int32)
    slot_doc[doc_slot] = np.arange(len(doc_slot), dtype=np.int32)
    new_uses = new.inverted_index.later.shifted(old_slots)
    inverted_index = old.inverted_index.updated(slot_doc, new_uses, len(new.words))
    return Corpus(
        paths=paths,
        languages=tuple(chain.from_iterable(of_files(lambda source: source.languages))),
        skipped=tuple(chain.from_iterable(of_files(lambda source: source.skipped))),
        lines=np.concatenate([new.lines[:0], *of_files(lambda source: source.lines)]),
        imports=joined.imports(),
        doc_start=doc_start,
        doc_file=np.repeat(np.arange(len(doc_counts), dtype=np.int32), doc_counts),
        doc_name=of_docs(lambda source: source.doc_name, np.int32),
        doc_kind=of_docs(lambda source: source.doc_kind, np.uint8),
        doc_parent=doc_parent,
        doc_span=of_docs(lambda source: source.doc_span, np.uint32),
        doc_length=of_docs(lambda source: source.doc_length, np.int32),
        doc_slot=np.arange(len(doc_slot), dtype=np.int32) if inverted_index.in_order else doc_slot,
        signatures=texts_of_docs(lambda source: source.signatures),
        owners=texts_of_docs(lambda source: source.owners),
        words=new.words,
        inverted_index=inverted_index,
    )


def _shift_docs(doc_ids: Ints, sources: Sequence[tuple[Corpus, _Run]], doc_start: DocIds) -> None:
    """Turn the doc ids of each run's documents from those of its source into those of the result, in place."""
    file_id = 0
    for source, run in sources:
        old_first = source.doc_start[run.first]
        first, end = doc_start[file_id], doc_start[file_id + run.end - run.first]
        if first != old_first:
            doc_ids[first:end] += first - old_first
        file_id += run.end - run.first

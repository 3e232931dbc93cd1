"""All files, definitions and words of a repository, as one set of arrays.

Words are numbered, and everything else refers to numbers: a repository of 50,000 files has a million
definitions and a hundred million words, which do not fit a laptop as Python objects.

A *document* is one definition, or what is in a file outside all of its definitions. Documents are
numbered file by file: first the file's own, then its definitions in the order of their first byte. Two
files

    a.py   class Store:                        b.py   def digest(text):
               def put(self, key):                        return hash(text)
                   return digest(key)

make this corpus. An array's name begins with its axis; `→` is the axis that its elements point into:

    file id       0                       1
    paths         a.py                    b.py
    doc_start     0                       3               5   → doc, one element more than there are files:
                                                                the documents of file f are doc_start[f]
                                                                up to doc_start[f + 1], the first is f itself
    doc id        0       1       2       3       4
                  (a.py)  Store   put     (b.py)  digest
    doc_file      0       0       0       1       1       → file
    doc_parent    -1      0       1       -1      3       → doc, the enclosing one; -1 for a file
    doc_name      -1      0       4       -1      1       → word; -1 for a file
    doc_kind      255     0       8       255     7       → KINDS; 255, NO_KIND, for a file
    doc_length    0       0       3       0       3       words in its code and prose
    doc_span      ·       1 … 3   2 … 3   ·       1 … 2   five lines as in `Span`; zeros for a file
    signatures            class…  def p…          def d…  texts; empty for a file

    word id       0       1       2       3       4       5
    words         Store   digest  hash    key     put     text
    postings              doc 2   doc 4   doc 2           doc 4     how often in code, and in prose
                          1, 0    1, 0    2, 0            2, 0

Everything that belongs to files is in their order, so when a few files change, the columns of all
others are copied in runs (`update.py`). Only the inverted index is not in this order; see `postings.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import DocIds, FileIds, Ints, IntsByDoc, WordIds
from repomap.arrays.texts import Texts
from repomap.corpus.import_table import ImportTable
from repomap.corpus.postings import InvertedIndex, Postings
from repomap.corpus.word_table import WordTable
from repomap.model import KINDS, Definition, RepoPath, Span

NO_KIND = 255
"""In `doc_kind`: the document is a file, not a definition."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False, kw_only=True)
class Corpus:
    """All files, definitions and words of a repository; the module's docstring has a picture."""

    paths: tuple[RepoPath, ...]
    """Ascending; the index of a path is its file id."""
    languages: Sequence[str]
    skipped: Sequence[str]
    lines: Ints
    """By file: how many lines it has."""
    imports: ImportTable
    doc_start: DocIds
    doc_file: FileIds
    doc_name: WordIds
    doc_kind: npt.NDArray[np.uint8]
    doc_parent: DocIds
    doc_span: npt.NDArray[np.uint32]
    doc_length: IntsByDoc
    doc_slot: IntsByDoc
    """By document: its slot in the inverted index."""
    signatures: Texts
    owners: Texts
    """By document: the type that it names as its own without being inside it; mostly empty."""
    words: WordTable
    inverted_index: InvertedIndex

    def __len__(self) -> int:
        """The number of documents."""
        return len(self.doc_file)

    def definition(self, doc_id: int) -> Definition:
        """Return a definition as an object; its parent is a doc id."""
        parent = int(self.doc_parent[doc_id])
        return Definition(
            name=self.words[self.doc_name[doc_id]],
            kind=KINDS[self.doc_kind[doc_id]],
            span=Span(*map(int, self.doc_span[doc_id])),
            signature=self.signatures[doc_id],
            parent=parent if self.doc_kind[parent] != NO_KIND else None,
            owner=self.owners[doc_id],
        )

    def docs_of(self, file_id: int) -> range:
        """Return the doc ids of a file's definitions."""
        return range(int(self.doc_start[file_id]) + 1, int(self.doc_start[file_id + 1]))

    def word_id(self, word: str) -> int | None:
        """Return the id of a word, or None if no file has it."""
        word_id = self.words.id_of(word)
        if word_id is None or len(self.postings([word_id]).doc_id) or (self.doc_name == word_id).any():
            return word_id
        return None  # it went with the last file that had it

    def postings(self, word_ids: npt.ArrayLike) -> Postings:
        """Look up the uses of these words."""
        return self.inverted_index.postings(word_ids)

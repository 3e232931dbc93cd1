"""Parses single files again to answer what the index does not hold: members, and the lines of a use.

The index holds what maps need, and a repository has more enum values and struct fields than
definitions. A question is about one file or one name; a few files are parsed in milliseconds. Only a
file that a worker has parsed without trouble is parsed here, and only while it is as it was.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from repomap.corpus.build import CorpusBuilder
from repomap.corpus.corpus import Corpus
from repomap.lookup.names import file_importance, found_in_order, parts_of, plain_name
from repomap.mapping.make import qualifier
from repomap.model import ReadFile
from repomap.parsing.languages import BY_NAME
from repomap.ranking.index_data import IndexData

if TYPE_CHECKING:
    from repomap.parsing.words import CodeText

MOST_FILES = 20
"""Files that are parsed to find a member: those that matter most, of all that have its name in code."""
KEPT_FILES = 48
"""Files whose second reading is kept, by their bytes: a server is asked about the same ones again and again."""
LARGEST_KEPT_BYTES = 1_000_000
"""Of such a file; with what was found in it, it takes about three times that."""


def with_members(corpus: Corpus, file_id: int, read: ReadFile) -> Corpus | None:
    """Return a corpus of one file, with the members of its definitions; None if it cannot be parsed again."""
    source = source_as_indexed(corpus, file_id, read)
    if source is None:
        return None
    make = _detailed if len(source) <= LARGEST_KEPT_BYTES else _detailed.__wrapped__
    return make(corpus.paths[file_id], corpus.languages[file_id], source)


@functools.lru_cache(KEPT_FILES)
def _detailed(path: str, language: str, source: bytes) -> Corpus:
    from repomap.parsing.parse import parse_source  # late: it loads grammars

    builder = CorpusBuilder()
    builder.add(path, parse_source(source, BY_NAME[language], members=True))
    return builder.build()


def code_as_indexed(corpus: Corpus, file_id: int, source: bytes) -> "CodeText":
    """Return the code of a file of the index, given its bytes."""
    make = _code if len(source) <= LARGEST_KEPT_BYTES else _code.__wrapped__
    return make(corpus.languages[file_id], source)


@functools.lru_cache(KEPT_FILES)
def _code(language: str, source: bytes) -> "CodeText":
    from repomap.parsing.parse import code_of  # late: it loads grammars

    return code_of(source, BY_NAME[language])


def source_as_indexed(corpus: Corpus, file_id: int, read: ReadFile) -> bytes | None:
    """Read a file that was parsed for the index; None if it was not, or has another number of lines now."""
    if corpus.skipped[file_id] or corpus.languages[file_id] not in BY_NAME:
        return None
    source = read(corpus.paths[file_id])
    if source is None:
        return None
    lines = source.count(b"\n") + (not source.endswith(b"\n"))
    return source if lines == int(corpus.lines[file_id]) else None


def find_members(index_data: IndexData, name: str, read: ReadFile) -> list[tuple[Corpus, int]]:
    """Find the members that a name means, such as `Color.Red`: each as a corpus of its file, and its doc id.

    The best files come first, and the members of each in source order.
    """
    parts = parts_of(plain_name(name))
    if not parts:
        return []
    found: list[tuple[Corpus, int]] = []
    for file_id in files_with(index_data, parts[-1]):
        detailed = with_members(index_data.corpus, file_id, read)
        if detailed is not None:
            found += [(detailed, doc_id) for doc_id in _named(detailed, parts)]
    return found


def files_with(index_data: IndexData, word: str) -> Sequence[int]:
    """Return the files whose code has a word, the most important first."""
    corpus = index_data.corpus
    word_id = corpus.word_id(word)
    if word_id is None:
        return []
    uses = corpus.postings([word_id])
    file_ids = sorted({int(file_id) for file_id in corpus.doc_file[uses.doc_id[uses.code > 0]]})
    importance = file_importance(index_data)
    return sorted(file_ids, key=lambda file_id: (-float(importance[file_id]), file_id))[:MOST_FILES]


def _named(corpus: Corpus, parts: Sequence[str]) -> Iterator[int]:
    """Find the definitions of the last part in a corpus of one file whose parents have the parts before it."""
    for doc_id in corpus.docs_of(0):
        if corpus.words[corpus.doc_name[doc_id]] == parts[-1]:
            around = parts_of(f"{corpus.paths[0]}:{qualifier(corpus, doc_id)}")
            if found_in_order(parts[:-1], around):
                yield doc_id

"""The corpus has as arrays what the tags of all files have."""

import numpy as np
from corpora import build_corpus, corpus_of, file_lists, tags_of
from file_tags import definitions
from hypothesis import given
from properties import examples

from repomap.corpus.build import CorpusBuilder
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import FileTags, Span
from repomap.parsing.tags_codec import encode, unpack

SOURCES = {
    "a.py": "import b\n\nclass Store:\n    def put(self, key):\n        return b.digest(key)  # of the key\n",
    "b.py": "def digest(text):\n    return hash(text)\n",
    "notes.md": "# Store\n\nKeys are hashed.\n",
}

Files = list[tuple[str, FileTags]]


def uses_of(corpus: Corpus) -> set[tuple[str, int, int, int]]:
    """(word, document, count in code, count in prose) of every use."""
    words = list(corpus.words)
    word_ids, *columns = (column.tolist() for column in corpus.postings(range(len(words))))
    return {(words[word_id], *row) for word_id, *row in zip(word_ids, *columns, strict=True)}


def docs_with_names(corpus: Corpus) -> list[int]:
    return np.flatnonzero(corpus.doc_kind != NO_KIND).tolist()


@examples(25)
@given(file_lists())
def test_every_use_is_found_again(files: Files) -> None:
    """Each use of a word in a file's tags is one use in the corpus, in the same definition, as often."""
    corpus = build_corpus(files)
    expected = {
        (tags.words[word], int(corpus.doc_start[file]) + owner, code, prose)
        for file, (_, tags) in enumerate(files)
        for owner, word, code, prose in zip(
            tags.use_owner, tags.use_word, tags.use_code, tags.use_prose, strict=True
        )
    }

    assert uses_of(corpus) == expected
    assert len(corpus.inverted_index) == sum(len(tags.use_word) for _, tags in files)


@examples(25)
@given(file_lists())
def test_encoded_tags_give_the_same_corpus(files: Files) -> None:
    """So the first reading never decodes its tags."""
    builder = CorpusBuilder()
    for path, tags in reversed(files):
        builder.add(path, unpack(encode(tags)))
    corpus, expected = builder.build(), build_corpus(files)

    assert (corpus.paths, corpus.languages, corpus.skipped) == (
        expected.paths,
        expected.languages,
        expected.skipped,
    )
    assert list(corpus.words) == list(expected.words)
    assert uses_of(corpus) == uses_of(expected)
    assert list(map(corpus.definition, docs_with_names(corpus))) == list(
        map(expected.definition, docs_with_names(expected))
    )


@examples(25)
@given(file_lists())
def test_every_definition_is_found_again(files: Files) -> None:
    """Name, kind, span, signature and owner are the file's; a parent is the same definition, as a doc id."""
    corpus = build_corpus(files)

    for file, (path, tags) in enumerate(files):
        docs = corpus.docs_of(file)
        assert corpus.paths[file] == path
        assert len(docs) == len(tags.names)
        for place, doc in enumerate(docs):
            found, given_one = corpus.definition(doc), definitions(tags)[place]
            parent = None if given_one.parent is None else docs[given_one.parent]
            assert (found.name, found.kind, found.span) == (given_one.name, given_one.kind, given_one.span)
            assert (found.signature, found.owner) == (given_one.signature, given_one.owner)
            assert found.parent == parent


@examples(25)
@given(file_lists())
def test_documents_are_numbered_by_file(files: Files) -> None:
    """A file's own document comes first, then its definitions; it has no name, kind, parent or text."""
    corpus = build_corpus(files)

    assert len(corpus) == sum(len(tags.names) + 1 for _, tags in files) == int(corpus.doc_start[-1])
    assert corpus.doc_file.tolist() == [
        file for file, (_, tags) in enumerate(files) for _ in range(len(tags.names) + 1)
    ]
    for doc in corpus.doc_start[:-1].tolist():
        assert (corpus.doc_name[doc], corpus.doc_kind[doc], corpus.doc_parent[doc]) == (-1, NO_KIND, -1)
        assert (corpus.signatures[doc], corpus.owners[doc]) == ("", "")
        assert not corpus.doc_span[doc].any()


@examples(25)
@given(file_lists())
def test_words_are_sorted_and_distinct(files: Files) -> None:
    """Every word and name has one id, and ids are in the order of the words."""
    corpus = build_corpus(files)

    assert list(corpus.words) == sorted({word for _, tags in files for word in (*tags.words, *tags.names)})
    held = {word for word, *_ in uses_of(corpus)} | {name for _, tags in files for name in tags.names}
    assert {word: corpus.word_id(word) for word in corpus.words} == {
        word: number if word in held else None for number, word in enumerate(corpus.words)
    }


@examples(25)
@given(file_lists())
def test_uses_of_a_word_are_in_the_order_of_documents(files: Files) -> None:
    """So that those of one file are neighbours."""
    corpus = build_corpus(files)

    for word in range(len(corpus.words)):
        docs = corpus.postings([word]).doc_id.tolist()
        assert docs == sorted(docs)


@examples(25)
@given(file_lists())
def test_a_documents_length_is_the_number_of_its_words(files: Files) -> None:
    """In code and prose together, also where one count is the most that fits its column."""
    corpus = build_corpus(files)
    lengths = np.zeros(len(corpus), np.int64)
    for _, doc, code, prose in uses_of(corpus):
        lengths[doc] += code + prose

    assert corpus.doc_length.tolist() == lengths.tolist()


def test_an_empty_repository_has_an_empty_corpus() -> None:
    """No file, no document, no word, but every column."""
    corpus = build_corpus([])

    assert (len(corpus), corpus.paths, list(corpus.words)) == (0, (), [])
    assert corpus.doc_start.tolist() == [0]
    assert len(corpus.inverted_index) == 0
    assert corpus.doc_span.shape == (0, 5)
    assert corpus.word_id("anything") is None


def test_a_file_without_definitions_is_one_document() -> None:
    """A file without a grammar still has its path and its words."""
    corpus = corpus_of({"LICENSE": "permission is granted\n", "empty.py": ""})

    assert len(corpus) == 2
    assert [len(corpus.docs_of(file)) for file in range(2)] == [0, 0]
    assert corpus.word_id("permission") is not None


def test_an_unknown_word_has_no_id() -> None:
    """Neither one that would be last nor one in between."""
    corpus = corpus_of(SOURCES)

    assert [corpus.word_id(word) for word in ("", "zzzz", "Stor", "Stores", "\U0010ffff")] == [None] * 5


def test_real_source_is_found_again() -> None:
    """A method is inside its class, with its lines; its name is not a use of itself."""
    corpus = corpus_of(SOURCES)
    store, put = corpus.docs_of(0)

    assert corpus.definition(put).parent == store
    assert corpus.definition(put).span == Span(4, 4, 5, 4, 4)
    assert corpus.definition(store).parent is None
    assert corpus.lines.tolist() == [tags_of(path, text).lines for path, text in sorted(SOURCES.items())]
    assert ("digest", put, 1, 0) in uses_of(corpus)
    assert not any(word == "put" for word, *_ in uses_of(corpus))


def test_the_example_in_the_docstring_is_true() -> None:
    """Ten modules index into these arrays, and their readers look at that picture."""
    corpus = corpus_of(
        {
            "a.py": "class Store:\n    def put(self, key):\n        return digest(key)\n",
            "b.py": "def digest(text):\n    return hash(text)\n",
        }
    )
    assert corpus.doc_start.tolist() == [0, 3, 5]
    assert corpus.doc_file.tolist() == [0, 0, 0, 1, 1]
    assert corpus.doc_parent.tolist() == [-1, 0, 1, -1, 3]
    assert corpus.doc_name.tolist() == [-1, 0, 4, -1, 1]
    assert corpus.doc_kind.tolist() == [255, 0, 8, 255, 7]
    assert corpus.doc_length.tolist() == [0, 0, 3, 0, 3]
    assert corpus.doc_span[:, 1:3].tolist() == [[0, 0], [1, 3], [2, 3], [0, 0], [1, 2]]
    assert list(corpus.words) == ["Store", "digest", "hash", "key", "put", "text"]
    assert uses_of(corpus) == {("digest", 2, 1, 0), ("hash", 4, 1, 0), ("key", 2, 2, 0), ("text", 4, 2, 0)}

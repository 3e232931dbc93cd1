"""The corpus holds what the tags of all files hold, as arrays."""

import numpy as np
from corpora import corpus_of, file_lists, tags_of
from hypothesis import given
from properties import examples

from repomap.corpus.corpus import NO_KIND, Corpus, CorpusBuilder, build_corpus, summed
from repomap.model import FileTags, Span
from repomap.parsing.tags_codec import encode, unpack

SOURCES = {
    "a.py": "import b\n\nclass Store:\n    def put(self, key):\n        return b.digest(key)  # of the key\n",
    "b.py": "def digest(text):\n    return hash(text)\n",
    "notes.md": "# Store\n\nKeys are hashed.\n",
}

Files = list[tuple[str, FileTags]]


def uses_of(corpus: Corpus) -> set[tuple[str, int, int, int]]:
    """(word, document, times in code, times in prose) of every use."""
    words = list(corpus.words)
    place, *columns = (column.tolist() for column in corpus.postings(range(len(words))))
    return {(words[number], *row) for number, *row in zip(place, *columns, strict=True)}


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
    assert len(corpus.uses) == sum(len(tags.use_word) for _, tags in files)


@examples(25)
@given(file_lists())
def test_a_corpus_of_sheets_is_that_of_their_tags(files: Files) -> None:
    """So the tags of a first reading are never made."""
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
    """Name, kind, span, signature and owner are the file's; a parent is the same definition, as a document."""
    corpus = build_corpus(files)

    for file, (path, tags) in enumerate(files):
        docs = corpus.docs_of(file)
        assert corpus.paths[file] == path
        assert len(docs) == len(tags)
        for place, doc in enumerate(docs):
            found, given_one = corpus.definition(doc), tags.definition(place)
            parent = None if given_one.parent is None else docs[given_one.parent]
            assert (found.name, found.kind, found.span) == (given_one.name, given_one.kind, given_one.span)
            assert (found.signature, found.owner) == (given_one.signature, given_one.owner)
            assert found.parent == parent


@examples(25)
@given(file_lists())
def test_documents_are_numbered_by_file(files: Files) -> None:
    """A file's own document comes first, then its definitions; it has no name, kind, parent or text."""
    corpus = build_corpus(files)

    assert len(corpus) == sum(len(tags) + 1 for _, tags in files) == int(corpus.doc_start[-1])
    assert corpus.doc_file.tolist() == [
        file for file, (_, tags) in enumerate(files) for _ in range(len(tags) + 1)
    ]
    for doc in corpus.doc_start[:-1].tolist():
        assert (corpus.doc_name[doc], corpus.doc_kind[doc], corpus.doc_parent[doc]) == (-1, NO_KIND, -1)
        assert (corpus.signatures[doc], corpus.owners[doc]) == ("", "")
        assert not corpus.doc_span[doc].any()


@examples(25)
@given(file_lists())
def test_words_are_sorted_and_distinct(files: Files) -> None:
    """Every word and name has one number, and numbers stand in the order of the words."""
    corpus = build_corpus(files)

    assert list(corpus.words) == sorted({word for _, tags in files for word in (*tags.words, *tags.names)})
    held = {word for word, *_ in uses_of(corpus)} | {name for _, tags in files for name in tags.names}
    assert {word: corpus.number_of(word) for word in corpus.words} == {
        word: number if word in held else None for number, word in enumerate(corpus.words)
    }


@examples(25)
@given(file_lists())
def test_uses_of_a_word_stand_in_the_order_of_documents(files: Files) -> None:
    """So that those of one file are neighbours."""
    corpus = build_corpus(files)

    for word in range(len(corpus.words)):
        docs = corpus.postings([word]).doc.tolist()
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
    """No file, no document, no word, and every column is there."""
    corpus = build_corpus([])

    assert (len(corpus), corpus.paths, list(corpus.words)) == (0, (), [])
    assert corpus.doc_start.tolist() == [0]
    assert len(corpus.uses) == 0
    assert corpus.doc_span.shape == (0, 5)
    assert corpus.number_of("anything") is None


def test_a_file_without_definitions_is_one_document() -> None:
    """What is not parsed still has its path and its words."""
    corpus = corpus_of({"LICENSE": "permission is granted\n", "empty.py": ""})

    assert len(corpus) == 2
    assert [len(corpus.docs_of(file)) for file in range(2)] == [0, 0]
    assert corpus.number_of("permission") is not None


def test_an_unknown_word_has_no_number() -> None:
    """Neither one that would stand last nor one in between."""
    corpus = corpus_of(SOURCES)

    assert [corpus.number_of(word) for word in ("", "zzzz", "Stor", "Stores", "\U0010ffff")] == [None] * 5


def test_real_source_is_found_again() -> None:
    """A method stands under its class, with its lines; its name is no use of itself."""
    corpus = corpus_of(SOURCES)
    store, put = corpus.docs_of(0)

    assert corpus.definition(put).parent == store
    assert corpus.definition(put).span == Span(4, 4, 5, 4, 4)
    assert corpus.definition(store).parent is None
    assert corpus.lines.tolist() == [tags_of(path, text).lines for path, text in sorted(SOURCES.items())]
    assert ("digest", put, 1, 0) in uses_of(corpus)
    assert not any(word == "put" for word, *_ in uses_of(corpus))


def test_weights_that_fall_on_one_place_are_summed() -> None:
    """Places without any get zero, and no places at all give zeros of the kind that sums are."""
    assert summed(np.array([2, 0, 2]), np.array([1.0, 2.0, 3.0]), 4).tolist() == [2, 0, 4, 0]
    nothing = summed(np.zeros(0, np.int32), np.zeros(0), 3)
    assert nothing.tolist() == [0, 0, 0]
    assert nothing.dtype == np.float64

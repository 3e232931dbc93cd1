"""The text of a map shows the choice, and nothing that could mislead a terminal or a model."""

import re

from corpora import corpora, corpus_of
from hypothesis import given
from properties import examples
from texts import Row, read_map

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.members import is_in_line
from repomap.mapping.render import definition_lines, render

SOURCES = {
    "app/cart.py": "class Cart:\n    def add(self, item):\n        pass\n    def total(self):\n        pass\n",
    "app/core/clock.py": "def now():\n    pass\n",
    "app/page.py": "def show(cart):\n    pass\n",
    "README.md": "words\n",
}


def everything(corpus: Corpus) -> dict[int, tuple[int, ...]]:
    return {file: tuple(corpus.docs_of(file)) for file in range(len(corpus.paths))}


def test_a_file_alone_in_its_folder_is_one_line() -> None:
    """With its whole path; nothing is marked if nothing is omitted."""
    corpus = corpus_of({"app/core/clock.py": SOURCES["app/core/clock.py"], "README.md": "words\n"})
    assert render(corpus, everything(corpus)) == "README.md\napp/core/clock.py:\n def now()\n"


def test_files_of_one_folder_share_its_heading() -> None:
    """This saves repeating the folder's path; a method is below its class."""
    corpus = corpus_of({path: text for path, text in SOURCES.items() if path.startswith("app/")})
    assert render(corpus, everything(corpus)) == (
        "app/\n"
        " cart.py:\n"
        "  class Cart\n"
        "   def add(self, item)\n"
        "   def total(self)\n"
        " page.py:\n"
        "  def show(cart)\n"
        "app/core/clock.py:\n"
        " def now()\n"
    )


def test_a_name_below_a_heading_is_no_path_of_another_file() -> None:
    """Where a file at the root has the same name, the whole path is written: each line names one file."""
    corpus = corpus_of(dict.fromkeys(("a.md", "docs/a.md", "docs/b.md", "docs/c.md"), "words\n"))
    assert render(corpus, everything(corpus)) == "a.md\ndocs/a.md\ndocs/\n b.md\n c.md\n"


def test_omitted_definitions_are_marked() -> None:
    """An ellipsis after a path means that the file defines more; a bare path says nothing about it."""
    corpus = corpus_of({"app/cart.py": SOURCES["app/cart.py"]})
    cart, add, _ = corpus.docs_of(0)
    assert render(corpus, {0: (cart, add)}) == "app/cart.py: …\n class Cart\n  def add(self, item)\n"
    assert render(corpus, {0: ()}) == "app/cart.py\n"


def test_files_are_in_the_order_of_the_choice() -> None:
    """Best first, except that a file joins the others of its folder."""
    corpus = corpus_of(SOURCES)
    readme, cart, clock, page = range(4)
    assert corpus.paths == ("README.md", "app/cart.py", "app/core/clock.py", "app/page.py")
    assert [path for path, _, _ in read_map(render(corpus, {page: (), clock: (), cart: (), readme: ()}))] == [
        "app/page.py",
        "app/cart.py",
        "app/core/clock.py",
        "README.md",
    ]


def test_an_empty_choice_is_the_empty_text() -> None:
    """Also of an empty repository."""
    assert render(corpus_of(SOURCES), {}) == ""
    assert render(corpus_of({}), {}) == ""


def test_the_text_parses_back_to_the_choice() -> None:
    """Every path, every signature and its depth can be read from the text."""
    corpus = corpus_of(SOURCES)
    rows = {path: (elided, below) for path, elided, below in read_map(render(corpus, everything(corpus)))}
    assert rows == {
        "README.md": (False, []),
        "app/cart.py": (
            False,
            [Row(1, "class Cart"), Row(2, "def add(self, item)"), Row(2, "def total(self)")],
        ),
        "app/core/clock.py": (False, [Row(1, "def now()")]),
        "app/page.py": (False, [Row(1, "def show(cart)")]),
    }


def written(corpus: Corpus, file: int) -> dict[int, list[str]]:
    """The lines of each definition that has some: members in another's line have none, nor what repeats one."""
    first_of = {}
    for doc in reversed(corpus.docs_of(file)):
        if not is_in_line(corpus, doc):
            first_of[int(corpus.doc_span[doc][3]), definition_lines(corpus, doc)[0]] = doc
    return {doc: definition_lines(corpus, doc) for doc in sorted(first_of.values())}


@examples(30)
@given(corpora())
def test_the_lines_are_those_of_paths_definitions_and_folders(corpus: Corpus) -> None:
    """Whatever characters names have, no line is broken in two and none is missing; what shares a line is one."""
    text = render(corpus, everything(corpus))
    folders = [path.rpartition("/")[0] for path in corpus.paths]
    headings = sum(folders.count(folder) > 1 for folder in set(folders) - {""})
    definitions = [lines for file in range(len(corpus.paths)) for lines in written(corpus, file).values()]

    expected = len(corpus.paths) + headings + sum(map(len, definitions))
    assert text.count("\n") == expected == len(text.splitlines())
    assert text.endswith("\n") or not len(corpus)


@examples(30)
@given(corpora())
def test_nothing_unprintable_reaches_the_text(corpus: Corpus) -> None:
    """No control, no direction mark, no lone surrogate, from a path or from a signature."""
    text = render(corpus, everything(corpus))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]", text
    )
    assert text.encode("utf-8").decode("utf-8") == text


@examples(30)
@given(corpora())
def test_what_encloses_a_definition_is_above_it(corpus: Corpus) -> None:
    """One level less deep, with nothing of that level in between."""
    for file in range(len(corpus.paths)):
        depth = {}
        for doc in corpus.docs_of(file):
            parent = int(corpus.doc_parent[doc])
            depth[doc] = depth[parent] + 1 if corpus.doc_kind[parent] != NO_KIND else 1
        lines = render(corpus, {file: tuple(corpus.docs_of(file))}).splitlines()[1:]
        shown = []
        for doc, (first, *more) in written(corpus, file).items():
            level = depth[doc]
            shown += [" " * level + first, *(" " * (level + 1) + line for line in more)]
        assert lines == shown

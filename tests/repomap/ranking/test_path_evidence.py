"""What a path says of its file holds for every request."""

import pytest
from corpora import index_data_of

from repomap.files.file_kinds import kind_of
from repomap.model import Focus
from repomap.ranking.path_evidence import PathEvidence, declares
from repomap.ranking.score import score


def first_of(sources: dict[str, str], request: str) -> str:
    index_data = index_data_of(sources)
    return index_data.corpus.paths[score(index_data, Focus(request)).files.argmax()]


def test_a_declaration_stands_second_only_where_another_file_does_the_work() -> None:
    """A header alone, or one whose name a document has, is all that there is."""
    paths = ("inc/cache.h", "lib/cache.cc", "lib/list.hpp", "list.md", "types/reply.d.ts", "lib/reply.js")
    kinds = [kind_of(path) for path in paths]
    assert declares(paths, kinds).tolist() == [1, 0, 0, 0, 1, 0]


def test_tests_are_paired_with_all_files_of_their_name() -> None:
    """A test of another name is paired with none."""
    paths = ("a/cart.py", "b/cart.py", "tests/test_cart.py", "tests/test_shop.py", "web/cart.ts")
    evidence = PathEvidence.of(paths, [kind_of(path) for path in paths])
    assert list(zip(evidence.tests.tolist(), evidence.tested.tolist(), strict=True)) == [
        (2, 0),
        (2, 1),
        (2, 4),
    ]


def test_folders_are_numbered_for_source_alone() -> None:
    """Documents and tests say nothing of what the code of a folder is about."""
    paths = ("a/x.py", "a/y.py", "b/z.py", "docs/a.md")
    folders = PathEvidence.of(paths, [kind_of(path) for path in paths]).folders.tolist()
    assert folders[0] == folders[1] != folders[2] != -1
    assert folders[3] == -1


def test_an_empty_repository_has_no_evidence() -> None:
    """No path, no flag, no pair."""
    evidence = PathEvidence.of((), [])
    assert evidence.superseded.size == evidence.folders.size == evidence.tests.size == 0


BODY = "int read_line(int line) {\n    return line + 1;\n}\n"


@pytest.mark.parametrize(
    ("first", "second", "request_text"),
    [
        ("src/reader.c", "src/reader.h", "how are lines read"),
        ("src/unix/reader.c", "src/win/reader.c", "how are lines read"),
        ("src/win/reader.c", "src/unix/reader.c", "how are lines read by win32"),
    ],
)
def test_of_two_files_alike_the_one_that_is_usually_meant_comes_first(
    first: str, second: str, request_text: str
) -> None:
    """The implementation before its header, the file for most systems before the one for Windows."""
    body = {first: BODY, second: "int read_line(int line);\n" if second.endswith(".h") else BODY}
    if "win32" in request_text:
        body[first] = BODY.replace("line + 1", "line + WIN32")
    assert first_of(body, request_text) == first

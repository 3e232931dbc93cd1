"""Comments as the grammars see them."""

import pytest

from repomap import comments_of


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "# one\nx = '# no'  # two\n", [(1, "# one", True), (2, "# two", False)]),
        ("a.c", "/* a\n b */ int x; // c\n", [(1, "/* a\n b */", True), (2, "// c", False)]),
        ("a.rs", "/// doc\nfn f() {}\n", [(1, "/// doc", True)]),
        ("a.hs", "-- | doc\nf = 1 {- x -}\n", [(1, "-- | doc", True), (2, "{- x -}", False)]),
        ("a.css", "a { } /* x */", [(1, "/* x */", False)]),
        ("a.py", "", []),
    ],
)
def test_comments_are_found_where_they_are(path: str, text: str, found: list[tuple[int, str, bool]]) -> None:
    """With their text, and whether they stand alone; not those in strings."""
    assert [
        (each.first, each.text, each.is_alone) for each in comments_of(path, text.encode()) or ()
    ] == found


def test_a_text_without_a_grammar_has_no_answer() -> None:
    """Nor has one that is too large to be parsed here."""
    assert comments_of("a.unknown", b"# x") is None
    assert comments_of("a.py", b"# x\n" * 200_000) is None

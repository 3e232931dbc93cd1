"""Whether a text parses, told without risk to the process that asks."""

import pytest

from repomap import parses_cleanly


@pytest.mark.parametrize(
    ("path", "source", "clean"),
    [
        ("a.py", b"def f():\n    return 1\n", True),
        ("a.py", b"def f(:\n", False),
        ("a.rs", b"fn f() -> u8 { 1 }\n", True),
        ("A.java", b"class A { void f( }\n", False),
        ("notes.txt", b"def f(:", None),
        ("a.md", b"# (((", None),
        ("a.py", b"x = 1\n" * 100_000, None),
        ("A.java", b"([{" * 50_000, None),
        ("A.kt", b'"${' * 2_000, None),
    ],
)
def test_a_text_is_clean_broken_or_not_told(path: str, source: bytes, clean: bool | None) -> None:
    """None wherever an answer would need a grammar, much time, or much luck."""
    assert parses_cleanly(path, source) is clean


def test_a_text_that_was_given_up_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that was stopped would go on with the old text if it were not reset."""
    monkeypatch.setattr("repomap.parsing.syntax.TIMEOUT_S", -1.0)
    assert parses_cleanly("a.py", b"x = (\n" + b"y = 1\n" * 50_000) is None
    monkeypatch.undo()
    assert parses_cleanly("a.py", b"x = 1\n") is True

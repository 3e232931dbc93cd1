"""A text is parsed without risk to the calling process, or not at all."""

import pytest

from repomap.parsing.language_by_text import sniff
from repomap.parsing.syntax import parse_safely


def is_clean(path: str, source: bytes) -> bool | None:
    """Whether the grammar reads the whole text; None where it is not asked."""
    language = sniff(path, source)
    root = parse_safely(language, source) if language else None
    return None if root is None else not root.has_error


@pytest.mark.parametrize(
    ("path", "source", "clean"),
    [
        ("a.py", b"def f():\n    return 1\n", True),
        ("a.py", b"def f(:\n", False),
        ("a.rs", b"fn f() -> u8 { 1 }\n", True),
        ("A.java", b"class A { void f( }\n", False),
        ("a.md", b"# (((", None),
        ("a.py", b"x = 1\n" * 100_000, None),
        ("A.java", b"([{" * 50_000, None),
        ("A.kt", b'"${' * 2_000, None),
    ],
)
def test_a_text_is_clean_broken_or_unknown(path: str, source: bytes, clean: bool | None) -> None:
    """None where an answer would need much time, or luck."""
    assert is_clean(path, source) is clean


def test_an_abandoned_text_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is reset, a stopped parser would continue with the old text."""
    monkeypatch.setattr("repomap.parsing.syntax.TIMEOUT_S", -1.0)
    assert is_clean("a.py", b"x = (\n" + b"y = 1\n" * 50_000) is None
    monkeypatch.undo()
    assert is_clean("a.py", b"x = 1\n") is True

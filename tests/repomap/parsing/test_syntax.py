"""Whether a text parses is answered without risk to the calling process."""

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
def test_a_text_is_clean_broken_or_unknown(path: str, source: bytes, clean: bool | None) -> None:
    """None where an answer would need a missing grammar, much time, or luck."""
    assert parses_cleanly(path, source) is clean


def test_an_abandoned_text_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is reset, a stopped parser would continue with the old text."""
    monkeypatch.setattr("repomap.parsing.syntax.TIMEOUT_S", -1.0)
    assert parses_cleanly("a.py", b"x = (\n" + b"y = 1\n" * 50_000) is None
    monkeypatch.undo()
    assert parses_cleanly("a.py", b"x = 1\n") is True

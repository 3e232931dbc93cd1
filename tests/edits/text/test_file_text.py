"""Bytes of a file and back: encodings, marks, line ends."""

import pytest

from edits.text.file_text import decode, encode, from_text, without_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_recognised_by_its_bytes(encoding: str) -> None:
    """By the mark, or by the zeros of text that is mostly Latin."""
    text = decode("eins\nzwei\n".encode(encoding))

    assert text.lines == ("eins", "zwei")
    assert text.certain


def test_utf_16_without_a_mark_may_hold_other_letters() -> None:
    """A letter whose bytes are not ASCII does not make it a code page."""
    assert decode("größer\n".encode("utf-16-le")).lines == ("größer",)


def test_bytes_of_no_known_encoding_are_kept_and_uncertain() -> None:
    """They stand as one character each, until somebody says what they are."""
    text = decode(b"caf\xe9\n")

    assert (text.certain, encode(text)) == (False, b"caf\xe9\n")


def test_a_known_encoding_counts_where_it_loses_nothing() -> None:
    """Else the bytes are what they are."""
    assert decode(b"caf\xe9\n", "cp1252").lines == ("café",)
    assert not decode(b"\x81\n", "cp1252").certain


def test_stray_bytes_do_not_make_utf_8_a_code_page() -> None:
    """One broken byte among many letters: the letters stay letters."""
    text = decode("äöü ÄÖÜ ß é è à\n".encode() + b"\xff\n")

    assert text.lines[0] == "äöü ÄÖÜ ß é è à"
    assert text.certain


def test_utf_8_stays_utf_8_whatever_is_said_of_it() -> None:
    """A wrong declaration must not turn its letters into pairs."""
    assert decode("é\n".encode(), "cp1252").lines == ("é",)


def test_text_of_ascii_bytes_is_read_as_declared() -> None:
    """ISO-2022 writes letters in escape sequences; ASCII alone takes on what is declared."""
    assert decode("日本\n".encode("iso2022_jp"), "iso2022_jp").lines == ("日本",)
    assert decode(b"abc\n", "cp1251").encoding == "cp1251"


def test_a_new_file_has_the_mark_of_its_encoding() -> None:
    """UTF-16 has one, UTF-8 only where it is asked for."""
    assert [without_text(name).bom for name in (None, "utf-8-sig", "utf-16", "cp1252")] == [
        b"",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"",
    ]


def test_line_ends_are_kept_one_by_one() -> None:
    """Mixed ones, a missing last one, and `\\r` alone where there is nothing else."""
    assert from_text("a\r\nb\nc").ends == ("\r\n", "\n", "")
    assert from_text("a\rb\r").lines == ("a", "b")

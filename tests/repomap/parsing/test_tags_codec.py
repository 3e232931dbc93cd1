"""Tags survive the way through bytes, and any other bytes are an error."""

import zlib
from array import array
from contextlib import suppress
from pathlib import Path

import pytest
from file_tags import definitions, references
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap.model import KINDS, FileTags, Import
from repomap.parsing import tags_codec
from repomap.parsing.language_by_text import sniff
from repomap.parsing.parse import parse_source, parse_text

SOURCE = b"""# a comment
import os.path
from .model import FileTags, Import as I

LIMIT = 3


@frozen
class Place(Base):
    def at(self, x: int) -> "Place":
        return self.move(x, LIMIT)
"""
TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
SMALL, LARGE = st.integers(0, 300), st.integers(0, 2**30)


@st.composite
def all_tags(draw: st.DrawFn) -> FileTags:
    names = draw(st.lists(TEXTS, max_size=6))
    words = draw(st.lists(TEXTS, max_size=6))
    size = len(names)
    uses = draw(st.integers(0, 20)) if words else 0
    spans = array("I")
    for _ in names:
        doc, *more = draw(st.tuples(*[SMALL | LARGE] * 5))
        first = doc + more[0]
        spans.extend((doc, first, first + more[1], first + more[2], first + more[2] + more[3] % 2**29))
    return FileTags(
        draw(TEXTS),
        draw(LARGE),
        skipped=draw(st.sampled_from(tags_codec._SKIP_REASONS)),  # type: ignore[arg-type]
        names=tuple(names),
        kinds=bytes(draw(st.lists(st.integers(0, len(KINDS) - 1), min_size=size, max_size=size))),
        parents=array("i", [draw(st.integers(-1, index - 1)) for index in range(size)]),
        spans=spans,
        signatures=tuple(draw(st.lists(TEXTS, min_size=size, max_size=size))),
        owners=tuple(draw(st.lists(TEXTS, min_size=size, max_size=size))),
        words=tuple(words),
        use_owner=array("I", draw(st.lists(st.integers(0, size), min_size=uses, max_size=uses))),
        use_word=array(
            "I", draw(st.lists(st.integers(0, max(len(words) - 1, 0)), min_size=uses, max_size=uses))
        ),
        use_code=array("H", draw(st.lists(st.integers(0, 65535), min_size=uses, max_size=uses))),
        use_prose=array("H", draw(st.lists(st.integers(0, 3), min_size=uses, max_size=uses))),
        imports=tuple(
            draw(st.lists(st.builds(Import, TEXTS, st.lists(TEXTS, max_size=3).map(tuple)), max_size=3))
        ),
    )


def python_tags() -> FileTags:
    language = sniff("a.py", SOURCE)
    assert language is not None
    return parse_source(SOURCE, language)


@examples(200)
@given(all_tags())
@example(FileTags("", 0))
def test_encoded_tags_are_decoded(tags: FileTags) -> None:
    """Every field, with the model's column types; any text, even one with the separator in it."""
    decoded = tags_codec.decode(tags_codec.encode(tags))
    assert decoded == tags
    for column in ("parents", "spans", "use_owner", "use_word", "use_code", "use_prose"):
        assert getattr(decoded, column).typecode == getattr(FileTags("", 0), column).typecode


def test_a_changed_byte_gives_tags_or_an_error() -> None:
    """Each byte of an empty file's body in turn, including the widths of empty columns."""
    body = zlib.decompress(tags_codec.encode(FileTags("", 0)))
    for position in range(len(body)):
        for value in (0, 1, 2, 3, 4, 255):
            changed = body[:position] + bytes((value,)) + body[position + 1 :]
            with suppress(ValueError):
                assert isinstance(tags_codec.decode(zlib.compress(changed)), FileTags)


@examples(100)
@given(all_tags())
def test_encoded_tags_need_no_compression(tags: FileTags) -> None:
    """They are the same with it and without."""
    encoded = tags_codec.to_encoded(tags)
    assert encoded == tags_codec.unpack(tags_codec.encode(tags))
    assert encoded.tags() == tags


def test_tags_of_real_source_are_decoded() -> None:
    """Definitions, uses and imports, and a text without a grammar."""
    for tags in (python_tags(), parse_text(SOURCE)):
        assert len(tags.words) > 5
        assert tags_codec.decode(tags_codec.encode(tags)) == tags


def test_tags_are_smaller_than_their_source() -> None:
    """A cache of tags stays well below the size of its repository."""
    source = Path(tags_codec.__file__).read_bytes()
    language = sniff("tags_codec.py", source)
    assert language is not None
    assert len(tags_codec.encode(parse_source(source, language))) < len(source) / 2


@examples(200)
@given(st.binary(max_size=200))
def test_other_bytes_are_not_decoded(data: bytes) -> None:
    """A cache may hold anything; the result is a ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011
        tags_codec.decode(data)


@examples(500)
@given(st.data())
def test_a_changed_body_gives_tags_or_a_value_error(data: st.DataObject) -> None:
    """Even with a correct checksum: lengths, indexes and texts are checked themselves."""
    body = bytearray(zlib.decompress(tags_codec.encode(python_tags())))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, min(len(body), 80) - 1) | st.integers(0, len(body) - 1))
        body[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 3)) * data.draw(st.integers(0, len(body)))
    try:
        tags = tags_codec.decode(zlib.compress(bytes(body[: len(body) - cut])))
    except ValueError:
        return
    assert all(definition.kind in KINDS for definition in definitions(tags))
    assert all(count > 0 for count in references(tags).values())
    assert tags_codec.decode(tags_codec.encode(tags)) == tags


def test_a_few_bytes_do_not_become_gigabytes() -> None:
    """Neither by compression nor by announcing a long column."""
    with pytest.raises(ValueError, match="too large"):
        tags_codec.decode(zlib.compress(bytes(tags_codec.MAX_BYTES + 1)))
    head = tags_codec._HEAD.pack(
        tags_codec.VERSION, 0, 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1, 2**32 - 1
    )
    with pytest.raises(ValueError, match="end early"):
        tags_codec.decode(zlib.compress(head + b"\1" * 100))


def test_unequal_columns_are_not_encoded() -> None:
    """The error is raised where the mistake is, not when reading."""
    with pytest.raises(ValueError, match="another length"):
        tags_codec.encode(FileTags("python", 1, names=("f",)))
    with pytest.raises(ValueError, match="another length"):
        tags_codec.encode(FileTags("python", 1, words=("f",), use_word=array("I", [0])))

"""A file of arrays is read as it was written, or raises an error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repomap.arrays import array_file, blocks, byte_planes
from repomap.arrays.array_file import Encoding, read, write
from repomap.arrays.blocks import PackedBytes
from repomap.arrays.byte_planes import unpack

ARRAYS = {
    "empty": np.zeros(0, np.int32),
    "numbers": np.arange(1000, dtype=np.int64),
    "table": np.arange(12, dtype=np.float32).reshape(3, 4),
    "bytes": np.frombuffer(b"trigpoint", np.uint8),
}


LONG = {
    "ascending": np.cumsum(np.arange(40_000, dtype=np.int32) % 7, dtype=np.int32),
    "negative": np.arange(-20_000, 20_000, dtype=np.int64).reshape(200, 200),
    "floats": np.linspace(0, 1, 30_000),
    "bytes": np.arange(60_000, dtype=np.uint8),
}
ENCODINGS: dict[str, Encoding] = {"ascending": "differences", "negative": "differences", "bytes": "raw"}


def test_long_arrays_are_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By planes or differences, or stored as they are; the numbers stay the same."""
    monkeypatch.setattr(array_file, "MIN_PACKED_BYTES", 1000)
    size = write(tmp_path / "file", {}, {**ARRAYS, **LONG}, ENCODINGS)
    arrays = read(tmp_path / "file")[1]

    assert size < sum(array.nbytes for array in LONG.values()) // 2
    for name, array in {**ARRAYS, **LONG}.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)
        assert not arrays[name].flags.writeable


@pytest.mark.parametrize("differences", [False, True])
@pytest.mark.parametrize("changed", [-1, 0, 1])
def test_a_packed_column_must_have_the_given_length(
    changed: int, differences: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One number more or less is an error, even if the column is unpacked in pieces."""
    monkeypatch.setattr(byte_planes, "UNPACKED_NUMBERS", 100)
    monkeypatch.setattr(byte_planes, "PACKED_PIECE_BYTES", 7)
    numbers = np.arange(1000, dtype=np.int32) ** 2 % 1717  # whose lowest bytes are not worth packing
    packed = memoryview(byte_planes.pack(numbers, differences=differences))

    if changed:
        with pytest.raises(ValueError, match="packed column"):
            unpack(packed, numbers.dtype, 1000 + changed, differences=differences)
    else:
        assert unpack(packed, numbers.dtype, 1000, differences=differences).tolist() == numbers.tolist()


@given(st.binary(max_size=200), st.integers(0, 50), st.booleans())
def test_other_bytes_are_not_unpacked(data: bytes, count: int, differences: bool) -> None:
    """The result has the given length, or is a ValueError."""
    try:
        numbers = unpack(memoryview(data), np.dtype("<i4"), count, differences=differences)
    except ValueError:
        return
    assert len(numbers) == count


@given(st.binary(max_size=300), st.data())
def test_a_packed_block_is_sliced_like_bytes(block: bytes, data: st.DataObject) -> None:
    """Across any number of parts, repeatedly."""
    before, blocks.PART_BYTES = blocks.PART_BYTES, 16
    try:
        packed = PackedBytes.of(np.frombuffer(block, np.uint8))
        for _ in range(5):
            first = data.draw(st.integers(0, len(block)))
            end = data.draw(st.integers(first, len(block)))
            assert packed[first:end].tobytes() == block[first:end]
        assert packed.tobytes() == block
        assert len(packed) == len(block)
    finally:
        blocks.PART_BYTES = before


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("written") / "file"
    write(path, {"version": 1}, ARRAYS)
    return path.read_bytes()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Names, types, shapes, numbers and the head; `write` returns the size."""
    size = write(tmp_path / "file", {"version": 1}, ARRAYS)
    head, arrays = read(tmp_path / "file")

    assert head == {"version": 1}
    assert size == (tmp_path / "file").stat().st_size
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)


def test_arrays_cannot_be_written_to(tmp_path: Path) -> None:
    """They are the mapped file, which other processes read."""
    write(tmp_path / "file", {}, ARRAYS)
    with pytest.raises(ValueError, match="read-only"):
        read(tmp_path / "file")[1]["numbers"][0] = 1


def test_a_reader_keeps_what_it_read(tmp_path: Path) -> None:
    """Even if the file is replaced meanwhile."""
    write(tmp_path / "file", {}, ARRAYS)
    _, arrays = read(tmp_path / "file")
    write(tmp_path / "file", {}, {"numbers": np.zeros(1000, np.int64)})

    assert np.array_equal(arrays["numbers"], ARRAYS["numbers"])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else in its folder."""

    def refuse(*_: object) -> None:
        raise OSError("full")

    write(tmp_path / "file", {}, ARRAYS)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", refuse)
        with pytest.raises(OSError, match="full"):
            write(tmp_path / "file", {}, {})

    assert read(tmp_path / "file")[1].keys() == ARRAYS.keys()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@given(position=st.integers(0, 100_000), value=st.integers(1, 255))
def test_a_changed_byte_is_noticed(
    content: bytes, tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    """Wherever it is; the gaps between arrays are checked as well."""
    damaged = bytearray(content)
    damaged[position % len(content)] ^= value
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="file"):
        read(path)


@given(size=st.integers(0, 100_000))
def test_a_truncated_file_is_an_error(
    content: bytes, tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    """A full disk or a power cut leaves such files."""
    path = tmp_path_factory.mktemp("cut") / "file"
    path.write_bytes(content[: size % len(content)])
    with pytest.raises(ValueError):  # noqa: PT011 - for an empty file, the message is the system's
        read(path)


def test_another_file_is_an_error(tmp_path: Path) -> None:
    """Whatever is there under that name."""
    (tmp_path / "file").write_bytes(b"SQLite format 3\0" * 100)
    with pytest.raises(ValueError, match="not a file of arrays"):
        read(tmp_path / "file")
    with pytest.raises(OSError, match="No such file"):
        read(tmp_path / "missing")

"""What is put into a store is found by everybody who shares it, and anything damaged is missing."""

import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties import examples

from repomap.store import pack_store
from repomap.store.pack import make_pack, read_table, sound_entries
from repomap.store.pack_store import PackStore
from repomap.store.place import Place, without_secrets

KEYS = [bytes([number]) * 15 + b"\0" for number in range(40)]
"""With a zero at the end, which numpy's texts lose."""
ENTRIES = [(key, key[:1] * (10 + number)) for number, key in enumerate(KEYS)]


@pytest.fixture(params=["folder", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A folder, and what is not a folder to fsspec."""
    if request.param == "folder":
        yield str(tmp_path / "shared" / "tags")
        return
    yield "memory://tags"
    fsspec.filesystem("memory").store.clear()


def store(url: str, tmp_path: Path) -> PackStore:
    return PackStore(Place(url), tmp_path / "tables")


def filled(url: str, tmp_path: Path, parts: int = 1) -> None:
    for part in range(parts):
        writer = store(url, tmp_path)
        writer.put_many(ENTRIES[part::parts])
        writer.flush()


@pytest.mark.parametrize(
    ("url", "is_local"), [("tags", True), ("memory://tags", False), ("filecache::memory://t", False)]
)
def test_a_folder_is_told_from_what_only_sounds_like_one(url: str, is_local: bool) -> None:
    """Else a pack for a bucket behind fsspec's `filecache` would be written to the disk at the bucket's path."""
    assert Place(url).is_local is is_local


def test_others_find_what_was_put(url: str, tmp_path: Path) -> None:
    """All of it, or some; what is not there is missing."""
    filled(url, tmp_path, parts=3)

    assert store(url, tmp_path).get_many([*KEYS, b"?" * 16]) == dict(ENTRIES)
    assert store(url, tmp_path).get_many(KEYS[7:9]) == dict(ENTRIES[7:9])
    assert store(url, tmp_path).get_many([]) == {}


def test_an_empty_store_has_nothing(url: str, tmp_path: Path) -> None:
    """And no trouble: it is made when something is kept."""
    empty = store(url, tmp_path)
    assert empty.get_many(KEYS) == {}
    assert empty.take_warnings() == []


def test_nothing_is_kept_twice(url: str, tmp_path: Path) -> None:
    """What the store or this run has is left out."""
    filled(url, tmp_path)
    again = store(url, tmp_path)
    again.put_many(ENTRIES)
    again.put_many([(b"n" * 16, b"new"), (b"n" * 16, b"new")])
    again.flush()
    again.put_many([(b"n" * 16, b"new")])
    again.flush()

    assert len(again.place.sizes()) == 2
    assert store(url, tmp_path).get_many([b"n" * 16]) == {b"n" * 16: b"new"}


def test_what_others_keep_meanwhile_is_found_later(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long run lists again."""
    reader = store(url, tmp_path)
    assert reader.get_many(KEYS) == {}
    filled(url, tmp_path)
    assert reader.get_many(KEYS) == {}
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + pack_store.RELOAD_S + 1)
    assert reader.get_many(KEYS) == dict(ENTRIES)


@pytest.mark.parametrize("limit", ["PACK_BYTES", "PACK_ENTRIES"])
def test_a_full_pack_is_written_at_once(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """A run that is killed loses little."""
    monkeypatch.setattr(pack_store, limit, 10)
    writer = store(url, tmp_path)
    for entry in ENTRIES:
        writer.put_many([entry])

    assert len(writer.place.sizes()) > 2


def test_many_small_packs_become_one(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, and a damaged pack goes."""
    filled(url, tmp_path, parts=7)
    monkeypatch.setattr(pack_store, "MANY_SMALL", 5)
    place = Place(url)
    name = min(place.sizes())
    place.write(name, b"damaged")

    store(url, tmp_path).flush()

    assert len(place.sizes()) == 1
    found = store(url, tmp_path).get_many(KEYS)
    assert found.items() <= dict(ENTRIES).items()
    assert len(found) >= 34


def test_a_pack_that_cannot_be_read_now_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network may be back tomorrow."""
    url = str(tmp_path / "tags")
    filled(url, tmp_path, parts=7)
    monkeypatch.setattr(pack_store, "MANY_SMALL", 5)
    writer = store(url, tmp_path)
    read = writer.place.read_ranges
    monkeypatch.setattr(writer.place, "read_ranges", lambda ranges: [None, *read(ranges[1:])])

    writer.flush()

    assert len(writer.place.sizes()) == 2
    assert store(url, tmp_path).get_many(KEYS) == dict(ENTRIES)


def test_distant_entries_are_read_apart_and_near_ones_together(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request costs as much as reading a hundred kilobytes more."""
    monkeypatch.setattr(pack_store, "GAP_BYTES", 100)
    filled(url, tmp_path)
    reader = store(url, tmp_path)
    reader.get_many([b"?" * 16])
    asked: list[int] = []
    read = reader.place.read_ranges
    monkeypatch.setattr(reader.place, "read_ranges", lambda ranges: asked.append(len(ranges)) or read(ranges))

    assert len(reader.get_many([KEYS[0], KEYS[1], KEYS[3], KEYS[30]])) == 4
    assert asked == [2]


@settings(examples(25))
@given(position=st.integers(0, 2500), flipped=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_pack_gives_what_is_sound(position: int, flipped: int, cut: bool) -> None:
    """Never a byte that was not put, wherever it is damaged."""
    name, data = make_pack(ENTRIES)
    position %= len(data)
    damaged = (
        data[:position] if cut else data[:position] + bytes([data[position] ^ flipped]) + data[position + 1 :]
    )
    try:
        found = dict(sound_entries(damaged, name))
    except ValueError:
        return
    assert found.items() <= dict(ENTRIES).items()
    assert len(found) >= (0 if cut else len(ENTRIES) - 1)


def test_a_damaged_pack_in_a_store_is_missing(url: str, tmp_path: Path) -> None:
    """Entries beside the damage are found; a pack under another's name is not."""
    filled(url, tmp_path)
    place = Place(url)
    ((name, size),) = place.sizes().items()
    (data,) = place.read_ranges([(name, 0, size)])
    assert data is not None
    place.write(name, data[:-1] + b"!")
    assert store(url, tmp_path).get_many(KEYS) == dict(ENTRIES[:-1])

    place.write(name, make_pack([(KEYS[0], b"another")])[1])
    (tmp_path / "tables" / name).unlink(missing_ok=True)
    assert store(url, tmp_path).get_many(KEYS) == {}


@pytest.mark.parametrize(
    "data", [b"", b"trigpoint pack 1", b"x" * 60, b"trigpoint pack 1\xff\xff\xff\xff" + b"x" * 60]
)
def test_what_is_not_a_pack_is_refused(data: bytes) -> None:
    """Whatever it announces, no more memory is taken than it has bytes."""
    with pytest.raises(ValueError, match=r"pack|early"):
        read_table(data)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    """They are neither read nor removed."""
    url = str(tmp_path / "tags")
    filled(url, tmp_path)
    (tmp_path / "tags" / "README.md").write_text("ours", "utf-8")
    (tmp_path / "tags" / ("0" * 32 + "-99999999.pack")).write_bytes(b"")
    assert store(url, tmp_path).get_many(KEYS) == dict(ENTRIES)


@pytest.mark.parametrize("url", ["nonsense://x/y", "/dev/null/tags"])
def test_a_store_that_cannot_be_reached_is_said_once(url: str, tmp_path: Path) -> None:
    """Then it is left alone."""
    broken = store(url, tmp_path)
    broken.put_many(ENTRIES)
    broken.flush()
    assert broken.get_many(KEYS) == {}
    (warning,) = broken.take_warnings()
    assert url in warning
    assert broken.take_warnings() == []


def test_secrets_of_a_url_are_not_said(tmp_path: Path) -> None:
    """Neither in the URL nor in what its backend says."""
    assert without_secrets("s3://id:p%40ss@host/x?sig=abc def") == "s3://***@host/x?*** def"
    place = Place("nonsense://user:hunter2hunter2@host/x?signature=abcdef")
    said = place.say(
        ValueError("hunter2hunter2 at nonsense://user:hunter2hunter2@host/x?signature=abcdef is \x1b[1mbad")
    )
    assert "hunter2" not in said
    assert "abcdef" not in said
    assert "\x1b" not in said
    assert "hunter2" not in "".join(_warnings(PackStore(place, tmp_path)))


def _warnings(store: PackStore) -> list[str]:
    store.get_many(KEYS)
    return store.take_warnings()

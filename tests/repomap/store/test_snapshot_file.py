"""A snapshot is used if it is the one that was meant, and says why it is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repomap.errors import NotWritten
from repomap.store.place import Place
from repomap.store.snapshot import FetchedSnapshot, SnapshotWriter, WrittenSnapshot

ENTRIES = [(bytes([number]) * 16, b"entry %d" % number) for number in range(9)]
KEYS = [key for key, _ in ENTRIES]


def written(url: str, entries: list[tuple[bytes, bytes]] = ENTRIES) -> WrittenSnapshot:
    writer = SnapshotWriter(url)
    writer.put_many(entries[:4])
    writer.put_many(entries[3:])
    return writer.write()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "main.pack")


def test_a_snapshot_gives_what_was_put(url: str) -> None:
    """By the digest beside it, or by one that was given in capitals."""
    snapshot = written(url)
    assert (snapshot.url, snapshot.entries, snapshot.size) == (url, 9, Path(url).stat().st_size)
    assert FetchedSnapshot(url).get_many([*KEYS[2:4], b"?" * 16]) == dict(ENTRIES[2:4])
    Path(f"{url}.sha256").unlink()
    assert FetchedSnapshot(url, snapshot.sha256.upper()).get_many(KEYS) == dict(ENTRIES)


def test_the_same_entries_give_the_same_bytes(url: str, tmp_path: Path) -> None:
    """In whatever order they came."""
    other = written(str(tmp_path / "other.pack"), ENTRIES[::-1])
    assert other.sha256 == written(url).sha256


@pytest.mark.parametrize(
    "damage", ["byte", "cut", "gone", "no digest", "no hex", "another digest", "not a pack"]
)
def test_a_snapshot_with_anything_wrong_is_not_used(url: str, damage: str) -> None:
    """Whole, with one warning that names it."""
    written(url)
    file, beside, digest = Path(url), Path(f"{url}.sha256"), ""
    data = file.read_bytes()
    if damage == "byte":
        file.write_bytes(data[:-1] + b"!")
    elif damage == "cut":
        file.write_bytes(data[:-1])
    elif damage == "gone":
        file.unlink()
    elif damage == "no digest":
        beside.unlink()
    elif damage == "no hex":
        beside.write_text("main.pack", "utf-8")
    elif damage == "another digest":
        digest = "0" * 64
    else:
        file.write_bytes(b"")
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    snapshot = FetchedSnapshot(url, digest)

    assert snapshot.get_many(KEYS) == {}
    (warning,) = snapshot.take_warnings()
    assert url in warning
    assert snapshot.get_many(KEYS) == {}
    assert snapshot.take_warnings() == []


def test_of_the_digest_beside_a_snapshot_only_the_beginning_is_read(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever serves it may send without end."""
    digest = written(url).sha256
    blocks = Place.blocks

    def endless(place: Place, name: str) -> Iterator[bytes]:
        if not name.endswith(".sha256"):
            yield from blocks(place, name)
            return
        yield f"{digest}\n".encode()
        raise AssertionError("more was asked for")

    monkeypatch.setattr(Place, "blocks", endless)
    snapshot = FetchedSnapshot(url)

    assert snapshot.get_many(KEYS) == dict(ENTRIES)
    assert snapshot.take_warnings() == []


def test_a_snapshot_that_cannot_be_written_is_an_error() -> None:
    """Without the secrets of its URL."""
    with pytest.raises(NotWritten, match=r"nonsense://\*\*\*@host/x\.pack cannot be written") as raised:
        written("nonsense://user:hunter2@host/x.pack?sig=abcdef")
    assert "abcdef" not in str(raised.value)

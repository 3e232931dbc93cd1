"""What a session keeps of the files that it changes."""

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import ChatError
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.own_changes import OwnChange
from chat.snapshots.store import FileState

states = st.none() | st.builds(
    FileState, st.binary(max_size=50), st.sampled_from(("file", "link")), st.booleans()
)
changes = st.lists(st.builds(OwnChange, st.text(min_size=1), states, states), max_size=4)
ONE = (
    OwnChange("a.txt", FileState(b"old\n\0"), None),
    OwnChange("b/c.txt", None, FileState(b"", "file", True)),
)


@given(writes=st.lists(changes, max_size=3))
def test_what_is_kept_comes_back(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[OwnChange]]
) -> None:
    """To the bit, in order, on disk as in memory, also for the next process of the session."""
    folder = tmp_path_factory.mktemp("kept")
    for kept, reader in ((both := KeptChanges(), both), (KeptChanges(folder), KeptChanges(folder))):
        names = [kept.keep(write) for write in writes]
        assert reader.read(names) == tuple(change for write in writes for change in write)


def test_another_process_goes_on_counting(tmp_path: Path) -> None:
    """A record is never written over."""
    assert [KeptChanges(tmp_path).keep(ONE), KeptChanges(tmp_path).keep(())] == ["0001", "0002"]
    assert KeptChanges(tmp_path).read(["0001"]) == ONE


def test_the_newest_records_outlive_the_end_of_a_chat(tmp_path: Path) -> None:
    """And half a record of a killed process does not."""
    kept = KeptChanges(tmp_path)
    names = [kept.keep(ONE) for _ in range(3)]
    (tmp_path / ".0004.1-2.new").write_text("half")

    kept.prune(2)

    assert sorted(path.name for path in tmp_path.iterdir()) == names[1:]
    assert KeptChanges(tmp_path).read(names[1:]) == ONE * 2


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_record_that_is_damaged_or_gone_is_an_error(tmp_path: Path, damage: bytes | None) -> None:
    """Nothing is guessed of what a file held."""
    kept = KeptChanges(tmp_path)
    (tmp_path / kept.keep(ONE)).write_bytes(damage or b"")
    if damage is None:
        (tmp_path / "0001").unlink()

    with pytest.raises(ChatError, match="0001"):
        kept.read(["0001"])
    with pytest.raises(ChatError):
        kept.read(["../0001"])


@pytest.mark.skipif(sys.platform == "win32", reason="modes that Windows has not")
def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """It holds what the files hold."""
    kept = KeptChanges(tmp_path / "kept")
    kept.keep(ONE)

    assert stat.S_IMODE(os.stat(tmp_path / "kept").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "kept/0001").st_mode) == 0o600


def test_where_nothing_can_be_kept_nothing_is_written(tmp_path: Path) -> None:
    """The error comes before the write, and says what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ChatError, match="nothing was written"):
        KeptChanges(tmp_path / "file").keep(ONE)

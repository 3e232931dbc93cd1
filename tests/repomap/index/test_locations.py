"""The folders of the caches: this user's own, or none."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repomap.index.locations import own_folder
from repomap.index.snapshot import Snapshots
from repomap.index.tags_cache import TagsCache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


def mode(path: Path) -> int:
    """The permissions of a file or folder."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder of the user's that others may read."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    for name in ("0.index", "cache.db"):
        (folder / name).write_text("not ours", encoding="utf-8")
    return folder


def test_a_missing_folder_is_made_for_its_user_alone(tmp_path: Path) -> None:
    """With the folders around it."""
    own_folder(tmp_path / "trigpoint/tags")

    assert mode(tmp_path / "trigpoint/tags") == 0o700


def test_an_own_folder_is_closed_to_others(shared: Path) -> None:
    """Older versions may have left it open."""
    own_folder(shared)

    assert mode(shared) == 0o700


@pytest.mark.parametrize("create", [True, False])
def test_a_link_is_refused_and_its_target_keeps_its_mode(shared: Path, tmp_path: Path, create: bool) -> None:
    """Root may own the target, be it /tmp."""
    link = tmp_path / "tags"
    link.symlink_to(shared)

    with pytest.raises(PermissionError, match="is a link"):
        own_folder(link, create=create)

    assert mode(shared) == 0o755


@pytest.mark.parametrize(
    "use",
    [
        lambda folder: TagsCache(folder).put_many([(b"key", b"row")]),
        lambda folder: TagsCache(folder).clear(),
        lambda folder: TagsCache(folder).info(),
        lambda folder: Snapshots(folder).load(folder, ""),
        lambda folder: Snapshots(folder).clear(),
        lambda folder: Snapshots(folder).size(),
    ],
)
def test_no_use_of_a_cache_goes_through_a_link(
    use: Callable[[Path], object], shared: Path, tmp_path: Path
) -> None:
    """Nothing is written, removed or given another mode behind it."""
    link = tmp_path / "cache"
    link.symlink_to(shared)

    use(link)

    assert (mode(shared), sorted(os.listdir(shared))) == (0o755, ["0.index", "cache.db"])

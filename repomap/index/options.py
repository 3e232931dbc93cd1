"""How a folder is read into an index, and the outcome of a refresh, as values."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from repomap.model import RepoPath

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from repomap.store.port import TagsStore

FEW_FILES = 32
"""Up to this many are parsed sooner than a store answers."""
IN_FLIGHT = 64
"""How many batches an executor is given at once unless told: at most 64 MB, and enough for 30 processes."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How a repository is read."""

    jobs: int | None = None
    """Parse workers; None means one for each usable core."""
    _: KW_ONLY
    cache: bool = True
    """Whether the user's cache folder is read and written."""
    history: bool = True
    """Whether recent commits count."""
    submodules: bool = False
    """Whether submodules are entered."""
    snapshot: bool = True
    """Whether the whole index is saved, besides the parsed files."""
    may_show: Callable[[RepoPath], bool] = lambda path: True  # noqa: ARG005
    """Whether lookups may show lines of a file; it stays in the map all the same."""
    executor: "Executor | None" = None
    """Parses instead of processes of this one, perhaps on other machines; who made it closes it."""
    in_flight: int = IN_FLIGHT
    """How many batches of files the executor is given at once, at most 1 MB each: twice its processes or more."""
    stores: "Sequence[TagsStore]" = ()
    """What others have parsed: asked for contents that the user's cache does not know, the first one first."""
    few_files: int = FEW_FILES
    """No store is asked for so few."""
    kept_in: "Sequence[TagsStore]" = ()
    """Stores that get the tags of every file that is read; who made them flushes them."""
    rebuild: bool = False
    """Whether the saved index is ignored, so that each file is looked up by its content; a new one is saved."""
    watch: bool | None = None
    """Whether refreshes after the first ask the system which files were touched, if it reports all of them
    (Linux, local file systems, git). None means only in folders so large that checking each file takes longer."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The outcome of a refresh, in numbers of files."""

    files: int
    parsed: int
    """Files with new content."""
    cached: int
    """Files whose content the cache knew."""
    unchanged: int
    """Files that were not opened, because their stat data had not changed."""
    warnings: tuple[str, ...]
    shared: int = 0
    """Files whose content a store knew, and the cache did not."""

"""The files of a first refresh as they arrive, for questions that cannot wait for its end."""

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from repomap.model import FileTags, RepoPath
from repomap.ranking.index_data import IndexData, build_index_data

if TYPE_CHECKING:
    from repomap.parsing.tags_codec import EncodedTags

RENEW_S = 2.0
"""How long the index of what has arrived is used before another one is built, which delays the refresh."""


class ArrivingFiles:
    """The tags of the files that have been read; one thread adds, any number of threads ask."""

    def __init__(self, paths: Sequence[RepoPath]) -> None:
        """Begin with all paths of the listing and no tags."""
        self._paths = paths
        self._tags: dict[RepoPath, FileTags | EncodedTags] = {}
        self._lock = threading.Lock()
        self._built: tuple[float, IndexData] | None = None

    def add(self, path: RepoPath, tags: "FileTags | EncodedTags") -> None:
        """Take the tags of a file."""
        self._tags[path] = tags

    def index_data(self) -> IndexData:
        """Build the index of all files, of which those not yet read have a path and nothing else.

        What was built less than `RENEW_S` seconds ago is returned again.
        """
        with self._lock:
            if self._built is None or time.monotonic() - self._built[0] > RENEW_S:
                data = self._build()
                self._built = (time.monotonic(), data)
            return self._built[1]

    def _build(self) -> IndexData:
        from repomap.corpus.build import CorpusBuilder

        builder, arrived, unread = CorpusBuilder(), self._tags.copy(), FileTags("", 0)
        for path in self._paths:
            builder.add(path, arrived.get(path, unread))
        return build_index_data(builder.build(), ())

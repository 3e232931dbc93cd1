"""A folder, again and again → its listing: made anew, or renewed where the system tells what was touched.

An index that stays open lists its folder before each question. `list_files` asks git for every name and the
system for every file; of a large folder that takes longer than all the rest.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from repomap.errors import GitFailed
from repomap.files.listing import FileListing, list_files

if TYPE_CHECKING:
    from repomap.files.live_listing import Live

MANY_FILES = 1_000
"""In smaller folders a look at each file costs little more than the question what was touched."""

_FIRST_REST, _LONGEST_REST = 1, 64


class Lister:
    """Lists one folder, and remembers what it listed. Not safe for use by several threads at once."""

    def __init__(self, root: Path, *, submodules: bool = False, watch: bool | None = None) -> None:
        """``watch``: whether to, from the second listing on; None: where there are `MANY_FILES`."""
        self._root = root
        self._submodules = submodules
        self._wanted = watch
        self._last: FileListing | None = None
        self._live: Live | None = None
        self._extra: frozenset[bytes] = frozenset()
        self._rest, self._next_rest = 0, _FIRST_REST
        """How many listings pass before the next watch begins, and after how many if that one serves none."""

    def files(self, now: FileListing | None = None) -> FileListing:
        """What `list_files` says; ``now`` is what it has just said. Raises as it does."""
        listing = now
        if self._last and self._last.root != Path(os.path.abspath(self._root)):
            self.close()  # a relative path, and the process has changed its folder
            self._last = None
        if self._live and listing is None:
            from repomap.files.live_listing import Unclear

            try:
                listing = self._live.files()
                self._next_rest = _FIRST_REST
            except Unclear:
                self._pause()
        self._last = self._full() if listing is None else listing
        return self._last

    def close(self) -> None:
        """End the watch, if there is one; a later listing may begin another."""
        if self._live:
            self._live.close()
            self._live = None

    def _full(self) -> FileListing:
        if self._live is None and self._rest:
            self._rest -= 1
        elif self._live is None and self._last:
            self._begin(self._last)
        before = self._live.signatures() if self._live else ()
        listing = list_files(self._root, submodules=self._submodules)
        if self._live and not self._live.take(listing, before):
            self._pause()
        return listing

    def _pause(self) -> None:
        """Does without a watch for some listings, for more of them each time in a row."""
        self.close()
        self._rest, self._next_rest = self._next_rest, min(2 * self._next_rest, _LONGEST_REST)

    def _begin(self, last: FileListing) -> None:
        """Begins to watch, where that is wanted and the listing is one that can be kept up to date."""
        wanted = len(last) >= MANY_FILES if self._wanted is None else self._wanted
        if not wanted or self._submodules or last.git is None or last.warnings:
            return
        from repomap.files.live_listing import Live
        from repomap.files.watch import Unwatchable, can_watch

        try:
            if can_watch(os.fsencode(last.root), len(last.folders)):
                self._live = Live.begin(last, last.git, self._extra)
                self._extra = self._live.extra
        except (Unwatchable, GitFailed, OSError):
            self._pause()

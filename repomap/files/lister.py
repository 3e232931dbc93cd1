"""Lists one folder again and again, from scratch or by updating the last listing.

An index that stays open lists its folder before each question. `list_files` asks git for every
name and the system for every file, which in a large folder takes longer than everything else. So
large folders are watched, and only what was touched is listed again.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from repomap.errors import GitFailed
from repomap.files.listing import FileListing, list_files

if TYPE_CHECKING:
    from repomap.files.live_listing import LiveListing

MIN_WATCHED_FILES = 1_000
"""In smaller folders, a full listing costs little more than asking what was touched."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1, 64


class Lister:
    """Lists one folder and remembers the last listing. Not safe for use by several threads at once."""

    def __init__(self, root: Path, *, submodules: bool = False, watch: bool | None = None) -> None:
        """``watch``: whether to watch from the second listing on; None decides by `MIN_WATCHED_FILES`."""
        self._root = root
        self._submodules = submodules
        self._watch = watch
        self._last: FileListing | None = None
        self._live: LiveListing | None = None
        self._extra: frozenset[bytes] = frozenset()
        self._pause_listings, self._next_pause = 0, _FIRST_PAUSE
        """How many listings to make before the next watch, and before the one after if that one fails."""

    def files(self) -> FileListing:
        """Return what `list_files` returns. Raises the same errors."""
        listing: FileListing | None = None
        if self._last and self._last.root != Path(os.path.abspath(self._root)):
            self.close()  # the path is relative, and the process has changed its folder
            self._last = None
        if self._live:
            from repomap.files.live_listing import NeedsFullListing

            try:
                listing = self._live.files()
                self._next_pause = _FIRST_PAUSE
            except NeedsFullListing:
                self._pause_watching()
        self._last = self._list_all() if listing is None else listing
        return self._last

    def close(self) -> None:
        """End the watch, if there is one; a later listing may start another."""
        if self._live:
            self._live.close()
            self._live = None

    def _list_all(self) -> FileListing:
        if self._live is None and self._pause_listings:
            self._pause_listings -= 1
        elif self._live is None and self._last:
            self._start_watching(self._last)
        signatures = self._live.signatures() if self._live else ()
        listing = list_files(self._root, submodules=self._submodules)
        if self._live and not self._live.take(listing, signatures):
            self._pause_watching()
        return listing

    def _pause_watching(self) -> None:
        """Do without a watch for some listings, twice as many each time in a row."""
        self.close()
        self._pause_listings = self._next_pause
        self._next_pause = min(2 * self._next_pause, _LONGEST_PAUSE)

    def _start_watching(self, last: FileListing) -> None:
        """Start a watch if it is wanted and the listing can be kept up to date."""
        wanted = len(last) >= MIN_WATCHED_FILES if self._watch is None else self._watch
        if not wanted or self._submodules or last.git is None or last.warnings:
            return
        from repomap.files.live_listing import LiveListing
        from repomap.files.watch import Unwatchable, can_watch

        try:
            if can_watch(os.fsencode(last.root), len(last.folders)):
                self._live = LiveListing.start(last, last.git, self._extra)
                self._extra = self._live.extra
        except (Unwatchable, GitFailed, OSError):
            self._pause_watching()

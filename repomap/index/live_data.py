"""The index data of one folder, brought up to date by what changed in it.

A refresh lists the files, parses those whose content no cache knows, and updates the arrays. The first one begins
with the snapshot that an earlier run saved.
"""

import copy
import functools
import gc
import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repomap.errors import GitFailed
from repomap.files.collector import EntryKind
from repomap.files.git import Git
from repomap.files.lister import Lister
from repomap.files.listing import FileListing
from repomap.index.arriving import ArrivingFiles
from repomap.index.locations import index_settings
from repomap.index.options import IndexOptions, Refreshed
from repomap.index.reader import KnownFiles, OnTags, ReadResult, TagsReader, poison_warning
from repomap.index.snapshot import SavedIndex, Snapshots
from repomap.model import FileTags, Progress, ReadFile, RepoPath
from repomap.ranking.index_data import Commits, IndexData, build_index_data, updated_index_data
from repomap.safety.regular_file import read_if_regular

if TYPE_CHECKING:
    from repomap.index.sources import TagsSources
    from repomap.index.tags_cache import TagsCache
    from repomap.parsing.tags_codec import EncodedTags
    from repomap.workers.pool import FileParser

LARGEST_SETTINGS_BYTES = 1_000_000
"""Of a configuration file that says what imports mean; a larger one is ignored."""

MANY_USES = 5_000_000
"""An index with more uses of words is saved only when many files have changed, not for a few."""
SAVED_SHARE = 64
"""It is saved when more than one file in this many has changed."""


class LiveData:
    """Index data that a refresh replaces and never changes. Not thread-safe."""

    def __init__(self, root: Path, options: IndexOptions) -> None:
        """Open nothing yet: the first question does so with a refresh."""
        self.root = root
        self.options = options
        self._lister = Lister(root, submodules=self.options.submodules, watch=self.options.watch)
        self._known = KnownFiles()
        self._data: IndexData | None = None
        self._log: tuple[str | None, Commits] = (None, ())
        """HEAD and the commits behind it, as they were last read."""
        self._workers: FileParser | None = None
        self._unsaved = 0
        """How many files the snapshot on disk does not have in their present state."""
        self._arriving: ArrivingFiles | None = None
        """What the first refresh has read so far, while it runs without a snapshot."""
        self.blind: frozenset[RepoPath] = frozenset()
        """Links to files that are not listed."""

    def close(self) -> None:
        """Save what is unsaved, and end the workers and the watch. It can be used again."""
        if self._unsaved and self._is_small():
            self._save()
        self._lister.close()
        if self._workers:
            self._workers.close()

    @property
    def data(self) -> IndexData:
        """What all questions are answered from, as of the last refresh."""
        while self._data is None:
            self.refresh()
        return self._data

    def as_it_is(self) -> "LiveData":
        """Return what is known now, for one thread while another one refreshes this."""
        view = copy.copy(self)
        view._workers = None
        return view

    def partly(self) -> "LiveData | None":
        """Return what is known before the first refresh has ended, which may lack most; None if that is nothing.

        Any thread may call this while another one refreshes.
        """
        arriving, view = self._arriving, self.as_it_is()
        if view._data is None and arriving is not None:
            view._data = arriving.index_data()
        return None if view._data is None else view

    def refresh(self, on_progress: Progress | None = None) -> Refreshed:
        """Bring the index up to date with the folder.

        Raises NotMappable if there is nothing to map, GitFailed if git refuses for a reason that the
        user can fix, WorkersFailed if nothing can be parsed.
        """
        first = self._data is None
        with self._parse_workers(keep=not first) as workers, _no_garbage_collection(first):
            started_ns = time.time_ns()
            listing = self._lister.files()
            warnings = [*listing.warnings, *(self._load() if first else ())]
            prepare = functools.partial(self._prepare, listing, warnings)
            result = self._read(listing, started_ns, on_progress, workers, prepare)
        self._known = result.known
        self.blind = _blind_links(listing)
        self._update_history(listing, warnings)
        if self._unsaved and (self._unsaved > len(listing) // SAVED_SHARE or (first and self._is_small())):
            self._save()
        warnings += self._workers.take_warnings() if self._workers else ()
        return Refreshed(
            len(listing),
            result.parsed,
            result.cached,
            result.unchanged,
            (*warnings, *result.warnings),
            result.shared,
        )

    def _is_small(self) -> bool:
        """Return whether saving costs less than parsing a few files again."""
        return self._data is not None and len(self._data.corpus.inverted_index) < MANY_USES

    def _load(self) -> list[str]:
        """Start from the snapshot of an earlier run; return the warnings that still hold."""
        may_load = self._uses_snapshots and not self.options.rebuild
        saved = Snapshots().load(self.root, self._settings_key) if may_load else None
        if saved is None:
            return []
        self._known = KnownFiles(
            paths=saved.index_data.corpus.paths,
            stat=saved.stat,
            digest=saved.digest,
            failure=saved.failure,
            listed_ns=saved.listed_ns,
        )
        self._log = (saved.commit, saved.index_data.commits)
        self._data = saved.index_data
        return [poison_warning(path, reason, is_new=False) for path, reason in self._known.failures()]

    def _save(self) -> None:
        if self._uses_snapshots and self._data is not None:
            known, (commit, commits) = self._known, self._log
            index_data = self._data
            if index_data.commits is not commits:  # `replace` would lose the cached properties
                index_data = index_data.with_commits(commits)
            saved = SavedIndex(
                index_data=index_data,
                stat=known.stat,
                digest=known.digest,
                failure=known.failure,
                listed_ns=known.listed_ns,
                commit=commit,
            )
            Snapshots().save(self.root, self._settings_key, saved)
        self._unsaved = 0

    @property
    def _uses_snapshots(self) -> bool:
        return self.options.cache and self.options.snapshot

    @property
    def _settings_key(self) -> str:
        return index_settings(submodules=self.options.submodules)

    def _read(
        self,
        listing: FileListing,
        started_ns: int,
        on_progress: Progress | None,
        workers: "Callable[[], FileParser]",
        meanwhile: Callable[[], None],
    ) -> ReadResult:
        """Read the new and changed files, and build or update the index data."""
        builder, changes = None, dict[RepoPath, "FileTags | EncodedTags"]()
        if self._data is None:
            from repomap.corpus.build import CorpusBuilder  # late: a warm start does without it

            builder = CorpusBuilder()
            self._arriving = ArrivingFiles(listing.paths)
        on_tags = (
            _both(builder.add, self._arriving.add) if builder and self._arriving else changes.__setitem__
        )
        on_parsed = (lambda done, total: on_progress("parsing", done, total)) if on_progress else None
        reader = TagsReader(listing, self._known, started_ns, on_tags)
        result = reader.result
        if reader.waiting:
            from repomap.index.tags_cache import TagsCache

            cache = TagsCache() if self.options.cache else None
            with cache or nullcontext():
                sources = _sources(cache, self.options)
                result = reader.read(workers(), sources, on_parsed, meanwhile)
        if builder is not None:
            self._data = build_index_data(builder.build(), (), self._settings_reader(result.known.paths))
            self._arriving = None
            self._unsaved = len(listing)
        elif changes or result.known.paths is not self._known.paths:
            self._update(result.known.paths, changes)
        self._unsaved += result.checked
        return result

    def _update(
        self, paths: tuple[RepoPath, ...], changes: "Mapping[RepoPath, FileTags | EncodedTags]"
    ) -> None:
        """Bring the index data up to these paths, some of whose files have changed."""
        from repomap.corpus.update import update_corpus

        before = self.data
        change = update_corpus(before.corpus, paths, changes)
        self._data = updated_index_data(before, change, before.commits, self._settings_reader(paths))
        self._unsaved += len(changes) + int(np.count_nonzero(change.became < 0))

    def _prepare(self, listing: FileListing, warnings: list[str]) -> None:
        """Use the time while files are parsed: read the history, import the modules needed next."""
        self._update_history(listing, warnings)
        if self._data is None:
            import repomap.graph.imports.resolve
        else:
            import repomap.graph.update  # noqa: F401

    @contextmanager
    def _parse_workers(self, *, keep: bool) -> "Iterator[Callable[[], FileParser]]":
        """Provide parse workers, started when they are asked for.

        Those of the first refresh end with it; later ones are kept for the next refresh.
        """

        def workers() -> "FileParser":
            if self._workers is None:
                self._workers = _file_parser(self.options)
                weakref.finalize(self, self._workers.close)
            return self._workers

        try:
            yield workers
        finally:
            if self._workers and not keep:
                self._workers.close()

    def _update_history(self, listing: FileListing, warnings: list[str]) -> None:
        """Put the recent commits into the index data; they are read again if HEAD has moved."""
        if self.options.history and listing.git is not None and listing.commit is not None:
            if self._log[0] != listing.commit:
                self._log = (listing.commit, self._commits(listing.git, warnings))
                self._unsaved += 1
            commits = self._log[1]
        else:
            commits = ()
        if self._data is not None and commits is not self._data.commits:
            self._data = self._data.with_commits(commits)

    def _commits(self, git: Git, warnings: list[str]) -> Commits:
        from repomap.files.history import read_history

        try:
            commits = read_history(git)
        except GitFailed as error:
            warnings.append(f"The history was not read: {error}")
            return ()
        return tuple((commit.subject, commit.paths) for commit in commits)

    def _settings_reader(self, paths: tuple[RepoPath, ...]) -> ReadFile:
        """Make a function that reads the repository's small configuration files."""

        @functools.cache
        def listed() -> frozenset[RepoPath]:
            return frozenset(paths)

        def read(path: RepoPath) -> bytes | None:
            return read_if_regular(self.root / path, LARGEST_SETTINGS_BYTES) if path in listed() else None

        return read


def _sources(cache: "TagsCache | None", options: IndexOptions) -> "TagsSources":
    from repomap.index.sources import TagsSources

    return TagsSources(cache, options.stores, options.kept_in, options.few_files)


def _file_parser(options: IndexOptions) -> "FileParser":
    from repomap.workers.pool import Workers

    workers = Workers(options.jobs)
    if options.executor is None:
        return workers
    from repomap.workers.by_executor import ExecutorWorkers

    return ExecutorWorkers(options.executor, workers, options.in_flight)


def _both(first: OnTags, second: OnTags) -> OnTags:
    """Make a function that passes the tags of a file on to two others."""

    def on_tags(path: RepoPath, tags: "FileTags | EncodedTags") -> None:
        first(path, tags)
        second(path, tags)

    return on_tags


@contextmanager
def _no_garbage_collection(is_first_refresh: bool) -> Iterator[None]:
    """Pause the garbage collector while a whole index is built.

    Hundreds of thousands of objects without cycles would trigger dozens of collections, each of which
    visits all of them and frees nothing.
    """
    pause = is_first_refresh and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def _blind_links(listing: FileListing) -> frozenset[RepoPath]:
    """Return the links to files that are not listed, such as one that git ignores."""
    links = [listing.paths[row] for row in (listing.kinds == EntryKind.LINK).nonzero()[0].tolist()]
    if not links:
        return frozenset()
    listed, real_root = frozenset(listing.paths), os.path.realpath(listing.root)
    targets = {
        path: os.path.relpath(os.path.realpath(os.path.join(listing.root, path)), real_root) for path in links
    }
    return frozenset(path for path, target in targets.items() if target.replace(os.sep, "/") not in listed)

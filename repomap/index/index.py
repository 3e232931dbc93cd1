"""A repository kept open: its files, symbols and graph, refreshed by what changed.

`Index` is what the command, the chat and the servers share. A refresh lists the files, parses
those whose content no cache has seen, and makes the arrays anew; between refreshes every question
is answered from memory.
"""

import functools
import gc
import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repomap.corpus.build import CorpusBuilder
from repomap.errors import BadRequest, GitFailed
from repomap.files.collector import encode_path
from repomap.files.git import Git
from repomap.files.lister import Lister
from repomap.files.listing import FileListing
from repomap.index.locations import index_settings
from repomap.index.reader import Known, Parser, Reader, Reading, poison_warning
from repomap.index.snapshot import Snapshots, State
from repomap.mapping.make import make_map, whole_ranking
from repomap.mapping.tokens import count_tokens
from repomap.model import (
    DEFAULT_TOKENS,
    LEAST_TOKENS,
    CountTokens,
    FileTags,
    Focus,
    ReadFile,
    RepoMap,
    RepoPath,
    ShownFile,
)
from repomap.ranking.index_data import Commits, IndexData, build_index_data, updated_index_data
from repomap.safety.regular_file import read_if_regular

if TYPE_CHECKING:
    from repomap.index.head_start import HeadStart
    from repomap.lookup.answers import Answer, Excerpt, Hit, Symbol, Use
    from repomap.parsing.tags_codec import EncodedTags
    from repomap.workers.pool import Workers

LARGEST_SETTINGS_BYTES = 1_000_000
LARGEST_LOOKUP_BYTES = 4_000_000
LOOKUP_TOKENS = 2048

MANY_USES = 5_000_000
"""From so many uses of words on, a snapshot is written when many files have changed, not for a few."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How a repository is read."""

    jobs: int | None = None
    """Parse workers; None: one for each core that may be used."""
    cache: bool = True
    """Whether anything is kept in the user's cache folder."""
    history: bool = True
    """Whether recent commits count."""
    submodules: bool = False
    """Whether submodules are entered."""
    snapshot: bool = True
    """Whether the index as a whole is kept, beside the parsed files."""
    watch: bool | None = None
    """Whether the system is asked which files were touched, from the second refresh on, where it tells all of
    them (Linux, local file systems, git); None: in folders so large that looking at each takes longer."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found."""

    files: int
    parsed: int
    """Files whose content was new."""
    cached: int
    """Files that a cache knew by their content."""
    unchanged: int
    """Files that were not opened, since their stat data had not changed."""
    warnings: tuple[str, ...]


class Index:
    """The map of one folder, across calls. Not safe for use by several threads at once."""

    def __init__(
        self, root: Path, options: IndexOptions | None = None, early: "HeadStart | None" = None
    ) -> None:
        """Opens nothing yet; `refresh` does, and every question refreshes once.

        ``early`` is what was begun of the first refresh, in the same folder with the same options.
        """
        self.root = root
        self.options = options or IndexOptions()
        self._lister = Lister(root, submodules=self.options.submodules, watch=self.options.watch)
        self._known = Known()
        self._data: IndexData | None = None
        self._log: tuple[str | None, Commits] = (None, ())
        """HEAD and the commits behind it, when they were last read."""
        self._early = early
        self._workers: Workers | None = None
        self._unsaved = 0
        """Files that the snapshot on disk does not know as they are."""

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Save what is not saved yet, and end what waits for changes: workers, a watch. It can be used again."""
        if self._unsaved and self._is_small():
            self._save()
        self._lister.close()
        if self._early:
            self._early.close()
            self._early = None
        if self._workers:
            self._workers.close()

    @property
    def data(self) -> IndexData:
        """All that questions are answered from, as of the last refresh."""
        while self._data is None:
            self.refresh()
        return self._data

    def refresh(self, on_progress: Progress | None = None) -> Refreshed:
        """Brings the index up to date with the folder.

        Raises NotMappable where there is nothing to map, GitFailed where git refuses for a reason
        that the user can mend, WorkersFailed where nothing can be parsed.
        """
        first = self._data is None
        early, self._early = self._early, None
        with self._parser(early, lasting=not first) as workers, _no_collection(first):
            listed = early.listing() if early else None
            started_ns = early.started_ns if early and listed else time.time_ns()
            listing = self._lister.files(listed)
            warnings = [*listing.warnings, *(self._load() if first else ())]
            prepare = functools.partial(self._prepare, listing, warnings)
            found = self._read(listing, started_ns, on_progress, workers, prepare)
        self._known = found.known
        self._take_history(listing, warnings)
        if self._unsaved and (self._unsaved > len(listing) // 64 or (first and self._is_small())):
            self._save()
        return Refreshed(
            len(listing), found.parsed, found.cached, found.unchanged, (*warnings, *found.warnings)
        )

    def _is_small(self) -> bool:
        """Whether writing a snapshot costs less than finding out again what a few files hold."""
        return self._data is not None and len(self._data.corpus.inverted_index) < MANY_USES

    def _load(self) -> list[str]:
        """Begins with what the last process knew; returns what it warned of."""
        state = Snapshots().load(self.root, self._settings_key) if self._keeps_snapshots else None
        if state is None:
            return []
        corpus = state.index_data.corpus
        self._known = Known(corpus.paths, state.stat, state.digest, state.failure, state.listed_ns)
        self._log = (state.commit, state.index_data.commits)
        self._data = state.index_data
        return [poison_warning(path, reason, again=False) for path, reason in self._known.failures()]

    def _save(self) -> None:
        if self._keeps_snapshots and self._data is not None:
            known, (commit, commits) = self._known, self._log
            index_data = self._data
            if index_data.commits is not commits:  # a new one would forget what it has worked out
                index_data = replace(index_data, commits=commits)
            state = State(index_data, known.stat, known.digest, known.failure, known.listed_ns, commit)
            Snapshots().save(self.root, self._settings_key, state)
        self._unsaved = 0

    @property
    def _keeps_snapshots(self) -> bool:
        return self.options.cache and self.options.snapshot

    @property
    def _settings_key(self) -> str:
        return index_settings(submodules=self.options.submodules)

    def _read(
        self,
        listing: FileListing,
        started_ns: int,
        on_progress: Progress | None,
        workers: Callable[[], Parser],
        meanwhile: Callable[[], None],
    ) -> Reading:
        """Looks at the files, and makes the index data of what they hold."""
        builder = CorpusBuilder()
        changes: dict[RepoPath, FileTags | EncodedTags] = {}
        on_tags = builder.add if self._data is None else changes.__setitem__
        shown = (lambda now, of: on_progress("parsing", now, of)) if on_progress else None
        reader = Reader(listing, self._known, started_ns, on_tags)
        found = reader.found
        if reader.waiting:
            from repomap.index.tags_cache import TagsCache

            cache = TagsCache() if self.options.cache else None
            with cache or nullcontext():
                found = reader.read(workers(), cache, shown, meanwhile)
        read = self._settings(found.known.paths)
        if self._data is None:
            self._data = build_index_data(builder.build(), (), read)
            self._unsaved = len(listing)
        elif changes or found.known.paths is not self._known.paths:
            from repomap.corpus.update import update_corpus

            change = update_corpus(self._data.corpus, found.known.paths, changes)
            self._data = updated_index_data(self._data, change, self._data.commits, read)
            self._unsaved += len(changes) + int(np.count_nonzero(change.became < 0))
        self._unsaved += found.checked
        return found

    def _prepare(self, listing: FileListing, warnings: list[str]) -> None:
        """Does what can be done before the files are parsed: reads the history, imports what comes next."""
        self._take_history(listing, warnings)
        if self._data is None:
            import repomap.graph.imports.resolve
        else:
            import repomap.graph.update  # noqa: F401

    @contextmanager
    def _parser(self, first: Parser | None, *, lasting: bool) -> "Iterator[Callable[[], Parser]]":
        """Gives parse workers: lasting ones wait for the next refresh, those of the first end with it."""

        def workers() -> Parser:
            nonlocal first
            from repomap.workers.pool import Workers

            if not lasting:
                first = first or Workers(self.options.jobs)
                return first
            if self._workers is None:
                self._workers = Workers(self.options.jobs)
                weakref.finalize(self, self._workers.close)
            return self._workers

        try:
            yield workers
        finally:
            if first:
                first.close()

    def map(
        self, focus: Focus | None = None, tokens: int = DEFAULT_TOKENS, count: CountTokens = count_tokens
    ) -> RepoMap:
        """The map for a focus, of at most ``tokens`` tokens as ``count`` counts its text.

        Raises BadRequest for a budget below 16, in which no path fits.
        """
        if tokens < LEAST_TOKENS:
            raise BadRequest(f"a budget of {tokens} tokens holds no path; give at least {LEAST_TOKENS}")
        return make_map(self.data, focus or Focus(), tokens, count)

    def ranking(self, focus: Focus | None = None) -> tuple[ShownFile, ...]:
        """Every file with all its definitions, best first."""
        return whole_ranking(self.data, focus or Focus())

    def why(self, target: str, focus: Focus | None = None) -> str:
        """Why `PATH` or `PATH:NAME` stands where it does. Raises NotInRepository."""
        from repomap.mapping.explain import explain

        return explain(self.data, focus or Focus(), target)

    # Lookups: each answers within a budget and raises BadRequest for one below 16. What they need is
    # imported by the first, since most runs make a map and nothing else.

    def find(
        self, pattern: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens, within: str = ""
    ) -> "Answer[Hit]":
        """The lines that hold a text or match `/a regular expression/`; ``within`` a folder or `*.py`."""
        from repomap.lookup.search import find

        return find(self.data, pattern, self._reader(), tokens, count, within=within)

    def symbol(
        self, name: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens
    ) -> "Answer[Symbol]":
        """The definitions of a name, best first. Raises NotInRepository."""
        from repomap.lookup.symbols import symbol

        return symbol(self.data, name, tokens, count)

    def references(
        self, name: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens
    ) -> "Answer[Use]":
        """Where the code uses a name. Raises NotInRepository."""
        from repomap.lookup.references import references

        return references(self.data, name, self._reader(), tokens, count)

    def outline(
        self, path: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens
    ) -> "Answer[Symbol]":
        """The definitions of a file, in the order of the source. Raises NotInRepository."""
        from repomap.lookup.symbols import outline

        return outline(self.data, path, tokens, count)

    def source(
        self,
        target: str,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        *,
        numbered: bool = True,
    ) -> "Answer[Excerpt]":
        """The text of `PATH`, `PATH:FROM-TO`, `PATH:NAME` or a symbol. Raises NotInRepository."""
        from repomap.lookup.symbols import source

        return source(self.data, target, self._reader(), tokens, count, numbered=numbered)

    def _reader(self) -> "ReadFile":
        """Reads files of the index: below no folder that is a link by now, and no link itself."""
        root = os.path.realpath(self.root)
        listed = frozenset(self.data.corpus.paths)

        @functools.cache
        def is_real(folder: str) -> bool:
            return os.path.normcase(os.path.realpath(folder)) == os.path.normcase(folder)

        def read(path: RepoPath) -> bytes | None:
            folder = os.path.normpath(os.path.join(root, path.rpartition("/")[0]))
            if path not in listed or not is_real(folder):
                return None
            return read_if_regular(os.fsencode(root) + b"/" + encode_path(path), LARGEST_LOOKUP_BYTES)

        return read

    def _take_history(self, listing: FileListing, warnings: list[str]) -> None:
        """Puts the recent commits into the index data, read anew where HEAD has moved."""
        if self.options.history and listing.git is not None and listing.commit is not None:
            if self._log[0] != listing.commit:
                self._log = (listing.commit, self._commits(listing.git, warnings))
                self._unsaved += 1
            commits = self._log[1]
        else:
            commits = ()
        if self._data is not None and commits is not self._data.commits:
            self._data = replace(self._data, commits=commits)

    def _commits(self, git: Git, warnings: list[str]) -> Commits:
        from repomap.files.history import read_history

        try:
            commits = read_history(git)
        except GitFailed as error:
            warnings.append(f"no history: {error}")
            return ()
        return tuple((commit.subject, commit.paths) for commit in commits)

    def _settings(self, listed: tuple[RepoPath, ...]) -> Callable[[RepoPath], bytes | None]:
        """Gives the bytes of a small configuration file of the repository, or None."""

        @functools.cache
        def known() -> frozenset[RepoPath]:
            return frozenset(listed)

        def read(path: RepoPath) -> bytes | None:
            return read_if_regular(self.root / path, LARGEST_SETTINGS_BYTES) if path in known() else None

        return read


@contextmanager
def _no_collection(there_is_much: bool) -> Iterator[None]:
    """Has no garbage collected meanwhile, where a whole index is made.

    That makes hundreds of thousands of objects, no cycles, and so dozens of collections that look
    at all of them and find nothing.
    """
    on = there_is_much and gc.isenabled()
    if on:
        gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def build_map(root: Path, focus: Focus | None = None, tokens: int = DEFAULT_TOKENS) -> RepoMap:
    """The map of a folder, read once; `Index` for more than one question.

    Raises as `Index.refresh` and `Index.map` do.
    """
    return Index(root).map(focus, tokens)

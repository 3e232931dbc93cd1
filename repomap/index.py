"""A repository kept open: its files, symbols and graph, refreshed by what changed.

`Index` is what the command, the chat and the servers share. A refresh lists the files, parses
those whose content no cache has seen, and makes the arrays anew; between refreshes every question
is answered from memory.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from repomap.cache import Poisoned, TagsCache, tags_key
from repomap.corpus import build_corpus
from repomap.errors import BadRequest, GitFailed
from repomap.evidence import Library
from repomap.files import EntryKind, FileListing, list_files
from repomap.frames import DIGEST_BYTES
from repomap.history import read_history
from repomap.languages import sniff
from repomap.library import Commits, make_library
from repomap.mapping import make_map, whole_ranking
from repomap.model import FileTags, Focus, RepoMap, RepoPath, ShownFile
from repomap.render import printable
from repomap.tokens import count_tokens
from repomap.why import explain
from repomap.workers import Parsed, Task, parse_files

DEFAULT_TOKENS = 1024
LEAST_TOKENS = 16
LARGEST_SETTINGS_BYTES = 1_000_000
LARGEST_SOURCE_BYTES = 1_000_000

CountTokens = Callable[[str], int]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How a repository is read."""

    jobs: int | None = None
    """Parse workers; None: one for each core that may be used."""
    cache: bool = True
    """Whether parsed files are kept in the user's cache folder."""
    history: bool = True
    """Whether recent commits count."""
    submodules: bool = False
    """Whether submodules are entered."""


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


@dataclass(slots=True)
class _Known:
    """One file as the last refresh left it."""

    stat: tuple[int, int, int, int]
    tags: FileTags


@dataclass(slots=True)
class _Work:
    """What one refresh still has to find out."""

    listing: FileListing
    keep: dict[RepoPath, _Known] = field(default_factory=dict)
    read: list[int] = field(default_factory=list)
    """Rows of the listing whose content must be looked at."""
    warnings: list[str] = field(default_factory=list)


class Index:
    """The map of one folder, across calls. Not safe for use by several threads at once."""

    def __init__(self, root: Path, options: IndexOptions | None = None) -> None:
        """Opens nothing yet; `refresh` does, and every question refreshes once."""
        self.root = root
        self.options = options or IndexOptions()
        self._known: dict[RepoPath, _Known] = {}
        self._library: Library | None = None
        self._commits: tuple[str | None, Commits] = (None, ())

    @property
    def library(self) -> Library:
        """All that questions are answered from, as of the last refresh."""
        while self._library is None:
            self.refresh()
        return self._library

    def refresh(self, on_progress: Progress | None = None) -> Refreshed:
        """Brings the index up to date with the folder.

        Raises NotMappable where there is nothing to map, GitFailed where git refuses for a reason
        that the user can mend, WorkersFailed where nothing can be parsed.
        """
        listing = list_files(self.root, submodules=self.options.submodules)
        work = _Work(listing, warnings=list(listing.warnings))
        self._sort_out(work)
        unchanged = len(work.keep)
        cache = TagsCache() if self.options.cache else None
        cached = self._from_cache(work, cache) if cache else 0
        parsed = self._parse(work, cache, on_progress)
        same = self._library is not None and unchanged == len(listing) == len(self._known)
        self._known = {path: work.keep[path] for path in listing.paths}
        commits = self._history(listing, work.warnings)
        if not same or commits is not self._commits[1]:
            self._commits = (listing.commit, commits)
            corpus = build_corpus([(path, known.tags) for path, known in self._known.items()])
            self._library = make_library(corpus, commits, self._settings)
        return Refreshed(len(listing), parsed, cached, unchanged, tuple(work.warnings))

    def map(
        self, focus: Focus | None = None, tokens: int = DEFAULT_TOKENS, count: CountTokens = count_tokens
    ) -> RepoMap:
        """The map for a focus, of at most ``tokens`` tokens as ``count`` counts its text.

        Raises BadRequest for a budget below 16, in which no path fits.
        """
        if tokens < LEAST_TOKENS:
            raise BadRequest(f"a budget of {tokens} tokens holds no path; give at least {LEAST_TOKENS}")
        return make_map(self.library, focus or Focus(), tokens, count)

    def ranking(self, focus: Focus | None = None) -> tuple[ShownFile, ...]:
        """Every file with all its definitions, best first."""
        return whole_ranking(self.library, focus or Focus())

    def why(self, target: str, focus: Focus | None = None) -> str:
        """Why `PATH` or `PATH:NAME` stands where it does. Raises NotInRepository."""
        return explain(self.library, focus or Focus(), target)

    def _sort_out(self, work: _Work) -> None:
        """Keeps what has not changed by its stat data, and notes the rows to read."""
        listing = work.listing
        columns = zip(
            listing.size.tolist(),
            listing.mtime_ns.tolist(),
            listing.ctime_ns.tolist(),
            listing.inode.tolist(),
            strict=True,
        )
        for row, (path, kind, status) in enumerate(
            zip(listing.paths, listing.kinds.tolist(), columns, strict=True)
        ):
            known = self._known.get(path)
            if known is not None and known.stat == status:
                work.keep[path] = known
            elif kind != EntryKind.FILE:
                work.keep[path] = _Known(status, FileTags("", 0, "link"))
            else:
                work.read.append(row)

    def _from_cache(self, work: _Work, cache: TagsCache) -> int:
        """Takes from the cache what it knows by content; the rest stays to be read."""
        if not cache.exists():
            return 0
        keys: dict[bytes, list[int]] = {}
        for row in work.read:
            key = self._key(work.listing, row)
            if key is not None:
                keys.setdefault(key, []).append(row)
        found = cache.get_many(list(keys))
        for key, tags in found.items():
            for row in keys[key]:
                path = work.listing.paths[row]
                if isinstance(tags, Poisoned):
                    work.warnings.append(_poison_warning(path, tags.reason, again=False))
                kept = FileTags("", 0, "failed") if isinstance(tags, Poisoned) else tags
                work.keep[path] = _Known(_stat_of(work.listing, row), kept)
        before = len(work.read)
        work.read = [row for row in work.read if work.listing.paths[row] not in work.keep]
        return before - len(work.read)

    def _key(self, listing: FileListing, row: int) -> bytes | None:
        data = read_regular(listing.locate(row), LARGEST_SOURCE_BYTES)
        if data is None:
            return None
        language = sniff(listing.paths[row], data)
        digest = hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()
        return tags_key(digest, language.name if language else "")

    def _parse(self, work: _Work, cache: TagsCache | None, on_progress: Progress | None) -> int:
        rows = {work.listing.paths[row]: row for row in work.read}
        if not rows:
            return 0
        done: list[Parsed] = []
        tasks = [Task(path, int(work.listing.size[row])) for path, row in rows.items()]
        shown = (lambda now, of: on_progress("parsing", now, of)) if on_progress else None
        try:
            failed = parse_files(
                self.root, tasks, on_result=done.append, on_progress=shown, jobs=self.options.jobs
            )
        finally:
            if cache:
                cache.put_many(map(_row_of, (parsed for parsed in done if parsed.facts.digest)))
        work.warnings += [_poison_warning(one.path, str(one.failure), again=True) for one in failed]
        for parsed in done:
            work.keep[parsed.path] = _Known(_stat_of(work.listing, rows[parsed.path]), parsed.tags())
        return len(done)

    def _history(self, listing: FileListing, warnings: list[str]) -> Commits:
        """The recent commits; those of the last refresh where HEAD has not moved."""
        if not self.options.history or listing.git is None or listing.commit is None:
            return ()
        if self._commits[0] == listing.commit:
            return self._commits[1]
        try:
            history = read_history(listing.git)
        except GitFailed as error:
            warnings.append(f"no history: {error}")
            return ()
        return tuple((commit.subject, commit.paths) for commit in history.commits)

    def _settings(self, path: RepoPath) -> bytes | None:
        """The bytes of a small configuration file of the repository, or None."""
        if path not in self._known:
            return None
        return read_regular(self.root / path, LARGEST_SETTINGS_BYTES)


def build_map(root: Path, focus: Focus | None = None, tokens: int = DEFAULT_TOKENS) -> RepoMap:
    """The map of a folder, read once; `Index` for more than one question.

    Raises as `Index.refresh` and `Index.map` do.
    """
    return Index(root).map(focus, tokens)


def read_regular(path: Path | bytes, largest: int) -> bytes | None:
    """The bytes of a regular file of at most ``largest`` bytes; None for anything else. Follows no link."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        number = os.open(path, flags)
    except (OSError, ValueError):
        return None
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > largest:
            return None
        try:
            data: bytes = file.read(largest + 1)
            return data
        except OSError:
            return None


def _row_of(parsed: Parsed) -> tuple[bytes, bytes | Poisoned]:
    """What the cache keeps of a parsed file."""
    key = tags_key(parsed.facts.digest, parsed.facts.language)
    return key, Poisoned(parsed.failure) if parsed.failure else parsed.data


def _stat_of(listing: FileListing, row: int) -> tuple[int, int, int, int]:
    columns = (listing.size, listing.mtime_ns, listing.ctime_ns, listing.inode)
    size, mtime_ns, ctime_ns, inode = (int(column[row]) for column in columns)
    return size, mtime_ns, ctime_ns, inode


def _poison_warning(path: RepoPath, reason: str, *, again: bool) -> str:
    tail = "it is listed without symbols, and not tried again until it changes"
    return f"{printable(path)}: parsing {reason}{'' if again else ' before'}; {tail}"

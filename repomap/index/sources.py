"""Where the tags of a content are looked up before it is parsed: the user's cache, then stores that others share."""

from collections.abc import Sequence

from repomap.index.entries import CacheEntry, Poisoned, read_entries, write_entry
from repomap.index.locations import user_folder
from repomap.index.tags_cache import TagsCache
from repomap.store.port import TagsStore

BYTES_PER_WRITE = 500_000
"""Parsed files are put into the cache whenever this much has come in."""
FILES_PER_LOOKUP = 512
"""How many files the cache is asked for at a time."""
FILES_PER_SHARED_LOOKUP = 16_384
"""How many where a store is asked: each time costs a few round trips, and memory for all that is found."""


class TagsSources:
    """Asks the nearest first; what one has, those before it get. Nothing that goes wrong is more than a miss."""

    def __init__(
        self,
        cache: TagsCache | None,
        stores: Sequence[TagsStore] = (),
        kept_in: Sequence[TagsStore] = (),
        few_files: int = 0,
    ) -> None:
        """``kept_in`` are the stores that get whatever is found or parsed.

        For at most ``few_files`` no store is asked.
        """
        self._cache = cache
        self._stores = stores
        self._kept_in = kept_in
        self._few_files = few_files
        self._unwritten: list[tuple[bytes, bytes | Poisoned]] = []
        self._unwritten_bytes = 0
        self.shared: set[bytes] = set()
        """The keys that a store had and the cache had not."""

    @property
    def files_per_lookup(self) -> int:
        """How many files to look up at a time."""
        return FILES_PER_SHARED_LOOKUP if self.is_shared else FILES_PER_LOOKUP

    @property
    def is_shared(self) -> bool:
        """Whether others are to find what is parsed here, or have parsed it."""
        return bool(self._stores or self._kept_in)

    def exist(self) -> bool:
        """Return whether anything may be found, so that it is worth reading the files for their keys."""
        return self.is_shared or (self._cache is not None and self._cache.exists())

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, CacheEntry]:
        """Return the entries of these keys, without those that are missing or unreadable."""
        rows = self._cache.get_rows(keys) if self._cache else {}
        entries = read_entries(rows)
        self._keep({key: rows[key] for key in entries})
        for store in self._stores:
            missing = [key for key in keys if key not in entries]
            if len(missing) > self._few_files:
                entries |= self._from_store(store, missing)
        return entries

    def _from_store(self, store: TagsStore, keys: Sequence[bytes]) -> dict[bytes, CacheEntry]:
        rows = store.get_many(keys) if keys else {}
        entries = read_entries(rows)
        self.shared |= entries.keys()
        sound = {key: rows[key] for key in entries}
        if self._cache and sound:
            self._cache.put_many(sound.items())
        self._keep(sound)
        return entries

    def put(self, key: bytes, entry: bytes | Poisoned) -> None:
        """Take what was parsed, encoded; it is written when enough has come in, or by `write`."""
        self._unwritten.append((key, entry))
        self._unwritten_bytes += len(entry) if isinstance(entry, bytes) else 0
        if self._unwritten_bytes > BYTES_PER_WRITE:
            self.write()

    def write(self) -> None:
        """Write what was taken."""
        rows, self._unwritten, self._unwritten_bytes = self._unwritten, [], 0
        if self._cache:
            self._cache.put_many(rows)
        self._keep({key: write_entry(entry) for key, entry in rows})

    def take_warnings(self) -> list[str]:
        """Return what went wrong with any of the stores since this was last called."""
        stores = dict.fromkeys((*self._stores, *self._kept_in))
        return [warning for store in stores for warning in store.take_warnings()]

    def _keep(self, rows: dict[bytes, bytes]) -> None:
        for store in self._kept_in if rows else ():
            store.put_many(list(rows.items()))


def open_store(url: str) -> TagsStore:
    """Return the store behind a URL of fsspec or in a folder. Nothing is reached before it is asked."""
    from hashlib import blake2b

    from repomap.store.pack_store import PackStore
    from repomap.store.place import Place

    name = blake2b(url.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return PackStore(Place(url), user_folder("packs") / name)

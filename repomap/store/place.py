"""What is behind a URL, through fsspec: a folder, a bucket of S3, a server; with nothing secret in what it says.

Here alone is fsspec imported, and late: a run without a store does without it.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repomap.safety.printable import escaped
from repomap.safety.whole_file import whole_file

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

CONNECT_S, READ_S = 5, 30
"""How long a bucket may keep a run waiting before the run goes on without it."""
BLOCK_BYTES = 1 << 22
MAX_TEXT = 300

_SECRETS = re.compile(r"(?<=//)[^/@\s]+(?=@)|(?<=\?)[^\s'\"]+")
"""User and password, and the query, which may have a signature."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": CONNECT_S,
            "read_timeout": READ_S,
            "retries": {"max_attempts": 2},
        },
    }
}

Range = tuple[str, int, int]
"""The name of a file, where to begin, and where to end."""


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown.

    >>> without_secrets("s3://key:secret@bucket/tags?token=x")
    's3://***@bucket/tags?***'
    """
    return escaped(_SECRETS.sub("***", url))


class Place:
    """A folder behind a URL. Whatever fsspec and its backends raise comes through, as any Exception."""

    def __init__(self, url: str) -> None:
        """Reach nothing yet."""
        self.url = url.rstrip("/") or url
        self.shown = without_secrets(self.url)

    def say(self, error: Exception) -> str:
        """Describe an error, without what the URL keeps secret."""
        text = f"{type(error).__name__}: {error}"
        for secret in _SECRETS.findall(self.url):
            for part in (secret, *re.split(r"[:&=]", secret)):
                text = text.replace(part, "***") if len(part) > 3 else text
        return escaped(_SECRETS.sub("***", text)[:MAX_TEXT])

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine, or one that looks so."""
        protocol = self._files.protocol  # a text, or several
        return "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of each file in the folder, by name; nothing if there is no folder."""
        try:
            rows = self._files.ls(self._path, detail=True)
        except FileNotFoundError:
            return {}
        return {
            row["name"].rpartition("/")[2]: int(row["size"] or 0) for row in rows if row["type"] == "file"
        }

    def read_ranges(self, ranges: Sequence[Range]) -> list[bytes | None]:
        """Read parts of files, several at a time; None for each that cannot be read."""
        if not ranges:
            return []
        names, starts, ends = zip(*ranges, strict=True)
        paths = [self._join(name) for name in names]
        parts = self._files.cat_ranges(paths, list(starts), list(ends), on_error="return")
        return [part if isinstance(part, bytes) else None for part in parts]

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file from front to back."""
        with self._files.open(self._join(name), "rb", cache_type="none") as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    def write(self, name: str, data: bytes) -> None:
        """Write a file at once or not at all; others may read it if the folder lets them."""
        if not self.is_local:
            self._files.pipe_file(self._join(name), data)
            return
        folder = Path(self._path)
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / name, mode=0o666) as file:
            file.write(data)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._files.rm_file(self._join(name))

    def _join(self, name: str) -> str:
        return f"{self._path}/{name}"

    @property
    def _files(self) -> "AbstractFileSystem":
        return self._opened[0]

    @property
    def _path(self) -> str:
        return self._opened[1]

    @functools.cached_property
    def _opened(self) -> "tuple[AbstractFileSystem, str]":
        from fsspec.core import url_to_fs

        options = _OPTIONS.get(self.url.partition("://")[0], {})
        files, path = url_to_fs(self.url, use_listings_cache=False, skip_instance_cache=True, **options)
        return files, path.rstrip("/")

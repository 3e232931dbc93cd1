"""The command `trigpoint index`: repositories → saved indexes, a store that others share, and snapshots."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.executors import opened_executor
from repomap.commands.map import files_options, main, progress, say, write
from repomap.errors import ExitCode, RepoMapError
from repomap.index.options import IndexOptions, Refreshed
from repomap.safety.printable import printable

if TYPE_CHECKING:
    from repomap.store.port import TagsStore
    from repomap.store.snapshot import SnapshotWriter, WrittenSnapshot


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one repository."""

    repository: str
    seconds: float
    refreshed: Refreshed | None
    error: RepoMapError | None = None

    def line(self) -> str:
        """Return it as a line of text."""
        done = self.refreshed
        if done is None:
            return f"{printable(self.repository)}: not indexed\n"
        counts = (
            f"{done.files} files, {done.parsed} parsed, {done.cached} from the cache, {done.shared} shared"
        )
        return f"{printable(self.repository)}: {counts}, {done.unchanged} unchanged, {self.seconds:.2f} s\n"

    def as_object(self) -> dict[str, Any]:
        """Return it as `index.schema.json` describes it."""
        done = self.refreshed
        found: dict[str, Any] = {"repository": self.repository, "seconds": round(self.seconds, 3)}
        if done is None:
            return found | {"error": str(self.error)}
        counts = ("files", "parsed", "cached", "shared", "unchanged")
        return found | {name: getattr(done, name) for name in counts} | {"warnings": list(done.warnings)}


@dataclass(frozen=True, slots=True)
class Places:
    """Where entries come from besides the cache, and where they are kept."""

    stores: "tuple[TagsStore, ...]"
    kept_in: "tuple[TagsStore, ...]"
    writer: "SnapshotWriter | None"

    @classmethod
    def of(
        cls, store: str | None, snapshot_from: str | None, digest: str, snapshot_to: str | None
    ) -> "Places":
        """Open what the options name; nothing is reached yet."""
        from repomap.index.sources import open_store
        from repomap.store.snapshot import FetchedSnapshot, SnapshotWriter

        shared = (open_store(store),) if store else ()
        fetched = (FetchedSnapshot(snapshot_from, digest),) if snapshot_from else ()
        writer = SnapshotWriter(snapshot_to) if snapshot_to else None
        return cls((*fetched, *shared), (*shared, *((writer,) if writer else ())), writer)

    def finish(self) -> list[str]:
        """Write what the store holds back; return what went wrong."""
        for store in self.kept_in:
            store.flush()
        return [warning for store in self.kept_in for warning in store.take_warnings()]


@main.command("index")
@click.argument("repositories", metavar="[REPO]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--executor",
    metavar="URL",
    help="Parse on a dask cluster: dask://HOST:PORT or dask+tls://HOST:PORT. Its workers need this version of "
    "Trigpoint and neither the repositories nor the store.",
)
@click.option(
    "--snapshot-to",
    metavar="URL",
    help="Write the parsed files of all REPOs into this file, and its SHA-256 beside it.",
)
@click.option(
    "--snapshot-from", metavar="URL", help="Fetch this snapshot, and parse only what it does not have."
)
@click.option(
    "--snapshot-digest",
    metavar="SHA256",
    default="",
    help="The digest that the fetched snapshot must have [default: the one beside it].",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
@files_options
def index_command(
    repositories: tuple[Path, ...],
    executor: str | None,
    snapshot_to: str | None,
    snapshot_from: str | None,
    snapshot_digest: str,
    as_json: bool,
    store: str | None,
    **options: Any,
) -> int:
    """Index REPOs (by default the current folder), so that the first map of each is there at once.

    With --store, what others have parsed is not parsed again, and what is parsed is kept for them; other commands
    only look things up there. The maps are the same, whoever parsed.

    \b
      trigpoint index ~/src/*
      trigpoint index . --store s3://bucket/tags --executor dask://scheduler:8786
      trigpoint index . --snapshot-to s3://bucket/main.pack
      trigpoint index . --snapshot-from https://ci.example/main.pack --snapshot-digest 9f86d0…
    """
    if snapshot_digest and not snapshot_from:
        raise click.UsageError(
            "--snapshot-digest is that of a snapshot to fetch; name it with --snapshot-from."
        )
    places = Places.of(store, snapshot_from, snapshot_digest, snapshot_to)
    outcomes = _index_all(repositories or (Path(),), places, executor, as_json, options)
    codes = {outcome.error.exit_code for outcome in outcomes if outcome.error}
    # half a snapshot would be taken for a whole one
    snapshot = places.writer.write() if places.writer and not codes else None
    if as_json:
        write(json.dumps(_as_object(outcomes, snapshot), indent=1) + "\n")
    elif snapshot:
        write(
            f"{snapshot.url}: {snapshot.entries} contents, {snapshot.size} bytes\nsha256 {snapshot.sha256}\n"
        )
    return codes.pop() if len(codes) == 1 else ExitCode.FAILED if codes else ExitCode.DONE


def _index_all(
    repositories: Sequence[Path], places: Places, url: str | None, as_json: bool, options: dict[str, Any]
) -> list[Outcome]:
    """Index one repository after the other; what was parsed is kept, even if that is interrupted."""
    outcomes = []
    try:
        with opened_executor(url) as opened:
            for repository in repositories:
                index_options = IndexOptions(
                    options["jobs"],
                    cache=not options["no_cache"],
                    submodules=options["submodules"],
                    executor=opened.executor,
                    in_flight=opened.in_flight,
                    stores=places.stores,
                    kept_in=places.kept_in,
                    few_files=0,
                    rebuild=bool(places.kept_in),
                )
                outcomes.append(_index(repository, index_options))
                if not as_json:
                    write(outcomes[-1].line())
    finally:
        for warning in places.finish():
            say(f"warning: {warning}")
    return outcomes


def _index(repository: Path, options: IndexOptions) -> Outcome:
    """Index a repository; say why one cannot be indexed, so that the next one's turn comes."""
    from repomap.index.index import Index

    started = time.perf_counter()
    try:
        with Index(repository, options) as index, progress() as shown:
            refreshed = index.refresh(shown)
    except RepoMapError as error:
        say(f"error: {error}")
        return Outcome(str(repository), time.perf_counter() - started, None, error)
    for warning in refreshed.warnings:
        say(f"warning: {printable(str(repository))}: {warning}")
    return Outcome(str(repository), time.perf_counter() - started, refreshed)


def _as_object(outcomes: Sequence[Outcome], snapshot: "WrittenSnapshot | None") -> dict[str, Any]:
    found: dict[str, Any] = {"version": 1, "repositories": [outcome.as_object() for outcome in outcomes]}
    if snapshot is None:
        return found
    return found | {
        "snapshot": {
            "url": snapshot.url,
            "sha256": snapshot.sha256,
            "contents": snapshot.entries,
            "bytes": snapshot.size,
        }
    }

"""A faulty cache is a miss; its entries were parsed from the same content in the same way."""

import os
import pickle
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from properties import examples

from repomap.index.entries import Poisoned
from repomap.index.tags_cache import TagsCache
from repomap.model import FileTags
from repomap.parsing import tags_codec
from repomap.parsing.languages import BY_NAME
from repomap.parsing.parse import parse_source
from repomap.workers import parsing_version as version_module
from repomap.workers.child import Limits
from repomap.workers.dispatch import ParsedFile, Task
from repomap.workers.parsing_version import parsing_version, tags_key
from repomap.workers.pool import Workers

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX")
KEY, OTHER = b"k" * 16, b"o" * 16
TAGS = parse_source(b"def f():\n    return g()\n", BY_NAME["python"])
ROW = tags_codec.encode(TAGS)
ENCODED = tags_codec.to_encoded(TAGS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache with the tags of one file."""
    folder = tmp_path / "cache" / "tags"
    with TagsCache(folder) as cache:
        cache.put_many([(KEY, ROW)])
    return folder


def holds(folder: Path) -> bool:
    with TagsCache(folder) as cache:
        found = cache.get_many([KEY, OTHER])
    assert found in ({}, {KEY: ENCODED})
    return bool(found)


def works(folder: Path) -> bool:
    """Return whether a cache can be written and read again."""
    with TagsCache(folder) as cache:
        cache.put_many([(KEY, ROW)])
    return holds(folder)


def test_the_next_process_finds_what_was_stored(folder: Path) -> None:
    """Tags, and the reason why a content is not to be tried again."""
    with TagsCache(folder) as cache:
        cache.put_many([(OTHER, Poisoned("timed out"))])
    with TagsCache(folder) as cache:
        assert cache.get_many([KEY, OTHER, b"x" * 16]) == {KEY: ENCODED, OTHER: Poisoned("timed out")}


def test_nothing_is_opened_where_nothing_is_needed(tmp_path: Path) -> None:
    """No folder, no database, no import of diskcache."""
    cache = TagsCache(tmp_path / "none")
    assert cache.get_many([]) == {}
    assert cache.get_many([KEY]) == {}
    cache.put_many([])
    assert cache.info().entries == 0
    assert not (tmp_path / "none").exists()


def test_the_folder_is_the_users_own_in_the_cache_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XDG_CACHE_HOME if it applies; nobody else may read it."""
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert TagsCache().folder == tmp_path / "xdg" / "trigpoint" / "tags"
    cache = TagsCache()
    cache.put_many([(KEY, ROW)])
    assert cache.get_many([KEY]) == {KEY: ENCODED}
    if sys.platform != "win32":
        assert cache.folder.stat().st_mode & 0o777 == 0o700
    cache.close()


@POSIX
def test_another_users_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that somebody else wrote is used, and nothing is written there."""
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    cache = TagsCache(folder)
    assert cache.get_many([KEY]) == {}
    assert "another user" in cache.info().trouble


def test_keys_depend_on_content_language_and_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of a query, a grammar or our own code, nothing earlier is found."""
    keys = {tags_key(digest, language) for digest in (b"a", b"b") for language in ("python", "go", "", "vue")}
    assert len(keys) == 8
    before = tags_key(b"a", "python")
    for change, value in (("grammar_versions", "9"), ("query_text", "(module) @definition.module")):
        with monkeypatch.context() as patch:
            patch.setattr(version_module, change, lambda *_, value=value: value)
            version_module._code_version.cache_clear()
            parsing_version.cache_clear()
            assert tags_key(b"a", "python") != before
    version_module._code_version.cache_clear()
    parsing_version.cache_clear()
    assert tags_key(b"a", "python") == before


def test_keys_depend_on_all_code_that_a_worker_runs() -> None:
    """A forgotten module would leave stale tags behind when it changes."""
    code = "import sys; stub = type(sys)('repomap'); stub.__path__ = [sys.argv[1]]; sys.modules['repomap'] = stub;"
    code += "import repomap.workers.worker as worker; from repomap.parsing.languages import BY_NAME; "
    code += (
        "[worker.parse_source(b'}{ m! { fn f() {} }', BY_NAME[name]) for name in ('c', 'csharp', 'rust')]; "
    )
    code += "loaded = sorted(sys.modules.items()); "
    code += "print(*(n[8:].replace('.', '/') for n, m in loaded if n[:8] == 'repomap.' and not hasattr(m, '__path__')))"
    here = Path(version_module.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code, here], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == set(version_module._PARSING_MODULES)


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "schema", "folder"])
def test_a_broken_database_is_a_miss_and_is_rebuilt(folder: Path, damage: str) -> None:
    """Once; what is stored afterwards is found again."""
    database = folder / "cache.db"
    if damage == "garbage":
        database.write_bytes(b"not a database" * 500)
    elif damage == "cut":
        database.write_bytes(database.read_bytes()[:5000])
    elif damage == "empty":
        database.write_bytes(b"")
    elif damage == "schema":
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE Cache")
            connection.execute("CREATE TABLE Cache (something)")
        connection.close()
    else:
        database.unlink()
        database.mkdir()
    assert not holds(folder)
    assert works(folder) == (damage != "folder")


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_bytes_of_the_database_give_the_same_tags_or_a_miss(
    folder: Path, data: st.DataObject
) -> None:
    """With flipped bits or missing pages, nothing is raised and no wrong tags are returned."""
    database = folder / "cache.db"
    kept = database.read_bytes()
    changed = bytearray(kept)
    for _ in range(data.draw(st.integers(1, 20))):
        changed[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    try:
        database.write_bytes(changed[: data.draw(st.just(len(kept)) | st.integers(0, len(kept)))])
        holds(folder)
        assert works(folder)
    finally:
        for name in os.listdir(folder):
            (folder / name).unlink()
        database.write_bytes(kept)


class Canary:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("column", ["value", "key", "file", "settings"])
def test_a_hostile_row_runs_nothing_and_touches_no_file(folder: Path, column: str) -> None:
    """Pickles as value and key, a file name that leads out of the folder, settings that are not ours."""
    canary, victim = folder.parent / "canary", folder.parent / "victim"
    victim.write_text("precious")
    bomb = pickle.dumps(Canary(canary))
    with sqlite3.connect(folder / "cache.db") as connection:
        if column == "value":
            connection.execute("UPDATE Cache SET mode = 4, value = ?", (bomb,))
        elif column == "key":
            connection.execute("UPDATE Cache SET key = ?, raw = 0", (bomb,))
        elif column == "file":
            connection.execute("UPDATE Cache SET mode = 2, value = NULL, filename = '../victim'")
        else:
            connection.execute("INSERT INTO Settings VALUES ('disk_evil', 1)")
            connection.execute("UPDATE Settings SET value = 0 WHERE key = 'size_limit'")
    connection.close()

    assert not holds(folder)
    assert works(folder)
    with TagsCache(folder, size_limit=0) as cache:
        cache.put_many([(OTHER, ROW)])
    TagsCache(folder).clear()

    assert not canary.exists()
    assert victim.read_text() == "precious"


def test_invalid_rows_are_misses(folder: Path) -> None:
    """Bytes of another version or an unknown reason; other rows are still found."""
    with TagsCache(folder) as cache:
        cache.put_many([(OTHER, b"poison because"), (b"a" * 16, b""), (b"b" * 16, b"poison \xff")])
        assert cache.get_many([OTHER, KEY, b"a" * 16, b"b" * 16]) == {KEY: ENCODED}


def test_a_row_of_another_content_is_a_miss(folder: Path) -> None:
    """A damaged database may lead from a key to any row."""
    with sqlite3.connect(folder / "cache.db") as connection:
        connection.execute("UPDATE Cache SET key = ?", (OTHER,))
    connection.close()
    with TagsCache(folder) as cache:
        assert cache.get_many([OTHER]) == {}


def test_a_locked_database_is_a_miss_soon(folder: Path) -> None:
    """diskcache alone would try for a minute; a map does not wait for another process."""
    connection = sqlite3.connect(folder / "cache.db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    with TagsCache(folder) as cache:
        assert cache.get_many([KEY]) == {}
        cache.put_many([(OTHER, ROW)])
        assert "locked" in cache.info().trouble
    assert time.monotonic() - start < 20
    connection.execute("ROLLBACK")
    connection.close()
    assert holds(folder)


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_is_a_miss(folder: Path) -> None:
    """An unwritable home must not prevent a map."""
    (folder / "cache.db").chmod(0o400)
    folder.chmod(0o500)
    assert not holds(folder)
    folder.chmod(0o700)


def test_a_folder_that_cannot_be_made_is_a_miss(tmp_path: Path) -> None:
    """There is a file where the cache folder would be."""
    (tmp_path / "file").touch()
    assert not works(tmp_path / "file" / "tags")


def test_a_full_disk_is_a_miss(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was stored before is still there once there is room again."""
    from diskcache import Cache

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch, TagsCache(folder) as cache:
        patch.setattr(Cache, "set", full)
        cache.put_many([(OTHER, ROW)])
        assert "full" in cache.info().trouble
    assert holds(folder)


def test_the_oldest_entries_are_removed_first(tmp_path: Path) -> None:
    """The cache does not grow beyond its limit."""
    blob = os.urandom(20_000)
    with TagsCache(tmp_path / "tags", size_limit=400_000) as cache:
        for number in range(60):
            row = tags_codec.encode(FileTags("python", number, names=(), words=(blob.hex(),)))
            cache.put_many([(number.to_bytes(16, "big"), row)])
        assert cache.info().size < 600_000
        found = cache.get_many([number.to_bytes(16, "big") for number in range(60)])
    assert (59).to_bytes(16, "big") in found
    assert (0).to_bytes(16, "big") not in found


def test_clearing_removes_everything_even_what_is_broken(folder: Path) -> None:
    """`trigpoint cache clear` is the cure for a broken cache."""
    (folder / "cache.db").write_bytes(b"broken")
    with TagsCache(folder) as cache:
        cache.clear()
        assert cache.info().entries == 0
        assert list(folder.iterdir()) == []
    assert works(folder)


WRITE_MANY = """
import sys
from pathlib import Path
from repomap.index.tags_cache import TagsCache
folder, first, row = Path(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
with TagsCache(folder) as cache:
    for number in range(first, first + 50):
        cache.put_many([(number.to_bytes(16, "big"), row)])
"""


def test_processes_share_a_cache(tmp_path: Path) -> None:
    """Four at once, each with its own transactions; no error, and every entry is whole."""
    folder = tmp_path / "tags"
    with TagsCache(folder) as cache:
        cache.put_many([(KEY, ROW)])
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE_MANY, str(folder), str(100 * number), ROW.hex()])
        for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    with TagsCache(folder) as cache:
        found = cache.get_many([number.to_bytes(16, "big") for number in range(400)])
    assert len(found) >= 100
    assert {len(sheet.names) for sheet in found.values() if not isinstance(sheet, Poisoned)} == {1}


def test_a_poisonous_content_is_not_tried_twice(tmp_path: Path) -> None:
    """The second run finds the reason under the content's key and hands the file to no worker."""
    program = "from repomap.workers import worker; parse = worker.parse_source;"
    program += "worker.parse_source = lambda source, language: "
    program += "worker.os.abort() if b'bad' in source else parse(source, language); worker.main()"
    (tmp_path / "bad.py").write_text("bad = 1\n")
    results: list[ParsedFile] = []
    with Workers(1, Limits(cpu_s=5), program=program) as pool:
        failed = pool.parse(tmp_path, [Task("bad.py")], on_result=results.append)
    assert [(one.path, one.failure) for one in failed] == [("bad.py", "crashed")]
    facts = results[0].facts
    with TagsCache(tmp_path / "tags") as cache:
        cache.put_many([(tags_key(facts.digest, facts.language), Poisoned("crashed"))])
    with TagsCache(tmp_path / "tags") as cache:
        key = tags_key(facts.digest, "python")
        assert cache.get_many([key]) == {key: Poisoned("crashed")}

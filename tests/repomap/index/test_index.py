"""An index gives the same map however it came to read the repository."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repositories import SHOP, commit, git, make_repository, write_files
from texts import words

from repomap.errors import BadRequest, NotInRepository, NotMappable
from repomap.index.index import Index, build_map
from repomap.index.options import IndexOptions
from repomap.index.tags_cache import TagsCache
from repomap.model import Focus
from repomap.workers import pool as workers
from repomap.workers.child import Child, Limits

pytestmark = pytest.mark.usefixtures("lasting_workers")

ASKED = Focus("why does the session cookie expire")
COLD = IndexOptions(1, cache=False)
WARM = IndexOptions(1)
BAD = "from repomap.workers import worker; import os; parse = worker.parse_source;"
BAD += "worker.parse_source = lambda source, language: "
BAD += "os._exit(5) if b'POISON' in source else parse(source, language); worker.main()"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs of all workers that are started; each dies of a file with `POISON` in it."""
    programs: list[str] = []

    def start(program: str, limits: Limits) -> Child:
        programs.append(program)
        return Child(BAD, limits)

    monkeypatch.setattr(workers, "Child", start)
    return programs


def answers(index: Index) -> tuple[object, ...]:
    """The answers of an index, as bytes and as values."""
    maps = [index.map(focus, tokens, words) for focus in (Focus(), ASKED) for tokens in (20, 400)]
    return (*maps, index.ranking(ASKED), index.why("shop/main.py"))


def paths_of(index: Index) -> set[str]:
    return {file.path for file in index.ranking()}


def test_a_cold_and_a_warm_index_give_the_same_answers(repository: Path) -> None:
    """The cache returns what parsing found, and nothing is parsed twice."""
    cold = Index(repository, COLD)
    first, second = Index(repository, WARM), Index(repository, WARM)
    filled, warm = first.refresh(), second.refresh()

    assert (filled.parsed, filled.cached) == (len(SHOP), 0)
    assert (warm.parsed, warm.cached, warm.unchanged) == (0, 0, len(SHOP))
    assert answers(cold) == answers(first) == answers(second)


def test_without_the_cache_nothing_is_read_or_written(repository: Path) -> None:
    """An existing cache is left alone."""
    cache = Path(os.environ["XDG_CACHE_HOME"])
    assert Index(repository, COLD).refresh().parsed == len(SHOP)
    assert not list(cache.rglob("cache.db"))
    Index(repository, WARM).refresh()
    assert Index(repository, COLD).refresh().parsed == len(SHOP)


def test_catalogues_of_translations_are_listed_and_not_opened(repository: Path) -> None:
    """Their names are enough, in any case of letters; their content is not in a programming language."""
    write_files(repository, {"de/messages.po": 'msgid "yes"\nmsgstr "ja"\n', "messages.POT": "x", "po": "x"})
    index = Index(repository, COLD)

    assert index.refresh().parsed == len(SHOP) + 1
    skipped = dict(zip(index.data.corpus.paths, index.data.corpus.skipped, strict=True))
    assert {path for path in skipped if skipped[path] == "translation"} == {"de/messages.po", "messages.POT"}
    assert index.data.corpus.word_id("msgstr") is None


def test_a_second_refresh_opens_nothing(repository: Path) -> None:
    """If nothing has changed, stat data are enough."""
    index = Index(repository, COLD)
    index.refresh()
    before = index.data
    again = index.refresh()

    assert (again.parsed, again.cached, again.unchanged) == (0, 0, len(SHOP))
    assert index.data is before


def edit(root: Path) -> None:
    (root / "shop/session.py").write_text("class Visitor:\n    def leave(self):\n        return 1\n")


def edit_keeping_the_size(root: Path) -> None:
    text = (root / "shop/session.py").read_text()
    (root / "shop/session.py").write_text(text.replace("expire", "vanish"))


def touch(root: Path) -> None:
    os.utime(root / "shop/cart.py", ns=(1, 1))


def add(root: Path) -> None:
    write_files(root, {"shop/coupon.py": "def redeem(coupon):\n    return price(coupon)\n"})


def ignore(root: Path) -> None:
    write_files(root, {".gitignore": "*.log\n", "shop/x.log": "words\n"})


def delete(root: Path) -> None:
    (root / "shop/cart.py").unlink()


def rename(root: Path) -> None:
    (root / "shop/cart.py").rename(root / "shop/basket.py")


def swap(root: Path) -> None:
    (root / "shop/cart.py").rename(root / "x")
    (root / "shop/session.py").rename(root / "shop/cart.py")
    (root / "x").rename(root / "shop/session.py")


def become_text(root: Path) -> None:
    (root / "shop/cart.py").rename(root / "shop/cart.txt")


def commit_an_edit(root: Path) -> None:
    edit(root)
    commit(root, "Call sessions visitors")


def switch_branch(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "other")
    edit(root)
    delete(root)
    commit(root, "Another way")
    git(root, "checkout", "-q", "main")
    add(root)
    commit(root, "Coupons")
    git(root, "checkout", "-q", "other")


def amend(root: Path) -> None:
    git(root, "commit", "-q", "--amend", "--allow-empty", "-m", "Say why the cookie expires")


CHANGES = (
    edit,
    edit_keeping_the_size,
    touch,
    add,
    ignore,
    delete,
    rename,
    swap,
    become_text,
    commit_an_edit,
    switch_branch,
    amend,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_refreshed_index_answers_like_a_new_one(repository: Path, change: Callable[[Path], None]) -> None:
    """After any change to the tree or to the history, with a cache and without."""
    kept = Index(repository, WARM)
    kept.refresh()
    change(repository)
    refreshed = kept.refresh()
    new = Index(repository, COLD)

    assert refreshed.files == new.refresh().files
    assert refreshed.parsed <= 2
    assert answers(kept) == answers(new)


def test_a_reverted_change_is_found_in_the_cache(repository: Path) -> None:
    """A file is known by its content, whenever it was seen."""
    index = Index(repository, WARM)
    before = answers(index)
    edit(repository)
    assert index.refresh().parsed == 1
    git(repository, "checkout", "-q", "--", ".")
    again = index.refresh()

    assert (again.parsed, again.cached) == (0, 1)
    assert answers(index) == before


def test_a_clone_parses_nothing(repository: Path, tmp_path: Path) -> None:
    """The cache is keyed by content, so another copy of the repository is warm and has the same map."""
    first = Index(repository, WARM)
    first.refresh()
    git(tmp_path, "clone", "-q", str(repository), "copy")
    second = Index(tmp_path / "copy", WARM)

    assert second.refresh().parsed == 0
    assert answers(first) == answers(second)


def test_a_folder_without_git_has_a_map(repository: Path) -> None:
    """The same files, found by a walk; only the history is missing."""
    with_git = Index(repository, IndexOptions(1, cache=False, history=False))
    before = answers(with_git)
    shutil.rmtree(repository / ".git")

    assert answers(Index(repository, COLD)) == before


def test_without_the_program_git_a_repository_has_a_map(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a warning that ignored files may be among what is shown."""
    with_git = paths_of(Index(repository, COLD))
    monkeypatch.setenv("PATH", str(tmp_path))
    index = Index(repository, COLD)
    (warning,) = index.refresh().warnings
    assert "git was not found" in warning
    assert paths_of(index) == with_git


def test_a_file_that_vanishes_while_it_is_read_is_listed_once(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without symbols, and no longer after the next refresh."""

    parse = workers.Workers.parse

    def parse_too_late(*arguments: Any, **options: Any) -> list[workers.ParsedFile]:
        (repository / "shop/cart.py").unlink(missing_ok=True)
        return parse(*arguments, **options)

    monkeypatch.setattr(workers.Workers, "parse", parse_too_late)
    index = Index(repository, COLD)
    index.refresh()
    assert {file.path: file.definitions for file in index.ranking()}["shop/cart.py"] == ()
    index.refresh()
    assert answers(index) == answers(Index(repository, COLD))


def test_history_counts_unless_it_is_switched_off(repository: Path) -> None:
    """With it, files that change together with matches have evidence of that."""
    edit(repository)
    commit(repository, "Lend umbrellas")
    focus = Focus("umbrellas")
    file = sorted(SHOP).index("shop/session.py")

    def score_of(index: Index) -> float:
        return next(one.score for one in index.ranking(focus) if one.path == "shop/session.py")

    with_history, without = (
        Index(repository, COLD),
        Index(repository, IndexOptions(1, cache=False, history=False)),
    )
    assert score_of(with_history) > score_of(without)
    assert with_history.data.commit_history.recency()[file] == 1.0
    assert not without.data.commit_history.recency().any()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_listed_without_symbols(repository: Path) -> None:
    """It does not keep others from being shown."""
    (repository / "shop/cart.py").chmod(0)
    index = Index(repository, COLD)
    files = {file.path: file.definitions for file in index.ranking()}
    assert files["shop/cart.py"] == ()
    assert files["shop/session.py"]


def test_files_that_are_not_source_are_listed_without_symbols(repository: Path) -> None:
    """A binary file, one that is far too large, an empty one, and one with a broken encoding."""
    (repository / "logo.py").write_bytes(b"\x00\x01\x02" * 100)
    (repository / "large.py").write_bytes(b"def f(): pass\n" * 200_000)
    (repository / "empty.py").write_bytes(b"")
    (repository / "latin.py").write_bytes(b"def gr\xfc\xdfe(): pass\n")
    files = {file.path: file.definitions for file in Index(repository, COLD).ranking()}
    assert files["logo.py"] == files["large.py"] == files["empty.py"] == ()
    assert "latin.py" in files
    assert files["shop/session.py"]


def test_what_needs_no_parser_is_not_cached(repository: Path) -> None:
    """Reading a binary file takes no longer than looking it up, and a repository may have thousands."""
    (repository / "logo.png").write_bytes(b"\x89PNG\0\0")
    with Index(repository, WARM) as index:
        index.refresh()
    entries = TagsCache().info().entries
    with Index(repository, IndexOptions(1, snapshot=False)) as index:
        again = index.refresh()
    assert (again.cached, again.parsed) == (entries, 1)


def test_a_poisoned_file_is_skipped_and_named(repository: Path, started: list[str]) -> None:
    """A file that kills its worker affects no other file."""
    write_files(repository, {"poison.py": "def f():\n    return 'POISON'\n"})
    index = Index(repository, WARM)
    refreshed = index.refresh()

    (warning,) = refreshed.warnings
    assert warning.startswith("poison.py: parsing crashed")
    files = {file.path: file.definitions for file in index.ranking()}
    assert files["poison.py"] == ()
    assert files["shop/session.py"]
    assert started


def test_a_poisoned_file_is_not_tried_again(repository: Path, started: list[str]) -> None:
    """Not by the same index and not by a later one, until it changes."""
    write_files(repository, {"poison.py": "def f():\n    return 'POISON'\n"})
    index = Index(repository, WARM)
    index.refresh()
    started.clear()
    index.refresh()
    later = Index(repository, WARM)
    refreshed = later.refresh()

    assert not started
    assert refreshed.parsed == 0
    assert [warning.partition(":")[0] for warning in refreshed.warnings] == ["poison.py"]
    write_files(repository, {"poison.py": "def healed():\n    return 1\n"})
    assert later.refresh().warnings == ()
    assert [one.name for file in later.ranking() if file.path == "poison.py" for one in file.definitions] == [
        "healed"
    ]


def test_a_poisoned_file_gives_the_same_map_cold_and_warm(repository: Path, started: list[str]) -> None:
    """The cache knows what the parser died of."""
    write_files(repository, {"poison.py": "def f():\n    return 'POISON'\n"})
    assert answers(Index(repository, WARM)) == answers(Index(repository, WARM))


def test_an_interrupt_keeps_what_was_parsed(repository: Path) -> None:
    """The next run goes on from there."""
    index = Index(repository, WARM)

    def interrupt(doing: str, now: int, of: int) -> None:
        if now == of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.refresh(interrupt)
    assert Index(repository, WARM).refresh().parsed == 0
    assert index.refresh().files == len(SHOP)


def test_progress_counts_up_to_what_is_parsed(repository: Path) -> None:
    """And names the task."""
    steps: list[tuple[str, int, int]] = []
    Index(repository, COLD).refresh(lambda *step: steps.append(step))
    assert steps == [("parsing", number, len(SHOP)) for number in range(1, len(SHOP) + 1)]


def test_a_broken_cache_is_ignored(repository: Path) -> None:
    """Whatever is in its place, the map is made."""
    index = Index(repository, COLD)
    database = Path(os.environ["XDG_CACHE_HOME"]) / "trigpoint" / "tags" / "cache.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database" * 1000)
    assert answers(Index(repository, WARM)) == answers(index)


def test_a_part_of_a_repository_has_a_map_of_its_own(repository: Path) -> None:
    """Paths are relative to the folder that is mapped."""
    assert paths_of(Index(repository / "shop", COLD)) == {"__init__.py", "cart.py", "main.py", "session.py"}


def test_a_repository_before_its_first_commit_has_a_map(tmp_path: Path) -> None:
    """Untracked files count as well."""
    git(tmp_path, "init", "-q")
    write_files(tmp_path, {"a.py": "def f(): pass\n"})
    assert paths_of(Index(tmp_path, COLD)) == {"a.py"}


@pytest.mark.parametrize("tokens", [15, 0, -1])
def test_a_budget_too_small_for_a_path_is_refused(repository: Path, tokens: int) -> None:
    """The message names the least budget, and nothing is read."""
    with pytest.raises(BadRequest, match="at least 16"):
        Index(repository, COLD).map(tokens=tokens)


def test_an_unknown_target_is_an_error(repository: Path, tmp_path: Path) -> None:
    """A missing root, a file as root, an empty folder, an unknown symbol."""
    (tmp_path / "empty").mkdir()
    for root in (tmp_path / "missing", repository / "README.md", tmp_path / "empty"):
        with pytest.raises(NotMappable, match=root.name):
            build_map(root)
    with pytest.raises(NotInRepository):
        Index(repository, COLD).why("no/such.py")


def test_an_index_lists_its_files_and_names(repository: Path) -> None:
    """Every file, every name that one defines, and no word that is only used."""
    index = Index(repository, COLD)
    assert index.paths() == tuple(sorted(SHOP))
    names = index.names()
    assert names == tuple(sorted(set(names)))
    assert {"Session", "read_cookie", "CartView"} <= set(names)
    assert not {"", "README.md", "str"} & set(names)


def test_an_index_of_an_empty_file_has_no_names(tmp_path: Path) -> None:
    """Files have no name of their own."""
    write_files(tmp_path, {"empty.py": ""})
    assert Index(tmp_path, COLD).names() == ()


def test_an_index_gives_its_graph_to_networkx(repository: Path) -> None:
    """All files as nodes, an edge from who uses a name to who defines it."""
    graph = Index(repository, COLD).graph()
    assert set(graph) == set(SHOP)
    assert graph["shop/main.py"]["shop/session.py"]["weight"] > 0
    assert not graph.has_edge("shop/session.py", "shop/main.py")

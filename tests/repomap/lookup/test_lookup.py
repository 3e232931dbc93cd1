"""A lookup answers from the index within its budget, best first, and names no file outside it."""

import os
import sys
from pathlib import Path

import pytest
from corpora import build_corpus
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap import Index, IndexOptions
from repomap.errors import BadRequest, NotInRepository
from repomap.lookup.answers import Answer
from repomap.lookup.references import references
from repomap.lookup.search import find, parse_pattern
from repomap.lookup.symbols import outline, source, symbol
from repomap.mapping.tokens import count_tokens
from repomap.model import LEAST_TOKENS
from repomap.parsing.languages import language_of
from repomap.parsing.parse import parse_source, parse_text
from repomap.ranking.index_data import IndexData, build_index_data

STORE = '''\
"""Sessions, kept."""

LIMIT = 10


class Store:
    """Keeps sessions; `load_session` reads one."""

    def load_session(self, key: str) -> "Session":
        # load_session is slow
        return Session(key)

    def save(
        self,
        session: "Session",
        *,
        force: bool = False,
    ) -> None:
        self.last = session


class Session:
    def __init__(self, key: str) -> None:
        self.key = key

    def save(self) -> None:
        Store().save(self)
'''
VIEWS = """\
from store import Store


def index(request):
    store = Store()
    return store.load_session(request.key)


def session_name(request):
    return store.load_session(request.key).key
"""
OTHER = """\
def load_session():
    return None


def run():
    load_session()
"""
README = "# Sessions\n\nCall `load_session` with a key; see 2fa_token.\n"
FILES = {
    "README.md": README,
    "app/other.py": OTHER,
    "app/store.py": STORE,
    "app/views.py": VIEWS,
    "notes.txt": "load_session, again\n",
    "tests/test_store.py": "from app.store import Store\n\n\ndef test_load_session():\n    Store().load_session('k')\n",
}


def index_data_of(files: dict[str, str]) -> IndexData:
    """The index data of files that are not on disk."""
    rows = []
    for path, text in sorted(files.items()):
        language = language_of(path)
        rows.append((path, parse_source(text.encode(), language) if language else parse_text(text.encode())))
    return build_index_data(build_corpus(rows), ())


def read(path: str) -> bytes | None:
    return FILES[path].encode() if path in FILES else None


LIBRARY = index_data_of(FILES)


def of_symbol(name: str, tokens: int = 1000) -> Answer:
    return symbol(LIBRARY, name, read, tokens, count_tokens)


def of_source(target: str, tokens: int = 1000) -> Answer:
    return source(LIBRARY, target, read, tokens, count_tokens)


def of_find(pattern: str, tokens: int = 1000, within: str = "") -> Answer:
    return find(LIBRARY, pattern, read, tokens, count_tokens, within=within)


def of_references(name: str, tokens: int = 1000) -> Answer:
    return references(LIBRARY, name, read, tokens, count_tokens)


def of_outline(path: str, tokens: int = 1000) -> Answer:
    return outline(LIBRARY, path, read, tokens, count_tokens)


def test_a_symbol_is_found_by_its_name() -> None:
    """With its file, lines, parent and whole signature, even if that spans several lines."""
    (store,) = of_symbol("Store").items
    assert (store.path, store.kind, store.lines, store.parent) == ("app/store.py", "class", (6, 19), "")

    text = of_symbol("Store.save").text
    assert text == (
        "app/store.py\n in Store\n"
        '  13-19 def save(self, session: "Session", *, force: bool = False) -> None\n'
    )


@pytest.mark.parametrize(
    "name",
    ["Store.save", "Store/save", "Store::save", "app/store.py:Store.save", "store.Store.save"],
)
def test_a_qualified_name_says_which_one_is_meant(name: str) -> None:
    """Parents and parts of the path, in whatever way languages and models write them."""
    assert [(one.parent, one.lines) for one in of_symbol(name).items] == [("Store", (13, 19))]


def test_the_exact_name_comes_before_one_in_another_case() -> None:
    """And a method before its namesake that nothing uses."""
    found = index_data_of({"a.py": "def Get():\n    pass\n", "b.py": "def get():\n    pass\n"})
    assert [one.name for one in symbol(found, "get", read, 100, count_tokens).items] == ["get", "Get"]


def test_a_name_is_found_however_its_parts_are_joined() -> None:
    """`loadSession` finds `load_session`, and nothing that only contains it."""
    assert {one.name for one in of_symbol("loadSession").items} == {"load_session"}
    assert {one.name for one in of_symbol("load_session").items} == {"load_session"}


def test_what_only_contains_an_unknown_name_is_offered_and_not_given() -> None:
    """An answer about something else would be taken for one about the name."""
    with pytest.raises(NotInRepository, match=r"Nothing named load is defined here\. Similar: load_session"):
        of_symbol("load")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """A model that misremembers a name needs the right one."""
    with pytest.raises(NotInRepository, match=r"Similar: .*load_session"):
        of_symbol("laod_sesion")
    with pytest.raises(NotInRepository, match=r"Similar: .*app/views\.py"):
        of_outline("app/veiws.py")


def test_a_search_shows_definitions_before_uses() -> None:
    """Definitions of the name first, then names that contain it, then uses, then prose."""
    answer = of_find("load_session")
    assert [hit.kind for hit in answer.items[:3]] == ["definition"] * 3
    assert answer.items[2].path == "tests/test_store.py"
    assert {hit.path for hit in answer.items if hit.kind == "use"} >= {
        "app/views.py",
        "README.md",
        "notes.txt",
    }
    assert "in index\n  6: return store.load_session(request.key)\n" in answer.text
    assert answer.omitted == 0


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("store()", [5, 27, 5]),
        ("Store()", [5, 27, 5]),
        ("/^class \\w+/", [6, 22]),
        ("/STORE\\(\\)/i", [5, 27, 5]),
        ("/STORE\\(\\)/", []),
        ("2fa_token", [3]),
    ],
)
def test_a_pattern_is_plain_text_or_an_expression(pattern: str, lines: list[int]) -> None:
    """Lower case finds any case; `/…/` is a regular expression, `/…/i` one that ignores case."""
    assert sorted(hit.line for hit in of_find(pattern).items) == sorted(lines)


def test_a_search_can_be_limited_to_a_folder() -> None:
    """Or to paths that match a glob; if there is no such file, the error says so."""
    assert {hit.path for hit in of_find("load_session", within="tests/").items} == {"tests/test_store.py"}
    assert {hit.path for hit in of_find("load_session", within="*.md").items} == {"README.md"}
    assert {hit.path for hit in of_find("load_session", within="app/views.py").items} == {"app/views.py"}
    with pytest.raises(NotInRepository, match="nowhere"):
        of_find("load_session", within="nowhere")


@pytest.mark.parametrize("pattern", ["", "//", "/(/", "/[/", "/a{2,1}/", "x" * 2000, "/" + "(" * 900 + "/"])
def test_an_invalid_pattern_is_refused_with_advice(pattern: str) -> None:
    """Nothing is searched, and the message says what to do."""
    with pytest.raises(BadRequest):
        of_find(pattern)


def test_an_expression_that_takes_exponential_time_is_abandoned() -> None:
    """The time limit is for the whole search, not for each file."""
    sought = parse_pattern("/(a|aa)+$/", timeout_s=0.05)
    with pytest.raises(TimeoutError):
        list(sought.matches("a" * 100 + "b"))
    with pytest.raises(TimeoutError):
        list(sought.matches("a" * 100 + "b"))


def test_a_long_line_is_cut_around_the_match() -> None:
    """A minified file must not fill the answer."""
    files = {"a.js": "var x = 1;" * 500 + "needle()" + "y();" * 500}
    found = index_data_of(files)
    answer = find(found, "needle", lambda path: files[path].encode(), 200, count_tokens)
    (hit,) = answer.items
    assert "needle()" in hit.text
    assert len(hit.text) < 200


def test_in_a_large_repository_the_words_tell_which_files_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without the name is not opened; a reserved word is in no index, so files are read for it."""
    monkeypatch.setattr("repomap.lookup.search.MANY_FILES", 0)
    opened: list[str] = []

    def noting(path: str) -> bytes | None:
        opened.append(path)
        return read(path)

    def found(pattern: str) -> set[str]:
        opened.clear()
        return {hit.path for hit in find(LIBRARY, pattern, noting, 1000, count_tokens).items}

    assert found("session_name(") == {"app/views.py"} == set(opened)
    assert found("load_sess") == set(FILES)
    assert found("return") == {"app/other.py", "app/store.py", "app/views.py"}
    assert len(opened) == len(FILES)


def test_references_are_uses_in_code_with_the_definition_around_them() -> None:
    """Not in comments, strings or the definition itself."""
    answer = of_references("Store.load_session")
    uses = {(use.path, use.within): [line.line for line in use.lines] for use in answer.items}
    assert uses[("app/views.py", "index")] == [6]
    assert uses[("app/views.py", "session_name")] == [10]
    assert not {path for path, _ in uses} & {"README.md", "notes.txt", "app/store.py"}
    assert answer.omitted == 0


def test_references_that_imports_resolve_come_first() -> None:
    """A file that defines a namesake of its own means that one."""
    answer = of_references("Store.load_session")
    assert [(use.path, use.resolved) for use in answer.items][-1] == ("app/other.py", False)
    assert {use.resolved for use in answer.items if use.path == "tests/test_store.py"} == {True}


def test_a_name_without_uses_says_where_it_is_defined() -> None:
    """Nothing found is an answer."""
    answer = of_references("session_name")
    assert answer.items == ()
    assert "app/views.py:9" in answer.text
    with pytest.raises(NotInRepository):
        of_references("nothing_like_it_at_all")


def test_an_outline_is_a_tree_with_lines() -> None:
    """All definitions of a file, in source order."""
    assert of_outline("store.py").text.splitlines() == [
        "app/store.py (27 lines)",
        " 3-3 LIMIT = 10",
        " 6-19 class Store",
        '  9-11 def load_session(self, key: str) -> "Session"',
        '  13-19 def save(self, session: "Session", *, force: bool = False) -> None',
        " 22-27 class Session",
        "  23-24 def __init__(self, key: str) -> None",
        "  26-27 def save(self) -> None",
    ]
    assert [one.name for one in of_outline("app/store.py").items][1:3] == ["Store", "load_session"]


def test_an_outline_that_does_not_fit_loses_inner_definitions_first() -> None:
    """Classes say more about a file than their methods do."""
    answer = of_outline("app/store.py", 45)
    assert [one.name for one in answer.items] == ["Store", "Session"]
    assert answer.text.splitlines()[-1].startswith("… 5 more")


def test_a_source_is_shown_with_its_lines() -> None:
    """A range, a definition with the comments above it, a symbol, a whole file."""
    assert of_source("app/views.py:4-5").text == (
        "app/views.py:4-5 of 10 lines\n4: def index(request):\n5:     store = Store()\n"
    )
    assert of_source("index").items == of_source("app/views.py:index").items
    assert of_source("views.py").items[0].text == VIEWS
    assert of_source("app/views.py:4").items[0].text == "def index(request):\n"
    plain = source(LIBRARY, "index", read, 100, count_tokens, numbered=False)
    assert plain.text.splitlines()[1:] == VIEWS.splitlines()[3:6]


def test_a_source_that_does_not_fit_says_where_to_go_on() -> None:
    """The next call is in the last line."""
    answer = of_source("app/store.py", 60)
    (shown,) = answer.items
    assert answer.text.splitlines()[-1].endswith(f"go on with app/store.py:{shown.lines[1] + 1}-27")
    assert answer.omitted == 27 - shown.lines[1]


@pytest.mark.parametrize(
    ("target", "error", "said"),
    [
        ("save", BadRequest, "app/store.py:Store.save"),
        ("app/views.py:9-4", BadRequest, "FROM"),
        ("app/views.py:999", BadRequest, "10 lines"),
        ("app/views.py:gone", NotInRepository, "outline"),
        ("app", NotInRepository, "Nothing named app"),
        ("app/", NotInRepository, "folder"),
        ("../secret", NotInRepository, "outside"),
        ("/etc/passwd", NotInRepository, "There is no file"),
        ("", NotInRepository, "an empty name"),
    ],
)
def test_a_target_that_cannot_be_shown_is_explained(target: str, error: type[Exception], said: str) -> None:
    """The message says what is wrong, and what to ask instead."""
    with pytest.raises(error, match=said):
        of_source(target)


def test_nothing_that_a_terminal_would_obey_is_shown() -> None:
    """Escape sequences and characters that reverse the direction of text are replaced; tabs are kept."""
    files = {"a.py": "x = '\x1b[31m\u202e'\n\ty = 2\r\n"}
    text = source(index_data_of(files), "a.py", lambda path: files[path].encode(), 100, count_tokens).text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\ty = 2\n" in text


ASKED = st.sampled_from(
    [
        *(
            "load_session",
            "save",
            "Store",
            "Store.save",
            "s",
            "",
            "/s.*n/",
            "/./",
            "app",
            "app/store.py",
            "x",
        ),
        *("app/store.py:3-20", "app/store.py:Store", "notes.txt", "README.md", "views.py:index", "../x"),
    ]
)
COUNTERS = st.sampled_from(
    [count_tokens, len, lambda text: -(-len(text) // 7), lambda text: len(text.split())]
)


@given(ASKED, st.integers(LEAST_TOKENS, 400), COUNTERS, st.integers(0, 5))
@example("/./", LEAST_TOKENS, len, 0)
@examples(300)
def test_the_budget_holds_and_only_files_of_the_index_are_named(asked, budget, count, kind) -> None:
    """For every question, budget and way of counting, on the text that is returned."""
    questions = [
        lambda: find(LIBRARY, asked, read, budget, count),
        lambda: symbol(LIBRARY, asked, read, budget, count),
        lambda: references(LIBRARY, asked, read, budget, count),
        lambda: outline(LIBRARY, asked, read, budget, count),
        lambda: source(LIBRARY, asked, read, budget, count),
        lambda: source(LIBRARY, asked, read, budget, count, numbered=False),
    ]
    try:
        answer = questions[kind]()
    except (BadRequest, NotInRepository):
        return
    assert answer.tokens == (count(answer.text) if answer.text else 0) <= budget
    assert {item.path for item in answer.items} <= FILES.keys()
    assert answer.omitted >= 0
    assert (answer.omitted == 0) or "more" in answer.text or answer.text.count("\n") <= 4


@given(st.text(max_size=40))
@examples(200)
def test_any_text_can_be_asked_for(asked: str) -> None:
    """Every question gets an answer or an error of our own."""
    for question in (of_symbol, of_source, of_references, of_outline, of_find):
        try:
            answer = question(asked, 50)
        except (BadRequest, NotInRepository):
            continue
        assert answer.tokens <= 50


@pytest.mark.parametrize("budget", [-1, 0, 15])
def test_a_budget_too_small_for_a_line_is_refused(budget: int) -> None:
    """As the map refuses it."""
    with pytest.raises(BadRequest, match="16"):
        of_symbol("Store", budget)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_no_link_is_followed_out_of_the_root(tmp_path: Path) -> None:
    """Neither a file nor a folder that was replaced by a link after the index was made."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.py").write_text("SECRET = 1\n")
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.py").write_text("SECRET = 0\n")
    (root / "b.py").write_text("SECRET = 0\n")
    index = Index(root, IndexOptions(jobs=1, cache=False))
    assert len(index.find("SECRET").items) == 2

    os.rename(root / "in", root / "was")
    (root / "in").symlink_to(tmp_path / "out", target_is_directory=True)
    (root / "b.py").unlink()
    (root / "b.py").symlink_to(tmp_path / "out" / "a.py")

    assert index.find("SECRET").items == ()
    for target in ("in/a.py", "b.py"):
        with pytest.raises(NotInRepository, match="cannot be read"):
            index.source(target)

"""Scores have these properties whatever the weights are."""

import numpy as np
import pytest
from corpora import NAMES, build_corpus, file_lists, index_data_of
from hypothesis import assume, given
from hypothesis import strategies as st
from properties import examples
from repositories import SHOP
from texts import words

from repomap.corpus.corpus import NO_KIND
from repomap.mapping.make import make_map, whole_ranking
from repomap.model import Focus
from repomap.ranking.index_data import IndexData, build_index_data
from repomap.ranking.score import score


@pytest.fixture(scope="module")
def shop() -> IndexData:
    return index_data_of(SHOP, [("Round prices", ["shop/cart.py", "web/cart.ts"]), ("Start", list(SHOP))])


def of_files(index_data: IndexData, focus: Focus) -> dict[str, float]:
    return dict(zip(index_data.corpus.paths, score(index_data, focus).files.tolist(), strict=True))


def of_names(index_data: IndexData, focus: Focus) -> dict[str, float]:
    corpus, docs = index_data.corpus, score(index_data, focus).docs
    return {
        corpus.definition(doc).name: float(docs[doc])
        for file in range(len(corpus.paths))
        for doc in corpus.docs_of(file)
    }


REQUESTS = ("", "round the price of an article", "why does it fail")


@pytest.mark.parametrize("path", sorted(SHOP))
@pytest.mark.parametrize("request_text", REQUESTS)
def test_a_file_that_the_request_names_goes_up(shop: IndexData, request_text: str, path: str) -> None:
    """In the text or as a mention, by its whole path."""
    before = of_files(shop, Focus(request_text or "x"))[path]
    assert of_files(shop, Focus(f"{request_text or 'x'}\n\nsee {path}"))[path] > before
    assert of_files(shop, Focus(request_text or "x", mentions=(path,)))[path] > before


@pytest.mark.parametrize("name", ["Session", "read_cookie", "add_line", "CartView", "show"])
@pytest.mark.parametrize("request_text", REQUESTS)
def test_a_symbol_that_is_mentioned_goes_up(shop: IndexData, request_text: str, name: str) -> None:
    """And so does its file."""
    plain, focus = Focus(request_text or "x"), Focus(request_text or "x", mentions=(name,))
    assert of_names(shop, focus)[name] > of_names(shop, plain)[name]
    (path,) = {
        shop.corpus.paths[shop.corpus.doc_file[doc]]
        for doc in range(len(shop.corpus))
        if shop.corpus.doc_kind[doc] != NO_KIND and shop.corpus.definition(doc).name == name
    }
    assert of_files(shop, focus)[path] > of_files(shop, plain)[path]


def test_the_request_decides_what_comes_first(shop: IndexData) -> None:
    """The file and the definition that it is about."""
    focus = Focus("why does the session cookie expire")
    files, names = of_files(shop, focus), of_names(shop, focus)
    assert max(files, key=files.__getitem__) == "shop/session.py"
    assert max(names, key=names.__getitem__) in ("expire", "Session", "read_cookie")


def test_a_test_comes_after_what_it_tests(shop: IndexData) -> None:
    """Unless the request asks for tests."""
    plain = of_files(shop, Focus("session cookie"))
    asked = of_files(shop, Focus("session cookie test"))
    assert plain["shop/session.py"] > plain["tests/test_session.py"]
    assert asked["tests/test_session.py"] > plain["tests/test_session.py"]


def test_files_in_the_chat_are_not_shown(shop: IndexData) -> None:
    """Not in the map and not in the whole ranking, but related files are."""
    focus = Focus("session", chat=("shop/session.py", "shop/main.py"))
    made = make_map(shop, focus, 500, words)
    ranked = whole_ranking(shop, focus)

    assert not {file.path for file in (*made.files, *ranked)} & set(focus.chat)
    assert len(ranked) == len(SHOP) - 2
    assert "session.py" not in made.text.replace("test_session.py", "")


def test_files_related_to_the_chat_go_up(shop: IndexData) -> None:
    """Files of its folder before those of others, and files that change in the same commits."""
    files = of_files(shop, Focus(chat=("shop/cart.py",)))
    assert files["web/cart.ts"] > files["web/show.ts"]
    assert files["shop/session.py"] > files["web/show.ts"]


def test_without_a_request_what_others_use_comes_first(shop: IndexData) -> None:
    """Source before tests and documents; a class that others use before one that nobody uses."""
    files, names = of_files(shop, Focus()), of_names(shop, Focus())
    assert files["shop/session.py"] > files["tests/test_session.py"] > 0
    assert files["shop/session.py"] > files["README.md"]
    assert names["Session"] > names["CartView"]
    assert names["Session"] > names["__init__"]


def test_the_overview_stays_nearly_the_same_when_a_file_is_added() -> None:
    """A map that changed completely with every commit could not be part of a cached prompt."""
    sources = {
        f"pkg/part{number}.py": f"from pkg.part{number // 2} import part{number // 2}\n\n"
        f"class Part{number}:\n    def run(self):\n        return part{number // 2}()\n\n"
        f"def part{number}():\n    return Part{number}().run()\n"
        for number in range(60)
    }
    added = sources | {"pkg/extra.py": "from pkg.part3 import part3\n\ndef extra():\n    return part3()\n"}

    before, after = (
        make_map(index_data_of(files), Focus(), 300, words).text.splitlines() for files in (sources, added)
    )

    assert len(before) > 60
    assert len(set(before) & set(after)) >= 0.9 * len(before)


def test_no_style_sheet_stands_for_its_folder_in_an_overview() -> None:
    """Nothing calls a rule; the best of what is no rule has its place, and a repository of style sheets its rules."""
    sheet = ".button { color: red }\n" * 40
    mixed = index_data_of({"web/page.css": sheet, "web/page.py": "def press(button):\n    return button\n"})
    styles = index_data_of({"web/page.css": sheet})

    assert of_names(mixed, Focus())["press"] == 1.0
    assert of_names(mixed, Focus())["button"] < 1.0
    assert 0.0 < of_names(styles, Focus())["button"] < 1.0


@pytest.mark.parametrize("blank", ["", " \n\t "])
def test_a_blank_request_is_the_overview(shop: IndexData, blank: str) -> None:
    """Only words, chat files or mentions make a request."""
    assert score(shop, Focus(blank)).evidence is None
    assert score(shop, Focus("x")).evidence is not None


@examples(25)
@given(
    file_lists(),
    st.lists(NAMES, max_size=4).map(" ".join),
    st.lists(NAMES, max_size=2).map(tuple),
    st.booleans(),
)
def test_scores_are_within_bounds(files: list, request: str, mentions: tuple[str, ...], chat: bool) -> None:
    """From 0 to 1, finite, zero for documents that are files; the same again for the same inputs."""
    corpus = build_corpus(files)
    assume(corpus.words)  # without any, see below
    index_data = build_index_data(corpus, [(request, [path for path, _ in files])])
    focus = Focus(request, tuple(path for path, _ in files[:1]) if chat else (), mentions)
    scores, again = score(index_data, focus), score(index_data, focus)

    for column, other, many in (
        (scores.files, again.files, len(files)),
        (scores.docs, again.docs, len(corpus)),
    ):
        assert column.shape == (many,)
        assert np.isfinite(column).all()
        assert ((column >= 0) & (column <= 1)).all()
        assert (column == other).all()
    assert not scores.docs[corpus.doc_kind == NO_KIND].any()


@examples(25)
@given(file_lists(), st.lists(NAMES, max_size=3).map(" ".join), st.integers(16, 200))
def test_a_map_counts_what_it_shows_and_omits(files: list, request: str, budget: int) -> None:
    """Shown and omitted add up to everything; files are best first, definitions in source order."""
    corpus = build_corpus(files)
    assume(corpus.words)
    made = make_map(build_index_data(corpus, []), Focus(request), budget, words)
    shown = sum(len(file.definitions) for file in made.files)

    assert made.tokens == words(made.text) <= budget == made.budget_tokens
    assert len(made.files) + made.omitted_files == len(files)
    assert shown + made.omitted_definitions == len(corpus) - len(files)
    assert [file.score for file in made.files] == sorted((file.score for file in made.files), reverse=True)
    for file in made.files:
        firsts = [corpus.signatures.index(one.signature) for one in file.definitions]
        assert len(firsts) == len(file.definitions)


@pytest.mark.parametrize(
    "focus",
    [
        Focus(),
        Focus("cart"),
    ],
)
def test_a_repository_without_a_single_word_has_a_map(focus: Focus) -> None:
    """Such as one empty file, or nothing but pictures: their paths are shown."""
    made = make_map(index_data_of({"empty.py": "", "no-words.txt": "1 2 3\n"}), focus, 100, words)
    assert {file.path for file in made.files} == {"empty.py", "no-words.txt"}


def test_a_larger_budget_shows_at_least_as_much(shop: IndexData) -> None:
    """In tokens; with enough of them everything is there."""
    tokens = [make_map(shop, Focus("cart"), budget, words).tokens for budget in range(16, 120, 8)]
    assert tokens == sorted(tokens)
    assert make_map(shop, Focus("cart"), 10_000, words).omitted_definitions == 0


def test_the_only_definition_of_a_quoted_name_is_at_the_top() -> None:
    """Wherever it is, and however many others match its words."""
    both = "def speed_of_{0}(probe):\n    return probe.speed\n\n\ndef probe_{0}(speed):\n    return speed\n"
    others = {f"net/phy{n}.py": both.format(n) for n in range(40)}
    index_data = index_data_of({**others, "docs/conf.py": "def speed_probe_0():\n    return 1\n"})
    names = of_names(index_data, Focus("why is speed_probe_0 slow with a probe of that speed"))

    assert max(names, key=names.__getitem__) == "speed_probe_0"


def test_a_chat_without_words_shows_what_its_files_use() -> None:
    """Where no word matches, the order of the paths says nothing: `.editorconfig` is not the best file."""
    sources = {
        ".editorconfig": "root = true\n",
        "CHANGES.md": "# Changes\n",
        "app/cart.py": "from app.money import rounded\ndef total(rows):\n    return rounded(sum(rows))\n",
        "app/money.py": "def rounded(value):\n    return value\n",
        "app/other.py": "def other(value):\n    return value\n",
    }
    repo_map = make_map(index_data_of(sources), Focus(chat=("app/cart.py",)), 400, words)

    assert repo_map.files[0].path == "app/money.py"
    assert [each.name for each in repo_map.files[0].definitions] == ["rounded"]
    assert "app/cart.py" not in {file.path for file in repo_map.files}


def test_a_mention_without_words_is_shown_beside_the_overview(shop: IndexData) -> None:
    """It says what matters, and nothing of what is to be done."""
    overview = {file.path for file in make_map(shop, Focus(), 400, words).files}
    shown = make_map(shop, Focus(mentions=("shop/cart.py",)), 400, words).files

    assert shown[0].path == "shop/cart.py"
    assert overview <= {file.path for file in shown}


def test_a_superseded_file_comes_after_the_present_one() -> None:
    """An old version says the same, and is not what is meant unless the request says so."""
    source = "def render_page(page):\n    return page\n"
    index_data = index_data_of({"lib/v1/render.py": source, "lib/v2/render.py": source})
    values = of_files(index_data, Focus("render a page without a title"))

    assert values["lib/v2/render.py"] > values["lib/v1/render.py"]


def test_both_chances_are_said(shop: IndexData) -> None:
    """That of being changed is not known where nothing says what the work is."""
    for focus, is_known in (
        (Focus("round the price"), True),
        (Focus(), False),
        (Focus(chat=("web/cart.ts",)), False),
    ):
        for file in whole_ranking(shop, focus):
            for definition in file.definitions:
                assert (definition.changed is not None) == is_known
                assert 0 <= definition.used <= 1


def test_what_busy_files_use_comes_before_what_quiet_ones_use() -> None:
    """Files that are worked on will use more of it; without a history both are equal."""
    files = {
        "lib.py": "def wash(cup):\n    return cup\n\ndef fill(cup):\n    return cup\n",
        "busy.py": "from lib import fill\n\ndef run():\n    return fill(1)\n",
        "quiet.py": "from lib import wash\n\ndef rest():\n    return wash(1)\n",
    }
    quiet = of_names(index_data_of(files), Focus())
    busy = of_names(index_data_of(files, [(f"Run {number}", ["busy.py"]) for number in range(9)]), Focus())

    assert quiet["fill"] == quiet["wash"]
    assert busy["fill"] > busy["wash"]


@pytest.mark.parametrize("user", ["tests/test_lib.py", "examples/demo.py", "docs/conf.py"])
def test_what_only_others_use_is_what_a_library_offers(user: str) -> None:
    """No source file calls a library's own functions for users; its tests and examples do."""
    lib = "def wash(cup):\n    return cup\n\ndef fill(cup):\n    return cup\n"
    names = of_names(
        index_data_of({"lib.py": lib, user: "from lib import fill\n\nfill(1)\nfill(2)\n"}), Focus()
    )

    assert names["fill"] > 1.2 * names["wash"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "lib.rs",
            "fn wash() {}\n#[cfg(test)]\nmod tests {\n    fn help() {}\n    #[test]\n    fn washes() {}\n}\n",
        ),
        ("lib.rs", "fn wash() {}\n#[cfg(test)]\nfn help() {}\n#[tokio::test]\nasync fn washes() {}\n"),
        ("lib.rs", "fn wash() {}\n#[cfg(all(test, unix))] mod tests { fn help() {}\n fn washes() {} }\n"),
        (
            "lib.zig",
            'fn wash() void {}\ntest "washes" {\n    const help = struct {\n        fn help() void {}\n    };\n}\n',
        ),
        ("lib.clj", "(defn wash [] 1)\n(deftest washes (is (= 1 (wash))))\n"),
    ],
)
def test_tests_in_source_files_are_not_offered(path: str, source: str) -> None:
    """Nothing else can call them, nor what stands in them."""
    names = of_names(index_data_of({path: source}), Focus())

    for name in {"help", "washes"} & names.keys():
        assert names[name] < 0.1 * names["wash"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lib.py", "def wash(cup):\n    def help(cup):\n        return cup\n    return help(cup)\n"),
        ("lib.ts", "export function wash(cup) {\n  const help = (cup) => cup\n  return help(cup)\n}\n"),
        (
            "lib.lua",
            "function wash(cup)\n  local help = function(cup) return cup end\n  return help(cup)\nend\n",
        ),
    ],
)
def test_what_stands_within_a_function_is_not_offered(path: str, source: str) -> None:
    """Other code cannot name it, even where it has the name of something that is used."""
    user = {"a.py": "help(1)\n", "a.ts": "help(1)\n", "a.lua": "help(1)\n", "a.zig": "help();\n"}
    names = of_names(index_data_of({path: source, **user}), Focus())

    assert names["help"] < 0.5 * names["wash"]


def test_a_type_that_a_function_returns_is_offered() -> None:
    """In Zig that is how a generic type is made, and its methods stand within the function."""
    source = (
        "fn List(T: type) type {\n    return struct {\n        fn push(self: *@This()) void {}\n    };\n}\n"
    )
    names = of_names(index_data_of({"list.zig": source, "a.zig": "list.push();\n"}), Focus())

    assert names["push"] > 0.5 * names["List"]

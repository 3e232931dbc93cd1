"""Each feature is one reason, and is high for the files that it is a reason for."""

import numpy as np
import pytest
from corpora import PATHS, index_data_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import SHOP

from repomap.files.file_kinds import kind_of
from repomap.model import Focus
from repomap.ranking.file_evidence import Evidence, gather, mentioned_files
from repomap.ranking.index_data import IndexData, kind_weights
from repomap.ranking.score import with_file
from repomap.ranking.weights import DEFINITION_WEIGHTS, FILE_WEIGHTS, ORDER_WEIGHTS


@pytest.fixture(scope="module")
def shop() -> IndexData:
    commits = [("Round prices", ["shop/cart.py", "web/cart.ts"]), ("Start", list(SHOP))]
    return index_data_of(SHOP, commits)


def by_path(index_data: IndexData, evidence: Evidence, column: str) -> dict[str, float]:
    return dict(zip(index_data.corpus.paths, evidence.files[column].tolist(), strict=True))


def by_name(index_data: IndexData, evidence: Evidence, column: str) -> dict[str, float]:
    corpus = index_data.corpus
    return {
        corpus.definition(doc).name: float(evidence.docs[column][doc])
        for file in range(len(corpus.paths))
        for doc in corpus.docs_of(file)
    }


@pytest.mark.parametrize(
    "focus",
    [
        Focus("why does the session cookie expire"),
        Focus(chat=("shop/cart.py",)),
        Focus(mentions=("Session", "cart.ts")),
        Focus("…"),
        Focus("x", ("no/such.py",), ("nothing",)),
    ],
)
@pytest.mark.parametrize("sources", [SHOP, {}, {"a.txt": "words\n"}], ids=["shop", "empty", "text"])
def test_every_weighted_feature_exists_and_is_finite(sources: dict[str, str], focus: Focus) -> None:
    """One number for each file, or each document, whatever the repository and the focus."""
    index_data = index_data_of(sources)
    evidence = gather(index_data, focus)

    corpus = index_data.corpus
    of_docs = with_file(evidence.docs, np.zeros(len(corpus)))

    assert set(evidence.files) >= {*FILE_WEIGHTS, *ORDER_WEIGHTS}
    assert set(of_docs) >= set(DEFINITION_WEIGHTS)
    for columns, many in ((evidence.files, len(corpus.paths)), (of_docs, len(corpus))):
        for name, column in columns.items():
            assert column.shape == (many,), name
            assert np.isfinite(column).all(), name


def test_the_files_that_match_have_the_text(shop: IndexData) -> None:
    """The session's file and its test match sessions and cookies best."""
    text = by_path(shop, gather(shop, Focus("why does the session cookie expire")), "text")
    assert set(sorted(text, key=text.__getitem__)[-2:]) == {"shop/session.py", "tests/test_session.py"}
    assert text["web/show.ts"] == 0.0


@pytest.mark.parametrize(
    ("mention", "found"),
    [
        ("shop/cart.py", {"shop/cart.py": 1.0}),
        ("./shop/cart.py", {"shop/cart.py": 1.0}),
        ("cart.py", {"shop/cart.py": 1.0}),
        ("art.py", {}),
        ("no/cart.py", {}),
        ("main.py", {"shop/main.py": 1.0}),
    ],
)
def test_a_file_is_mentioned_by_the_end_of_its_path(mention: str, found: dict[str, float]) -> None:
    """Only whole parts of the path count."""
    paths = sorted(SHOP)
    values = dict(zip(paths, mentioned_files(paths, [mention]).tolist(), strict=True))
    assert {path: value for path, value in values.items() if value} == found


def test_a_shared_file_name_says_less() -> None:
    """If four files have the name, each is less certain to be meant."""
    assert mentioned_files(["a/x.py", "b/x.py", "c/x.py", "d/x.py", "e.py"], ["x.py"]).tolist() == [
        0.5
    ] * 4 + [0.0]


@examples(40)
@given(st.lists(PATHS, max_size=6, unique=True), st.lists(PATHS, max_size=3))
def test_every_path_mentions_itself(paths: list[str], others: list[str]) -> None:
    """Whatever else is mentioned, and however odd the path is, except for `./` before it and `/` around it."""
    plain = [path for path in paths if not path.startswith("./")]
    for number, path in enumerate(plain):
        assert mentioned_files(plain, [*others, path])[number] > 0


def test_a_name_as_it_is_written_is_exact(shop: IndexData) -> None:
    """In the request or among the mentions; for other definitions the feature is 0."""
    for focus in (Focus("call `read_cookie` once"), Focus(mentions=("read_cookie",))):
        exact = by_name(shop, gather(shop, focus), "exact")
        assert exact["read_cookie"] == 1.0
        assert exact["Session"] == 0.0


def test_a_qualified_mention_names_the_last_part(shop: IndexData) -> None:
    """`Cart.total` is the method."""
    exact = by_name(shop, gather(shop, Focus(mentions=("Cart.total",))), "exact")
    assert exact["total"] > 0


def test_what_the_chat_uses_and_what_uses_it(shop: IndexData) -> None:
    """`main.py` uses the session; the session is used by the main program and the test."""
    main = gather(shop, Focus(chat=("shop/main.py",)))
    session = gather(shop, Focus(chat=("shop/session.py",)))

    assert by_path(shop, main, "used by chat")["shop/session.py"] > 0
    assert by_path(shop, main, "used by chat")["web/show.ts"] == 0
    assert by_path(shop, session, "uses chat")["shop/main.py"] > 0
    assert by_path(shop, session, "uses chat")["tests/test_session.py"] > 0


def test_files_in_the_folder_of_the_chat_and_files_that_change_with_it(shop: IndexData) -> None:
    """Files of its folder, and files of its commits."""
    evidence = gather(shop, Focus(chat=("shop/cart.py",)))
    beside, together = by_path(shop, evidence, "beside chat"), by_path(shop, evidence, "changed with chat")

    assert {path for path, value in beside.items() if value} == {
        path for path in SHOP if path.startswith("shop/")
    }
    assert together["web/cart.ts"] > together["web/show.ts"]


def test_without_a_chat_its_features_are_zero(shop: IndexData) -> None:
    """Also if the file in the chat is unknown."""
    for focus in (Focus("cart"), Focus("cart", ("no/such.py",))):
        evidence = gather(shop, focus)
        for name in ("used by chat", "uses chat", "beside chat", "changed with chat"):
            assert not evidence.files[name].any()


@pytest.mark.parametrize(
    ("focus", "asked"),
    [
        (Focus("cookie"), False),
        (Focus("the test of the cookie"), True),
        (Focus("cookie", ("tests/test_session.py",)), True),
    ],
)
def test_tests_are_flagged_less_where_they_are_asked_for(shop: IndexData, focus: Focus, asked: bool) -> None:
    """By the request's words, or by a test in the chat."""
    flags = by_path(shop, gather(shop, focus), "test")
    assert (flags["tests/test_session.py"] < 1.0) is asked
    assert flags["shop/cart.py"] == 0.0


def test_source_weighs_most() -> None:
    """Then build files, tests and examples; data weighs least."""
    order = ["src/app.py", "tests/test_app.py", "README.md", "values.csv"]
    found = kind_weights([kind_of(path) for path in order]).tolist()
    assert found == sorted(found, reverse=True)
    assert found[0] == 1.0 > found[1]


def test_a_method_knows_its_class_and_a_class_its_methods(shop: IndexData) -> None:
    """A match is evidence for what encloses it and for what it encloses."""
    evidence = gather(shop, Focus("expire"))
    assert by_name(shop, evidence, "child")["Session"] > 0
    assert by_name(shop, evidence, "child")["Cart"] == 0
    assert by_name(shop, gather(shop, Focus("cart view")), "parent")["render"] > 0

"""The explanation of a rank names its reasons."""

import re

import pytest
from corpora import index_data_of
from repositories import SHOP

from repomap.errors import NotInRepository
from repomap.lookup.explain import explain
from repomap.lookup.targets import Target, target_of
from repomap.mapping.make import whole_ranking
from repomap.model import Focus
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import score
from repomap.ranking.weights import ORDER_BIAS, ORDER_WEIGHTS

ASKED = Focus("why does the session cookie expire")


@pytest.fixture(scope="module")
def shop() -> IndexData:
    return index_data_of(SHOP)


@pytest.mark.parametrize("focus", [Focus(), ASKED])
def test_the_rank_is_that_of_the_ranking(shop: IndexData, focus: Focus) -> None:
    """File 1 is the best one, and so on."""
    for place, file in enumerate(whole_ranking(shop, focus), 1):
        head = explain(shop, focus, file.path).splitlines()[0]
        found = re.fullmatch(r"(.+): file (\d+) of (\d+), score ([\d.]+)", head)
        assert found is not None
        assert found[1] == file.path
        assert int(found[3]) == len(SHOP)
        assert float(found[4]) == pytest.approx(file.score, abs=1e-4)
        assert int(found[2]) <= place


def test_the_contributions_explain_the_score(shop: IndexData) -> None:
    """Each feature's contribution compared with the mean, the largest first."""
    lines = explain(shop, ASKED, "shop/session.py").splitlines()
    parts = [float(found[1]) for line in lines if (found := re.match(r" +([+-]\d+\.\d+)  ", line))]
    named = [line.split(maxsplit=1)[1].rpartition(" ")[0] for line in lines if re.match(r" +[+-]\d", line)]

    assert parts
    assert parts == sorted(parts, key=abs, reverse=True)
    assert set(named) <= set(ORDER_WEIGHTS)
    evidence = score(shop, ASKED).evidence
    assert evidence is not None
    mean = ORDER_BIAS + sum(weight * evidence.files[name].mean() for name, weight in ORDER_WEIGHTS.items())
    file = shop.corpus.paths.index("shop/session.py")
    total = ORDER_BIAS + sum(weight * evidence.files[name][file] for name, weight in ORDER_WEIGHTS.items())
    assert mean + sum(parts) == pytest.approx(total, abs=0.05 * len(ORDER_WEIGHTS))


def test_the_words_of_the_request_are_counted(shop: IndexData) -> None:
    """With the names that contain them; words that the file does not have are not listed."""
    text = explain(shop, ASKED, "shop/session.py")
    assert "  word session: " in text
    assert "cookie×" in text
    assert "  word " not in explain(shop, ASKED, "web/show.ts")


def test_the_edges_are_named(shop: IndexData) -> None:
    """Who uses the file and whom it uses, and by which names."""
    lines = explain(shop, Focus(), "shop/session.py").splitlines()
    assert any(line.startswith("  used by shop/main.py (") and "Session" in line for line in lines)
    lines = explain(shop, Focus(), "shop/main.py").splitlines()
    assert any(line.startswith("  uses shop/session.py (") and "Session" in line for line in lines)


@pytest.mark.parametrize("target", ["shop/session.py:expire", "shop/session.py:Session.expire"])
@pytest.mark.parametrize("focus", [Focus(), ASKED])
def test_a_symbol_is_explained(shop: IndexData, focus: Focus, target: str) -> None:
    """By its name, with or without its class."""
    head = explain(shop, focus, target).splitlines()[0]
    assert re.fullmatch(r"Session\.expire \(shop/session\.py:10\): definition \d+ of \d+, score [\d.]+", head)


def test_a_name_alone_is_explained_wherever_it_is_defined() -> None:
    """Each place with the edges of its own file."""
    files = {"a.py": "def load(): pass\n", "b.py": "def load(): pass\n", "c.py": "import a\na.load()\n"}
    index_data = index_data_of(files)
    heads = [line for line in explain(index_data, Focus(), "load").splitlines() if line.startswith("load (")]

    assert [head.split(":")[0] for head in heads] == ["load (a.py", "load (b.py"]


def test_every_file_can_be_located(shop: IndexData) -> None:
    """By its path."""
    for number, path in enumerate(shop.corpus.paths):
        assert target_of(shop, path) == Target(number, ())
    (doc_id,) = target_of(shop, "./shop/cart.py:price").doc_ids
    assert shop.corpus.paths[shop.corpus.doc_file[doc_id]] == "shop/cart.py"


def test_a_path_may_begin_with_a_dot(shop: IndexData) -> None:
    """As a shell completes it."""
    assert target_of(shop, "./shop/cart.py") == target_of(shop, "shop/cart.py")


def test_a_path_with_a_colon_is_a_path() -> None:
    """If there is such a file."""
    index_data = index_data_of({"a:b.py": "def c(): pass\n"})
    assert target_of(index_data, "a:b.py") == Target(0, ())
    assert target_of(index_data, "a:b.py:c") == Target(None, (1,))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no/such.py", "There is no file no/such.py in the index"),
        ("no/such.py:name", "There is no file no/such.py:name in the index"),
        ("shop/carrt.py", "Similar: shop/cart.py"),
        ("Sesion", "Nothing named Sesion is defined here. Similar: Session"),
        ("shop/cart.py:nothing", "shop/cart.py defines nothing named nothing"),
        ("", "Nothing named an empty name"),
        ("a\x1b[31m.py", "There is no file a\ufffd[31m.py in"),
    ],
)
def test_an_unknown_target_is_an_error(shop: IndexData, target: str, said: str) -> None:
    """The message says which part is unknown and what to do, and cannot control a terminal."""
    with pytest.raises(NotInRepository) as caught:
        explain(shop, ASKED, target)
    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_an_explanation_holds_nothing_unprintable() -> None:
    """Names and paths come from the repository."""
    index_data = index_data_of({"a\x1b.py": "def f(): pass\n", "b\u202e.py": "f()\n"})
    text = explain(index_data, Focus("f"), "a\x1b.py")
    assert "\x1b" not in text
    assert "\u202e" not in text

"""A change is answered with what it touches, who uses that, which tests to run, and what changes with it."""

import difflib
import json
from collections.abc import Mapping

import jsonschema
import pytest
from corpora import index_data_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.errors import BadRequest, NotInRepository
from repomap.impact.impact import impact_of_diff, impact_of_targets
from repomap.impact.values import Impact, impact_object
from repomap.mapping.formats import schema
from repomap.mapping.tokens import count_tokens
from repomap.model import LEAST_TOKENS

BEFORE = {
    "shop/__init__.py": "",
    "shop/price.py": (
        "RATE = 0.2\n\n\ndef with_tax(amount):\n    return amount * (1 + RATE)\n\n\n"
        "def rounded(amount):\n    return round(amount, 2)\n"
    ),
    "shop/cart.py": (
        "from shop.price import with_tax\n\n\nclass Cart:\n    def total(self):\n"
        "        return with_tax(sum(self.items))\n"
    ),
    "shop/page.py": "from shop.cart import Cart\n\n\ndef show_page(request):\n    return Cart().total()\n",
    "shop/other.py": "def unrelated_thing():\n    return None\n",
    "docs/price.md": "# Price\n",
    "tests/conftest.py": "import pytest\n",
    "tests/test_price.py": "from shop.price import with_tax\n\n\ndef test_tax():\n    assert with_tax(1) == 1.2\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart().total() == 0\n",
    "tests/test_zebra.py": "def test_stripes():\n    assert True\n",
}
AFTER = BEFORE | {"shop/price.py": BEFORE["shop/price.py"].replace("(1 + RATE)", "(1 + RATE / 1)")}
COMMITS = [
    ("Round prices", ("shop/price.py", "docs/price.md", "tests/test_price.py")),
    ("Add a rate", ("shop/price.py", "docs/price.md")),
    ("Add a page", ("shop/page.py",)),
]


def diff_of(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The unified diff between two trees."""
    lines: list[str] = []
    for path in sorted(before | after):
        old, new = before.get(path), after.get(path)
        if old != new:
            lines += difflib.unified_diff(
                (old or "").splitlines(keepends=True),
                (new or "").splitlines(keepends=True),
                "/dev/null" if old is None else f"a/{path}",
                "/dev/null" if new is None else f"b/{path}",
            )
    return "".join(lines)


def impact(
    tree: Mapping[str, str], diff: str, *, limit: int = 10, tokens: int = 2048, folder: str = "/home/shop"
) -> Impact:
    """The impact of a diff on a tree."""
    read = lambda path: tree[path].encode() if path in tree else None  # noqa: E731
    return impact_of_diff(
        *(index_data_of(tree, COMMITS), diff, read, folder),
        limit=limit,
        depth=3,
        budget_tokens=tokens,
        count=count_tokens,
    )


@pytest.mark.parametrize("tree", [BEFORE, AFTER], ids=["before", "after"])
def test_a_diff_counts_for_the_tree_before_and_after_it(tree: dict[str, str]) -> None:
    """A patch that is not applied yet is answered as one that is."""
    found = impact(tree, diff_of(BEFORE, AFTER))
    assert found.files == ("shop/price.py",)
    assert [each.name for each in found.definitions] == ["with_tax"]
    assert [(each.path, each.within, each.steps) for each in found.callers] == [
        ("shop/cart.py", "", 1),
        ("shop/cart.py", "Cart.total", 1),
        ("shop/page.py", "show_page", 2),
    ]
    assert [each.path for each in found.tests[:2]] == ["tests/test_price.py", "tests/test_cart.py"]
    assert [(each.path, each.commits) for each in found.together] == [("docs/price.md", 2)]


def test_what_has_nothing_to_do_with_a_change_is_no_test_to_run() -> None:
    """And neither is what the tests share, such as conftest.py."""
    paths = [each.path for each in impact(AFTER, diff_of(BEFORE, AFTER)).tests]
    assert "tests/conftest.py" not in paths
    assert "tests/test_zebra.py" not in paths


def test_documents_need_no_tests() -> None:
    """A change of prose alone has none to run."""
    after = BEFORE | {"docs/price.md": "# Prices with_tax\n"}
    found = impact(after, diff_of(BEFORE, after))
    assert (found.files, found.tests, found.callers) == (("docs/price.md",), (), ())


def test_a_changed_test_comes_first() -> None:
    """Whatever else is likely to break."""
    after = AFTER | {"tests/test_zebra.py": "def test_stripes():\n    assert 1\n"}
    found = impact(after, diff_of(BEFORE, after))
    assert found.tests[0].path == "tests/test_zebra.py"
    assert found.tests[0].reasons == ("changed",)


def test_users_of_a_removed_definition_are_callers() -> None:
    """Nothing defines the name any more, and whoever uses it breaks."""
    after = BEFORE | {"shop/price.py": BEFORE["shop/price.py"].replace("with_tax", "taxed")}
    found = impact(after, diff_of(BEFORE, after))
    assert ("shop/cart.py", "Cart.total", "with_tax") in [
        (each.path, each.within, each.uses) for each in found.callers
    ]
    assert "tests/test_price.py" in [each.path for each in found.tests]


def test_a_removed_and_a_new_file_have_an_impact() -> None:
    """By its name at least: the index has no such file."""
    gone = {path: text for path, text in BEFORE.items() if path != "shop/price.py"}
    assert impact(gone, diff_of(BEFORE, gone)).tests[0].path == "tests/test_price.py"
    assert impact(gone, diff_of(gone, BEFORE)).tests[0].path == "tests/test_price.py"


def test_an_added_function_belongs_to_what_is_around_it() -> None:
    """Lines between two functions change neither of them."""
    text = BEFORE["shop/price.py"].replace("\n\ndef rounded", "\n\ndef added():\n    pass\n\n\ndef rounded")
    diff = diff_of(BEFORE, BEFORE | {"shop/price.py": text})
    assert impact(BEFORE, diff).definitions == ()
    assert [each.name for each in impact(BEFORE | {"shop/price.py": text}, diff).definitions] == ["added"]


def test_the_paths_of_a_diff_may_begin_above_the_folder() -> None:
    """`git diff` writes paths from the top of the repository, wherever the index begins."""
    diff = diff_of(BEFORE, AFTER).replace("a/shop/", "a/lib/py/shop/").replace("b/shop/", "b/lib/py/shop/")
    assert [each.name for each in impact(AFTER, diff, folder="/home/repo/lib/py").definitions] == ["with_tax"]
    assert impact(AFTER, diff, folder="/home/repo/lib/go").definitions == ()


def test_a_hunk_is_found_where_it_has_moved_to() -> None:
    """The file has changed since the diff was made."""
    moved = AFTER | {"shop/price.py": "# one\n# two\n" * 9 + AFTER["shop/price.py"]}
    assert [each.name for each in impact(moved, diff_of(BEFORE, AFTER)).definitions] == ["with_tax"]


def test_files_and_symbols_are_a_change_of_all_of_them() -> None:
    """`PATH`, `NAME` and `PATH:NAME`; an unknown one is an error that names what comes near."""

    def of(*targets: str) -> Impact:
        return impact_of_targets(
            index_data_of(BEFORE, COMMITS),
            targets,
            limit=10,
            depth=3,
            budget_tokens=2048,
            count=count_tokens,
        )

    assert {each.name for each in of("shop/price.py").definitions} == {"RATE", "with_tax", "rounded"}
    assert {each.name for each in of("shop/price.py:with_tax", "Cart.total").definitions} == {
        "with_tax",
        "total",
    }
    assert of("with_tax").tests[0].path == "tests/test_price.py"
    with pytest.raises(NotInRepository, match="with_tax"):
        of("with_taxes")


def test_a_text_that_is_no_diff_is_refused() -> None:
    """An empty one is a change of nothing."""
    with pytest.raises(BadRequest, match="not a diff"):
        impact(BEFORE, "hello\n")
    assert impact(BEFORE, "").text == "Nothing changed.\n"


@given(st.integers(LEAST_TOKENS, 300), st.integers(1, 4))
@examples(12)
def test_the_text_fits_its_budget_and_the_lists_their_limit(tokens: int, limit: int) -> None:
    """What the text does not show, the lists do not have, and the counts of what is omitted say so."""
    found = impact(AFTER, diff_of(BEFORE, AFTER), limit=limit, tokens=tokens)
    whole = impact(AFTER, diff_of(BEFORE, AFTER), limit=99, tokens=9999)
    assert count_tokens(found.text) == found.tokens <= tokens
    for name in ("definitions", "callers", "tests", "together"):
        shown, all_ = getattr(found, name), getattr(whole, name)
        assert shown == all_[: len(shown)]
        assert len(shown) <= limit
        assert found.omitted[name] == len(all_) - len(shown)
    jsonschema.validate(json.loads(json.dumps(impact_object(found))), json.loads(schema("impact")))

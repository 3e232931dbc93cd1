"""Maps as people have read and approved them; `make approve` writes new ones."""

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import SHOP, write_files

from repomap.index.index import Index
from repomap.index.options import IndexOptions
from repomap.model import Focus

pytestmark = pytest.mark.usefixtures("lasting_workers")

FIXTURES = Path(__file__).parents[2] / "fixtures"
QUERIES = {
    "c": "insert a node into the list",
    "go": "the queue is closed while somebody waits",
    "java": "find an entity by its id",
    "python": "open the ledger and read its entries",
    "ruby": "find the book on the shelf of the library",
    "rust": "parse error of an unexpected token",
    "typescript": "subscribe to changes of the store",
}
OPTIONS = IndexOptions(1, cache=False, history=False)
Approved = Callable[[Path, str], None]


@pytest.mark.parametrize("language", QUERIES)
def test_the_map_of_a_language_is_as_approved(language: str, approved: Approved) -> None:
    """Without a request, and with one in a small budget, each with its tokens in the first line."""
    index = Index(FIXTURES / "repos" / language, OPTIONS)
    for name, focus, tokens in (
        (language, Focus(), 400),
        (f"{language}-asked", Focus(QUERIES[language]), 120),
    ):
        made = index.map(focus, tokens)
        head = f"# {focus.request or 'no request'}: {made.tokens} of {tokens} tokens\n"
        approved(FIXTURES / "maps" / f"{name}.txt", head + made.text)


@pytest.mark.parametrize(
    ("name", "focus"),
    [
        ("shop", Focus()),
        ("shop-asked", Focus("why does the session cookie expire")),
        ("shop-in-chat", Focus("round the price", chat=("shop/cart.py",))),
        ("shop-mentioned", Focus(mentions=("show", "README.md"))),
    ],
)
def test_the_map_of_several_folders_is_as_approved(
    tmp_path: Path, name: str, focus: Focus, approved: Approved
) -> None:
    """Two languages, a test and a document, in a budget that not all of it fits."""
    write_files(tmp_path, SHOP)
    made = Index(tmp_path, OPTIONS).map(focus, 80)
    head = f"# {focus.request or 'no request'}: {made.tokens} of 80 tokens\n"
    approved(FIXTURES / "maps" / f"{name}.txt", head + made.text)

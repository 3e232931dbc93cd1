"""However a repository changes, an index that stayed open answers like a new one."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from histories import bounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from repositories import SHOP, commit, git, make_repository, write_files
from texts import words

from repomap.errors import NotInRepository
from repomap.index.index import Index
from repomap.index.options import IndexOptions
from repomap.mapping.formats import to_json
from repomap.model import Focus

pytestmark = pytest.mark.usefixtures("lasting_workers")

QUESTIONS = (Focus(), Focus("why does the session cookie expire"), Focus("cart", mentions=("total",)))
PATHS = st.sampled_from(
    """shop/__init__.py shop/main.py shop/session.py shop/cart.py shop/prices/__init__.py shop/prices/list.py
    web/show.ts web/cart.ts web/index.ts docs/guide.md go.mod go/main.go package.json a.py""".split()
)
PIECES = st.sampled_from(
    (
        "from shop.session import Session\n",
        "from shop import cart\n",
        "from . import prices\n",
        "from .list import price\n",
        "def price(article):\n    return total(article)\n",
        "def total(lines):\n    return sum(price(one) for one in lines)\n",
        "class Session:\n    def expire(self, cookie):\n        return cookie\n",
        "class Cart(Session):\n    def total(self):\n        return Session.expire(self)\n",
        "export function show(cart) { return total(cart); }\n",
        "import { show } from './show';\n",
        "# the session's cookie, once more\n",
        "func Total(cart Cart) int { return cart.Price() }\n",
        "module example.org/shop\n",
        '{"name": "shop", "main": "web/index.ts"}\n',
    )
)
TEXTS = st.lists(PIECES, max_size=5).map("".join)


def said(index: Index) -> list[object]:
    """The answers of an index, as bytes and as values."""
    maps = [index.map(focus, tokens, words) for focus in QUESTIONS for tokens in (30, 300)]
    return [
        *(made.text for made in maps),
        *map(to_json, maps),
        *(index.ranking(focus) for focus in QUESTIONS),
        *(index.why(path, QUESTIONS[1]) for path in index.data.corpus.paths[::4]),
        *(index.outline(path).items for path in index.data.corpus.paths[::4]),
        *(looked_up(index, name) for name in ("total", "Session", "price", "show")),
    ]


def looked_up(index: Index, name: str) -> object:
    try:
        return index.symbol(name).items, index.references(name).items, index.find(name).items
    except NotInRepository as error:
        return str(error)


class Repository(RuleBasedStateMachine):
    """A repository, an index that stays open, and now and then a process that begins with its snapshot.

    The index looks at every file each time, or at those that a watch names.
    """

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="history-"))
        self.root = self.home / "shop"
        self.branches = ["main"]
        self.index = Index(self.root)

    @initialize(watch=st.booleans())
    def make(self, watch: bool) -> None:
        make_repository(self.root)
        self.options = IndexOptions(1, watch=watch)
        self.index = Index(self.root, self.options)

    @rule(path=PATHS, text=TEXTS)
    def write(self, path: str, text: str) -> None:
        write_files(self.root, {path: text})

    @rule(path=st.sampled_from(sorted(SHOP)), text=PIECES)
    def append(self, path: str, text: str) -> None:
        if (self.root / path).is_file():
            with (self.root / path).open("a") as file:
                file.write(text)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)

    @rule(path=PATHS, other=PATHS)
    def rename(self, path: str, other: str) -> None:
        if (self.root / path).is_file():
            (self.root / other).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.root / path, self.root / other)

    @rule(subject=st.sampled_from(("Lend umbrellas", "Let the session expire", "Say the price")))
    def commit(self, subject: str) -> None:
        commit(self.root, subject)

    @rule()
    def branch(self) -> None:
        self.branches.append(f"branch-{len(self.branches)}")
        git(self.root, "checkout", "-q", "-b", self.branches[-1])

    @precondition(lambda self: len(self.branches) > 1)
    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        commit(self.root, "Before the switch")
        git(self.root, "checkout", "-q", data.draw(st.sampled_from(self.branches)))

    @rule()
    def begin_again(self) -> None:
        self.index.close()
        self.index = Index(self.root, self.options)

    @invariant()
    def says_what_a_new_index_says(self) -> None:
        if not (self.root / "README.md").exists():
            return
        self.index.refresh()
        with Index(self.root, IndexOptions(1, snapshot=False)) as new:
            assert said(self.index) == said(new)

    def teardown(self) -> None:
        self.index.close()
        shutil.rmtree(self.home)


class TestShortHistories(Repository.TestCase):
    """A few steps, in every run."""

    settings = bounds(2, 5)


@pytest.mark.slow
class TestLongHistories(Repository.TestCase):
    """Five hundred steps."""

    settings = bounds(10, 50)

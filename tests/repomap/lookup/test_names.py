"""Names are understood as each language's people write them, and members are found by name."""

import functools

import pytest
from corpora import index_data_of

from repomap.errors import NotInRepository
from repomap.lookup.answers import Answer
from repomap.lookup.symbols import outline, source, symbol
from repomap.mapping.tokens import count_tokens
from repomap.ranking.index_data import IndexData

FILES = {
    "client.php": "<?php\nnamespace Vendor;\nclass Client {\n    function get() {}\n}\n",
    "Client.md": "# Client\n",
    "cobra.go": "package cobra\n\nfunc (c *Command) Execute() error {\n\treturn nil\n}\n\n"
    "type Command struct {\n\tUse string\n}\n",
    "helpers_test.go": "package cobra\n\nfunc executeCommand() {}\n",
    "http.swift": "class Session {\n    func request(_ url: String, method: String) {}\n}\n",
    "lib/cart.ex": "defmodule Shop.Cart do\n  def add(cart, item), do: [item | cart]\nend\n",
    "main.tf": 'resource "aws_vpc" "this" {\n}\n\nvariable "cidr" {\n}\n',
    "refsrv.erl": "-module(refsrv).\nprn(X) -> prn(X, 0).\nprn(X, Y) -> X + Y.\n",
    "server.lisp": "(defpackage hunchentoot)\n(defun start (x) x)\n",
    "shape.rs": "pub enum Colour { Red, A_13 }\npub struct IS_A_13 { pub id: u8 }\n",
    "src/DataFrames.jl": 'module DataFrames\ninclude("rows.jl")\nend\n',
    "src/rows.jl": "function nrow(df)\n    1\nend\n",
    "Store.m": "@implementation Store\n- (void)store:(id)a didAddItem:(id)b {\n}\n@end\n",
}


@functools.cache
def data() -> IndexData:
    """Made by the first test: a process that runs none of them has no use for twelve grammars."""
    return index_data_of(FILES)


def read(path: str) -> bytes | None:
    text = FILES.get(path)
    return None if text is None else text.encode()


def answered(name: str) -> Answer:
    return symbol(data(), name, read, 1000, count_tokens)


@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        ("(*Command).Execute", "cobra.go", 3),
        ("Command.Execute", "cobra.go", 3),
        ("cobra.Command.Execute", "cobra.go", 3),
        ("Vendor\\Client", "client.php", 3),
        ("Shop.Cart.add", "lib/cart.ex", 2),
        ("add/2", "lib/cart.ex", 2),
        ("refsrv:prn/1", "refsrv.erl", 2),
        ("aws_vpc.this", "main.tf", 1),
        ("var.cidr", "main.tf", 4),
        ("request(_:method:)", "http.swift", 2),
        ("Session.request(_:method:)", "http.swift", 2),
        ("store:didAddItem:", "Store.m", 2),
        ("DataFrames.nrow", "src/rows.jl", 1),
        ("hunchentoot:start", "server.lisp", 2),
    ],
)
def test_a_name_is_understood_as_its_language_writes_it(name: str, path: str, line: int) -> None:
    """Receivers, arities, labels, selectors, addresses and packages are not part of the name itself."""
    first = answered(name).items[0]
    assert (first.path, first.lines[0]) == (path, line)


@pytest.mark.parametrize(
    ("name", "parent", "kind"),
    [
        ("Colour.Red", "Colour", "constant"),
        ("A_13", "Colour", "constant"),
        ("Command.Use", "Command", "field"),
    ],
)
def test_a_member_is_found_by_its_name(name: str, parent: str, kind: str) -> None:
    """The index has no members; the files that have the name in code are parsed again."""
    (member,) = answered(name).items
    assert (member.parent, member.kind) == (parent, kind)
    assert name.rpartition(".")[2] in source(data(), name, read, 1000, count_tokens).text


def test_accents_may_be_composed_or_apart() -> None:
    """macOS writes the names of files apart, keyboards compose them."""
    composed, apart = "caf\u00e9", "cafe\u0301"
    files = {f"{apart}.py": f"def {composed}(): ...\n"}
    data = index_data_of(files)
    assert symbol(data, apart, lambda _: None, 1000, count_tokens).items[0].name == composed
    assert outline(data, f"{composed}.py", None, 1000, count_tokens).items[0].name == composed


def names_in(answer: Answer) -> list[str]:
    return [f"{item.parent}.{item.name}".lstrip(".") for item in answer.items]


def test_an_outline_shows_members() -> None:
    """Below what they belong to, in source order."""
    shown = names_in(outline(data(), "shape.rs", read, 1000, count_tokens))
    assert shown == ["Colour", "Colour.Red", "Colour.A_13", "IS_A_13", "IS_A_13.id"]


def test_members_are_left_out_when_the_file_has_changed() -> None:
    """Their lines would not be those of the index."""
    changed = b"\n\n\n" + FILES["shape.rs"].encode()
    assert names_in(outline(data(), "shape.rs", lambda _: changed, 1000, count_tokens)) == [
        "Colour",
        "IS_A_13",
    ]


def test_a_member_of_another_type_is_not_given() -> None:
    """`Command.Red` is nothing, and `Red` is not an answer to it."""
    with pytest.raises(NotInRepository):
        answered("Command.Red")

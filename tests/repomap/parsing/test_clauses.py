"""A definition spans all its parts, even if the grammar splits it."""

from file_tags import definitions, references

from repomap.model import Definition
from repomap.parsing.languages import BY_NAME
from repomap.parsing.parse import parse_source


def definitions_in(language: str, text: str) -> list[Definition]:
    return definitions(parse_source(text.encode(), BY_NAME[language]))


def test_equations_and_their_type_are_one_definition() -> None:
    """A Haskell function is its type and every equation; the type is its signature."""
    (fact,) = definitions_in("haskell", "fact :: Int -> Int\nfact 0 = 1\nfact n = n * fact (n - 1)\n")

    assert (fact.name, fact.span.first, fact.span.last) == ("fact", 1, 3)
    assert fact.signature == "fact :: Int -> Int"


def test_a_clause_of_another_name_begins_another_definition() -> None:
    """Clauses are joined only if nothing is between them."""
    clauses = definitions_in("elixir", "def a(1), do: 1\ndef a(2), do: 2\ndef b, do: 3\ndef a(3), do: 4\n")

    assert [(item.name, item.span.first, item.span.last) for item in clauses] == [
        ("a", 1, 2),
        ("b", 3, 3),
        ("a", 4, 4),
    ]


def test_the_name_of_a_further_clause_is_not_a_use_of_it() -> None:
    """Only the call in the last clause uses the function."""
    tags = parse_source(b"fact(0) -> 1;\nfact(N) -> N * fact(N - 1).\n", BY_NAME["erlang"])

    assert references(tags)["fact"] == 1


def test_a_body_beside_its_signature_belongs_to_the_definition() -> None:
    """Dart's grammar puts a function's body after the node that has its name."""
    (main,) = definitions_in("dart", "void main() {\n  run();\n}\n")

    assert (main.span.first, main.span.last, main.signature) == (1, 3, "void main()")


def test_a_stage_reaches_to_the_next() -> None:
    """The instructions of a Dockerfile belong to the stage above them."""
    first, second = definitions_in("dockerfile", "FROM a AS one\nRUN x\nUSER y\nFROM one AS two\nRUN z\n")

    assert (first.name, first.span.last, second.name, second.span.last) == ("one", 3, "two", 5)


def test_a_byte_order_mark_is_no_part_of_a_signature() -> None:
    """Windows editors write one before the first word."""
    (one,) = definitions_in("powershell", "\ufefffunction Get-It { 1 }\n")

    assert one.signature == "function Get-It"


def test_a_dotted_module_is_named_as_its_uses_end() -> None:
    """`alias Bank.Ledger` is used as `Ledger`."""
    (ledger,) = definitions_in("elixir", "defmodule Bank.Ledger do\nend\n")

    assert (ledger.name, ledger.signature) == ("Ledger", "defmodule Bank.Ledger")

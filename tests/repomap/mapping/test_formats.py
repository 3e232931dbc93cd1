"""JSON, Markdown and XML show what the text shows."""

import json
from xml.etree import ElementTree

import jsonschema
import pytest
from corpora import build_corpus, file_lists, index_data_of
from hypothesis import assume, given
from properties import examples
from repositories import SHOP
from texts import read_map, words

from repomap.mapping.declaration import map_lines, written_definition
from repomap.mapping.form import Form
from repomap.mapping.formats import FORMATS, schema, to_json, to_markdown, to_text, to_xml
from repomap.mapping.make import make_map
from repomap.model import Focus, RepoMap
from repomap.ranking.index_data import IndexData, build_index_data

SCHEMA = json.loads(schema("map"))


@pytest.fixture(scope="module")
def shop() -> IndexData:
    return index_data_of(SHOP)


@pytest.fixture(params=[("", 16), ("", 1000), ("session cookie", 25), ("session cookie", 1000)])
def made(shop: IndexData, request: pytest.FixtureRequest) -> RepoMap:
    asked, budget = request.param
    return make_map(shop, Focus(asked), budget, words)


def test_the_schema_is_valid() -> None:
    """Valid for the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_follows_the_schema(made: RepoMap) -> None:
    """For small and large budgets, with and without a request."""
    jsonschema.validate(json.loads(to_json(made)), SCHEMA)


def test_json_shows_what_the_text_shows(made: RepoMap) -> None:
    """The same files, and in each the same definitions, by their signatures' lines: whole, or in brief."""
    shown = {
        file["path"]: [
            (
                written_definition(one["signature"], one["name"], one["kind"], file["language"]),
                map_lines(one["signature"], one["name"], one["kind"], file["language"], Form(brief=True)),
            )
            for one in file["definitions"]
        ]
        for file in json.loads(to_json(made))["files"]
    }
    rows = {path: [row.line for row in rows] for path, _, rows in read_map(made.text)}
    assert shown.keys() == rows.keys()
    for path, lines in rows.items():
        assert all(line in forms for line, forms in zip(lines, shown[path], strict=True))


def test_json_has_the_numbers_of_the_map(made: RepoMap) -> None:
    """Tokens of the text, the budget, what was omitted; scores fall from file to file."""
    found = json.loads(to_json(made))
    assert (found["tokens"], found["budget"]) == (made.tokens, made.budget_tokens)
    assert found["omitted"] == {"files": made.omitted_files, "definitions": made.omitted_definitions}
    scores = [file["score"] for file in found["files"]]
    assert scores == sorted(scores, reverse=True)


def test_json_has_the_place_of_a_definition(shop: IndexData) -> None:
    """Kind, parent and lines, as an editor counts them."""
    files = json.loads(to_json(make_map(shop, Focus(), 1000, words)))["files"]
    (session,) = (file for file in files if file["path"] == "shop/session.py")
    (expire,) = (one for one in session["definitions"] if one["name"] == "expire")
    assert session["language"] == "python"
    assert (expire["kind"], expire["parent"], expire["lines"]) == ("method", "Session", [10, 11])


def test_xml_and_markdown_show_the_same_files(made: RepoMap) -> None:
    """And as many definitions in each."""
    tree = ElementTree.fromstring(to_xml(made))
    assert [(file.get("path"), len(file)) for file in tree] == [
        (file.path, len(file.definitions)) for file in made.files
    ]
    lines = to_markdown(made).splitlines()
    assert [line[3:-1] for line in lines if line.startswith("- `")] == [file.path for file in made.files]
    assert len(lines) == sum(1 + len(file.definitions) for file in made.files)


def test_text_is_the_text(made: RepoMap) -> None:
    """The text that was counted, unchanged."""
    assert to_text(made) == made.text


@examples(25)
@given(file_lists())
def test_any_map_has_every_format(files: list) -> None:
    """Whatever characters names have: JSON is valid and ASCII, XML can be parsed, no line of Markdown is broken."""
    corpus = build_corpus(files)
    assume(corpus.words)
    made = make_map(build_index_data(corpus, []), Focus("run"), 300, words)

    assert to_json(made).isascii()
    jsonschema.validate(json.loads(to_json(made)), SCHEMA)
    tree = ElementTree.fromstring(to_xml(made))
    assert len(tree) == len(made.files)
    assert sum(map(len, tree)) == sum(len(file.definitions) for file in made.files)
    assert all(line.startswith(("- `", "  - `")) for line in to_markdown(made).splitlines())
    assert all(form(made).encode("utf-8") is not None for form in FORMATS.values())

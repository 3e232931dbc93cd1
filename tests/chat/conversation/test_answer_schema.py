"""What an answer has to fit: schemas that can be used, and the value that an answer gives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.conversation.answer_schema import parse_schema
from chat.errors import InputError

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ('{"const": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("3", "not a JSON Schema"),
        ('{"type": "objekt"}', "not a valid JSON Schema"),
        ('{"properties": {"a": {"pattern": "("}}}', "not a valid JSON Schema"),
        ('{"items": {"$ref": "#/$defs/absent"}}', "nothing is fetched"),
        ('{"$ref": "https://example.org/schema.json"}', "nothing is fetched"),
        ('{"$ref": "#"}', "without end"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(text: str, said: str) -> None:
    """Before any call, with the place of the mistake."""
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        parse_schema(text, "answer.json")


@pytest.mark.parametrize(
    "answer",
    [
        '{"n": 1}',
        '\n {"n": 1}\n',
        'Here it is:\n```json\n{"n": 1}\n```\n',
        'I counted {braces} and [1]. {"n": 2} was the first try; now {"n": 1}',
        '{"n": "one"}\n\n{"n": 1}\n\nThat is all.',
    ],
)
def test_the_value_is_found_in_an_answer(answer: str) -> None:
    """Alone, in a fence or after some words; the last that fits."""
    assert parse_schema(SCHEMA, "s").check(answer).value == {"n": 1}


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        ("No.", ("The answer holds no JSON.",)),
        ('{"n": NaN}', ("The answer holds no JSON.",)),
        ('{"n": "1"}', ("$.n: '1' is not of type 'integer'",)),
        ("{}", ("$: 'n' is a required property",)),
    ],
)
def test_what_does_not_fit_is_told(answer: str, errors: tuple[str, ...]) -> None:
    """With its place in the value."""
    assert parse_schema(SCHEMA, "s").check(answer).errors == errors


def test_references_within_a_schema_hold() -> None:
    """Also to the parts of a schema with an id of its own, and to the published drafts."""
    inner = {"$id": "https://example.org/n", "$defs": {"n": {"const": 1}}, "$ref": "#/$defs/n"}
    schema = {"prefixItems": [inner, {"$ref": "https://json-schema.org/draft/2020-12/schema"}]}
    found = parse_schema(json.dumps(schema), "s")

    assert found.check("[1, {}]").errors == ()
    assert found.check("[2, {}]").errors == ("$[0]: 1 was expected",)


def test_an_older_draft_is_read_as_such() -> None:
    """`$schema` says which one; `definitions` and a list of `items` are of draft 7."""
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}

    assert parse_schema(json.dumps(schema), "s").check("[1]").errors


@given(st.text(alphabet='{}[]",:1a`\n ', max_size=60))
@examples(60)
def test_any_answer_can_be_checked(answer: str) -> None:
    """It fits, or there are errors."""
    checked = parse_schema(SCHEMA, "s").check(answer)
    assert bool(checked.errors) != isinstance(checked.value, dict)

"""The schema that an answer has to fit: read, checked, and held against what the model says. Pure.

The library reads JSON Schema 2020-12 unless `$schema` names an older draft. No reference is ever fetched.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chat.errors import ChatError, InputError

_MAX_ERRORS = 20
_MAX_STARTS = 1_000
"""So many places of an answer are tried where a value could begin."""
_FENCED = re.compile(r"^```[\w-]*[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_NOT_SENT = "Nothing was sent; correct it and try again."


class AnswerMisfit(ChatError):
    """The answer does not fit the schema, also after it was asked for once more."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer held against a schema."""

    value: object = None
    """What fits; None also where nothing does."""
    errors: tuple[str, ...] = ()
    """Where and why it does not fit, one a line; empty if it does."""


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """A schema that was checked itself."""

    text: str
    """As JSON in one line, for the model."""
    validator: Any
    """Of the library `jsonschema`."""

    def check(self, answer: str) -> Checked:
        """Take the value that an answer gives and hold it against the schema.

        Where the answer has several, the first that fits counts: all of it, a fence, a value in the text; the last
        before earlier ones.
        """
        errors: tuple[str, ...] = ()
        for value in _values(answer):
            found = self._errors(value)
            if not found:
                return Checked(value)
            errors = errors or found
        return Checked(errors=errors or ("The answer holds no JSON.",))

    def _errors(self, value: object) -> tuple[str, ...]:
        try:
            found = sorted(self.validator.iter_errors(value), key=lambda error: list(map(str, error.path)))
        except RecursionError:
            return ("The value or the schema is nested too deeply to be compared.",)
        lines = [f"{error.json_path}: {error.message[:500]}" for error in found[:_MAX_ERRORS]]
        rest = len(found) - len(lines)
        return (*lines, f"… and {rest} more") if rest else tuple(lines)


def parse_schema(text: str, where: str) -> AnswerSchema:
    """Read a schema; ``where`` names it in messages. Raises InputError where it is none that can be used."""
    # imported late: it takes 0.1 s, and few runs have a schema
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for
    from referencing.exceptions import NoSuchResource, Unresolvable

    try:
        schema = _loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not JSON: {error}. {_NOT_SENT}") from error
    if not isinstance(schema, dict | bool):
        raise InputError(f"{where} is not a JSON Schema, which is an object. {_NOT_SENT}")
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        validator = _without_network(kind, schema)
        validator.is_valid(None)  # a schema that refers to itself without end shows it with any value
    except SchemaError as error:
        raise InputError(
            f"{where} is not a valid JSON Schema: {error.json_path}: {error.message[:500]}. {_NOT_SENT}"
        ) from error
    except (Unresolvable, NoSuchResource) as error:
        raise InputError(
            f"{where} refers to {error.ref}, which is not in it, and nothing is fetched. {_NOT_SENT}"
        ) from error
    except RecursionError as error:
        raise InputError(f"{where} refers to itself without end. {_NOT_SENT}") from error
    return AnswerSchema(json.dumps(schema, ensure_ascii=False), validator)


def _without_network(kind: Any, schema: object) -> Any:
    """Return the validator of a schema, whose references are all there. Raises Unresolvable."""
    from jsonschema_specifications import REGISTRY
    from referencing.jsonschema import DRAFT202012, specification_with

    dialect = schema.get("$schema") if isinstance(schema, Mapping) else None
    specification = specification_with(dialect, default=DRAFT202012) if dialect else DRAFT202012
    resource = specification.create_resource(schema)
    _require_references(resource, REGISTRY.resolver_with_root(resource))
    return kind(schema, registry=REGISTRY)


def _require_references(resource: Any, resolver: Any) -> None:
    """Look up every reference of a schema."""
    if isinstance(resource.contents, Mapping):
        for name in ("$ref", "$dynamicRef"):
            if isinstance(reference := resource.contents.get(name), str):
                resolver.lookup(reference)
    for part in resource.subresources():
        _require_references(part, resolver.in_subresource(part))


def _values(answer: str) -> Iterator[object]:
    """The JSON values in an answer, the likeliest first."""
    for text in (answer, *reversed(_FENCED.findall(answer))):
        try:
            yield _loads(text)
        except (ValueError, RecursionError):
            continue
    yield from reversed(list(_values_within(answer)))


def _values_within(answer: str) -> Iterator[object]:
    """The objects and lists that stand in a text, in order."""
    decoder, start = json.JSONDecoder(parse_constant=_refuse), 0
    for _ in range(_MAX_STARTS):
        match = re.compile(r"[{\[]").search(answer, start)
        if match is None:
            return
        try:
            value, start = decoder.raw_decode(answer, match.start())
            yield value
        except (ValueError, RecursionError):
            start = match.end()


def _loads(text: str) -> object:
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> object:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{constant} is not JSON")

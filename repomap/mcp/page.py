"""A page of an answer: its text with what has to be said below it, its JSON values, and the cursor of the next one.

A cursor is how much was shown before, and a digest of the question. It holds no state of the server, so any process
that serves the same folder can answer it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repomap.errors import BadRequest
from repomap.impact.map_diff import FileChange
from repomap.impact.values import Impact, impact_object
from repomap.lookup.answers import Answer, Excerpt, Use, to_object
from repomap.mapping.formats import as_object
from repomap.mapping.tokens import count_tokens
from repomap.model import RepoMap

RESERVE_TOKENS = 32
"""What an answer leaves of its budget for the notes below it."""
LEAST_WITH_NOTES = 128
"""The least budget of which that is taken; a smaller one has notes only where they happen to fit."""
DIGEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Page:
    """What the client gets."""

    text: str
    values: dict[str, Any]


def answer_budget(budget_tokens: int) -> int:
    """Return how much of a budget the answer itself may take."""
    return budget_tokens - RESERVE_TOKENS if budget_tokens >= LEAST_WITH_NOTES else budget_tokens


def digest_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return what tells a question from others; its cursor is no part of it."""
    asked = {name: value for name, value in arguments.items() if name != "cursor"}
    text = json.dumps([tool, asked], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_DIGITS]


def skip_of(cursor: str, digest: str) -> int:
    """Return how much a cursor says was shown before; 0 for none.

    Raises BadRequest for one that was not given for this question.

    >>> skip_of("12-abc", "abc")
    12
    """
    if not cursor:
        return 0
    number, _, belongs_to = cursor.partition("-")
    if belongs_to != digest or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise BadRequest(
            f"The cursor {cursor[:40]!r} does not belong to this question. Repeat the call with exactly the arguments "
            "that gave it, or leave it out to begin with the first page."
        )
    return int(number)


def shown_in(answer: Any) -> int:
    """Return by how much an answer moves its cursor: items, and where the library counts lines, lines."""
    if isinstance(answer, RepoMap):
        return 1 if answer.files else 0
    if isinstance(answer, Impact):
        return len(answer.definitions) + len(answer.callers) + len(answer.tests) + len(answer.together)
    return sum(map(_size, answer.items))


def _size(item: Any) -> int:
    match item:
        case Use():
            return len(item.lines)
        case Excerpt():
            return item.lines[1] - item.lines[0] + 1
        case FileChange():
            return max(len(item.definitions), 1)
    return 1


def _rest(answer: Any) -> int:
    if isinstance(answer, RepoMap):
        return answer.omitted_files
    return sum(answer.omitted.values()) if isinstance(answer, Impact) else int(answer.omitted)


def make_page(answer: Any, skip: int, digest: str, budget_tokens: int, notes: Mapping[str, Any]) -> Page:
    """Make the page that shows an answer.

    ``notes`` are the members that its JSON values get besides: `partial`, `age_s`, each with a text in `said`.
    """
    shown = shown_in(answer)
    cursor = f"{skip + shown}-{digest}" if shown and _rest(answer) else ""
    said = [*notes.get("said", ()), *([f'(More with cursor "{cursor}".)'] if cursor else [])]
    text, tokens = answer.text, answer.tokens
    for note in said:
        longer = f"{text}{note}\n"
        tokens_longer = count_tokens(longer)
        if tokens_longer <= budget_tokens:
            text, tokens = longer, tokens_longer
    values = _values(answer)
    values |= {"tokens": tokens, "budget": budget_tokens}
    values |= {name: value for name, value in notes.items() if name != "said"}
    if cursor:
        values["next_cursor"] = cursor
    return Page(text, values)


def _values(answer: Any) -> dict[str, Any]:
    if isinstance(answer, Answer):
        return to_object(answer)
    return impact_object(answer) if isinstance(answer, Impact) else as_object(answer)


def paged_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Add the members of a page to the published schema of an answer."""
    extra = {
        "next_cursor": {
            "type": "string",
            "description": "Repeat the call with it as `cursor` for the next page. Without it, this is the last one.",
        },
        "partial": {
            "type": "boolean",
            "description": "True while the repository is read for the first time: what was not read yet is missing.",
        },
        "age_s": {
            "type": "number",
            "description": "Of a state that is being read again: seconds since it was read.",
        },
    }
    return {**schema, "properties": {**schema["properties"], **extra}}


def encodable(value: Any) -> Any:
    """Replace lone surrogates, which stand for bytes of paths and cannot be sent as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: encodable(element) for key, element in value.items()}
    if isinstance(value, list):
        return [encodable(element) for element in value]
    return value

"""The reply of a reviewing model → findings as it states them, or why it cannot be read. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.review.model import Severity

if TYPE_CHECKING:
    from chat.conversation.answer_schema import AnswerSchema

_TEXT = {"type": "string", "minLength": 1}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "file": _TEXT,
                    "line": {"type": "integer", "minimum": 1},
                    "end_line": {"type": "integer", "minimum": 1},
                    "quote": _TEXT,
                    "severity": {"enum": [severity.value for severity in Severity]},
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    "title": _TEXT,
                    "why": _TEXT,
                    "suggestion": {"type": "string"},
                },
                "required": ["file", "line", "quote", "severity", "confidence", "title", "why"],
            },
        }
    },
    "required": ["findings"],
}
"""What an answer has to fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A finding as the model states it."""

    path: str
    line: int
    end_line: int
    quote: str
    severity: Severity
    confidence: float
    title: str
    why: str
    suggestion: str


def answer_schema() -> "AnswerSchema":
    """Return what answers are held against."""
    from chat.conversation.answer_schema import parse_schema

    return parse_schema(json.dumps(SCHEMA), "The form of an answer")


def stated(value: Any) -> tuple[Stated, ...]:
    """Return the findings of an answer that fits the schema."""
    return tuple(
        Stated(
            path=str(each["file"]),
            line=int(each["line"]),
            end_line=max(int(each["line"]), int(each.get("end_line", each["line"]))),
            quote=str(each["quote"]),
            severity=Severity(each["severity"]),
            confidence=float(each["confidence"]),
            title=" ".join(str(each["title"]).split()),
            why=str(each["why"]).strip(),
            suggestion=str(each.get("suggestion", "")).strip(),
        )
        for each in value["findings"]
    )

"""The outcome as text, JSON and SARIF: names are a promise, and schemas hold."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chat.review.as_json import review_object, review_schema
from chat.review.as_sarif import review_sarif
from chat.review.as_text import review_text
from chat.review.model import ChangedFile, Dropped, Finding, Outcome, Severity

HOSTILE = "a\x1b]0;owned\x07\u202e\r\nb\x00\udcff"
SARIF_SCHEMA = Path(__file__).with_name("sarif-2.1.0.schema.json")


def outcome_of(path: str = "src/a.py", text: str = "Wrong", **fields: Any) -> Outcome:
    finding = Finding(
        path=path,
        line=3,
        end_line=4,
        severity=Severity.HIGH,
        confidence=0.85,
        title=text,
        why=text,
        suggestion=text,
        quote=f"{text}\nx",
        moved_from=7,
    )
    return Outcome(
        title="uncommitted changes",
        model="openai/x",
        files=(
            ChangedFile(path, "modified", (), old_path=path),
            ChangedFile("x.lock", "added", (), old_path="x.lock", skipped="generated"),
        ),
        findings=(finding,),
        dropped=(Dropped(path, 1, text, "it names no file"),),
        notes=(text,),
        calls=2,
        counts={"input_tokens": 10},
        cost_usd=None,
        **fields,
    )


OUTCOMES = [
    outcome_of(),
    outcome_of("dir with blank/ä\udcff#?.py", HOSTILE),
    outcome_of(error="It broke.", exit_code=1, failed_parts=1),
    Outcome(title="nothing"),
]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_object_fits_its_schema(outcome: Outcome) -> None:
    """As `trigpoint schema review` prints it."""
    schema = json.loads(review_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(review_object(outcome))), schema)


def test_every_field_that_scripts_read_is_described() -> None:
    """And required, so that a script need not look whether it is there."""
    schema = json.loads(review_schema())
    found = review_object(outcome_of())
    assert set(schema["required"]) == set(schema["properties"]) == set(found)
    of_finding = schema["properties"]["findings"]["items"]
    assert set(of_finding["required"]) == set(of_finding["properties"]) == set(found["findings"][0])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_log_is_sarif(outcome: Outcome) -> None:
    """By the schema of the standard."""
    schema = json.loads(SARIF_SCHEMA.read_text("utf-8"))
    log = json.loads(json.dumps(review_sarif(outcome, "1.0")))
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER).validate(log)


def test_a_result_says_where_and_how_bad() -> None:
    """With a fingerprint that stays when the lines move."""
    (result,) = review_sarif(outcome_of("a b.py"), "1.0")["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert (place["region"]["startLine"], place["region"]["endLine"]) == (3, 4)
    assert (result["level"], result["rank"], result["properties"]["severity"]) == ("error", 85.0, "high")


def test_the_text_says_it_to_a_person() -> None:
    """The place first, as editors understand it; the counts last."""
    assert review_text(outcome_of()).splitlines() == [
        "src/a.py:3-4: high: Wrong (85% sure)",
        "  | Wrong",
        "  | x",
        "  Wrong",
        "  Suggestion: Wrong",
        "  (The model said line 7; what it quotes stands here.)",
        "",
        "Not counted: src/a.py:1: “Wrong”: it names no file.",
        "1 finding: 1 high (uncommitted changes: 1 file, 1 file not reviewed).",
    ]


def test_a_terminal_gets_no_control_characters() -> None:
    """Whatever a file, a path or the model says."""
    shown = review_text(outcome_of("a\x1b[2J\n.py", HOSTILE))
    assert not [char for char in shown if char != "\n" and not char.isprintable()]

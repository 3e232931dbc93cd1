"""The outcome of a review as SARIF 2.1.0, which code hosts and editors read. Pure.

Written by hand: the libraries for it are models of the whole standard, of which this needs one page, and none of
them is kept up.
"""

import hashlib
from typing import Any
from urllib.parse import quote

from chat.review.model import Finding, Outcome, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_MEANINGS = {
    Severity.CRITICAL: "Data is lost, security has a hole, or nothing works.",
    Severity.HIGH: "Wrong in common use.",
    Severity.MEDIUM: "Wrong in rare cases.",
    Severity.LOW: "A weakness.",
    Severity.INFO: "Worth knowing.",
}


def review_sarif(outcome: Outcome, version: str) -> dict[str, Any]:
    """Return the log with one run; ``version`` is that of the program."""
    driver = {"name": "Trigpoint", "version": version, "rules": [_rule(severity) for severity in Severity]}
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcome)],
        "results": [_result(finding) for finding in outcome.findings],
        "properties": {"compared": outcome.title, "model": outcome.model},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(severity: Severity) -> dict[str, Any]:
    return {
        "id": _rule_id(severity),
        "shortDescription": {"text": f"A finding of severity {severity.value}"},
        "fullDescription": {"text": _MEANINGS[severity]},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _rule_id(severity: Severity) -> str:
    return f"review/{severity.value}"


def _result(finding: Finding) -> dict[str, Any]:
    parts = [finding.title, finding.why, f"Suggestion: {finding.suggestion}" if finding.suggestion else ""]
    return {
        "ruleId": _rule_id(finding.severity),
        "ruleIndex": finding.severity.rank,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n\n".join(filter(None, parts))},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"trigpointFinding/v1": _fingerprint(finding)},
        "rank": round(100 * finding.confidence, 1),
        "properties": {"severity": finding.severity.value, "confidence": finding.confidence},
    }


def _location(finding: Finding) -> dict[str, Any]:
    uri = quote(finding.path.encode("utf-8", "surrogateescape"), safe="/")
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": finding.line,
            "endLine": finding.end_line,
            "snippet": {"text": finding.quote},
        },
    }


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same when lines above a finding move: its file, title and code."""
    text = "\0".join((finding.path, finding.title.lower(), " ".join(finding.quote.split())))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _invocation(outcome: Outcome) -> dict[str, Any]:
    dropped = [
        f"Not counted: {each.path}:{each.line}: {each.title}: {each.reason}." for each in outcome.dropped
    ]
    notes = [_notification("note", text) for text in (*outcome.notes, *dropped)]
    errors = [_notification("error", outcome.error)] if outcome.error else []
    return {
        "executionSuccessful": not outcome.error,
        "exitCode": outcome.exit_code,
        "toolExecutionNotifications": [*errors, *notes],
    }


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}

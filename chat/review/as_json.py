"""The outcome of a review for programs: one JSON object, which `review.schema.json` describes. Pure."""

from collections import Counter
from importlib.resources import files
from typing import Any

from chat.review.model import ChangedFile, Finding, Outcome, Severity

VERSION = 1


def review_object(outcome: Outcome) -> dict[str, Any]:
    """Return the object that `--output-format json` prints."""
    found = Counter(finding.severity for finding in outcome.findings)
    return {
        "version": VERSION,
        "type": "review",
        "is_error": bool(outcome.error),
        "error": outcome.error or None,
        "exit_code": outcome.exit_code,
        "compared": outcome.title,
        "model": outcome.model,
        "findings": [_finding(finding) for finding in outcome.findings],
        "counts": {severity.value: found[severity] for severity in Severity},
        "files": [_file(file) for file in outcome.files],
        "dropped": [
            {"file": each.path, "line": each.line, "title": each.title, "reason": each.reason}
            for each in outcome.dropped
        ],
        "notes": list(outcome.notes),
        "num_calls": outcome.calls,
        "failed_parts": outcome.failed_parts,
        "duration_ms": outcome.duration_ms,
        "total_cost_usd": outcome.cost_usd,
        "usage": dict(outcome.counts),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.path,
        "line": finding.line,
        "end_line": finding.end_line,
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "title": finding.title,
        "why": finding.why,
        "suggestion": finding.suggestion,
        "quote": finding.quote,
        "moved_from": finding.moved_from,
    }


def _file(file: ChangedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "status": file.status,
        "old_path": file.old_path,
        "added": file.added,
        "removed": file.removed,
        "skipped": file.skipped or None,
    }


def review_schema() -> str:
    """Return the JSON Schema of the object, as text."""
    return (files("chat.review") / "review.schema.json").read_text(encoding="utf-8")

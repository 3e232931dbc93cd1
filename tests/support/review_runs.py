"""What a model says in a review, and what a run of `trigpoint review` printed."""

import json
from dataclasses import dataclass
from typing import Any

Finding = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run printed, and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def finding(path: str, line: int, quote: str, **others: Any) -> Finding:
    """A finding as a model states it."""
    base = {
        "severity": "high",
        "confidence": 0.8,
        "title": "Wrong result",
        "why": "It differs.",
        "suggestion": "",
    }
    return {"file": path, "line": line, "quote": quote, **base, **others}


def answer(*findings: Finding) -> str:
    """A reply with these findings."""
    return json.dumps({"findings": list(findings)})

"""A judge is believed only as far as what it quotes was shown to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.goals.judging import Shown, judge_prompt, read_verdict

SHOWN = (
    Shown("Checks and what they printed", "$ pytest -q\n(exit code 0)\n12 passed in 0.3s"),
    Shown("Diff since the goal was set", "+def close(self) -> None:\n+    self.file.close()"),
)


def answer(verdict: str, *evidence: object, reason: str = "So it is.") -> str:
    return json.dumps({"verdict": verdict, "evidence": list(evidence), "reason": reason})


def test_a_goal_is_met_where_each_quotation_is_there() -> None:
    """White space and the marks of a diff do not matter; words around the JSON neither."""
    reply = f"Here:\n```json\n{answer('met', '12 passed', 'def close(self) -> None: self.file.close()')}\n```"

    verdict = read_verdict(reply, SHOWN)

    assert verdict.verdict == "met"
    assert verdict.reason == "So it is."
    assert verdict.evidence == ("12 passed", "def close(self) -> None: self.file.close()")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "yes",
        "The goal is met. 12 passed in 0.3s",
        "{",
        '["met"]',
        '{"verdict": "met"',
        answer("met"),
        answer("met", ""),
        answer("met", "e"),
        answer("met", "12 pass"),
        answer("met", "13 passed in 0.3s"),
        answer("met", "12 passed in 0.3s", "all files were closed"),
        answer("met", 12),
        answer("yes", "12 passed in 0.3s"),
        answer("not_met", "12 passed in 0.3s"),
        answer("impossible"),
        answer("impossible", "nobody can do that"),
        '{"verdict": "met", "evidence": null}',
        '{"verdict": "met", "evidence": {"a": "12 passed in 0.3s"}}',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_anything_else_is_not_met(reply: str) -> None:
    """No JSON, no evidence, evidence that is not there or too short to mean anything, and what nobody knows."""
    verdict = read_verdict(reply, SHOWN)

    assert verdict.verdict == "not met"
    assert verdict.reason


def test_the_goal_is_no_evidence_for_itself() -> None:
    """A judge that quotes the condition has shown nothing."""
    condition = "Every session is closed after an hour"
    asked = judge_prompt(condition, SHOWN)

    assert condition in asked.messages[-1].text
    assert read_verdict(answer("met", condition), SHOWN).verdict == "not met"


@examples(60)
@given(st.text(), st.text())
def test_only_what_is_there_counts(text: str, quote: str) -> None:
    """Whatever is shown and quoted: a goal that is met has evidence in what was shown."""
    verdict = read_verdict(answer("met", quote), (Shown("Said", text),))

    if verdict.verdict == "met":
        assert " ".join(quote.split()) in " ".join(text.split())

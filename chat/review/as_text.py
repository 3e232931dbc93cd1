"""The outcome of a review for a person. Pure; what others wrote loses its control characters."""

import textwrap
from collections.abc import Callable, Iterator

from chat.display.amounts import counted
from chat.review.model import Finding, Outcome, Severity
from chat.safety.printable import cut_line, on_one_line, without_escapes

Paint = Callable[[str, str], str]
"""Returns a text in a style: the name of a severity, `path` or `dim`."""

_WIDTH = 100
_SHOWN_LINES = 4
_LONGEST_LINE = 160


def plain(text: str, style: str) -> str:  # noqa: ARG001
    """Return the text as it is."""
    return text


def review_text(outcome: Outcome, paint: Paint = plain) -> str:
    """Return the findings, the worst first, and a last line that counts them."""
    lines = [line for finding in outcome.findings for line in (*_finding(finding, paint), "")]
    lines += [f"Not counted: {line}" for line in dropped_lines(outcome)]
    return "\n".join((*lines, summary(outcome), ""))


def _finding(finding: Finding, paint: Paint) -> Iterator[str]:
    span = f"-{finding.end_line}" if finding.end_line != finding.line else ""
    place = f"{on_one_line(finding.path)}:{finding.line}{span}"
    severity = finding.severity.value
    sure = paint(f"({finding.confidence:.0%} sure)", "dim")
    yield f"{paint(place, 'path')}: {paint(severity, severity)}: {on_one_line(finding.title)} {sure}"
    quoted = finding.quote.split("\n")
    for line in quoted[:_SHOWN_LINES]:
        shown = cut_line(without_escapes(line).replace("\n", " ").expandtabs(4), _LONGEST_LINE)
        yield paint(f"  | {shown}".rstrip(), "dim")
    if len(quoted) > _SHOWN_LINES:
        yield paint(f"  | … {counted(len(quoted) - _SHOWN_LINES, 'more line')}", "dim")
    yield from _paragraphs(finding.why)
    if finding.suggestion:
        yield from _paragraphs(f"Suggestion: {finding.suggestion}")
    if finding.moved_from is not None:
        yield paint(f"  (The model said line {finding.moved_from}; what it quotes stands here.)", "dim")


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of a text, indented; those that are long are broken."""
    for line in without_escapes(text).split("\n"):
        yield from textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="  ") or [""]


def dropped_lines(outcome: Outcome) -> Iterator[str]:
    """Yield a line for each finding that does not count."""
    for each in outcome.dropped:
        yield f"{on_one_line(each.path)}:{each.line}: “{on_one_line(each.title, 100)}”: {each.reason}."


def summary(outcome: Outcome) -> str:
    """Return what was found, in one line."""
    by_severity = [
        f"{number} {severity.value}"
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in outcome.findings))
    ]
    what = counted(len(outcome.findings), "finding") if outcome.findings else "No findings"
    listed = f": {', '.join(by_severity)}" if by_severity else ""
    skipped = len(outcome.files) - len(outcome.reviewed)
    aside = f", {counted(skipped, 'file')} not reviewed" if skipped else ""
    return f"{what}{listed} ({on_one_line(outcome.title)}: {counted(len(outcome.reviewed), 'file')}{aside})."

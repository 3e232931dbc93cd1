"""Findings as a model states them → findings at lines that exist, and those that do not count. Pure.

A line number is believed where the quoted code stands there; else the quote decides, and a finding that quotes what
is nowhere is dropped.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chat.model import RepoPath
from chat.review.answer import Stated
from chat.review.model import Dropped, FileText, Finding
from chat.review.shown_diff import shown_line

_GUTTER = re.compile(r"^ *\d* *[-+ ]?\| ?")
"""What a prompt has before a line, which models copy."""
_MAX_LINES = 200
"""Of a finding; nobody reads a longer one."""
_LEAST_QUOTE = 2
_ALIKE = 0.6
"""The part of its words that the title of one finding shares with another's about the same lines."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What findings are held against."""

    texts: Callable[[RepoPath], FileText | None]
    """The newer file, None for one that is not part of the review."""
    changed: Mapping[RepoPath, Collection[int]]
    all_lines: bool = False


def place(each: Stated, ground: Ground) -> Finding | Dropped:
    """Return where a finding is, or why it does not count."""
    path = each.path.strip().removeprefix("./")
    text = ground.texts(path)
    if text is None:
        return _dropped(each, "it names a file that is not part of the review")
    runs = _runs(text, each.quote)
    if not runs:
        return _dropped(each, "what it quotes does not stand in the file")
    changed = ground.changed.get(path, ())
    run = _best(runs, each, () if ground.all_lines else changed)
    end = min(max(run[-1], _end_of(each, run)), run[0] + _MAX_LINES)
    lines = [number for number in range(run[0], end + 1) if number in text.lines]
    if not ground.all_lines and not any(number in changed for number in lines):
        return _dropped(each, "it is about lines that the change leaves as they are")
    return Finding(
        path=path,
        line=run[0],
        end_line=lines[-1],
        severity=each.severity,
        confidence=each.confidence,
        title=each.title,
        why=each.why,
        suggestion=each.suggestion,
        quote="\n".join(text.lines[number] for number in lines[:_MAX_LINES]),
        moved_from=None if each.line <= run[0] <= each.end_line else each.line,
    )


def _end_of(each: Stated, run: Sequence[int]) -> int:
    """Return the end that the model names, where it names the line right."""
    return each.end_line if each.line == run[0] else run[-1]


def _dropped(each: Stated, reason: str) -> Dropped:
    return Dropped(each.path, each.line, each.title, reason)


def _best(runs: Sequence[Sequence[int]], each: Stated, changed: Collection[int]) -> Sequence[int]:
    """Return the place that is meant: on changed lines, if there is one, then the nearest to the line named."""

    def order(run: Sequence[int]) -> tuple[bool, int, int]:
        is_off = bool(changed) and not any(number in changed for number in run)
        return is_off, abs(run[0] - each.line), run[0]

    here = [run for run in runs if run[0] == each.line]
    return here[0] if here else min(runs, key=order)


def _runs(text: FileText, quote: str) -> list[list[int]]:
    """Return the numbers of the lines at each place where a quote stands, blank lines and indentation aside."""
    for wanted in (_plain_lines(quote), _plain_lines(_without_gutter(quote))):
        found = _standing(text, wanted) if sum(map(len, wanted)) >= _LEAST_QUOTE else []
        if found:
            return found
    return []


def _standing(text: FileText, wanted: Sequence[str]) -> list[list[int]]:
    numbers = [number for number in sorted(text.lines) if text.lines[number].strip()]
    lines = [_plain(text.lines[number]) for number in numbers]
    return [
        numbers[start : start + len(wanted)]
        for start in range(len(lines) - len(wanted) + 1)
        if all(part in lines[start + offset] for offset, part in enumerate(wanted))
    ]


def _plain_lines(quote: str) -> list[str]:
    return [plain for line in quote.split("\n") if (plain := _plain(line))]


def _plain(line: str) -> str:
    """Return a line as the prompt shows it, with single blanks; what was cut off is not compared."""
    return " ".join(shown_line(line.strip()).removesuffix("…").split())


def _without_gutter(quote: str) -> str:
    return "\n".join(_GUTTER.sub("", line) for line in quote.split("\n"))


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings without those that say the same of the same lines; the worst first, then by place."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=_by_place):
        same = next((index for index, other in enumerate(kept) if _is_same(finding, other)), None)
        if same is None:
            kept.append(finding)
        elif _weight(finding) < _weight(kept[same]):
            kept[same] = replace(
                finding, line=kept[same].line, quote=kept[same].quote, end_line=kept[same].end_line
            )
    return tuple(sorted(kept, key=lambda finding: (*_weight(finding), *_by_place(finding))))


def _weight(finding: Finding) -> tuple[int, float]:
    return finding.severity.rank, -finding.confidence


def _by_place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.line, finding.end_line, finding.title


def _is_same(one: Finding, other: Finding) -> bool:
    if one.path != other.path or one.line > other.end_line or other.line > one.end_line:
        return False
    first, second = (set(re.findall(r"\w+", each.title.lower())) for each in (one, other))
    return len(first & second) >= _ALIKE * min(len(first), len(second)) and bool(first and second)

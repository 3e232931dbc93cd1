"""Numbers by turn -> a plot: rows of characters for a terminal, or an SVG.

Pure. The plot shows at a glance how the prompt grows and where it was rebuilt.
"""

import itertools
from collections.abc import Sequence
from html import escape

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 32, 28
_TICKS = 4


def text_plot(values: Sequence[int], title: str, columns: int = 72, rows: int = 8) -> str:
    """Draw at most ``columns`` bars from left to right, with a title above and the scale at the left.

    If there are more values than columns, each bar shows the largest of its share.

    >>> print(text_plot([1, 2, 4], "Tokens", rows=2))
    Tokens
    4 ┤  █
    2 ┤▄██
      └───
       1 3
    """
    if not values:
        return f"{title}: nothing to show"
    bars = _binned(values, columns)
    most = max(*bars, 1)
    width = len(f"{most:,}")
    lines = [title]
    for row in range(rows, 0, -1):
        mark = f"{most * row // rows:,}" if row in (rows, rows // 2) else ""
        cells = "".join(_cell(bar * rows / most - (row - 1)) for bar in bars)
        lines.append(f"{mark:>{width}} ┤{cells}".rstrip())
    first, last = "1", str(len(values))
    gap = max(1, len(bars) - len(first) - len(last))
    ends = first + (" " * gap + last if len(values) > 1 else "")
    return "\n".join([*lines, f"{'':>{width}} └{'─' * len(bars)}", f"{'':>{width}}  {ends}"])


def _binned(values: Sequence[int], columns: int) -> list[int]:
    count = min(len(values), columns)
    edges = [len(values) * index // count for index in range(count + 1)]
    return [max(values[start:end]) for start, end in itertools.pairwise(edges)]


def _cell(height: float) -> str:
    """The character for one row of a bar, of which the bar fills ``height``."""
    return _EIGHTHS[max(0, min(8, round(height * 8)))]


def svg_plot(values: Sequence[int], title: str) -> str:
    """Draw a line over the turns, with axes that begin at 0; readable on a light or dark page."""
    most = max(1, *values, 1)
    inner_width, inner_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = inner_width / max(1, len(values) - 1)
    points = [
        (_LEFT + index * step, _TOP + inner_height * (1 - value / most)) for index, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#2a78d6"><title>turn {turn}: {value:,}</title></circle>'
        for turn, ((x, y), value) in enumerate(zip(points, values, strict=True), 1)
    ]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
            f'height="{_HEIGHT}" font-family="sans-serif" font-size="11" fill="#777">'
        ),
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(title, quote=False)}</text>',
        *_scale(most, inner_height),
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">1</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{len(values)}</text>',
        f'<polyline points="{line}" fill="none" stroke="#2a78d6" stroke-width="2"/>',
        *dots,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _scale(most: int, inner_height: int) -> list[str]:
    rows = []
    for tick in range(_TICKS + 1):
        y = _TOP + inner_height * (1 - tick / _TICKS)
        rows.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#999" opacity="0.3"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * tick // _TICKS:,}</text>'
        )
    return rows

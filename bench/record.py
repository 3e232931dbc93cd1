"""Record a session at a real terminal as `docs/session.svg` and `docs/session.txt`.

    python bench/record.py [FOLDER]

The repository and the scripted model are those of `sample.py`. Needs a system with pseudo-terminals.
Look at what changed before committing it.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sample import QUESTION, REQUEST, ROOT, open_sample, program

if TYPE_CHECKING:
    from rich.text import Text

COLUMNS, LINES = 92, 40
TESTS = ("--test-cmd", "python -m unittest -q", "--auto-test")
COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow"}
"""The emulator's names → rich's."""

PAGE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g>
</svg>
"""
"""Rich's own page fetches a font from the network."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs")
    folder: Path = arguments.parse_args().folder
    rows = record()
    text = "\n".join("".join(cell.data for cell in row).rstrip() for row in rows)
    (folder / "session.txt").write_text(text + "\n", encoding="utf-8", newline="\n")
    (folder / "session.svg").write_text(drawn(rows), encoding="utf-8", newline="\n")


def record() -> list[list[Any]]:
    """Type a newcomer's session; return the cells of the rows, from the first that is not empty to the last."""
    with open_sample() as sample:
        from terminals import Terminal

        os.environ.clear()
        os.environ.update(sample.environment)
        terminal = Terminal([*program("trigpoint"), *TESTS], sample.root, COLUMNS, LINES)
        terminal.patience_s = 120.0
        terminal.at_prompt()
        for line, last_seen in (
            (QUESTION, " out"),
            (REQUEST, "Committed "),
            ("/undo", "undone"),
            ("/redo", "done again"),
        ):
            count = terminal.everything.count(last_seen)
            terminal.line(line)
            terminal.until(lambda it, text=last_seen, n=count: it.everything.count(text) > n).at_prompt()
        terminal.send("\x04")
        terminal.exit_code()
        return _rows(terminal.screen)


def _rows(screen: Any) -> list[list[Any]]:
    rows = [*screen.history.top, *(screen.buffer[number] for number in range(screen.lines))]
    cells = [[row[column] for column in range(screen.columns)] for row in rows]
    filled = [index for index, row in enumerate(cells) if any(cell.data.strip() for cell in row)]
    return cells[filled[0] : filled[-1] + 1]


def drawn(rows: Iterable[Iterable[Any]]) -> str:
    """Draw the rows as SVG."""
    from rich.text import Text

    lines = []
    for row in rows:
        line = Text(no_wrap=True)
        for cell in row:
            line.append(cell.data or " ", _style(cell._asdict()))
        line.rstrip()
        lines.append(line)
    return picture(lines, _title(), "session")


def picture(lines: "Iterable[Text]", title: str, name: str) -> str:
    """Draw lines in a window with a title as SVG; `name` is unique among the pictures of a page."""
    from io import StringIO

    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI

    console = Console(
        record=True, width=COLUMNS, file=StringIO(), color_system="standard", force_terminal=True
    )
    for line in lines:
        console.print(line)
    return console.export_svg(title=title, theme=DIMMED_MONOKAI, code_format=PAGE, unique_id=name)


def _title() -> str:
    return " ".join(["trigpoint", *(f'"{part}"' if " " in part else part for part in TESTS)])


def _style(cell: Mapping[str, Any]) -> str:
    """A cell's style, as rich names it."""
    names = [
        name
        for name, attribute in (("bold", "bold"), ("italic", "italics"), ("reverse", "reverse"))
        if cell[attribute]
    ]
    for prefix, name in (("", cell["fg"]), ("on ", cell["bg"])):
        if name != "default":
            plain = COLOURS.get(
                name, name.replace("bright", "bright_") if name.startswith("bright") else name
            )
            names.append(prefix + (f"#{plain}" if len(plain) == 6 and _is_hex(plain) else plain))
    return " ".join(names)


def _is_hex(text: str) -> bool:
    return all(sign in "0123456789abcdef" for sign in text)


if __name__ == "__main__":
    sys.exit(main())

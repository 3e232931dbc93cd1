"""Draw the pictures of `docs/tour.md`: commands in the sample, and what they print, as `docs/tour/NAME.svg`.

    python bench/tour.py [FOLDER]

The repository and the scripted model are those of `sample.py`; some commands are run before its turn, some after it.
"""

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path

from record import COLUMNS, picture
from sample import REQUEST, ROOT, Sample, open_sample

TURN = ("--test-cmd", "python -m unittest -q", "--auto-test", "--message", REQUEST)
WORDS = "sessions end after an hour"
BEFORE = {
    "map": ("map", "--no-history", "--tokens", "180", "--query", WORDS),
    "why": ("map", "--no-history", "--query", WORDS, "--why", "shop/session.py"),
    "outline": ("outline", "shop/session.py"),
}
"""The name of each picture that is drawn before the turn, and its command."""
AFTER = {
    "impact": ("graph", "impact", "HEAD~1..HEAD"),
    "rdeps": ("graph", "rdeps", "shop/session.py:SessionStore"),
}
"""Those that are drawn after it."""


def pictures() -> Iterator[tuple[str, str]]:
    """Yield the name and the SVG of each picture. Raises CalledProcessError if a command fails."""
    with open_sample() as sample:
        for name, words in BEFORE.items():
            yield name, drawn(sample, name, words)
        sample.run("trigpoint", *TURN).check_returncode()
        for name, words in AFTER.items():
            yield name, drawn(sample, name, words)


def drawn(sample: Sample, name: str, words: tuple[str, ...]) -> str:
    """Run a command and draw what it prints; a last, empty line keeps the picture from cutting the one above it."""
    from rich.text import Text

    done = sample.run("trigpoint", *words)
    done.check_returncode()
    typed = shlex.join(("trigpoint", *words)).replace("'", '"')
    lines = [Text(f"$ {typed}", "bold"), *(Text(line) for line in done.stdout.splitlines()), Text("")]
    wrapped = [part for line in lines for part in line.divide(range(COLUMNS, len(line), COLUMNS))]
    return picture(wrapped, "trigpoint", f"tour-{name}")


def main() -> None:
    """Write all pictures."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs/tour")
    folder: Path = arguments.parse_args().folder
    folder.mkdir(exist_ok=True)
    for name, svg in pictures():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""What the program costs before it can be used: CPU seconds of `--help`, and of the REPL's first prompt.

    python bench/startup.py [--runs 5] [FOLDER]

Measured in a pty, in processes of their own, the programs that they run included; the least of some
runs is printed, since everything else that a machine does only adds to it. The cost of starting
Python alone stands beside it.
"""

import argparse
import os
import pty
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SHOWN = """\
import os, sys
from chat.cli import main as cli
from chat.terminal import line_editor

def shown(self):
    used = sum(os.times()[:4])
    with open(sys.argv.pop(), "w") as file:
        file.write(str(used))
    os._exit(0)

line_editor.LineEditor._report_first_prompt = shown
cli.run(["--model", "openai/none", "--api-base", "http://127.0.0.1:9/v1", "--api-key", "none"])
"""


def main() -> None:
    """Prints a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=".", help="where the chat is opened")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with compiled():
        for name, measure in (("python", python_s), ("--help", help_s), ("prompt", prompt_s)):
            used = min(measure(Path(arguments.folder)) for _ in range(arguments.runs + 1))
            print(f"{name:8} {used:.3f} s of CPU")


@contextmanager
def compiled() -> Iterator[None]:
    """Modules are compiled once and kept, as an installed program's are, whatever the environment says."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        yield


def python_s(folder: Path) -> float:
    """An interpreter that does nothing."""
    return ended_s([sys.executable, "-P", "-c", "pass"], folder)


def help_s(folder: Path) -> float:
    """`trigpoint --help`."""
    return ended_s([sys.executable, "-P", "-m", "chat", "--help"], folder)


def prompt_s(folder: Path) -> float:
    """The REPL until its prompt stands on the screen, with a model named."""
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch, "used")
        ended_s([sys.executable, "-P", "-c", _SHOWN, str(told)], folder)
        return float(told.read_text(encoding="utf-8"))


def ended_s(command: list[str], folder: Path) -> float:
    """The CPU seconds of a program in a terminal of its own, from its start to its end."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= {"TERM": "dumb" if "--help" in command else "xterm", "PYTHONPATH": str(ROOT)}
        os.execv(command[0], command)
    _read_all(terminal)
    _, status, used = os.wait4(child, 0)
    os.close(terminal)
    if status:
        raise SystemExit(f"{command}: ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def _read_all(terminal: int) -> None:
    """Reads what is drawn, and answers where the cursor is, as terminals do when they are asked."""
    try:
        while data := os.read(terminal, 65536):
            if b"\x1b[6n" in data:
                os.write(terminal, b"\x1b[1;1R")
    except OSError:
        return  # Linux ends a terminal whose program has ended so


if __name__ == "__main__":
    main()

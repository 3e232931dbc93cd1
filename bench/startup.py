"""Measure start-up: the CPU seconds of `--help`, and of the REPL up to its first prompt.

    python bench/startup.py [--runs 5] [FOLDER]

Each runs in a process and a pty of its own, and the programs it starts count. The minimum of several runs is
printed, because other load only adds to it, and for comparison the cost of starting Python.
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
_PROGRAM = """\
import os, sys
from chat.cli import main as cli
from chat.terminal.interactive import line_editor

def report(self):
    seconds = sum(os.times()[:4])
    with open(sys.argv.pop(), "w") as file:
        file.write(str(seconds))
    os._exit(0)

line_editor.LineEditor._report_first_prompt = report
cli.run(["--model", "openai/none", "--api-base", "http://127.0.0.1:9/v1", "--api-key", "none"])
"""


def main() -> None:
    """Print one line for each measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=".", help="the folder to open the chat in")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with compiled():
        for name, measure in (("python", python_s), ("--help", help_s), ("prompt", prompt_s)):
            seconds = min(measure(Path(arguments.folder)) for _ in range(arguments.runs + 1))
            print(f"{name:8} {seconds:.3f} s of CPU")


@contextmanager
def compiled() -> Iterator[None]:
    """Compile modules once and keep them, as for an installed program, whatever the environment says."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        yield


def python_s(folder: Path) -> float:
    """CPU seconds of an interpreter that does nothing."""
    return cpu_s([sys.executable, "-P", "-c", "pass"], folder)


def help_s(folder: Path) -> float:
    """CPU seconds of `trigpoint --help`."""
    return cpu_s([sys.executable, "-P", "-m", "chat", "--help"], folder)


def prompt_s(folder: Path) -> float:
    """CPU seconds of the REPL, with a model set, until its prompt is on the screen."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "seconds")
        cpu_s([sys.executable, "-P", "-c", _PROGRAM, str(report)], folder)
        return float(report.read_text(encoding="utf-8"))


def cpu_s(command: list[str], folder: Path) -> float:
    """Run a program in a terminal of its own; return its CPU seconds."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= {"TERM": "dumb" if "--help" in command else "xterm", "PYTHONPATH": str(ROOT)}
        os.execv(command[0], command)
    _read_all(terminal)
    _, status, usage = os.wait4(child, 0)
    os.close(terminal)
    if status:
        raise SystemExit(f"{command}: ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def _read_all(terminal: int) -> None:
    """Read everything that is drawn, and answer requests for the cursor position, as terminals do."""
    try:
        while data := os.read(terminal, 65536):
            if b"\x1b[6n" in data:
                os.write(terminal, b"\x1b[1;1R")
    except OSError:
        return  # on Linux, reading from a terminal whose program has ended fails


if __name__ == "__main__":
    main()

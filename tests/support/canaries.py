"""A program that must not be run: what a hostile repository names wherever git or the map could start something."""

from pathlib import Path


class Canary:
    """A shell script that leaves a trace when it is run, and passes its input on."""

    def __init__(self, folder: Path) -> None:
        self.trace = folder / "canary-was-run"
        self.program = folder / "canary"
        self.program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.trace}"\ncat\n')
        self.program.chmod(0o755)

    def song(self) -> str:
        """Return how it was called, a line each time; "" if it was not."""
        return self.trace.read_text() if self.trace.exists() else ""

"""Fuzz the parser and the planner with atheris: any bytes as the reply, any bytes as the file.

Run by hand; it is not part of the test suite:

    pip install atheris
    python bench/fuzz_parser.py -max_total_time=3600 corpus/

It fails on any exception, and on a plan that changes a file although a block was refused.
"""

import sys

import atheris

with atheris.instrument_imports(include=["edits"]):
    from edits import Format, GrowingReply, Rules, parse_reply, plan_edits

FORMATS = list(Format)


class OneFile:
    """A tree with one file, `a.py`."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, path: str) -> bytes | None:
        return self.data if path == "a.py" else None

    def has(self, path: str) -> bool:
        return path == "a.py"

    def forbidden(self, path: str) -> str:
        return "" if path else "no path"

    def relative(self, name: str) -> str | None:  # noqa: ARG002
        return None

    def paths(self) -> tuple[str, ...]:
        return ("a.py",)


def run_one(data: bytes) -> None:
    """Parse a reply, at once and as it grows, and plan it."""
    provider = atheris.FuzzedDataProvider(data)
    form = FORMATS[provider.ConsumeIntInRange(0, len(FORMATS) - 1)]
    text = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 2000))
    reply = provider.ConsumeUnicodeNoSurrogates(sys.maxsize)
    parsed = parse_reply(reply, form)
    growing = GrowingReply(form)
    growing.feed(reply[: len(reply) // 2])
    growing.read()
    growing.feed(reply[len(reply) // 2 :])
    if growing.read() != parsed:
        raise AssertionError("a growing reply is parsed differently from the whole")
    plan = plan_edits(parsed, OneFile(text), Rules(chat=("a.py",)))
    if plan.rejected and plan.changes:
        raise AssertionError("a refused plan changes files")


if __name__ == "__main__":
    atheris.Setup(sys.argv, run_one)
    atheris.Fuzz()

"""The examples in docstrings show what the functions return.

Run here rather than by `pytest --doctest-modules`, so that only modules with examples are imported,
that nothing touches the user's own files, and that the line which closes an edit block is no prompt.
"""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)
_BLOCK_END = re.compile(r"^(\s*)(>{4})", re.MULTILINE)


class Parser(doctest.DocTestParser):
    """Takes `>>>>>>> REPLACE` at the beginning of a line for text."""

    def parse(self, string: str, name: str = "<string>") -> list[str | doctest.Example]:
        return super().parse(_BLOCK_END.sub(r"\1|\2", string), name)


def modules_with_examples() -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in ("repomap", "edits", "chat")
        for path in sorted((ROOT / package).rglob("*.py"))
        if _PROMPT.search(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_are_true(name: str) -> None:
    """Each gives what stands below it."""
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner()
    report: list[str] = []

    tests = doctest.DocTestFinder(parser=Parser()).find(module, name)
    for test in tests:
        runner.run(test, out=report.append)

    assert any(test.examples for test in tests)
    assert not runner.failures, "".join(report)

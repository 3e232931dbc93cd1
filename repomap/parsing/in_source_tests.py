"""Recognises tests that stand in the middle of a source file, as Rust's do.

Such a definition is a `test`, whatever else it looks like: no other code can call it, nor what is in it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from repomap.parsing.captures import RawDefinition

_MARKS: Mapping[str, "re.Pattern[bytes]"] = MappingProxyType(
    {
        "rust": re.compile(
            rb"\s*#\[\s*(?:cfg\(\s*(?:test\b|all\(\s*test\b)|(?:\w+::)*(?:test|bench|rstest|quickcheck)\b)"
        )
    }
)
"""By language: an attribute or annotation above a definition that only a test run compiles."""


def mark_tests(
    definitions: Iterable[RawDefinition],
    source: bytes,
    line_starts: list[int],
    decorator_rows: Collection[int],
    language: str,
) -> None:
    """Set the kind of each definition with such a mark above it, or before it on its line, to `test`."""
    mark = _MARKS.get(language)
    if mark is None or b"test" not in source:
        return
    for definition in definitions:
        row = definition.first_row
        if definition.start > line_starts[row] and mark.match(source, line_starts[row], definition.start):
            definition.kind = "test"
        while (row := row - 1) in decorator_rows:
            if mark.match(source, line_starts[row]):
                definition.kind = "test"

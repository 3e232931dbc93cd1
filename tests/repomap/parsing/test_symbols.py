"""Each language's realistic fixture gives the symbols that were read and approved by eye."""

from collections.abc import Callable
from pathlib import Path

import pytest
from file_tags import definitions, references

from repomap.model import FileTags
from repomap.parsing.languages import LANGUAGES, sniff
from repomap.parsing.parse import parse_source

FIXTURES = Path(__file__).parents[3] / "fixtures"


def source_files(language: str) -> list[Path]:
    return sorted(path for path in (FIXTURES / "repos" / language).rglob("*") if path.is_file())


def describe(name: str, tags: FileTags) -> str:
    """A file's tags as text: definitions indented under their parents, then imports, then references."""
    lines = [f"{name}  ({tags.language})"]
    depth: list[int] = []
    for one in definitions(tags):
        depth.append(0 if one.parent is None else depth[one.parent] + 1)
        owner = f"  of {one.owner}" if one.owner else ""
        shown = one.signature.replace("\n", "⏎")
        span = f"{one.span.doc}/{one.span.first}-{one.span.last}"
        lines.append(f"{'  ' * (depth[-1] + 1)}{one.kind} {one.name}{owner}  [{span}]  {shown}")
    lines += [
        f"  import {one.module}" + (f": {', '.join(one.names)}" if one.names else "") for one in tags.imports
    ]
    uses = sorted(references(tags).items(), key=lambda item: (-item[1], item[0]))
    lines.append("  uses " + " ".join(f"{word}×{times}" if times > 1 else word for word, times in uses))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
def test_a_fixture_has_the_symbols_that_were_approved(
    language: str, approved: Callable[[Path, str], None]
) -> None:
    """Definitions with kind, name, lines, signature and parent; imports; every use of a name."""
    parts = []
    for path in source_files(language):
        source = path.read_bytes()
        known = sniff(path.name, source)
        assert known is not None, path
        name = path.relative_to(FIXTURES / "repos" / language).as_posix()
        parts.append(describe(name, parse_source(source, known)))
    assert parts, f"no fixture for {language}"
    approved(FIXTURES / "symbols" / f"{language}.txt", "\n".join(parts))

"""Each language's realistic fixture gives the symbols that were read and approved by eye."""

from collections.abc import Callable
from pathlib import Path

import pytest
from file_tags import definitions, references

from repomap.model import FileTags
from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import LANGUAGES
from repomap.parsing.parse import parse_source

FIXTURES = Path(__file__).parents[3] / "fixtures"


def source_files(language: str) -> list[Path]:
    return sorted(path for path in (FIXTURES / "repos" / language).rglob("*") if path.is_file())


def describe(name: str, tags: FileTags) -> str:
    """A file's tags as text: definitions indented under their parents, then imports, then references."""
    lines = [f"{name}  ({tags.language})"]
    depth: list[int] = []
    for item in definitions(tags):
        depth.append(0 if item.parent is None else depth[item.parent] + 1)
        owner = f"  of {item.owner}" if item.owner else ""
        signature = item.signature.replace("\n", "⏎")
        span = f"{item.span.doc}/{item.span.first}-{item.span.last}"
        lines.append(f"{'  ' * (depth[-1] + 1)}{item.kind} {item.name}{owner}  [{span}]  {signature}")
    lines += [
        f"  import {item.module}" + (f": {', '.join(item.names)}" if item.names else "")
        for item in tags.imports
    ]
    uses = sorted(references(tags).items(), key=lambda item: (-item[1], item[0]))
    lines.append("  uses " + " ".join(f"{word}×{count}" if count > 1 else word for word, count in uses))
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

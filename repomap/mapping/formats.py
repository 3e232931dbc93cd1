"""Writes a map as text, JSON, Markdown or XML: the same files and definitions in each."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from repomap.mapping.declaration import written_definition
from repomap.model import RepoMap, ShownDefinition, ShownFile
from repomap.safety.printable import printable

SCHEMAS = (
    *(
        "graph-deps",
        "graph-cycles",
        "graph-layers",
        "graph-top",
        "graph-path",
        "graph-related",
        "graph-communities",
    ),
    *("map", "find", "symbol", "refs", "outline", "show", "impact", "map-diff", "index"),
)
"""Names of the published JSON Schemas."""


def schema(name: str) -> str:
    """Return the JSON Schema of that name, as text."""
    from importlib import resources

    return resources.files("repomap.mapping").joinpath(f"{name}.schema.json").read_text("utf-8")


def to_text(repo_map: RepoMap) -> str:
    """Return the text that was counted."""
    return repo_map.text


def to_json(repo_map: RepoMap) -> str:
    """Write one JSON object, as the schema `map` describes; bytes of a path that are not UTF-8 are escaped."""
    return json.dumps(as_object(repo_map), indent=1) + "\n"


def as_object(repo_map: RepoMap) -> dict[str, Any]:
    """Convert a map to JSON values; files are best first."""
    return {
        "version": 1,
        "tokens": repo_map.tokens,
        "budget": repo_map.budget_tokens,
        "files": [file_object(file) for file in repo_map.files],
        "omitted": {"files": repo_map.omitted_files, "definitions": repo_map.omitted_definitions},
    }


def ranking_json(files: Sequence[ShownFile]) -> str:
    """Write a whole ranking in the form of a map without a budget that omits nothing."""
    ranking = {
        "version": 1,
        "tokens": None,
        "budget": None,
        "files": [file_object(file) for file in files],
        "omitted": {"files": 0, "definitions": 0},
    }
    return json.dumps(ranking, indent=1) + "\n"


def file_object(file: ShownFile) -> dict[str, Any]:
    """Convert a file to JSON values."""
    return {
        "path": file.path,
        "language": file.language,
        "score": file.score,
        "definitions": [definition_object(definition) for definition in file.definitions],
    }


def definition_object(definition: ShownDefinition) -> dict[str, Any]:
    """Convert a definition to JSON values."""
    return {
        "name": definition.name,
        "kind": definition.kind,
        "parent": definition.parent,
        "lines": list(definition.lines),
        "signature": definition.signature,
        "score": definition.score,
        "changed": definition.changed,
        "used": definition.used,
    }


def to_markdown(repo_map: RepoMap) -> str:
    """Write a list item for each file, with its signatures as code below."""
    lines = []
    for file in repo_map.files:
        lines.append(f"- `{printable(file.path)}`")
        lines += [_markdown_line(definition, file.language) for definition in file.definitions]
    return "".join(line + "\n" for line in lines)


def _markdown_line(definition: ShownDefinition, language: str) -> str:
    first, last = definition.lines
    return f"  - `{_written(definition, language)}` ({first}–{last})"


def _written(definition: ShownDefinition, language: str) -> str:
    return written_definition(definition.signature, definition.name, definition.kind, language)


def to_xml(repo_map: RepoMap) -> str:
    """Write a `file` element for each file and a `definition` element for each definition."""
    from xml.sax.saxutils import quoteattr  # late: it loads an HTTP client

    lines = [f'<map tokens="{repo_map.tokens}" budget="{repo_map.budget_tokens}">']
    for file in repo_map.files:
        attributes = f"path={quoteattr(printable(file.path))} language={quoteattr(file.language)}"
        if not file.definitions:
            lines.append(f"  <file {attributes}/>")
            continue
        lines.append(f"  <file {attributes}>")
        lines += [_xml_line(definition, file.language) for definition in file.definitions]
        lines.append("  </file>")
    return "\n".join([*lines, "</map>"]) + "\n"


def _xml_line(definition: ShownDefinition, language: str) -> str:
    from xml.sax.saxutils import escape, quoteattr

    first, last = definition.lines
    name = quoteattr(printable(definition.name))
    signature = escape(_written(definition, language))
    return f'    <definition kind="{definition.kind}" name={name} lines="{first}-{last}">{signature}</definition>'


FORMATS: Mapping[str, Callable[[RepoMap], str]] = {
    "text": to_text,
    "json": to_json,
    "markdown": to_markdown,
    "xml": to_xml,
}

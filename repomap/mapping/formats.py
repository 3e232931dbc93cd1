"""A map as text, JSON, Markdown or XML: the same files and definitions in each."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from repomap.model import RepoMap, ShownDefinition, ShownFile

SCHEMAS = ("map", "find", "symbol", "refs", "outline", "show")
"""Names of the published JSON Schemas."""


def schema(name: str) -> str:
    """The JSON Schema of that name, as text."""
    from importlib import resources

    return resources.files("repomap.mapping").joinpath(f"{name}.schema.json").read_text("utf-8")


def to_text(made: RepoMap) -> str:
    """The map as it was counted."""
    return made.text


def to_json(made: RepoMap) -> str:
    """One JSON object, as the schema `map` describes it; what is no UTF-8 in a path is escaped."""
    return json.dumps(as_object(made), indent=1) + "\n"


def as_object(made: RepoMap) -> dict[str, Any]:
    """The map as JSON values; files stand best first."""
    return {
        "version": 1,
        "tokens": made.tokens,
        "budget": made.budget_tokens,
        "files": [file_object(file) for file in made.files],
        "omitted": {"files": made.omitted_files, "definitions": made.omitted_definitions},
    }


def ranking_json(files: Sequence[ShownFile]) -> str:
    """A whole ranking in the form of a map that has no budget and leaves nothing out."""
    nothing = {"files": 0, "definitions": 0}
    shown = [file_object(file) for file in files]
    return (
        json.dumps(
            {"version": 1, "tokens": None, "budget": None, "files": shown, "omitted": nothing}, indent=1
        )
        + "\n"
    )


def file_object(file: ShownFile) -> dict[str, Any]:
    """A file as JSON values."""
    return {
        "path": file.path,
        "language": file.language,
        "score": file.score,
        "definitions": [definition_object(one) for one in file.definitions],
    }


def definition_object(one: ShownDefinition) -> dict[str, Any]:
    """A definition as JSON values."""
    return {
        "name": one.name,
        "kind": one.kind,
        "parent": one.parent,
        "lines": list(one.lines),
        "signature": one.signature,
        "score": one.score,
    }


def to_markdown(made: RepoMap) -> str:
    """A list item for each file, its signatures as code below it."""
    from repomap.mapping.render import signature_line
    from repomap.safety.printable import printable

    lines = []
    for file in made.files:
        lines.append(f"- `{printable(file.path)}`")
        lines += [
            f"  - `{signature_line(one.signature, one.name)}` ({one.lines[0]}–{one.lines[1]})"
            for one in file.definitions
        ]
    return "".join(line + "\n" for line in lines)


def to_xml(made: RepoMap) -> str:
    """A `file` element for each file, a `definition` element for each definition."""
    from xml.sax.saxutils import escape, quoteattr  # which loads an HTTP client

    from repomap.mapping.render import signature_line
    from repomap.safety.printable import printable

    lines = [f'<map tokens="{made.tokens}" budget="{made.budget_tokens}">']
    for file in made.files:
        head = f"path={quoteattr(printable(file.path))} language={quoteattr(file.language)}"
        if not file.definitions:
            lines.append(f"  <file {head}/>")
            continue
        lines.append(f"  <file {head}>")
        lines += [
            f'    <definition kind="{one.kind}" name={quoteattr(printable(one.name))} '
            f'lines="{one.lines[0]}-{one.lines[1]}">{escape(signature_line(one.signature, one.name))}</definition>'
            for one in file.definitions
        ]
        lines.append("  </file>")
    return "\n".join([*lines, "</map>"]) + "\n"


FORMATS: Mapping[str, Callable[[RepoMap], str]] = {
    "text": to_text,
    "json": to_json,
    "markdown": to_markdown,
    "xml": to_xml,
}

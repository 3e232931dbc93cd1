"""Writes files and the dependencies between them as a flowchart of Mermaid, which GitHub and GitLab draw."""

import re

from repomap.exports.dot import by_folder
from repomap.exports.values import Edge, Export
from repomap.safety.printable import printable

MOST_EDGES = 500
"""Mermaid draws no more unless it is configured; the strongest are kept."""
_PLAIN = re.compile(r"[^\w ./-]")


def to_mermaid(export: Export) -> str:
    """Write a flowchart: a subgraph for each folder, a node for each file, an arrow for each dependency."""
    lines = ["flowchart LR"]
    for number, (folder, rows) in enumerate(sorted(by_folder(export).items())):
        indent = "    " if folder else "  "
        if folder:
            lines.append(f'  subgraph f{number}["{_escaped(folder)}"]')
        lines += [f'{indent}n{row}["{_escaped(export.files[row].path.rpartition("/")[2])}"]' for row in rows]
        lines += ["  end"] if folder else []
    lines += [f"  n{edge.source} --> n{edge.target}" for edge in _strongest(export.edges)]
    return "\n".join(lines) + "\n"


def _strongest(edges: tuple[Edge, ...]) -> list[Edge]:
    kept = sorted(edges, key=lambda edge: (-edge.weight, edge))[:MOST_EDGES]
    return sorted(kept)


def _escaped(text: str) -> str:
    """Write everything but letters, digits and a few marks as entities, also what begins a directive or Markdown.

    A text that would be empty is a space, since Mermaid wants some text.
    """
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", printable(text)) or " "

"""Writes a graph of files and definitions as GraphML, and as the JSON of networkx."""

import json
import re
from typing import TYPE_CHECKING, Any

from repomap.exports.values import Export
from repomap.model import ShownDefinition
from repomap.safety.printable import printable

if TYPE_CHECKING:
    import networkx as nx

_NOT_IN_XML = re.compile("[\ufffe\uffff]")


def to_networkx(export: Export) -> "nx.DiGraph[str]":
    """Convert to networkx.

    Nodes are files, by their path, and definitions, by `PATH:NAME`, with `#2` and so on where several have
    the same. A file `defines` its definitions; a file `uses` a file, with a `weight`. What XML cannot hold is
    replaced, so that every format has the same graph; an attribute without a value is left out.
    """
    import networkx as nx  # late: slow to load

    graph: nx.DiGraph[str] = nx.DiGraph()
    ids: list[str] = []
    for file, kind in zip(export.files, export.kinds, strict=True):
        ids.append(_new_id(graph, _text(file.path)))
        graph.add_node(
            ids[-1], **_present(type="file", kind=kind, language=file.language, score=float(file.score))
        )
        for definition in file.definitions:
            node = _new_id(graph, f"{ids[-1]}:{_text(_full_name(definition))}")
            graph.add_node(node, **_attributes(definition))
            graph.add_edge(ids[-1], node, type="defines")
    for edge in export.edges:
        graph.add_edge(ids[edge.source], ids[edge.target], type="uses", weight=float(edge.weight))
    return graph


def _new_id(graph: "nx.DiGraph[str]", wanted: str) -> str:
    """Return an id that no node has."""
    node, number = wanted, 1
    while node in graph:
        number += 1
        node = f"{wanted}#{number}"
    return node


def _full_name(definition: ShownDefinition) -> str:
    return f"{definition.parent}.{definition.name}" if definition.parent else definition.name


def _attributes(definition: ShownDefinition) -> dict[str, Any]:
    first, last = definition.lines
    return _present(
        type="definition",
        kind=definition.kind,
        name=_text(definition.name),
        parent=_text(definition.parent),
        first_line=first,
        last_line=last,
        score=float(definition.score),
        signature="\n".join(map(_text, definition.signature.split("\n"))),
    )


def _text(text: str) -> str:
    """Replace what XML cannot hold, what moves a cursor and what hides."""
    return _NOT_IN_XML.sub("\ufffd", printable(text))


def _present(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value != ""}


def to_graphml(export: Export) -> str:
    """Write GraphML, which `networkx.read_graphml`, Gephi and yEd read."""
    import networkx as nx

    return "\n".join(nx.generate_graphml(to_networkx(export))) + "\n"


def to_graph_json(export: Export) -> str:
    """Write the JSON that `networkx.node_link_graph` reads."""
    import networkx as nx

    return json.dumps(nx.node_link_data(to_networkx(export), edges="edges"), indent=1) + "\n"

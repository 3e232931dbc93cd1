"""The functions that write the formats, by their names."""

from collections.abc import Callable, Mapping

from repomap.exports.dot import to_dot
from repomap.exports.graphs import to_graph_json, to_graphml
from repomap.exports.llms import to_llms_txt
from repomap.exports.mermaid import to_mermaid
from repomap.exports.names import EXPORTS
from repomap.exports.tables import to_csv, to_ctags
from repomap.exports.values import Export, encodable

_WRITERS = (to_dot, to_graphml, to_graph_json, to_mermaid, to_csv, to_ctags, to_llms_txt)

WRITERS: Mapping[str, Callable[[Export], str]] = dict(zip(EXPORTS, _WRITERS, strict=True))


def written(form: str, export: Export) -> str:
    """Write an export; halves of characters that stand for no byte of a path are replaced by U+FFFD."""
    return encodable(WRITERS[form](export))

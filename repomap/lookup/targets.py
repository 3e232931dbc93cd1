"""The file or the definitions that a question is about, by a path, a name, or both."""

from typing import NamedTuple

from repomap.errors import NotInRepository
from repomap.lookup.names import exact_file, find_file, find_meant, not_defined
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable


class Target(NamedTuple):
    """What a question is about: a file, or definitions of one name."""

    file_id: int | None
    doc_ids: tuple[int, ...]


def target_of(index_data: IndexData, text: str) -> Target:
    """Return what `PATH`, `PATH:NAME` or `NAME` means. Raises NotInRepository."""
    corpus = index_data.corpus
    file_id = exact_file(corpus, text)
    if file_id is not None:
        return Target(file_id, ())
    definitions = find_meant(index_data, text)
    if definitions:
        name = corpus.doc_name[definitions[0]]
        return Target(None, tuple(each for each in definitions if corpus.doc_name[each] == name))
    path, _, name = text.rpartition(":")
    if exact_file(corpus, path) is not None and name:
        raise NotInRepository(
            f"{printable(path)} defines nothing named {printable(name)}. "
            "List its definitions with `trigpoint outline`."
        )
    if "/" in text or "." in text:
        return Target(find_file(corpus, text), ())
    raise not_defined(index_data, text)

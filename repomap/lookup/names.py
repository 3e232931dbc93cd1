"""Finds the files and definitions that a caller names, and what comes near if there are none.

Names are given as people and models write them: `Flask.run`, `Flask/run`, `app.py:Flask`,
`std::vector`, the end of a path. An unknown name is answered with the nearest ones, since a model that
misremembers a name needs the right one and not an apology.
"""

import difflib
import heapq
import itertools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from repomap.arrays.array_types import Floats, FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.errors import NotInRepository
from repomap.lookup.answers import Symbol
from repomap.mapping.make import qualifier
from repomap.model import KINDS
from repomap.ranking.documents import CONTAINERS, FUNCTIONS, of_kinds
from repomap.ranking.index_data import IndexData
from repomap.ranking.request import subtokens
from repomap.safety.printable import printable

MOST_NEAR = 5
"""Names or paths that a message lists."""
SHORTLIST = 50
"""Names that are compared closely with an unknown one; the others have too few letter pairs in common."""
LEAST_SIMILARITY = 0.5
NEARLY = 0.15
"""How much less alike than the nearest a file's name may be, to be listed beside it."""
LONGEST_NAME = 500

CONTAINER_WEIGHT, FUNCTION_WEIGHT, VALUE_WEIGHT = 1.0, 0.8, 0.3
UNUSED_IMPORTANCE = 0.01
"""Added to every importance, so that kinds decide among definitions that nothing uses."""

_SEPARATORS = re.compile(r"::|->|[./:#\\]+")
_RECEIVER = re.compile(r"\(\*?(\w+)(?:\[[^\]]*\])?\)(?=\.)")
"""`(*Command)` in Go's `(*Command).Execute`."""
_ARGUMENTS = re.compile(r"\([\w\s:,]*\)$")
"""`()`, or the labels of Swift's `request(_:method:)`."""
_ARITY = re.compile(r"(?<=\w)/[0-9]+$")
"""`/2` of Erlang's and Elixir's `fun/2`."""
_SELECTOR = re.compile(r"(?:.*[\s\[])?(\w+):(?:\w+:)*\]?$")
"""Objective-C's `store:didAddItem:`; its first part is the name."""
_TERRAFORM = frozenset({"data", "local", "module", "output", "var"})
"""First parts of Terraform's addresses, which stand for kinds of blocks."""


def find_file(corpus: Corpus, path: str) -> int:
    """Return the id of a file, given its path or an unambiguous end of it.

    Raises NotInRepository, naming what comes near.
    """
    file_id = exact_file(corpus, path)
    if file_id is not None:
        return file_id
    endings = files_ending(corpus, path)
    if len(endings) == 1:
        return endings[0]
    shown = printable(path) or "an empty path"
    if endings:
        raise NotInRepository(f"{shown} matches {len(endings)} files; pick one: {_paths(corpus, endings)}")
    if _absolute(path).startswith("/../"):
        raise NotInRepository(f"{shown} is outside the folder of this index. Give a path inside it.")
    inside = files_below(corpus, path)
    if inside:
        raise NotInRepository(f"{shown} is a folder. Name a file, such as {_paths(corpus, inside)}")
    raise NotInRepository(f"There is no file {shown} in the index.{_hint(near_paths(path, corpus.paths))}")


def exact_file(corpus: Corpus, path: str) -> int | None:
    """Return the id of the file with exactly this path, however its accents are composed, or None."""
    for written in (path, *_composed_otherwise(path)):
        file_id = bisect_left(corpus.paths, written)
        if file_id < len(corpus.paths) and corpus.paths[file_id] == written:
            return file_id
    return None


def files_ending(corpus: Corpus, path: str) -> list[int]:
    """Return the files whose paths end in these parts."""
    ending = _absolute(path)
    return [
        file_id
        for file_id, known in enumerate(corpus.paths)
        if ("/" + known).endswith(ending) and ending != "/"
    ]


def files_below(corpus: Corpus, folder: str) -> list[int]:
    """Return the files below a folder."""
    beginning = _absolute(folder).rstrip("/") + "/"
    return [file_id for file_id, known in enumerate(corpus.paths) if ("/" + known).startswith(beginning)]


def _absolute(path: str) -> str:
    """Write a path as seen from the root, with a leading slash."""
    return "/" + path.replace("\\", "/").removeprefix("./").strip("/")


def find_meant(index_data: IndexData, name: str) -> list[int]:
    """Return the definitions that a name means, best first, as doc ids; empty if there are none.

    First those of exactly that name, then those that differ in case; else those that a qualified name
    means, else those that differ in underscores, too. What only comes near is not meant.
    """
    name = name.strip()[:LONGEST_NAME]
    return (
        _named(index_data, name)
        or _named(index_data, plain_name(name))
        or _written_otherwise(index_data, name)
        or next(filter(None, (_named(index_data, other) for other in _composed_otherwise(name))), [])
    )


def _composed_otherwise(name: str) -> list[str]:
    """Return a name with accents composed, and with accents apart, as far as that is another text."""
    forms = (unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))
    return [form for form in forms if form != name] if not name.isascii() else []


def plain_name(name: str) -> str:
    """Return a name without what languages write around it.

    >>> [plain_name(name) for name in ("(*Command).Execute", "shop:add/2", "request(_:method:)", "add:to:")]
    ['Command.Execute', 'shop:add', 'request', 'add']
    """
    name = _ARITY.sub("", _ARGUMENTS.sub("", _RECEIVER.sub(r"\1", name.strip())))
    selector = _SELECTOR.match(name)
    return selector[1] if selector and "::" not in name else name


def not_defined(index_data: IndexData, name: str) -> NotInRepository:
    """Make the error for a name that no definition has."""
    corpus = index_data.corpus
    defined = np.unique(corpus.doc_name[corpus.doc_kind != NO_KIND]).tolist()
    last_part = parts_of(name)[-1] if parts_of(name) else name
    names = [corpus.words[word_id] for word_id in defined]
    near_names = [*_with_all_parts(last_part, names), *nearest_names(last_part, names)]
    shown = printable(name) or "an empty name"
    return NotInRepository(
        f"Nothing named {shown} is defined here.{_hint(list(dict.fromkeys(near_names))[:MOST_NEAR])}"
    )


def nearest_names(wanted: str, names: Iterable[str]) -> list[str]:
    """Return up to five names that resemble an unknown one, the nearest first.

    >>> nearest_names("load_sesion", ["save", "load_session", "Session"])
    ['load_session', 'Session']
    """
    pairs = _letter_pairs(wanted)
    shortlist = heapq.nlargest(SHORTLIST, names, lambda name: (_similarity(pairs, name), name))
    by_lower_case = {name.lower(): name for name in shortlist}
    matches = difflib.get_close_matches(wanted.lower(), by_lower_case, MOST_NEAR, LEAST_SIMILARITY)
    return [by_lower_case[match] for match in matches]


def symbol_of(corpus: Corpus, doc_id: int) -> Symbol:
    """Describe a definition."""
    span = corpus.doc_span[doc_id]
    return Symbol(
        path=corpus.paths[corpus.doc_file[doc_id]],
        name=corpus.words[corpus.doc_name[doc_id]],
        kind=KINDS[corpus.doc_kind[doc_id]],
        parent=qualifier(corpus, doc_id),
        lines=(int(span[1]), int(span[2])),
        signature=corpus.signatures[doc_id],
    )


def full_name(corpus: Corpus, doc_id: int) -> str:
    """Return the name of a definition after those of what encloses it; empty for a file."""
    if corpus.doc_kind[doc_id] == NO_KIND:
        return ""
    return ".".join(filter(None, (qualifier(corpus, doc_id), corpus.words[corpus.doc_name[doc_id]])))


def file_importance(index_data: IndexData) -> FloatsByFile:
    """Return the centrality of each file in multiples of the mean, weighted by its kind."""
    return index_data.centrality * len(index_data.corpus.paths) * index_data.kind_weight


def importance(index_data: IndexData, definitions: Sequence[int]) -> Floats:
    """Weigh definitions by how much others mention them, by the importance of their file, and by kind."""
    corpus, mentions = index_data.corpus, index_data.mentions
    doc_ids = np.asarray(definitions, np.int64)
    file_ids, names = corpus.doc_file[doc_ids].astype(np.int64), corpus.doc_name[doc_ids].astype(np.int64)
    file_count = max(1, len(corpus.paths))
    keys, key_of_doc = np.unique(names * file_count + file_ids, return_inverse=True)
    rows = np.flatnonzero(np.isin(mentions.word_id, names))
    mention_keys = mentions.word_id[rows].astype(np.int64) * file_count + mentions.target[rows]
    key_rows = np.searchsorted(keys, mention_keys)
    is_known = (key_rows < len(keys)) & (keys[np.minimum(key_rows, len(keys) - 1)] == mention_keys)
    mentioned = sum_by(key_rows[is_known], mentions.weight[rows][is_known], len(keys))[key_of_doc]
    is_container, is_function = of_kinds(corpus, CONTAINERS), of_kinds(corpus, FUNCTIONS)
    kind = np.where(is_container, CONTAINER_WEIGHT, np.where(is_function, FUNCTION_WEIGHT, VALUE_WEIGHT))
    by_use = mentioned * index_data.kind_weight[file_ids]
    weighed: Floats = kind[doc_ids] * (by_use + file_importance(index_data)[file_ids] + UNUSED_IMPORTANCE)
    return weighed


def _named(index_data: IndexData, name: str) -> list[int]:
    """Return the definitions of exactly this name, in any case, or of this qualified name."""
    corpus = index_data.corpus
    word_id = corpus.word_id(name)
    exact = _definitions_of(corpus, [] if word_id is None else [word_id])
    other_case = _definitions_of(
        corpus, [other for other in _in_any_case(index_data, name) if other != word_id]
    )
    ranked = [*_by_importance(index_data, exact), *_by_importance(index_data, other_case)]
    return ranked or _by_importance(index_data, _qualified(index_data, parts_of(name)))


def _in_any_case(index_data: IndexData, name: str) -> list[int]:
    """Return the ids of the words that equal a name but for case."""
    words, lowered = index_data.corpus.words, name.lower()
    return [word_id for word_id in _words_with(index_data, name) if words[word_id].lower() == lowered]


def _qualified(index_data: IndexData, parts: list[str]) -> list[int]:
    """Return definitions of the last part whose path and parents have the parts before it, in order."""
    if len(parts) < 2:
        return []
    corpus = index_data.corpus
    exact = _definitions_named(corpus, parts[-1])
    definitions = [doc_id for doc_id in exact if found_in_order(parts[:-1], _enclosing_parts(corpus, doc_id))]
    definitions = definitions or _in_package(index_data, parts)
    if definitions:
        return definitions
    lowered = [part.lower() for part in parts]
    any_case = _definitions_of(corpus, _in_any_case(index_data, lowered[-1]))
    return [
        doc_id
        for doc_id in any_case
        if found_in_order(lowered[:-1], map(str.lower, _enclosing_parts(corpus, doc_id)))
    ]


def _in_package(index_data: IndexData, parts: list[str]) -> list[int]:
    """Return what a name means if its first part is a package that spans files or has no name in the text."""
    corpus, first = index_data.corpus, parts[0]
    modules = _definitions_named(corpus, first)
    kinds = (KINDS.index("module"), KINDS.index("namespace"))
    languages = {corpus.languages[corpus.doc_file[doc]] for doc in modules if corpus.doc_kind[doc] in kinds}
    if first in _TERRAFORM:
        languages.add("hcl")
    rest = parts[1:]
    meant = _qualified(index_data, rest) if len(rest) > 1 else _definitions_named(corpus, rest[0])
    return [
        doc_id
        for doc_id in meant
        if (language := corpus.languages[corpus.doc_file[doc_id]]) in languages
        or (language == "go" and first.islower() and "/" not in corpus.paths[corpus.doc_file[doc_id]])
    ]


def _enclosing_parts(corpus: Corpus, doc_id: int) -> list[str]:
    """Return the parts of a definition's path, of the namespaces of its file and of the names around it."""
    file_id, namespace = int(corpus.doc_file[doc_id]), KINDS.index("namespace")
    docs = corpus.docs_of(file_id)
    declared = [corpus.words[corpus.doc_name[doc]] for doc in docs if corpus.doc_kind[doc] == namespace]
    around = [corpus.owners[doc_id]]
    parent = int(corpus.doc_parent[doc_id])
    while corpus.doc_kind[parent] != NO_KIND:
        around += [corpus.words[corpus.doc_name[parent]], corpus.owners[parent]]
        parent = int(corpus.doc_parent[parent])
    return parts_of(":".join((corpus.paths[file_id], *declared, *reversed(around))))


def found_in_order(wanted: Sequence[str], parts: Iterable[str]) -> bool:
    """Return whether the wanted parts occur in this order, with others between them or not."""
    rest = iter(parts)
    return all(any(part == other for other in rest) for part in wanted)


def _written_otherwise(index_data: IndexData, name: str) -> list[int]:
    """Return the definitions whose names have the same parts: `load_session` for `loadSession`."""
    parts = subtokens(name)
    if not parts or not name.replace("_", "").isalnum():
        return []
    corpus = index_data.corpus
    word_ids = [
        word_id
        for word_id in _words_with(index_data, max(parts, key=len))
        if subtokens(corpus.words[word_id]) == parts
    ]
    return _by_importance(index_data, _definitions_of(corpus, word_ids))


def _with_all_parts(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that contain all parts of a name, those with little else first."""
    parts = subtokens(name)
    lowered = ((known.lower(), known) for known in names) if parts else ()
    containing = [known for lower, known in lowered if all(part in lower for part in parts)]
    return sorted(containing, key=lambda known: (len(known), known))[:MOST_NEAR]


def _by_importance(index_data: IndexData, definitions: Sequence[int]) -> list[int]:
    if not definitions:
        return []
    order: list[int] = np.lexsort((np.asarray(definitions), -importance(index_data, definitions))).tolist()
    return [definitions[row] for row in order]


def _words_with(index_data: IndexData, part: str) -> list[int]:
    """Return the ids of the words that contain a text, in any case; none for the empty text."""
    if not part:
        return []
    word_ids: list[int] = index_data.lexicon.containing(part.lower()).tolist()
    return word_ids


def _definitions_named(corpus: Corpus, name: str) -> list[int]:
    word_id = corpus.word_id(name)
    return _definitions_of(corpus, [] if word_id is None else [word_id])


def _definitions_of(corpus: Corpus, word_ids: Sequence[int]) -> list[int]:
    """Return the definitions that have one of these names, ascending."""
    if not word_ids:
        return []
    is_wanted = np.zeros(len(corpus.words) + 1, bool)
    is_wanted[np.asarray(word_ids, np.int64)] = True
    doc_ids: list[int] = np.flatnonzero(is_wanted[corpus.doc_name] & (corpus.doc_kind != NO_KIND)).tolist()
    return doc_ids


def parts_of(name: str) -> list[str]:
    """Split a qualified name or path at its separators."""
    return [part for part in _SEPARATORS.split(name.strip()) if part]


def near_paths(wanted: str, paths: Iterable[str]) -> list[str]:
    """Return up to five paths whose file names resemble that of an unknown path, the nearest first.

    Of those with one file name, one in the wanted folder comes first.

    >>> near_paths("lib/viw.js", ["app/view.js", "lib/view.js", "lib/router.py"])
    ['lib/view.js', 'app/view.js']
    """
    folder, _, file_name = wanted.replace("\\", "/").rpartition("/")
    paths_by_name: dict[str, list[str]] = {}
    for path in paths:
        paths_by_name.setdefault(path.rpartition("/")[2], []).append(path)
    names = _about_as_near(file_name, nearest_names(file_name, paths_by_name))
    groups = [
        sorted(paths_by_name[name], key=lambda path: path.rpartition("/")[0] != folder) for name in names
    ]
    return list(itertools.chain.from_iterable(groups))[:MOST_NEAR]


def _about_as_near(wanted: str, names: Sequence[str]) -> list[str]:
    """Return those of the nearest names that are not much farther from the wanted one than the first."""
    alike = difflib.SequenceMatcher(b=wanted.lower())
    ratios = []
    for name in names:
        alike.set_seq1(name.lower())
        ratios.append(alike.ratio())
    return [name for name, ratio in zip(names, ratios, strict=True) if ratio > ratios[0] - NEARLY]


def _paths(corpus: Corpus, file_ids: Sequence[int]) -> str:
    """List the first few paths for a message."""
    shown = ", ".join(printable(corpus.paths[file_id]) for file_id in file_ids[:MOST_NEAR])
    return shown + (", …" if len(file_ids) > MOST_NEAR else ".")


def _hint(near_names: Sequence[str]) -> str:
    if not near_names:
        return " Try a part of its name, or search for its text."
    return f" Similar: {', '.join(map(printable, near_names))}."


def _letter_pairs(name: str) -> frozenset[str]:
    text = f" {name.lower()} "
    return frozenset(text[start : start + 2] for start in range(len(text) - 1))


def _similarity(pairs: frozenset[str], name: str) -> float:
    """Return the share of letter pairs that both names have (Jaccard index)."""
    others = _letter_pairs(name)
    return len(pairs & others) / len(pairs | others)

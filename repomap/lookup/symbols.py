"""Answers about names and places: where a symbol is, what a file defines, what stands in it.

A map shows where to look; these are the next steps, each within a token budget: pure functions
over the index_data, to which the bytes of files come in through a reader.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from repomap.corpus.corpus import Corpus
from repomap.errors import BadRequest, NotInRepository
from repomap.lookup.answers import Answer, Excerpt, Row, Symbol, check_budget, fill, lay_out, more
from repomap.lookup.names import (
    exact_file,
    files_below,
    files_ending,
    find_definitions,
    find_file,
    find_meant,
    full_name,
    not_defined,
    symbol_of,
)
from repomap.mapping.render import ELLIPSIS, LONGEST_LINE
from repomap.model import KINDS, CountTokens, ReadFile
from repomap.ranking.definition_evidence import CONTAINERS, FUNCTIONS
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable

LONGEST_SIGNATURE = 200
MOST_CANDIDATES = 6
"""So many places of an ambiguous name are listed."""

_RANGE = re.compile(r"(?P<path>.+):(?:L)?(?P<first>[0-9]{1,9})(?:-L?(?P<last>[0-9]{1,9}))?", re.DOTALL)
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def symbol(index_data: IndexData, name: str, budget_tokens: int, count: CountTokens) -> Answer[Symbol]:
    """The definitions of a name, best first.

    Those of exactly that name come first, then those that differ in case; `Class.method`,
    `Class/method` and `path:name` are understood; where there is none of these, names that hold
    all parts of the name. Raises NotInRepository where there is none either.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    docs = find_definitions(index_data, name)
    rows = [_symbol_row(corpus, doc) for doc in docs]
    shown, text, tokens = fill(
        len(rows),
        lambda many: lay_out(rows[:many]),
        lambda many: more(len(rows) - many, "definitions", "narrow with Class.name or path:name"),
        budget_tokens,
        count,
    )
    symbols = tuple(symbol_of(corpus, doc) for doc in docs[:shown])
    return Answer(symbols, len(docs) - shown, text, tokens, budget_tokens)


def _symbol_row(corpus: Corpus, doc: int, longest: int = LONGEST_SIGNATURE) -> Row:
    span, around = corpus.doc_span[doc], full_name(corpus, int(corpus.doc_parent[doc]))
    heads = (printable(corpus.paths[corpus.doc_file[doc]]), *([f"in {printable(around)}"] if around else []))
    return Row(heads, f"{span[1]}-{span[2]} {_whole(corpus.signatures[doc], longest)}")


def _whole(signature: str, longest: int) -> str:
    """A signature on one line, cut where it is longer than so many characters."""
    line = " ".join(printable(" ".join(signature.split())).split())
    line = re.sub(r"(?<=[(\[]) | (?=[)\]])|,(?= ?[)\]])", "", line)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + ELLIPSIS


def outline(index_data: IndexData, path: str, budget_tokens: int, count: CountTokens) -> Answer[Symbol]:
    """All definitions of a file as a tree, in the order of the source.

    Where not all fit, the inner ones go first. Raises NotInRepository.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    file = find_file(corpus, path)
    docs = list(corpus.docs_of(file))
    depth, taken = _by_depth(corpus, docs)
    head = printable(corpus.paths[file])

    def render(many: int) -> list[str]:
        lines = [
            " " * depth[doc] + _symbol_row(corpus, doc, LONGEST_LINE).line for doc in sorted(taken[:many])
        ]
        return [f"{head} ({int(corpus.lines[file])} lines)", *lines]

    advice = "read some of it with path:from-to or path:name"
    shown, text, tokens = fill(
        len(docs),
        render,
        lambda many: more(len(docs) - many, "definitions", advice) if docs else _no_outline(corpus, file),
        budget_tokens,
        count,
    )
    symbols = tuple(symbol_of(corpus, doc) for doc in sorted(taken[:shown]))
    return Answer(symbols, len(docs) - shown, text, tokens, budget_tokens)


def _by_depth(corpus: Corpus, docs: Sequence[int]) -> tuple[dict[int, int], list[int]]:
    """How deep each definition stands, and all of them, the ones that say most of a file first."""
    depth: dict[int, int] = {}
    rank: dict[int, int] = {}
    for doc in docs:
        parent = int(corpus.doc_parent[doc])
        depth[doc] = depth.get(parent, 0) + 1
        is_value = KINDS[corpus.doc_kind[doc]] not in (*CONTAINERS, *FUNCTIONS)
        in_function = parent in rank and KINDS[corpus.doc_kind[parent]] in FUNCTIONS
        rank[doc] = depth[doc] + is_value + in_function
    return depth, sorted(docs, key=lambda doc: (rank[doc], -depth[doc], doc))


def _no_outline(corpus: Corpus, file: int) -> tuple[str, ...]:
    why = corpus.skipped[file] or ("defines nothing" if corpus.languages[file] else "no grammar for it")
    return (f"… no definitions ({why}); read it as it is", f"… no definitions ({why})", "…")


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of a file that are asked for, 1-based and inclusive."""

    file: int
    first: int
    last: int


def source(
    index_data: IndexData,
    target: str,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
    *,
    numbered: bool = True,
) -> Answer[Excerpt]:
    """The text of `PATH`, `PATH:FROM-TO`, `PATH:NAME` or of a symbol whose name only one thing has.

    Characters that no terminal should see are replaced. Raises NotInRepository for what is not in
    the index, which no file outside the root and no link ever is, and BadRequest for a range past
    the end and for a name that several things have.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    parts = _parts_of(index_data, target)
    texts = {part.file: _lines_of(corpus, part.file, read) for part in parts}
    parts = [_within(corpus, part, len(texts[part.file])) for part in parts]
    wanted = [
        (part, line, texts[part.file][line - 1])
        for part in parts
        for line in range(part.first, part.last + 1)
    ]
    heads = {part: _source_head(corpus, part, len(texts[part.file])) for part in parts}

    def render(many: int) -> list[str]:
        lines: list[str] = []
        for place, (part, line, text) in enumerate(wanted[:many]):
            if place == 0 or wanted[place - 1][0] != part:
                lines.append(heads[part])
            lines.append(f"{line}: {text}".rstrip() if numbered else text)
        return lines

    def notes(many: int) -> tuple[str, ...]:
        if many == len(wanted):
            return ("",) if wanted else ("… an empty file", "…")
        part, line, _ = wanted[many]
        advice = f"go on with {printable(corpus.paths[part.file])}:{line}-{part.last}"
        return more(len(wanted) - many, "lines", advice)

    shown, text, tokens = fill(len(wanted), render, notes, budget_tokens, count)
    excerpts = _excerpts(corpus, wanted[:shown])
    return Answer(excerpts, len(wanted) - shown, text, tokens, budget_tokens)


def _source_head(corpus: Corpus, part: _Part, lines: int) -> str:
    path = printable(corpus.paths[part.file])
    return f"{path}:{part.first}-{part.last} of {lines} lines"


def _excerpts(corpus: Corpus, shown: Sequence[tuple[_Part, int, str]]) -> tuple[Excerpt, ...]:
    texts: dict[_Part, list[str]] = {}
    for part, _, text in shown:
        texts.setdefault(part, []).append(text)
    return tuple(
        Excerpt(
            corpus.paths[part.file],
            (part.first, part.first + len(lines) - 1),
            "".join(line + "\n" for line in lines),
        )
        for part, lines in texts.items()
    )


def _parts_of(index_data: IndexData, target: str) -> list[_Part]:
    """The lines that a target names; a last line of 0 is the end of the file."""
    corpus = index_data.corpus
    exact = exact_file(corpus, target)
    if exact is not None:
        return [_Part(exact, 1, 0)]
    ranged = _RANGE.fullmatch(target)
    if ranged:
        return [_Part(find_file(corpus, ranged["path"]), *_range(ranged))]
    if "/" in target and files_below(corpus, target):
        find_file(corpus, target)  # says that it is a folder, and what it holds
    if "." in target and len(files_ending(corpus, target)) == 1:
        return [_Part(find_file(corpus, target), 1, 0)]
    docs = find_meant(index_data, target)
    if docs:
        return _bodies(corpus, _only_one(corpus, target, docs))
    path, colon, name = target.rpartition(":")
    if colon and path:
        file = find_file(corpus, path)
        raise NotInRepository(
            f"{printable(corpus.paths[file])}: defines nothing named {printable(name)}; ask for its outline."
        )
    if "/" in target or "." in target:
        return [_Part(find_file(corpus, target), 1, 0)]
    raise not_defined(index_data, target)


def _range(found: re.Match[str]) -> tuple[int, int]:
    first = int(found["first"])
    last = int(found["last"]) if found["last"] else first
    if first < 1 or last < first:
        raise BadRequest(
            f"{printable(found[0])}: lines count from 1, and FROM is not after TO; nothing shown"
        )
    return first, last


def _only_one(corpus: Corpus, target: str, docs: list[int]) -> list[int]:
    """The definitions if they are one thing: one name in one place of one file, as overloads are."""
    words = corpus.words
    name = words[corpus.doc_name[docs[0]]]
    alike = [doc for doc in docs if words[corpus.doc_name[doc]] == name]
    places = {(int(corpus.doc_file[doc]), int(corpus.doc_parent[doc])) for doc in alike}
    if len(places) == 1:
        return sorted(alike)
    shown = ", ".join(
        f"{printable(corpus.paths[corpus.doc_file[doc]])}:{printable(full_name(corpus, doc))}"
        for doc in alike[:MOST_CANDIDATES]
    )
    dots = ", …" if len(alike) > MOST_CANDIDATES else ""
    raise BadRequest(f"{printable(target)}: {len(alike)} definitions are named so; name one: {shown}{dots}")


def _bodies(corpus: Corpus, docs: Sequence[int]) -> list[_Part]:
    """The lines of definitions with the comments above them; what overlaps is shown once."""
    parts: list[_Part] = []
    for doc in docs:
        span = corpus.doc_span[doc]
        part = _Part(int(corpus.doc_file[doc]), int(span[0]), int(span[2]))
        if parts and part.first <= parts[-1].last:
            part = _Part(part.file, parts[-1].first, max(part.last, parts.pop().last))
        parts.append(part)
    return parts


def _lines_of(corpus: Corpus, file: int, read: ReadFile) -> list[str]:
    path = corpus.paths[file]
    if corpus.skipped[file] == "binary":
        raise NotInRepository(f"{printable(path)}: is a binary file; nothing was shown.")
    if corpus.skipped[file] == "link":
        raise NotInRepository(f"{printable(path)}: is a link or a folder; ask for what it leads to.")
    data = read(path)
    if data is None:
        raise NotInRepository(f"{printable(path)}: cannot be read, or is too large; nothing was shown.")
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [_HIDDEN.sub("\ufffd", line.removesuffix("\r")) for line in lines]


def _within(corpus: Corpus, part: _Part, lines: int) -> _Part:
    last = min(part.last or lines, lines)
    if part.first > max(lines, 1):
        raise BadRequest(
            f"{printable(corpus.paths[part.file])}: has {lines} lines, so none from {part.first} on; nothing shown"
        )
    return _Part(part.file, part.first, last)

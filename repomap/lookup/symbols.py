"""Answers about names and places: where a symbol is, what a file defines, the text of either.

A map shows where to look; these are the next steps, each within a token budget.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from repomap.corpus.corpus import Corpus
from repomap.errors import BadRequest, NotInRepository
from repomap.lookup.aliases import original_names
from repomap.lookup.answers import (
    Answer,
    AnswerLine,
    Excerpt,
    Symbol,
    check_budget,
    fit_to_budget,
    omission_notes,
    with_headings,
)
from repomap.lookup.names import (
    exact_file,
    files_below,
    files_ending,
    find_file,
    find_meant,
    full_name,
    not_defined,
    symbol_of,
)
from repomap.lookup.parsed_again import find_members, with_members
from repomap.mapping.form import LONGEST_LINE
from repomap.mapping.parameters import ELLIPSIS
from repomap.mapping.render import definition_line
from repomap.model import KINDS, CountTokens, ReadFile
from repomap.ranking.documents import CONTAINERS, FUNCTIONS
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable, printable_code

LONGEST_SIGNATURE = 200
"""Characters of a signature in an answer; longer ones are cut."""
MOST_CANDIDATES = 6
"""Definitions that a message about an ambiguous name lists."""

_RANGE = re.compile(r"(?P<path>.+):(?:L)?(?P<first>[0-9]{1,9})(?:-L?(?P<last>[0-9]{1,9}))?", re.DOTALL)


def symbol(
    index_data: IndexData,
    name: str,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
    *,
    skip: int = 0,
) -> Answer[Symbol]:
    """Find the definitions of a name, best first.

    Those of exactly that name come first, then those that differ in case; `Class.method`,
    `Class/method` and `path:name` are understood. If there are none of these, what is exported under
    that name is looked for, then members: fields, values of enums. Raises NotInRepository if there are
    none either; its message names what comes near.
    """
    check_budget(budget_tokens)
    found = [(index_data.corpus, doc_id) for doc_id in find_meant(index_data, name)]
    if not found:
        originals = original_names(index_data, name.strip(), read)
        meant = (doc_id for original in originals for doc_id in find_meant(index_data, original))
        found = [(index_data.corpus, doc_id) for doc_id in meant]
    found = found or find_members(index_data, name, read)
    if not found:
        raise not_defined(index_data, name)
    found = found[skip:]
    lines = [_symbol_line(corpus, doc_id) for corpus, doc_id in found]
    shown, text, tokens = fit_to_budget(
        len(lines),
        lambda shown: with_headings(lines[:shown]),
        lambda shown: omission_notes(
            len(lines) - shown, "definitions", "narrow with Class.name or path:name"
        ),
        budget_tokens,
        count,
    )
    symbols = tuple(symbol_of(corpus, doc_id) for corpus, doc_id in found[:shown])
    return Answer(symbols, len(found) - shown, text, tokens, budget_tokens)


def _symbol_line(corpus: Corpus, doc_id: int, longest: int = LONGEST_SIGNATURE) -> AnswerLine:
    span, parent = corpus.doc_span[doc_id], full_name(corpus, int(corpus.doc_parent[doc_id]))
    path = printable(corpus.paths[corpus.doc_file[doc_id]])
    headings = (path, f"in {printable(parent)}") if parent else (path,)
    return AnswerLine(headings, f"{span[1]}-{span[2]} {definition_line(corpus, doc_id, longest)}")


def outline(
    index_data: IndexData,
    path: str,
    read: ReadFile | None,
    budget_tokens: int,
    count: CountTokens,
    *,
    skip: int = 0,
) -> Answer[Symbol]:
    """Show all definitions of a file as a tree, in source order; with ``read``, and their members.

    If not all of them fit, the inner ones are omitted first. Raises NotInRepository.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    file_id = find_file(corpus, path)
    detailed = with_members(corpus, file_id, read) if read else None
    if detailed is not None:
        corpus, file_id = detailed, 0
    doc_ids = list(corpus.docs_of(file_id))
    depth, outer_first = _by_depth(corpus, doc_ids)
    outer_first = outer_first[skip:]
    heading = _file_heading(corpus, file_id)

    def render(shown: int) -> list[str]:
        rows = (
            " " * depth[doc_id] + _symbol_line(corpus, doc_id, LONGEST_LINE).text
            for doc_id in sorted(outer_first[:shown])
        )
        return [heading, *rows]

    def notes(shown: int) -> tuple[str, ...]:
        if not doc_ids:
            return _no_outline(corpus, file_id)
        advice = "read some of it with path:from-to or path:name"
        return omission_notes(len(outer_first) - shown, "definitions", advice)

    shown, text, tokens = fit_to_budget(len(outer_first), render, notes, budget_tokens, count)
    symbols = tuple(symbol_of(corpus, doc_id) for doc_id in sorted(outer_first[:shown]))
    return Answer(symbols, len(outer_first) - shown, text, tokens, budget_tokens)


def _file_heading(corpus: Corpus, file_id: int) -> str:
    """Return the path of a file with its number of lines, if it was read."""
    heading = printable(corpus.paths[file_id])
    return (
        heading if corpus.skipped[file_id] == "large" else f"{heading} ({int(corpus.lines[file_id])} lines)"
    )


def _by_depth(corpus: Corpus, doc_ids: Sequence[int]) -> tuple[dict[int, int], list[int]]:
    """Return the depth of each definition, and all of them, the most informative first.

    Values come one level later than functions and containers, and so does what is inside a function.
    """
    depth: dict[int, int] = {}
    rank: dict[int, int] = {}
    for doc_id in doc_ids:
        parent = int(corpus.doc_parent[doc_id])
        depth[doc_id] = depth.get(parent, 0) + 1
        is_value = KINDS[corpus.doc_kind[doc_id]] not in (*CONTAINERS, *FUNCTIONS)
        in_function = parent in rank and KINDS[corpus.doc_kind[parent]] in FUNCTIONS
        rank[doc_id] = depth[doc_id] + is_value + in_function
    return depth, sorted(doc_ids, key=lambda doc_id: (rank[doc_id], -depth[doc_id], doc_id))


def _no_outline(corpus: Corpus, file_id: int) -> tuple[str, ...]:
    if corpus.skipped[file_id]:
        reason = corpus.skipped[file_id]
        reason = "too large to be read for the index" if reason == "large" else reason
    else:
        reason = "defines nothing" if corpus.languages[file_id] else "no grammar for it"
    return (
        f"{ELLIPSIS} no definitions ({reason}); read it as it is",
        f"{ELLIPSIS} no definitions ({reason})",
        ELLIPSIS,
    )


@dataclass(frozen=True, slots=True)
class _LineRange:
    """Lines of a file, 1-based and inclusive."""

    file_id: int
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
    skip: int = 0,
) -> Answer[Excerpt]:
    """Show the text of `PATH`, `PATH:FROM-TO`, `PATH:NAME`, or of a symbol with a unique name.

    Characters that could control a terminal are replaced. Raises NotInRepository for what is not in the
    index, which no file outside the root and no link ever is, and BadRequest for a range past the end
    and for an ambiguous name.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    ranges = _ranges_of(index_data, target, read)
    texts = {part.file_id: _lines_of(corpus, part.file_id, read) for part in ranges}
    ranges = [_clipped(corpus, part, len(texts[part.file_id])) for part in ranges]
    lines = [
        (part, line, texts[part.file_id][line - 1])
        for part in ranges
        for line in range(part.first, part.last + 1)
    ][skip:]
    headings = {part: _range_heading(corpus, part, len(texts[part.file_id])) for part in ranges}

    def render(shown: int) -> list[str]:
        return list(_written(lines[:shown], headings, numbered=numbered))

    def notes(shown: int) -> tuple[str, ...]:
        if shown == len(lines):
            return ("",) if lines else (f"{ELLIPSIS} an empty file", ELLIPSIS)
        part, line, _ = lines[shown]
        advice = f"go on with {printable(corpus.paths[part.file_id])}:{line}-{part.last}"
        return omission_notes(len(lines) - shown, "lines", advice)

    shown, text, tokens = fit_to_budget(len(lines), render, notes, budget_tokens, count)
    return Answer(_excerpts(corpus, lines[:shown]), len(lines) - shown, text, tokens, budget_tokens)


def _written(
    lines: Sequence[tuple[_LineRange, int, str]], headings: Mapping[_LineRange, str], *, numbered: bool
) -> Iterator[str]:
    """Yield the lines of ranges, each range after its heading."""
    last = None
    for part, line, text in lines:
        if part != last:
            yield headings[part]
        yield f"{line}: {text}".rstrip() if numbered else text
        last = part


def _range_heading(corpus: Corpus, part: _LineRange, line_count: int) -> str:
    return f"{printable(corpus.paths[part.file_id])}:{part.first}-{part.last} of {line_count} lines"


def _excerpts(corpus: Corpus, lines: Sequence[tuple[_LineRange, int, str]]) -> tuple[Excerpt, ...]:
    texts: dict[_LineRange, list[str]] = {}
    for part, _, text in lines:
        texts.setdefault(part, []).append(text)
    return tuple(
        Excerpt(
            corpus.paths[part.file_id],
            (part.first, part.first + len(shown) - 1),
            "".join(line + "\n" for line in shown),
        )
        for part, shown in texts.items()
    )


def _ranges_of(index_data: IndexData, target: str, read: ReadFile) -> list[_LineRange]:
    """Return the lines that a target means; a last line of 0 is the end of the file."""
    corpus = index_data.corpus
    exact = exact_file(corpus, target)
    if exact is not None:
        return [_LineRange(exact, 1, 0)]
    match = _RANGE.fullmatch(target)
    if match:
        return [_LineRange(find_file(corpus, match["path"]), *_first_and_last(match))]
    if "/" in target and files_below(corpus, target):
        find_file(corpus, target)  # raises: the target is a folder
    if "." in target and len(files_ending(corpus, target)) == 1:
        return [_LineRange(find_file(corpus, target), 1, 0)]
    definitions = find_meant(index_data, target)
    if definitions:
        return _bodies(corpus, _only_symbol(corpus, target, definitions))
    members = find_members(index_data, target, read)
    if members:
        detailed = members[0][0]
        doc_ids = [doc_id for corpus, doc_id in members if corpus is detailed]
        file_id = find_file(corpus, detailed.paths[0])
        bodies = _bodies(detailed, _only_symbol(detailed, target, doc_ids))
        return [_LineRange(file_id, part.first, part.last) for part in bodies]
    path, colon, name = target.rpartition(":")
    if colon and path:
        known = printable(corpus.paths[find_file(corpus, path)])
        raise NotInRepository(f"{known} defines nothing named {printable(name)}. Ask for its outline.")
    if "/" in target or "." in target:
        return [_LineRange(find_file(corpus, target), 1, 0)]
    raise not_defined(index_data, target)


def _first_and_last(match: re.Match[str]) -> tuple[int, int]:
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else first
    if first < 1 or last < first:
        raise BadRequest(f"{printable(match[0])}: lines count from 1, and FROM must not be after TO.")
    return first, last


def _only_symbol(corpus: Corpus, target: str, definitions: list[int]) -> list[int]:
    """Return the definitions of the best one's name if all are in one place, as overloads are."""
    words = corpus.words
    name = words[corpus.doc_name[definitions[0]]]
    namesakes = [doc_id for doc_id in definitions if words[corpus.doc_name[doc_id]] == name]
    places = {(int(corpus.doc_file[doc_id]), int(corpus.doc_parent[doc_id])) for doc_id in namesakes}
    if len(places) == 1:
        return sorted(namesakes)
    shown = ", ".join(
        f"{printable(corpus.paths[corpus.doc_file[doc_id]])}:{printable(full_name(corpus, doc_id))}"
        for doc_id in namesakes[:MOST_CANDIDATES]
    )
    end = ", …" if len(namesakes) > MOST_CANDIDATES else "."
    raise BadRequest(f"{len(namesakes)} definitions match {printable(target)}; pick one: {shown}{end}")


def _bodies(corpus: Corpus, doc_ids: Sequence[int]) -> list[_LineRange]:
    """Return the lines of ascending definitions of one file and the comments above; overlaps are merged."""
    ranges: list[_LineRange] = []
    for doc_id in doc_ids:
        span = corpus.doc_span[doc_id]
        part = _LineRange(int(corpus.doc_file[doc_id]), int(span[0]), int(span[2]))
        if ranges and part.first <= ranges[-1].last:
            previous = ranges.pop()
            part = _LineRange(part.file_id, previous.first, max(part.last, previous.last))
        ranges.append(part)
    return ranges


def _lines_of(corpus: Corpus, file_id: int, read: ReadFile) -> list[str]:
    path = printable(corpus.paths[file_id])
    if corpus.skipped[file_id] == "binary":
        raise NotInRepository(f"{path} is a binary file. Nothing was shown.")
    if corpus.skipped[file_id] == "link":
        raise NotInRepository(f"{path} is a link or a folder. Ask for what it leads to.")
    data = read(corpus.paths[file_id])
    if data is None:
        raise NotInRepository(f"{path} cannot be read, or is too large. Nothing was shown.")
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [printable_code(line.removesuffix("\r")) for line in lines]


def _clipped(corpus: Corpus, part: _LineRange, line_count: int) -> _LineRange:
    """End a range at the end of its file. Raises BadRequest if it starts behind it."""
    if part.first > max(line_count, 1):
        path = printable(corpus.paths[part.file_id])
        raise BadRequest(f"{path} has {line_count} lines, so there is no line {part.first}.")
    return _LineRange(part.file_id, part.first, min(part.last or line_count, line_count))

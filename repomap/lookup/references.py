"""Finds where the code uses a name, by file and enclosing definition.

The index knows who uses a name and how often, and by the imports which definition is meant; the
files are read only for the lines, and only as many as the budget can show.
"""

import re
from collections.abc import Sequence, Set
from typing import Any, NamedTuple

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.errors import NotInRepository
from repomap.lookup.answers import Answer, Row, Use, UsedLine, check_budget, fill, lay_out, more
from repomap.lookup.names import find_definitions, find_meant, full_name, standing
from repomap.lookup.search import Around, Found, Pattern, heads_of, matching_lines, shown_line
from repomap.model import CountTokens, ReadFile
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable

_COMMENT = re.compile(r"\s*(?:#(?!\[|include|define|if)|//|/\*|\*(?:\s|/|$)|--\s|;|%|<!--|\"\"\"|''')")
_BLOCK = re.compile(r"^[ \t]*(?:/\*.*?\*/|\"\"\".*?\"\"\"|'''.*?''')", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"``|(?:^|\s)[A-Za-z]?[a-z]+(?:,? [a-z]+){3}")


def references(
    index_data: IndexData, name: str, read: ReadFile, budget_tokens: int, count: CountTokens
) -> Answer[Use]:
    """Where the code uses a name, by file and enclosing definition.

    Files in which the name can mean nothing else come first, then by how much rests on them. A
    qualified name, `Class.method` or `path:name`, puts those first that may mean that one.
    Comments and strings do not count. Raises NotInRepository where the repository holds no such
    word.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    number, targets = _meant(index_data, name)
    word = corpus.words[number]
    groups = _using(index_data, number, targets)
    total = sum(group.times for group in groups)
    uses, rows = _read_uses(corpus, groups, word, read, budget_tokens // 4 + 8)
    shown, text, tokens = fill(
        len(rows),
        lambda many: lay_out([row for _, row in rows[:many]]),
        lambda many: _left(corpus, word, targets, total - _covered(rows[:many], uses), total),
        budget_tokens,
        count,
    )
    items = _cut(uses, rows[:shown])
    return Answer(items, total - sum(one.count for one in items), text, tokens, budget_tokens)


class _Group(NamedTuple):
    file: int
    doc: int
    times: int
    prose: int
    resolved: bool


def _meant(index_data: IndexData, name: str) -> tuple[int, list[int]]:
    """The word that a name means, and the definitions that are meant."""
    corpus = index_data.corpus
    docs = find_meant(index_data, name)
    number = corpus.word_id(name.strip())
    if docs and (number is None or corpus.doc_name[docs[0]] == number):
        number = int(corpus.doc_name[docs[0]])
    if number is None:
        number = int(corpus.doc_name[find_definitions(index_data, name)[0]])
        shown = printable(corpus.words[number])
        raise NotInRepository(f"{printable(name)}: no such name here. Did you mean {shown}?")
    return number, [doc for doc in docs if corpus.doc_name[doc] == number]


def _using(index_data: IndexData, number: int, targets: Sequence[int]) -> list[_Group]:
    """Every document that uses the word in code: the surest and weightiest files first."""
    corpus, found = index_data.corpus, index_data.mentions
    meant = {int(corpus.doc_file[doc]) for doc in targets}
    links: dict[int, set[int]] = {}
    for row in np.flatnonzero(found.word_id == number).tolist():
        links.setdefault(int(found.source[row]), set()).add(int(found.target[row]))
    uses = corpus.postings([number])
    value = standing(index_data)

    def order(group: _Group) -> tuple[Any, ...]:
        linked = links.get(group.file, {group.file} & meant)
        return not group.resolved, not (linked & meant), -float(value[group.file]), group.file, group.doc

    groups = []
    for doc, code, prose in zip(uses.doc_id.tolist(), uses.code.tolist(), uses.prose.tolist(), strict=True):
        file = int(corpus.doc_file[doc])
        linked = links.get(file, {file} & meant)
        if code:
            groups.append(_Group(file, doc, code, prose, len(linked) == 1 and linked <= meant))
    return sorted(groups, key=order)


class _Line(NamedTuple):
    """A line that holds the word; what looks most like code sorts first."""

    prose: int
    line: int
    text: str


_Rows = list[tuple[int, Row]]
"""Each line of the answer with the place of its use."""


def _read_uses(
    corpus: Corpus, groups: Sequence[_Group], word: str, read: ReadFile, most_rows: int
) -> tuple[list[Use], _Rows]:
    """The uses with their lines, read file by file until there are more than any budget holds."""
    in_file: dict[int, int] = {}
    for group in groups:
        in_file[group.file] = in_file.get(group.file, 0) + group.times
    uses: list[Use] = []
    rows: _Rows = []
    lines: dict[int, list[_Line]] = {}
    here = -1
    for group in groups:
        if group.file != here:
            if len(rows) > most_rows:
                break
            here = group.file
            data = read(corpus.paths[here])
            lines = _lines_by_doc(corpus, here, data.decode("utf-8", "replace") if data else "", word)
        path, within = corpus.paths[here], full_name(corpus, group.doc)
        kept = _in_code(lines.get(group.doc, []), group)
        tail = f": {in_file[here]} use{'s' if in_file[here] > 1 else ''}"
        heads = heads_of(path, within, tail if group.resolved else tail + ", may mean another")
        rows += [(len(uses), Row(heads, f"{one.line}: {one.text}")) for one in kept]
        shown = tuple(UsedLine(one.line, one.text) for one in kept)
        uses.append(Use(path, within, group.times, group.resolved, shown))
    return uses, rows


def _lines_by_doc(corpus: Corpus, file: int, text: str, word: str) -> dict[int, list[_Line]]:
    """The lines that hold a word, by what encloses them, those that define it left out."""
    around = Around(corpus, file)
    told = _block_lines(text)
    found: dict[int, list[_Line]] = {}
    bound = re.compile(rf"(?<![\w]){re.escape(word)}(?![\w])")
    sought = Pattern(lambda where: (one.span() for one in bound.finditer(where)), word, None)
    named = {doc for doc in corpus.docs_of(file) if corpus.words[corpus.doc_name[doc]] == word}
    _, lines = matching_lines(text, sought)
    for one in lines:
        defined = next((doc for doc in around.signed(one.line) if doc in named), None)
        if defined is None:
            found.setdefault(around.innermost(one.line), []).append(_line(one, told))
        else:
            named.discard(defined)
    return found


def _line(found: Found, told: Set[int]) -> _Line:
    text = shown_line(found)
    prose = 2 * (found.line in told or _COMMENT.match(text) is not None) + bool(_SENTENCE.search(text))
    return _Line(prose, found.line, text)


def _block_lines(text: str) -> set[int]:
    """The lines of comments and documentation that begin a line and may go over several."""
    lines: set[int] = set()
    line, counted = 1, 0
    for block in _BLOCK.finditer(text):
        line += text.count("\n", counted, block.start())
        counted = block.start()
        lines.update(range(line, line + block[0].count("\n") + 1))
    return lines


def _in_code(lines: Sequence[_Line], group: _Group) -> list[_Line]:
    """Those lines that are code, as far as they tell.

    Where comments and strings hold the word too, no more lines are kept than the code has uses.
    """
    kept = sorted(lines)[: group.times] if group.prose else lines
    return sorted(kept, key=lambda one: one.line)


def _covered(rows: _Rows, uses: Sequence[Use]) -> int:
    return sum(uses[place].count for place in {place for place, _ in rows})


def _cut(uses: Sequence[Use], rows: _Rows) -> tuple[Use, ...]:
    """The uses with only the lines that are shown."""
    many: dict[int, int] = {}
    for place, _ in rows:
        many[place] = many.get(place, 0) + 1
    return tuple(
        Use(one.path, one.within, one.count, one.resolved, one.lines[: many[place]])
        for place, one in enumerate(uses)
        if place in many
    )


def _left(corpus: Corpus, word: str, targets: Sequence[int], left: int, total: int) -> tuple[str, ...]:
    if total:
        return more(left, "uses", "narrow with Class.name, or give more tokens")
    doc = next(iter(targets), None)
    if doc is None:
        return (f"no code uses {printable(word)}; it stands in text only", "no code uses it")
    where = f"{printable(corpus.paths[corpus.doc_file[doc]])}:{corpus.doc_span[doc][1]}"
    return (f"no code uses {printable(word)}, defined in {where}, by its name", "no code uses it")

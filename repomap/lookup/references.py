"""Finds the places that use a name, by file and enclosing definition.

The index knows who uses a name and how often, and by the imports which definition is meant; the files
are parsed again for the lines, and only as many as the budget can show.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.lookup.aliases import other_names
from repomap.lookup.answers import (
    Answer,
    AnswerLine,
    Use,
    UsedLine,
    check_budget,
    fit_to_budget,
    omission_notes,
    with_headings,
)
from repomap.lookup.names import file_importance, find_meant, full_name, not_defined, plain_name
from repomap.lookup.parsed_again import code_as_indexed, source_as_indexed
from repomap.lookup.search import (
    LEAST_LINE_TOKENS,
    SPARE_LINES,
    EnclosingDefinitions,
    MatchingLine,
    Pattern,
    headings_of,
    matching_lines,
    shown_line,
)
from repomap.model import CountTokens, ReadFile
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable


def references(
    index_data: IndexData,
    name: str,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
    *,
    skip: int = 0,
) -> Answer[Use]:
    """Find the places whose code uses a name, by file and enclosing definition.

    Files in which nothing else can be meant come first, then the most important ones. A qualified
    name, `Class.method` or `path:name`, puts those first that may mean that one. Uses of the names under
    which it is exported follow. Comments and strings do not count. Raises NotInRepository if no file has such a word.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    word_id, targets = _meant(index_data, name)
    word = corpus.words[word_id]
    most_lines = budget_tokens // LEAST_LINE_TOKENS + SPARE_LINES + skip
    names: list[tuple[int, str, Sequence[int]]] = [(word_id, word, targets)]
    names += _aliases(index_data, word, read) if targets else ()
    total, uses, lines = 0, list[Use](), _Lines()
    for name_id, text_of_name, definitions in names:
        users = _users_of(index_data, name_id, definitions)
        total += sum(user.code_count for user in users)
        more_uses, more_lines = _read_uses(corpus, users, text_of_name, read, most_lines)
        lines += [(len(uses) + index, line) for index, line in more_lines]
        uses += more_uses
    total -= _count_shown(lines[:skip], uses) if skip else 0
    lines = lines[skip:]
    shown, text, tokens = fit_to_budget(
        len(lines),
        lambda shown: with_headings([line for _, line in lines[:shown]]),
        lambda shown: _notes(corpus, word, targets, total - _count_shown(lines[:shown], uses), total),
        budget_tokens,
        count,
    )
    items = _with_shown_lines(uses, lines[:shown])
    return Answer(items, total - sum(item.count for item in items), text, tokens, budget_tokens)


class _User(NamedTuple):
    """A document that uses the name."""

    file_id: int
    doc_id: int
    code_count: int
    prose_count: int
    resolved: bool


def _aliases(index_data: IndexData, word: str, read: ReadFile) -> Iterator[tuple[int, str, Sequence[int]]]:
    """Yield the names under which a word is exported, with their ids and no definitions.

    What has a definition of its own is something else.
    """
    for alias in other_names(index_data, word, read):
        alias_id = index_data.corpus.word_id(alias)
        if alias_id is not None and not find_meant(index_data, alias):
            yield alias_id, alias, ()


def _meant(index_data: IndexData, name: str) -> tuple[int, list[int]]:
    """Return the id of the word that a name means, and the definitions that are meant."""
    corpus = index_data.corpus
    definitions = find_meant(index_data, name)
    word_id = corpus.word_id(name.strip())
    if word_id is None:
        word_id = corpus.word_id(plain_name(name))
    if definitions and (word_id is None or corpus.doc_name[definitions[0]] == word_id):
        word_id = int(corpus.doc_name[definitions[0]])
    if word_id is None:
        raise not_defined(index_data, name)
    return word_id, [doc_id for doc_id in definitions if corpus.doc_name[doc_id] == word_id]


def _users_of(index_data: IndexData, word_id: int, targets: Sequence[int]) -> list[_User]:
    """Return every document that uses the word in code: the surest and most important files first."""
    corpus, mentions = index_data.corpus, index_data.mentions
    target_files = {int(corpus.doc_file[doc_id]) for doc_id in targets}
    linked_files: dict[int, set[int]] = {}
    for row in np.flatnonzero(mentions.word_id == word_id).tolist():
        linked_files.setdefault(int(mentions.source[row]), set()).add(int(mentions.target[row]))
    uses = corpus.postings([word_id])
    importance = file_importance(index_data)

    def linked(file_id: int) -> set[int]:
        """Return the files that this file may mean by the name; without mentions, only itself."""
        return linked_files.get(file_id, {file_id} & target_files)

    def order(user: _User) -> tuple[Any, ...]:
        may_mean_target = bool(linked(user.file_id) & target_files)
        weight = float(importance[user.file_id])
        return not user.resolved, not may_mean_target, -weight, user.file_id, user.doc_id

    users = []
    columns = (uses.doc_id.tolist(), uses.code.tolist(), uses.prose.tolist())
    for doc_id, code_count, prose_count in zip(*columns, strict=True):
        file_id = int(corpus.doc_file[doc_id])
        resolved = len(linked(file_id)) == 1 and linked(file_id) <= target_files
        if code_count:
            users.append(_User(file_id, doc_id, code_count, prose_count, resolved))
    return sorted(users, key=order)


_Lines = list[tuple[int, AnswerLine]]
"""The lines of the answer, each with the index of its use."""


def _read_uses(
    corpus: Corpus, users: Sequence[_User], word: str, read: ReadFile, most_lines: int
) -> tuple[list[Use], _Lines]:
    """Read the lines of the uses, file by file, until there are more than the budget can show."""
    count_in_file: dict[int, int] = {}
    for user in users:
        count_in_file[user.file_id] = count_in_file.get(user.file_id, 0) + user.code_count
    uses: list[Use] = []
    lines: _Lines = []
    lines_by_doc: dict[int, list[UsedLine]] = {}
    file_id = -1
    for user in users:
        if user.file_id != file_id:
            if len(lines) > most_lines:
                break
            file_id = user.file_id
            lines_by_doc = _lines_by_doc(corpus, file_id, read, word)
        path, within = corpus.paths[file_id], full_name(corpus, user.doc_id)
        kept = lines_by_doc.get(user.doc_id, [])
        count = count_in_file[file_id]
        after_path = f": {count} use{'s' if count > 1 else ''}"
        after_path += "" if user.resolved else ", may mean another"
        headings = headings_of(path, within, after_path)
        lines += [(len(uses), AnswerLine(headings, f"{line.line}: {line.text}")) for line in kept]
        uses.append(Use(path, within, user.code_count, user.resolved, tuple(kept)))
    return uses, lines


def _lines_by_doc(corpus: Corpus, file_id: int, read: ReadFile, word: str) -> dict[int, list[UsedLine]]:
    """Return the lines whose code uses a word, by the document that contains them.

    The file is parsed again, so these are the very uses that the index counts. If it has changed since, all
    lines that have the word are returned.
    """
    source = source_as_indexed(corpus, file_id, read)
    if source is None:
        return _lines_with(corpus, file_id, read, word)
    size = len(word.encode())
    lines_by_doc: dict[int, list[UsedLine]] = {}
    line, counted_to, line_start = 1, 0, -1
    for owner, start in code_as_indexed(corpus, file_id, source).uses(word.encode()):
        line += source.count(b"\n", counted_to, start)
        counted_to = start
        line_start = source.rfind(b"\n", 0, start) + 1
        used = lines_by_doc.setdefault(int(corpus.doc_start[file_id]) + owner, [])
        if not used or used[-1].line != line:
            text = source[line_start : (source.find(b"\n", start) + 1 or len(source) + 1) - 1]
            before = len(source[line_start:start].decode("utf-8", "replace"))
            match = MatchingLine(line, text.decode("utf-8", "replace").rstrip("\r"), before, before + size)
            used.append(UsedLine(line, shown_line(match)))
    return lines_by_doc


def _lines_with(corpus: Corpus, file_id: int, read: ReadFile, word: str) -> dict[int, list[UsedLine]]:
    """Return the lines that have a whole word, in code or not, by the document around them."""
    data = read(corpus.paths[file_id])
    whole_word = re.compile(rf"(?<![\w]){re.escape(word)}(?![\w])")
    pattern = Pattern(
        lambda text: (match.span() for match in whole_word.finditer(text)), word, lambda _: True
    )
    enclosing = EnclosingDefinitions(corpus, file_id)
    lines_by_doc: dict[int, list[UsedLine]] = {}
    _, matches = matching_lines(data.decode("utf-8", "replace") if data else "", pattern)
    for match in matches:
        used = lines_by_doc.setdefault(enclosing.innermost(match.line), [])
        used.append(UsedLine(match.line, shown_line(match)))
    return lines_by_doc


def _count_shown(lines: _Lines, uses: Sequence[Use]) -> int:
    return sum(uses[index].count for index in {index for index, _ in lines})


def _with_shown_lines(uses: Sequence[Use], lines: _Lines) -> tuple[Use, ...]:
    """Return the uses of which lines are shown, with only these lines."""
    line_counts: dict[int, int] = {}
    for index, _ in lines:
        line_counts[index] = line_counts.get(index, 0) + 1
    return tuple(
        Use(use.path, use.within, use.count, use.resolved, use.lines[: line_counts[index]])
        for index, use in enumerate(uses)
        if index in line_counts
    )


def _notes(corpus: Corpus, word: str, targets: Sequence[int], omitted: int, total: int) -> tuple[str, ...]:
    if total:
        return omission_notes(omitted, "uses", "narrow with Class.name, or give more tokens")
    target = next(iter(targets), None)
    if target is None:
        return (f"no code uses {printable(word)}; it occurs in comments and text only", "no code uses it")
    place = f"{printable(corpus.paths[corpus.doc_file[target]])}:{corpus.doc_span[target][1]}"
    return (f"no code uses {printable(word)}, defined in {place}, by its name", "no code uses it")

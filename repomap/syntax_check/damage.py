"""Tells what an edit broke in a file: its text before and after -> the damage, or None.

A grammar is a witness here and not the judge: it lags behind its language, and the macros of C are beyond it.
What it objects to is damage for certain where brackets or quotes have lost their partners, where lines are
indented like no block, or, if blocks end with a word, where definitions below the edit are gone; and only if the
edit writes anything. Else the damage is reported as uncertain.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from tree_sitter import Node

from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import Language
from repomap.parsing.parse import parse_source
from repomap.parsing.syntax import parse_safely
from repomap.syntax_check.data_syntax import DATA_LEXICONS, data_suffix, first_error
from repomap.syntax_check.indents import odd_indents
from repomap.syntax_check.lexicons import LEXICONS, Lexicon
from repomap.syntax_check.pairs import Fault, Scan, scan

_MOST_ERRORS = 500
"""Errors of a tree that are looked at."""
_FIELDS = 5
"""Numbers in `FileTags.spans` for each definition."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a text that was not wrong before."""

    what: str
    """What is wrong with the line, in words."""
    line: int
    """1-based."""
    text: str
    """The line, without its indentation."""
    certain: bool
    """False where it may be meant: only the grammar objects, or the edit writes no line of its own."""


def find_damage(path: str, before: bytes, after: bytes) -> Damage | None:
    """Return what an edit of a file broke; None where nothing is broken, or nobody can tell.

    >>> find_damage("a.py", b"f(1)", b"f(1)\\nf(1")
    Damage(what='`(` is not closed', line=2, text='f(1', certain=True)
    >>> find_damage("a.py", b"f(1)", b"f(2)")
    """
    if b"\0" in after:
        return None
    suffix = data_suffix(path)
    found = _in_data(suffix, before, after) if suffix else _in_code(path, before, after)
    if found and found.certain and not _writes(before, after):
        return replace(found, certain=False)
    return found


def _writes(before: bytes, after: bytes) -> bool:
    """Whether an edit brings a line, and does not only delete and move what is there.

    Who only takes lines away may do the other half next, and cannot have mistyped anything.
    """
    return bool(Counter(after.split(b"\n")) - Counter(before.split(b"\n")))


def _in_code(path: str, before: bytes, after: bytes) -> Damage | None:
    """The same for what has a grammar."""
    language = sniff(path, after)
    new = parse_safely(language, after) if language else None
    if language is None or new is None:
        return None
    lexicon = LEXICONS.get(language.name)
    is_blind = lexicon is not None and (lexicon.blocks == "indentation" or lexicon.macros)
    if not new.has_error and not is_blind:
        return None
    old = parse_safely(language, before) if new.has_error else None
    objections = _new_errors(old, before, new, after) if old else []
    lines = after.decode("utf-8", "replace").split("\n")
    if lexicon:
        for fault in _new_faults(lexicon, before, after, with_pairs=new.has_error or lexicon.macros):
            return _at(lines, fault.row, fault.what, certain=True)
    if not objections or old is None:
        return None
    row = objections[0].start_point[0]
    if lexicon and lexicon.blocks == "words" and not old.has_error:
        if any(map(_is_unfinished, objections)):
            return _at(lines, row, "a block has lost its end", certain=True)
        lost = _lost_definitions(language, before, after)
        if lost:
            return _at(lines, row, f"{', '.join(lost[:3])} below it would be lost", certain=True)
    return _at(lines, row, "its syntax is not known", certain=False)


def _in_data(suffix: str, before: bytes, after: bytes) -> Damage | None:
    """The same for JSON, TOML and YAML, for which there are readers that know all of the language."""
    row = first_error(suffix, after)
    if row is None or first_error(suffix, before) is not None:
        return None
    lines = after.decode("utf-8", "replace").split("\n")
    for fault in _new_faults(DATA_LEXICONS[suffix], before, after, with_pairs=True):
        return _at(lines, fault.row, fault.what, certain=True)
    return _at(lines, row, "it cannot be read", certain=suffix in ("yaml", "yml"))  # indentation, mostly


def _at(lines: list[str], row: int, what: str, *, certain: bool) -> Damage:
    text = lines[row].strip() if row < len(lines) else ""
    return Damage(what, row + 1, text, certain)


def _new_errors(old: Node, before: bytes, new: Node, after: bytes) -> list[Node]:
    """Return the errors in a tree that are not in the tree before, in the order of the text."""
    known = Counter(_described(error, before) for error in _errors(old))
    errors = []
    for error in _errors(new):
        what = _described(error, after)
        known[what] -= 1
        if known[what] < 0:
            errors.append(error)
    return sorted(errors, key=lambda error: error.start_byte)


def _is_unfinished(error: Node) -> bool:
    """Whether the word that ends a block is missing, or the text as a whole cannot be read for want of it."""
    return (error.is_missing and error.type.isalpha()) or error.parent is None


def _errors(root: Node) -> Iterator[Node]:
    """The nodes of a tree that are errors or missing, in the order of the text."""
    pending, found = [root], 0
    while pending and found < _MOST_ERRORS:
        node = pending.pop()
        if node.is_error or node.is_missing:
            found += 1
            yield node
        pending += [child for child in reversed(node.children) if child.has_error]


def _described(error: Node, text: bytes) -> tuple[str, bytes]:
    """An error as it can be recognised when lines move: its kind, and its line."""
    start = text.rfind(b"\n", 0, error.start_byte) + 1
    end = text.find(b"\n", error.start_byte)
    return error.type, text[start : end if end >= 0 else len(text)].strip()


def _new_faults(lexicon: Lexicon, before: bytes, after: bytes, *, with_pairs: bool) -> tuple[Fault, ...]:
    """Return the brackets, quotes and indentations that are wrong in a text and were right before.

    `with_pairs`: the grammar finds errors, too, or cannot see them. Else no bracket or quote is wrong for certain.
    """
    old, new = _scan(lexicon, before), _scan(lexicon, after)
    faults = _beyond(old.faults, new.faults) if with_pairs else ()
    if faults or lexicon.blocks != "indentation" or old.faults or new.faults:
        return faults
    return () if odd_indents(old) else odd_indents(new)


def _scan(lexicon: Lexicon, text: bytes) -> Scan:
    return scan(text.decode("latin-1").removeprefix("\xef\xbb\xbf"), lexicon)


def _beyond(old: Iterable[Fault], new: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Return the faults of which there are more than before."""
    known = Counter(fault.what for fault in old)
    faults = []
    for fault in new:
        known[fault.what] -= 1
        if known[fault.what] < 0:
            faults.append(fault)
    return tuple(
        sorted(faults, key=lambda fault: fault.what.startswith("`"))
    )  # a lost quote costs brackets, too


def _lost_definitions(language: Language, before: bytes, after: bytes) -> list[str]:
    """Return the names defined in lines below the edit that stay, and are no definitions any more."""
    old, new = parse_source(before, language), parse_source(after, language)
    kept = _kept_rows(before, after)
    there = Counter(new.names)
    lost = []
    for name, line in zip(old.names, old.spans[1::_FIELDS], strict=True):
        there[name] -= 1
        if there[name] < 0 and line - 1 in kept:
            lost.append(f"`{name}`")
    return lost


def _kept_rows(before: bytes, after: bytes) -> set[int]:
    """Return the rows below the first change of a text that the text after it has as well."""
    matcher = SequenceMatcher(None, before.split(b"\n"), after.split(b"\n"))
    kept, is_below = set[int](), False
    for tag, i1, i2, _, _ in matcher.get_opcodes():
        is_below = is_below or tag != "equal"
        if is_below and tag == "equal":
            kept.update(range(i1, i2))
    return kept

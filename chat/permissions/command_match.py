"""Whether a rule's pattern fits the words of a command.

`*` stands for words, at the end also for none; inside a word it stands for a part of that word. `:*` at the
end is the same as ` *`, and lets the last word go on behind a colon: `npm run test:*` fits `npm run test:unit`.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from chat.permissions.rule import pattern_words
from chat.permissions.shell_words import Word


def fits(pattern: str, words: Sequence[Word], named: Collection[int] = ()) -> bool:
    """Whether a pattern fits a command; words at the positions ``named`` have to be in the pattern literally.

    >>> words = [Word(text) for text in "git push --force".split()]
    >>> fits("git push *", words), fits("git pu", words), fits("git push *", words, {2})
    (True, False, False)
    """
    return _fits(_expanded(pattern), words, 0, frozenset(named))


@lru_cache(maxsize=512)
def _expanded(pattern: str) -> tuple[str, ...]:
    return pattern_words(pattern)


def _fits(pattern: tuple[str, ...], words: Sequence[Word], at: int, named: frozenset[int]) -> bool:
    """Whether the rest of a pattern fits the words from ``at`` on."""
    if not pattern:
        return at == len(words)
    first, rest = pattern[0], pattern[1:]
    if first == "*" and not rest:
        return _none_named(words, at, named)
    if rest == (":*",):
        return _fits_last(first, words, at, named)
    if first == "*":
        most = at + 1 if at == 0 else len(words)  # in front it stands for the program alone
        ends = (end for end in range(at + 1, most + 1) if _none_named(words, at, named - {0}, end))
        return any(_fits(rest, words, end, named) for end in ends)
    is_literal = at in named and (at > 0 or first.startswith("*"))
    if at >= len(words) or not _fits_word(first, words[at], is_literal=is_literal):
        return False
    if not rest and at + 1 < len(words):
        # `ls*` and `git log*` go on, as `ls *` does; a path or an option with a star ends
        return (
            first.endswith("*")
            and first[0] not in "-./~"
            and "/" not in first
            and _none_named(words, at + 1, named)
        )
    return _fits(rest, words, at + 1, named)


def _fits_last(last: str, words: Sequence[Word], at: int, named: frozenset[int]) -> bool:
    """Whether the last word before `:*` fits, by itself or continued behind a colon."""
    if at >= len(words):
        return False
    word = words[at]
    is_continued = at not in named and word.is_known and word.text.startswith(f"{last}:")
    is_whole = _fits_word(last, word, is_literal=at in named and at > 0)
    return (is_whole or is_continued) and _none_named(words, at + 1, named)


def _none_named(words: Sequence[Word], start: int, named: frozenset[int], end: int | None = None) -> bool:
    return not any(position in named for position in range(start, len(words) if end is None else end))


def _fits_word(pattern: str, word: Word, *, is_literal: bool) -> bool:
    if is_literal or "*" not in pattern:
        return word.is_known and word.text == pattern
    if word.may_be_option:
        return False
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), word.text, re.DOTALL) is not None

"""The shortcuts in counting words find the same words as the language's pattern."""

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from repomap.parsing.languages import PREFIX_WORD, PROSE_LIKE_WORDS, WORD_MARKS
from repomap.parsing.words import WordRules

RESERVED = frozenset({b"in", b"def"})
TEXTS = st.text(st.sampled_from("abr_1 \"'\n([é"), max_size=24) | st.text(max_size=12)


def prefixed() -> WordRules:
    """The rules of Python, Rust, Scala and C."""
    return WordRules(
        PREFIX_WORD, WORD_MARKS[PREFIX_WORD], RESERVED, prose_like=PREFIX_WORD in PROSE_LIKE_WORDS
    )


@given(TEXTS)
@example('r"a"')
@example("""f'a'b"c"d""")
@example("""'"in"'x r''""")
@example('0x"1')
def test_prefixes_of_strings_are_not_words(text: str) -> None:
    """Without quotes and prefixes, the words are those that the pattern finds in the original."""
    word_rules = prefixed()
    runs = bytearray(text.encode("utf-8", "surrogatepass").translate(word_rules.runs_table))
    expected = Counter(word for word in word_rules.find_words(runs) if word not in RESERVED)

    without_prefixes = word_rules.without_prefixes(runs)
    assert word_rules.is_prose_like(without_prefixes)
    assert word_rules.count({0: without_prefixes.split()}, prose_like=True) == {0: expected}


@given(TEXTS)
def test_a_text_with_quotes_has_the_words_that_the_pattern_finds(text: str) -> None:
    """Even if nothing was removed from it before."""
    word_rules = prefixed()
    runs = text.encode("utf-8", "surrogatepass").translate(word_rules.runs_table)

    counted = word_rules.count({0: runs.split()}, prose_like=word_rules.is_prose_like(runs))
    assert counted == {0: Counter(word for word in word_rules.find_words(runs) if word not in RESERVED)}

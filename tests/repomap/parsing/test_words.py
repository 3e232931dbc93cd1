"""Which words a text holds, whichever way they are found."""

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from repomap.parsing.languages import PREFIX_WORD, PROSE_LIKE_WORDS, WORD_MARKS
from repomap.parsing.words import WordRules

RESERVED = frozenset({b"in", b"def"})
TEXTS = st.text(st.sampled_from("abr_1 \"'\n([é"), max_size=24) | st.text(max_size=12)


def prefixed() -> WordRules:
    """Words as Python, Rust, Scala and C have them."""
    return WordRules(
        PREFIX_WORD, WORD_MARKS[PREFIX_WORD], RESERVED, prose_like=PREFIX_WORD in PROSE_LIKE_WORDS
    )


@given(TEXTS)
@example('r"a"')
@example("""f'a'b"c"d""")
@example("""'"in"'x r''""")
@example('0x"1')
def test_prefixes_of_strings_are_no_words(text: str) -> None:
    """What the language's pattern finds in a text is what is counted once quotes and prefixes are gone."""
    word_rules = prefixed()
    runs = bytearray(text.encode("utf-8", "surrogatepass").translate(word_rules.runs_table))
    expected = Counter(word for word in word_rules.find_words(runs) if word not in RESERVED)

    without_prefixes = word_rules.without_prefixes(runs)
    assert word_rules.is_prose_like(without_prefixes)
    assert word_rules.count({0: without_prefixes.split()}, prose_like=True) == {0: expected}


@given(TEXTS)
def test_a_text_with_quotes_is_counted_as_it_is_found(text: str) -> None:
    """Without anything being taken out of it before."""
    word_rules = prefixed()
    runs = text.encode("utf-8", "surrogatepass").translate(word_rules.runs_table)

    counted = word_rules.count({0: runs.split()}, prose_like=word_rules.is_prose_like(runs))
    assert counted == {0: Counter(word for word in word_rules.find_words(runs) if word not in RESERVED)}

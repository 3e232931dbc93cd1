"""Which words a text holds, whichever way they are found."""

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from repomap.parsing.languages import MARKS, PREFIX_WORD, USUAL_WORDS
from repomap.parsing.words import Wording

RESERVED = frozenset({b"in", b"def"})
TEXTS = st.text(st.sampled_from("abr_1 \"'\n([é"), max_size=24) | st.text(max_size=12)


def prefixed() -> Wording:
    """Words as Python, Rust, Scala and C have them."""
    return Wording(PREFIX_WORD, MARKS[PREFIX_WORD], RESERVED, usual=PREFIX_WORD in USUAL_WORDS)


@given(TEXTS)
@example('r"a"')
@example("""f'a'b"c"d""")
@example("""'"in"'x r''""")
@example('0x"1')
def test_prefixes_of_strings_are_no_words(text: str) -> None:
    """What the language's pattern finds in a text is what is counted once quotes and prefixes are gone."""
    wording = prefixed()
    runs = bytearray(text.encode("utf-8", "surrogatepass").translate(wording.only))
    expected = Counter(word for word in wording.find(runs) if word not in RESERVED)

    settled = wording.settled(runs)
    assert wording.is_usual(settled)
    assert wording.count({0: settled.split()}, usual=True) == {0: expected}


@given(TEXTS)
def test_a_text_with_quotes_is_counted_as_it_is_found(text: str) -> None:
    """Without anything being taken out of it before."""
    wording = prefixed()
    runs = text.encode("utf-8", "surrogatepass").translate(wording.only)

    counted = wording.count({0: runs.split()}, usual=wording.is_usual(runs))
    assert counted == {0: Counter(word for word in wording.find(runs) if word not in RESERVED)}

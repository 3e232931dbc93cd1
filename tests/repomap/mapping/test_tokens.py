"""Tokens are counted as tiktoken counts them, without loading it."""

import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap.errors import BadRequest
from repomap.mapping import tokens
from repomap.mapping.tokens import (
    O200K,
    _without_surrogates,
    adds_up,
    count_tokens,
    counter,
    is_settled,
    upper_bound,
)

SOURCES = [
    Path(tokens.__file__),
    Path(__file__),
    Path(os.__file__),
    Path(os.__file__).with_name("inspect.py"),
]
WORDS = st.sampled_from(
    [
        *("def ", "I'll", "DON'T", "'S", "HTTPServer", "  ", "\n", "\r\n", "\t", "/", "//", "1234567", "été"),
        *(
            "ſ's",
            "日本語",
            "…",
            "⋮",
            "│",
            "\u2028",
            "\x85",
            "\x1c",
            "\ud83d",
            "\ude00",
            "😀",
            "a\u0301",
            "ǅ",
            "(",
        ),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(WORDS).map("".join), st.text(alphabet="aZ '\n\r\t/.1é\u3000ſ"))


@pytest.fixture(scope="module")
def tiktoken_folder() -> str:
    found = find_spec("litellm")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "litellm_core_utils" / "tokenizers")


@pytest.fixture(scope="module", autouse=True)
def _tiktoken_offline(tiktoken_folder: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", tiktoken_folder)
        yield


def exact(name: str, text: str) -> int:
    import tiktoken

    return len(tiktoken.get_encoding(name).encode_ordinary(text))


@examples(600)
@given(TEXTS)
@example("\ud800 x \udfff\ud83d\ude00")
@example("a" * 5000 + "é" * 300)
@example("    \n  x\n\n   ")
@example("\U000323b0/A")
def test_every_text_counts_as_tiktoken_counts_it(text: str) -> None:
    """Any script, any white space, lone surrogates; never fewer if Unicode versions disagree."""
    counted, expected = count_tokens(text), exact("o200k_base", text)
    assert counted == expected if is_settled(_without_surrogates(text)) else counted >= expected


@examples(300)
@given(TEXTS)
def test_the_older_vocabulary_counts_as_tiktoken_counts_it(text: str) -> None:
    """`--tokenizer cl100k_base` is exact too."""
    counted, expected = counter("cl100k_base")(text), exact("cl100k_base", text)
    assert counted == expected if is_settled(_without_surrogates(text)) else counted >= expected


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_source_files_count_as_tiktoken_counts_them(path: Path) -> None:
    """Real code, whole and line by line."""
    text = path.read_text("utf-8")
    assert count_tokens(text) == exact("o200k_base", text)
    for line in text.splitlines(keepends=True):
        assert count_tokens(line) == exact("o200k_base", line)


def test_each_character_of_unicode_is_split_as_tiktoken_splits_it() -> None:
    """A part of all code points, beside letters, spaces, digits and newlines."""
    for code in [*range(0, 0x3000, 3), *range(0x3000, 0x110000, 97)]:
        if not 0xD800 <= code < 0xE000:
            text = "a{0}b A{0}B{0}{0}1 {0} \n{0}x it'{0}".format(chr(code))
            counted, expected = count_tokens(text), exact("o200k_base", text)
            assert counted == expected if is_settled(text) else counted >= expected, hex(code)


@examples(600)
@given(st.lists(TEXTS), TEXTS)
def test_lines_add_up(above: list[str], below: str) -> None:
    """The renderer counts each line once; the sum is the count of the text."""
    for name in ("o200k_base", "cl100k_base"):
        count, text = counter(name), "".join(part + "\n" for part in above)
        if adds_up(below):
            assert count(text + below) == count(text) + count(below)


@pytest.mark.parametrize("line", ["class A:\n", "    def f(self):\n", "├─ x\n", "…", ""])
def test_the_lines_of_a_map_add_up(line: str) -> None:
    """The predicate would be useless if it refused the lines of maps."""
    assert adds_up(line)


@pytest.mark.parametrize("line", ["\n", "  \n", "/x\n", "\r", "\u2028\n"])
def test_a_line_that_joins_the_newline_above_does_not_add_up(line: str) -> None:
    """Blank lines, and a slash, which the splitting rule joins to punctuation and newlines before it."""
    assert not adds_up(line)


@pytest.mark.parametrize("text", ["a" * 40_000, "é" * 10_000, "(" * 20_000, "ab" * 20_000])
def test_a_long_piece_takes_no_quadratic_time(text: str) -> None:
    """One word of many kilobytes, as a minified or encoded file has; it would take minutes."""
    start = process_time()
    assert 0 < count_tokens(text) <= len(text)
    assert process_time() - start < 5


def test_every_token_of_a_vocabulary_has_its_rank(tiktoken_folder: str) -> None:
    """Every token is found among all others, and nothing else is."""
    for encoding in (tokens.O200K, tokens.CL100K):
        lines = Path(tiktoken_folder, encoding.file).read_bytes()
        vocabulary = tokens._Vocabulary(lines)
        held = [b64decode(line.split()[0]) for line in lines.splitlines()]
        assert all(vocabulary.rank(token) == rank for rank, token in enumerate(held))
        assert max(map(len, held)) <= vocabulary.longest
        others = {token[:-1] for token in held} | {token + b"\xff" for token in held} - {b""}
        assert {vocabulary.rank(other) for other in others.difference(held, [b""])} == {-1}


def test_a_vocabulary_that_was_changed_is_not_used(
    tmp_path: Path, tiktoken_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Truncated, with a flipped bit or of another tokenizer: only the exact bytes are used."""
    path = tmp_path / "litellm_core_utils" / "tokenizers" / O200K.file
    path.parent.mkdir(parents=True)
    found = ModuleSpec("litellm", None, is_package=True)
    found.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(tokens, "find_spec", lambda _: found)
    assert tokens._read_vocabulary(O200K) is None
    good = Path(tiktoken_folder, O200K.file).read_bytes()
    for bad in (b"", good[:-1], good[:100] + b"\xff" + good[101:]):
        path.write_bytes(bad)
        assert tokens._read_vocabulary(O200K) is None
    path.write_bytes(good)
    assert tokens._read_vocabulary(O200K) == good


def test_without_the_vocabulary_the_count_is_an_upper_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget still holds if litellm is not installed."""
    monkeypatch.setattr(tokens, "find_spec", lambda _: None)
    tokens._counter_of.cache_clear()
    assert count_tokens("naïve \ud800") == upper_bound("naïve \ud800") == 10
    tokens._counter_of.cache_clear()


@given(TEXTS)
def test_the_upper_bound_is_never_too_low(text: str) -> None:
    """For both vocabularies."""
    assert upper_bound(text) >= max(exact("o200k_base", text), exact("cl100k_base", text))


def test_an_estimate_by_characters_rounds_up() -> None:
    """So the sum over lines is never below the estimate of the text."""
    assert counter("chars/4")("12345") == 2
    assert counter("chars/3.5")("") == 0


@pytest.mark.parametrize("name", ["gpt2", "", "chars/0", "chars/", "chars/x", "O200K_BASE"])
def test_an_unknown_tokenizer_is_refused_with_the_known_names(name: str) -> None:
    """The message says what to use."""
    with pytest.raises(BadRequest, match="o200k_base, cl100k_base, or chars/N"):
        counter(name)


def test_counting_imports_neither_tiktoken_nor_litellm() -> None:
    """They would take longer than the map; plain text does not import regex either."""
    code = (
        "import sys; from repomap.mapping.tokens import count_tokens; assert count_tokens('hello … world') == 3;"
        "print(*{'tiktoken', 'litellm', 'regex'} & set(sys.modules))"
    )
    folder = str(Path(tokens.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": folder},
    )
    assert done.stdout == "\n"

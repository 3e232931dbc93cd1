"""A request in plain language is read as words, names, paths and places."""

import random
import string
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from repomap.ranking.request import beginning_of, read_request, stem, subtokens


def stems(text: str) -> dict[str, float]:
    return {term.stem: term.weight for term in read_request(text).terms}


def names(text: str) -> dict[str, float]:
    return dict(read_request(text).names)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("parseHTTPHeader2", ["parse", "http", "header", "2"]),
        ("parse_http_header", ["parse", "http", "header"]),
        ("ParseHttpHeader", ["parse", "http", "header"]),
        ("MAX_SIZE", ["max", "size"]),
        ("__init__", ["init"]),
        ("XMLHttpRequest", ["xml", "http", "request"]),
        ("café", ["caf", "é"]),
        ("数_total", ["数", "total"]),
        ("kebab-case.txt", ["kebab", "case", "txt"]),
        ("", []),
        ("___", []),
    ],
)
def test_a_name_is_split_into_its_words(name: str, parts: list[str]) -> None:
    """At underscores, at capitals, before and after digits; acronyms stay whole."""
    assert subtokens(name) == parts


@examples(100)
@given(st.text(max_size=20))
def test_words_of_a_name_are_its_own_characters(name: str) -> None:
    """In order and in lower case, whatever the name consists of."""
    left = name
    for part in subtokens(name):
        assert part
        place = next(at for at in range(len(left) + 1) if left[at:].lower().startswith(part))
        left = left[place + 1 :]


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("header", ["headers"]),
        ("parse", ["parsing", "parsed", "parser", "parsers"]),
        ("expire", ["expires", "expired", "expiring"]),
        ("query", ["queries"]),
        ("class", ["classes"]),
        ("match", ["matches", "matching", "matched"]),
        ("stop", ["stopping", "stopped"]),
        ("box", ["boxes"]),
        ("implement", ["implementation", "implementations", "implementing"]),
        ("transform", ["transformation", "transforming"]),
        ("normalize", ["normalization", "normalizing"]),
        ("filter", ["filters", "filtered", "filtering"]),
        ("alias", ["aliases"]),
    ],
)
def test_forms_of_a_word_have_one_stem(word: str, others: list[str]) -> None:
    """A request in prose meets names in the imperative."""
    assert {stem(other) for other in others} == {stem(word)}


@pytest.mark.parametrize("word", ["run", "get", "id", "数据", "größe"])
def test_short_and_foreign_words_are_their_own_stem(word: str) -> None:
    """English endings mean nothing in them."""
    assert stem(word) == word


@examples(200)
@given(st.text(string.ascii_lowercase, max_size=14))
@example("tries")
def test_a_stem_begins_its_word(word: str) -> None:
    """Except for the `i` or `y` at its end, so that a search for its beginning finds the word."""
    found = stem(word)
    assert word.startswith(beginning_of(found))
    assert len(found) - len(beginning_of(found)) <= 1
    assert found or not word


def test_words_without_a_topic_are_dropped() -> None:
    """The remaining words are the topic; verbs that most requests use count half."""
    found = stems("Please fix the way that the session cookie expires")

    assert set(found) == {"fix", "way", "session", stem("cookie"), stem("expires")}
    assert found["fix"] == 0.5
    assert found["session"] == 1.0


def test_the_first_line_weighs_more() -> None:
    """Later lines explain; a word in both weighs as in the first."""
    found = stems("session expires\n\nThe cookie of the session is too old")

    assert found["session"] == 1.0
    assert found[stem("cookie")] < 1.0


def test_terms_are_in_the_order_of_the_text() -> None:
    """So that sums over them do not depend on a hash."""
    assert [term.stem for term in read_request("zebra apple mango zebra").terms] == [
        "zebra",
        stem("apple"),
        "mango",
    ]


def test_names_are_recognised_by_their_spelling() -> None:
    """camelCase, snake_case, dotted and quoted names weigh in full; a plain word may be a name too."""
    found = names("make `reader` call parseHeader, open_file and Session.close before the cookie")

    assert found["reader"] == found["parseHeader"] == found["open_file"] == 1.0
    assert found["Session"] == found["close"] == 1.0
    assert 0 < found["cookie"] < 1.0
    assert "the" not in found


@pytest.mark.parametrize("quoted", ["`get`", "``get``", "'get'", '"get"'])
def test_a_quoted_name_is_never_a_stop_word(quoted: str) -> None:
    """`get` and `with` are English words, but quoted they are names."""
    assert names(f"why does {quoted} fail")["get"] == 1.0
    assert "get" not in names("how do I get this")


@pytest.mark.parametrize("joined", ["Index.refresh", "Index::refresh", "Index->refresh", "Index#refresh"])
def test_a_qualified_name_gives_each_of_its_names(joined: str) -> None:
    """However the language joins them."""
    found = names(f"{joined} is slow")
    assert found["Index"] == found["refresh"] == 1.0


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("look at src/app/main.py please", "src/app/main.py"),
        ("main.py fails", "main.py"),
        ("in `lib/a-b/c.test.ts`.", "lib/a-b/c.test.ts"),
        ("see ./docs/guide.md", "./docs/guide.md"),
        ("the folder src/core/ is slow", "src/core"),
    ],
)
def test_paths_are_found(text: str, path: str) -> None:
    """With folders, or just a file name with a suffix."""
    assert path in [found.rstrip("/") for found in read_request(text).paths]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('  File "src/app.py", line 12, in run', ("src/app.py", 12)),
        ("src/app.py:12: error: no", ("src/app.py", 12)),
        ("at run (lib/app.js:12:5)", ("lib/app.js", 12)),
        ("   --> src/main.rs:12:9", ("src/main.rs", 12)),
        ("Program.cs(12,3): error CS0103", ("Program.cs", 12)),
        ("at com.example.App.run(App.java:12)", ("App.java", 12)),
        (r"src\win\app.cpp:12", ("src/win/app.cpp", 12)),
    ],
)
def test_places_in_a_stack_trace_are_found(text: str, place: tuple[str, int]) -> None:
    """As Python, C, JavaScript, Rust, C# and Java write them; the file is a path of the request too."""
    found = read_request(f"it fails:\n{text}\n")

    assert place in found.lines
    assert place[0] in found.paths


def test_functions_in_a_stack_trace_are_names() -> None:
    """The frames say which functions were running."""
    found = names(
        'Traceback (most recent call last):\n  File "a/b.py", line 3, in parse_header\nKeyError: x\n'
    )
    assert {"parse_header", "KeyError"} <= set(found)


@pytest.mark.parametrize("text", ["", " \n\t\n", "the of and", "!!! ??? ...", "\x00\x1b[31m\u202e"])
def test_a_request_without_words_is_empty(text: str) -> None:
    """No words, no names, no paths, and no error."""
    found = read_request(text)
    assert (found.names, found.paths, found.lines) == ((), (), ())
    assert all(term.stem not in ("the", "of", "and") for term in found.terms)


@examples(100)
@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("./\\:`'\"(-_ aB1\n"), max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Whatever somebody pastes: weights are above 0 and at most 1, and nothing is repeated."""
    found = read_request(text)

    for column in (found.terms, found.names):
        assert all(
            0 < weight <= 1
            for _, weight in ((getattr(x, "stem", x), getattr(x, "weight", 1.0)) for x in column)
        )
    assert len({term.stem for term in found.terms}) == len(found.terms)
    assert len(dict(found.names)) == len(found.names)
    assert len(set(found.paths)) == len(found.paths)
    assert found == read_request(text)


def _noise(seed: int) -> str:
    return "".join(random.Random(seed).choices(string.printable, k=300_000))


HOSTILE = {
    "letters": "a" * 300_000,
    "capitals": "A" * 300_000,
    "dots": "a." * 150_000,
    "full stops": "." * 300_000,
    "slashes": "a/" * 150_000,
    "backslashes": "a\\" * 150_000,
    "dashes": "-" * 300_000,
    "dashed words": "a-" * 150_000,
    "plus and at": "+@" * 150_000,
    "back quotes": "`" * 300_000,
    "quotes": "'\"" * 150_000,
    "open quotes": "'a" * 150_000,
    "colons": "a:" * 150_000,
    "digits": "1" * 300_000,
    "line numbers": "a.b:1" * 60_000,
    "underscores": "_" * 300_000,
    "spaces": " " * 300_000,
    "newlines": "\n" * 300_000,
    "arrows": "a->b" * 75_000,
    "noise": _noise(1),
}


@pytest.mark.parametrize(
    "kind",
    list(HOSTILE),
)
def test_long_texts_are_read_in_time(kind: str) -> None:
    """A pasted log may be long and look like anything; no pattern may take quadratic time."""
    started = time.process_time()
    read_request(HOSTILE[kind])
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize(
    ("word", "form"), [("configuration", "config"), ("msg", "message"), ("auth", "authorization")]
)
def test_a_common_abbreviation_counts_half(word: str, form: str) -> None:
    """Code abbreviates what a request writes out, and the other way round."""
    weights = {term.stem: term.weight for term in read_request(f"print the {word}").terms}

    assert (weights[stem(word)], weights[stem(form)]) == (1.0, 0.5)

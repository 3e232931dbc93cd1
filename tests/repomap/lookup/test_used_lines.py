"""The lines that references show are the very uses that the index counts."""

import pytest
from corpora import index_data_of

from repomap.lookup.references import references
from repomap.mapping.tokens import count_tokens
from repomap.parsing.languages import BY_NAME
from repomap.parsing.parse import code_of, parse_source

CASES = {
    "a.clj": (
        "wrap",
        "(ns a)\n(defn wrap [x] x)\n(defn wrap-all [x] x)\n(defn go []\n  (wrap-all 1)\n  (wrap 3))\n",
        [6],
    ),
    "b.rb": ("save", "def save; end\ndef save!; end\ndef go\n  save!\n  save\nend\n", [5]),
    "c.sh": ("run", "run() { :; }\nrun-all() { :; }\ngo() {\n  run-all\n  run\n}\n", [5]),
    "d.ts": (
        "open",
        "function open() {}\nfunction $open() {}\nfunction go() {\n  $open(); log('open');\n  open(); // open\n}\n",
        [5],
    ),
    "e.py": (
        "fetch",
        'def fetch(): ...\ndef go():\n    log("fetch")\n    # fetch\n    fetch(); fetch()\n',
        [5],
    ),
    "f.hs": (
        "area",
        "area :: Int -> Int\narea 0 = 0\narea n = area (n - 1)\n\nboth = area 1 + area' 2\n",
        [3, 5],
    ),
    "g.svelte": ("load", "<p>load</p>\n<script>\nfunction load() {}\nload();\n</script>\n", [4]),
}


@pytest.mark.parametrize("path", CASES)
def test_only_lines_that_use_the_name_are_shown(path: str) -> None:
    """No string, no comment, no longer name, and not the definition itself."""
    name, text, lines = CASES[path]
    answer = references(index_data_of({path: text}), name, lambda _: text.encode(), 1000, count_tokens)
    assert [line.line for use in answer.items for line in use.lines] == lines


@pytest.mark.parametrize("path", CASES)
def test_places_are_as_many_as_the_index_counts(path: str) -> None:
    """For every word of every file, by owner."""
    _, text, _ = CASES[path]
    language = next(known for known in BY_NAME.values() if path[path.index(".") :] in known.suffixes)
    tags = parse_source(text.encode(), language)
    counted = {
        (tags.words[word], owner): code
        for word, owner, code in zip(tags.use_word, tags.use_owner, tags.use_code, strict=True)
        if code
    }
    code = code_of(text.encode(), language)
    found: dict[tuple[str, int], int] = {}
    for word in tags.words:
        for owner, start in code.uses(word.encode()):
            assert text.encode()[start:].startswith(word.encode())
            found[word, owner] = found.get((word, owner), 0) + 1
    assert found == counted


def test_a_file_that_has_changed_shows_the_lines_with_the_name() -> None:
    """What was counted is no longer there."""
    data = index_data_of({"a.py": "def f(): ...\nf()\n"})
    answer = references(data, "f", lambda _: b"\n\n\ndef g(): ...\nf()\n", 1000, count_tokens)
    assert [line.text for use in answer.items for line in use.lines] == ["f()"]
    assert answer.items[0].count == 1


def test_an_edit_that_keeps_the_number_of_lines_is_seen() -> None:
    """What was read of a file before is kept by its bytes, so that no answer is older than the file."""
    data = index_data_of({"a.py": "def f(): ...\nf()\n\n"})
    for source in (b"def f(): ...\nf()\n\n", b"def f(): ...\n\nf()\n"):
        answer = references(data, "f", lambda _, now=source: now, 1000, count_tokens)
        assert [line.line for use in answer.items for line in use.lines] == [
            source.count(b"\n", 0, source.rindex(b"f()")) + 1
        ]

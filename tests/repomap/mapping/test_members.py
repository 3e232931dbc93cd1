"""A map shows how to build a small class, struct or enum: its members stand on one line below it."""

import pytest
from corpora import corpus_of, index_data_of

from repomap.mapping.declaration import LONGEST_MEMBERS, map_lines, written_definition
from repomap.mapping.make import make_map
from repomap.mapping.members import member_line
from repomap.mapping.tokens import counter
from repomap.model import KINDS, Focus


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("a.py", "@dataclass\nclass A:\n    key: str\n    size: int = 0\n", "key: str, size: int = 0"),
        ("a.ts", "interface A {\n  key: string;\n  size?: number;\n}\n", "key: string, size?: number"),
        ("A.java", "class A {\n  public String key;\n  private int rows;\n}\n", "String key"),
        ("a.py", "class A:\n    key: str\n    def __init__(self): ...\n", ""),
        ("a.py", "class A:\n    key = 1\n    def f(self): ...\n    def g(self): ...\n", ""),
        ("a.py", "class A:\n    _key: str\n", ""),
        ("a.py", "def a():\n    pass\n", ""),
    ],
)
def test_members_that_say_how_to_build_are_on_one_line(path: str, source: str, line: str) -> None:
    """Private ones do not, nor those beside a constructor, or of what does more than it holds."""
    corpus = corpus_of({path: source})

    assert member_line(corpus, 1) == line


def test_a_long_line_of_members_has_their_names() -> None:
    """Types give way first, then the last members."""
    members = [f"member_{number}: Mapping[str, int]" for number in range(8)]
    corpus = corpus_of({"a.py": "class A:\n" + "".join(f"    {member}\n" for member in members)})
    assert member_line(corpus, 1) == ", ".join(f"member_{number}" for number in range(8))

    members = [f"member_{number} = 1" for number in range(30)]
    corpus = corpus_of({"a.py": "class A:\n" + "".join(f"    {member}\n" for member in members)})
    line = member_line(corpus, 1)
    assert line.startswith("member_0, member_1")
    assert line.endswith(", …")
    assert len(line) <= LONGEST_MEMBERS + 2


def test_a_map_lists_the_members_that_it_shows() -> None:
    """A reader of the JSON sees the same definitions as a reader of the text, each of them once."""
    source = "@dataclass\nclass Row:\n    key: str\n    size: int = 0\n"
    repo_map = make_map(index_data_of({"a.py": source}), Focus("Row key size"), 200, counter("chars/4"))

    assert repo_map.text == "a.py:\n @dataclass class Row\n  key: str, size: int = 0\n"
    assert [each.name for each in repo_map.files[0].definitions] == ["Row", "key", "size"]
    assert repo_map.omitted_definitions == 0


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        (
            "a.go",
            "package a\ntype Row struct {\n\tKey string\n\tSize int // bytes\n}\n",
            "Key string, Size int",
        ),
        ("a.rs", "pub struct Row {\n    pub key: String,\n    size: u32,\n}\n", "pub key: String, size: u32"),
        ("a.rs", "enum Row {\n    /// none\n    Empty,\n    Full(u32),\n}\n", "Empty, Full(u32)"),
        ("a.c", "typedef struct {\n  int key;\n  char *text;\n} Row;\n", "int key, char *text"),
        ("a.java", "enum Row { FIRST, LAST }\n", "FIRST, LAST"),
        ("a.go", "package a\ntype Row struct {\n\tInner struct {\n\t\tA int\n\t}\n}\n", ""),
    ],
)
def test_a_small_struct_or_enum_says_its_members(path: str, source: str, line: str) -> None:
    """They are part of its signature where they are no definitions of their own."""
    corpus = corpus_of({path: source})
    row = next(doc for doc in corpus.docs_of(0) if corpus.words[corpus.doc_name[doc]] == "Row")
    kind = KINDS[corpus.doc_kind[row]]

    lines = map_lines(corpus.signatures[row], "Row", kind, corpus.languages[0]).split("\n")
    assert lines[1:] == ([line] if line else [])
    written = written_definition(corpus.signatures[row], "Row", kind, corpus.languages[0])
    assert written == (f"{lines[0]} {{ {line} }}" if line else lines[0])


def test_an_overview_says_less_of_each_to_show_more() -> None:
    """Neither what is returned nor members, unless there is room for that; a map for a request has both."""
    source = "@dataclass\nclass Row:\n    key: str\n\n\ndef rows(path: str) -> list[Row]:\n    return []\n"
    data = index_data_of(
        {"a.py": source, "b.py": "".join(f"def _other_{n}() -> None: ...\n" for n in range(50))}
    )

    overview = make_map(data, Focus(), 100, counter("chars/4")).text
    assert " @dataclass class Row\n def rows(path: str)\n" in overview

    for focus, budget in ((Focus("rows of a key"), 100), (Focus(), 1000)):
        text = make_map(data, focus, budget, counter("chars/4")).text
        assert "  key: str\n def rows(path: str) -> list[Row]\n" in text

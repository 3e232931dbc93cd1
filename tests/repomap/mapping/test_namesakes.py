"""Of definitions that share a name, a map shows the one that says most, and counts the others."""

import pytest
from corpora import corpus_of

from repomap.corpus.corpus import Corpus
from repomap.mapping.namesakes import ELSEWHERE_VALUE, NAMESAKE_VALUE, with_namesakes
from repomap.mapping.render import file_lines


def ids_of(corpus: Corpus) -> dict[str, int]:
    """The definitions by path and line: `a.py:3`."""
    return {
        f"{corpus.paths[file_id]}:{corpus.doc_span[doc_id][1]}": doc_id
        for file_id in range(len(corpus.paths))
        for doc_id in corpus.docs_of(file_id)
    }


@pytest.mark.parametrize(
    ("path", "source", "shown", "line"),
    [
        ("A.java", "class A {\n  void f(int a) {}\n  void f() {}\n}\n", 2, "  void f(int a) (+1 overload)"),
        ("a.cs", "class A {\n  void F(int a) {}\n  void F() {}\n}\n", 2, "  void F(int a) (+1 overload)"),
        ("a.kt", "fun f(a: Int) {}\nfun f() {}\nfun f(a: Long) {}\n", 1, " fun f(a: Int) (+2 overloads)"),
        ("a.cpp", "int f(int a) { return 1; }\nint f() { return 2; }\n", 1, " int f(int a) (+1 overload)"),
        (
            "a.ts",
            "function f(a: 1)\nfunction f(a: 2)\nfunction f(a: any) {}\n",
            3,
            " function f(a: any) (+2 overloads)",
        ),
        ("a.py", "@overload\ndef f(a: int): ...\ndef f(a): pass\n", 3, " def f(a) (+1 overload)"),
        (
            "a.py",
            "class A:\n @property\n def f(self): ...\n @f.setter\n def f(self, v): ...\n",
            5,
            "  @f.setter def f(self, v)",
        ),
        ("a.ts", "class A {\n  get f() { return 1 }\n  set f(v) {}\n}\n", 3, "  set f(v)"),
        ("a.rb", "def f(a)\nend\ndef f\nend\n", 1, " def f(a)"),
    ],
)
def test_overloads_are_one_line_with_a_count(path: str, source: str, shown: int, line: str) -> None:
    """Where functions differ by their parameters; accessors of one property and second definitions are none."""
    corpus = corpus_of({path: source})
    doc_id = ids_of(corpus)[f"{path}:{shown}"]
    parent = int(corpus.doc_parent[doc_id])
    definitions = (doc_id,) if parent == 0 else (parent, doc_id)

    assert list(file_lines(corpus, 0, definitions, grouped=False))[-1] == line


def test_overloads_that_are_shown_are_not_counted() -> None:
    """The count stands on the last one shown; where all are, there is none."""
    corpus = corpus_of({"a.kt": "fun f(a: Int) {}\nfun f() {}\nfun f(a: Long) {}\n"})

    assert list(file_lines(corpus, 0, (1, 3), grouped=False))[1:] == [
        " fun f(a: Int)",
        " fun f(a: Long) (+1 overload)",
    ]
    assert "overload" not in "".join(file_lines(corpus, 0, (1, 2, 3), grouped=False))


def test_the_count_stands_behind_the_parameters() -> None:
    """Also where these are on a second line, which the first announces."""
    long = ", ".join(f"parameter_number_{number}: Int" for number in range(4))
    corpus = corpus_of({"a.kt": f"fun f(\n  {long}\n) {{}}\nfun f() {{}}\n"})
    first, second = list(file_lines(corpus, 0, (1,), grouped=False))[1:]

    assert first == " fun f("
    assert second.endswith("parameter_number_3: Int) (+1 overload)")


def test_the_namesake_with_most_parameters_stands_for_the_others() -> None:
    """Also the setter of a property, which says what the getter does and that it can be set."""
    source = "class A:\n @property\n def f(self): ...\n @f.setter\n def f(self, v): ...\n"
    corpus = corpus_of({"a.py": source})
    ids = ids_of(corpus)
    getter, setter = ids["a.py:3"], ids["a.py:5"]

    assert with_namesakes(corpus, {getter: 1.0, setter: 0.8}) == {setter: 1.0, getter: NAMESAKE_VALUE}


def test_the_same_name_elsewhere_is_worth_less() -> None:
    """It is often an override; constructors, which share a name in some languages, are as they were."""
    source = "class {}:\n    def __init__(self): ...\n    def run(self): ...\n"
    corpus = corpus_of({"a.py": source.format("A"), "b.py": source.format("B")})
    ids = ids_of(corpus)

    weighed = with_namesakes(corpus, dict.fromkeys(ids.values(), 1.0))

    assert weighed[ids["a.py:3"]] == 1.0
    assert weighed[ids["b.py:3"]] == ELSEWHERE_VALUE
    assert weighed[ids["a.py:2"]] == weighed[ids["b.py:2"]] == 1.0


@pytest.mark.parametrize(("header", "implementation"), [("a.h", "a.c"), ("a.hpp", "a.cpp")])
def test_a_declaration_in_a_header_comes_before_its_implementation(header: str, implementation: str) -> None:
    """The header is what others include."""
    corpus = corpus_of({header: "int f(int a);\n", implementation: "int f(int a) {\n  return a;\n}\n"})
    ids = ids_of(corpus)

    weighed = with_namesakes(corpus, {ids[f"{implementation}:1"]: 1.0, ids[f"{header}:1"]: 0.2})

    assert weighed == {ids[f"{header}:1"]: 1.0, ids[f"{implementation}:1"]: ELSEWHERE_VALUE}

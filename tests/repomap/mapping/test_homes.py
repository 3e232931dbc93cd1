"""A brief map lists methods below their type, and does not repeat it."""

import pytest
from corpora import corpus_of

from repomap.corpus.corpus import NO_KIND
from repomap.mapping.fit import choice_of
from repomap.mapping.form import FULL, Form
from repomap.mapping.render import render

BRIEF = Form(40, brief=True)


def shown(path: str, source: str, names: str, form: Form = BRIEF) -> list[str]:
    """The lines of a map of these definitions and of what they need."""
    corpus = corpus_of({path: source})
    items = [
        doc_id
        for doc_id in range(len(corpus))
        if corpus.doc_kind[doc_id] != NO_KIND and corpus.words[corpus.doc_name[doc_id]] in names.split()
    ]
    return render(corpus, choice_of(corpus, items, form), form=form).splitlines()[1:]


GO = """type Cup struct {
	size int
}
func New() *Cup {
}
func (c *Cup) Fill(n int) {
}
"""
RUST = """pub struct Cup;
fn make() -> Cup {
}
impl<T> Cup<T> {
    fn fill(&self, n: u8) {}
}
impl Clone for Cup {
    fn clone(&self) {}
}
"""
SWIFT = """struct Cup {
}
func make() {}
extension Cup {
    func fill(n: Int) {}
}
extension Cup: Hashable {
    func hash() {}
}
"""


@pytest.mark.parametrize(
    ("path", "source", "names", "lines"),
    [
        ("a.go", GO, "New Fill", [" type Cup struct", "  func Fill(n int)", " func New()"]),
        ("a.rs", RUST, "make fill", [" pub struct Cup", "  fn fill(&self, n: u8)", " fn make()"]),
        ("a.rs", RUST, "clone", [" impl Clone for Cup", "  fn clone(&self)"]),
        ("a.swift", SWIFT, "make fill", [" struct Cup", "  func fill(n: Int)", " func make()"]),
        ("a.swift", SWIFT, "hash", [" extension Cup: Hashable", "  func hash()"]),
    ],
)
def test_methods_stand_below_their_type(path: str, source: str, names: str, lines: list[str]) -> None:
    """Without receiver, and without a block that holds nothing else; what implements a trait keeps its block."""
    assert shown(path, source, names) == lines


def test_a_method_whose_type_is_in_another_file_keeps_its_receiver() -> None:
    """Nothing else would say what it belongs to."""
    assert shown("b.go", "func (c *Cup) Fill(n int) {\n}\n", "Fill") == [" func (c *Cup) Fill(n int)"]


def test_where_there_is_room_for_all_the_source_decides() -> None:
    """A full map has the order and the first lines of the source."""
    lines = [" func New() *Cup", " func (c *Cup) Fill(n int)"]

    assert shown("a.go", GO, "New Fill", FULL) == lines

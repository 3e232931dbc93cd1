"""Index data updated from changed files equals index data built from all files."""

from itertools import pairwise

from corpora import build_corpus, file_lists, file_tags, index_data_of, tags_of
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from texts import words

from repomap.corpus.update import update_corpus
from repomap.mapping.formats import to_json
from repomap.mapping.make import make_map
from repomap.model import FileTags, Focus
from repomap.ranking.index_data import IndexData, build_index_data, updated_index_data
from repomap.ranking.lexicon import words_of_term
from repomap.ranking.request import stem

Files = dict[str, FileTags]
QUESTIONS = (Focus(), Focus("parse the session cookie header"), Focus("run", mentions=("Index", "main")))


@st.composite
def histories(draw: st.DrawFn) -> list[Files]:
    """States of a repository, each some files away from the one before."""
    states = [dict(draw(file_lists()))]
    for _ in range(draw(st.integers(1, 4))):
        state = dict(states[-1])
        for path in draw(st.sets(st.sampled_from(sorted(state)))) if state else ():
            if draw(st.booleans()):
                state[path] = draw(file_tags())
            else:
                del state[path]
        state |= dict(draw(file_lists(2)))
        states.append(state)
    return states


def made_of(files: Files) -> IndexData:
    return build_index_data(build_corpus(sorted(files.items())), [])


def answers(index_data: IndexData) -> list[object]:
    """Everything that index data says and that does not depend on how words are numbered."""
    corpus, found = index_data.corpus, index_data.mentions
    names = [*corpus.words, ""]
    held = {name for name in names if corpus.word_id(name) is not None}
    return [
        corpus.paths,
        corpus.languages,
        corpus.skipped,
        corpus.lines.tolist(),
        list(corpus.imports),
        [
            (corpus.definition(doc), int(corpus.doc_length[doc]))
            for doc in range(len(corpus))
            if corpus.doc_name[doc] >= 0
        ],
        {name: [column.tolist() for column in corpus.postings([corpus.word_id(name)])] for name in held},
        {
            (names[word], *row)
            for word, *row in zip(found.word_id, found.source, found.target, found.weight, strict=True)
        },
        [
            column.tolist()
            for column in (index_data.graph.source, index_data.graph.target, index_data.graph.weight)
        ],
        index_data.imported.tolist(),
        index_data.centrality.tolist(),
        index_data.usage.tolist(),
        index_data.active_usage.tolist(),
        [to_json(make_map(index_data, focus, 200, words)) for focus in QUESTIONS],
    ]


@examples(60)
@given(histories())
def test_updated_index_data_equals_data_built_anew(states: list[Files]) -> None:
    """Whatever was changed, added and deleted, and in however many steps."""
    index_data = made_of(states[0])
    for before, after in pairwise(states):
        read = {path: tags for path, tags in after.items() if before.get(path) is not tags}
        change = update_corpus(index_data.corpus, sorted(after), read)
        index_data = updated_index_data(index_data, change, [])

        assert answers(index_data) == answers(made_of(after))


SHOP = {
    "cart.py": "from session import Session\n\ndef total(cart):\n    return Session(cart).price\n",
    "session.py": "class Session:\n    def expire(self):\n        return 1\n",
}
LONGER = SHOP["session.py"] + "\ndef speed_probe(session_token):\n    return 1\n"


def edited(path: str, text: str) -> tuple[IndexData, IndexData]:
    """The index data of the shop, and the same after one file was written."""
    index_data = index_data_of(SHOP)
    change = update_corpus(index_data.corpus, sorted({*SHOP, path}), {path: tags_of(path, text)})
    return index_data, updated_index_data(index_data, change, [])


def test_a_graph_that_did_not_change_keeps_its_rank() -> None:
    """The iteration is the most expensive part, and equal graphs give equal ranks."""
    before, after = edited("session.py", LONGER)

    assert after.corpus.word_id("speed_probe") is not None
    assert after.centrality is before.centrality
    assert after.mentions is before.mentions
    assert after.graph is before.graph
    assert after.usage.tolist() == build_index_data(after.corpus, []).usage.tolist()
    assert after.active_usage.tolist() == build_index_data(after.corpus, []).active_usage.tolist()


def test_later_words_are_summed_in_alphabetical_order() -> None:
    """Sums of floats depend on their order, and word ids on when the words came."""
    _, after = edited("session.py", LONGER)
    found = words_of_term(stem("session"), after.lexicon)
    held = [after.corpus.words[number] for number in found]

    assert len(held) > 2
    assert held == sorted(held)


def test_a_removed_word_has_no_id() -> None:
    """Although its row is kept until all files are read again."""
    _, after = edited("session.py", "")

    assert after.corpus.word_id("expire") is None
    assert after.corpus.word_id("Session") is not None


def test_an_unchanged_file_keeps_its_import_text() -> None:
    """Imports are resolved again only if something that decides them may have changed."""
    before, after = edited("session.py", LONGER)
    _, moved = edited("api.py", "import cart\n")

    assert after.imported is before.imported
    assert len(moved.imported) == len(before.imported) + 1

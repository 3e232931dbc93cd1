"""Small repositories as values: from source texts, or random ones for properties.

No disk and no workers: sources are parsed in this process, since the tests wrote them.
"""

from array import array
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from repomap.corpus.build import CorpusBuilder
from repomap.corpus.corpus import Corpus
from repomap.model import KINDS, FileTags, Import
from repomap.parsing.language_by_text import sniff
from repomap.parsing.parse import parse_source, parse_text
from repomap.ranking.index_data import IndexData, build_index_data

ANY_CHARACTER = st.characters(exclude_categories=())
NASTY = st.sampled_from("\x00\x07\x1b\n\r\t\x85\x9b\u200b\u200f\u2028\u202e\u2066\ufeff\udcff")
"""What moves a cursor, hides, breaks a line or turns the direction of writing."""

PLAIN_NAMES = st.sampled_from(
    """run get Session cookie expire parse_header parseHTTPHeader __init__ _private total x Index
    main café 数 LIMIT reader open_file""".split()
)
NAMES = PLAIN_NAMES | st.text(ANY_CHARACTER | NASTY, min_size=1, max_size=10)
SIGNATURES = (
    st.builds("def {}(self, value: int) -> str".format, PLAIN_NAMES)
    | st.text(ANY_CHARACTER | NASTY, max_size=30)
    | st.text("a(b, c)\n ", min_size=80, max_size=300)
)
PARTS = st.sampled_from("src lib tests docs api core a b".split()) | st.text(
    st.characters(exclude_characters="/\0") | NASTY.filter(lambda one: one != "\0"), min_size=1, max_size=6
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


def tags_of(path: str, source: str) -> FileTags:
    """Parse a source text as the file at this path."""
    data = source.encode()
    language = sniff(path, data)
    return parse_source(data, language) if language else parse_text(data)


def build_corpus(files: Sequence[tuple[str, FileTags]]) -> Corpus:
    """The corpus of these files."""
    builder = CorpusBuilder()
    for path, tags in files:
        builder.add(path, tags)
    return builder.build()


def corpus_of(sources: Mapping[str, str]) -> Corpus:
    """The corpus of these paths and texts."""
    return build_corpus([(path, tags_of(path, text)) for path, text in sorted(sources.items())])


def index_data_of(sources: Mapping[str, str], commits: Sequence[tuple[str, Sequence[str]]] = ()) -> IndexData:
    """The index data of these paths and texts, with (subject, paths) of commits, newest first."""

    def read(path: str) -> bytes | None:
        return sources[path].encode() if path in sources else None

    return build_index_data(corpus_of(sources), commits, read)


@st.composite
def file_tags(draw: st.DrawFn, most: int = 6) -> FileTags:
    """Tags such as parsing returns: nested definitions, each word at most once for each owner."""
    size = draw(st.integers(0, most))
    words = draw(st.lists(NAMES, max_size=5, unique=True))
    pairs = [(owner, word) for owner in range(size + 1) for word in range(len(words))]
    used = sorted(draw(st.sets(st.sampled_from(pairs), max_size=8))) if pairs else []
    counts = [divmod(draw(st.integers(1, 99)), 10) for _ in used]
    many = draw(st.sampled_from((1, 1, 65535 // 9)))
    spans = array("I")
    for place in range(size):
        above, body, head = (*divmod(draw(st.integers(0, 99)), 10), place % 3)
        first = 1 + 7 * place + above
        spans.extend((1 + 7 * place, first, first + body + head, first, first + head))
    texts = st.lists(SIGNATURES, min_size=size, max_size=size)
    return FileTags(
        draw(st.sampled_from(("", "python", "go", "c", "cpp", "typescript", "javascript"))),
        draw(st.integers(0, 5000)),
        skipped="",
        names=tuple(draw(st.lists(NAMES, min_size=size, max_size=size))),
        kinds=bytes(draw(st.lists(st.integers(0, len(KINDS) - 1), min_size=size, max_size=size))),
        parents=array("i", [draw(st.integers(-1, place - 1)) for place in range(size)]),
        spans=spans,
        signatures=tuple(draw(texts)),
        owners=tuple(draw(st.lists(st.just("") | PLAIN_NAMES, min_size=size, max_size=size))),
        words=tuple(words),
        use_owner=array("I", [owner for owner, _ in used]),
        use_word=array("I", [word for _, word in used]),
        use_code=array("H", [code * many for code, _ in counts]),
        use_prose=array("H", [prose for _, prose in counts]),
        imports=tuple(
            draw(st.lists(st.builds(Import, NAMES, st.lists(NAMES, max_size=2).map(tuple)), max_size=2))
        ),
    )


def file_lists(most: int = 6) -> st.SearchStrategy[list[tuple[str, FileTags]]]:
    """Paths with tags, sorted by path as a listing is."""
    return st.dictionaries(PATHS, file_tags(), max_size=most).map(lambda files: sorted(files.items()))


def corpora(most: int = 6) -> st.SearchStrategy[Corpus]:
    """Random corpora, including the empty one."""
    return file_lists(most).map(build_corpus)

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
NASTY_CHARACTERS = "\x00\x07\x1b\n\r\t\x85\x9b\u200b\u200f\u2028\u202e\u2066\ufeff\udcff"
"""What moves a cursor, hides, breaks a line or turns the direction of writing, and a byte that is no text."""
NASTY = st.sampled_from(NASTY_CHARACTERS)
_MIXED = NASTY_CHARACTERS + "aZ_1é数"


def texts(least: int, most: int, without: str = "") -> st.SearchStrategy[str]:
    """Texts as they are read from a file: of any characters, or of many nasty ones among plain ones.

    Drawn from one alphabet or the other, since one of two strategies for each character takes far longer.
    """
    nasty = "".join(character for character in _MIXED if character not in without)
    return st.text(st.characters(exclude_characters=without), min_size=least, max_size=most) | st.text(
        nasty, min_size=least, max_size=most
    )


PLAIN_NAMES = st.sampled_from(
    """run get Session cookie expire parse_header parseHTTPHeader __init__ _private total x Index
    main café 数 LIMIT reader open_file""".split()
)
OWNERS = st.just("") | PLAIN_NAMES
NAMES = PLAIN_NAMES | texts(1, 10)
SIGNATURES = (
    st.builds("def {}(self, value: int) -> str".format, PLAIN_NAMES)
    | texts(0, 30)
    | st.text("a(b, c)\n ", min_size=80, max_size=300)
)
PARTS = st.sampled_from("src lib tests docs api core a b".split()) | texts(1, 6, without="/\0")
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
IMPORTS = st.lists(st.builds(Import, NAMES, st.lists(NAMES, max_size=2).map(tuple)), max_size=2)


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
    used = sorted({pairs[place % len(pairs)] for place in draw(st.binary(max_size=8))}) if pairs else []
    counts = [divmod(1 + number % 99, 10) for number in _numbers(draw, len(used))]
    many = draw(st.sampled_from((1, 1, 65535 // 9)))
    spans = array("I")
    for place, number in enumerate(_numbers(draw, size)):
        above, body, head = (*divmod(number % 100, 10), place % 3)
        first = 1 + 7 * place + above
        spans.extend((1 + 7 * place, first, first + body + head, first, first + head))
    return FileTags(
        draw(st.sampled_from(("", "python", "go", "c", "cpp", "typescript", "javascript"))),
        draw(st.integers(0, 5000)),
        skipped="",
        names=tuple(draw(st.lists(NAMES, min_size=size, max_size=size))),
        kinds=bytes(number % len(KINDS) for number in _numbers(draw, size)),
        parents=array("i", [number % (place + 1) - 1 for place, number in enumerate(_numbers(draw, size))]),
        spans=spans,
        signatures=tuple(draw(st.lists(SIGNATURES, min_size=size, max_size=size))),
        owners=tuple(draw(st.lists(OWNERS, min_size=size, max_size=size))),
        words=tuple(words),
        use_owner=array("I", [owner for owner, _ in used]),
        use_word=array("I", [word for _, word in used]),
        use_code=array("H", [code * many for code, _ in counts]),
        use_prose=array("H", [prose for _, prose in counts]),
        imports=tuple(draw(IMPORTS)),
    )


def _numbers(draw: st.DrawFn, count: int) -> bytes:
    """Numbers from 0 to 255, drawn together: each draw costs far more than what it draws."""
    return draw(st.binary(min_size=count, max_size=count))


def file_lists(most: int = 6) -> st.SearchStrategy[list[tuple[str, FileTags]]]:
    """Paths with tags, sorted by path as a listing is."""
    return st.dictionaries(PATHS, file_tags(), max_size=most).map(lambda files: sorted(files.items()))


def corpora(most: int = 6) -> st.SearchStrategy[Corpus]:
    """Random corpora, including the empty one."""
    return file_lists(most).map(build_corpus)

"""Extracts words, names, paths and line numbers from a request in plain language.

Words are split the way identifiers are, so that "parse the HTTP header" finds `parseHTTPHeader` and
`parse_http_header`. They are reduced to stems, so that "parsing headers" finds them as well.
"""

import functools
import re
from dataclasses import dataclass

from repomap.ranking.abbreviations import other_forms

SUBTOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_TOKEN = re.compile(r"[^\W\d]\w*(?:(?:\.|::|->|#)[^\W\d]\w*)*|\d+")
_QUOTED = re.compile(r"``([^`]+)``|`([^`]+)`|'([^'\s]+)'|\"([^\"\s]+)\"")
# Requests may be long and hostile, so every quantifier is bounded and every match begins at an edge.
_PATH = re.compile(
    r"(?<![\w.@+/-])(?:[\w.@+-]{1,80}/){1,20}[\w.@+-]{1,80}"
    r"|(?<![\w.+-])[\w+-]{1,80}(?:\.[\w+-]{1,40}){0,4}\.[A-Za-z]\w{0,4}\b"
)
_LINE = re.compile(
    r"(?<![\w./\\@+-])(?P<path>[\w./\\@+-]{1,300}\.\w{1,8})(?::|\(|\"?,? line )(?P<line>\d{1,7})"
)

STOP_WORDS = frozenset(
    """a about above after all also an and any are as at be because been before being but by can could did do does
    doing done each else etc even ever every few for from get gets had has have he her here how however i if in
    instead into is it its just let like make makes may me might more most much must my need needs no nor not now of
    off on once one only or other our out over own per please same see she should since so some still such than that
    the their them then there these they this those through thus to too under until up us use used uses using very
    via was we well were what when where which while who whom whose why will with within without would yes yet you
    your dont doesn t s ll re ve""".split()
)
"""English words without a topic of their own. They still count inside a quoted identifier."""

COMMON_VERBS = frozenset(
    """add added adding adds allow allows avoid change changed changes cleanup correct correctly ensure fix fixed
    fixes fixing handle handles handling implement implemented improve improved introduce make move moved prevent
    properly refactor remove removed removes rename replace revert rework simplify support supported supports tweak
    update updated updates work works issue bug problem case cases way thing things new""".split()
)
"""Words that most requests contain. They get half the weight of a word that sets a request apart."""


@dataclass(frozen=True, slots=True)
class Term:
    """The stem of one word of a request, and its weight."""

    stem: str
    weight: float
    in_first_line: bool
    """The first line states the request; the lines after it explain."""


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request. Terms, names and paths are in order of first appearance."""

    text: str
    terms: tuple[Term, ...]
    names: tuple[tuple[str, float], ...]
    """Identifiers as written (quoted, camelCase, snake_case, dotted) and plain words, with weights."""
    paths: tuple[str, ...]
    """Whatever looks like a path or a file name."""
    lines: tuple[tuple[str, int], ...]
    """Path and line of places such as `file.py:12` or a stack trace's `File "x.py", line 3`."""
    first_words: tuple[str, ...] = ()
    """The words with which the first line begins, as they follow each other, in lower case."""


LOOKUP_WORDS = 2
"""A request of at most this many words looks up a name rather than describing work."""
LOOKUP_NAME_WEIGHT = 2.0
"""Weight of a name in such a request; in a sentence a name weighs at most 1."""


def subtokens(name: str) -> list[str]:
    """Split an identifier into its words, in lower case.

    >>> subtokens("parseHTTPHeader2")
    ['parse', 'http', 'header', '2']
    >>> subtokens("max_line_length")
    ['max', 'line', 'length']
    """
    return [part.lower() for part in SUBTOKEN.findall(name)]


@functools.lru_cache(100_000)
def stem(word: str) -> str:
    """Strip the commonest English endings from a lower-case word.

    Deliberately light: names are not prose, and conflating too much costs more than conflating too
    little. A word of up to three letters is its own stem. Every stem is a prefix of its word, except
    that a final `y` becomes `i`, and `ies` is `y` where two letters remain before it: see `beginning_of`.

    >>> [stem(word) for word in ("headers", "parsing", "entries", "entry", "css", "filtering", "filter")]
    ['head', 'pars', 'entri', 'entri', 'css', 'filt', 'filt']
    """
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, min_rest, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= min_rest:
            word = word[: len(word) - len(ending)] + replacement
            if ending in _INFLECTIONS and word.endswith("er") and len(word) >= 6:
                word = word[:-2]  # as in the word itself: `rendering` as `render`
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("y"):
        word = word[:-1] + "i"
    return word


def beginning_of(stem_: str) -> str:
    """Return the beginning that all words with a stem share, by which they can be searched for.

    >>> [beginning_of(stem(word)) for word in ("entries", "tries", "try", "key", "headers")]
    ['entr', 'tr', 'tr', 'key', 'head']
    """
    if len(stem_) == 3 and stem_[2] == "y" and stem_[1] not in "aeiou":
        return stem_[:2]
    return stem_.removesuffix("i")


_ENDINGS = (  # the first that fits is replaced, where enough letters remain before it
    ("izations", 3, "iz"),
    ("ization", 3, "iz"),
    ("mentations", 2, "ment"),
    ("mentation", 2, "ment"),
    ("formations", 3, "form"),
    ("formation", 3, "form"),
    ("ations", 4, "at"),
    ("ation", 4, "at"),
    ("sses", 2, "ss"),
    ("ies", 2, "y"),
    ("ings", 4, ""),
    ("ing", 4, ""),
    ("xes", 2, "x"),
    ("ches", 2, "ch"),
    ("shes", 2, "sh"),
    ("ers", 4, ""),
    ("er", 4, ""),
    ("ed", 4, ""),
    ("ss", 2, "ss"),
    ("us", 2, "us"),
    ("is", 2, "is"),
    ("ias", 2, "ias"),
    ("s", 3, ""),
)


_INFLECTIONS = frozenset({"ings", "ing", "ed"})

MOST_FIRST_WORDS = 40
"""How many words of the first line are compared with names as they follow each other."""
LONGEST_REQUEST = 20_000
"""Characters of a request that are read; a longer one repeats itself or quotes a log."""
FIRST_LINE_WEIGHT, OTHER_LINE_WEIGHT = 1.0, 0.6
COMMON_VERB_WEIGHT = STOP_WORD_WEIGHT = 0.5
ABBREVIATION_WEIGHT = 0.5
"""Weight of the short form of a word, or the long form of an abbreviation, beside what is written."""
PLAIN_WORD_AS_NAME = 0.4
"""Weight of a word that is not written like an identifier but may still be a symbol's name."""


def read_request(text: str) -> Request:
    """Parse a request. Its first line weighs more than what follows.

    Only the first `LONGEST_REQUEST` characters are read.

    >>> request = read_request("fix parse_header in http/headers.py:12")
    >>> [term.stem for term in request.terms]
    ['fix', 'pars', 'head', 'hdr', 'http', 'py', '12']
    >>> request.paths, request.lines
    (('http/headers.py',), (('http/headers.py', 12),))
    """
    text = text[:LONGEST_REQUEST]
    terms, name_weights = _weighted(text)
    if 0 < len(_TOKEN.findall(text)) <= LOOKUP_WORDS:
        name_weights = dict.fromkeys(name_weights, LOOKUP_NAME_WEIGHT)
    lines = tuple((match["path"].replace("\\", "/"), int(match["line"])) for match in _LINE.finditer(text))
    paths = tuple(dict.fromkeys([*_PATH.findall(text), *(path for path, _ in lines)]))
    return Request(
        text,
        terms,
        tuple(name_weights.items()),
        paths,
        lines,
        tuple(subtokens(text.strip().partition("\n")[0])[:MOST_FIRST_WORDS]),
    )


def _weighted(text: str) -> tuple[tuple[Term, ...], dict[str, float]]:
    """Return the terms of a request, and the weight of each whole name in it."""
    stem_weights: dict[str, float] = {}
    name_weights: dict[str, float] = {}
    first_line_stems: frozenset[str] = frozenset()
    for line_index, line in enumerate(text.strip().split("\n")):
        line_weight = FIRST_LINE_WEIGHT if line_index == 0 else OTHER_LINE_WEIGHT
        for token in _TOKEN.findall(line):
            _add_token(token, line_weight, stem_weights, name_weights)
        for groups in _QUOTED.findall(line):
            for token in _TOKEN.findall("".join(groups)):
                _add_name(token, 1.0, name_weights)
        if line_index == 0:
            first_line_stems = frozenset(stem_weights)
    terms = (Term(word, weight, word in first_line_stems) for word, weight in stem_weights.items())
    return tuple(terms), name_weights


def _add_token(
    token: str, line_weight: float, stem_weights: dict[str, float], name_weights: dict[str, float]
) -> None:
    """Record the words of one token, and the token itself as a name."""
    parts = subtokens(token)
    is_identifier = len(parts) > 1 and not token.istitle()
    for part in parts:
        if len(part) < 2 or (part in STOP_WORDS and not is_identifier):
            continue
        verb_weight = COMMON_VERB_WEIGHT if part in COMMON_VERBS else 1.0
        stop_weight = STOP_WORD_WEIGHT if part in STOP_WORDS else 1.0
        weight = line_weight * verb_weight * stop_weight
        key = stem(part)
        stem_weights[key] = max(stem_weights.get(key, 0.0), weight)
        for other in other_forms().get(key, ()):
            stem_weights[other] = max(stem_weights.get(other, 0.0), ABBREVIATION_WEIGHT * weight)
    if is_identifier:
        _add_name(token, line_weight, name_weights)
    elif len(token) >= 3 and token.lower() not in STOP_WORDS:
        name_weights[token] = max(name_weights.get(token, 0.0), PLAIN_WORD_AS_NAME * line_weight)


def _add_name(token: str, weight: float, name_weights: dict[str, float]) -> None:
    """Record each part of a dotted or qualified name."""
    for part in re.split(r"\.|::|->|#", token):
        if len(part) >= 2:
            name_weights[part] = max(name_weights.get(part, 0.0), weight)

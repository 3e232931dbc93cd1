"""Reads a request in plain language: which words matter, which names, paths and lines it quotes.

The words are split the way identifiers are, so that "parse the HTTP header" finds `parseHTTPHeader`
and `parse_http_header`, and brought to a common stem, so that "parsing headers" does too.
"""

import functools
import re
from dataclasses import dataclass

SUBTOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
_TOKEN = re.compile(r"[^\W\d]\w*(?:(?:\.|::|->|#)[^\W\d]\w*)*|\d+")
_QUOTED = re.compile(r"``([^`]+)``|`([^`]+)`|'([^'\s]+)'|\"([^\"\s]+)\"")
# every quantifier is bounded and every match begins at an edge: requests may be long and hostile
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
"""English words that say how and not what. A name that a request quotes is never taken for one."""

COMMON_VERBS = frozenset(
    """add added adding adds allow allows avoid change changed changes cleanup correct correctly ensure fix fixed
    fixes fixing handle handles handling implement implemented improve improved introduce make move moved prevent
    properly refactor remove removed removes rename replace revert rework simplify support supported supports tweak
    update updated updates work works issue bug problem case cases way thing things new""".split()
)
"""What requests are made of; half the weight of a word that tells one from another."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a request, as its stem, with how much it weighs."""

    stem: str
    weight: float
    leads: bool
    """Whether it stands in the first line, which says what the rest explains."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a request asks about. Terms, names and paths stand in the order in which they first appear."""

    text: str
    terms: tuple[Term, ...]
    names: tuple[tuple[str, float], ...]
    """Identifiers as written: quoted, in camelCase or snake_case, dotted or called, with their weight."""
    paths: tuple[str, ...]
    """What looks like a path or a file name."""
    lines: tuple[tuple[str, int], ...]
    """Places such as `file.py:12` or a stack trace's `File "x.py", line 3`."""


POINTED, MOST_POINTED = 2.0, 2
"""A request of one or two words is a name to be looked up: it weighs more than a name in a sentence."""


def subtokens(name: str) -> list[str]:
    """The words of which an identifier is made, in lower case: `parseHTTPHeader2` → parse, http, header, 2."""
    return [part.lower() for part in SUBTOKEN.findall(name)]


@functools.lru_cache(100_000)
def stem(word: str) -> str:
    """A lower-case English word without its commonest endings; words of up to three letters as they are.

    Light on purpose: names are no prose, and a stem that joins too much costs more than one that
    joins too little. Every stem but one that ends in `i` (from `y`) begins its word.
    """
    if len(word) <= 3 or not word.isascii():
        return word
    for ending, least, put in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: len(word) - len(ending)] + put
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("y"):
        word = word[:-1] + "i"
    return word


_ENDINGS = (
    ("izations", 3, "iz"),
    ("ization", 3, "iz"),
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
    ("s", 3, ""),
)


LONGEST_REQUEST = 20_000
"""Characters of a request that are read: what comes after so many says nothing new."""


def read_request(text: str) -> Request:
    """The request that a text makes. The first line weighs more than what follows.

    Of a text longer than `LONGEST_REQUEST` the beginning is read.
    """
    text = text[:LONGEST_REQUEST]
    weights: dict[str, float] = {}
    names: dict[str, float] = {}
    leading: frozenset[str] = frozenset()
    for number, line in enumerate(text.strip().split("\n")):
        share = 1.0 if number == 0 else 0.6
        for token in _TOKEN.findall(line):
            _note_token(token, share, weights, names)
        for groups in _QUOTED.findall(line):
            for token in _TOKEN.findall("".join(groups)):
                _note_name(token, 1.0, names)
        if number == 0:
            leading = frozenset(weights)
    pointed = 0 < len(_TOKEN.findall(text)) <= MOST_POINTED
    if pointed:
        names = dict.fromkeys(names, 1.0)
    lines = tuple((found["path"].replace("\\", "/"), int(found["line"])) for found in _LINE.finditer(text))
    paths = tuple(dict.fromkeys([*_PATH.findall(text), *(path for path, _ in lines)]))
    return Request(
        text,
        tuple(Term(word, weight, word in leading) for word, weight in weights.items()),
        tuple((name, POINTED * weight if pointed else weight) for name, weight in names.items()),
        paths,
        lines,
    )


def _note_token(token: str, share: float, weights: dict[str, float], names: dict[str, float]) -> None:
    """Notes the words of one token, and the token as a name where it is written like one."""
    parts = subtokens(token)
    coded = len(parts) > 1 and not token.istitle()
    for part in parts:
        if len(part) < 2 or (part in STOP_WORDS and not coded):
            continue
        weight = share * (0.5 if part in COMMON_VERBS else 1.0) * (0.5 if part in STOP_WORDS else 1.0)
        key = stem(part)
        weights[key] = max(weights.get(key, 0.0), weight)
    if coded:
        _note_name(token, share, names)
    elif len(token) >= 3 and token.lower() not in STOP_WORDS:
        names[token] = max(names.get(token, 0.0), 0.4 * share)


def _note_name(token: str, share: float, names: dict[str, float]) -> None:
    for part in re.split(r"\.|::|->|#", token):
        if len(part) >= 2:
            names[part] = max(names.get(part, 0.0), share)

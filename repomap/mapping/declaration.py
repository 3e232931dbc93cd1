"""A signature as the index holds it -> one line from which a call can be written.

A signature runs over several lines, and may be longer than a map can afford. What a caller needs are the
parameters: their names first, then their types and defaults. So a line that is too long loses long defaults,
then types, then the types of what it returns, and never a parameter, as long as their names alone fit.
"""

import functools
import re
from collections.abc import Callable, Iterator

from repomap.safety.printable import printable

ELLIPSIS = "…"

LONGEST_LINE = 170
"""Characters of a declaration with types; 44 tokens or so. All names of parameters may take more."""

LONGEST_VALUE = 100
"""Characters of what cannot be called; longer lines are cut."""

CALLED = frozenset(
    """class struct interface trait enum type implementation function method constructor macro
    property""".split()
)
"""Kinds of definitions that may have parameters."""

LONGEST_NAMES = 400
"""Characters at which even a list of names alone is cut: generated code has such lists."""

LONGEST_DEFAULT = 12
"""Characters of a default value that says something in little room: `None`, `0.85`, `"utf-8"`."""

LONGEST_RETURN = 24
"""Characters of what is returned that are kept before types of parameters are."""

LINES_KEPT = 20_000
"""Lines that are remembered: the same are weighed and shown for one request after another."""

_OPEN, _CLOSE = "([{<", ")]}>"
_STRING = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\,<>&()])*'|`(?:\\.|[^`\\])*`""")
"""A string; between single quotes none with a mark of Rust's signatures, where `'a` is a lifetime."""
_WORD = re.compile(r"[\w$]+[?!]?")
_ATTRIBUTES = re.compile(r"(?:@[\w.]+(?:\([^()]*\))?|#\[[^\]]*\]|\[\[[^\]]*\]\])\s+")
_FUNCTION_POINTER = re.compile(r"\(\s*[*^&]\s*([\w$]+)")
_ARRAY = re.compile(r"\[[^\]]*\]\s*$")
_PATTERNS = ("*", "&", "...", "{", "[", "(")
"""How a parameter begins that is no type and name: the rest of the arguments, a block, a pattern."""
_NAME_FIRST = frozenset({"go", "v"})
_SPACE_INSIDE = re.compile(r"(?<=[(\[]) | (?=[)\]])|,\s*(?=[)\]])")


def written_definition(signature: str, name: str, kind: str, language: str, width: int = LONGEST_LINE) -> str:
    """Write a signature as one line: a call can be written from it, or its first words say what it is."""
    if kind in CALLED:
        return declaration_line(signature, name, language, width)
    return cut(folded(signature), min(width, LONGEST_VALUE))


@functools.lru_cache(LINES_KEPT)
def declaration_line(signature: str, name: str = "", language: str = "", width: int = LONGEST_LINE) -> str:
    """Return a declaration as one line of about ``width`` characters, with every parameter named.

    ``signature`` is the text of a declaration without its body, in as many lines as the source has;
    ``name`` is what it defines. What is left out is marked with an ellipsis.

    >>> declaration_line("def fit(\\n    corpus: Corpus,\\n    budget: int = 1024,\\n) -> Map", "fit")
    'def fit(corpus: Corpus, budget: int = 1024) -> Map'
    >>> declaration_line("def fit(corpus: Corpus, budget: int = 1024) -> Map", "fit", "python", 32)
    'def fit(corpus, budget=1024)'
    """
    whole = folded(signature).removesuffix(" =>")
    if len(whole) <= width:
        return whole
    start, end = _parameter_span(whole, name)
    if end <= start:
        return _without_parameters(whole, name, width)
    head, tail = _from_name(whole[:start], name, width), whole[end:]
    parameters = list(split_parameters(whole[start:end]))
    for shorten, rest in _steps(tail):
        line = head + ", ".join(shorten(parameter, language) for parameter in parameters) + rest
        if len(line) <= width:
            return line
    return cut(line, LONGEST_NAMES)


def _steps(tail: str) -> Iterator[tuple[Callable[[str, str], str], str]]:
    """How parameters and what follows them are written, from the fullest form to the shortest."""
    if not tail:  # the source has more of it than is kept
        tail = f", {ELLIPSIS})"
    close, returned = (tail[:1], tail[1:].strip()) if tail.startswith(")") else (tail, "")
    short = f"{close} {returned}" if returned and len(returned) <= LONGEST_RETURN else close
    for shorten in (_short_default, _without_type, _name_alone):
        yield from ((shorten, rest) for rest in (tail, short, close))


def _without_parameters(line: str, name: str, width: int) -> str:
    """A declaration that takes none, cut behind its name; what stands before the name gives way first."""
    line = _ATTRIBUTES.sub("", line)
    place = line.find(name) if name else -1
    if place > width // 2:
        first, _, _ = line[:20].rpartition(" ")
        line = f"{first} {ELLIPSIS} {line[place:]}".lstrip()
    return cut(line, width)


def folded(signature: str) -> str:
    """The signature on one line, without the white space and trailing commas that lines need."""
    return _SPACE_INSIDE.sub("", printable(" ".join(signature.split())))


def cut(line: str, width: int) -> str:
    """Return the line, or its beginning with an ellipsis where it has more than ``width`` characters."""
    return line if len(line) <= width else line[: width - 1].rstrip() + ELLIPSIS


def _from_name(head: str, name: str, width: int) -> str:
    """What comes before the parameters, without a type or type parameters that take most of the line."""
    place = head.rfind(name) if name else -1
    if len(head) <= width // 2 or place < 0:
        return head
    before, rest = head[:place], head[place:]
    if len(before) > width // 3:
        first, _, _ = before[:20].rpartition(" ")  # such as "public static"
        before = f"{first} {ELLIPSIS} ".lstrip()
    if len(rest) > width // 3 and "<" in rest:
        rest = rest[: rest.index("<") + 1] + ELLIPSIS + ">" + rest[rest.rfind(">") + 1 :]
    return before + rest


def _parameter_span(line: str, name: str) -> tuple[int, int]:
    """Where the parameters begin and end, inside their parentheses; equal where there are none."""
    quiet = _STRING.sub(lambda match: "x" * len(match[0]), line)
    named = re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", line) if name else None
    start = quiet.find("(", named.end() if named else 0)
    if start < 0:
        return 0, 0
    depth = 0
    for place in range(start, len(quiet)):
        depth += (quiet[place] == "(") - (quiet[place] == ")")
        if not depth:
            return start + 1, place
    return start + 1, len(quiet)


def split_parameters(text: str) -> Iterator[str]:
    """Split a list of parameters at the commas that stand in no brackets and no string.

    >>> list(split_parameters("a: dict[str, int], b=(1, 2), *, c"))
    ['a: dict[str, int]', 'b=(1, 2)', '*', 'c']
    """
    quiet = _STRING.sub(lambda match: "x" * len(match[0]), text).replace("->", "xx").replace("=>", "xx")
    depth, first = 0, 0
    for place, letter in enumerate(quiet):
        if letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth = max(0, depth - 1)
        elif letter == "," and not depth:
            yield text[first:place].strip()
            first = place + 1
    if text[first:].strip():
        yield text[first:].strip()


def _default(parameter: str) -> tuple[str, str]:
    """A parameter and its default value, if it has one."""
    depth = 0
    quiet = _STRING.sub(lambda match: "x" * len(match[0]), parameter).replace("=>", "xx").replace("==", "xx")
    for place, letter in enumerate(quiet):
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter == "=" and depth <= 0:
            return parameter[:place].rstrip(), parameter[place + 1 :].lstrip()
    return parameter, ""


def _short_default(parameter: str, _language: str) -> str:
    """A parameter whose default value is left out where it is long."""
    before, default = _default(parameter)
    return f"{before} = {ELLIPSIS}" if len(default) > LONGEST_DEFAULT else parameter


def _without_type(parameter: str, language: str) -> str:
    """A parameter's name and its default value, long ones left out."""
    _, default = _default(parameter)
    name = _name_alone(parameter, language)
    if not default:
        return name
    return f"{name}={default if len(default) <= LONGEST_DEFAULT else ELLIPSIS}"


def _name_alone(parameter: str, language: str) -> str:
    """The name that a parameter has in the declaration, with the marks that say how it is passed.

    >>> [_name_alone(text, "") for text in ("x: int", "const char *name[]", "*args: Any", "List<A> rows = 0")]
    ['x', 'name', '*args', 'rows']
    >>> _name_alone("opts ...Option", "go")
    'opts'
    """
    text, _ = _default(_ATTRIBUTES.sub("", parameter))
    colon = _colon(text)
    if colon >= 0:
        return _before_colon(text[:colon].strip(), language)
    if handed := _FUNCTION_POINTER.search(text):
        return str(handed[1])
    text = _ARRAY.sub("", text)
    words = _WORD.findall(text)
    if len(words) < 2 or text.startswith(_PATTERNS):
        return text
    name: str = words[0] if language in _NAME_FIRST else words[-1]
    return "..." + name if "..." in text and language not in _NAME_FIRST else name


def _before_colon(text: str, language: str) -> str:
    """The name where its type follows a colon: `mut rows`, `private readonly rows`, `{key, rows}`."""
    if text.startswith(("{", "[")):
        parts = split_parameters(text[1:-1])
        return text[0] + ", ".join(_name_alone(part, language) for part in parts) + text[-1]
    if language == "swift":  # `for key`: callers write the first, the body the second
        return text
    return text.rpartition(" ")[2] + (":" if language == "ruby" else "")


def _colon(text: str) -> int:
    """Where a colon separates a name from its type; -1 where none does."""
    depth = 0
    for place, letter in enumerate(text.replace("::", "xx")):
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter == ":" and depth <= 0:
            return place
    return -1

"""The list of parameters of a declaration: where it is, where it is split, and how each is written shorter."""

import re
from collections.abc import Iterator

ELLIPSIS = "…"
LONGEST_DEFAULT = 12
"""Characters of a default value that says something in little room: `None`, `0.85`, `"utf-8"`."""
OPEN, CLOSE = "([{<", ")]}>"
STRING = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\,<>&()])*'|`(?:\\.|[^`\\])*`""")
"""A string; between single quotes none with a mark of Rust's signatures, where `'a` is a lifetime."""
_RETURNED = re.compile(r"\s*(?:->|:(?!:)|throws\b)")
_MAY_RETURN = re.compile(rf"\){_RETURNED.pattern}")
"""Found at once; where the parameters end takes a walk through the signature."""
_WORD = re.compile(r"[\w$]+[?!]?")
ATTRIBUTES = re.compile(
    r"(?:@[\w.]+(?::[\w.]+)?(?:\((?:[^()]|\([^()]*\))*\))?|#\[[^\]]*\]|\[\[[^\]]*\]\]|^\[[^\]]*\](?=\s+\w))\s+"
)
"""Of a parameter; C# writes them in plain brackets."""
_ACCESS = re.compile(
    r"[^(]*?(?<!\S)(?P<found>(?P<pub>pub)\([^()]*\)\s+(?=\w)"
    r"|(?:(?:public|final|static|abstract|async|override|virtual|sealed|synchronized)\s+)+(?=[\w<@]))"
)
"""Words before the parameters that say who may use something, and others among them."""
_SHOWN_BY_DEFAULT = frozenset({"public", "final"})
_FUNCTION_POINTER = re.compile(r"\(\s*[*^&]\s*([\w$]+)")
_ARRAY = re.compile(r"\[[^\]]*\]\s*$")
_PATTERNS = ("*", "&", "...", "{", "[", "(")
"""How a parameter begins that is no type and name: the rest of the arguments, a block, a pattern."""
_NAME_FIRST = frozenset({"go", "v"})
_PATTERN_LANGUAGES = frozenset({"elixir", "erlang"})
"""A parameter is a pattern, or two joined by `=`; a default value follows `\\\\`."""


def split_parameters(text: str) -> Iterator[str]:
    """Split a list of parameters at the commas that stand in no brackets and no string.

    >>> list(split_parameters("a: dict[str, int], b=(1, 2), *, c"))
    ['a: dict[str, int]', 'b=(1, 2)', '*', 'c']
    """
    quiet = STRING.sub(lambda match: "x" * len(match[0]), text).replace("->", "xx").replace("=>", "xx")
    depth, first = 0, 0
    for place, letter in enumerate(quiet):
        if letter in OPEN:
            depth += 1
        elif letter in CLOSE:
            depth = max(0, depth - 1)
        elif letter == "," and not depth:
            yield text[first:place].strip()
            first = place + 1
    if text[first:].strip():
        yield text[first:].strip()


def _default(parameter: str, language: str) -> tuple[str, str]:
    """A parameter and its default value, if it has one."""
    if language in _PATTERN_LANGUAGES:  # `=` matches a value with two patterns
        before, _, default = parameter.partition("\\\\")
        return before.rstrip(), default.strip()
    if "=" not in parameter:
        return parameter, ""
    depth = 0
    quiet = STRING.sub(lambda match: "x" * len(match[0]), parameter).replace("=>", "xx").replace("==", "xx")
    for place, letter in enumerate(quiet):
        depth += (letter in OPEN) - (letter in CLOSE)
        if letter == "=" and depth <= 0:
            return parameter[:place].rstrip(), parameter[place + 1 :].lstrip()
    return parameter, ""


def short_default(parameter: str, language: str) -> str:
    """A parameter whose default value is left out where it is long."""
    before, default = _default(parameter, language)
    sign = "\\\\" if language in _PATTERN_LANGUAGES else "="
    return f"{before} {sign} {ELLIPSIS}" if len(default) > LONGEST_DEFAULT else parameter


def without_type(parameter: str, language: str) -> str:
    """A parameter's name and its default value, long ones left out."""
    _, default = _default(parameter, language)
    name = name_alone(parameter, language)
    if not default:
        return name
    if language in _PATTERN_LANGUAGES:
        return f"{name} \\\\ {default if len(default) <= LONGEST_DEFAULT else ELLIPSIS}"
    return f"{name}={default if len(default) <= LONGEST_DEFAULT else ELLIPSIS}"


def name_alone(parameter: str, language: str) -> str:
    """The name that a parameter has in the declaration, with the marks that say how it is passed.

    >>> [name_alone(text, "") for text in ("x: int", "const char *name[]", "*args: Any", "List<A> rows = 0")]
    ['x', 'name', '*args', 'rows']
    >>> name_alone("opts ...Option", "go")
    'opts'
    >>> [name_alone(text, "elixir") for text in ("%Message{id: id} = message", "opts \\\\\\\\ []", "{:ok, rows}")]
    ['message', 'opts', '{:ok, rows}']
    """
    text, _ = _default(ATTRIBUTES.sub("", parameter), language)
    if language in _PATTERN_LANGUAGES:
        return next((side for side in map(str.strip, text.split("=")) if _WORD.fullmatch(side)), text)
    if text.startswith("{") and language == "dart":  # by name
        return f"{{{', '.join(name_alone(part, language) for part in split_parameters(text[1:-1]))}}}"
    colon = _colon(text)
    if colon >= 0:
        return _before_colon(text[:colon].strip(), language)
    if handed := _FUNCTION_POINTER.search(text):
        return str(handed[1])
    if text.startswith("[") and text.endswith("]") and language == "dart":  # those that may be left out
        return f"[{', '.join(name_alone(part, language) for part in split_parameters(text[1:-1]))}]"
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
        return text[0] + ", ".join(name_alone(part, language) for part in parts) + text[-1]
    if language == "swift":  # `for key`: callers write the first, the body the second
        return text
    return text.rpartition(" ")[2] + (":" if language == "ruby" else "")


def _colon(text: str) -> int:
    """Where a colon separates a name from its type; -1 where none does."""
    if ":" not in text:
        return -1
    depth = 0
    for place, letter in enumerate(text.replace("::", "xx")):
        depth += (letter in OPEN) - (letter in CLOSE)
        if letter == ":" and depth <= 0:
            return place
    return -1


def without_return(signature: str, name: str, language: str) -> str:
    """Return a signature up to the end of its parameters, if what follows them is what is returned.

    >>> without_return("fn fit<T>(rows: Vec<T>) -> Result<T>", "fit", "rust")
    'fn fit<T>(rows: Vec<T>)'
    >>> without_return("func (m *Map) Get(key string) (any, error)", "Get", "go")
    'func (m *Map) Get(key string)'
    >>> without_return("foo :: (a -> b) -> c", "foo", "haskell")
    'foo :: (a -> b) -> c'
    """
    if language != "go" and not _MAY_RETURN.search(signature):
        return signature
    start, end = parameter_span(signature, name)
    between = signature[end_of_type_parameters(signature, end_of_word(signature, name)) : start]
    if not start or ":" in between:
        return signature  # the parenthesis is one of a type
    rest = signature[end + 1 :]
    returned = bool(rest.strip()) if language == "go" else _RETURNED.match(rest)
    return signature[: end + 1] if returned else signature


def without_access(signature: str) -> str:
    """Return a signature without the words that most of what is shown has; what is private still says so.

    >>> without_access("public static final Map<String, Row> rows(int limit)")
    'static Map<String, Row> rows(int limit)'
    >>> without_access("pub(crate) fn rows(&self) -> Rows")
    'pub fn rows(&self) -> Rows'
    """
    found = _ACCESS.match(signature)
    if not found:
        return signature
    words = (
        ["pub"]
        if found["pub"]
        else [word for word in found["found"].split() if word not in _SHOWN_BY_DEFAULT]
    )
    return (
        signature[: found.start("found")] + "".join(f"{word} " for word in words) + signature[found.end() :]
    )


def parameter_span(line: str, name: str) -> tuple[int, int]:
    """Where the parameters begin and end, inside their parentheses; equal where there are none."""
    quiet = STRING.sub(lambda match: "x" * len(match[0]), line)
    start = quiet.find("(", end_of_type_parameters(quiet, end_of_word(line, name)))
    if start < 0:
        return 0, 0
    depth = 0
    for place in range(start, len(quiet)):
        depth += (quiet[place] == "(") - (quiet[place] == ")")
        if not depth:
            return start + 1, place
    return start + 1, len(quiet)


def end_of_type_parameters(text: str, start: int) -> int:
    """Return where type parameters end that begin at a place; the place itself if none do."""
    depth = 0
    if text[start : start + 1] in ("<", "["):
        quiet = text.replace("->", "xx").replace("=>", "xx")
        for place in range(start, len(quiet)):
            depth += (quiet[place] in OPEN) - (quiet[place] in CLOSE)
            if not depth:
                return place + 1
    return start


def end_of_word(text: str, word: str) -> int:
    """Return where a word first ends that is no part of a longer one; 0 if there is none."""
    place = text.find(word) if word else -1
    while place >= 0:
        end = place + len(word)
        if not (_is_letter(text[place - 1 : place]) or _is_letter(text[end : end + 1])):
            return end
        place = text.find(word, place + 1)
    return 0


def _is_letter(mark: str) -> bool:
    return mark.isalnum() or mark in ("_", "$")

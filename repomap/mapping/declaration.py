"""A signature as the index holds it -> one or two lines from which a call can be written.

A signature runs over several lines, and may be longer than a map can afford. What a caller needs are the
parameters: their names first, then their types and defaults. So a line that is too long loses long defaults,
then types, then the types of what it returns, and never a parameter, as long as their names alone fit.
A second line holds the parameters that the source has on further lines, so that the first can be found there.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence

from repomap.mapping.form import FULL, LONGEST_LINE, Form
from repomap.mapping.parameters import (
    ATTRIBUTES,
    CLOSE,
    ELLIPSIS,
    OPEN,
    STRING,
    end_of_type_parameters,
    end_of_word,
    name_alone,
    parameter_span,
    short_default,
    split_parameters,
    without_access,
    without_return,
    without_type,
)
from repomap.safety.printable import printable

LONGEST_VALUE = 100
"""Characters of what cannot be called; longer lines are cut."""

LONGEST_MEMBERS = 120
"""Characters of a line of members."""

CALLED = frozenset(
    """class struct interface trait enum type implementation function method constructor macro
    property""".split()
)
"""Kinds of definitions that may have parameters."""

LONGEST_NAMES = 400
"""Characters at which even a list of names alone is cut: generated code has such lists."""


LONGEST_ARGUMENTS = 48
"""Characters of a decorator's arguments, such as a route; a longer list is left out."""

ONE_LINE = 60
"""Characters of a declaration that stays on one line though the source has it on several."""

LONGEST_RETURN = 24
"""Characters of what is returned that are kept before types of parameters are."""

LINES_KEPT = 20_000
"""Lines that are remembered: the same are weighed and shown for one request after another."""


RETURNING = frozenset({"function", "method"})
"""Kinds of which a brief map leaves out what they return."""

_DECORATOR = re.compile(r"@[\w.]+|#\[[^\]]*\]|\[[^\]]*\]")
_MADE = re.compile(r"\b(?:dataclass|define|attrs|fixture)$")
_MEMBER_BREAK = re.compile(r"(?<=[\w\])}>?'\"])(?<!where)[ \t]*\n\s*(?=(?:readonly )?[\w$]+\??:(?!:))")
"""Between members of a type that only lines separate, as TypeScript allows."""
_BREAK_INSIDE = re.compile(r"(?<=[(\[<{])\n")
_SPACE_INSIDE = re.compile(r"(?<=[(\[]) | (?=[)\]])|,\s*(?=[)\]])")


def written_definition(signature: str, name: str, kind: str, language: str, width: int = LONGEST_LINE) -> str:
    """Write a signature as one line: a call can be written from it, or its first words say what it is.

    ``signature`` is the text of a declaration without its body, in as many lines as the source has; ``name`` is what
    it defines. The line has about ``width`` characters and names every parameter; an ellipsis marks what is left out.

    >>> signature = "def fit(\\n    corpus: Corpus,\\n    budget: int = 1024,\\n) -> Map"
    >>> written_definition(signature, "fit", "function", "python")
    'def fit(corpus: Corpus, budget: int = 1024) -> Map'
    >>> written_definition(signature, "fit", "function", "python", 32)
    'def fit(corpus, budget=1024)'
    """
    head, members = _split_members(signature, kind)
    line = _joined(map_lines(head, name, kind, language, Form(width)))
    return f"{line} {{ {members} }}" if members else line


def map_lines(signature: str, name: str, kind: str, language: str, form: Form = FULL) -> str:
    """Do the same as a map does: the parameters that the source has on further lines are on a second line."""
    head, members = _split_members(signature, kind)
    if members and not form.brief:
        return f"{declaration(head, name, language, form.width)}\n{cut(members, form.width)}"
    if kind in CALLED and (kind != "type" or _is_function_type(signature)):
        no_return = form.brief and kind in RETURNING
        text = head if members else signature
        return declaration(
            without_access(text) if form.brief else text, name, language, form.width, no_return
        )
    return _marked(cut(folded(signature), LONGEST_VALUE)) if form.brief else _value_lines(signature)


def _is_function_type(signature: str) -> bool:
    """Return whether a type is what is called: parentheses come first in it, before braces and templates.

    >>> [_is_function_type(text) for text in ("type F = (a: A) => void", "type P<T> = {[K in (keyof T)]: A}")]
    [True, False]
    """
    first = re.search(r"[({`]", signature)
    return first is not None and first[0] == "("


def _marked(line: str, brackets: Sequence[str] = ("()", "[]", "{}")) -> str:
    """Return a line that ends within brackets, or with what joins two types, with an ellipsis behind it.

    >>> [_marked(line) for line in ("pool = Pool(0, MOST, 60", "type A = B &", "pool = Pool()")]
    ['pool = Pool(0, MOST, 60 …', 'type A = B & …', 'pool = Pool()']
    """
    quiet = STRING.sub("", line)
    is_open = any(quiet.count(pair[0]) > quiet.count(pair[1]) for pair in brackets)
    is_open = is_open or line.endswith((" &", " |"))
    return line if line.endswith(ELLIPSIS) or not is_open else f"{line} {ELLIPSIS}"


def _value_lines(signature: str) -> str:
    """Write what cannot be called, in two lines where it is long and the source breaks it.

    >>> _value_lines("Response = t.Union[\\n    Callable[[Environment, StartResponse], Body],\\n    Body,\\n]")
    'Response = t.Union[\\nCallable[[Environment, StartResponse], Body], Body]'
    """
    whole = folded(signature)
    first, line_break, _ = signature.partition("\n")
    first = folded(first)
    if not line_break or len(whole) <= ONE_LINE or not whole.startswith(first):
        return _marked(cut(whole, LONGEST_VALUE))
    return f"{first}\n{cut(_marked(whole)[len(first) :].lstrip(), max(LONGEST_VALUE - len(first), ONE_LINE))}"


def _split_members(signature: str, kind: str) -> tuple[str, str]:
    """Split what a signature of a small struct or enum says of its members from the rest."""
    if kind not in ("struct", "enum") or not signature.endswith("\n}"):
        return signature, ""
    head, _, members = signature.removesuffix("\n}").partition(" {\n")
    return head, cut(folded(members), LONGEST_MEMBERS)


def _joined(lines: str) -> str:
    return _BREAK_INSIDE.sub("", lines).replace("\n", " ")


@functools.lru_cache(LINES_KEPT)
def declaration(signature: str, name: str, language: str, width: int, no_return: bool = False) -> str:
    """Return a declaration in one line or, where it is long and the source breaks it, in two.

    ``no_return`` leaves out what stands behind the parameters.

    >>> signature = "def fit(\\n    corpus: Corpus,\\n    files: FloatsByFile,\\n    budget: int = 1024,\\n)"
    >>> declaration(signature, "fit", "python", 80)
    'def fit(\\ncorpus: Corpus, files: FloatsByFile, budget: int = 1024)'
    """
    decorators, signature = _split_decorators(signature, language)
    if no_return:
        signature = without_return(signature, name, language)
    whole = folded(signature).removesuffix(" =>")
    if len(whole) <= (min(ONE_LINE, width) if "\n" in signature else width):  # most are so short
        return decorators + _marked(whole, ("()",))
    start, end = parameter_span(whole, name)
    if end <= start:
        return decorators + _without_parameters(whole, name, max(width, LONGEST_VALUE))
    first = _parameters_on_first_line(signature, name) if "\n" in signature and end > start else None
    if first is not None and len(whole) <= ONE_LINE:
        first = None
    if len(whole) <= width and first is None:
        return decorators + whole
    head, tail = _from_name(whole[:start], name, max(width, LONGEST_VALUE)), whole[end:]
    parameters = list(split_parameters(whole[start:end]))
    if not tail and len(parameters) > 1:  # the source has more of it than is kept
        parameters.pop()
    for shorten, rests in ((_as_written, (tail,)), *_steps(tail)):
        listed = head + _list_of([shorten(parameter, language) for parameter in parameters], first)
        for rest in rests:
            line = listed + rest
            if len(line) - (line.find("\n") + 1) <= width:
                return decorators + line
    return decorators + cut(line, LONGEST_NAMES)


def _list_of(parameters: Sequence[str], on_first_line: int | None) -> str:
    """Join parameters by commas, breaking the line where the source does."""
    if on_first_line is None or on_first_line >= len(parameters):
        return ", ".join(parameters)
    before, after = ", ".join(parameters[:on_first_line]), ", ".join(parameters[on_first_line:])
    return f"{before}{',' * (on_first_line > 0)}\n{after}"


def _parameters_on_first_line(signature: str, name: str) -> int | None:
    """Count the parameters on the line of the name, if that line ends among them."""
    line_end = signature.find("\n", end_of_word(signature, name))
    first = folded(signature[:line_end]) if line_end >= 0 else ""
    if not first.endswith(("(", ",")):
        return None
    start, _ = parameter_span(first, name)
    return len(list(split_parameters(first[start:]))) if start else None


def _split_decorators(signature: str, language: str) -> tuple[str, str]:
    """Split the decorators, which stand before a signature on its first line, from the rest.

    Of those that only say how a class is made, the arguments are left out.
    """
    kept, text = "", signature
    while match := _DECORATOR.match(text):
        if text.startswith("[") and language != "csharp":
            break
        called, end = match[0], match.end()
        if text[end : end + 1] == "(":
            close = _close_of(text, end)
            arguments, end = folded(text[end:close]), close
            if not _MADE.search(called):
                called += _short_arguments(arguments)
        if not text[end : end + 1].isspace():
            break
        kept, text = f"{kept}{called} ", text[end:].lstrip()
    return kept, text


def _short_arguments(arguments: str) -> str:
    """Return a decorator's arguments, the first alone where there are more: a route's path or a command's name.

    >>> [_short_arguments(text) for text in ('("run", short_help="Run a server.")', '("/login")', "()")]
    ['("run", …)', '("/login")', '()']
    """
    first, *others = [*split_parameters(arguments[1:-1]), ""]
    short = f"({first}, {ELLIPSIS})" if len(others) > 1 else arguments
    return short if len(short) <= LONGEST_ARGUMENTS else f"({ELLIPSIS})"


def _close_of(text: str, start: int) -> int:
    """Return where the bracket that opens at a place has been closed, or the end of the text."""
    depth = 0
    quiet = STRING.sub(lambda match: "x" * len(match[0]), text)
    for place in range(start, len(quiet)):
        depth += (quiet[place] in OPEN) - (quiet[place] in CLOSE)
        if not depth:
            return place + 1
    return len(text)


def _as_written(parameter: str, _language: str) -> str:
    return parameter


def _steps(tail: str) -> Iterator[tuple[Callable[[str, str], str], tuple[str, ...]]]:
    """How parameters are written, from the fullest form to the shortest; for each, what may follow them."""
    if not tail:
        tail = f", {ELLIPSIS})"
    close, returned = (tail[:1], tail[1:].strip()) if tail.startswith(")") else (tail, "")
    short = f"{close} {returned}" if returned and len(returned) <= LONGEST_RETURN else close
    yield short_default, (tail, short)
    yield without_type, (tail, short, close)
    yield name_alone, (tail, short, close)


def _without_parameters(line: str, name: str, width: int) -> str:
    """A declaration that takes none, cut behind its name; what stands before the name gives way first."""
    if len(line) <= width:
        return line
    line = ATTRIBUTES.sub("", line)
    place = line.find(name) if name else -1
    if place > width // 2:
        line = f"{_first_words(line)} {ELLIPSIS} {line[place:]}".lstrip()
    start = end_of_word(line, name)
    if len(line) > width and line[start : start + 1] == "<":
        line = f"{line[: start + 1]}{ELLIPSIS}>{line[end_of_type_parameters(line, start) :]}"
    return cut(line, width)


def _first_words(line: str) -> str:
    """Return the words that a declaration begins with, such as `public static`, none of them cut or in brackets."""
    return re.split(r"[(\[{<]", line[:20].rpartition(" ")[0])[0].rstrip()


def folded(signature: str) -> str:
    """The signature on one line, without the white space and trailing commas that lines need."""
    separated = _MEMBER_BREAK.sub("; ", signature) if "\n" in signature and "{" in signature else signature
    return _SPACE_INSIDE.sub("", printable(" ".join(separated.split())))


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
        before = f"{_first_words(before)} {ELLIPSIS} ".lstrip()
    if len(rest) > width // 3 and "<" in rest:
        rest = rest[: rest.index("<") + 1] + ELLIPSIS + ">" + rest[rest.rfind(">") + 1 :]
    return before + rest

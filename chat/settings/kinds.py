"""The kinds of value that a setting may have, and the one reader for each.

A value comes as the text of a flag or variable, or from TOML. Since one reader serves every place
where a setting may be, a wrong value gets the same message everywhere.
"""

import codecs
import re
import tomllib
from dataclasses import dataclass
from typing import ClassVar

from chat.permissions.rule import BadRule, parse_rule, split_rules

_TRUE = frozenset("true yes on 1".split())
_FALSE = frozenset("false no off 0".split())
_UNBOUNDED = 1e15
_UNITS = {"k": 1_000, "m": 1_000_000}
_WITH_UNIT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([kKmM])")
_KEY_CHARS = 20
"""A text this long that ends in a separator is a key, not a name without a value."""

AUTO = "auto"
"""The text for "as the program finds best", which is None in `Settings`."""


class BadValue(ValueError):
    """A value that the kind does not take; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class TextKind:
    """Any text; with ``path`` a path relative to the file or folder that it was given in."""

    metavar: str = "TEXT"
    path: bool = False

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return "a text"

    def read(self, value: object) -> str:
        """Check a value. Raises BadValue."""
        if not isinstance(value, str) or not _is_text(value):
            raise BadValue(self.allowed)
        return value


@dataclass(frozen=True, slots=True)
class IntKind:
    """A whole number from ``least`` on; ``auto`` allows that word, which gives None."""

    metavar: str = "N"
    least: int = 0
    auto: bool = False

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return f"a whole number, {self.least} or more" + (f", or {AUTO}" if self.auto else "")

    def read(self, value: object) -> int | None:
        """Check a value. Raises BadValue.

        >>> IntKind().read("1_000"), IntKind().read("1.001k")
        (1000, 1001)
        """
        if self.auto and value == AUTO:
            return None
        if isinstance(value, str) and re.fullmatch(r"\s*[0-9][0-9_]{0,17}\s*", value):
            value = int(value)
        elif isinstance(value, str) and (match := _WITH_UNIT.fullmatch(value.strip())):
            value = round(float(match[1]) * _UNITS[match[2].lower()])
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
            raise BadValue(self.allowed)
        return value


@dataclass(frozen=True, slots=True)
class FloatKind:
    """A number within bounds; ``auto`` allows that word, which gives None."""

    metavar: str = "X"
    least: float = 0
    most: float = _UNBOUNDED
    auto: bool = False

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        upper = f" to {self.most:g}" if self.most < _UNBOUNDED else " or more"
        return f"a number, {self.least:g}{upper}" + (f", or {AUTO}" if self.auto else "")

    def read(self, value: object) -> float | None:
        """Check a value. Raises BadValue."""
        if self.auto and value == AUTO:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise BadValue(self.allowed)
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise BadValue(self.allowed) from None
        if not self.least <= number <= self.most:  # false for nan, too
            raise BadValue(self.allowed)
        return number


@dataclass(frozen=True, slots=True)
class BoolKind:
    """On or off."""

    metavar: ClassVar[str] = ""
    allowed: ClassVar[str] = "true or false"

    def read(self, value: object) -> bool:
        """Check a value. Raises BadValue.

        >>> BoolKind().read("yes"), BoolKind().read("0")
        (True, False)
        """
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in _TRUE | _FALSE:
            raise BadValue(self.allowed)
        return word in _TRUE


@dataclass(frozen=True, slots=True)
class ChoiceKind:
    """One of a few words."""

    choices: tuple[str, ...]
    optional_prefix: str = ""
    """What a word may begin with besides."""

    @property
    def metavar(self) -> str:
        """The words as help shows them."""
        return "|".join(self.choices)

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"

    def read(self, value: object) -> str:
        """Check a value. Raises BadValue."""
        word = value.removeprefix(self.optional_prefix) if isinstance(value, str) else ""
        if word not in self.choices:
            raise BadValue(self.allowed)
        return word


@dataclass(frozen=True, slots=True)
class ListKind:
    """Several texts, in order. As one text: a TOML list, or one per line."""

    metavar: str = "TEXT"
    path: bool = False

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return 'a text, or a list such as ["a", "b"]'

    def read(self, value: object) -> tuple[str, ...]:
        """Check a value; each text is kept once. Raises BadValue.

        >>> ListKind().read('["a", "b", "a"]')
        ('a', 'b')
        """
        texts = _list_in(value) if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(_is_text(text) for text in texts):
            raise BadValue(self.allowed)
        return tuple(dict.fromkeys(texts))


@dataclass(frozen=True, slots=True)
class MapKind:
    """Several texts under names, as a table or as `NAME=TEXT`; the last of a name counts.

    ``bare`` allows a text without a name, which is kept under "".
    """

    metavar: str = "NAME=TEXT"
    separator: str = "="
    bare: bool = False

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return f"{self.metavar}, a list of such, or a table"

    def read(self, value: object) -> tuple[tuple[str, str], ...]:
        """Check a value. Raises BadValue.

        >>> MapKind().read(["a=1", "b=2", "a=3"])
        (('a', '3'), ('b', '2'))
        """
        if isinstance(value, dict):
            pairs = list(value.items())
        else:
            texts = _list_in(value) if isinstance(value, str) else value
            if not isinstance(texts, list | tuple):
                raise BadValue(self.allowed)
            pairs = [self._pair(text) for text in texts]
        if not all(_is_text(text) for pair in pairs for text in pair):
            raise BadValue(self.allowed)
        return tuple(dict(pairs).items())

    def _pair(self, text: object) -> tuple[str, str]:
        """Split a text at its separator; a pair that has been read already stays."""
        if isinstance(text, tuple):
            return text
        if not isinstance(text, str):
            raise BadValue(self.allowed)
        name, separator, rest = text.partition(self.separator)
        # a name is one word: what precedes the first `:` of a command line seldom is
        if separator and re.fullmatch(r"[\w.+#/-]+", name.strip()) and rest.strip(f"{self.separator} "):
            return name.strip(), rest.strip()
        lacks_value = separator and not rest.strip() and len(name) < _KEY_CHARS
        if self.bare and text.strip() and not lacks_value:
            return "", text.strip()
        raise BadValue(self.allowed)


@dataclass(frozen=True, slots=True)
class EncodingsKind(MapKind):
    """Names of encodings, each for the paths that a pattern fits, or without one for all."""

    metavar: str = "[GLOB=]NAME"
    bare: bool = True

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return "the name of an encoding such as cp1252, or PATTERN=NAME such as *.c=gbk"

    def read(self, value: object) -> tuple[tuple[str, str], ...]:
        """Check a value. Raises BadValue, also for an encoding that Python does not know.

        >>> EncodingsKind().read(["cp1252", "src/*.c=gbk"])
        (('', 'cp1252'), ('src/*.c', 'gbk'))
        """
        pairs = MapKind.read(self, value)
        if not all(_is_encoding(name) for _, name in pairs):
            raise BadValue(self.allowed)
        return pairs

    def _pair(self, text: object) -> tuple[str, str]:
        if not isinstance(text, str):
            return MapKind._pair(self, text)
        pattern, separator, name = text.rpartition("=")
        if not name.strip() or (separator and not pattern.strip()):
            raise BadValue(self.allowed)
        return pattern.strip(), name.strip()


@dataclass(frozen=True, slots=True)
class RulesKind(ListKind):
    """Rules of permission; one text may hold several, between which there are commas or blanks."""

    metavar: str = "RULE"

    @property
    def allowed(self) -> str:
        """What the kind takes, in words."""
        return "a rule such as Bash(pytest *), Edit(src/**), Read(secrets/**) or the name of a tool"

    def read(self, value: object) -> tuple[str, ...]:
        """Check a value; each rule is kept once. Raises BadValue.

        >>> RulesKind().read("Bash(git log:*), Edit")
        ('Bash(git log:*)', 'Edit')
        """
        is_toml = isinstance(value, str) and value.lstrip().startswith("[")
        texts = ListKind.read(self, [value] if isinstance(value, str) and not is_toml else value)
        rules = [rule for text in texts for rule in split_rules(text)]
        try:
            return tuple(dict.fromkeys(str(parse_rule(rule)) for rule in rules))
        except BadRule as error:
            raise BadValue(str(error)) from None


Kind = TextKind | IntKind | FloatKind | BoolKind | ChoiceKind | ListKind | MapKind

Value = str | int | float | bool | tuple[str, ...] | tuple[tuple[str, str], ...] | None


def merged(kind: Kind, lower: Value, higher: Value) -> Value:
    """Combine the values of two layers: lists and tables add up, everything else is replaced."""
    match kind, lower, higher:
        case ListKind() | MapKind(), tuple(), tuple():
            return kind.read((*lower, *higher))
        case _:
            return higher


def _is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of text by this name."""
    try:
        return codecs.lookup(name)._is_text_encoding  # what `bytes.decode` asks; rot13 and zip are none
    except (LookupError, ValueError):
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _list_in(text: str) -> object:
    """Read a list from a text: written as TOML, or one item per line; None where it is broken TOML."""
    if not text.lstrip().startswith("["):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return tomllib.loads(f"list = {text}")["list"]
    except tomllib.TOMLDecodeError:
        return None


TEXT, SWITCH, COUNT = TextKind(), BoolKind(), IntKind()
FILE = TextKind("FILE", path=True)
PATHS = ListKind("PATH", path=True)
MODEL = TextKind("MODEL")
COMMAND = TextKind("COMMAND")
RULES = RulesKind()
"""Those that many settings have."""

"""The kinds of value that a setting may have: text of a flag or variable, or a TOML value → a checked value.

One reader for every place where a setting may stand, so that a wrong value is told alike everywhere.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import ClassVar

_TRUE = frozenset("true yes on 1".split())
_FALSE = frozenset("false no off 0".split())

AUTO = "auto"
"""The text for "as the program finds best", which is None in `Settings`."""


class BadValue(ValueError):
    """A value that the kind does not take; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; a path where ``path`` says so, relative to the file or folder that it was given in."""

    metavar: str = "TEXT"
    path: bool = False

    @property
    def allowed(self) -> str:
        return "a text"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not _is_text(value):
            raise BadValue(self.allowed)
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds; ``auto`` allows that word, which gives None."""

    metavar: str = "N"
    least: int = 0
    auto: bool = False

    @property
    def allowed(self) -> str:
        return f"a whole number, {self.least} or more" + (f", or {AUTO}" if self.auto else "")

    def read(self, value: object) -> int | None:
        if self.auto and value == AUTO:
            return None
        if isinstance(value, str) and re.fullmatch(r"\s*[0-9][0-9_]{0,17}\s*", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
            raise BadValue(self.allowed)
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds; ``auto`` allows that word, which gives None."""

    metavar: str = "X"
    least: float = 0
    most: float = 1e15
    auto: bool = False

    @property
    def allowed(self) -> str:
        upper = f" to {self.most:g}" if self.most < 1e15 else " or more"
        return f"a number, {self.least:g}{upper}" + (f", or {AUTO}" if self.auto else "")

    def read(self, value: object) -> float | None:
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
class Switch:
    """On or off."""

    metavar: ClassVar[str] = ""
    allowed: ClassVar[str] = "true or false"

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in _TRUE | _FALSE:
            raise BadValue(self.allowed)
        return word in _TRUE


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    choices: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "|".join(self.choices)

    @property
    def allowed(self) -> str:
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise BadValue(self.allowed)
        return value


@dataclass(frozen=True, slots=True)
class Many:
    """Several texts, in order. As one text: a TOML list, or one a line."""

    metavar: str = "TEXT"
    path: bool = False

    @property
    def allowed(self) -> str:
        return 'a text, or a list such as ["a", "b"]'

    def read(self, value: object) -> tuple[str, ...]:
        texts = _list_in(value) if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(_is_text(each) for each in texts):
            raise BadValue(self.allowed)
        return tuple(dict.fromkeys(texts))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Several texts under names, as a table or as `NAME=TEXT`; the last of a name counts.

    ``bare`` allows a text without a name, which is kept under "".
    """

    metavar: str = "NAME=TEXT"
    separator: str = "="
    bare: bool = False

    @property
    def allowed(self) -> str:
        return f"{self.metavar}, a list of such, or a table"

    def read(self, value: object) -> tuple[tuple[str, str], ...]:
        if isinstance(value, dict):
            items = list(value.items())
        else:
            texts = _list_in(value) if isinstance(value, str) else value
            if not isinstance(texts, list | tuple):
                raise BadValue(self.allowed)
            items = [self._pair(text) for text in texts]
        if not all(_is_text(text) for pair in items for text in pair):
            raise BadValue(self.allowed)
        return tuple(dict(items).items())

    def _pair(self, text: object) -> tuple[str, str]:
        """The pair that a text is; one that is read already stays."""
        if isinstance(text, tuple):
            return text
        if not isinstance(text, str):
            raise BadValue(self.allowed)
        name, separator, rest = text.partition(self.separator)
        # a name is one word: what stands before the first `:` of a command line seldom is
        if separator and re.fullmatch(r"[\w.+#/-]+", name.strip()) and rest.strip(f"{self.separator} "):
            return name.strip(), rest.strip()
        # a name and nothing behind it, unless it is a long key that ends so
        unfinished = separator and not rest.strip() and len(name) < 20
        if self.bare and text.strip() and not unfinished:
            return "", text.strip()
        raise BadValue(self.allowed)


Kind = Text | Whole | Number | Switch | Choice | Many | Pairs

Value = str | int | float | bool | tuple[str, ...] | tuple[tuple[str, str], ...] | None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _list_in(text: str) -> object:
    """The list that a text is: written as TOML, or one a line."""
    if not text.lstrip().startswith("["):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return tomllib.loads(f"list = {text}")["list"]
    except tomllib.TOMLDecodeError:
        return None


def merged(kind: Kind, below: Value, above: Value) -> Value:
    """What a value of a higher place makes of one of a lower: lists and tables add up, others are replaced."""
    match kind, below, above:
        case Many() | Pairs(), tuple(), tuple():
            return kind.read((*below, *above))
        case _:
            return above

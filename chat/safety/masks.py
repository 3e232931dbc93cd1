"""What is secret in one chat, and texts without it: masked for people and files, disguised for models.

The bytes of files, the journal and edits keep every secret as it is, since they are needed again. What is shown,
exported or sent does not have them. A model gets a placeholder for each, which its reply may use: there the
secret takes the placeholder's place again before anything is done with the reply.

A secret that was found once, by its name, its form or its place, is known from then on wherever it occurs.
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chat.safety.secret_forms import (
    MASK,
    MIN_CHARS,
    encoded_forms,
    is_key_file,
    is_word,
    secrets_in,
    secrets_of_key_file,
)

_LISTED = re.compile(r"^(\S[^\n]{0,300})\n(`{3,})[^\n]*\n(.*?)^\2", re.MULTILINE | re.DOTALL)
"""A file as a prompt or a reply lists it: its path, and its lines in a fence."""
_SHORT_CHARS = 500
"""Searching such a text again takes no longer than remembering it."""
_MAX_SEARCHED = 5_000
_VERBATIM = frozenset(
    """path paths files_changed kind type subtype role id session session_id commit commits head base checkpoint
    before after kept holds way action name root cwd model mode prompt_digest digest shown finish time t n v reverts
    fork_of command_id uuid""".split()
)
"""Fields that hold paths, ids and words of the format."""


@dataclass(frozen=True, slots=True)
class Disguised:
    """Texts with placeholders for what is secret in them."""

    texts: tuple[str, ...]
    values: Mapping[str, str]
    """The secrets by their placeholders."""

    def revealed(self, text: str) -> str:
        """Return a text with the secrets in the places of their placeholders.

        >>> Disguised((), {"[secret-1]": "hunter22"}).revealed("pw = '[secret-1]'")
        "pw = 'hunter22'"
        """
        if not self.values:
            return text
        pattern = "|".join(map(re.escape, sorted(self.values, key=len, reverse=True)))
        return re.sub(pattern, lambda match: self.values[match[0]], text)


class Masks:
    """The secrets of one chat, which grow as it meets them."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._searched: dict[str, None] = {}
        """Long texts that were searched already: a prompt has the same messages in each call."""
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self._add(values)

    def know(self, values: Iterable[str]) -> None:
        """Take note of values that are secret, but for those that are words."""
        self._add(known_values(values))

    def learn(self, text: str) -> None:
        """Take note of the secrets in a text, and in the files that it lists."""
        if text in self._searched:
            return
        if len(text) > _SHORT_CHARS:
            self._searched = {} if len(self._searched) > _MAX_SEARCHED else self._searched
            self._searched[text] = None
        self._add(secrets_in(text))
        for listing in _LISTED.finditer(text):
            self.learn_file(listing[1].strip("`*: "), listing[3])

    def learn_file(self, path: str, text: str) -> None:
        """Take note of the secrets in a file, if it is one that people keep keys in."""
        if is_key_file(path):
            self._add(secrets_of_key_file(text))

    def hidden(self, text: str) -> str:
        """Return a text without its secrets.

        >>> Masks().hidden("export GH=ghp_abcdefghijklmnopqrstuvwxyz0123456789")
        'export GH=[secret]'
        """
        self.learn(text)
        return self._pattern.sub(MASK, text) if self._pattern else text

    def hidden_fields(self, value: object, name: str = "") -> object:
        """Return a value for JSON without its secrets; names, paths and ids in it stay as they are."""
        if name in _VERBATIM and not isinstance(value, dict):
            return value
        if isinstance(value, str):
            return self.hidden(value)
        if isinstance(value, dict):
            return {key: self.hidden_fields(field, key) for key, field in value.items()}
        if isinstance(value, list | tuple):
            return [self.hidden_fields(item, name) for item in value]
        return value

    def disguised(self, texts: Sequence[str]) -> Disguised:
        """Return texts with a placeholder for each secret, the same for the same; numbered as they come."""
        for text in texts:
            self.learn(text)
        pattern = self._pattern
        if pattern is None:
            return Disguised(tuple(texts), {})
        placeholders: dict[str, str] = {}
        taken = {number for text in texts for number in re.findall(r"\[secret-(\d+)\]", text)}

        def placeholder(match: re.Match[str]) -> str:
            if match[0] not in placeholders:
                number = 1 + len(placeholders)
                while str(number) in taken:
                    number += 1
                taken.add(str(number))
                placeholders[match[0]] = f"[secret-{number}]"
            return placeholders[match[0]]

        changed = tuple(pattern.sub(placeholder, text) for text in texts)
        return Disguised(changed, {name: value for value, name in placeholders.items()})

    def _add(self, values: Iterable[str]) -> None:
        new = {form for value in values for form in encoded_forms(value) if len(form) >= MIN_CHARS}
        if new <= self._values:
            return
        with self._lock:  # agents learn side by side
            self._values |= new
            longest_first = sorted(self._values, key=lambda value: (-len(value), value))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))


def known_values(named: Iterable[str]) -> tuple[str, ...]:
    """Return those of some values that are worth hiding: long enough, and not made of words.

    >>> known_values(["postgres", "checkpoint", "k", "9f86d081884c"])
    ('9f86d081884c',)
    """
    return tuple(value for value in named if len(value) >= MIN_CHARS and not is_word(value))

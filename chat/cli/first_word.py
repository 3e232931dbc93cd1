"""What is meant by a command line whose first word is neither a command nor a file.

Without this it would open a chat with a new file of that name, which is what it means only where it looks like one.
"""

import difflib
import os
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from chat.commands.table import COMMANDS as CHAT_COMMANDS

_LEAST_SIMILARITY = 0.65
"""From 0 to 1, as difflib measures it: `mpa` is so like `map`; `main` is not."""
_LEAST_WORDS = 3
"""So many words that name nothing are a request without its quotes."""

_ONE_REQUEST = 'trigpoint -m "REQUEST"'
_KEYS = "export ANTHROPIC_API_KEY=… (or another provider's, or --api-key); there is nothing to log in to"

MEANT: Mapping[str, str] = MappingProxyType(
    {
        "ask": 'trigpoint -p "QUESTION", or /ask at the prompt',
        "auth": _KEYS,
        "callers": "trigpoint refs NAME, or trigpoint graph rdeps NAME",
        "chat": "trigpoint, alone",
        "config": "trigpoint settings",
        "continue": "trigpoint --continue",
        "definition": "trigpoint symbol NAME",
        "exec": _ONE_REQUEST,
        "grep": "trigpoint find TEXT",
        "history": "trigpoint sessions",
        "login": _KEYS,
        "prompt": _ONE_REQUEST,
        "references": "trigpoint refs NAME",
        "search": "trigpoint find TEXT",
        "start": "trigpoint, alone",
        "symbols": "trigpoint outline FILE, or trigpoint map",
        "tree": "trigpoint map",
        "uses": "trigpoint refs NAME",
        "view": "trigpoint show PATH",
        "web": "trigpoint page --open",
    }
)
"""First words that other programs know, or that a user may guess, and what to type."""


def refusal(args: Sequence[str], commands: Collection[str], of_graph: Callable[[], Collection[str]]) -> str:
    """Return what to type instead of a line whose first word names no command and no file; "" if it may be a new one.

    ``commands`` are the names of the subcommands, ``of_graph`` gives those of `trigpoint graph`.
    """
    word = args[0]
    if _is_request(args):
        request = shlex.quote(" ".join(arg for arg in args if not arg.startswith("-")))
        return f"There is no file {word}. A request goes with -m: trigpoint -m {request}.{_file_hint(word)}"
    meant = "" if _looks_like_a_path(word) else _meant(word, commands, of_graph)
    return f"There is no command {word}, and no file of that name. {meant}{_file_hint(word)}" if meant else ""


def _file_hint(word: str) -> str:
    return f" If you mean a new file, write {shlex.quote(os.path.join(os.curdir, word))}."


def _looks_like_a_path(word: str) -> bool:
    return bool(os.path.splitext(word)[1]) or os.path.basename(word) != word or os.path.lexists(word)


def _is_request(args: Sequence[str]) -> bool:
    """Whether these are the words of a request rather than files: one with blanks, or several that are no files."""
    if any(map(_looks_like_a_path, args)):
        return False
    is_quoted = len(args[0].split()) > 1 and len(args) == 1
    has_options = any(arg.startswith("-") for arg in args)
    return is_quoted or (len(args) >= _LEAST_WORDS and not has_options)


def _meant(word: str, commands: Collection[str], of_graph: Callable[[], Collection[str]]) -> str:
    """Say what to type instead of a word; "" where nothing is known of it."""
    if word in MEANT:
        return f"Use {MEANT[word]}."
    if similar := difflib.get_close_matches(word, commands, cutoff=_LEAST_SIMILARITY):
        return f"Did you mean {' or '.join(similar)}?"
    if word in CHAT_COMMANDS:
        return f"/{word} is a command of the chat: type it at the prompt, or run trigpoint -m /{word}."
    return f"Use trigpoint graph {word}." if word in of_graph() else ""

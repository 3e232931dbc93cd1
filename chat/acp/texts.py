"""Texts as an editor shows them: without control sequences, and in Markdown."""

from chat.safety.printable import without_escapes


def title_of(command: str) -> str:
    """Return the title of a command's tool call."""
    return f"`{plain(command)}`"


def fenced(text: str, form: str) -> str:
    """Put a text between fences that it does not contain, since editors read Markdown.

    >>> fenced("a", "diff")
    '```diff\\na\\n```'
    """
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{form}\n{plain(text)}\n{fence}"


def plain(text: str) -> str:
    """Return a text as JSON can hold it, without control sequences."""
    return without_escapes(text).encode("utf-8", "replace").decode("utf-8")

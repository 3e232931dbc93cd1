"""What a server says beside the status of a failure → its words for the user. Pure.

Each kind of server words its errors in a way of its own, and the libraries in between know only OpenAI's.
"""

import json
import re
from collections.abc import Iterator

_KEYS = (
    "message",
    "error",
    "detail",
    "details",
    "errors",
    "msg",
    "error_message",
    "reason",
    "description",
    "title",
)
"""Fields that hold the words or lead to them; the first that has any is enough."""
_MAX_DEPTH = 6
_MAX_SAID = 3
"""Of a list of errors."""
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def server_words(body: bytes) -> str:
    r"""Return the message in the body of a failed call, "" for none.

    >>> server_words(b'{"detail": [{"loc": ["body", "messages"], "msg": "Field required"}]}')
    'body.messages: Field required'
    >>> server_words(b"<html><head><title>502 Bad Gateway</title></head></html>")
    '502 Bad Gateway'
    """
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _plain(text)
    return "; ".join(dict.fromkeys(_words(value, 0)))


def _words(value: object, depth: int) -> Iterator[str]:
    """The messages in a JSON value, in its order."""
    match value:
        case str() if value.strip():
            yield value.strip()
        case list() if depth < _MAX_DEPTH:
            for part in value[:_MAX_SAID]:
                yield from _words(part, depth + 1)
        case dict() if depth < _MAX_DEPTH:
            place = value.get("loc")
            where = ".".join(map(str, place)) + ": " if isinstance(place, list) and place else ""
            for key in _KEYS:
                if said := list(_words(value.get(key), depth + 1)):
                    yield from (where + words for words in said)
                    return
        case _:
            return


def _plain(text: str) -> str:
    title = _TITLE.search(text)
    if text.lstrip().startswith("<"):
        return " ".join((title[1] if title else _TAG.sub(" ", text)).split())
    return text

"""What is kept of a conversation when its prompt is rebuilt: requests, standing rules, what to summarise.

Pure. A model's summary loses things; so what the user asked for, and the rules that the user said
are to last, are taken over word for word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from chat.conversation.conversation import LogEntry
from chat.conversation.excerpts import CountTokens
from chat.model import RepoPath
from chat.safety.printable import on_one_line

_LASTING = re.compile(
    r"\b(?:always|never|from now on|in (?:the )?future|from here on"
    r"|(?:every|each|all|any) (?:later|future|further|next|other)"
    r"|for the (?:whole|rest|duration|remainder)|whole (?:of this )?session|keep in mind|remember (?:that|to)|standing"
    r"|don't ever|do not ever|as a rule|throughout|whenever)\b",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"(?:^[^\n`]{1,200}\n)?^[ \t]*(?P<fence>`{3,})[^\n]*\n[^`]{0,200}?<{5,9} SEARCH.*?^[ \t]*(?P=fence)[ \t]*$"
    r"|^[ \t]*<{5,9} SEARCH.*?^[ \t]*>{5,9} REPLACE[^\n]*$|^\*\*\* Begin Patch.*?^\*\*\* End Patch[^\n]*$"
    r"|^[ \t]*(?P<ticks>`{3,})diff\n.*?^[ \t]*(?P=ticks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*[.!?]?")
_LONGEST_REQUEST = 400
_LONGEST_ENTRY = 2_000


def standing_rules(requests: Iterable[str]) -> tuple[str, ...]:
    """The sentences of the requests that say what is to hold from then on, verbatim, each once."""
    found: dict[str, None] = {}
    for request in requests:
        for sentence in _SENTENCE.findall(request):
            if sentence.strip() and _LASTING.search(sentence):
                found[sentence.strip()] = None
    return tuple(found)


def short_requests(requests: Sequence[str], budget_tokens: int, count: CountTokens) -> tuple[str, ...]:
    """The requests, each by its beginning; where they are too many, the newest of them."""
    kept: list[str] = []
    for request in reversed(requests):
        line = on_one_line(request, _LONGEST_REQUEST)
        budget_tokens -= count(line) + 2
        if budget_tokens < 0:
            break
        kept.append(line)
    return tuple(reversed(kept))


def without_edits(reply: str, mark: str = "") -> str:
    """What a reply says beside its edits."""
    return re.sub(r"\n{3,}", "\n\n", _BLOCK.sub(mark, reply)).strip()


def without_listings(reply: str, paths: Iterable[RepoPath]) -> str:
    """What a reply says beside the whole texts of these files."""
    for path in paths:
        listing = rf"^[^\n]*{re.escape(path)}[^\n]*\n+[ \t]*(`{{3,}}|~{{3,}})[^\n]*\n.*?^[ \t]*\1[ \t]*$"
        reply = re.sub(listing, "", reply, flags=re.MULTILINE | re.DOTALL)
    return reply


def transcript(entries: Iterable[LogEntry]) -> str:
    """The conversation as a summariser reads it: without files and without the text of edits."""
    return "\n\n".join(_lines(entries))


def _lines(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind == "context":
            continue
        text = without_edits(entry.message.text, "(an edit)")
        if len(text) > _LONGEST_ENTRY:
            text = f"{text[: _LONGEST_ENTRY // 2]}\n…\n{text[-_LONGEST_ENTRY // 2 :]}"
        yield f"# {entry.message.role.upper()}\n{text}"


def parts_of(text: str, most_tokens: int, count: CountTokens) -> list[str]:
    """A text in pieces of at most so many tokens, cut between paragraphs where that can be."""
    pieces: list[str] = []
    current: list[str] = []
    size = 0
    for paragraph in text.split("\n\n"):
        cost = count(paragraph) + 1
        if current and size + cost > most_tokens:
            pieces.append("\n\n".join(current))
            current, size = [], 0
        current.append(paragraph)
        size += cost
    return [*pieces, "\n\n".join(current)] if current else pieces

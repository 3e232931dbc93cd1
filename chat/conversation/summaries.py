"""What survives when a prompt is rebuilt: the requests, the standing rules, and the text to summarise.

Pure. A model's summary loses details, so the user's requests and standing rules are kept word for word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from chat.conversation.conversation import LogEntry
from chat.conversation.prompt_texts import GOAL_GOES_ON
from chat.model import RepoPath
from chat.safety.printable import on_one_line
from repomap import CountTokens

_STANDING = re.compile(
    r"\b(?:always|never|from now on|in (?:the )?future|from here on"
    r"|(?:every|each|all|any) (?:later|future|further|next|other)"
    r"|for the (?:whole|rest|duration|remainder)|whole (?:of this )?session|keep in mind|remember (?:that|to)|standing"
    r"|don't ever|do not ever|as a rule|throughout|whenever)\b",
    re.IGNORECASE,
)
_EDIT = re.compile(
    r"(?:^[^\n`]{1,200}\n)?^[ \t]*(?P<fence>`{3,})[^\n]*\n[^`]{0,200}?<{5,9} SEARCH.*?^[ \t]*(?P=fence)[ \t]*$"
    r"|^[ \t]*<{5,9} SEARCH.*?^[ \t]*>{5,9} REPLACE[^\n]*$|^\*\*\* Begin Patch.*?^\*\*\* End Patch[^\n]*$"
    r"|^[ \t]*(?P<ticks>`{3,})diff\n.*?^[ \t]*(?P=ticks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OF_GOAL = re.compile(rf"(?:\A|\n\n){re.escape(GOAL_GOES_ON)}[:,] ")
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*[.!?]?")
_MAX_REQUEST_CHARACTERS = 400
_MAX_ENTRY_CHARACTERS = 2_000


def standing_rules(requests: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences that set a rule for later requests, verbatim, each once.

    >>> standing_rules(["Add a test. Always use tabs.", "Fix it."])
    ('Always use tabs.',)
    """
    rules: dict[str, None] = {}
    for request in requests:
        for sentence in _SENTENCE.findall(request):
            if sentence.strip() and _STANDING.search(sentence):
                rules[sentence.strip()] = None
    return tuple(rules)


def of_user(requests: Iterable[str]) -> list[str]:
    """Return the requests without those that a goal wrote, which hold the output of commands.

    >>> of_user(["Add a test.", f"(Applied and committed.)\\n\\n{GOAL_GOES_ON}: All pass.\\n\\nE  never mind"])
    ['Add a test.']
    """
    return [request for request in requests if not _OF_GOAL.search(request)]


def short_requests(requests: Sequence[str], budget_tokens: int, count: CountTokens) -> tuple[str, ...]:
    """Return the newest requests that fit the budget, oldest first, each cut to one short line."""
    kept: list[str] = []
    for request in reversed(requests):
        line = on_one_line(request, _MAX_REQUEST_CHARACTERS)
        budget_tokens -= count(line) + 2
        if budget_tokens < 0:
            break
        kept.append(line)
    return tuple(reversed(kept))


def without_edits(reply: str, mark: str = "") -> str:
    """Return a reply's prose, with ``mark`` in the place of each edit."""
    return re.sub(r"\n{3,}", "\n\n", _EDIT.sub(mark, reply)).strip()


def without_listings(reply: str, paths: Iterable[RepoPath]) -> str:
    """Return a reply without the complete texts of these files."""
    for path in paths:
        listing = rf"^[^\n]*{re.escape(path)}[^\n]*\n+[ \t]*(`{{3,}}|~{{3,}})[^\n]*\n.*?^[ \t]*\1[ \t]*$"
        reply = re.sub(listing, "", reply, flags=re.MULTILINE | re.DOTALL)
    return reply


def transcript(entries: Iterable[LogEntry]) -> str:
    """Return the conversation for a summariser: without files and without the text of edits."""
    return "\n\n".join(_paragraphs(entries))


def _paragraphs(entries: Iterable[LogEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind == "context":
            continue
        text = without_edits(entry.message.text, "(an edit)")
        if len(text) > _MAX_ENTRY_CHARACTERS:
            half = _MAX_ENTRY_CHARACTERS // 2
            text = f"{text[:half]}\n…\n{text[-half:]}"
        yield f"# {entry.message.role.upper()}\n{text}"


def parts_of(text: str, max_tokens: int, count: CountTokens) -> list[str]:
    """Split a text between paragraphs into parts of at most ``max_tokens``; a longer paragraph stays whole."""
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for paragraph in text.split("\n\n"):
        cost = count(paragraph) + 1
        if current and size + cost > max_tokens:
            parts.append("\n\n".join(current))
            current, size = [], 0
        current.append(paragraph)
        size += cost
    return [*parts, "\n\n".join(current)] if current else parts

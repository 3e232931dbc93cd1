r"""A model's reply, or a request → the subject of a commit. Pure.

The model is asked for one line, `SUBJECT: …`. Weak models wrap it: in a greeting, a fence, quotes, JSON, a
command line, their thoughts. What is left when all that is taken off is the subject; if nothing is, the
request gives one.
"""

import json
import re
from collections.abc import Iterator

from chat.safety.printable import plain_message

_MAX_CHARACTERS = 72
_MAX_LINE_CHARACTERS = 160
"""A longer line is prose about the change."""
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_ASKED = re.compile(
    r"^[\s*_`#>-]*(?:commit )?subject(?: line)?[*_` ]*:[*_` ]*(?P<text>\S.*)$", re.MULTILINE | re.IGNORECASE
)
_COMMAND = re.compile(
    r"git commit\b[^\n]*?(?:-[a-z]*m|--message)[ =]*"
    r"(?:\"\$\(cat <<-?\s*['\"]?\w+['\"]?\s*\n(?P<here>[^\n]+)|(?P<quote>[\"'])(?P<text>.+?)(?:(?<!\\)(?P=quote)|$))",
    re.DOTALL,
)
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_LABEL = re.compile(
    r"^(?:(?:the |suggested |proposed )?commit[ -]?(?:message|title)|message|title)[*_` ]*:[*_` ]*",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][\w -]*>")
_MARKUP = re.compile(r"^(?:[\s`\"'“”‘’«»*_#>•·-]|\d+[.)]\s)+|[\s`\"'“”‘’«»*_]+$")
_KEYS = (
    "subject",
    "commit_message",
    "commitMessage",
    "message",
    "commit",
    "title",
    "summary",
    "text",
    "content",
)
_CHATTER = re.compile(
    r"(?:sure|okay|ok|certainly|of course|absolutely|great|alright|hmm+|well|so|now|here|here'?s|here’s|i|i'm|i'll|i’m"
    r"|we|let me|let's|let us|the user|the diff|the commit message|the changes?|this (?:diff|commit message)"
    r"|looking at|based on|sorry|unfortunately|as an ai|thought|thinking|first|wait|output|answer|response|diff --git"
    r"|note|explanation|you|hope|feel free|please)\b(?!:\s*\w+ \w+.*\w$)",
    re.IGNORECASE,
)
"""How a line begins that speaks about the message instead of being it."""
_HEADING = re.compile(r"(?:the |suggested )?(?:git )?commit (?:message|subject|title)s?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[\w`'\")])[.!?]\s+(?=[A-Z])")
_POLITE = re.compile(
    r"^(?:please|can you|could you|would you|will you|i (?:want|need|would like|'d like) (?:you )?to"
    r"|we (?:want|need) to|you should|let's|hi|hello|hey|,|:|-)\s+",
    re.IGNORECASE,
)


def subject_in(reply: str) -> str:
    r"""Return the subject that a reply gives, cut at a word; "" if there is none.

    >>> subject_in("Here is the commit message:\n\n**`Read names from a file`**")
    'Read names from a file'
    >>> subject_in("<think>They read names.</think>\n```text\nRead names from a file.\n```")
    'Read names from a file'
    """
    text = plain_message(reply)
    text = _THOUGHT_END.sub("", _THOUGHT.sub("", text))
    for candidate in _candidates(text):
        line = _bare(candidate)
        if _may_be_subject(line):
            return _cut(line)
    return ""


def subject_from_request(request: str) -> str:
    """Return the subject that a request gives, "" for one without words.

    >>> subject_from_request("Please could you greet people by name?\\nThey like that.")
    'Greet people by name'
    """
    for line in _without_fences(plain_message(request)).splitlines():
        words = _SENTENCE_END.split(_bare(line))[0]
        while (shorter := _POLITE.sub("", words)) != words:
            words = shorter
        words = words.rstrip("?! .:")
        if any(character.isalnum() for character in words):
            return _cut(words[0].upper() + words[1:])
    return ""


def _candidates(text: str) -> Iterator[str]:
    """What may be the subject, the likeliest first: in the form asked for, in another form, as a line."""
    yield from (match["text"] for match in reversed(list(_ASKED.finditer(text))))
    for match in _COMMAND.finditer(text):
        yield match["here"] or match["text"].partition("\n")[0]
    inside = _FENCE.split(text)[1::2]
    for part in (text, *inside):
        yield from _from_json(part)
    for part in (*inside, _without_fences(text)):
        for line in part.splitlines():
            yield line
            if _CHATTER.match(_bare(line)):
                yield line.partition(": ")[2]


def _without_fences(text: str) -> str:
    return "\n".join(_FENCE.split(text)[::2])


def _from_json(text: str) -> Iterator[str]:
    start, end = text.find("{"), text.rfind("}")
    try:
        fields = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return
    values = fields if isinstance(fields, dict) else {}
    for key in _KEYS:
        value = values.get(key)
        if isinstance(value, str):
            yield value.strip().partition("\n")[0]


def _bare(line: str) -> str:
    """A line without labels, tags, quotes and markup around it."""
    before = None
    line = " ".join(_TAG.sub("", line).split())
    while line != before:
        before = line
        line = _LABEL.sub("", _MARKUP.sub("", line))
    return line[:-1].rstrip() if line.endswith(".") and not line.endswith("..") else line


def _may_be_subject(line: str) -> bool:
    """Whether a line is neither a word alone, nor code, nor prose about the message."""
    has_words = " " in line or any(ord(character) > 0x2E80 for character in line)
    is_heading = _HEADING.fullmatch(line) is not None
    is_prose = (
        is_heading or len(line) > _MAX_LINE_CHARACTERS or line.endswith((":", "?")) or _CHATTER.match(line)
    )
    return has_words and any(map(str.isalpha, line)) and line[0] not in "{}[]()<|" and not is_prose


def _cut(line: str) -> str:
    if len(line) <= _MAX_CHARACTERS:
        return line
    cut = line[: _MAX_CHARACTERS + 1]
    return cut.rsplit(" ", 1)[0] if " " in cut else cut[:_MAX_CHARACTERS]

"""A line of a reply → what it may call a file.

Models write a file's name in every way that Markdown knows: in backticks, bold, as a heading, a link,
a comment. Here the markup is taken off; which of the spellings is a file is for `planning.target` to
find out, which knows the files.
"""

import functools
import re
from collections.abc import Sequence

from edits.model import NameHint
from edits.text.normalize import visible

_REACH = 8
"""How many lines of text above a block may name its file."""
_PREFIX = re.compile(r"\s*(?:[#>*+-]+\s+|\d+[.)]\s+|//+\s*|<!--\s*|/\*+\s*|--\s+|;+\s+|[%#]+\s*)+")
_SUFFIX = re.compile(r"\s*(?:-->|\*/|\s#+)\s*\Z")
_LABEL = re.compile(
    r"(?:(?:new|updated?|modified|changed|edited|created?|existing|complete|full|the|in|for|edit|modify|change|"
    r"add|delete|remove)\s+)*(?:file\s?name|file\s?path|files?|path|module|document|source)\s*(?::|=|\s)\s*"
    r"|(?:update[ds]?|modif(?:y|ied)|edit(?:ed)?|change[ds]?|create[ds]?|new|add(?:ed)?|for|in|at|from)\s*:?\s+",
    re.IGNORECASE,
)
_LINES = re.compile(r"(?<=\w)(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)\Z")
_SYMBOL = re.compile(r"[^\w\s./\\~'\"`*\[(<#-]+\s+(?=\S)")
_RULED = re.compile(r"(?:={2,}|-{2,}|~{2,}|\*{3,}|\+{2,})\s*(\S.*?)\s*(?:={2,}|-{2,}|~{2,}|\*{3,}|\+{2,})?\Z")
_HTML = re.compile(
    r"(?:<(?:b|strong|code|em|i|summary|h[1-6]|file|filename|path)>)+([^<>]+)(?:</\w+>)+\Z", re.IGNORECASE
)
_NOTE = re.compile(
    r"\s*(?:[-\u2013\u2014]\s*)?[(\[][^()\[\]]*[)\]]\s*\Z|\s+[-\u2013\u2014]+\s.*\Z|\s*,?\s*line\w*\s[\d\s,-]+\Z"
)
_LINK = re.compile(r"!?\[([^\]]+)\]\([^)]*\)")
_SPAN = re.compile(r"`+([^`]+)`+|\*\*([^*]+)\*\*|\"([^\"]+)\"|\[([^\]]+)\]\([^)]*\)|'([^']+)'|<([^<>\s]+)>")
_WRAPPERS = (
    *((mark, mark) for mark in ("***", "**", "__", "``", "`", "*", '"', "'")),
    *(("<", ">"), ("[", "]"), ("(", ")")),
)
_EXTENSION = re.compile(r"[^\s/\\]*[^\s/\\.]\.[A-Za-z0-9_+-]{1,12}\Z")
_PLAIN = re.compile(r"[^\s`*\"'<>|?:{}()\[\],;=]+\Z")
_UNUSUAL = re.compile(r"[^`*\"<>|?:;{}\\]+\Z")
_CODE = re.compile(r"\s[=+*/]+\s|\w\((?!\d+\))|^[-=]")
"""Code that could be taken for an unusual path: `a = b.c`, `f(x).y`."""
_BARE_NAMES = frozenset(
    "makefile dockerfile license readme changelog gemfile rakefile procfile jenkinsfile vagrantfile "
    "justfile codeowners authors copying notice brewfile podfile".split()
)
_FENCE = re.compile(r"\s{0,9}(`{3,}|~{3,})\s*([^`]*?)\s*\Z")
_TAG = re.compile(r"\s*</?(?:source|code|pre|codeblock|sourcecode)>\s*\Z", re.IGNORECASE)
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")
_INFO_SPLIT = re.compile(r"[\s:={},]+")


def fence_info(line: str) -> str | None:
    """What a fence says after its marks ("" for none), or None where the line is no fence."""
    if _TAG.match(line):
        return ""
    match = _FENCE.match(line)
    return match.group(2) if match else None


def looks_like_path(name: str) -> bool:
    """Whether a name that no file has can be meant as one."""
    if not name or len(name) > 300 or name.endswith(("/", "\\", ".")) or "://" in name:
        return False
    if any(ord(char) < 32 for char in name):
        return False
    last = re.split(r"[/\\]", name)[-1]
    if last.lower() in _BARE_NAMES or re.fullmatch(r"\.[A-Za-z][\w.-]+", last):
        return bool(_PLAIN.match(name))
    if "/" in name or "\\" in name:
        return bool(re.fullmatch(r"[^`*\"<>|?{},;=]+", name)) and " " not in name.strip()
    return bool(_PLAIN.match(name) and _EXTENSION.match(name)) and not re.fullmatch(r"v?[\d.]+", name)


def may_be_unusual_path(name: str) -> bool:
    """Whether a name set off from its line may be a path with spaces, commas, brackets and the like.

    >>> may_be_unusual_path("My App/notes (1).txt"), may_be_unusual_path("a = b.c")
    (True, False)
    """
    is_balanced = all(name.count(left) == name.count(right) for left, right in ("()", "[]"))
    return (
        bool(_EXTENSION.search(name))
        and is_balanced
        and not any(_EXTENSION.search(word) for word in re.split(r"[\s,]+", name)[:-1])
        and len(name) <= 200
        and "://" not in name
        and bool(_UNUSUAL.match(name))
        and not _CODE.search(name)
        and not any(ord(char) < 32 for char in name)
    )


def undress(line: str) -> tuple[str, ...]:
    """The spellings of a line that as a whole names a file, the barest last; () for a blank one."""
    found = [visible(line).strip()]
    for _ in range(8):
        text = found[-1]
        bare = _strip_once(text)
        if bare == text or not bare:
            break
        found.append(bare)
    return tuple(dict.fromkeys(text for text in found if text))


@functools.lru_cache(maxsize=4096)
def read_line(line: str) -> NameHint | None:
    """What a line of prose says about a file's name; None where it says nothing of the kind."""
    spellings = undress(line)
    if not spellings:
        return None
    whole = tuple(text for text in reversed(spellings) if looks_like_path(text))
    if whole:
        return NameHint(tuple(dict.fromkeys((*whole, *reversed(spellings)))), declared=True)
    inner = _mentions(visible(line))
    unusual, spaced = _unusual(spellings)
    return NameHint((*reversed(spellings), *inner), declared=False, unusual=unusual, spaced=spaced)


def _unusual(spellings: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The unusual paths that a whole line may be: those that are certain, and those of plain words."""
    possible = tuple(text for text in reversed(spellings) if may_be_unusual_path(text))
    marked = {inner for text in spellings if (inner := _inside_marks(text))}
    certain = tuple(text for text in possible if " " not in text or text in marked)
    return certain, tuple(text for text in possible if text not in certain)


@functools.lru_cache(maxsize=1024)
def read_info(info: str) -> NameHint | None:
    """What the info string of a fence, or the rest of a marker, says about a file's name."""
    text = visible(info).strip()
    whole = _clean(text)
    parts = [_clean(part) for part in _INFO_SPLIT.split(text)]
    named = tuple(dict.fromkeys(part for part in (whole, *reversed(parts)) if looks_like_path(part)))
    quoted = tuple(found for found in _QUOTED.findall(text) if may_be_unusual_path(found))
    rest = text.partition(" ")[2].strip()
    spaced = tuple(name for name in (rest, whole) if " " in name and may_be_unusual_path(name))
    if not (named or quoted or spaced):
        return None
    return NameHint((*named, *quoted, *spaced), declared=bool(named), unusual=quoted, spaced=spaced)


def hints_above(lines: Sequence[str], start: int, floor: int) -> tuple[NameHint, ...]:
    """The hints in the lines above `start`, nearest first, down to `floor` (both 0-based)."""
    hints: list[NameHint] = []
    number, seen, inside = start - 1, 0, False
    crossed = False
    while number >= floor and seen < _REACH:
        line = lines[number]
        info = fence_info(line)
        if info is not None:
            if crossed and not info and not inside and not _short_fence(lines, number, floor):
                break
            hint = read_info(info) if info else None
            if hint:
                hints.append(hint)
            inside = crossed and not info
            crossed = True
        elif line.strip():
            seen += 1
            hint = read_line(line)
            if hint:
                hints.append(hint)
        number -= 1
    return tuple(hints)


def _short_fence(lines: Sequence[str], close: int, floor: int) -> bool:
    """Whether the fence that ends at `close` holds one line alone: a name in a box of its own."""
    above = close - 2
    if close - 1 >= floor and fence_info(lines[close - 1]) is not None:
        return True
    return above >= floor and fence_info(lines[above]) is not None


def _strip_once(text: str) -> str:
    """One layer of dressing less."""
    link = _LINK.fullmatch(text)
    if link:
        return link.group(1).strip()
    inner = _inside_marks(text)
    if inner:
        return inner
    if text.endswith((":", ",")):
        return text[:-1].rstrip()
    for pattern in (_HTML, _RULED):
        match = pattern.match(text)
        if match:
            return match.group(1)
    for pattern in (_PREFIX, _SYMBOL, _LABEL):
        match = pattern.match(text)
        if match and match.end() < len(text):
            return text[match.end() :]
    for pattern in (_SUFFIX, _NOTE, _LINES):
        if pattern.search(text):
            return pattern.sub("", text)
    return text


def _inside_marks(text: str) -> str:
    """What stands between marks that wrap all of a text, or ""."""
    for left, right in _WRAPPERS:
        if len(text) > len(left) * 2 and text.startswith(left) and text.endswith(right):
            inner = text[len(left) : -len(right)]
            if left not in inner:
                return inner.strip()
    return ""


def _mentions(line: str) -> tuple[str, ...]:
    """Names inside a sentence: what is set off first, then single words that look like paths."""
    spans = [next(group for group in match.groups() if group) for match in _SPAN.finditer(line)]
    words = [_clean(word) for word in line.split()]
    found = [text for span in spans for text in undress(span)]
    return tuple(dict.fromkeys((*found, *(word for word in words if looks_like_path(word)))))


def _clean(word: str) -> str:
    return word.strip("`*\"'<>()[]{},;:!?").rstrip(".")

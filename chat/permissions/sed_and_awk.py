"""Scripts of sed and awk: whether they run commands or write files."""

import re

from chat.permissions.shell_words import Word

_SED_SCRIPT = re.compile(
    r"(?:\d+|\$)?(?:,(?:\+?\d+|\$))?[pdq=]"
    r"|(?:(?:\d+|\$)?(?:,(?:\d+|\$))?|/[^/;\\\n]*/)?s(?P<mark>[/|#,:@!])(?:\\[^\n]|(?!(?P=mark))[^\\\n])*(?P=mark)"
    r"(?:\\[^\n]|(?!(?P=mark))[^\\\n])*(?P=mark)[gpiI\d]*"
    r"|/(?:\\.|[^/\\\n])*/(?:,/(?:\\.|[^/\\\n])*/)?[pd]"
)
SED_FLAGS = re.compile(
    r"-[nErsuz]+e?|-e|-i[\w.]*|--(?:quiet|silent|regexp-extended|in-place(?:=[\w.]*)?|expression)"
)
_AWK_RUNS = re.compile(r"system|getline|@|print(?s:.)*(?:>|\|)|\|&|(?<!\|)\|(?!\|)")
_AWK_FLAGS = re.compile(r"-F.*|-v.*|--")


def is_risky_sed(script: Word) -> bool:
    """Whether a script of sed may run a command or write a file."""
    return not (
        script.is_known and all(_SED_SCRIPT.fullmatch(part.strip()) for part in _sed_parts(script.text))
    )


def _sed_parts(text: str) -> list[str]:
    return [text] if _SED_SCRIPT.fullmatch(text) else [part for part in text.split(";") if part.strip()]


def is_risky_awk(text: str) -> bool:
    """Whether an argument of awk runs a command, writes a file or loads code."""
    if text.startswith("-"):
        return not _AWK_FLAGS.fullmatch(text)
    return bool(_AWK_RUNS.search(text))

r"""A reply → the commands that the model asks to have run.

A line `run: COMMAND` asks for one. A line that is only `run:`, above a fence, asks for what is in the fence, as one
script. What a line in any other fence says is a part of a file or an example; so is one that is indented or has a
mark in front, as in a diff of a workflow that has steps `- run: …`.
"""

import re

FENCE = r"(?P<mark>`{3,}|~{3,})[^\n]*\n(?P<script>.*?)^[ \t]*(?P=mark)[`~]*[ \t]*$"
_SCRIPT = re.compile(
    rf"^[*_`]{{0,2}}run[*_`]{{0,2}}:[*_`]{{0,2}}[ \t]*\n(?:[ \t]*\n)?[ \t]*{FENCE}",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^`{0,2}run`?:[ \t]+(?P<command>[^\n]*\S)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def run_requests(reply: str) -> tuple[str, ...]:
    r"""Return the commands that a reply asks for, in its order, each once.

    >>> run_requests("Let me see.\nrun: git log -3\nrun:\n```bash\ncd src\nls\n```\n")
    ('git log -3', 'cd src\nls')
    """
    return tuple(dict.fromkeys(command for _, _, command in _found(reply) if command))


def without_run_requests(reply: str) -> str:
    r"""Return a reply without the commands that it asks for.

    >>> without_run_requests("I look.\n\nrun: ls\n")
    'I look.'
    """
    for start, end, _ in reversed(_found(reply)):
        reply = reply[:start] + reply[end:]
    return re.sub(r"\n{3,}", "\n\n", reply).strip()


def _found(reply: str) -> list[tuple[int, int, str]]:
    """Return from where to where each request reaches, and its command, in the reply's order."""
    found = [(*match.span(), match["script"].strip("\n")) for match in _SCRIPT.finditer(reply)]
    rest = FENCED.sub(blanked, _SCRIPT.sub(blanked, reply))
    found += [(*match.span(), _plain(match["command"])) for match in _LINE.finditer(rest)]
    return sorted(found)


def blanked(match: re.Match[str]) -> str:
    """Return blanks in the place of a match, on as many lines."""
    return re.sub(r"[^\n]", " ", match[0])


def _plain(command: str) -> str:
    """Return a command without the quotes that set it off in a text."""
    command = command.strip()
    marks = re.fullmatch(r"(`{1,2})([^`]+)\1", command) or re.fullmatch(r"()([^`]+)`{1,2}", command)
    return marks[2].strip() if marks else command

"""The syntax check of a turn's edits: what is broken for certain is refused, the rest is asked about once.

A grammar does not know all that its language allows, and lines that are only taken away may be half of a change.
So there the model is told and may send the edit again, which then is taken.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat.model import RepoPath
from edits import Objection

if TYPE_CHECKING:
    from repomap import Damage

_SHOWN = 100
"""Characters of a line that a message shows."""
_REPAIR = (
    "Look for a bracket, quote, comment or block that the edit opens or closes once too often, and send it again, "
    "corrected."
)
_CONFIRM = (
    "The check may be wrong. If this is what you mean, send the same edit again, unchanged, and it is taken; if "
    "not, send it corrected."
)


@dataclass(slots=True)
class SyntaxGate:
    """A check that remembers what it has asked about."""

    asks: bool
    """Whether there is somebody to ask; else what is uncertain is only told."""
    asked: set[tuple[RepoPath, str]] = field(default_factory=set)
    """The files and lines that were asked about."""

    def __call__(self, path: RepoPath, before: bytes, after: bytes) -> Objection | None:
        """Return what is wrong with a file after the edits that was not wrong before."""
        from repomap import find_damage

        found = find_damage(path, before, after)
        if found is None:
            return None
        if found.certain:
            why = f"this edit breaks the file, says the syntax check. In {_line(found)}, {found.what}"
            return Objection(why, found.line, refuses=True, instead=_REPAIR)
        is_new = (path, found.text) not in self.asked
        self.asked.add((path, found.text))
        why = f"the syntax check objects to the file after this edit: in {_line(found)}, {found.what}"
        return Objection(why, found.line, refuses=self.asks and is_new, instead=_CONFIRM)


def _line(found: "Damage") -> str:
    """The number of a line, and its text."""
    text = found.text if len(found.text) <= _SHOWN else found.text[: _SHOWN - 1] + "\u2026"
    return f"line {found.line} (`{text}`)" if text else f"line {found.line}"

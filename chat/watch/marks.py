"""Which marked comments a person has just written: those that were not there before. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chat.model import RepoPath
from chat.watch.comments import Marked


class Marks:
    """The marks of each file as they were last seen, and those that nobody has taken care of yet."""

    def __init__(self) -> None:
        self._before: dict[RepoPath, Counter[str]] = {}
        self._waiting: dict[RepoPath, tuple[Marked, ...]] = {}
        """The files with a new mark, and the marked comments of each that count."""
        self._taken: Mapping[RepoPath, tuple[Marked, ...]] = {}

    @property
    def are_due(self) -> bool:
        """Whether one of the new comments asks for something now."""
        return any(each.action for comments in self._waiting.values() for each in comments)

    def settle(self, path: RepoPath, comments: Iterable[Marked]) -> None:
        """Take what is in a file for what was there before."""
        self._before[path] = _counted(comments)
        self._waiting.pop(path, None)

    def see(self, path: RepoPath, comments: Iterable[Marked]) -> None:
        """Take note of a file as a person has saved it."""
        found = tuple(comments)
        new = _counted(found) - self._before.get(path, Counter())
        if new or path in self._waiting:
            self._waiting[path] = tuple(each for each in found if _words(each) in new or not each.action)
            self._before[path] = _counted(found) - new
        else:
            self._before[path] = _counted(found)

    def take(self) -> Mapping[RepoPath, tuple[Marked, ...]]:
        """Return the comments that wait, by file; from now on they were there before."""
        taken, self._waiting = self._waiting, {}
        self._taken = taken
        for path, comments in taken.items():
            self._before[path] = self._before.get(path, Counter()) | _counted(comments)
        return {path: comments for path, comments in sorted(taken.items()) if comments}

    def give_back(self) -> None:
        """Let the comments that were taken last count again when their files are saved."""
        for path, comments in self._taken.items():
            self._before[path] = self._before.get(path, Counter()) - _counted(comments)
        self._taken = {}


def _counted(comments: Iterable[Marked]) -> Counter[str]:
    return Counter(map(_words, comments))


def _words(comment: Marked) -> str:
    """Return what makes a comment the same although it moved."""
    return " ".join(comment.text.split())

"""Where commands run and files are, and what a decision is."""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chat.permissions.path_match import absolute_path
from chat.permissions.rule import Behavior, Rule
from chat.permissions.shell_words import SimpleCommand


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, and why."""

    behavior: Behavior
    reason: str
    rule: Rule | None = None
    """The rule that decided."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where commands run and files are."""

    root: str = "/"
    """An absolute path with `/`, links resolved."""
    real: Callable[[str], str] = field(default=posixpath.normpath)
    """Resolves the links in an absolute path, and then each `..`."""
    is_listed: Callable[[str], bool] = field(default=lambda path: True)  # noqa: ARG005
    """Whether an absolute path, links resolved, is one that the model may see, or of no file at all."""
    git_trusted: bool = True
    """The user trusts what git would run here, or that is nothing."""

    def is_inside(self, path: str) -> bool:
        """Whether an absolute path is the root or below it, also once links are resolved."""
        return all(f"{place}/".startswith(f"{self.root.rstrip('/')}/") for place in self.places(path))

    def places(self, path: str) -> tuple[str, ...]:
        """Return what an absolute path means: by its names, and once links are resolved."""
        return tuple(dict.fromkeys((posixpath.normpath(path), self.real(path))))


def with_folders(
    commands: Sequence[SimpleCommand], ground: Ground, folder: str = ""
) -> Iterator[tuple[SimpleCommand, str]]:
    """Yield each command with the folder that it runs in, as `cd` before it says; it begins in the root."""
    folder = folder or ground.root
    for command in commands:
        yield command, folder
        if is_change_of_folder(command, folder, ground):
            folder = absolute_path(command.words[1].text, folder)


def is_change_of_folder(command: SimpleCommand, folder: str, ground: Ground) -> bool:
    """Whether a command is `cd` into a folder below the root."""
    words = command.words
    is_plain = len(words) == 2 and words[0].text == "cd" and words[0].is_bare and words[1].is_known
    if not is_plain or command.assignments or command.reads or words[1].text[:1] in ("", "-", "~"):
        return False
    if ".." in words[1].text.split("/"):  # `cd` takes it by the names, all other programs by the links
        return False
    return ground.is_inside(absolute_path(words[1].text, folder))

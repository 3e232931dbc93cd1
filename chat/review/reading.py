"""[io] The files of a change → which of them are reviewed, their newer texts, and the definitions that it touches."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chat.display.amounts import counted
from chat.model import RepoPath
from chat.review.model import ChangedFile, FileText, Skipped
from chat.review.outlines import Version, outlines
from chat.review.patch import changed_lines, is_inside, new_text, old_lines
from repomap import ChangedDefinition, changed_definitions, removed_definitions


@dataclass(frozen=True, slots=True)
class Reader:
    """How the files of a change are read."""

    read_new: Callable[[ChangedFile], bytes | None]
    """Reads the newer file."""
    may_read: Callable[[RepoPath], bool]
    may_be_older: bool = False
    """Whether the first may read the older file instead: nobody knows whether a patch is applied."""


@dataclass(frozen=True, slots=True)
class ReadChange:
    """The files of a change as they are reviewed."""

    files: tuple[ChangedFile, ...] = ()
    texts: Mapping[RepoPath, FileText] | None = None
    """The newer files that are reviewed; empty ones for those that are gone."""
    changed: Mapping[RepoPath, frozenset[int]] | None = None
    """The lines of each that a finding may be about."""

    def text(self, path: RepoPath) -> FileText | None:
        """Return a newer file, None for one that is not reviewed."""
        return (self.texts or {}).get(path)

    @property
    def shown(self) -> tuple[ChangedFile, ...]:
        """The files whose change a model is shown."""
        return tuple(file for file in self.files if not file.skipped and file.status != "deleted")

    def note(self) -> str:
        """Return what the user should know of files that the change does not fit; "" for nothing."""
        partial = [file for file in self.shown if not (text := self.text(file.path)) or not text.is_whole]
        if not partial:
            return ""
        return (
            f"The change does not fit {counted(len(partial), 'file')} here, so only its own lines were shown of "
            "them."
        )


def read_change(files: Iterable[ChangedFile], reader: Reader) -> ReadChange:
    """Read the newer files, and decide which are reviewed."""
    read = [_read(file, reader) for file in files]
    texts = {file.path: text for file, text in read if text is not None}
    changed = {file.path: changed_lines(file) for file, text in read if text is not None}
    return ReadChange(tuple(file for file, _ in read), texts, changed)


def _read(file: ChangedFile, reader: Reader) -> tuple[ChangedFile, FileText | None]:
    """Return a file with the reason why it is not reviewed, or its newer text."""
    skipped = file.skipped or _reason_by_path(file, reader.may_read)
    data = None if skipped or file.status == "deleted" else reader.read_new(file)
    skipped = skipped or _reason_by_text(data)
    if skipped:
        return replace(file, skipped=skipped), None
    text = None if data is None else data.decode("utf-8", "replace")
    return file, new_text(file, text, may_be_older=reader.may_be_older)


def _reason_by_path(file: ChangedFile, may_read: Callable[[RepoPath], bool]) -> Skipped:
    from repomap import kind_of

    if not is_inside(file.path) or not is_inside(file.old_path) or not may_read(file.path):
        return "may not be read"
    kind = kind_of(file.path)
    return "generated" if kind == "generated" else "vendored" if kind == "vendored" else ""


def _reason_by_text(data: bytes | None) -> Skipped:
    from repomap import is_minified, looks_generated

    if data is None:
        return ""
    return "generated" if looks_generated(data) else "minified" if is_minified(data) else ""


def definitions_in(change: ReadChange) -> Sequence[ChangedDefinition]:
    """Return the definitions that a change touches or removes."""
    files = [file for file in change.files if not file.skipped]
    symbols = outlines(_versions(files, change))
    found: list[ChangedDefinition] = []
    for file in files:
        before, after = (symbols.get((file.path, state), ()) for state in ("old", "new"))
        found += changed_definitions(file.path, after, (change.changed or {}).get(file.path, ()))
        found += removed_definitions(file.old_path, before, after)
    return found


def _versions(files: Iterable[ChangedFile], change: ReadChange) -> Mapping[Version, str]:
    """Return the older and newer texts of the files, as far as they are known."""
    texts: dict[Version, str] = {}
    for file in files:
        text = change.text(file.path)
        if text is None:
            continue
        if text.is_whole and file.status != "deleted":
            texts[file.path, "new"] = _joined(text.lines[number] for number in sorted(text.lines))
        if file.removed and (lines := old_lines(file, text)) is not None:
            texts[file.path, "old"] = _joined(lines)
    return texts


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)

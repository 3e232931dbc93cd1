"""What ends an edit operation; what a caller meets every day is a `Rejected` instead.

EditError
├── NotRenderable   a block that a format has no way to write down
└── WriteFailed     a plan could not be written; the files are as they were
    ├── Stale       a file changed between reading it and writing it
    └── NotRestored a file could be neither written nor put back: both versions are named
"""


class EditError(Exception):
    """The root of the tree. Messages say where, what was not done, and what to do next."""


class NotRenderable(EditError):
    """A block that the format has no way to write down."""


class WriteFailed(EditError):
    """A plan could not be written; every file is as it was before."""

    def __init__(self, path: str, cause: str) -> None:
        self.path = path
        super().__init__(f"{path}: {cause}. No file was changed; remove the cause and apply the reply again.")


class Stale(WriteFailed):
    """A file changed on disk between reading it and writing it."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "the file changed on disk while the edit was being prepared")


class NotRestored(WriteFailed):
    """Writing failed, and so did putting an earlier file back."""

    def __init__(self, path: str, cause: str, left: tuple[str, ...]) -> None:
        EditError.__init__(
            self,
            f"{path}: {cause}. {', '.join(left)} could not be restored and has the new text. "
            "Every other file is as it was. Restore the named files from version control.",
        )
        self.path = path
        self.left = left

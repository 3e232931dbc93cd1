"""The imports of all files, stored as text and parsed when somebody asks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from repomap.arrays.texts import Texts
from repomap.model import Import


@dataclass(frozen=True, slots=True, eq=False)
class ImportTable(Sequence[tuple[Import, ...]]):
    """The imports of each file, by file id."""

    texts: Texts
    """By file: its imports as `write_imports` writes them."""

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> tuple[Import, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Import, ...], ...]: ...
    def __getitem__(self, index: "int | slice") -> "tuple[Import, ...] | tuple[tuple[Import, ...], ...]":
        text = self.texts[index]
        return read_imports(text) if isinstance(text, str) else tuple(map(read_imports, text))

    def __iter__(self) -> Iterator[tuple[Import, ...]]:
        return map(read_imports, self.texts)


def write_imports(imports: Sequence[Import]) -> str:
    """Write the imports of a file as JSON; no imports are the empty text.

    >>> write_imports([Import("os.path", ("join", "split")), Import("re", ())])
    '[["os.path","join","split"],["re"]]'
    """
    rows = [(statement.module, *statement.names) for statement in imports]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def read_imports(text: str) -> tuple[Import, ...]:
    """Parse the imports that `write_imports` wrote."""
    rows = json.loads(text) if text else ()
    return tuple(Import(module, tuple(names)) for module, *names in rows)

"""What a text says: its words, and a map read back as a model would read it."""

from dataclasses import dataclass


def words(text: str) -> int:
    """Count a text in words, as `CountTokens`."""
    return len(text.split())


def source(name: str, definitions: int) -> str:
    """Write a Python file of many short functions."""
    return "".join(
        f"def {name}_{n}(argument):\n    given = argument + {n}\n    return {name}_total(given)\n\n\n"
        for n in range(definitions)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a map below its file: how deep it stands, and what it shows."""

    depth: int
    """1 for what stands directly under the file."""
    line: str


def read_map(text: str) -> list[tuple[str, bool, list[Row]]]:
    """Path, whether something is marked as left out, and the lines below, for each file in order.

    Only for paths that neither begin with a space nor end in `/`, `:` or `…`, which no test that
    reads maps back has.
    """
    files: list[tuple[str, bool, list[Row]]] = []
    folder = ""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        level = len(line) - len(bare)
        if level == 0 and bare.endswith("/"):
            folder = bare
            continue
        if level == 0:
            folder = ""
        if level == (1 if folder else 0):
            name, elided = bare.removesuffix(": …").removesuffix(":"), bare.endswith(": …")
            files.append((folder + name, elided, []))
            continue
        files[-1][2].append(Row(level - (1 if folder else 0), bare))
    return files

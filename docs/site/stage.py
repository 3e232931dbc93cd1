"""Lay out the documentation's site: the pages as they are, and those that are made from the program.

`python docs/site/stage.py` writes what mkdocs reads into `build/site-source`, and its configuration beside it;
`python docs/site/stage.py check` fails if a page in `build/site` would fetch anything from elsewhere.
"""

import ast
import html
import importlib
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
SOURCE, SITE = ROOT / "build/site-source", ROOT / "build/site"
CONFIGURATION = ROOT / "build/mkdocs.yml"
FILES_ONLINE = "https://github.com/trigpoint/trigpoint/blob/main/"
LINK = re.compile(r"(?<=\]\()(?!https?://|#)([^)#\s]+)")
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b(?![^>]*\brel=["']?canonical)[^>]*\bhref=["']?(?:https?:)?//[^>]*>"""
    r"""|url\(["']?(?:https?:)?//[^)]*\)|@import\s+["'](?:https?:)?//[^"']*"""
)
"""What a browser loads with a page. A link that a reader may follow is no part of it."""


def pages() -> dict[str, str]:
    """Return the text of each page by its path: those of the repository, then the generated ones."""
    written = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(written)}
    online = {name: with_bars_in_tables(with_files_online(name, text)) for name, text in texts.items()}
    return {
        **online,
        "docs/reference/command-line.md": command_line(),
        "docs/reference/benchmarks.md": benchmarks(),
        "docs/reference/repomap.md": library("repomap"),
        "docs/reference/edits.md": library("edits"),
    }


def pictures() -> list[Path]:
    """Return the files that pages show or link to, besides pages."""
    return sorted(
        path for path in (ROOT / "docs").rglob("*") if path.suffix in (".svg", ".png", ".webp", ".txt")
    )


def with_files_online(page: str, text: str) -> str:
    """Let links to files that are no part of the site lead to the repository on its host."""

    def target(match: re.Match[str]) -> str:
        path = (ROOT / page).parent / match[1]
        is_staged = path.suffix == ".md" or path.resolve() in pictures()
        return match[1] if is_staged else FILES_ONLINE + path.resolve().relative_to(ROOT).as_posix()

    return LINK.sub(target, text)


def with_bars_in_tables(text: str) -> str:
    """Write `a\\|b` in tables as HTML: GitHub drops the backslash within code, and Python's Markdown keeps it.

    >>> with_bars_in_tables("| `a\\|b` | c |")
    '| <code>a&#124;b</code> | c |'
    """

    def as_html(match: re.Match[str]) -> str:
        return f"<code>{html.escape(match[1]).replace(chr(92) + '|', '&#124;')}</code>"

    return re.sub(r"(?<!`)`([^`\n]*\\\|[^`\n]*)`(?!`)", as_html, text)


def command_line() -> str:
    """Return the page of `trigpoint` and its subcommands: what `--help` prints, of each."""
    from chat.cli.main import group

    helps = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in command_helps(group, "trigpoint")]
    return "\n".join(("# Command line\n\nWhat `--help` prints, of each command.\n", *helps))


def command_helps(
    command: click.Command, name: str, above: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the name and the help of a command, then of its subcommands."""
    context = click.Context(command, parent=above, info_name=name.rpartition(" ")[2], max_content_width=100)
    context.terminal_width = 100
    yield name, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            if found := command.get_command(context, sub):
                yield from command_helps(found, f"{name} {sub}", context)


def benchmarks() -> str:
    """Return the page of the programs in `bench/` that measure something: what each says of itself."""
    docs = {
        path: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in ROOT.glob("bench/*.py")
    }
    entries = [
        f"## {path.name}\n\n{docs[path]}\n" for path in sorted(docs) if docs[path].startswith("Measure")
    ]
    first = (
        "The figures on these pages were measured with the programs in `bench/` of the repository; `make setup` makes "
        "the environment that they run in. Where a REPOSITORY or TREE is asked for, clone the projects that the page "
        "names. [speed.md](../speed.md), [graph.md](../graph.md#how-tests-are-ranked) and "
        "[ranking.md](../ranking.md) have the figures."
    )
    return "\n".join(("# Benchmarks, and how to repeat them\n", f"{first}\n", *entries))


def library(package: str) -> str:
    """Return the page of a package: its docstring, then each public class and function where it is defined."""
    module = importlib.import_module(package)
    objects = [getattr(module, name) for name in sorted(module.__all__, key=str.lower)]
    documented = [each for each in objects if inspect.isclass(each) or inspect.isfunction(each)]
    first, _, _ = inspect.cleandoc(module.__doc__ or "").partition("\n")
    entries = [f"::: {each.__module__}.{each.__qualname__}\n" for each in documented]
    return "\n".join((f"# Library {package}\n\n{first} All of it is imported from `{package}`.\n", *entries))


def configuration(names: list[str]) -> str:
    """Return the configuration of mkdocs, with the pages that its navigation does not have under "More"."""
    text = (ROOT / "docs/site/mkdocs.yml").read_text("utf-8").replace("../..", str(ROOT))
    listed = set(re.findall(r": (\S+\.md)$", text, re.MULTILINE))
    more = [f"      - {name}\n" for name in names if name not in listed]
    return text + ("  - More:\n" + "".join(more) if more else "")


def stage() -> None:
    """Write all pages, pictures and the configuration anew."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    texts = pages()
    for name, text in texts.items():
        (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
        (SOURCE / name).write_text(text, "utf-8")
    for path in pictures():
        copy = SOURCE / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    CONFIGURATION.write_text(configuration(list(texts)), "utf-8")


def fetches(site: Path) -> list[str]:
    """Return what the pages and style sheets of a site would load from elsewhere, each with its file."""
    files = sorted(path for path in site.rglob("*") if path.suffix in (".html", ".css", ".svg"))
    return [
        f"{path.relative_to(site)}: {found}"
        for path in files
        for found in FETCHED.findall(path.read_text("utf-8"))
    ]


def main() -> None:
    """Stage the site, or check the built one."""
    if sys.argv[1:] != ["check"]:
        stage()
    elif found := fetches(SITE):
        sys.exit("The site would fetch from elsewhere:\n" + "\n".join(found))


if __name__ == "__main__":
    main()

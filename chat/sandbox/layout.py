"""What a command in the sandbox sees and may write.

All of the system can be read, apart from the homes, which are empty but for tools; nothing can be written
but the work tree, without its `.git`, and the scratch folders that stand in for the home and for `/tmp`.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SandboxChoice = Literal["auto", "bwrap", "sandbox-exec", "none"]
"""What the setting takes."""

_TOOLS = """
    .asdf .bun .cargo/bin .cargo/registry .config/git/ignore .deno .dotnet .fnm .gem/ruby .ghcup .go .goenv
    .gradle/wrapper .jenv .juliaup .local/bin .local/lib .local/share/fnm .local/share/mise .local/share/pipx
    .local/share/pnpm
    .local/share/uv .local/share/virtualenvs .m2/repository .mix .nvm .opam .phpenv .pyenv .rbenv .rustup .rvm .sdkman
    .stack .virtualenvs .volta go miniconda3 anaconda3 miniforge3 n perl5
    """.split()
"""Where developers' tools are in a home; what else is there is not seen."""
_SHARED = (".local", ".config", ".cache")
_SECRETS = """
    .aws .azure .bash_history .config .docker .electrum .env .git-credentials .gnupg .gsutil .kube .local/share/keyrings
    .local/state .mozilla .netrc .npmrc .password-store .pgpass .pki .pypirc .python_history .ssh .terraform.d
    .thunderbird .vault-token .wget-hsts .zsh_history
    """.split()
"""What is hidden even where the work tree is the home itself."""
_PROTECTED = (".git", ".trigpoint.toml")
_MAX_NAME_BYTES = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is where for a command; all paths are absolute and real."""

    root: str
    """Can be written, without `protected`."""
    homes: tuple[str, ...]
    """The user's; the first is that of `HOME`."""
    home: str
    """The scratch folder that stands in for the first home; the others are empty."""
    temporary: str
    """The scratch folder that stands in for `/tmp`."""
    tools: tuple[str, ...] = ()
    """Below the homes, can be read."""
    writable: tuple[str, ...] = ()
    """Can be written as well."""
    protected: tuple[str, ...] = ()
    """Can be read and not written, although they are in or belong to the work tree."""
    hidden: tuple[str, ...] = ()
    """Cannot even be read."""


def layout_for(root: Path, home: Path, temporary: Path, environment: Mapping[str, str]) -> Layout:
    """Return the layout for commands in a root, by what exists on this machine."""
    real_root = os.path.realpath(root)
    homes = tuple(dict.fromkeys(os.path.realpath(folder) for folder in _homes(environment)))
    tools = (path for folder in homes for path in _tools(folder, environment.get("PATH", "")))
    return Layout(
        root=real_root,
        homes=homes,
        home=str(home),
        temporary=str(temporary),
        tools=tuple(dict.fromkeys(tools)),
        protected=tuple(_protected(real_root)),
        hidden=tuple(_hidden(real_root, homes)),
    )


def _homes(environment: Mapping[str, str]) -> Iterator[str]:
    yield environment.get("HOME") or os.path.expanduser("~")
    if os.name == "posix":
        import pwd

        try:
            yield pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return


def _tools(home: str, search_path: str) -> Iterator[str]:
    """Yield what of a home holds tools: known folders, and those that programs are searched in."""
    for name in _TOOLS:
        if os.path.lexists(path := os.path.join(home, name)):
            yield path
    for folder in search_path.split(os.pathsep):
        real = os.path.realpath(folder) if folder else ""
        above = os.path.dirname(real)
        if is_below(real, home) and os.path.isdir(real):
            yield above if above != home and not _is_shared(above, home) else real


def _is_shared(folder: str, home: str) -> bool:
    """Whether a folder in a home holds more than tools beside its `bin`: `.cargo` has the user's tokens."""
    first, *others = os.path.relpath(folder, home).split(os.sep)
    return first.startswith(".") and (not others or (first in _SHARED and len(others) == 1))


def _protected(root: str) -> Iterator[str]:
    """Yield what steers git and this program: the work tree's own, and where a `.git` file leads."""
    for name in _PROTECTED:
        if os.path.lexists(path := os.path.join(root, name)):
            yield path
    if name := _name_in(Path(root, ".git")):
        git_dir = os.path.realpath(os.path.join(root, name.removeprefix("gitdir:").strip()))
        yield git_dir
        if name := _name_in(Path(git_dir, "commondir")):
            yield os.path.realpath(os.path.join(git_dir, name))


def _name_in(path: Path) -> str:
    """Return the beginning of a file that holds the name of a folder; "" where there is no regular file.

    It may be longer than any name and still lead somewhere: git leaves out line ends, and what follows a zero.
    """
    from repomap import open_regular  # late: `--help` loads this module for what a setting takes

    with suppress(OSError, ValueError):
        descriptor, _ = open_regular(path, follow_links=True)
        with os.fdopen(descriptor, "rb") as file:
            return os.fsdecode(file.read(_MAX_NAME_BYTES).partition(b"\0")[0]).strip()
    return ""


def _hidden(root: str, homes: Iterable[str]) -> Iterator[str]:
    """Yield the secrets of homes that the work tree contains."""
    for home in homes:
        for name in _SECRETS if is_below(home, root) else ():
            if os.path.lexists(path := os.path.join(home, name)):
                yield path


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or in it, by the names alone."""
    return path == folder or path.startswith(f"{folder.rstrip(os.sep)}{os.sep}")

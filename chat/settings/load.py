"""[io] Where settings stand → the settings of this run: files, variables and flags, in their order.

Lowest first: the defaults; `.aider.conf.yml` of the home folder; the user's `config.toml`; `.aider.conf.yml` and
`.trigpoint.toml` of the repository's root, then of the current folder; `--config`; `TRIGPOINT_*`; flags.
A higher place replaces a value; lists and tables add up.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError, UsageError
from chat.safety.small_file import is_below, read_small
from chat.settings.aider_conf import FILE as AIDER_FILE
from chat.settings.aider_conf import read_aider
from chat.settings.layers import Layer, Locate, Place, fold, from_environment, read_table, read_toml
from chat.settings.row import Scope
from chat.settings.table import Settings
from chat.trust.grants import Grant, find_root, grant_for, settings_claims


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings of a run, and what came with them."""

    settings: Settings
    notices: tuple[str, ...]
    """What the user should know, a line each."""
    environment: Mapping[str, str]
    """Variables that the user asks to be set for this process: `--env-file`, `--set-env`."""
    root: Path
    """The repository's root, or the folder itself where there is none."""


def user_config_path() -> Path:
    """The user's own file of settings."""
    from platformdirs import user_config_path as folder

    return folder("trigpoint") / "config.toml"


def load(flags: Layer, folder: Path, environ: Mapping[str, str]) -> Loaded:
    """The settings of a run in a folder. Raises UsageError on a value that is none, InputError on a huge file."""
    root = find_root(folder) or Path(os.path.realpath(folder))
    asked = fold((from_environment(environ), flags))
    files = [] if asked.bare else [*_of_user(), *_of_repository(root, folder)]
    if asked.config:
        files.append(_user_file(Path(asked.config).expanduser()))
    variables = _env_file(fold((*files, from_environment(environ), flags)).env_file)
    layers = [*files, from_environment({**variables, **environ}), flags]
    settings = fold(layers)
    notices = tuple(notice for layer in layers for notice in layer.notices)
    new = {name: text for name, text in variables.items() if name not in environ}
    return Loaded(settings, notices, new | dict(settings.set_env), root)


def _of_user() -> Iterator[Layer]:
    yield from _of_aider(Path.home(), Path.home(), Scope.USER)
    if user_config_path().exists():
        yield _user_file(user_config_path())


def _user_file(path: Path) -> Layer:
    """What a file of the user's own says; it must be readable."""
    data = read_small(path)
    if data is None:
        raise UsageError(
            f"{path}: no file that can be read; nothing was started. Correct --config or the file."
        )
    place = Place(str(path), Scope.USER, _beside(path.parent), secrets=_is_private(path))
    return read_toml(_text(data, path), place)


def _of_repository(root: Path, folder: Path) -> Iterator[Layer]:
    """What a repository's own files say, as far as the user trusts them."""
    grant, notices = _grant(root)
    yield Layer("trust", notices=notices)
    claims = {claim.path.parent: claim for claim in settings_claims(root, folder)}
    for each in dict.fromkeys((root, Path(os.path.realpath(folder)))):
        yield from _of_aider(each, root, Scope.ANYONE)
        if claim := claims.get(each):
            agreed = grant.settings.get(claim.name, "")
            trusted = agreed == claim.digest
            locate = _beside(each) if trusted else _inside(each, root)
            scope = Scope.TRUSTED if trusted else Scope.ANYONE
            place = Place(str(claim.path), scope, locate, changed_since=bool(agreed) and not trusted)
            yield read_toml(_text(claim.data, claim.path), place)


def settings_in(path: Path, data: bytes) -> Layer:
    """What a repository's file of settings says once it is trusted. Raises UsageError."""
    return read_toml(_text(data, path), Place(str(path), Scope.TRUSTED, _beside(path.parent)))


def _grant(root: Path) -> tuple[Grant, tuple[str, ...]]:
    try:
        return grant_for(root), ()
    except ChatError as error:
        return Grant(), (str(error),)


def _of_aider(folder: Path, root: Path, scope: Scope) -> Iterator[Layer]:
    path = folder / AIDER_FILE
    data = read_small(path)
    if data is not None:
        table = read_aider(data.decode("utf-8-sig", "replace"), scope is Scope.USER)
        locate = _beside(folder) if scope is Scope.USER else _inside(folder, root)
        yield read_table(table, Place(str(path), scope, locate), lambda _: 0)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; nothing was started.") from error


def _beside(folder: Path) -> Locate:
    """Paths relative to a folder; `~` is the user's home."""
    return lambda path: str(folder / os.path.expanduser(path))


def _inside(folder: Path, root: Path) -> Locate:
    """Paths that somebody else may have written: plain, inside the root, and nothing hidden.

    A pattern or a dot could name what is there later: `.env`, `.git/config`.
    """

    def locate(path: str) -> str:
        parts = path.replace("\\", "/").split("/")
        plain = not any(part.startswith((".", "~")) and part != "." for part in parts)
        full = folder / path
        inside = (
            plain and not set("*?[") & set(path) and is_below(os.path.realpath(full), os.path.realpath(root))
        )
        return str(full) if inside else ""

    return locate


def _is_private(path: Path) -> bool:
    """Whether nobody else can read a file, as far as the system tells."""
    return sys.platform == "win32" or not stat.S_IMODE(path.stat().st_mode) & 0o077


def _env_file(path: str) -> dict[str, str]:
    """The variables of a `.env` file that the user named."""
    if not path:
        return {}
    data = read_small(Path(path).expanduser())
    if data is None:
        raise UsageError(f"--env-file {path}: no file that can be read; nothing was started.")
    from io import StringIO

    from dotenv import dotenv_values

    found = dotenv_values(stream=StringIO(data.decode("utf-8-sig", "replace")), interpolate=False)
    return {name: text for name, text in found.items() if text is not None}

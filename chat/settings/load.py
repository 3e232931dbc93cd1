"""Reads every source of settings that counts for this run, and combines them.

Lowest first: the defaults; `.aider.conf.yml` in the home folder; the user's `config.toml`;
`.aider.conf.yml` and `.trigpoint.toml` of the repository's root, then of the current folder; the user's rules
of permission for the repository; `--config`; `TRIGPOINT_*`; flags. A higher source replaces a value; lists
and tables add up.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError, InputError, UsageError
from chat.permissions.kept_rules import kept_rules, kept_rules_path
from chat.safety.small_file import is_below, read_named, read_settings_file
from chat.settings.aider_conf import AIDER_FILE, read_aider
from chat.settings.kinds import BadValue
from chat.settings.layers import FileSource, Layer, Locate, fold, from_environment, read_table, read_toml
from chat.settings.row import Scope
from chat.settings.table import RULE_SETTINGS, Settings
from chat.trust.claims import find_root, settings_claims
from chat.trust.grants import Grant, grant_for


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings of a run, and what came with them."""

    settings: Settings
    notices: tuple[str, ...]
    """What the user should know, a line each."""
    environment: Mapping[str, str]
    """Variables that the user wants set for this process: `--env-file`, `--set-env`."""
    root: Path
    """The repository's root, or the folder itself where there is none."""


def user_config_path() -> Path:
    """Return the path of the user's own settings file."""
    from platformdirs import user_config_path as folder

    return folder("trigpoint") / "config.toml"


def load(flags: Layer, folder: Path, environ: Mapping[str, str]) -> Loaded:
    """Load the settings of a run in a folder.

    Raises UsageError where a value is not allowed, InputError where a file is huge or cannot be read.
    """
    root = find_root(folder) or Path(os.path.realpath(folder))
    of_run = fold((from_environment(environ), flags))
    files = [] if of_run.bare else [*_of_user(folder), *_of_repository(root, folder), _of_kept_rules(root)]
    if of_run.config:
        files.append(_user_file(Path(of_run.config).expanduser()))
    variables = _env_file(fold((*files, from_environment(environ), flags)).env_file)
    layers = [*files, from_environment({**variables, **environ}), flags]
    settings = fold(layers)
    notices = tuple(notice for layer in layers for notice in layer.notices)
    new = {name: text for name, text in variables.items() if name not in environ}
    return Loaded(settings, notices, new | dict(settings.set_env), root)


def _of_user(folder: Path) -> Iterator[Layer]:
    yield from _of_aider(Path.home(), Scope.USER, _relative_to(Path.home(), otherwise=folder))
    if user_config_path().exists():
        yield _user_file(user_config_path())


def _user_file(path: Path) -> Layer:
    """Read a file of the user's own, which must be readable."""
    data = read_settings_file(path)
    if data is None:
        raise InputError(f"{path} is not a readable file. Nothing was started; correct --config or the file.")
    source = FileSource(str(path), Scope.USER, _relative_to(path.parent), may_hold_secrets=_is_private(path))
    return read_toml(_text(data, path), source)


def _of_repository(root: Path, folder: Path) -> Iterator[Layer]:
    """Read a repository's own files, as far as the user trusts them."""
    grant, notices = _grant(root)
    yield Layer("trust", notices=notices)
    claims = {claim.path.parent: claim for claim in settings_claims(root, folder)}
    for parent in dict.fromkeys((root, Path(os.path.realpath(folder)))):
        yield from _of_aider(parent, Scope.ANYONE, _plain_below(parent, root))
        if claim := claims.get(parent):
            granted = grant.settings.get(claim.name, "")
            is_trusted = granted == claim.digest
            source = FileSource(
                str(claim.path),
                Scope.TRUSTED if is_trusted else Scope.ANYONE,
                _below(parent, root) if is_trusted else _plain_below(parent, root),
                changed_since_trusted=bool(granted) and not is_trusted,
            )
            yield read_toml(_text(claim.data, claim.path), source)


def _of_kept_rules(root: Path) -> Layer:
    """Read the rules that the user gave for this repository."""
    try:
        rules = kept_rules(root)
    except ChatError as error:
        return Layer("permissions", notices=(str(error),))
    values = {RULE_SETTINGS[behavior]: texts for behavior, texts in rules.items() if texts}
    return Layer(str(kept_rules_path()), values)


def settings_in(path: Path, data: bytes) -> Layer:
    """Read what a repository's settings file sets once it is trusted. Raises UsageError."""
    root = find_root(path.parent) or path.parent
    return read_toml(_text(data, path), FileSource(str(path), Scope.TRUSTED, _below(path.parent, root)))


def _grant(root: Path) -> tuple[Grant, tuple[str, ...]]:
    try:
        return grant_for(root), ()
    except ChatError as error:
        return Grant(), (str(error),)


def _of_aider(folder: Path, scope: Scope, locate: Locate) -> Iterator[Layer]:
    path = folder / AIDER_FILE
    data = read_settings_file(path)
    if data is None:
        return
    try:
        table = read_aider(data.decode("utf-8-sig", "replace"), of_user=scope is Scope.USER)
    except BadValue as error:
        yield Layer(str(path), notices=(f"{path} is not {error}, so it is ignored.",))
    else:
        yield read_table(table, FileSource(str(path), scope, locate), lambda _: 0)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 at byte {error.start}. Nothing was started; save it as UTF-8."
        ) from error


def _relative_to(folder: Path, otherwise: Path | None = None) -> Locate:
    """Resolve paths relative to a folder; `~` is the user's home.

    What is not there is looked for in the folder ``otherwise``, as aider does with its file in the home folder.
    """

    def locate(path: str) -> str:
        full = folder / os.path.expanduser(path)
        is_elsewhere = otherwise is not None and not full.exists() and (otherwise / path).exists()
        return str(otherwise / path if otherwise is not None and is_elsewhere else full)

    return locate


def _below(folder: Path, root: Path) -> Locate:
    """Resolve paths that a trusted repository names: whatever is below its root, but nothing of the user's own."""

    def locate(path: str) -> str:
        full = os.path.normpath(folder / os.path.expanduser(path))
        is_inside = is_below(os.path.realpath(full), os.path.realpath(root))
        return full if is_inside else ""

    return locate


def _plain_below(folder: Path, root: Path) -> Locate:
    """Resolve paths that somebody else may have written: plain, inside the root, nothing hidden.

    A pattern or a dot could name what is there later, and a link what its name hides: `.env`, `.git/config`.
    """
    real_root = os.path.realpath(root)

    def locate(path: str) -> str:
        full = folder / path
        real = os.path.realpath(full)
        is_pattern = bool(set("*?[") & set(path))
        if is_pattern or not is_below(real, real_root) or _is_hidden(path):
            return ""
        return "" if _is_hidden(os.path.relpath(real, real_root)) else str(full)

    return locate


def _is_hidden(path: str) -> bool:
    """Whether a part of a relative path is hidden, or leads up or to a home folder."""
    return any(part.startswith((".", "~")) and part != "." for part in path.replace("\\", "/").split("/"))


def _is_private(path: Path) -> bool:
    """Whether nobody else can read a file, as far as the system tells."""
    return sys.platform == "win32" or not stat.S_IMODE(path.stat().st_mode) & 0o077


def _env_file(path: str) -> dict[str, str]:
    """Read the variables of a `.env` file that the user named."""
    if not path:
        return {}
    data = read_named(Path(path).expanduser(), f"--env-file {path}", "Nothing was started")
    from io import StringIO

    from dotenv import dotenv_values

    variables = dotenv_values(stream=StringIO(data.decode("utf-8-sig", "replace")), interpolate=False)
    return {name: text for name, text in variables.items() if text is not None}

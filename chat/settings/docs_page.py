"""Makes `docs/settings.md` from the table, so that the page cannot say what the program does not do."""

from collections.abc import Iterator

from chat.settings.aider_conf import AIDER_FILE
from chat.settings.display import shown
from chat.settings.kinds import BoolKind
from chat.settings.names import SYNONYMS, Synonym
from chat.settings.row import Group, Row, Scope
from chat.settings.table import ROWS

_HEAD = (
    """\
# Settings

Every setting has one name and can be set in four ways:

| where | example for `map-tokens` |
|---|---|
| on the command line | `--map-tokens 2048` |
| in the environment | `TRIGPOINT_MAP_TOKENS=2048` |
| in a file | `map-tokens = 2048` |
| during a chat | `/settings map-tokens 2048` |

`trigpoint settings` lists all of them with their values and where these come from.

## Where settings come from

Later sources override earlier ones, except that lists and tables add up.

1. The defaults.
2. Your own `config.toml`: in `~/.config/trigpoint/` on Linux, `~/Library/Application Support/trigpoint/` on
   macOS, `%LOCALAPPDATA%\\trigpoint\\trigpoint\\` on Windows.
3. `.trigpoint.toml` in the root of the repository, then the one in the current folder.
4. The rules that you gave for the repository in a chat ([permissions.md](permissions.md)).
5. The file given with `--config`.
6. `TRIGPOINT_…` in the environment, and in the file given with `--env-file`.
7. The command line.

Settings files are TOML, and paths in them are relative to the file. A switch takes `true` or `false`, on the
command line `--name` or `--no-name`. A list takes `["a", "b"]`; on the command line its flag is repeated.
Pairs can also be written as a table:

```toml
model = "openai/gpt-4.1"
read = ["CONVENTIONS.md"]
test-cmd = "pytest -q"

[lint-cmd]
python = "ruff check"
```

`read` in your own file, in `~/.aider.conf.yml` or on the command line may name files outside the repository
(`~/conventions.md`, also by a pattern): the model sees them and cannot edit them. A repository's file cannot name
them, even if you trust it. A file that does not exist is a warning and stops nothing.

An unknown name is reported and ignored. A value that is not allowed stops the program with exit code 2
before anything is started.

Of `permission-mode`, a repository that is not trusted may set `plan` alone; `bypassPermissions` counts in your own file
only. Of `sandbox`, a trusted repository may set `bwrap` alone.

`api-key` and `set-env` count in your own file only if nobody else can read it (`chmod 600`). A repository's
`.env` is never read.

## Trust

Cloning a repository does not make it trusted. Until you trust it, its `.trigpoint.toml` may only change
harmless settings, marked *any* below, and name plain, visible files inside the repository with `file` and
`read`. Everything else, such as commands, addresses, models and permissions, is ignored with a warning.

```sh
trigpoint trust          # show what the repository asks for, then ask you
trigpoint trust --yes    # the same without the question, for scripts
trigpoint trust --list
trigpoint trust --revoke
```

If the model edits `.trigpoint.toml`, `.aider.conf.yml`, `.gitmodules` or a hook, you see the change and are asked
first; without a terminal, and without `--yes`, it is not written. CI files are edited like any other.

Trust covers this folder and exactly what was shown. It is compared again before each use, also within a turn: when
a settings file changes, its commands are not run and it is ignored until you have looked at it.

git can run programs, too: hooks, and whatever `.git/config` names (filters, signing, an editor, a file
monitor). A fresh clone, or a repository made with `git init`, has none of these and needs no trust. If there
are any, commits are made and `/git` runs without them, and you are told once. After `trigpoint trust`, commits run
the hooks and are signed as git is configured to. This trust is bound to the settings that matter and to the content
of all hooks; a new branch, remote or user name does not end it, while a hook that the model edits does. Trusting a
hook includes whatever it calls. Your own global git configuration needs no trust, but hooks in the repository that it
names (`core.hooksPath = .githooks`) do.

Where a `.git` leads to another repository, or holds links that leave it, git could write there. Trigpoint then does
without git and says why; linked work trees and submodules, which the repository itself knows, are not affected. If
the folder is arranged so on purpose, `trigpoint trust` shows where it leads and asks; then the chat uses git there,
and maps go on without. [security.md](security.md) has the whole of what is promised.

## Coming from aider

Most of aider's flags work here under the same names; [coming-from-aider.md](coming-from-aider.md) has a row for
each, and for each command. `"""
    + AIDER_FILE
    + """`
is read in your home folder, the repository's root and the current folder; our own file in each of these
overrides it. Only settings marked *any* below are read from it, and from the one in your home folder also the
names of models and the behaviour of the terminal. Its commands, keys and addresses are never used. One that is
not valid YAML is reported and ignored.

## Instructions for the model

The model sees `AGENTS.md` from the root of the repository down to the current folder, the nearest last,
because it counts most. If there is none, `CLAUDE.md` is used in the same way, else `CONVENTIONS.md`; at most
32 KiB, the nearest first, and you are told if something is cut. `--bare` leaves them out.

## Completion

For flags, their values, commands and files, add one line to the start file of your shell:

```sh
eval "$(_TRIGPOINT_COMPLETE=bash_source trigpoint)"   # ~/.bashrc
eval "$(_TRIGPOINT_COMPLETE=zsh_source trigpoint)"    # ~/.zshrc
_TRIGPOINT_COMPLETE=fish_source trigpoint | source    # ~/.config/fish/config.fish
```

## All settings

The last column says who may set it: *any* includes the file of a repository that you do not trust, *trusted*
the file of one that you do, *user* only your own files, and *run* no file at all: it belongs on the command
line or in the environment.
"""
)

_WHO = {Scope.RUN: "run", Scope.USER: "user", Scope.TRUSTED: "trusted", Scope.ANYONE: "any"}


def settings_page() -> str:
    """Return the page as Markdown."""
    return "\n".join((_HEAD, *_tables(), *_synonyms(), ""))


def _tables() -> Iterator[str]:
    for group in Group:
        yield f"### {group.value}\n\n| setting | what it does | default | who |\n|---|---|---|---|"
        yield from (_line(row) for row in ROWS.values() if row.group is group)
        yield ""


def _line(row: Row) -> str:
    names = " ".join(f"`{name}`" for name in (f"--{row.name}", *row.flags))
    metavar = "" if isinstance(row.kind, BoolKind) else f" {_cell(row.kind.metavar)}"
    default = shown(row, row.default)
    value = "" if default in ('""', "[]") else f"`{default}`"
    return f"| {names}{metavar} | {_cell(row.help)} | {value} | {_WHO[row.scope]} |"


def _cell(text: str) -> str:
    """Write a text so that it stays in its cell."""
    return text.replace("|", "\\|")


def _synonyms() -> Iterator[str]:
    yield "### Other names\n\n| aider's | ours |\n|---|---|"
    for name, synonym in SYNONYMS.items():
        yield from _synonym_lines(name, synonym)


def _synonym_lines(name: str, synonym: Synonym) -> Iterator[str]:
    on, off = synonym.meanings()
    yield f"| `--{name}{'' if synonym.is_switch else ' X'}` | `{on}` |"
    if off:
        yield f"| `--no-{name}` | `{off}` |"

"""The table of settings → `docs/settings.md`, so that the page cannot say what the program does not do."""

from collections.abc import Iterator

from chat.settings.aider_conf import FILE as AIDER_FILE
from chat.settings.display import shown
from chat.settings.kinds import Switch
from chat.settings.names import SYNONYMS, Synonym
from chat.settings.row import Group, Row, Scope
from chat.settings.table import ROWS

_HEAD = (
    """\
# Settings

Every setting has one name. It can be given in four ways:

| where | how `map-tokens` is written |
|---|---|
| on the command line | `--map-tokens 2048` |
| in the environment | `TRIGPOINT_MAP_TOKENS=2048` |
| in a file | `map-tokens = 2048` |
| during the chat | `/settings map-tokens 2048` |

`trigpoint settings` prints all of them, with their values and where these come from.

## Where settings stand

What comes later counts more. Lists and tables add up; everything else is replaced.

1. The defaults.
2. Your own `config.toml`: `~/.config/trigpoint/` on Linux, `~/Library/Application Support/trigpoint/` on
   macOS, `%LOCALAPPDATA%\\trigpoint\\trigpoint\\` on Windows.
3. `.trigpoint.toml` in the root of the repository, then the one in the current folder.
4. The file that `--config` names.
5. `TRIGPOINT_…` in the environment, and in the file that `--env-file` names.
6. The command line.

Files are TOML. Paths in a file are relative to it. A switch takes `true` or `false`, `--name` or
`--no-name`. A list takes `["a", "b"]`; on the command line its flag is repeated. Pairs may also be a
table:

```toml
model = "openai/gpt-4.1"
read = ["CONVENTIONS.md"]
test-cmd = "pytest -q"

[lint-cmd]
python = "ruff check"
```

A key that is not known is warned about and skipped. A value that is not allowed ends the program with
code 2, before anything is started.

`api-key` and `set-env` count in your own file only while nobody else can read it (`chmod 600`). The `.env`
of a repository is never read.

## Trust

A repository is not trusted because it was cloned. Its own `.trigpoint.toml` may set what is harmless,
marked *any* below, and name plain files inside of it with `file` and `read`, none of them hidden. Everything
else, above all commands, addresses, models and permissions, is ignored with a line on standard error, until

```sh
trigpoint trust          # shows what the repository asks for, and asks you
trigpoint trust --yes    # the same without the question, for scripts
trigpoint trust --list
trigpoint trust --revoke
```

Trust holds for the folder and for what was shown. When a file of settings changes, it is ignored again
until you have looked at it.

git can run programs, too: hooks, and what `.git/config` names (filters, signing, an editor, a file
monitor). A fresh clone, and a repository that you made with `git init`, have none of these, and need no
trust. Where there are some, commits are made without them, and you are told once. After
`trigpoint trust` your commits run the hooks and are signed as git is set up to. This part of the trust is bound to
the settings that matter and to the content of all hooks; a new branch, remote or user name does not end it.
What hooks call in turn is part of trusting them. Your own global git configuration needs no trust, but hooks in
the repository that it names (`core.hooksPath = .githooks`) do.

## Coming from aider

aider's flags keep their names where the setting exists. `"""
    + AIDER_FILE
    + """` is read in your home folder, the
repository's root and the current folder, each just below our own file there. From it come only settings
marked *any* below, and from the one in your home also the names of models and how the terminal behaves. Its
commands, keys and addresses are never taken over.

## Instructions for the model

`AGENTS.md` is shown to the model from the root of the repository to the current folder, the nearest last,
since it counts most. Where there is none, `CLAUDE.md` is taken in the same way, else `CONVENTIONS.md`;
32 KiB at most, the nearest first, and you are told when something is cut. `--bare` leaves them out.

## Completion

For flags, their values, commands and files; one line in the start file of your shell:

```sh
eval "$(_TRIGPOINT_COMPLETE=bash_source trigpoint)"   # ~/.bashrc
eval "$(_TRIGPOINT_COMPLETE=zsh_source trigpoint)"    # ~/.zshrc
_TRIGPOINT_COMPLETE=fish_source trigpoint | source    # ~/.config/fish/config.fish
```

## All settings

*Who* says which files may set it: *any* also that of a repository nobody trusts, *trusted* that of a trusted
one, *user* your own alone, *run* none: it belongs on the command line or in the environment.
"""
)

_WHO = {Scope.RUN: "run", Scope.USER: "user", Scope.TRUSTED: "trusted", Scope.ANYONE: "any"}


def settings_page() -> str:
    """The page as Markdown."""
    return "\n".join((_HEAD, *_tables(), *_synonyms(), ""))


def _tables() -> Iterator[str]:
    for group in Group:
        yield f"### {group.value}\n\n| setting | what it does | default | who |\n|---|---|---|---|"
        yield from (_line(row) for row in ROWS.values() if row.group is group)
        yield ""


def _line(row: Row) -> str:
    names = " ".join(f"`{each}`" for each in (f"--{row.name}", *row.flags))
    metavar = "" if isinstance(row.kind, Switch) else f" {_escaped(row.kind.metavar)}"
    default = shown(row, row.default)
    value = "" if default in ('""', "[]") else f"`{default}`"
    return f"| {names}{metavar} | {_escaped(row.help)} | {value} | {_WHO[row.scope]} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _synonyms() -> Iterator[str]:
    yield "### Other names\n\n| aider's | ours |\n|---|---|"
    for name, synonym in SYNONYMS.items():
        yield from _synonym_lines(name, synonym)


def _synonym_lines(name: str, synonym: Synonym) -> Iterator[str]:
    if synonym.is_switch:
        yield f"| `--{name}` | `--{synonym.of} {synonym.on}` |"
        yield f"| `--no-{name}` | `--{synonym.of} {synonym.off}` |"
    else:
        yield f"| `--{name} X` | `--{synonym.of} {synonym.template.format('X')}` |"

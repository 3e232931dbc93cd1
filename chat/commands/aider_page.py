"""Makes `docs/coming-from-aider.md` from the tables of options and commands, so that it promises what is there."""

from chat.commands.table import COMMANDS
from chat.settings.aider_options import ALL_COMMANDS, FOREIGN, OPTIONS
from chat.settings.aider_options import COMMANDS as FOREIGN_COMMANDS
from chat.settings.kinds import BoolKind
from chat.settings.names import SPELLINGS, SYNONYMS, Synonym

_HEAD = """\
# Coming from aider

One row for each option and each command of aider 0.86.2: what it is here. *same* means that it can stay as it is; an
option that has *no effect* is accepted and says so; one that is *not taken* ends the program with code 2 and says
what to use. The page is made from the tables that the program itself uses.

`-c` is `--continue` here; aider's is `--config`. Variables begin with `TRIGPOINT_` in the place of `AIDER_`.
`.aider.conf.yml` is read as far as it is harmless ([settings](settings.md#coming-from-aider)). [chat.md](chat.md)
says what differs where the names are the same.

## Options

| aider | here | |
|---|---|---|
"""
_COMMANDS_HEAD = """
## Commands

| aider | here | |
|---|---|---|
"""
_NOTES = {
    "config": "`--config`; `-c` is `--continue`",
    "edit-format": "`auto`, `diff`, `diff-fenced`, `udiff`, `whole`, `patch`; the mode is `--mode`",
    "yes-always": "commands that the model proposes are still not run",
    "map-tokens": "a limit that is never exceeded",
    "git-commit-verify": "on by default: the hooks of a trusted repository run",
    "read": "also from outside the repository",
    "version": "",
}
"""What else to know of an option that is the same."""


def aider_page() -> str:
    """Return the page as Markdown."""
    options = "".join(f"{_option(name)}\n" for name in OPTIONS)
    commands = "".join(f"{_command(name)}\n" for name in ALL_COMMANDS)
    return _HEAD + options + _COMMANDS_HEAD + commands


def _option(name: str) -> str:
    if name in FOREIGN:
        foreign = FOREIGN[name]
        return _row(f"--{name}", "no effect" if foreign.effect == "none" else "not taken", foreign.instead)
    if name in SYNONYMS:
        return _row(f"--{name}", _meanings(SYNONYMS[name]), "")
    if name in SPELLINGS and SPELLINGS[name].name != name:
        return _row(f"--{name}", f"same, also `--{SPELLINGS[name].name}`", _NOTES.get(name, ""))
    return _row(f"--{name}", "same", _NOTES.get(name, ""))


def _meanings(synonym: Synonym) -> str:
    """What a synonym sets, and what its `--no-` form sets."""
    on, off = synonym.meanings()
    return f"`{on}`; --no- form: `{off}`" if off else f"`{on}`"


def _command(name: str) -> str:
    if name in FOREIGN_COMMANDS:
        return _row(f"/{name}", "not taken", FOREIGN_COMMANDS[name])
    command = COMMANDS[name]
    same = "same" if command.name == name else f"same, also `/{command.name}`"
    return _row(f"/{name}", same, command.help)


def _row(name: str, here: str, note: str) -> str:
    cells = (cell.replace("|", "\\|") for cell in (f"`{name}`", here, note))
    return f"| {' | '.join(cells)} |"


def is_switch(name: str) -> bool:
    """Return whether an option of aider's takes no value here.

    >>> is_switch("vim"), is_switch("model"), is_switch("gitignore"), is_switch("commit")
    (True, False, True, True)
    """
    if name in FOREIGN:
        return not FOREIGN[name].takes_value
    if name in SYNONYMS:
        return SYNONYMS[name].is_switch
    return name == "version" or isinstance(SPELLINGS[name].kind, BoolKind)

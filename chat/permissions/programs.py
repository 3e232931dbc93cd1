"""What the words of a command say about other programs.

A wildcard of a rule never stands for a word that names another program or makes one run: such words have
to be in the rule. `find *` does not allow `find -delete`, and `git *` does not allow `git -c core.pager=…`.
Some programs do nothing but run another one (`timeout`, `env`, `xargs`): what they run is judged by itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.permissions.risks import (
    AWKS,
    GIT,
    GIT_COMMANDS,
    GIT_HARMLESS,
    GIT_HAS_NO_RISKS,
    GIT_READING,
    LOOKED_INTO,
    OPAQUE,
    PASS_ON,
    RISKS,
    SHELLS,
    Risks,
)
from chat.permissions.sed_and_awk import SED_FLAGS, is_risky_awk, is_risky_sed
from chat.permissions.shell_words import Meaning, Word
from chat.permissions.wrappers import WRAPPERS


@dataclass(frozen=True, slots=True)
class ProgramUse:
    """What the words of a command say about other programs."""

    named: frozenset[int] = frozenset()
    """Positions of words that a rule has to spell out."""
    inner: tuple[Word, ...] = ()
    """The command that this one runs and adds nothing to."""
    script: str | None = None
    """The script that this command has a shell run."""


def program_name(words: Sequence[Word]) -> str:
    """Return the name of the program without its folder."""
    return words[0].text.rpartition("/")[2]


def _plain_name(words: Sequence[Word]) -> str:
    """Return the name that a program is known by here: `find` for `gfind`, and on disks without case for `FIND`."""
    name = program_name(words).lower()
    known = {*RISKS, *WRAPPERS, *SHELLS, *OPAQUE, *AWKS, "git", "sed"}
    return name[1:] if name.startswith("g") and name not in known and name[1:] in known else name


def use_of(words: Sequence[Word], *, reads_file: bool = False) -> ProgramUse:
    """Say what a command's words have to do with other programs.

    >>> words = [Word(text) for text in "find . -name x -delete".split()]
    >>> sorted(use_of(words).named)
    [0, 4]
    """
    name = _plain_name(words)
    whole = frozenset(range(len(words)))
    if not words[0].is_known or not words[0].is_bare or not re.fullmatch(r"[\w./+@-]+", words[0].text):
        return ProgramUse(whole)
    if name in OPAQUE or (name in SHELLS and reads_file):
        return ProgramUse(whole)
    if name in SHELLS:
        return _use_of_shell(words, name)
    if name in WRAPPERS:
        return _use_of_wrapper(words, name)
    if name == "sudo":
        return _use_of_sudo(words)
    if name == "git":
        return ProgramUse(_named_by_git(words))
    if name == "sed":
        return ProgramUse(_named_by_sed(words))
    if name in AWKS:
        return ProgramUse(_named(words, is_risky_awk))
    risks = RISKS.get(name)
    if risks is None:
        return ProgramUse(frozenset((0,)))
    texts = [word.text for word in words]
    if name in ("tar", "bsdtar") and len(words) > 1 and re.match("[A-Za-z]*[IF]", texts[1]):
        return ProgramUse(_named(words, risks.has) | {1})  # keys without a dash, as in `tar cIf`
    own = words[: texts.index("--")] if name in PASS_ON and "--" in texts else words
    return ProgramUse(_named(own, risks.has))


def _named(words: Sequence[Word], is_risky: Callable[[str], bool], start: int = 1) -> frozenset[int]:
    """Return the positions of the program and of what is risky, or may turn out to be."""
    return frozenset((0,)) | {
        position
        for position, word in enumerate(words)
        if position >= start and (word.may_be_option or is_risky(word.text))
    }


def _named_by_git(words: Sequence[Word]) -> frozenset[int]:
    named = {0}
    position = 1
    while position < len(words) and words[position].text.startswith("-"):
        if words[position].text not in GIT_HARMLESS:
            return frozenset(range(len(words)))
        position += 1
    if position >= len(words):
        return frozenset(named)
    command = words[position].text
    risks = GIT_COMMANDS.get(command)
    if command in GIT_HAS_NO_RISKS:
        return frozenset(named)
    if risks is None:
        named.add(position)
    elif command == "config" and len(words) > position + 1 and words[position + 1].text in GIT_READING:
        risks = Risks()
    return frozenset(named) | _named(
        words, lambda text: GIT.has(text) or bool(risks and risks.has(text)), position + 1
    )


def _named_by_sed(words: Sequence[Word]) -> frozenset[int]:
    """Return the positions of sed's program, of scripts that do more than edit, and of unusual options."""
    named, scripts, others = {0}, [], []
    for position, word in enumerate(words[1:], 1):
        before = words[position - 1].text
        if word.may_be_option or (word.text.startswith("-") and not SED_FLAGS.fullmatch(word.text)):
            named.add(position)
        elif position > 1 and re.fullmatch("-[nErsuz]*e|--expression", before):
            scripts.append(position)
        elif not word.text.startswith("-"):
            others.append(position)
    scripts = scripts or others[:1]
    return frozenset(named | {position for position in scripts if is_risky_sed(words[position])})


def _use_of_shell(words: Sequence[Word], name: str) -> ProgramUse:
    """`bash -c SCRIPT` is judged by the script; `bash FILE` runs a file; alone, a shell runs its input."""
    whole = frozenset(range(len(words)))
    if len(words) < 2 or not words[1].is_known:
        return ProgramUse(whole)
    option = words[1].text
    is_script = re.fullmatch("-[eux]*c", option) and len(words) == 3 and words[2].is_known
    if is_script and name in LOOKED_INTO:
        return ProgramUse(whole, script=words[2].text)
    is_file = not option.startswith(("-", "+", "/dev/", "/proc/")) and option not in ("", "-")
    return ProgramUse(frozenset((0,)) if is_file else whole)


def _use_of_sudo(words: Sequence[Word]) -> ProgramUse:
    """A rule for `sudo` has to name the program; what may run without it says nothing of running as root."""
    inner = words[1:]
    if not inner or inner[0].text.startswith("-") or "=" in inner[0].text:
        return ProgramUse(frozenset(range(len(words))))
    use = use_of(inner)
    return ProgramUse(frozenset((0, 1)) | {position + 1 for position in use.named})


def _use_of_wrapper(words: Sequence[Word], name: str) -> ProgramUse:
    start = WRAPPERS[name](words)
    if start is None:
        return ProgramUse(frozenset(range(len(words))))
    inner = tuple(words[start:])
    if not inner:
        return ProgramUse(frozenset((0,)))
    use = use_of(inner)
    named = frozenset(range(start + 1)) | {position + start for position in use.named}
    if name == "xargs":
        if not _takes_anything(inner):
            return ProgramUse(frozenset(range(len(words))))
        inner = (*inner, Word("", Meaning.VALUE))
    return ProgramUse(named, inner)


def _takes_anything(inner: Sequence[Word]) -> bool:
    """Whether no argument that `xargs` could add makes this program run another one."""
    return _plain_name(inner) not in {*RISKS, *WRAPPERS, *SHELLS, *OPAQUE, *AWKS, "git", "sudo", "sed"}

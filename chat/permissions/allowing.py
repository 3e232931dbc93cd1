"""What rules that allow say of a script: each of its commands has to be allowed, or to look and no more."""

from collections.abc import Sequence

from chat.permissions.command_match import fits
from chat.permissions.ground import Decision, Ground, is_change_of_folder, with_folders
from chat.permissions.path_match import absolute_path
from chat.permissions.programs import program_name, use_of
from chat.permissions.read_only import is_read_only
from chat.permissions.rule import PermissionMode, Rule, Rules
from chat.permissions.shell_script import read_script
from chat.permissions.shell_words import SimpleCommand, Unclear, Word
from chat.permissions.wrappers import is_harmless_assignment

_MAX_NESTED_SCRIPTS = 3


def allowing(
    commands: Sequence[SimpleCommand], unclear: str, rules: Rules, mode: PermissionMode, ground: Ground
) -> Decision:
    allowing = rules.of("allow", "Bash")
    everything = next((rule for rule in allowing if not rule.pattern), None)
    if everything is not None:
        return Decision("allow", f"the rule {everything} says so", everything)
    if not commands:
        return Decision("ask", f"no rule can be applied to it: {unclear}")
    for command, folder in with_folders(commands, ground):
        is_look = mode != "dontAsk" and _is_look(command, folder, ground)
        if not is_look and not _is_allowed(command, folder, allowing, ground, _MAX_NESTED_SCRIPTS):
            return Decision("ask", f"no rule allows `{' '.join(word.text for word in command.words)}`")
    rule = allowing[0] if len(allowing) == 1 else None
    return Decision("allow", "each of its commands is allowed", rule)


def all_read_only(commands: Sequence[SimpleCommand], ground: Ground) -> bool:
    return all(_is_look(command, folder, ground) for command, folder in with_folders(commands, ground))


def _is_look(command: SimpleCommand, folder: str, ground: Ground) -> bool:
    if is_change_of_folder(command, folder, ground):
        return True
    if command.assignments or (program_name(command.words) == "git" and not ground.git_trusted):
        return False

    def is_inside(path: str) -> bool:
        return path.startswith("-") or ground.is_inside(absolute_path(path, folder))

    def may_show(path: str) -> bool:
        return ground.is_listed(ground.real(absolute_path(path, folder)))

    reads = all(is_inside(word.text) and may_show(word.text) for word in command.reads)
    return reads and is_read_only(command.words, is_inside, may_show)


def _is_allowed(
    command: SimpleCommand, folder: str, rules: Sequence[Rule], ground: Ground, depth: int
) -> bool:
    """Whether a rule allows a command, or each that it does nothing but run."""
    if is_change_of_folder(command, folder, ground):
        return True
    plain = [word for word in command.assignments if not is_harmless_assignment(word)]
    return _fits_a_rule(
        (*plain, *command.words), len(plain), bool(command.reads), folder, rules, ground, depth
    )


def _fits_a_rule(
    words: tuple[Word, ...],
    assigned: int,
    reads: bool,
    folder: str,
    rules: Sequence[Rule],
    ground: Ground,
    depth: int,
) -> bool:
    """Whether words, of which the first ``assigned`` set variables, are allowed as they are or within."""
    use = use_of(words[assigned:], reads_file=reads)
    named = frozenset(range(assigned)) | {position + assigned for position in use.named}
    if program_name(words[assigned:]) == "git" and not ground.git_trusted:
        return False
    if folder != ground.root and any(_is_relative(words[position]) for position in named):
        return False  # `./run` is another file here than the one that a rule names
    if any(fits(rule.pattern, words, named) for rule in rules):
        return True
    if assigned or not depth:
        return False
    if use.inner:
        return _fits_a_rule(use.inner, 0, reads, folder, rules, ground, depth - 1)
    return use.script is not None and _script_is_allowed(use.script, folder, rules, ground, depth - 1)


def _is_relative(word: Word) -> bool:
    return "/" in word.text and not word.text.startswith("/")


def _script_is_allowed(script: str, folder: str, rules: Sequence[Rule], ground: Ground, depth: int) -> bool:
    try:
        commands = read_script(script)
    except Unclear:
        return False
    return all(
        _is_allowed(command, place, rules, ground, depth)
        for command, place in with_folders(commands, ground, folder)
    )

"""What rules that deny or ask say of a script: wherever their command may be in it, and of files that it names."""

from collections.abc import Iterator, Sequence

from chat.permissions.command_match import fits
from chat.permissions.ground import Decision, Ground, with_folders
from chat.permissions.path_match import absolute_path, fits_path
from chat.permissions.programs import program_name, use_of
from chat.permissions.read_only import paths_in
from chat.permissions.risks import SHELLS
from chat.permissions.rule import Behavior, Rule, Rules, pattern_words
from chat.permissions.shell_script import mentioned_commands, read_script
from chat.permissions.shell_words import Meaning, SimpleCommand, Unclear, Word

_MAX_NESTED_SCRIPTS = 3


def forbidding(text: str, commands: Sequence[SimpleCommand], rules: Rules, ground: Ground) -> Decision | None:
    """Return the decision of a rule that denies or asks; None where none may fit."""
    for behavior in ("deny", "ask"):
        for rule in rules.of(behavior, "Bash"):
            if not rule.pattern or any(_forbids(rule.pattern, words) for words in _all_words(text, commands)):
                return Decision(behavior, f"the rule {rule} says so", rule)
        hidden = _hidden_path(commands, rules, behavior, ground)
        if hidden is not None:
            return hidden
    forbidding = [rule for rule in (*rules.of("deny", "Bash"), *rules.of("ask", "Bash")) if rule.pattern]
    if forbidding and (
        not commands or any(_is_vague(words, forbidding) for words in _all_words(text, commands))
    ):
        return Decision("ask", "it cannot be told whether a rule forbids it")
    return None


def _is_vague(words: Sequence[Word], rules: Sequence[Rule]) -> bool:
    """Whether only the shell knows if a command is one that a rule is about."""
    if words and not words[0].is_known:
        return True
    programs = {pattern_words(rule.pattern)[0] for rule in rules}
    is_about = bool(words) and bool({words[0].text, program_name(words)} & programs)
    return is_about and any(word.may_be_option for word in words)


def _forbids(pattern: str, words: Sequence[Word]) -> bool:
    """Whether a pattern fits a command, its program named with or without a folder."""
    if not words:
        return False
    return fits(pattern, words) or fits(pattern, (Word(program_name(words)), *words[1:]))


def _all_words(text: str, commands: Sequence[SimpleCommand]) -> Iterator[Sequence[Word]]:
    """Yield the words of each command in a script, and of each that a word of it may begin."""
    if commands:
        for command in commands:
            yield from _and_inner(command.words, _MAX_NESTED_SCRIPTS)
        return
    for mentioned in mentioned_commands(text):
        yield from _and_inner(tuple(map(Word, mentioned)), _MAX_NESTED_SCRIPTS)


def _and_inner(words: Sequence[Word], depth: int) -> Iterator[Sequence[Word]]:
    """Yield a command, and where it runs others, whatever they could be."""
    yield words
    use = use_of(words) if words and words[0].text else None
    if use is None or len(use.named) <= 1:
        return
    added = (Word("", Meaning.VALUE),) if program_name(words) == "xargs" else ()
    for start in range(1, len(words)):
        yield (*words[start:], *added)
    if use.script is not None and depth:
        yield from _words_of_script(use.script, depth)


def _words_of_script(script: str, depth: int) -> Iterator[Sequence[Word]]:
    try:
        for command in read_script(script):
            yield from _and_inner(command.words, depth - 1)
    except Unclear:
        for mentioned in mentioned_commands(script):
            yield tuple(map(Word, mentioned))


def _hidden_path(
    commands: Sequence[SimpleCommand], rules: Rules, behavior: Behavior, ground: Ground
) -> Decision | None:
    """Return the decision of a rule about files that a command's arguments name."""
    about_files = tuple(rule for rule in rules.of(behavior, "Read", "Edit", "Write") if rule.pattern)
    if not about_files:
        return None
    is_vague = False
    for command, folder in with_folders(commands, ground):
        for word in (*command.words[1:], *command.reads):
            for path in paths_in(word):
                rule = fitting(about_files, absolute_path(path, folder), ground)
                if rule is not None:
                    return Decision(behavior, f"the rule {rule} says so", rule)
        is_vague = is_vague or _may_name_others(command)
    return Decision("ask", f"it cannot be told whether {about_files[0]} forbids it") if is_vague else None


def _may_name_others(command: SimpleCommand) -> bool:
    """Whether a command may read files that its words do not name: those of a script, or of its input."""
    names = {word.text.rpartition("/")[2] for word in command.words}
    return "xargs" in names or bool(names & SHELLS) or not all(word.is_known for word in command.words)


def fitting(rules: Sequence[Rule], path: str, ground: Ground) -> Rule | None:
    """Return a rule that forbids a file, by its name or by that of the file it leads to."""
    places = ground.places(path)
    return next(
        (
            rule
            for rule in rules
            for place in places
            if fits_path(rule.pattern, place, ground.root, any_case=True)
        ),
        None,
    )

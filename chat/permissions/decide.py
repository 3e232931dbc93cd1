"""Rules, a mode and what is to be done → allow it, ask about it, or deny it.

What is denied comes before what is asked about, and that before what is allowed. A rule that allows has to
fit every command of a script by itself; one that denies or asks counts wherever its command may be in it.
"""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chat.permissions.command_match import fits
from chat.permissions.path_match import absolute_path, fits_path
from chat.permissions.programs import SHELLS, is_harmless_assignment, program_name, use_of
from chat.permissions.read_only import is_read_only, paths_in
from chat.permissions.rule import Behavior, PermissionMode, Rule, Rules, pattern_words
from chat.permissions.shell_script import mentioned_commands, read_script
from chat.permissions.shell_words import Meaning, SimpleCommand, Unclear, Word

_MAX_NESTED_SCRIPTS = 3
_EDITS = ("Edit", "Write")


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, and why."""

    behavior: Behavior
    reason: str
    rule: Rule | None = None
    """The rule that decided."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where commands run and files are."""

    root: str = "/"
    """An absolute path with `/`, links resolved."""
    real: Callable[[str], str] = field(default=lambda path: path)
    """Resolves the links in an absolute path."""
    is_listed: Callable[[str], bool] = field(default=lambda path: True)  # noqa: ARG005
    """Whether an absolute path, links resolved, is one that the model may see, or of no file at all."""
    git_trusted: bool = True
    """The user trusts what git would run here, or that is nothing."""

    def is_inside(self, path: str) -> bool:
        """Whether an absolute path is the root or below it, also once links are resolved."""
        return all(f"{place}/".startswith(f"{self.root.rstrip('/')}/") for place in (path, self.real(path)))


def decide_command(text: str, rules: Rules, mode: PermissionMode, ground: Ground | None = None) -> Decision:
    """Decide on a script that the model wants to run.

    >>> from chat.permissions.rule import parse_rules
    >>> rules = Rules(allow=parse_rules(["Bash(pytest *)"]))
    >>> decide_command("pytest -q; rm -r build", rules, "dontAsk").behavior
    'deny'
    >>> decide_command("timeout 60 pytest -q", rules, "dontAsk").behavior
    'allow'
    """
    ground = ground or Ground()
    try:
        commands, unclear = read_script(text), ""
    except Unclear as error:
        commands, unclear = (), str(error)
    forbidding = _forbidding(text, commands, rules, ground)
    if forbidding is not None and forbidding.behavior == "deny":
        return forbidding
    if mode == "bypassPermissions":
        return forbidding or Decision("allow", "this mode allows everything")
    if mode == "plan":
        if commands and _all_read_only(commands, ground):
            return forbidding or Decision("allow", "it only looks")
        return Decision(
            "deny", "in plan mode only commands that look are run" + (f"; {unclear}" if unclear else "")
        )
    decision = forbidding or _allowing(commands, unclear, rules, mode, ground)
    return _without_asking(decision) if mode == "dontAsk" and decision.behavior == "ask" else decision


def _without_asking(decision: Decision) -> Decision:
    return Decision("deny", f"{decision.reason}, and nobody is asked in this mode", decision.rule)


def _forbidding(
    text: str, commands: Sequence[SimpleCommand], rules: Rules, ground: Ground
) -> Decision | None:
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
    about_files = tuple(rule for rule in rules.of(behavior, "Read", *_EDITS) if rule.pattern)
    if not about_files:
        return None
    is_vague = False
    for command, folder in _with_folders(commands, ground):
        for word in (*command.words[1:], *command.reads):
            for path in paths_in(word):
                rule = _fitting(about_files, absolute_path(path, folder), ground)
                if rule is not None:
                    return Decision(behavior, f"the rule {rule} says so", rule)
        is_vague = is_vague or _may_name_others(command)
    return Decision("ask", f"it cannot be told whether {about_files[0]} forbids it") if is_vague else None


def _may_name_others(command: SimpleCommand) -> bool:
    """Whether a command may read files that its words do not name: those of a script, or of its input."""
    names = {word.text.rpartition("/")[2] for word in command.words}
    return "xargs" in names or bool(names & SHELLS) or not all(word.is_known for word in command.words)


def _fitting(rules: Sequence[Rule], path: str, ground: Ground) -> Rule | None:
    """Return a rule that forbids a file, by its name or by that of the file it leads to."""
    places = dict.fromkeys((path, ground.real(path)))
    return next(
        (
            rule
            for rule in rules
            for place in places
            if fits_path(rule.pattern, place, ground.root, any_case=True)
        ),
        None,
    )


def _allowing(
    commands: Sequence[SimpleCommand], unclear: str, rules: Rules, mode: PermissionMode, ground: Ground
) -> Decision:
    allowing = rules.of("allow", "Bash")
    everything = next((rule for rule in allowing if not rule.pattern), None)
    if everything is not None:
        return Decision("allow", f"the rule {everything} says so", everything)
    if not commands:
        return Decision("ask", f"no rule can be applied to it: {unclear}")
    for command, folder in _with_folders(commands, ground):
        is_look = mode != "dontAsk" and _is_look(command, folder, ground)
        if not is_look and not _is_allowed(command, folder, allowing, ground, _MAX_NESTED_SCRIPTS):
            return Decision("ask", f"no rule allows `{' '.join(word.text for word in command.words)}`")
    rule = allowing[0] if len(allowing) == 1 else None
    return Decision("allow", "each of its commands is allowed", rule)


def _with_folders(
    commands: Sequence[SimpleCommand], ground: Ground, folder: str = ""
) -> Iterator[tuple[SimpleCommand, str]]:
    """Yield each command with the folder that it runs in, as `cd` before it says; it begins in the root."""
    folder = folder or ground.root
    for command in commands:
        yield command, folder
        if _is_change_of_folder(command, folder, ground):
            folder = absolute_path(command.words[1].text, folder)


def _is_change_of_folder(command: SimpleCommand, folder: str, ground: Ground) -> bool:
    """Whether a command is `cd` into a folder below the root."""
    words = command.words
    is_plain = len(words) == 2 and words[0].text == "cd" and words[0].is_bare and words[1].is_known
    if not is_plain or command.assignments or command.reads or words[1].text[:1] in ("", "-", "~"):
        return False
    return ground.is_inside(absolute_path(words[1].text, folder))


def _all_read_only(commands: Sequence[SimpleCommand], ground: Ground) -> bool:
    return all(_is_look(command, folder, ground) for command, folder in _with_folders(commands, ground))


def _is_look(command: SimpleCommand, folder: str, ground: Ground) -> bool:
    if _is_change_of_folder(command, folder, ground):
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
    if _is_change_of_folder(command, folder, ground):
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
        for command, place in _with_folders(commands, ground, folder)
    )


def decide_edit(
    path: str, rules: Rules, mode: PermissionMode, ground: Ground | None = None, *, is_new: bool = False
) -> Decision:
    """Decide on a change of a file, by its path relative to the root.

    >>> from chat.permissions.rule import parse_rules
    >>> rules = Rules(deny=parse_rules(["Edit(migrations/**)"]))
    >>> decide_edit("migrations/0001.py", rules, "default").behavior
    'deny'
    """
    ground = ground or Ground()
    tools = _EDITS if is_new else ("Edit",)
    full = posixpath.join(ground.root, path)
    for behavior in ("deny", "ask"):
        rule = _fitting_any(rules.of(behavior, *tools), full, ground)
        if rule is not None and not (behavior == "ask" and mode == "bypassPermissions"):
            decision = Decision(behavior, f"the rule {rule} says so", rule)
            return _without_asking(decision) if mode == "dontAsk" and behavior == "ask" else decision
    if mode == "plan":
        return Decision("deny", "in plan mode nothing is written")
    allowing = rules.of("allow", *tools)
    rule = next((rule for rule in allowing if _allows_path(rule, full, ground)), None)
    if mode == "dontAsk" and rule is None:
        return Decision("deny", "no rule allows it, and nobody is asked in this mode")
    return Decision("allow", f"the rule {rule} says so" if rule else "edits are allowed in this mode", rule)


def decide_read(path: str, rules: Rules, ground: Ground | None = None) -> Decision:
    """Decide on showing a file to the model, by its path relative to the root."""
    ground = ground or Ground()
    full = posixpath.join(ground.root, path)
    for behavior in ("deny", "ask"):
        rule = _fitting_any(rules.of(behavior, "Read"), full, ground)
        if rule is not None:
            return Decision(behavior, f"the rule {rule} says so", rule)
    return Decision("allow", "reading is allowed")


def _fitting_any(rules: Sequence[Rule], path: str, ground: Ground) -> Rule | None:
    whole = next((rule for rule in rules if not rule.pattern), None)
    return whole or _fitting([rule for rule in rules if rule.pattern], path, ground)


def _allows_path(rule: Rule, path: str, ground: Ground) -> bool:
    """Whether a rule allows a file by its name and by that of the file it leads to."""
    return not rule.pattern or all(
        fits_path(rule.pattern, place, ground.root) for place in (path, ground.real(path))
    )

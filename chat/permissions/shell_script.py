"""A command line → the commands that it would run, as two readers of its text agree on them.

`shell_words` reads the plain part of the language. The syntax tree of the Bash grammar has to show the same
commands at the same places, and nothing else; where the two differ, one of them has been misled.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chat.permissions.shell_words import SimpleCommand, Unclear, simple_commands

if TYPE_CHECKING:
    from repomap import ShellNode

_TRANSPARENT = frozenset(("program", "list", "pipeline", "redirected_statement"))
_OPERATORS = frozenset(("&&", "||", "|", ";", "\n"))
_WORDS = frozenset(
    ("word", "number", "string", "raw_string", "concatenation", "simple_expansion", "expansion")
)
_IN_WORDS = (
    frozenset('" { } $ ${ string_content variable_name word number raw_string string'.split()) | _WORDS
)
_REDIRECTIONS = frozenset(("file_redirect",))


def read_script(text: str) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of a script, in order. Raises Unclear where it may run anything else."""
    commands = simple_commands(text)
    tree = _tree(text)
    if tree is None:
        raise Unclear("it is too long or too deep")
    if any(node.broken for node in tree.walk()):
        raise Unclear("it is not a complete command line")
    if sorted(_pieces(tree)) != sorted(_spans_in_bytes(text, commands)):
        raise Unclear("it can be read in two ways")
    return commands


def mentioned_commands(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of all commands anywhere in a script, without quotes, as far as they can be told.

    For rules that forbid: it also looks into substitutions, functions and whatever else `read_script` refuses.
    """
    tree = _tree(text)
    if tree is None:
        return ()
    found = []
    for node in tree.walk():
        if node.kind in ("command", "declaration_command", "unset_command", "test_command"):
            words = (child.text for child in node.children if child.kind != "variable_assignment")
            found.append(tuple(_unquoted(word) for word in words))
    return tuple(found)


def _tree(text: str) -> "ShellNode | None":
    """Parse a script; imported here, since a chat begins without the grammars."""
    from repomap import shell_syntax

    return shell_syntax(text)


def _unquoted(word: str) -> str:
    return word.translate(str.maketrans("", "", "\\'\""))


def _pieces(node: "ShellNode") -> Iterator[tuple[int, int]]:
    """Yield from where to where the words and redirections of all commands reach, in bytes. Raises Unclear."""
    for child in node.children:
        if child.kind in _TRANSPARENT:
            yield from _pieces(child)
        elif child.kind == "command":
            yield from _pieces_of_command(child)
        elif child.kind in _REDIRECTIONS:
            yield from _pieces_of_redirection(child)
        elif child.kind not in _OPERATORS:
            raise Unclear(f"it is more than programs with their arguments ({child.kind.replace('_', ' ')})")


def _pieces_of_command(command: "ShellNode") -> Iterator[tuple[int, int]]:
    for child in command.children:
        if child.kind == "variable_assignment" or child.kind == "command_name" or child.kind in _WORDS:
            inner = {node.kind for node in child.walk()} - {
                "variable_assignment",
                "command_name",
                "=",
                "+=",
            }
            if not inner <= _IN_WORDS:
                raise Unclear("a word of it is not plain")
            yield child.start, child.end
        elif child.kind in _REDIRECTIONS:
            yield from _pieces_of_redirection(child)
        else:
            raise Unclear(f"it is more than programs with their arguments ({child.kind.replace('_', ' ')})")


def _pieces_of_redirection(redirection: "ShellNode") -> Iterator[tuple[int, int]]:
    """Yield the redirection with its first target; the grammar takes the arguments behind it for more targets."""
    targets = [child for child in redirection.children if child.kind in _WORDS]
    if not targets:
        raise Unclear("it has an unusual redirection")
    yield redirection.start, targets[0].end
    for target in targets[1:]:
        if not {node.kind for node in target.walk()} <= _IN_WORDS:
            raise Unclear("a word of it is not plain")
        yield target.start, target.end


def _spans_in_bytes(text: str, commands: tuple[SimpleCommand, ...]) -> Iterator[tuple[int, int]]:
    for command in commands:
        for start, end in command.pieces:
            yield len(text[:start].encode()), len(text[:end].encode())

"""[io] The answer that a program reads: JSON that fits the schema of `--json-schema`."""

from pathlib import Path

from chat.commands.command import CommandContext
from chat.conversation.answer_schema import AnswerMisfit, AnswerSchema, Checked, parse_schema
from chat.conversation.prompt_texts import ANSWER_MISFIT
from chat.errors import UsageError
from chat.safety.small_file import read_named

_MAX_SCHEMA_BYTES = 1_000_000


class StructuredAnswer:
    """The schema of a run, and the value that the model gave for it."""

    def __init__(self, given: str) -> None:
        """Read the schema from a file or as it is. Raises InputError."""
        self.schema: AnswerSchema = _read(given)
        self.is_there = False
        self.value: object = None

    def forget(self) -> None:
        """Forget the value, before another request."""
        self.is_there, self.value = False, None

    def require(self, context: CommandContext) -> None:
        """Take the value from the last answer; where it does not fit, take one turn more to have it corrected.

        Raises AnswerMisfit where it does not fit then, UsageError where no model was asked.
        """
        if not context.turns:
            raise UsageError(
                "--json-schema counts for what the model answers, and this request asks no model. Leave it out."
            )
        turn = context.turns[-1]
        if turn.delegated and not turn.answer:
            return  # the agent was asked once more itself, and the turn says why it failed
        checked = self.schema.check(turn.answer or turn.text)
        if checked.errors:
            context.say(
                f"The answer does not fit the schema, so it is asked for once more:\n{_lines(checked)}"
            )
            context.send(ANSWER_MISFIT.format(errors=_lines(checked)), is_typed=False)
            checked = self.schema.check(context.turns[-1].text)
        if checked.errors:
            raise AnswerMisfit(
                f"The answer does not fit its schema, not even when asked for once more:\n{_lines(checked)}\n"
                "What the turns changed stays; ask differently, or let a schema of yours demand less."
            )
        self.is_there, self.value = True, checked.value


def _lines(checked: Checked) -> str:
    return "\n".join(checked.errors)


def _read(given: str) -> AnswerSchema:
    """Read a schema that is given itself, which begins with a brace, or as the path of a file."""
    if given.lstrip().startswith("{"):
        return parse_schema(given, "The text of --json-schema")
    return parse_schema(_text_of(given), given)


def _text_of(path: str) -> str:
    data = read_named(
        Path(path),
        f"--json-schema {path}",
        "Nothing was sent",
        advice="name a file that can be read, or give the schema itself",
        max_bytes=_MAX_SCHEMA_BYTES,
    )
    return data.decode("utf-8-sig", "replace")

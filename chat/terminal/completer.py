"""[io] Completion as prompt_toolkit asks for it: in a thread, so that a slow source does not stop the keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chat.commands.completions import Sources, candidates
from chat.safety.printable import on_one_line

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document


def make_completer(sources: Sources) -> "Completer":
    """The completer of the prompt."""
    from prompt_toolkit.completion import Completer, Completion, ThreadedCompleter

    class ChatCompleter(Completer):
        """Only what is before the cursor counts."""

        def get_completions(
            self, document: "Document", complete_event: "CompleteEvent"
        ) -> Iterable["Completion"]:
            asked = complete_event.completion_requested
            for found in candidates(document.text_before_cursor, sources, asked):
                yield Completion(
                    found.text,
                    -found.length,
                    display=on_one_line(found.text),
                    display_meta=found.about,
                )

    return ThreadedCompleter(ChatCompleter())

"""[io] Connects completion to prompt_toolkit, in a thread, so that a slow source does not block the keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chat.commands.completions import Sources, candidates
from chat.safety.printable import on_one_line

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer


def make_completer(sources: Sources) -> "Completer":
    """Make the completer of the prompt."""
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
    from prompt_toolkit.document import Document

    class ChatCompleter(Completer):
        """Completes what is before the cursor."""

        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            requested = complete_event.completion_requested
            for candidate in candidates(document.text_before_cursor, sources, requested):
                yield Completion(
                    candidate.text,
                    -candidate.length,
                    display=on_one_line(candidate.text),
                    display_meta=candidate.about,
                )

    return ThreadedCompleter(ChatCompleter())

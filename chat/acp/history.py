"""The journal of a session → what an editor shows of it when it is loaded again."""

from collections.abc import Iterable, Iterator

from acp.helpers import update_agent_message_text, update_user_message_text

from chat.acp.texts import plain
from chat.acp.updates import Update
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.transcripts import messages_in


def replayed(lines: Iterable[JournalLine]) -> Iterator[Update]:
    """Yield the requests and replies of a session, in order; what the program told the model is left out."""
    for message in messages_in(lines):
        text = plain(message.text)
        if message.kind == "request":
            yield update_user_message_text(text)
        elif message.kind == "reply":
            yield update_agent_message_text(text)

"""Splits a streamed text that begins with `<think>…</think>` into a model's reasoning and its reply."""

OPENINGS = ("<think>", "<thinking>", "<thought>")


class Thinking:
    """Takes a text piece by piece; gives each piece's reasoning and reply.

    Only a text that begins with an opening tag holds reasoning: the tags within a reply are part of
    what it says. What is not yet decided is held back, and ``rest`` gives it when the text ends.
    """

    __slots__ = ("_close", "_held", "_state")

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        self._state = "start"

    def take(self, piece: str) -> tuple[str, str]:
        """The reasoning and the reply that are certain now."""
        if self._state == "reply":
            return "", piece
        self._held += piece
        if self._state == "start":
            self._open()
        if self._state == "thinking":
            return self._think()
        if self._state == "after":
            return "", self._trim()
        if self._state == "reply":
            held, self._held = self._held, ""
            return "", held
        return "", ""

    def rest(self) -> tuple[str, str]:
        """What was held back; a text that ends within its reasoning has no reply."""
        held, self._held = self._held, ""
        return (held, "") if self._state == "thinking" else ("", held if self._state == "start" else "")

    def _open(self) -> None:
        begun = self._held.lstrip()
        opening = next((tag for tag in OPENINGS if begun.startswith(tag)), "")
        if opening:
            self._state, self._close = "thinking", opening.replace("<", "</")
            self._held = begun.removeprefix(opening)
        elif not any(tag.startswith(begun) for tag in OPENINGS):
            self._state = "reply"

    def _think(self) -> tuple[str, str]:
        thought, found, after = self._held.partition(self._close)
        if found:
            self._state, self._held = "after", after
            return thought, self._trim()
        kept = next((n for n in range(len(self._close) - 1, 0, -1) if thought.endswith(self._close[:n])), 0)
        self._held = thought[len(thought) - kept :]
        return thought[: len(thought) - kept], ""

    def _trim(self) -> str:
        """The reply without the white space between it and its reasoning."""
        text, self._held = self._held.lstrip(), ""
        if text:
            self._state = "reply"
        return text

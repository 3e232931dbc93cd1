"""Splits a streamed text that begins with `<think>…</think>` into reasoning and reply. Pure."""

OPENINGS = ("<think>", "<thinking>", "<thought>")


class ThinkingSplitter:
    """Takes a text piece by piece and splits each into reasoning and reply.

    Only a text that begins with an opening tag holds reasoning; tags further inside belong to the
    reply. What cannot be decided yet is held back, until ``rest`` returns it at the end of the text.

    >>> splitter = ThinkingSplitter()
    >>> splitter.take("<think>Hm"), splitter.take("m</think> Yes"), splitter.rest()
    (('Hm', ''), ('m', 'Yes'), ('', ''))
    """

    __slots__ = ("_close", "_held", "_state")

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        self._state = "start"

    def take(self, piece: str) -> tuple[str, str]:
        """Return the reasoning and the reply that are certain by now."""
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
        """Return what was held back; a text that ends within its reasoning has no reply."""
        held, self._held = self._held, ""
        return (held, "") if self._state == "thinking" else ("", held if self._state == "start" else "")

    def _open(self) -> None:
        start = self._held.lstrip()
        opening = next((tag for tag in OPENINGS if start.startswith(tag)), "")
        if opening:
            self._state, self._close = "thinking", opening.replace("<", "</")
            self._held = start.removeprefix(opening)
        elif not any(tag.startswith(start) for tag in OPENINGS):
            self._state = "reply"

    def _think(self) -> tuple[str, str]:
        reasoning, closed, after = self._held.partition(self._close)
        if closed:
            self._state, self._held = "after", after
            return reasoning, self._trim()
        partial = next(
            (n for n in range(len(self._close) - 1, 0, -1) if reasoning.endswith(self._close[:n])), 0
        )
        self._held = reasoning[len(reasoning) - partial :]
        return reasoning[: len(reasoning) - partial], ""

    def _trim(self) -> str:
        """The reply without the white space after its reasoning."""
        text, self._held = self._held.lstrip(), ""
        if text:
            self._state = "reply"
        return text

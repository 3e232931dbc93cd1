"""Fences the examples in docstrings, which Markdown would take for quotations."""

import re

import griffe

EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
"""A line that begins with `>>>`, and what follows up to an empty line."""


class FencedExamples(griffe.Extension):
    """Puts each example into a block of its own."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Rewrite the docstring of a class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(r"\n```pycon\n\g<0>\n```", obj.docstring.value)

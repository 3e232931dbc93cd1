"""The colours of the prompt: the terminal's own sixteen, so that they follow its theme, light or dark."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.styles import Style

_RULES = {
    "prompt": "bold ansigreen",
    "bottom-toolbar": "noreverse ansibrightblack",
    "bottom-toolbar.warning": "ansiyellow",
    "completion-menu": "noinherit",
    "completion-menu.completion": "noinherit",
    "completion-menu.completion.current": "noinherit reverse",
    "completion-menu.meta.completion": "noinherit ansibrightblack",
    "completion-menu.meta.completion.current": "noinherit reverse",
    "scrollbar.background": "noinherit",
    "scrollbar.button": "noinherit reverse",
}

_PLAIN_RULES = {
    name: "noinherit reverse" if "reverse" in rule.split() else "noinherit noreverse"
    for name, rule in _RULES.items()
}


def make_style(*, with_colours: bool = True) -> "Style":
    """Make the style of the line editor; without colours only what is chosen in a menu stands out."""
    from prompt_toolkit.styles import Style

    return Style.from_dict(_RULES if with_colours else _PLAIN_RULES)

"""The colours of the prompt, and a prompt without them."""

from chat.terminal.interactive.style import make_style


def test_without_colours_only_what_is_chosen_stands_out() -> None:
    """`--no-pretty` and NO_COLOR: no rule names a colour, and a chosen line is reversed as before."""
    rules = dict(make_style(with_colours=False).style_rules)
    assert rules.keys() == dict(make_style().style_rules).keys()
    assert {word for rule in rules.values() for word in rule.split()} == {"noinherit", "noreverse", "reverse"}
    assert rules["completion-menu.completion.current"] == "noinherit reverse"

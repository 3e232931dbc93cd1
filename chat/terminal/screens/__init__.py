"""Events → text on a terminal or in a file: `screen` as plain text, `rich_screen` with colours, `verbose_screen` more.

`output` is what they share, and `keys` switches the echo of what is typed while they draw. All touch the terminal.
"""

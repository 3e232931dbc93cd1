"""A layout as a profile for `sandbox-exec` of macOS.

Written from its documentation and never tried on a Mac, so it is used only where `--sandbox sandbox-exec`
asks for it. The home is hidden by denying to read it; a scratch folder cannot be put in its place.
"""

from collections.abc import Iterable

from chat.sandbox.layout import Layout


def seatbelt_arguments(layout: Layout, *, network: bool = False) -> list[str]:
    """Return the program and its arguments, to be followed by the command."""
    return ["sandbox-exec", "-p", seatbelt_profile(layout, network=network)]


def seatbelt_profile(layout: Layout, *, network: bool = False) -> str:
    """Return the profile: later lines count before earlier ones."""
    scratch = (layout.home, layout.temporary, *layout.writable)
    lines = [
        "(version 1)",
        "(allow default)",
        *(() if network else ("(deny network*)",)),
        f"(deny file-read* file-write* {_below(layout.homes)})",
        "(deny file-write*)",
        f"(allow file-read* {_below((*layout.tools, layout.root, *scratch))})",
        f"(allow file-write* {_below((layout.root, *scratch))})",
        '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))',
    ]
    lines += [f"(deny file-write* {_below(layout.protected)})"] if layout.protected else []
    lines += [f"(deny file-read* file-write* {_below(layout.hidden)})"] if layout.hidden else []
    return "\n".join(lines)


def _below(paths: Iterable[str]) -> str:
    return " ".join(f"(subpath {_quoted(path)})" for path in paths)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

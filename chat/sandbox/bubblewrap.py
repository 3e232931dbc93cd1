"""A layout as arguments of bubblewrap, which builds it from namespaces of Linux."""

import os
from collections.abc import Iterator

from chat.sandbox.layout import Layout, is_below

_RESOLVERS = ("/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf")
"""Where `/etc/resolv.conf` may lead."""


def bubblewrap_arguments(layout: Layout, *, network: bool = False) -> list[str]:
    """Return the program and its arguments, to be followed by the command."""
    return ["bwrap", *_arguments(layout, network=network), "--"]


def _arguments(layout: Layout, *, network: bool) -> Iterator[str]:
    yield from ("--die-with-parent", "--new-session", "--unshare-all", "--cap-drop", "ALL")
    yield from ("--share-net",) if network else ()
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    yield from ("--tmpfs", "/run")  # sockets of daemons, such as Docker's
    for path in _RESOLVERS if network else ():
        yield from ("--ro-bind-try", path, path)
    for folder in ("/tmp", "/var/tmp"):  # noqa: S108 - these are what is replaced
        yield from ("--bind", layout.temporary, folder) if os.path.isdir(folder) else ()
    first, *others = layout.homes
    for home in others:
        yield from ("--tmpfs", home) if home != "/" else ()
    yield from ("--bind", layout.home, first) if first != "/" else ()
    for path in layout.tools:
        if not is_below(path, layout.root):
            yield from ("--ro-bind-try", path, path)
    yield from ("--bind", layout.root, layout.root)
    for path in layout.writable:
        yield from ("--bind", path, path)
    for path in layout.hidden:
        yield from ("--tmpfs", path) if os.path.isdir(path) else ("--ro-bind", "/dev/null", path)
    for path in layout.protected:
        yield from ("--ro-bind-try", path, path)
    yield from ("--chdir", layout.root)

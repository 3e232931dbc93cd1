"""[io] Two files swapped in a single step, where the system can do that.

A rename drops what it replaces, so what somebody wrote a moment before would be lost unseen. After
a swap it can be looked at, and given back.
"""

import errno
import functools
import os
from collections.abc import Callable

_HERE = -100
"""AT_FDCWD of Linux: paths are relative to the working directory."""
_SWAP = 2
"""RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS."""
_CANNOT = frozenset(
    (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EPERM, errno.ENOTTY)
)
"""What systems, file systems and sandboxes without the call answer."""

_Call = Callable[[bytes, bytes], int]


def exchange(one: str, other: str) -> bool:
    """Swap two files of a folder; False, and nothing has happened, where that is not to be had.

    Raises OSError for everything else, FileNotFoundError where one of them is not there.
    """
    call = _system_call()
    if call is None:
        return False
    code = call(os.fsencode(one), os.fsencode(other))
    if code and code not in _CANNOT:
        raise OSError(code, os.strerror(code), other)
    return not code


@functools.cache
def _system_call() -> _Call | None:
    """The call of this system: 0, or the number of an error; None on one that has none (Windows)."""
    import ctypes

    try:
        library = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):
        return None
    linux, mac = getattr(library, "renameat2", None), getattr(library, "renamex_np", None)
    if linux is not None:
        linux.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: ctypes.get_errno() if linux(_HERE, one, _HERE, other, _SWAP) else 0
    if mac is not None:
        mac.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: ctypes.get_errno() if mac(one, other, _SWAP) else 0
    return None

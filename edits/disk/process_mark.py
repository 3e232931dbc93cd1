"""[io] A mark that names this process to others: its machine, the start of that, its number and its own start.

Whoever finds the mark can tell whether the process is gone. A number alone does not say so: it may be that of
another machine on a shared disk, of another container, from before a restart, or given out again.
"""

import functools
import os
import platform
from hashlib import sha256

PATTERN = r"[0-9a-f]{8}-[0-9a-f]{8}-\d+-\d+|\d+"
"""What a mark looks like; earlier versions wrote the number of the process alone."""
_UNKNOWN = "0"


def own_mark() -> str:
    """Return the mark of this process.

    >>> is_gone(own_mark())
    False
    """
    pid = os.getpid()
    return f"{_machine()}-{_boot()}-{pid}-{_start_of(pid)}"


def is_gone(mark: str) -> bool:
    """Whether the process of a mark is known to have ended; False where nobody here can know."""
    machine, _, rest = mark.partition("-")
    if not rest:
        return machine.isdigit() and not is_alive(int(machine))
    boot, _, rest = rest.partition("-")
    number, _, start = rest.partition("-")
    if machine != _machine() or not number.isdigit():
        return False
    if boot != _boot():
        return True
    pid = int(number)
    if not is_alive(pid):
        return True
    return _UNKNOWN not in (start, began := _start_of(pid)) and began != start


def pid_of(mark: str) -> str:
    """Return the number of the process, for a message.

    >>> pid_of("0123abcd-4567cdef-89-1011"), pid_of("89")
    ('89', '89')
    """
    parts = mark.split("-")
    return parts[2] if len(parts) == 4 else mark


def is_alive(pid: int) -> bool:
    """Whether a process of this machine runs; True where the system does not say."""
    if os.name == "nt":
        return True  # there is no way to ask that could not end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _stat_of(pid).startswith("Z")  # killed, and its parent has not looked yet


@functools.cache
def _machine() -> str:
    """The name of the machine and the space of its numbers of processes, which a container has of its own."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return _short(f"{platform.node()}\0{space}")


@functools.cache
def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return _short(file.read())
    except OSError:
        return _short(_mac_boot())


def _mac_boot() -> str:
    """The id of this start of macOS; "" on other systems, where a start cannot be told from the next."""
    if platform.system() != "Darwin":
        return ""
    import ctypes

    buffer = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(buffer))
    try:
        code = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return ""
    return "" if code else buffer.value.decode("ascii", "replace")


def _start_of(pid: int) -> str:
    """When a process began, in ticks since the start of the machine; "0" where the system does not say."""
    fields = _stat_of(pid).split()
    return fields[19] if len(fields) > 19 else _UNKNOWN


def _stat_of(pid: int) -> str:
    """What Linux tells of a process, from its state on; "" elsewhere."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].lstrip()
    except OSError:
        return ""


def _short(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

"""The parse worker: names of files come in on stdin, what parsing found in each goes out on stdout.

Parsing runs here, in a process of its own, because some grammars hang or crash on hostile text.
The worker says which file it is about to parse before it does, under a limit of CPU time that the
system enforces by killing it, so that its parent always knows which content to blame. It imports
only what parsing needs.
"""

import gc
import os
import stat
import sys
import time
from hashlib import blake2b

from repomap.files.file_kinds import is_binary, is_minified, looks_generated
from repomap.model import FileTags, SkipReason
from repomap.parsing import tags_codec
from repomap.parsing.languages import Language, language_of, sniff
from repomap.parsing.parse import parse_source, parse_text
from repomap.workers.protocol import (
    DIGEST_BYTES,
    OPENED,
    OUT_OF_MEMORY,
    READY,
    RESULT,
    Facts,
    pack_facts,
    pack_frame,
    read_batches,
)

SOURCE_BYTES = 1_000_000
TEXT_BYTES = 200_000
"""Above these sizes a source, and a text that has no grammar, is listed and not read."""

_OPEN_FLAGS = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
)
"""Those that the system has: a FIFO holds nothing up, a terminal is not taken over."""


class NotParsedError(Exception):
    """A file that is listed without being parsed."""

    def __init__(self, reason: SkipReason) -> None:
        self.reason = reason
        super().__init__(reason)


def main() -> None:
    """Answer batches until stdin ends. Arguments: CPU seconds for a file, bytes of memory."""
    cpu_s, memory_bytes = float(sys.argv[1]), int(sys.argv[2])
    answers = os.dup(1)
    os.dup2(2, 1)  # what a grammar prints must not stand among the answers
    _limit_process(memory_bytes)
    gc.freeze()
    gc.disable()  # parsing makes a million objects and no cycles
    status = 0
    try:
        _send(answers, READY, 0, b"")
        for root, files in read_batches(sys.stdin.buffer):
            for number, path in files:
                _limit_cpu(cpu_s)
                _answer(answers, number, root, path)
            _limit_cpu(0)
            gc.collect(0)
    except MemoryError:
        status = OUT_OF_MEMORY
    except BrokenPipeError:
        pass  # the parent is gone
    os._exit(status)


def _answer(answers: int, number: int, root: bytes, path: bytes) -> None:
    """Sends the facts of one file, then its tags."""
    facts, language, source, reason = _open(root, path)
    _send(answers, OPENED, number, pack_facts(facts))
    if reason:
        tags = FileTags(language.name if language else "", source.count(b"\n"), reason)
    else:
        tags = _parse(source, language)
    _send(answers, RESULT, number, tags_codec.encode(tags))


def _parse(source: bytes, language: Language | None) -> FileTags:
    try:
        return parse_source(source, language) if language else parse_text(source)
    except MemoryError:
        raise
    except Exception as error:  # whatever a binding raises on hostile text concerns this file alone
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return FileTags(language.name if language else "", source.count(b"\n"), "failed")


def _open(root: bytes, path: bytes) -> tuple[Facts, Language | None, bytes, SkipReason]:
    """A file's facts, language and content, and why it is not to be parsed."""
    name = path.decode("utf-8", "surrogateescape")
    language = language_of(name)
    limit = SOURCE_BYTES if language else TEXT_BYTES
    size = changed = 0
    digest = source = b""
    reason: SkipReason = ""
    try:
        handle = _open_regular(b"/".join((root, path)))
        try:
            status = os.fstat(handle)
            size, changed = status.st_size, status.st_mtime_ns
            source = _read(handle, status, limit)
        finally:
            os.close(handle)
        digest = blake2b(source, digest_size=DIGEST_BYTES).digest()
        language = sniff(name, source)
        reason = _why_not(source)
    except NotParsedError as unparsed:
        reason = unparsed.reason
    except OSError:
        reason = "unreadable"
    return Facts(size, changed, digest, language.name if language else ""), language, source, reason


def _open_regular(path: bytes) -> int:
    if os.path.islink(path):
        raise NotParsedError("link")  # and O_NOFOLLOW, where there is one, if it became one just now
    return os.open(path, _OPEN_FLAGS)


def _read(handle: int, status: os.stat_result, limit: int) -> bytes:
    if not stat.S_ISREG(status.st_mode):
        raise NotParsedError("unreadable")
    if status.st_size > limit:
        raise NotParsedError("large")
    parts, room, step = [], limit + 1, status.st_size + 1
    while room and (part := os.read(handle, min(room, step))):
        parts.append(part)
        room -= len(part)
        if limit + 1 - room == status.st_size:
            break  # as long as it was; one more byte was asked for
    if not room:
        raise NotParsedError("large")
    return b"".join(parts)


def _why_not(source: bytes) -> SkipReason:
    if is_binary(source):
        return "binary"
    if looks_generated(source):
        return "generated"
    return "minified" if is_minified(source) else ""


def _send(answers: int, kind: int, number: int, payload: bytes) -> None:
    frame = memoryview(pack_frame(kind, number, payload))
    while frame:
        frame = frame[os.write(answers, frame) :]


def _limit_cpu(seconds: float) -> None:
    """Has the system kill this process after so much CPU time, inside C code too; 0 takes it back."""
    if sys.platform == "win32":
        return  # the parent's watch is all there is
    import resource
    import signal

    signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:  # a second net, in whole seconds, where the timer does not work
        bound, hard = int(time.process_time() + 2 * seconds) + 2, resource.getrlimit(resource.RLIMIT_CPU)[1]
        if hard == resource.RLIM_INFINITY or bound < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (bound, hard))


def _limit_process(memory_bytes: int) -> None:
    """Bounds memory where the system can, asks for no core dumps and no dialogs about crashes."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.SetErrorMode(msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX)
        return
    import resource
    import signal

    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for name, value in (("RLIMIT_CORE", 0), ("RLIMIT_AS", _mapped_bytes() + memory_bytes)):
        kind = getattr(resource, name)
        try:
            hard = resource.getrlimit(kind)[1]
            bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (bound, hard))
        except (ValueError, OSError):
            continue  # macOS refuses some bounds; the limit on file sizes remains


def _mapped_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1 << 33  # without /proc: far above what a process maps at its start

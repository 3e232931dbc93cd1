"""The program of a parse worker: file names on stdin -> what parsing found, on stdout.

Parsing runs in a process of its own because some grammars hang or crash on hostile text. The
worker announces each file before it parses it, under a limit on CPU time that the system enforces
by killing it, so that the parent always knows which content was to blame. It imports only what
parsing needs.
"""

import errno
import gc
import os
import sys
import time

from repomap.files.skipped_files import is_binary, is_minified, looks_generated
from repomap.model import FileTags, SkipReason
from repomap.parsing import tags_codec
from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import Language, language_of
from repomap.parsing.parse import parse_source, parse_text
from repomap.safety.regular_file import open_regular
from repomap.workers.protocol import (
    MAX_SOURCE_BYTES,
    MAX_TEXT_BYTES,
    OPENED,
    OUT_OF_MEMORY,
    READY,
    RESULT,
    FileFacts,
    digest_of,
    pack_facts,
    pack_frame,
    read_batches,
)


class NotParsed(Exception):
    """The file is listed but not parsed."""

    def __init__(self, reason: SkipReason) -> None:
        self.reason = reason
        super().__init__(reason)


def main() -> None:
    """Answer batches until stdin ends. Arguments: CPU seconds for a file, bytes of memory."""
    cpu_s, memory_bytes = float(sys.argv[1]), int(sys.argv[2])
    answers = os.dup(1)
    os.dup2(2, 1)  # what a grammar prints must not get into the answers
    _limit_process(memory_bytes)
    gc.freeze()
    gc.disable()  # parsing makes a million objects and no reference cycles
    status = 0
    try:
        _send(answers, READY, 0, b"")
        for root, files in read_batches(sys.stdin.buffer):
            for task_id, path, content in files:
                _limit_cpu(cpu_s)
                _answer(answers, task_id, root, path, content)
            _limit_cpu(0)
            gc.collect(0)
    except MemoryError:
        status = OUT_OF_MEMORY
    except BrokenPipeError:
        pass  # the parent is gone
    os._exit(status)


def _answer(answers: int, task_id: int, root: bytes, path: bytes, content: bytes | None) -> None:
    """Send the facts of one file, then its tags."""
    facts, language, source, reason = _open(root, path, content)
    _send(answers, OPENED, task_id, pack_facts(facts))
    if reason:
        tags = FileTags(language.name if language else "", source.count(b"\n"), skipped=reason)
    else:
        tags = _parse(source, language)
    _send(answers, RESULT, task_id, tags_codec.encode(tags))


def _parse(source: bytes, language: Language | None) -> FileTags:
    try:
        return parse_source(source, language) if language else parse_text(source)
    except MemoryError:
        raise
    except Exception as error:  # whatever a binding raises on hostile text, only this file is affected
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return FileTags(language.name if language else "", source.count(b"\n"), skipped="failed")


def _open(
    root: bytes, path: bytes, content: bytes | None
) -> tuple[FileFacts, Language | None, bytes, SkipReason]:
    """Read a file, unless its content came along -> its facts, language and content, and the reason not to parse it."""
    name = path.decode("utf-8", "surrogateescape")
    language = language_of(name)
    max_bytes = MAX_SOURCE_BYTES if language else MAX_TEXT_BYTES
    size = mtime_ns = 0
    digest = source = b""
    reason: SkipReason = ""
    try:
        if content is None:
            handle, status = open_regular(b"/".join((root, path)))
            try:
                size, mtime_ns = status.st_size, status.st_mtime_ns
                source = _read(handle, status, max_bytes)
            finally:
                os.close(handle)
        else:
            size = len(content)
            source = _if_small(content, max_bytes)
        digest = digest_of(source)
        language = sniff(name, source)
        reason = _skip_reason(source)
    except NotParsed as skip:
        reason = skip.reason
    except OSError as error:
        reason = "link" if error.errno == errno.ELOOP else "unreadable"
    facts = FileFacts(size, mtime_ns, digest, language.name if language else "")
    return facts, language, source, reason


def _read(handle: int, status: os.stat_result, max_bytes: int) -> bytes:
    """Read a regular file of at most ``max_bytes``; it may grow or shrink meanwhile."""
    if status.st_size > max_bytes:
        raise NotParsed("large")
    parts, room, step = [], max_bytes + 1, status.st_size + 1
    while room and (part := os.read(handle, min(room, step))):
        parts.append(part)
        room -= len(part)
        if max_bytes + 1 - room == status.st_size:
            break  # complete, since one byte more than its size was requested
    if not room:
        raise NotParsed("large")
    return b"".join(parts)


def _if_small(content: bytes, max_bytes: int) -> bytes:
    if len(content) > max_bytes:
        raise NotParsed("large")
    return content


def _skip_reason(source: bytes) -> SkipReason:
    if is_binary(source):
        return "binary"
    if looks_generated(source):
        return "generated"
    return "minified" if is_minified(source) else ""


def _send(answers: int, kind: int, task_id: int, payload: bytes) -> None:
    frame = memoryview(pack_frame(kind, task_id, payload))
    while frame:
        frame = frame[os.write(answers, frame) :]


def _limit_cpu(seconds: float) -> None:
    """Have the system kill this process after ``seconds`` of CPU time, even in C code; 0 lifts the limit."""
    if sys.platform == "win32":
        return  # there, only the parent's wall clock limit holds
    import resource
    import signal

    signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:  # a second limit, in whole seconds, in case the timer does not work
        bound, hard = int(time.process_time() + 2 * seconds) + 2, resource.getrlimit(resource.RLIMIT_CPU)[1]
        if hard == resource.RLIM_INFINITY or bound < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (bound, hard))


def _limit_process(memory_bytes: int) -> None:
    """Limit memory if the system can, and switch off core dumps and dialogs about crashes."""
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
            continue  # macOS refuses some limits; the one on file sizes remains


def _mapped_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 1 << 33  # without /proc, far above what a process maps at its start

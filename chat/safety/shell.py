"""[io] A command line of the user's → what it printed and how it ended.

It runs in the user's shell, in a process group of its own, so that a time-out or Ctrl-C ends all
that it started; without the keys of the models, which it has no use for; and with nothing to read.
"""

import codecs
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from chat.errors import InputError
from chat.ports import Ran
from repomap import OWN_SESSION, end_process_group

MOST_OUTPUT_B = 4_000_000
"""Of a command's output this much is kept: its beginning and its end."""
_CHUNK_B = 65_536
_QUIET_S = 1.0
"""After so long without output, what a command left running behind it is no longer listened to."""
_DRAIN_S = 10.0
"""And after so long even if it goes on printing."""
_POWERSHELL_MODULES = 2
"""Separators in PSModulePath where PowerShell is what the user works in; elsewhere there is one."""
_TIMED_OUT = 124
"""The exit code that timeout(1) gives."""

_PROVIDERS = """
    ai21 ai_gateway aleph_alpha amazon_nova anthropic anyscale assemblyai azure azure_ai azure_openai
    baseten bedrock cerebras clarifai cloudflare codestral cohere co compactifai dashscope databricks
    datarobot deepinfra deepseek empower featherless fireworks fireworks_ai fireworksai friendliai
    galadriel gemini gigachat google gradient_ai groq heroku huggingface hyperbolic infinity jina_ai
    lambda lemonade litellm litellm_proxy llamafile lm_studio lmstudio meta_llama minimax mistral
    moonshot morph nebius nlp_cloud novita nscale nvidia_nim ollama openai openai_like openrouter
    ovhcloud palm perplexity perplexityai predibase publicai recraft replicate sambanova snowflake
    together together_ai togetherai topaz trigpoint v0 vercel_ai_gateway vertex volcengine voyage
    watsonx wandb xai xinference zai
    """.split()
_KEY = re.compile(rf"(?:{'|'.join(_PROVIDERS)})_(?:API_?)?(?:KEY|TOKEN|AUTH_TOKEN)S?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UserShell:
    """Runs command lines in one folder."""

    root: Path
    secrets: Collection[str] = ()
    """Further variables that a command does not get to see, beside the keys of known providers."""
    on_output: Callable[[str], None] | None = None
    """Is told what a command prints while it prints it, from another thread."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that a command gets in addition."""

    def run(self, command: str, timeout_s: float | None = None) -> Ran:
        """Runs a command line; its whole process group is ended on a time-out or Ctrl-C.

        The exit code is the command's own, 128 and the signal's number where one ended it, and 124
        after a time-out. Raises InputError where it cannot be started at all.
        """
        kept = _Output(self.on_output)
        try:
            process = self._start(command)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise InputError(f"The command could not be started ({why}): {command}") from error
        reader = threading.Thread(target=kept.read, args=(process.stdout,), daemon=True)
        timed_out = False
        try:
            reader.start()
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            timed_out = True
            end_process_group(process)
        except BaseException:
            end_process_group(process)
            raise
        finally:
            kept.drain(reader)
        return Ran(command, _exit_code(process.returncode, timed_out), kept.text(), timed_out)

    def _start(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            _argv(command),
            cwd=self.root,
            env=without_keys(os.environ, self.secrets) | dict(self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            **OWN_SESSION,
        )


def without_keys(environment: Mapping[str, str], secrets: Collection[str] = ()) -> dict[str, str]:
    """The environment without the keys of model providers and without the variables named."""
    named = {name.upper() for name in secrets}
    return {k: v for k, v in environment.items() if k.upper() not in named and not _KEY.fullmatch(k)}


class _Output:
    """What a command prints, both streams in the order in which it arrives."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self._head = bytearray()
        self._tail = bytearray()
        self._cut_b = 0
        self._seen_b = 0
        self._closed = False
        self._lock = threading.Lock()

    def read(self, stream: IO[bytes]) -> None:
        """Reads to the end of a stream."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with suppress(OSError, ValueError), stream:
            while chunk := os.read(stream.fileno(), _CHUNK_B):
                with self._lock:
                    if self._closed:
                        return
                    self._keep(chunk)
                if self._tell:
                    self._tell(decoder.decode(chunk))

    def drain(self, reader: threading.Thread) -> None:
        """Waits for what is still to come, then takes no more.

        What the command left running in the background may keep the pipe open for ever.
        """
        deadline = time.monotonic() + _DRAIN_S
        seen = -1
        while reader.is_alive() and seen != self._seen_b and time.monotonic() < deadline:
            seen = self._seen_b
            reader.join(_QUIET_S)
        with self._lock:
            self._closed = True

    def text(self) -> str:
        """All of it, or its beginning and its end with a line that says how much is cut out between."""
        self._cut()
        between = f"\n[… {self._cut_b} bytes cut out …]\n".encode() if self._cut_b else b""
        return (self._head + between + self._tail).decode("utf-8", "replace").replace("\r\n", "\n")

    def _keep(self, chunk: bytes) -> None:
        half = MOST_OUTPUT_B // 2
        self._seen_b += len(chunk)
        room = half - len(self._head)
        self._head += chunk[: max(room, 0)]
        self._tail += chunk[max(room, 0) :]
        if len(self._tail) > 2 * half:  # seldom, since each cut moves what is left
            self._cut()

    def _cut(self) -> None:
        spare = len(self._tail) - MOST_OUTPUT_B // 2
        if spare > 0:
            self._cut_b += spare
            del self._tail[:spare]


def _argv(command: str) -> list[str] | str:
    """How the user's own shell is told to run a line."""
    if os.name != "nt":
        shell = os.environ.get("SHELL", "")
        return [shell if os.path.isabs(shell) and os.access(shell, os.X_OK) else "/bin/sh", "-c", command]
    power = shutil.which("pwsh") or shutil.which("powershell")
    if power and os.environ.get("PSMODULEPATH", "").count(os.pathsep) >= _POWERSHELL_MODULES:
        return [power, "-NoProfile", "-NonInteractive", "-Command", command]
    # as one text, because cmd does not read quotes the way that a list of arguments is written
    return f'{os.environ.get("COMSPEC", "cmd.exe")} /d /s /c "{command}"'


def _exit_code(code: int, timed_out: bool) -> int:
    if timed_out:
        return _TIMED_OUT
    return 128 - code if code < 0 else code

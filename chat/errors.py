"""The errors of the chat, with the exit codes of the program.

ChatError
├── UsageError            the command line or a setting is wrong: exit 2
├── InputError            an input cannot be read: exit 42
├── OutputLost            standard output cannot be written
├── NeedsTerminal         a person is needed to answer or to run a command: exit 2
├── Untrusted             a repository's configuration asks for what needs trust
├── LimitReached
│   ├── TurnLimit         exit 53
│   └── BudgetLimit       exit 54
├── PromptTooLarge        the prompt cannot be made to fit the model's window
├── SessionError          a session cannot be read, resumed or written
├── GitError              git refuses, or the repository's state forbids the step
│   └── HookFailed        a hook of the repository refused a commit
├── Paused                the prompt was rebuilt, and the user wants to review it
├── PromptBlocked         a hook of the user's refused a request
├── CompactionBlocked     a hook of the user's refused a compaction
├── NothingToUndo
└── ModelError            no complete reply from the model's server
    ├── NoModel           none is configured: exit 2
    ├── Unauthorized      the key is missing or refused
    ├── BadCall           the server rejects the call
    │   ├── UnknownModel
    │   └── WindowExceeded
    ├── Unreachable       no server answers
    ├── Overloaded        rate limits or server failures, after all tries
    ├── ReplyCut          the stream ended before the reply did
    └── OutOfTime         the deadline for all tries passed

A message says where and what happened, what was not done, and what to do next.
"""

from repomap import ExitCode


class Terminated(KeyboardInterrupt):
    """The system asks the program to end; whatever Ctrl-C would stop is stopped in the same way."""


class ChatError(Exception):
    """A step of the chat failed."""

    exit_code = ExitCode.FAILED


class UsageError(ChatError):
    """The command line or a setting is wrong."""

    exit_code = ExitCode.USAGE


class InputError(ChatError):
    """An input cannot be read."""

    exit_code = ExitCode.UNREADABLE


class OutputLost(ChatError):
    """Standard output cannot be written."""


class NeedsTerminal(ChatError):
    """A question or a command needs a person, and there is none."""

    exit_code = ExitCode.USAGE


class Untrusted(ChatError):
    """A repository's own configuration asks for what only a trusted one may do."""


class LimitReached(ChatError):
    """The next step could pass a limit that the user set."""


class TurnLimit(LimitReached):
    """No turn is left."""

    exit_code = ExitCode.TURN_LIMIT


class BudgetLimit(LimitReached):
    """Money, tokens or time would run out."""

    exit_code = ExitCode.BUDGET_LIMIT


class PromptTooLarge(ChatError):
    """The prompt does not fit the model's window, whatever is left out."""


class SessionError(ChatError):
    """A session cannot be read, resumed or written."""


class GitError(ChatError):
    """Git refuses, or the repository's state forbids the step."""


class HookFailed(GitError):
    """A hook of the repository refused a commit."""

    def __init__(self, message: str, rewritten: tuple[str, ...] = ()) -> None:
        self.rewritten = rewritten
        """The files that the hook rewrote; rewriting may be the reason why it refused."""
        super().__init__(message)


class Paused(ChatError):
    """The prompt was rebuilt, and the user wants to review it before the request is sent."""


class PromptBlocked(ChatError):
    """A hook of the user's refused a request before it was sent."""


class CompactionBlocked(ChatError):
    """A hook of the user's forbids to compact the prompt."""


class NothingToUndo(ChatError):
    """There is no turn to undo or redo, or its files have changed since."""


class ModelError(ChatError):
    """The model's server gave no complete reply."""


class NoModel(ModelError):
    """No model is configured, and none was found."""

    exit_code = ExitCode.USAGE


class Unauthorized(ModelError):
    """The key is missing or refused."""


class BadCall(ModelError):
    """The server rejects the call."""


class UnknownModel(BadCall):
    """The server does not know the model."""


class WindowExceeded(BadCall):
    """The prompt is longer than the model's window."""


class Unreachable(ModelError):
    """No server answers at the address."""


class Overloaded(ModelError):
    """Rate limits or server failures, after all tries."""


class ReplyCut(ModelError):
    """The stream ended before the reply did; nothing of it is used."""


class OutOfTime(ModelError):
    """The deadline for all tries passed."""

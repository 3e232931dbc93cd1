"""What can go wrong in the chat.

ChatError
├── UsageError            the command line or a setting is wrong: exit 2
├── InputError            what was to be read cannot be read: exit 42
├── NeedsTerminal         a question or a command that needs a person: exit 2
├── Untrusted             a repository's own configuration asks for what needs trust
├── LimitReached
│   ├── TurnLimit         exit 53
│   └── BudgetLimit       exit 54
├── PromptTooLarge        the prompt cannot be made to fit the model's window
├── SessionError          a session cannot be read, resumed or written
├── GitError              git refuses, or its state forbids the step
│   └── HookFailed        a hook of the repository's refused a commit
├── Paused                the prompt was rebuilt and the user wants to look at it
├── NothingToUndo
└── ModelError            the model's server gave no complete reply
    ├── NoModel           none is configured
    ├── Unauthorized      the key is missing or refused
    ├── BadCall           the server refuses the call as it is
    │   ├── UnknownModel
    │   └── WindowExceeded
    ├── Unreachable       no server answers
    ├── Overloaded        rate limits and failures of the server, after all tries
    ├── ReplyCut          the stream ended before the reply did
    └── OutOfTime         the deadline for all tries passed

Messages say where, what was not done, and what to do next.
"""


class ChatError(Exception):
    """What ends a step of the chat."""

    exit_code = 1


class UsageError(ChatError):
    """The command line or a setting is wrong."""

    exit_code = 2


class InputError(ChatError):
    """What was to be read, cannot be read."""

    exit_code = 42


class NeedsTerminal(ChatError):
    """A question or a command that needs a person, where there is none."""

    exit_code = 2


class Untrusted(ChatError):
    """A repository's own configuration asks for what only a trusted one may."""


class LimitReached(ChatError):
    """A limit that the user has set; checked before the step that would pass it."""


class TurnLimit(LimitReached):
    """The number of turns."""

    exit_code = 53


class BudgetLimit(LimitReached):
    """Money, tokens or time."""

    exit_code = 54


class PromptTooLarge(ChatError):
    """The prompt does not fit the model's window, whatever is left out."""


class SessionError(ChatError):
    """A session cannot be read, resumed or written."""


class GitError(ChatError):
    """Git refuses, or its state forbids the step."""


class HookFailed(GitError):
    """A hook of the repository's refused a commit."""

    def __init__(self, message: str, rewritten: tuple[str, ...] = ()) -> None:
        self.rewritten = rewritten
        """The files that the hook changed although, or because, it refused them."""
        super().__init__(message)


class Paused(ChatError):
    """The prompt was rebuilt, and the user wants to look at that before the request is sent."""


class NothingToUndo(ChatError):
    """There is no turn to undo or redo, or its files have changed since."""


class ModelError(ChatError):
    """The model's server gave no complete reply."""


class NoModel(ModelError):
    """No model is configured, and none was found."""

    exit_code = 2


class Unauthorized(ModelError):
    """The key is missing or refused."""


class BadCall(ModelError):
    """The server refuses the call as it is."""


class UnknownModel(BadCall):
    """The server knows no such model."""


class WindowExceeded(BadCall):
    """The prompt is longer than the model reads."""


class Unreachable(ModelError):
    """No server answers at the address."""


class Overloaded(ModelError):
    """Rate limits or failures of the server, after all tries."""


class ReplyCut(ModelError):
    """The stream ended before the reply did; nothing of it is used."""


class OutOfTime(ModelError):
    """The deadline for all tries passed."""

"""[io] Turns that comments in files ask for, between the lines that a person types."""

from collections.abc import Callable
from contextlib import suppress

from chat.commands.command import CommandContext
from chat.errors import InputError
from chat.watch.request import WatchedRequest
from chat.watch.watcher import Watcher

_WATCHING = "Watching: save a comment that ends in AI! to have it done, or in AI? to have it answered."


def watching(context: CommandContext, on_request: Callable[[], None]) -> Watcher | None:
    """Start to watch the files of the chat; None, and a warning, where the system cannot."""
    from chat.app.watching import open_watcher

    watcher = open_watcher(context.chat.state, on_request)
    try:
        watcher.start()
    except OSError as error:
        reason = str(error.strerror or error)
        context.say(f"The files cannot be watched: {reason}. Comments in them start no turn.", "warning")
        return None
    context.say(_WATCHING)
    return watcher


def answer_watched(context: CommandContext, watcher: Watcher, request: WatchedRequest) -> None:
    """Take the turn that comments ask for, with their files in the chat; what fails counts again when saved again."""
    what = "Answering" if request.mode else "Doing"
    context.say(f"{what} what comments in {', '.join(request.paths)} ask for.")
    for path in request.paths:
        with suppress(InputError):  # it is in the chat already, or too large for it
            context.chat.files.add([path])
    try:
        result = context.send(request.text, request.mode, is_typed=False)
    except BaseException:
        watcher.give_back()
        raise
    watcher.settle(result.files_changed)

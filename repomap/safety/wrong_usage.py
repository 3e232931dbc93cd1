"""A command line that click cannot read → what is said of it, for the commands of the map and of the chat alike."""

from typing import Any


def wrong_usage(error: Any) -> tuple[str, str]:
    """Return what stands above the message about a `click.ClickException`, and the message itself.

    Above is how the command is written and where its help is, with an empty line below; "" where that is not known. A
    group without a command is answered with its help, which lists its commands.
    """
    context = getattr(error, "ctx", None)
    if context is None:
        return "", error.format_message()
    # Its message is the help; click itself is not imported here.
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"{context.get_help()}\n\n", "A command is missing. Give one of those above."
    above = f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n\n"
    return above, " ".join(filter(None, (error.format_message(), _help_of_option(error, context))))


def _help_of_option(error: Any, context: Any) -> str:
    """Return the help of an option without its value, which says what the value may be; "" for other errors."""
    name = getattr(error, "option_name", None)
    if name is None or "requires an argument" not in error.format_message():
        return ""
    return next((param.help or "" for param in context.command.get_params(context) if name in param.opts), "")

"""A command line that click cannot read → what is said of it, for the commands of the map and of the chat alike."""


def usage_above(error: object) -> str:
    """Return how the command is written and where its help is, with an empty line below; "" where that is not known.

    ``error`` is a `click.ClickException`.
    """
    context = getattr(error, "ctx", None)
    if context is None:
        return ""
    return f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n\n"

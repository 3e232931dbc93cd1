"""[io] `trigpoint models`: known models with their windows and prices."""

import os
from pathlib import Path

import click

from chat.llm.models.catalog import Catalog, read_catalog
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.load import load
from repomap import ExitCode


@click.command(name="models")
@click.argument("words", metavar="[WORD]...", nargs=-1)
def models_command(words: tuple[str, ...]) -> int:
    """Print the models whose names contain every WORD, as --model takes them.

    Each line has the most tokens that the model reads and writes, and its price in US dollars per million
    tokens read and written, where these are known. Nothing is sent over the network. Models that are not
    listed work as well. Ends with code 1 if none is found.
    """
    settings = load(Layer(COMMAND_LINE), Path.cwd(), os.environ).settings
    metadata = settings.model_metadata_file
    catalog = read_catalog(Path(metadata).expanduser() if metadata else None)
    names = tuple(catalog.search(" ".join(words)))
    for name in names:
        click.echo(f"{name}  {_window_and_price(catalog, name)}".rstrip())
    if not names:
        click.echo(f"No known model has {' and '.join(words)} in its name. Try fewer words.", err=True)
    return ExitCode.DONE if names else ExitCode.FAILED


def _window_and_price(catalog: Catalog, name: str) -> str:
    window, price = catalog.window(name), catalog.price(name)
    tokens = f"{window.input_tokens:,}/{window.output_tokens:,} tokens" if window else ""
    dollars = f"${price.prompt_usd * 1e6:g}/${price.completion_usd * 1e6:g}" if price else ""
    return "  ".join(filter(None, (tokens, dollars)))

"""The blocks of an editor's prompt → the request, the files it names, and the texts that come with it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from acp.schema import (
    BlobResourceContents,
    EmbeddedResourceContentBlock,
    ResourceContentBlock,
    TextContentBlock,
    TextResourceContents,
)

from chat.errors import InputError


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that came with a prompt."""

    name: str
    """Relative to the root for a file below it, otherwise the address."""
    text: str
    is_whole_file: bool
    """It is what the editor holds of a file below the root, which is perhaps not saved."""


@dataclass(frozen=True, slots=True)
class EditorPrompt:
    """What a user has sent."""

    text: str
    files: tuple[str, ...] = ()
    """Files that the prompt links, relative to the root where they are below it."""
    attachments: tuple[Attachment, ...] = ()


def read_prompt(blocks: Sequence[Any], root: Path) -> EditorPrompt:
    """Read a prompt. Raises InputError for what the chat cannot take, such as a picture."""
    words: list[str] = []
    files: list[str] = []
    attachments: list[Attachment] = []
    for block in blocks:
        match block:
            case TextContentBlock(text=text):
                words.append(text)
            case ResourceContentBlock(uri=uri, name=name):
                path = _path_of(uri, root)
                words.append(path or f"{name} ({uri})")
                files += [path] if path else []
            case EmbeddedResourceContentBlock(resource=TextResourceContents(uri=uri, text=text)):
                attachment = _attachment(uri, text, root)
                words.append(attachment.name)
                attachments.append(attachment)
            case EmbeddedResourceContentBlock(resource=BlobResourceContents(uri=uri)):
                raise InputError(f"{uri} is no text. Nothing was sent; link it as a file, or leave it out.")
            case _:
                raise InputError(
                    f"A prompt cannot hold a block of the kind {block.type}. Nothing was sent; leave it out."
                )
    return EditorPrompt("".join(words).strip(), tuple(dict.fromkeys(files)), tuple(attachments))


def _attachment(uri: str, text: str, root: Path) -> Attachment:
    path = _path_of(uri, root)
    fragment = urlsplit(uri).fragment
    is_below = bool(path) and not os.path.isabs(path)
    name = f"{path}#{fragment}" if path and fragment else path or uri
    return Attachment(name, text, is_below and not fragment)


def _path_of(uri: str, root: Path) -> str:
    """Return the path of a `file:` address, relative to the root where it is below it; "" for another address.

    >>> _path_of("file:///shop/a%20b.py", Path("/shop")), _path_of("https://example.org/a", Path("/shop"))
    ('a b.py', '')
    """
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return ""
    path = url2pathname(parts.path) if os.name == "nt" else unquote(parts.path)
    for one, base in ((path, str(root)), (os.path.realpath(path), os.path.realpath(root))):
        relative = os.path.relpath(one, base) if _same_drive(one, base) else os.pardir
        if relative.split(os.sep)[0] != os.pardir:
            return relative.replace(os.sep, "/")
    return path


def _same_drive(one: str, other: str) -> bool:
    return os.path.splitdrive(one)[0].lower() == os.path.splitdrive(other)[0].lower()

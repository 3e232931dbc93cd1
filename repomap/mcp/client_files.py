"""Changes one entry of a configuration file of another program, and leaves every other character as it is.

JSON may have comments and trailing commas, as editors allow. The new entry is put into the text; what results is
parsed again, and refused if it differs from the old content in anything but the entry.
"""

import json
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, but not in the stubs
from typing import Any, NamedTuple


class NotEditable(Exception):
    """The text is not what its program could read, so it is left as it is."""


class _Member(NamedTuple):
    key_start: int
    start: int
    end: int
    """Of the value."""


def with_json_entry(text: str, keys: Sequence[str], value: Any) -> str:
    """Return the text with a value at ``keys``, from the outermost object inwards. Raises NotEditable.

    >>> print(with_json_entry('{\\n  // mine\\n  "a": 1\\n}', ["b"], 2))
    {
      // mine
      "a": 1,
      "b": 2
    }
    """
    mark = "\ufeff" * text.startswith("\ufeff")
    body = text.removeprefix("\ufeff")
    if not body.strip():
        return f"{mark}{json.dumps(_nested(keys, value), indent=2)}\n"
    before = _parsed(body)
    expected = _set(before, keys, value)
    changed = _edited(body, _without_comments(body), 0, keys, value, 1)
    if _parsed(changed) != expected:
        raise NotEditable("the change could not be made in its text")
    return mark + changed


def with_toml_entry(text: str, keys: Sequence[str], value: dict[str, Any]) -> str:
    """Return the text with a table at ``keys``. Raises NotEditable."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document: Any = tomlkit.parse(text)
        table = document
        for key in keys[:-1]:
            if key not in table:
                table[key] = tomlkit.table(is_super_table=True)
            table = table[key]
        if keys[-1] in table:
            for name, each in value.items():
                table[keys[-1]][name] = each
        else:
            table[keys[-1]] = value
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, AttributeError) as error:
        raise NotEditable(f"it is not TOML that can be changed: {error}") from error


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _set(content: Any, keys: Sequence[str], value: Any) -> Any:
    if not keys:
        return value
    if not isinstance(content, dict):
        raise NotEditable(f"what holds {keys[0]} is not an object")
    return {**content, keys[0]: _set(content.get(keys[0], {}), keys[1:], value)}


def _parsed(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise NotEditable("it has a key twice")
        return dict(pairs)

    try:
        return json.loads(_without_comments(text), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise NotEditable(f"it is not JSON: {error}") from error


def _without_comments(text: str) -> str:
    """Replace comments and trailing commas by blanks, so that every other character stays where it is."""
    written, position, comma = list(text), 0, -1
    while position < len(text):
        if text[position] == '"':
            try:
                position = scanstring(text, position + 1)[1]
            except ValueError as error:
                raise NotEditable(f"it is not JSON: {error}") from error
            comma = -1
            continue
        end = _comment_end(text, position)
        if end > position:
            written[position:end] = (each if each in "\r\n" else " " for each in text[position:end])
            position = end
            continue
        if text[position] in "]}" and comma >= 0:
            written[comma] = " "
        if not text[position].isspace():
            comma = position if text[position] == "," else -1
        position += 1
    return "".join(written)


def _comment_end(text: str, start: int) -> int:
    """Return where the comment ends that begins here; the same place where none does."""
    if text.startswith("//", start):
        return next((end for end in range(start, len(text)) if text[end] in "\r\n"), len(text))
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        if end < 0:
            raise NotEditable("a comment in it does not end")
        return end + 2
    return start


def _edited(text: str, plain: str, start: int, keys: Sequence[str], value: Any, depth: int) -> str:
    """Put the value into the object that begins at or after ``start``; ``plain`` is the text without comments."""
    members, begin, end = _members(plain, plain.index("{", start))
    member = members.get(keys[0])
    if member is not None and len(keys) > 1:
        return _edited(text, plain, member.start, keys[1:], value, depth + 1)
    indent = _indent_of(text, members) or "  " * depth
    written = json.dumps(_nested(keys[1:], value), indent=2, ensure_ascii=False)
    newline = "\r\n" if "\r\n" in text else "\n"
    written = written.replace("\n", newline + indent)
    if member is not None:
        return text[: member.start] + written + text[member.end :]
    entry = f"{newline}{indent}{json.dumps(keys[0])}: {written}"
    if not members:
        return (
            text[: begin + 1] + entry + newline + indent[: -2 or None] + text[begin + 1 :].lstrip(" \t\r\n")
        )
    last = max(each.end for each in members.values())
    behind = text[last:end]
    has_comma = "," in _commas(behind)
    cut = last + _commas(behind).index(",") + 1 if has_comma else last
    rest = text[cut:]
    return text[:cut] + ("" if has_comma else ",") + entry + ("," if has_comma else "") + rest


def _commas(text: str) -> str:
    """Blank out comments, and keep trailing commas."""
    written, position = list(text), 0
    while position < len(text):
        end = _comment_end(text, position)
        written[position:end] = " " * (end - position)
        position = max(end, position + 1)
    return "".join(written)


def _members(plain: str, begin: int) -> tuple[dict[str, _Member], int, int]:
    """Return the members of an object by key, and where it begins and ends."""
    members, position, decoder = dict[str, _Member](), _blank_end(plain, begin + 1), json.JSONDecoder()
    while plain[position] != "}":
        key, after = scanstring(plain, position + 1)
        value_start = _blank_end(plain, _blank_end(plain, after) + 1)
        _, value_end = decoder.raw_decode(plain, value_start)
        members[key] = _Member(position, value_start, value_end)
        position = _blank_end(plain, value_end)
        if plain[position] == ",":
            position = _blank_end(plain, position + 1)
    return members, begin, position


def _blank_end(text: str, start: int) -> int:
    return next((end for end in range(start, len(text)) if not text[end].isspace()), len(text))


def _indent_of(text: str, members: dict[str, _Member]) -> str:
    """Return the indentation of the first member that begins its line."""
    for member in members.values():
        line = text[text.rfind("\n", 0, member.key_start) + 1 : member.key_start]
        if line and not line.strip():
            return line
    return ""

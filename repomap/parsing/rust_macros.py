"""Finds the items inside the macro calls of a Rust file, so that they can be parsed once more.

For the grammar, what a macro is called with is a row of tokens. Macros that stand where items stand
(`cfg_rt! { … }`, `pin_project! { … }`, `lazy_static! { … }`) mostly contain items.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from repomap.parsing.blanks import blank

_CONTAINERS = frozenset(
    {"source_file", "mod_item", "impl_item", "trait_item", "foreign_mod_item", "declaration_list"}
)
_ITEM = re.compile(rb"\b(?:fn|struct|enum|union|trait|impl|mod|static|const|type|macro_rules!)\b")
_NOT_ITEM = (
    re.compile(rb"\bstatic\s+(ref\s)"),  # lazy_static
    re.compile(rb"\bstruct\s+\w+\s*(:\s*\w+)(?=\s*\{)"),  # bitflags
)
_BIT_FLAGS = re.compile(rb"\bstruct\s+\w+\s*:\s*\w+\s*\{")


def item_bodies(root: Node, code: bytes) -> bytes | None:
    """Return a text in which only the items inside macro calls are not blank; None if there are none."""
    if b"! {" not in code and b"!{" not in code:
        return None
    bodies = [span for call in _item_calls(root) for span in _bodies(call, code)]
    if not bodies:
        return None
    text = bytearray(blank(code))
    for start, end in bodies:
        text[start:end] = _as_items(code[start:end])
    return bytes(text)


def _as_items(body: bytes) -> bytes:
    changed = bytearray(body)
    for pattern in _NOT_ITEM:
        for match in pattern.finditer(body):
            changed[match.start(1) : match.end(1)] = blank(match[1])
    for match in _BIT_FLAGS.finditer(body):  # its body holds constants, as that of a trait does
        changed[match.end() - 1 :] = _blank_body(bytes(changed[match.end() - 1 :]))
    return bytes(changed)


def _blank_body(text: bytes) -> bytes:
    """Blank out what is between the first brace and the one that closes it."""
    depth = 0
    for brace in re.finditer(rb"[{}]", text):
        depth += 1 if brace[0] == b"{" else -1
        if depth == 0:
            return b"{" + blank(text[1 : brace.start()]) + text[brace.start() :]
    return text


def _item_calls(node: Node) -> Iterator[Node]:
    """Return the token trees of macro calls among the items of a file, its modules, traits and `impl`s."""
    for child in node.named_children:
        call = child.named_child(0) if child.type == "expression_statement" else child
        if call is not None and call.type == "macro_invocation":
            tokens = call.named_child(call.named_child_count - 1)
            if tokens is not None and tokens.type == "token_tree":
                yield tokens
        elif child.type in _CONTAINERS:
            yield from _item_calls(child)


def _bodies(tokens: Node, code: bytes) -> Iterator[tuple[int, int]]:
    """Return the ranges between the braces of a call, or of the branches of `if #[cfg(…)] { } else { }`."""
    start, end = tokens.start_byte + 1, tokens.end_byte - 1
    if code[start - 1 : start] != b"{" or not _ITEM.search(code, start, end):
        return
    if code[start:end].lstrip().startswith(b"if #["):
        for branch in tokens.named_children:
            if branch.type == "token_tree" and code[branch.start_byte : branch.start_byte + 1] == b"{":
                yield branch.start_byte + 1, branch.end_byte - 1
    else:
        yield start, end

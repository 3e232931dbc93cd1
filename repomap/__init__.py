"""A map of a repository that fits a token budget: files and signatures, ranked for a request.

    from pathlib import Path
    from repomap import Focus, build_map

    print(build_map(Path("."), Focus("why does the session cookie expire"), tokens=1024).text)

An `Index` stays open across calls and refreshes by what changed. The functions for git, locks, files
and processes are those that the chat shares with the map.

Names are imported when they are first used, so `import repomap` takes 0.2 ms. The table below does what
`lazy_loader` would: its `attach_stub` takes 3 ms, because it imports `ast` to read a stub, and its
`attach` needs the names twice as well, once for itself and once for the type checker.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repomap.errors import (
        BadRequest,
        ExitCode,
        GitFailed,
        NotInRepository,
        NotMappable,
        RepoMapError,
        Unreadable,
        WorkersFailed,
    )
    from repomap.files.file_kinds import FileKind, kind_of
    from repomap.files.git_diff import (
        DIFF_OPTIONS,
        TwoStates,
        commit_of,
        diff_of_index,
        diff_of_states,
        empty_tree,
        states_of,
        states_of_commit,
    )
    from repomap.files.git_format import (
        EMPTY_TREES,
        EXECUTABLE_MODE,
        LINK_MODE,
        SUBMODULE_MODE,
        is_object_id,
        join_zero,
        split_zero,
    )
    from repomap.files.git_layout import GitLayout, doubts_about, find_layout, look_for_doubts
    from repomap.files.git_places import ASK_PLACES, GitPlaces, Refusal, not_owned, read_places, refusal_in
    from repomap.files.git_runner import (
        HARDENED_GIT,
        GitOutput,
        GitProfile,
        GitRunner,
        GitSetting,
        find_git,
    )
    from repomap.files.skipped_files import is_minified, looks_generated
    from repomap.files.stat_signature import COARSE_TICK_NS, stat_signature
    from repomap.impact.definitions import ChangedDefinition, changed_definitions, removed_definitions
    from repomap.impact.diff import DiffLine, FileDiff, Hunk, parse_diff
    from repomap.impact.uses import Users
    from repomap.impact.values import Caller, Companion, Impact, TestToRun, impact_object
    from repomap.index.index import Index, build_map
    from repomap.index.options import IndexOptions, Refreshed
    from repomap.index.sources import open_store
    from repomap.lookup.answers import Answer, Excerpt, Hit, Symbol, Use, UsedLine
    from repomap.lookup.names import near_paths
    from repomap.mapping.tokens import count_tokens, counter
    from repomap.model import (
        CountTokens,
        Definition,
        FileTags,
        Focus,
        Import,
        RepoMap,
        ShownDefinition,
        ShownFile,
        Span,
    )
    from repomap.parsing.comments import Comment, comments_of
    from repomap.parsing.shell_syntax import ShellNode, shell_syntax
    from repomap.safety.file_lock import lock_within, try_lock
    from repomap.safety.printable import (
        HIDING_CHARS,
        ZERO_WIDTH_CHARS,
        escaped,
        escaped_lines,
        escaped_text,
        hides_something,
    )
    from repomap.safety.process_group import (
        OWN_SESSION,
        absolute_entries,
        end_process_group,
        find_program,
        signals_held,
        system_program,
    )
    from repomap.safety.regular_file import TooLarge, open_regular, read_if_regular, read_regular
    from repomap.safety.streams import (
        discard,
        forgive_standard_error,
        lost_output,
        open_closed_streams,
        write_to,
    )
    from repomap.safety.whole_file import whole_file, write_whole
    from repomap.safety.wrong_usage import wrong_usage
    from repomap.syntax_check.damage import Damage, find_damage

_NAMES_OF = {
    "repomap.lookup.answers": ("Answer", "Excerpt", "Hit", "Symbol", "Use", "UsedLine"),
    "repomap.lookup.names": ("near_paths",),
    "repomap.errors": (
        "BadRequest",
        "ExitCode",
        "GitFailed",
        "NotInRepository",
        "NotMappable",
        "RepoMapError",
        "Unreadable",
        "WorkersFailed",
    ),
    "repomap.files.file_kinds": ("FileKind", "kind_of"),
    "repomap.files.git_diff": (
        *("DIFF_OPTIONS", "TwoStates", "commit_of", "diff_of_index", "diff_of_states", "empty_tree"),
        *("states_of", "states_of_commit"),
    ),
    "repomap.files.git_format": (
        "EMPTY_TREES",
        "EXECUTABLE_MODE",
        "LINK_MODE",
        "SUBMODULE_MODE",
        "is_object_id",
        "join_zero",
        "split_zero",
    ),
    "repomap.files.git_layout": ("GitLayout", "doubts_about", "find_layout", "look_for_doubts"),
    "repomap.files.git_places": (
        *("ASK_PLACES", "GitPlaces", "Refusal", "not_owned", "read_places", "refusal_in"),
    ),
    "repomap.files.git_runner": (
        *("HARDENED_GIT", "GitOutput", "GitProfile", "GitRunner", "GitSetting", "find_git"),
    ),
    "repomap.files.skipped_files": ("is_minified", "looks_generated"),
    "repomap.files.stat_signature": ("COARSE_TICK_NS", "stat_signature"),
    "repomap.impact.definitions": ("ChangedDefinition", "changed_definitions", "removed_definitions"),
    "repomap.impact.diff": ("DiffLine", "FileDiff", "Hunk", "parse_diff"),
    "repomap.impact.uses": ("Users",),
    "repomap.impact.values": ("Caller", "Companion", "Impact", "TestToRun", "impact_object"),
    "repomap.index.index": ("Index", "build_map"),
    "repomap.index.options": ("IndexOptions", "Refreshed"),
    "repomap.index.sources": ("open_store",),
    "repomap.model": (
        "CountTokens",
        "Definition",
        "FileTags",
        "Focus",
        "Import",
        "RepoMap",
        "ShownDefinition",
        "ShownFile",
        "Span",
    ),
    "repomap.safety.wrong_usage": ("wrong_usage",),
    "repomap.syntax_check.damage": ("Damage", "find_damage"),
    "repomap.parsing.comments": ("Comment", "comments_of"),
    "repomap.parsing.shell_syntax": ("ShellNode", "shell_syntax"),
    "repomap.safety.file_lock": ("lock_within", "try_lock"),
    "repomap.safety.printable": (
        *("HIDING_CHARS", "ZERO_WIDTH_CHARS", "escaped", "escaped_lines", "escaped_text", "hides_something"),
    ),
    "repomap.safety.process_group": (
        *("OWN_SESSION", "absolute_entries", "end_process_group", "find_program", "signals_held"),
        "system_program",
    ),
    "repomap.safety.regular_file": ("TooLarge", "open_regular", "read_if_regular", "read_regular"),
    "repomap.safety.streams": (
        "discard",
        "forgive_standard_error",
        "lost_output",
        "open_closed_streams",
        "write_to",
    ),
    "repomap.safety.whole_file": ("whole_file", "write_whole"),
    "repomap.mapping.tokens": ("count_tokens", "counter"),
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}

__all__ = [
    "ASK_PLACES",
    "COARSE_TICK_NS",
    "DIFF_OPTIONS",
    "EMPTY_TREES",
    "EXECUTABLE_MODE",
    "HARDENED_GIT",
    "HIDING_CHARS",
    "LINK_MODE",
    "OWN_SESSION",
    "SUBMODULE_MODE",
    "ZERO_WIDTH_CHARS",
    "Answer",
    "BadRequest",
    "Caller",
    "ChangedDefinition",
    "Comment",
    "Companion",
    "CountTokens",
    "Damage",
    "Definition",
    "DiffLine",
    "Excerpt",
    "ExitCode",
    "FileDiff",
    "FileKind",
    "FileTags",
    "Focus",
    "GitFailed",
    "GitLayout",
    "GitOutput",
    "GitPlaces",
    "GitProfile",
    "GitRunner",
    "GitSetting",
    "Hit",
    "Hunk",
    "Impact",
    "Import",
    "Index",
    "IndexOptions",
    "NotInRepository",
    "NotMappable",
    "Refreshed",
    "Refusal",
    "RepoMap",
    "RepoMapError",
    "ShellNode",
    "ShownDefinition",
    "ShownFile",
    "Span",
    "Symbol",
    "TestToRun",
    "TooLarge",
    "TwoStates",
    "Unreadable",
    "Use",
    "UsedLine",
    "Users",
    "WorkersFailed",
    "absolute_entries",
    "build_map",
    "changed_definitions",
    "comments_of",
    "commit_of",
    "count_tokens",
    "counter",
    "diff_of_index",
    "diff_of_states",
    "discard",
    "doubts_about",
    "empty_tree",
    "end_process_group",
    "escaped",
    "escaped_lines",
    "escaped_text",
    "find_damage",
    "find_git",
    "find_layout",
    "find_program",
    "forgive_standard_error",
    "hides_something",
    "impact_object",
    "is_minified",
    "is_object_id",
    "join_zero",
    "kind_of",
    "lock_within",
    "look_for_doubts",
    "looks_generated",
    "lost_output",
    "near_paths",
    "not_owned",
    "open_closed_streams",
    "open_regular",
    "open_store",
    "parse_diff",
    "read_if_regular",
    "read_places",
    "read_regular",
    "refusal_in",
    "removed_definitions",
    "shell_syntax",
    "signals_held",
    "split_zero",
    "stat_signature",
    "states_of",
    "states_of_commit",
    "system_program",
    "try_lock",
    "whole_file",
    "write_to",
    "write_whole",
    "wrong_usage",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'repomap' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULE_OF[name]), name)

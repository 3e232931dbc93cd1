"""Which models are asked, and what they see."""
# ruff: noqa: RUF009  `setting` makes a field, as `dataclasses.field` does

from dataclasses import dataclass
from typing import Literal, get_args

from chat.settings.kinds import (
    COUNT,
    FILE,
    MODEL,
    PATHS,
    SWITCH,
    TEXT,
    ChoiceKind,
    FloatKind,
    IntKind,
    MapKind,
    TextKind,
)
from chat.settings.row import Group, Scope, setting

MapRefresh = Literal["auto", "always", "files", "manual"]


@dataclass(frozen=True)
class ModelSettings:
    """Which models are asked, and what they see."""

    # Models --------------------------------------------------------------------------------------
    model: str = setting(
        "",
        MODEL,
        Group.MODEL,
        "Main model, in litellm's notation (openai/gpt-4.1, ollama_chat/qwen3) or as an alias. If empty, it is "
        "chosen by the API keys in the environment or a local server.",
        common=True,
    )
    weak_model: str = setting(
        "",
        MODEL,
        Group.MODEL,
        "Cheaper model for commit messages and summaries. Defaults to the small model of the same provider, if it is "
        "cheaper and there is no --api-base; else to --model.",
    )
    editor_model: str = setting(
        "", MODEL, Group.MODEL, "Model that writes the edits in architect mode. Defaults to --model."
    )
    judge_model: str = setting(
        "",
        MODEL,
        Group.MODEL,
        "Model that judges whether a goal is met, or which of two attempts is better. Defaults to --weak-model.",
    )
    alias: tuple[tuple[str, str], ...] = setting(
        (), MapKind("NAME:MODEL", ":"), Group.MODEL, "Short name for a model. Repeatable."
    )
    api_base: str = setting(
        "", TextKind("URL"), Group.MODEL, "Address of the model's server, if it is not the provider's own."
    )
    api_key: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("[PROVIDER=]KEY", "=", bare=True),
        Group.MODEL,
        "API key for one provider, or for the provider of --model. Repeatable. Prefer the environment "
        "(OPENAI_API_KEY, …), since other users can see command lines.",
        scope=Scope.USER,
        secret=True,
    )
    set_env: tuple[tuple[str, str], ...] = setting(
        (),
        MapKind("NAME=VALUE"),
        Group.MODEL,
        "Set an environment variable for litellm. Repeatable.",
        secret=True,
    )
    timeout: float = setting(
        600.0,
        FloatKind("SECONDS", 1, 86_400),
        Group.MODEL,
        "Time limit for one call to a model, including retries.",
    )
    reasoning_effort: str = setting(
        "",
        TextKind("EFFORT"),
        Group.MODEL,
        "How much a reasoning model thinks (low, medium, high, …). If empty, the model decides.",
    )
    thinking_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.MODEL,
        "Token budget for thinking, for models that accept one; 0 turns thinking off, auto lets the model decide.",
    )
    temperature: float | None = setting(
        None,
        FloatKind("X", 0, 2, auto=True),
        Group.MODEL,
        "Sampling temperature; auto lets the model decide.",
    )
    model_metadata_file: str = setting(
        "",
        FILE,
        Group.MODEL,
        "Context windows and prices of models that litellm does not know, as JSON in litellm's format.",
    )
    context_tokens: int | None = setting(
        None,
        IntKind("TOKENS", 1024, auto=True),
        Group.MODEL,
        "Upper limit for the tokens of a prompt; auto uses the model's context window.",
    )

    # What the model sees --------------------------------------------------------------------------
    file: tuple[str, ...] = setting(
        (),
        PATHS,
        Group.CONTEXT,
        "File to show to the model for editing, like a FILE argument without a flag. On the command line, one that "
        "does not exist is created. Repeatable.",
        scope=Scope.ANYONE,
    )
    read: tuple[str, ...] = setting(
        (),
        PATHS,
        Group.CONTEXT,
        "File to show to the model without letting it edit the file, also from outside the repository. Repeatable.",
        scope=Scope.ANYONE,
        common=True,
    )
    map_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.CONTEXT,
        "Upper limit for the tokens of the repository map; 0 turns the map off, auto follows the model's "
        "context window.",
        scope=Scope.ANYONE,
    )
    map_refresh: MapRefresh = setting(
        "auto",
        ChoiceKind(get_args(MapRefresh)),
        Group.CONTEXT,
        "When to update the maps. auto: the map for the request each time, the overview when the prompt is "
        "rebuilt; always: both for each request; files: when the chat's files change; manual: only with /map-refresh.",
        scope=Scope.ANYONE,
    )
    subtree_only: bool = setting(
        False, SWITCH, Group.CONTEXT, "Leave out everything outside the current folder.", scope=Scope.ANYONE
    )
    store: str = setting(
        "",
        TextKind("URL"),
        Group.CONTEXT,
        "Look up parsed files that are new here in a store that others have filled by `trigpoint index --store`: a "
        "folder, s3://BUCKET/PATH or another URL of fsspec. Nothing is written there. See docs/scale.md.",
        scope=Scope.USER,
        secret=True,
    )
    grant_files: int = setting(
        12,
        COUNT,
        Group.CONTEXT,
        "How many files the model may see on request in a turn before you are asked; 0 always asks.",
    )
    grant_tokens: int | None = setting(
        None,
        IntKind("TOKENS", auto=True),
        Group.CONTEXT,
        "Upper limit for the tokens of such requests in a turn; 0 refuses them, auto follows the model's "
        "context window.",
    )
    append_system_prompt: str = setting(
        "",
        TEXT,
        Group.CONTEXT,
        "Add this text to the rules that every prompt begins with.",
        scope=Scope.USER,
    )
    offload_at: int = setting(
        4000,
        IntKind("TOKENS"),
        Group.CONTEXT,
        "Save command output longer than this to a file, and show the model only its beginning, end and errors; "
        "0 shows everything.",
        scope=Scope.ANYONE,
    )
    chat_language: str = setting(
        "",
        TextKind("LANGUAGE"),
        Group.CONTEXT,
        "Language of the model's answers. Defaults to the language of the request.",
        scope=Scope.ANYONE,
    )

"""aider's options that are not ours: what is taken instead, what has no effect here, and what is refused.

Options that mean here what they mean there are rows of the table (`chat.settings.table`); those that set one of
ours are in `chat.settings.names.SYNONYMS`. The list is that of aider 0.86.2. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Foreign:
    """An option of aider's that sets nothing here."""

    effect: Literal["none", "refused"]
    """It is accepted and does nothing, or it stops the program, since something else has to be done instead."""
    instead: str
    """Why it has no effect, or what to use; a sentence."""
    takes_value: bool = False


def _none(instead: str, takes_value: bool = False) -> Foreign:
    return Foreign("none", instead, takes_value)


def _refused(instead: str, takes_value: bool = False) -> Foreign:
    return Foreign("refused", instead, takes_value)


_COLOUR = _none("The colours are those of your terminal.", takes_value=True)
_THEME = _none("The colours are those of your terminal, light or dark.")
_TELEMETRY = "There is no telemetry."
_VOICE = _refused("There is no voice input; dictate with your system's own.", takes_value=True)
UPDATING = "`git pull && pip install .` in the clone of Trigpoint gets a newer version."
_UPGRADE = _refused(UPDATING)
_BROWSER = _refused(
    "It works in the terminal; for other programs there are --output-format json and `trigpoint mcp`."
)

FOREIGN: Mapping[str, Foreign] = MappingProxyType(
    {
        "model-settings-file": _refused(
            "Use --edit-format, --weak-model, --temperature and the like; windows and prices go into "
            "--model-metadata-file.",
            takes_value=True,
        ),
        "auto-accept-architect": _none(
            "A plan is always handed to the editor model; --ask asks before files are written."
        ),
        "show-model-warnings": _none("A warning about a model is shown where it matters."),
        "check-model-accepts-settings": _none(
            "A setting that a model does not take is reported and not sent."
        ),
        "cache-prompts": _none("Prompts are always sent so that providers can cache them."),
        "cache-keepalive-pings": _none(
            "Nothing is sent between your requests. A prompt grows only at its end, so a cache that is still there "
            "is used.",
            takes_value=True,
        ),
        "map-multiplier-no-files": _none(
            "--map-tokens is the limit, with or without files in the chat.", takes_value=True
        ),
        "chat-history-file": _none(
            "Sessions are kept in your state folder; `trigpoint sessions export ID -o FILE` writes one as Markdown.",
            takes_value=True,
        ),
        "dark-mode": _THEME,
        "light-mode": _THEME,
        "user-input-color": _COLOUR,
        "tool-output-color": _COLOUR,
        "tool-error-color": _COLOUR,
        "tool-warning-color": _COLOUR,
        "assistant-output-color": _COLOUR,
        "completion-menu-color": _COLOUR,
        "completion-menu-bg-color": _COLOUR,
        "completion-menu-current-color": _COLOUR,
        "completion-menu-current-bg-color": _COLOUR,
        "code-theme": _COLOUR,
        "show-diffs": _none("Edits are always shown as diffs; /diff shows the last turn's again."),
        "gitignore": _none("Nothing is left in the repository that git would have to ignore."),
        "add-gitignore-files": _none("/add takes files that git ignores, if you name them."),
        "aiderignore": _refused(
            "The files .aiderignore and .trigpointignore in the repository are read; another one cannot be named.",
            takes_value=True,
        ),
        "skip-sanity-check-repo": _none("The repository is only looked at where a step needs it."),
        "analytics": _none(_TELEMETRY),
        "analytics-log": _none(_TELEMETRY, takes_value=True),
        "analytics-disable": _none(_TELEMETRY),
        "analytics-posthog-host": _none(_TELEMETRY, takes_value=True),
        "analytics-posthog-project-api-key": _none(_TELEMETRY, takes_value=True),
        "just-check-update": _UPGRADE,
        "check-update": _none("It never looks for updates: nothing but the model's address is contacted."),
        "show-release-notes": _none("CHANGELOG.md says what has changed."),
        "install-main-branch": _UPGRADE,
        "upgrade": _UPGRADE,
        "update": _UPGRADE,
        "gui": _BROWSER,
        "browser": _BROWSER,
        "copy-paste": _refused(
            "/copy-context copies a prompt for another chat, and `trigpoint apply` applies its reply."
        ),
        "apply": _refused("Use `trigpoint apply --reply FILE`.", takes_value=True),
        "apply-clipboard-edits": _refused(
            "Pipe the clipboard: `xclip -o | trigpoint apply`, `pbpaste | trigpoint apply`."
        ),
        "exit": _refused("Give a command that ends by itself, such as -m /map or --show-repo-map."),
        "voice-format": _VOICE,
        "voice-language": _VOICE,
        "voice-input-device": _VOICE,
        "disable-playwright": _none("No page is ever fetched."),
        "line-endings": _none(
            "A file keeps its line ends; a new one gets those that .gitattributes or .editorconfig name.",
            takes_value=True,
        ),
        "fancy-input": _none("The prompt adapts to the terminal; TERM=dumb gives a plain one."),
        "notifications": _refused("Name a command with --notifications-command."),
        "detect-urls": _none("Addresses in a message are never fetched."),
        "shell-completions": _refused(
            'Add `eval "$(_TRIGPOINT_COMPLETE=bash_source trigpoint)"` to ~/.bashrc (zsh_source, fish_source).',
            takes_value=True,
        ),
    }
)
"""By name, without `--`."""

OPTIONS: tuple[str, ...] = tuple(
    """model openai-api-key anthropic-api-key openai-api-base openai-api-type openai-api-version
    openai-api-deployment-id openai-organization-id set-env api-key list-models models model-settings-file
    model-metadata-file alias reasoning-effort thinking-tokens verify-ssl timeout edit-format chat-mode architect
    auto-accept-architect weak-model editor-model editor-edit-format show-model-warnings
    check-model-accepts-settings max-chat-history-tokens cache-prompts cache-keepalive-pings map-tokens map-refresh
    map-multiplier-no-files input-history-file chat-history-file restore-chat-history llm-history-file dark-mode
    light-mode pretty stream user-input-color tool-output-color tool-error-color tool-warning-color
    assistant-output-color completion-menu-color completion-menu-bg-color completion-menu-current-color
    completion-menu-current-bg-color code-theme show-diffs git gitignore add-gitignore-files aiderignore
    subtree-only auto-commits dirty-commits attribute-author attribute-committer attribute-commit-message-author
    attribute-commit-message-committer attribute-co-authored-by git-commit-verify commit commit-prompt dry-run
    skip-sanity-check-repo watch-files lint lint-cmd auto-lint test-cmd auto-test test analytics analytics-log
    analytics-disable analytics-posthog-host analytics-posthog-project-api-key just-check-update check-update
    show-release-notes install-main-branch upgrade update version message msg message-file gui browser copy-paste
    apply apply-clipboard-edits exit show-repo-map show-prompts voice-format voice-language voice-input-device
    disable-playwright file read vim chat-language commit-language yes-always verbose load encoding line-endings
    config env-file suggest-shell-commands fancy-input multiline notifications notifications-command detect-urls
    editor shell-completions""".split()
)
"""Every long option of aider 0.86.2, in the order of its help."""

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "voice": "There is no voice input; dictate with your system's own.",
        "web": "Pages are never fetched; save the text and /read-only the file, or paste it.",
    }
)
"""aider's commands that are not ours, with what to do instead."""

ALL_COMMANDS: tuple[str, ...] = tuple(
    """add architect ask chat-mode clear code commit context copy copy-context diff drop edit editor editor-model
    exit git help lint load ls map map-refresh model models multiline-mode paste quit read-only reasoning-effort
    report reset run save settings test think-tokens tokens undo voice weak-model web""".split()
)
"""Every command of aider 0.86.2."""


def said_of(name: str, *, negated: bool = False) -> str:
    """Return the sentence about an option that sets nothing here; ``negated`` is its form with `no-`."""
    foreign = FOREIGN[name]
    if foreign.effect == "none":
        return f"--{'no-' if negated else ''}{name} has no effect here. {foreign.instead}"
    return f"--{name} is an option of aider's that is not taken. Nothing was started. {foreign.instead}"

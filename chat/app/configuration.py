"""[io] Settings, models and mode, changed while the chat is open."""

from collections.abc import Callable
from dataclasses import replace

from chat.errors import UsageError
from chat.model import Mode, ModelRole
from chat.ports import Model
from chat.prompt.rules import renew_rules
from chat.settings.kinds import Value
from chat.settings.names import row_for
from chat.settings.row import Group
from chat.settings.table import Settings, changed
from chat.state.spending import Limits
from chat.state.state import State

_IN_RULES = frozenset(("edit-format", "chat-language", "permission-mode"))
"""Settings that the rules in the prompt mention."""
_MODEL_SETTINGS = {
    ModelRole.MAIN: "model",
    ModelRole.WEAK: "weak-model",
    ModelRole.EDITOR: "editor-model",
    ModelRole.JUDGE: "judge-model",
}


class Configuration:
    """What a user can change of the settings, for the rest of the chat."""

    def __init__(
        self,
        state: State,
        open_model: Callable[[Settings], Model],
        known_models: Callable[[str], tuple[str, ...]],
        doubt_about: Callable[[str, str], str],
    ) -> None:
        self._state = state
        self._open_model = open_model
        self._known_models = known_models
        self._doubt_about = doubt_about

    def known_models(self, part: str = "") -> tuple[str, ...]:
        """Return the models that litellm knows and whose names contain this, sorted."""
        return self._known_models(part)

    def doubt_about_model(self, role: ModelRole) -> str:
        """Return why the calls of a role will most likely fail for the name of their model; "" if they need not."""
        return self._doubt_about(self._state.model.name(role), self._state.settings.api_base)

    def choose_mode(self, mode: Mode) -> None:
        """Set what turns may do from now on."""
        if mode is not self._state.conversation.mode:
            self._state.writer.put(replace(self._state.conversation, mode=mode))
            renew_rules(self._state)

    def choose_model(self, role: ModelRole, name: str) -> None:
        """Send the calls of a role to this model. Raises ModelError, and the models stay as they are."""
        self.set(_MODEL_SETTINGS[role], name)

    def set(self, name: str, value: Value) -> None:
        """Change a setting, by its name. Raises UsageError for an unknown name."""
        row = row_for(name)
        if row is None:
            raise UsageError(f"There is no setting {name!r}; nothing changed. /settings lists all of them.")
        state = self._state
        before = state.active.edit_format()
        settings = changed(state.settings, {row.name: value}, "typed")
        model = self._open_model(settings) if row.group is Group.MODEL else None
        if model is not None:
            model.load_in_background()
        state.ports.masks.know(key for _, key in settings.api_key)
        state.active.use(settings, model)
        state.spending.limit(Limits.of(settings))
        if row.name in _IN_RULES or state.active.edit_format() != before:
            renew_rules(state)

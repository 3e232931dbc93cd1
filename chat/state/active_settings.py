"""The settings in force, and the models that they open: both change together."""

from dataclasses import dataclass

from chat.model import ModelRole, Price
from chat.ports import Model
from chat.settings.table import Settings

_DEFAULT_FORMAT = "diff"


@dataclass(slots=True)
class ActiveSettings:
    """The settings and models of one chat, which the user may change while it is open."""

    settings: Settings
    model: Model
    adapted_format: str = ""
    """The format that edits are written in since the model failed in its own; "" for none."""
    failed_replies: int = 0
    """Replies in a row whose edits fit nowhere."""

    def use(self, settings: Settings, model: Model | None = None) -> None:
        """Put other settings in force, and other models where they ask for them."""
        self.settings = settings
        if model is not None:
            self.model, self.adapted_format = model, ""

    def edit_format(self) -> str:
        """Return the format in which the main model is to write its edits."""
        if self.settings.edit_format != "auto":
            return self.settings.edit_format
        return self.adapted_format or self.model.edit_format(ModelRole.MAIN) or _DEFAULT_FORMAT

    def price(self, role: ModelRole) -> Price | None:
        """Return the price of the model that has this role now, or None if it is unknown."""
        return self.model.price(role)

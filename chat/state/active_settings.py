"""The settings in force, and the models that they open: both change together."""

from dataclasses import dataclass

from chat.model import ModelRole, Price
from chat.ports import Model
from chat.settings.table import Settings


@dataclass(slots=True)
class ActiveSettings:
    """The settings and models of one chat, which the user may change while it is open."""

    settings: Settings
    model: Model

    def use(self, settings: Settings, model: Model | None = None) -> None:
        """Put other settings in force, and other models where they ask for them."""
        self.settings = settings
        self.model = model or self.model

    def price(self, role: ModelRole) -> Price | None:
        """Return the price of the model that has this role now, or None if it is unknown."""
        return self.model.price(role)

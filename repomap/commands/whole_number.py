"""Whole numbers on a command line, as people write them."""

import re

import click

_WITH_UNIT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([km])", re.IGNORECASE)
_UNITS = {"k": 1_000, "m": 1_000_000}


class WholeNumber(click.IntRange):
    """A whole number within bounds; `8k` is 8000, as in settings."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number. Raises BadParameter.

        >>> WholeNumber(16).convert("1.001k", None, None), WholeNumber().convert("1_000", None, None)
        (1001, 1000)
        """
        match = _WITH_UNIT.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            number = round(float(match[1]) * _UNITS[match[2].lower()]) if match else int(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if self.min is not None and number < self.min:
            self.fail(f"{number} is less than {self.min}.", param, ctx)
        if self.max is not None and number > self.max:
            self.fail(f"{number} is more than {self.max}.", param, ctx)
        return number

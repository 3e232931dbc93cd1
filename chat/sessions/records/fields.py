"""How most records of a journal are written as JSON and read back: by the names of their attributes."""

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any, Self


class Fields:
    """Writes and reads the fields of a record by the names of its attributes."""

    __slots__ = ()

    def fields(self) -> Mapping[str, object]:
        """Return the record's fields in the journal; those that are None are left out."""
        names = [attribute.name for attribute in fields_of(self)]  # type: ignore[arg-type]
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """Read a record's fields; unknown ones are ignored. Raises TypeError if one is missing."""
        names = [attribute.name for attribute in fields_of(cls)]  # type: ignore[arg-type]
        return cls(**{name: _frozen(fields[name]) for name in names if name in fields})


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value

"""What ends an edit operation."""


class EditError(Exception):
    """The root of the tree. Messages say where, what was not done, and what to do next."""

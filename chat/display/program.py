"""What the program calls itself."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the version of the installed program, "" where it runs from its sources alone."""
    try:
        return version("trigpoint")
    except PackageNotFoundError:
        return ""

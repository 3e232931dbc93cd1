"""How many examples a property is tried with: so many of a hundred as it usually gets, in any profile."""

from hypothesis import settings


def examples(usual: int) -> settings:
    """The share of `usual` in a hundred, of what the profile gives to a property: at least one."""
    return settings(max_examples=max(1, usual * settings.default.max_examples // 100), deadline=None)

"""How long the random histories of a test are."""

from hypothesis import HealthCheck, settings


def bounds(examples: int, steps: int) -> settings:
    """So many histories of so many steps, however long git takes for each."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

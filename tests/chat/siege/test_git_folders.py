"""Git folders that are not what they seem, and what git would run of them: nothing leaves, nothing runs."""

from siege import LOCAL_ONLY, Case, Siege, besiege, played

pytestmark = LOCAL_ONLY


def _hooks(siege: Siege) -> None:
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction"):
        siege.hook(f".git/hooks/{name}")


CASES = (Case("hooks", _hooks, is_quick=True),)


@played(*CASES)
def test_a_hostile_git_folder_runs_and_reaches_nothing(siege: Siege, case: Case) -> None:
    """Whatever its files say, git works in this folder alone and starts nothing."""
    besiege(siege, case)

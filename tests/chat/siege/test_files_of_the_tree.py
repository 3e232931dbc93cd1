"""Files of the tree that are not what they seem: nothing that is the user's own reaches the model."""

from functools import partial

from siege import EDIT, LOCAL_ONLY, Case, Siege, Step, besiege, played

pytestmark = LOCAL_ONLY

SECRET = "the-users-own-secret"


def _own_file(siege: Siege) -> None:
    """What a user puts into a clone, and git ignores."""
    siege.write({".gitignore": ".env\nlocal.txt\n", ".env": f"KEY={SECRET}\n", "local.txt": SECRET})


def _link_to_it(path: str, target: str, settings: str, siege: Siege) -> None:
    _own_file(siege)
    siege.link(path, target)
    siege.write({".trigpoint.toml": settings})
    siege.git("add", "--all", "--force", path, ".trigpoint.toml")


def _read(names: str, siege: Siege) -> None:
    _own_file(siege)
    siege.write({".trigpoint.toml": f"read = [{names}]\n", "sub/x.txt": "x\n"})
    siege.link("sub/y.txt", "../.env")
    siege.link("far.txt", siege.base / "private.txt")


def _says_nothing(siege: Siege) -> None:
    assert SECRET not in siege.sent
    assert "kept to myself" not in siege.sent
    assert siege.servers[0].calls


def _asks(reply: str) -> tuple[Step, ...]:
    return (lambda siege: siege.run("-m", "go", replies=(reply, "Done.")),)


TURN: tuple[Step, ...] = (lambda siege: siege.run("-m", "go", replies=(EDIT,)),)
READS = (
    Case(
        "a link that settings name",
        partial(_link_to_it, "notes", ".env", 'read = ["notes"]\n'),
        TURN,
        _says_nothing,
        is_quick=True,
    ),
    Case("a link to add", partial(_link_to_it, "notes", ".env", 'file = ["notes"]\n'), TURN, _says_nothing),
    Case("instructions", partial(_link_to_it, "AGENTS.md", ".env", ""), TURN, _says_nothing),
    Case(
        "instructions from outside",
        partial(_link_to_it, "AGENTS.md", "../private.txt", ""),
        TURN,
        _says_nothing,
    ),
    Case("a file by its name", partial(_read, '".env"'), TURN, _says_nothing),
    Case("a file by a way around", partial(_read, '"sub/../.env"'), TURN, _says_nothing),
    Case("a pattern", partial(_read, '".e*", "*"'), TURN, _says_nothing),
    Case("a folder with a link", partial(_read, '"sub"'), TURN, _says_nothing),
    Case("a link out of the folder", partial(_read, '"far.txt"'), TURN, _says_nothing),
    Case("a path out of the folder", partial(_read, '"../private.txt"'), TURN, _says_nothing),
    Case(
        "the model asks for a link",
        partial(_link_to_it, "notes.txt", ".env", ""),
        _asks("show: notes.txt"),
        _says_nothing,
    ),
    Case(
        "the model asks for a link to what git ignores",
        partial(_link_to_it, "notes.txt", "local.txt", ""),
        _asks("I need:\n\n`notes.txt`"),
        _says_nothing,
    ),
    Case(
        "the model asks for what lies outside",
        partial(_link_to_it, "notes.txt", "../private.txt", ""),
        _asks("show: notes.txt\nshow: ../private.txt"),
        _says_nothing,
    ),
)


@played(*READS)
def test_a_file_of_the_users_own_stays_with_the_user(siege: Siege, case: Case) -> None:
    """Whatever name a repository gives it."""
    besiege(siege, case)

"""Notes that a session proposes, and the end of a chat at which it does."""

from pathlib import Path

from chat_fakes import ScriptedModel, fake_state

from chat.errors import Unreachable
from chat.events import Emit
from chat.model import ModelRole, Prompt, Reply
from chat.results import Proposal
from chat.sessions.memory import Memory
from chat.turn.notes import Notes, read_proposals
from chat.turn.turn import take_turn

REPLY = """NOTE: Commits are written in German.
EVIDENCE: "write every commit message in German"

- NOTE: Tests live beside the code.
- EVIDENCE: put tests beside the code
NOTE: The user likes cats.
EVIDENCE: cats are great
"""
SAID = ("From now on write every  commit message in German.", "Put tests beside the code, please.")


def test_a_note_needs_words_that_the_user_said() -> None:
    """A model makes evidence up; such a note is dropped."""
    assert read_proposals(REPLY, SAID) == (
        Proposal("Commits are written in German.", "write every commit message in German"),
        Proposal("Tests live beside the code.", "put tests beside the code"),
    )


def test_what_is_kept_already_is_not_proposed_again() -> None:
    """Nor is anything by a model that finds nothing."""
    assert len(read_proposals(REPLY, SAID, "- commits are written in german. (2026-01-01)\n")) == 1
    assert read_proposals("NONE", SAID) == ()


def test_the_weak_model_is_asked_once_with_what_the_user_said(tmp_path: Path) -> None:
    """And not with files or replies."""
    model = ScriptedModel("Noted, thanks.", weak=REPLY)
    state, _ = fake_state(tmp_path, model)
    take_turn(state, SAID[0])

    assert [proposal.evidence for proposal in Notes(state, Memory(tmp_path)).propose()] == [
        "write every commit message in German"
    ]

    (prompt,) = model.weak_prompts
    assert SAID[0] in prompt.messages[-1].text
    assert "Noted, thanks." not in prompt.messages[-1].text


def test_without_an_answer_nothing_is_proposed(tmp_path: Path) -> None:
    """The user is leaving; an error would be of no use."""

    class Gone(ScriptedModel):
        def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
            raise Unreachable("gone")

    state, _ = fake_state(tmp_path, Gone())

    assert Notes(state, Memory(tmp_path)).propose() == ()

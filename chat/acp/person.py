"""[io] The user at an editor, who is asked by the editor's own dialogues."""

from acp.exceptions import RequestError
from acp.schema import PermissionOption

from chat.acp.editor import Editor
from chat.acp.updates import Update, Updates
from chat.ports import Permit
from repomap import escaped_text

_ONCE = PermissionOption(option_id="yes", name="Allow once", kind="allow_once")
_REJECT = PermissionOption(option_id="no", name="Reject", kind="reject_once")


class EditorPerson:
    """Answers by `session/request_permission`; an editor that cannot ask means no."""

    is_there = True

    def __init__(self, editor: Editor, updates: Updates, yes: bool) -> None:
        self._editor = editor
        self._updates = updates
        self._yes = yes

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the user agrees; ``yes`` answers in advance."""
        if self._yes:
            return True
        call = self._updates.question(escaped_text(question), escaped_text(subject))
        return self._choice(call, [_ONCE, _REJECT]) == "yes"

    def offer(self, command: str) -> bool:
        """Whether to run a command that the model proposes; ``yes`` does not answer this one."""
        return self.permit(command, "") != "no"

    def permit(self, command: str, rule: str) -> Permit:
        """Whether to run a command; "always" keeps the rule in the user's own file."""
        always = [PermissionOption(option_id="always", name=f"Always allow {rule}", kind="allow_always")]
        call = self._updates.asked(command)
        answer = self._choice(call, [_ONCE, *(always if rule else []), _REJECT])
        if answer == "always" and rule:
            return "always"
        if answer == "yes":
            return "yes"
        self._editor.show(*self._updates.refused(command))
        return "no"

    def _choice(self, call: Update, options: list[PermissionOption]) -> str:
        self._editor.show(call)
        try:
            return self._editor.choose(call, options)
        except RequestError:
            return ""

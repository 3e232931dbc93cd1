"""[io] Has the pieces of a plan done: begins them as dependencies allow, merges what is done, gives back what is not.

Each step is written down before the next one, and each can be taken again: a process that was killed leaves nothing
that the next one does not know.
"""

from collections.abc import Iterable
from dataclasses import replace

from chat.errors import ChatError
from chat.git.merge_tree import Conflict
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder
from chat.jobs.tree import tip_of
from chat.jobs.view import JobView
from chat.permissions.decide import decide_edit
from chat.permissions.rule import Rules, parse_rules
from chat.safety.printable import on_one_line
from chat.settings.kinds import Value
from chat.workers.budget import Budget, extended, for_planner, share
from chat.workers.checking import Checking
from chat.workers.consent import checks_of
from chat.workers.graph import rule_against
from chat.workers.pieces import Wanted
from chat.workers.plan import Piece, WorkPlan
from chat.workers.ports import Kept, PlanPorts
from chat.workers.record import PieceState
from chat.workers.schedule import failed, given_back, mergeable, startable, unreachable
from chat.workers.texts import again_text, back_text, piece_text
from repomap import ExitCode, escaped

_POLL_S = 0.1
_MOST_REVIVALS = 3
_REASON_CHARS = 500


class Work:
    """The work on the pieces of one plan."""

    def __init__(self, ports: PlanPorts, kept: Kept, plan: WorkPlan) -> None:
        self._ports = ports
        self._kept = kept
        self._plan = plan
        self._asked: set[tuple[str, int]] = set()
        self._checking = Checking(lambda command: ports.run_check(command, ports.seconds_left()))
        self._merging: tuple[str, str] | None = None
        """The id of the piece whose merge is checked, and that commit."""

    def run(self) -> None:
        """Work until no piece can be done any more. Raises ChatError, and KeyboardInterrupt."""
        try:
            self._set_up()
            self._work()
        finally:
            self._checking.close()

    def _work(self) -> None:
        while not all(state.is_over for state in self._kept.state.pieces):
            for state in self._kept.state.pieces:
                if state.status == "working":
                    self._look_at(state)
            self._kept.put(*unreachable(self._plan, self._kept.state.pieces))
            self._begin(startable(self._plan, self._kept.state.pieces, self._ports.order.parallel))
            if not self._merge_next():
                self._ports.sleep(_POLL_S)

    def _set_up(self) -> None:
        """Bring the branch to what was merged and checked last, and know how the check ends without any piece."""
        known = {state.id for state in self._kept.state.pieces}
        self._kept.put(*(PieceState(id=piece.id) for piece in self._plan.pieces if piece.id not in known))
        self._kept.write(tip=self._kept.state.tip or self._ports.record.base)
        jobs = {state.job for state in self._kept.state.pieces}
        self._ports.children.remove_others(frozenset({*jobs, self._kept.state.planner}))
        added = self._ports.branch.added(self._kept.state.tip)
        if added and added != self._kept.state.merging:  # the user has committed to it
            self._kept.write(tip=added, is_green=None)
        self._ports.branch.put(self._kept.state.tip)
        if self._kept.state.whole and not self._kept.state.is_green:
            self._check_as_it_is()
        for state in self._kept.state.pieces:
            view = self._ports.children.view(state.job) if state.status == "working" else None
            if view and view.state is JobState.STOPPED:  # with the plan
                self._take_up(state)

    def _check_as_it_is(self) -> None:
        """Know how the whole check ends without any piece that is still open."""
        self._checking.begin(self._kept.state.whole)
        red = self._checking.red()
        self._kept.write(is_green=not red)
        self._ports.branch.put(self._kept.state.tip)
        if red:
            command = escaped(red[0].command)
            self._ports.say(
                f"`{command}` fails before anything more is done; it decides once it succeeds.", "warning"
            )

    # What has become of a piece

    def _look_at(self, state: PieceState) -> None:
        view = self._ports.children.view(state.job)
        if view is None:
            self._fail(state, "Its job is gone.")
        elif view.state.is_live:
            self._tell_question(state, view)
        elif state.run and _run(view) <= state.run:  # killed before the next try began
            self._take_up(state, state.message)
        elif view.state is JobState.DONE:
            self._take(state, view)
        elif view.state is JobState.LOST and state.revived < _MOST_REVIVALS:
            self._kept.put(replace(state, revived=state.revived + 1))
            self._take_up(state)
        elif view.state is JobState.FAILED:
            self._give_back(replace(state, code=view.exit_code or 0), view, view.reason or "It failed.")
        else:
            self._fail(state, on_one_line(view.reason, _REASON_CHARS) or "It was stopped.")

    def _take_up(self, state: PieceState, message: str = "") -> None:
        """Have a process go on with the job of a piece."""
        limit = Budget(usd=state.limit_usd, tokens=state.limit_tokens)
        try:
            self._ports.children.take_up(state.job, {**limit.settings(), **self._time()}, message)
        except ChatError as error:
            self._fail(state, on_one_line(str(error), _REASON_CHARS))

    def _tell_question(self, state: PieceState, view: JobView) -> None:
        question = view.facts.question
        if question and (state.job, question.number) not in self._asked:
            self._asked.add((state.job, question.number))
            text = on_one_line(question.text)
            self._ports.say(
                f"{escaped(state.id)} asks: {text} (`trigpoint jobs answer {state.job} "
                f"{'|'.join(question.choices)}`)"
            )

    def _take(self, state: PieceState, view: JobView) -> None:
        """Take what a job has done as the work on a piece, or give it back."""
        tip, base = tip_of(view.record), view.record.base
        if tip in ("", base):
            self._give_back(state, view, "It changed nothing.")
            return
        touched = self._forbidden(self._plan.piece(state.id), self._ports.branch.files(base, tip))
        if touched:
            paths = ", ".join(map(escaped, touched[:5]))
            self._give_back(state, view, f"It changed {paths}, which it is to leave alone.")
        else:
            self._kept.put(replace(state, status="done", code=0))

    @staticmethod
    def _forbidden(piece: Piece, paths: Iterable[str]) -> list[str]:
        rules = Rules(deny=parse_rules(map(rule_against, piece.leave_alone)))
        return [path for path in paths if decide_edit(path, rules, "default").behavior == "deny"]

    def _give_back(self, state: PieceState, view: JobView, reason: str) -> None:
        """Have a job go on with its piece; where its turns are used up, another one begins again."""
        reason = on_one_line(reason, _REASON_CHARS)
        if view.exit_code == ExitCode.TURN_LIMIT:
            self._begin_again(state, view, reason)
            return
        self._kept.put(given_back(replace(state, run=_run(view)), reason, back_text(reason)))
        self._tell_back(state, reason)

    def _begin_again(self, state: PieceState, view: JobView, reason: str, detail: str = "") -> None:
        """Have another job do a piece from the present branch, told what came of this one."""
        diff = self._ports.branch.diff(view.record.base, tip_of(view.record) or view.record.base)
        back = given_back(state, reason, again_text(reason, detail, diff))
        if back.status == "waiting":
            self._kept.put(back.with_earlier(view.usage))
            self._ports.children.remove(state.job)
        else:
            self._kept.put(back)
        self._tell_back(state, reason)

    def _tell_back(self, state: PieceState, reason: str) -> None:
        is_failed = self._kept.state.piece(state.id).status == "failed"
        how = "failed" if is_failed else "is given back"
        self._ports.say(f"{escaped(state.id)} {how}: {reason}", "warning")

    def _fail(self, state: PieceState, reason: str, code: int = 0) -> None:
        self._kept.put(replace(failed(state, reason), code=code or state.code))
        self._ports.say(f"{escaped(state.id)} failed: {reason}", "warning")

    # Beginning

    def _begin(self, states: Iterable[PieceState]) -> None:
        """Begin pieces, or go on with them."""
        made = {state.id: folder for state in states if (folder := self._made(state))}
        for (name, folder), error in zip(
            made.items(), self._ports.children.start([*made.values()]), strict=True
        ):
            if error is not None:
                self._fail(self._kept.state.piece(name), on_one_line(str(error), _REASON_CHARS))
            else:
                self._ports.say(f"{escaped(name)}: job {folder.id} has begun.")

    def _made(self, state: PieceState) -> JobFolder | None:
        """Make the job of a piece, with its share of what is left of the budget; None where it fails or goes on."""
        if self._ports.is_time_up:
            self._fail(state, "The time is up.", ExitCode.BUDGET_LIMIT)
            return None
        waiting = sum(each.status == "waiting" for each in self._kept.state.pieces)
        planner = for_planner(self._ports.budget)
        part = share(self._ports.budget, self._kept.accounts(self._ports, planner), waiting)
        if part is None:
            self._fail(state, "Nothing is left of the budget.", ExitCode.BUDGET_LIMIT)
            return None
        try:
            if not state.job:
                return self._made_anew(state, part)
            self._go_on(state, part)
        except ChatError as error:
            self._fail(self._kept.state.piece(state.id), on_one_line(str(error), _REASON_CHARS))
        return None

    def _go_on(self, state: PieceState, part: Budget) -> None:
        limit = extended(part, self._ports.children.usage(state.job))
        working = _working(state, state.job, limit)
        self._kept.put(working)
        self._ports.say(f"{escaped(state.id)}: job {state.job} goes on.")
        self._take_up(working, working.message)

    def _made_anew(self, state: PieceState, part: Budget) -> JobFolder:
        piece = self._plan.piece(state.id)
        wanted = Wanted(
            note=f"{piece.id}, try {state.tries + 1}",
            task=f"{piece.id}: {piece.goal}",
            values=self._values(piece),
            base=self._kept.state.tip,
            limit=part,
            seconds=self._ports.seconds_left() or 0.0,
            message=state.message,
        )
        return self._ports.children.make(
            wanted, lambda folder: self._kept.put(_working(state, folder.id, part))
        )

    def _time(self) -> dict[str, Value]:
        left = self._ports.seconds_left()
        return {} if left is None else {"max-seconds": left}

    def _values(self, piece: Piece) -> dict[str, Value]:
        """Return the settings of the job that does a piece."""
        text = piece_text(piece, self._ports.task)
        denied = self._ports.record.values.get("disallowed-tools", ())
        own = tuple(map(rule_against, piece.leave_alone))
        rules: dict[str, Value] = (
            {"disallowed-tools": (*denied, *own)} if own and isinstance(denied, tuple) else {}
        )
        checks = self._checks(piece.id)
        if not checks:
            return {"message": text, **rules}
        return {"goal": text, "check": checks, "checks-decide": True, "plan": False, **rules}

    def _checks(self, name: str) -> tuple[str, ...]:
        return checks_of(self._plan, name, self._kept.state.checks, self._kept.state.whole)

    # Merging

    def _merge_next(self) -> bool:
        """Take the next step of a merge, and return whether there was one to take."""
        if self._merging is not None:
            name, merged = self._merging
            if self._checking.is_over:
                self._merging = None
                self._end_merge(self._kept.state.piece(name), merged)
            return self._merging is None
        done = mergeable(self._kept.state.pieces)
        if done is not None:
            self._merge(done)
        return done is not None

    def _merge(self, state: PieceState) -> None:
        """Merge the work on a piece, and have that checked."""
        view = self._ports.children.view(state.job)
        if view is None:
            self._fail(state, "Its job is gone.")
            return
        found = self._ports.branch.merged(tip_of(view.record), view.record, self._kept.state.tip)
        if isinstance(found, Conflict):
            paths = ", ".join(map(escaped, found.paths[:5]))
            reason = f"It conflicts with what was merged meanwhile, in {paths}."
            self._begin_again(state, view, reason, self._ports.branch.conflict(found))
            return
        self._kept.write(merging=found)
        self._ports.branch.put(found)
        self._merging = state.id, found
        self._checking.begin(self._kept.state.whole or self._checks(state.id))

    def _end_merge(self, state: PieceState, merged: str) -> None:
        """Keep a merge if its check succeeds, or did not before; otherwise put the branch back."""
        red, before = self._checking.red(), self._kept.state
        view = self._ports.children.view(state.job)
        is_kept = view is not None and (not red or before.is_green is False)
        if is_kept:
            is_green = not red if before.whole else None
            self._kept.put(replace(state, status="merged", commit=merged), tip=merged, is_green=is_green)
        self._ports.branch.put(self._kept.state.tip)
        if view is None:
            self._fail(state, "Its job is gone.")
        elif is_kept:
            self._ports.children.note_merged(state.job, merged, tip_of(view.record))
            self._ports.say(f"{escaped(state.id)} is merged: {merged[:12]}.")
        else:
            reason = f"`{red[0].command}` fails with exit code {red[0].exit_code} once it is merged."
            self._begin_again(state, view, on_one_line(reason, _REASON_CHARS), red[0].output)


def _working(state: PieceState, job: str, limit: Budget) -> PieceState:
    return replace(
        state,
        status="working",
        job=job,
        tries=state.tries + 1,
        limit_usd=limit.usd,
        limit_tokens=limit.tokens,
    )


def _run(view: JobView) -> int:
    return view.facts.start.number if view.facts.start else 0

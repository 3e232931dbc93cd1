"""A reply's edits + the files → a plan: every new text in memory, and one result for each block.

Blocks are taken in the order of the reply, each against the files as the blocks before it left
them. A plan is whole or it is empty: one refused block, and nothing is to be written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edits.draft import Draft, new_text, rewrite
from edits.elision import says_so
from edits.explain import explain_missed, explain_unreadable, where
from edits.index import LineIndex
from edits.listing import Doubt, plain_lines, read_listing, resembles
from edits.locate import Found, Missed, place_edit
from edits.model import (
    Applied,
    Delete,
    EditBlock,
    EditResult,
    FileChange,
    FileText,
    Move,
    NameHint,
    ParsedReply,
    Plan,
    Reason,
    Rejected,
    Replace,
    RepoPath,
    Rules,
    Unreadable,
    Write,
)
from edits.normalize import blank
from edits.resolve import Target, Tree, placeholder_prefix, resolve
from edits.source import decode, encode

_EMPTY = FileText((), ())
_MOST_LATER = 50
_CERTAIN = ("exact", "trailing_space")


def plan_edits(reply: ParsedReply, tree: Tree, rules: Rules = Rules()) -> Plan:  # noqa: B008
    """What a reply does to the files of a tree; nothing is written.

    Results come in the order of the blocks. With a refused block `changes` is empty, unless
    `rules.partial`. Never raises for anything that a reply or a file can hold.
    """
    planner = _Planner(tree, rules)
    results = planner.run(reply)
    if rules.gate:
        results = planner.check_syntax(results)
    refused = any(isinstance(result, Rejected) for result in results)
    changes = () if refused and not rules.partial else planner.changes()
    return Plan(changes, tuple(results))


@dataclass(frozen=True, slots=True)
class _Tried:
    """How a block fared in one file."""

    path: RepoPath
    outcome: Found | Missed


class _Planner:
    """The drafts of one reply."""

    def __init__(self, tree: Tree, rules: Rules) -> None:
        self.tree = tree
        self.rules = rules
        self.drafts: dict[RepoPath, Draft] = {}
        self.previous: RepoPath | None = None
        self.blocks: Sequence[EditBlock | Unreadable] = ()
        self.position = 0
        self.applied: set[tuple[RepoPath, Replace]] = set()

    def run(self, reply: ParsedReply) -> list[EditResult]:
        """The results of all blocks, in order."""
        results: list[EditResult] = []
        skip = 0
        listed = _listed(reply.blocks)
        self.blocks = reply.blocks
        for number, block in enumerate(reply.blocks):
            self.position = number
            if block.reply_line <= skip:
                continue  # text of a listing whose end turned out to lie further down
            if isinstance(block, Unreadable):
                cut = not reply.finished
                message = explain_unreadable(block, cut)
                results.append(Rejected(block, Reason.CUT_OFF if cut else Reason.UNREADABLE, message))
                continue
            result, end = self._apply(block, listed)
            skip = max(skip, end)
            results.append(result)
        if not reply.finished and not any(isinstance(result.block, Unreadable) for result in results):
            results.append(_cut_off(reply))
        return _without_examples(results)

    def changes(self) -> tuple[FileChange, ...]:
        """What the drafts would change on disk, by path."""
        found = []
        for path, draft in sorted(self.drafts.items()):
            after = None if draft.file is None else encode(draft.file)
            if after != draft.before:
                found.append(FileChange(path, draft.before, after, draft.moved_from))
        return tuple(found)

    def check_syntax(self, results: Sequence[EditResult]) -> list[EditResult]:
        """The results, with those refused that make a file stop parsing."""
        broken = {path for path, draft in self.drafts.items() if self._broken(path, draft)}
        for path in broken:
            del self.drafts[path]
        return [
            _syntax_refusal(result) if isinstance(result, Applied) and result.path in broken else result
            for result in results
        ]

    def _broken(self, path: RepoPath, draft: Draft) -> bool:
        gate = self.rules.gate
        if gate is None or draft.before is None or draft.file is None:
            return False
        after = encode(draft.file)
        return after != draft.before and gate(path, draft.before) is True and gate(path, after) is False

    def _apply(self, block: EditBlock, listed: frozenset[str]) -> tuple[EditResult, int]:
        """The result of one block, and the reply line where it turned out to end (0: as parsed)."""
        change = block.change
        end = 0
        if isinstance(change, Replace):
            result = self._replace_or_create(block, change)
        elif isinstance(change, Write) and change.new:
            result = self._create(block, change)
        elif isinstance(change, Write):
            result, end = self._overwrite(block, change, listed)
        elif isinstance(change, Delete):
            result = self._delete(block, change)
        else:
            result = self._move(block, change)
        if result.path:
            self.previous = result.path
        return result, end

    # one file

    def _draft(self, path: RepoPath) -> Draft:
        """The file as the blocks so far left it."""
        if path not in self.drafts:
            before = self.tree.read(path)
            file = None if before is None else decode(before)
            self.drafts[path] = Draft(before, file, LineIndex(file.lines if file else ()))
        return self.drafts[path]

    def _barred(self, block: EditBlock, path: RepoPath) -> Rejected | None:
        """Why a path may not be written, if it may not."""
        why = self.tree.forbidden(path)
        if why:
            return _forbidden(block, path, why)
        parents = {"/".join(path.split("/")[:n]) for n in range(1, path.count("/") + 2)}
        if parents & self.rules.read_only:
            message = f"{where(block, path)}: the file is read-only in this chat. Nothing was applied. Leave it as it is."
            return Rejected(block, Reason.READ_ONLY, message, path)
        return None

    def _stale(self, block: EditBlock, path: RepoPath, draft: Draft) -> Rejected | None:
        """A refusal where replacing a whole file would lose what changed since it was shown."""
        shown = (self.rules.shown or {}).get(path)
        if shown is None or draft.before is None or shown == draft.before:
            return None
        message = (
            f"{where(block, path)}: the file has changed since it was shown. Nothing was applied. "
            "Look at it again and send the change against its present text."
        )
        return Rejected(block, Reason.STALE, message, path)

    # SEARCH/REPLACE

    def _replace_or_create(self, block: EditBlock, change: Replace) -> EditResult:
        """A block whose first divider follows its head makes a file, where there is none yet."""
        empty = [each for each in change.readings if all(blank(line) for line in each.search)]
        if empty:
            target = resolve(block.names, self.tree, self.rules.chat, new=True)
            if target is None or not any(self._has_text(path) for path in target.paths):
                return self._create(block, Write((empty[-1].replace,), new=True))
        return self._replace(block, change)

    def _has_text(self, path: RepoPath) -> bool:
        file = self._draft(path).file
        return file is not None and any(not blank(line) for line in file.lines)

    def _replace(self, block: EditBlock, change: Replace) -> EditResult:
        target = resolve(block.names, self.tree, self.rules.chat, new=False)
        if target and target.outside:
            return _forbidden(block, target.name, "the path leads outside the repository")
        groups = self._candidates(target)
        tried: list[_Tried] = []
        for paths in groups:
            allowed, barred = self._allowed(block, paths)
            if barred and not allowed:
                return barred
            tried = [_Tried(path, self._try(path, change)) for path in allowed]
            chosen = self._choose(block, tried)
            if chosen:
                return chosen
        return self._refuse(block, target, tried, groups)

    def _candidates(self, target: Target | None) -> list[list[RepoPath]]:
        """Files to try: a group at a time, and within a group exactly one has to fit."""
        chat = [path for path in self.rules.chat if self._exists(path)]
        previous = [self.previous] if self.previous and self._exists(self.previous) else []
        if target and target.paths:
            firsts = [path for path in target.paths if path in chat] or list(target.paths)
            if target.declared:
                return [firsts]
            return [list(dict.fromkeys((*firsts, *previous)))]
        if target and target.declared and not target.paths:
            return [chat]
        return [group for group in (previous, [path for path in chat if path not in previous]) if group]

    def _exists(self, path: RepoPath) -> bool:
        return self.drafts[path].file is not None if path in self.drafts else self.tree.has(path)

    def _allowed(self, block: EditBlock, paths: Sequence[RepoPath]) -> tuple[list[RepoPath], Rejected | None]:
        allowed, refusal = [], None
        for path in paths:
            barred = self._barred(block, path)
            if barred is None:
                allowed.append(path)
            refusal = refusal or barred
        return allowed, refusal

    def _try(self, path: RepoPath, change: Replace) -> Found | Missed:
        draft = self._draft(path)
        outcome = place_edit(draft.index, change, draft.last_end, draft.original)
        if (
            isinstance(outcome, Missed)
            and outcome.reason is Reason.NOT_FOUND
            and (path, change) in self.applied
        ):
            return Found((), 0, 0, "said twice", already=True)
        if isinstance(outcome, Missed) and outcome.reason is Reason.AMBIGUOUS:
            taken = self._taken(draft)
            if taken:
                return place_edit(draft.index, change, draft.last_end, draft.original, taken)
        return outcome

    def _taken(self, draft: Draft) -> list[tuple[int, int]]:
        """Where the blocks still to come stand already, each in one place only."""
        found = []
        for block in self.blocks[self.position + 1 : self.position + 1 + _MOST_LATER]:
            if isinstance(block, EditBlock) and isinstance(block.change, Replace):
                outcome = place_edit(draft.index, block.change)
                if isinstance(outcome, Found) and outcome.how in _CERTAIN and not outcome.already:
                    found.append((outcome.line, outcome.end))
        return found

    def _choose(self, block: EditBlock, tried: Sequence[_Tried]) -> EditResult | None:
        """The one file that a block fits; None where it fits none, or it cannot be told which."""
        fitting = [each for each in tried if isinstance(each.outcome, Found)]
        doubtful = [each for each in tried if isinstance(each.outcome, Missed) and each.outcome.places]
        fresh = [each for each in fitting if isinstance(each.outcome, Found) and not each.outcome.already]
        if len(fresh) > 1 or (fresh and doubtful):
            return _several(block, [each.path for each in (*fresh, *doubtful)])
        if not fitting or doubtful:
            return None
        chosen = fresh[0] if fresh else fitting[0]
        found = chosen.outcome
        if not isinstance(found, Found):
            return None
        return self._carry_out(block, chosen.path, found)

    def _carry_out(self, block: EditBlock, path: RepoPath, found: Found) -> EditResult:
        draft = self._draft(path)
        if found.already:
            self.drafts[path] = replace(draft, last_end=max(draft.last_end, found.end))
            return Applied(block, path, found.line + 1, already=True, how=found.how)
        changed = draft.spliced(found.splices, found.end)
        unsuited = _unsuited(block, path, draft.file, [line for each in found.splices for line in each.lines])
        if unsuited:
            return unsuited
        self.drafts[path] = changed
        if isinstance(block.change, Replace):
            self.applied.add((path, block.change))
        return Applied(block, path, found.splices[0].start + 1, how=found.how)

    def _refuse(
        self,
        block: EditBlock,
        target: Target | None,
        tried: Sequence[_Tried],
        groups: Sequence[Sequence[RepoPath]],
    ) -> Rejected:
        """The refusal that helps most, when no file took the block."""
        if target and target.declared and not target.paths:
            near = f" The text fits {len(groups[0])} files of the chat no better." if tried else ""
            message = f"{where(block, target.name)}: there is no such file, and its SEARCH part is not empty.{near} "
            return Rejected(
                block, Reason.NO_FILE, message + "Nothing was applied. Name an existing file.", target.name
            )
        missed = [each for each in tried if isinstance(each.outcome, Missed)]
        if not missed:
            message = f"{where(block)}: no file is named for this block. Nothing was applied. "
            return Rejected(
                block, Reason.NO_NAME, message + "Put the file's path on the line above the block."
            )
        worst = next(
            (each for each in missed if isinstance(each.outcome, Missed) and each.outcome.places), missed[0]
        )
        outcome = worst.outcome
        if not isinstance(outcome, Missed):
            raise TypeError(outcome)
        draft = self._draft(worst.path)
        outcome = self._overlapping(draft, block, outcome)
        elsewhere = self._elsewhere(worst.path, outcome) if outcome.reason is Reason.NOT_FOUND else ()
        message = explain_missed(block, worst.path, draft.index, outcome, elsewhere)
        return Rejected(
            block, outcome.reason, message, worst.path, tuple(place + 1 for place in outcome.places)
        )

    def _overlapping(self, draft: Draft, block: EditBlock, missed: Missed) -> Missed:
        """A block that fitted before the blocks above it is told so: it overlaps one of them."""
        if missed.reason is not Reason.NOT_FOUND or not draft.done or draft.before is None:
            return missed
        first = LineIndex(decode(draft.before).lines)
        if isinstance(block.change, Replace) and isinstance(place_edit(first, block.change), Found):
            why = "its SEARCH lines overlap what an earlier block of this reply changes"
            return replace(missed, reason=Reason.OVERLAP, why=why)
        return missed

    def _elsewhere(self, path: RepoPath, missed: Missed) -> tuple[RepoPath, ...]:
        """Other files of the chat where the SEARCH stands."""
        found = []
        for other in self.rules.chat:
            if (
                other != path
                and self._exists(other)
                and self._draft(other).index.find(missed.reading.search, 2)
            ):
                found.append(other)
        return tuple(found)

    # whole files

    def _create(self, block: EditBlock, change: Write) -> EditResult:
        target = resolve(block.names, self.tree, self.rules.chat, new=True)
        if target is None:
            message = f"{where(block)}: the new file has no name. Nothing was applied. "
            return Rejected(block, Reason.NO_NAME, message + "Put its path on the line above the block.")
        if target.outside:
            return _forbidden(block, target.name, "the path leads outside the repository")
        path = target.paths[0] if target.paths else target.name
        barred = self._barred(block, path)
        if barred:
            return barred
        draft = self._draft(path)
        lines = plain_lines((), change.texts[0])
        if any(says_so(line) for line in lines):
            message = f"{where(block, path)}: the new file leaves lines out (`...`). Nothing was applied. Send it in full."
            return Rejected(block, Reason.ELIDED, message, path)
        if draft.file is not None and any(not blank(line) for line in draft.file.lines):
            if _same_lines(draft.file.lines, lines):
                return Applied(block, path, 1, already=True, how="already")
            message = (
                f"{where(block, path)}: the file exists and has text, so an empty SEARCH part has no place in it. "
                "Nothing was applied. Quote the lines to change."
            )
            return Rejected(block, Reason.EXISTS, message, path)
        return self._set_text(block, path, draft, lines)

    def _set_text(self, block: EditBlock, path: RepoPath, draft: Draft, lines: tuple[str, ...]) -> EditResult:
        old = draft.file
        text = rewrite(old, lines) if old and old.lines else new_text(lines, old)
        if text == old:
            return Applied(block, path, 1, already=True, how="already")
        unsuited = _unsuited(block, path, text, lines)
        if unsuited:
            return unsuited
        self.drafts[path] = replace(draft, file=text, index=LineIndex(text.lines))
        return Applied(block, path, 1, how="whole file")

    def _overwrite(self, block: EditBlock, change: Write, listed: frozenset[str]) -> tuple[EditResult, int]:
        target = resolve(block.names, self.tree, self.rules.chat, new=False)
        if target is None:
            message = f"{where(block)}: the listing names no file. Nothing was applied. Put its path above the fence."
            return Rejected(block, Reason.NO_NAME, message), 0
        if target.outside:
            return _forbidden(block, target.name, "the path leads outside the repository"), 0
        path = self._listed_path(target, change)
        if path is None:
            return _several(block, list(target.paths)), 0
        barred = self._barred(block, path)
        if barred:
            return barred, 0
        draft = self._draft(path)
        weak = not target.declared
        if weak and (path in listed or target.name in listed):
            return Applied(block, path, 1, already=True, how="shown in full by another listing"), 0
        read = read_listing(path, draft.file, change, weak=weak)
        if isinstance(read, Doubt):
            message = f"{where(block, path)}: {read.why}. Nothing was applied. Send the whole file, complete."
            return Rejected(block, read.reason, message, path), 0
        stale = self._stale(block, path, draft)
        if stale:
            return stale, 0
        end = change.reply_ends[read.choice] if read.choice and change.reply_ends else 0
        return self._set_text(block, path, draft, read.lines), end

    def _listed_path(self, target: Target, change: Write) -> RepoPath | None:
        """The file that a listing means; None where it could be several."""
        if not target.paths:
            return target.name
        if not target.loose:
            return target.paths[0]
        near = [path for path in target.paths if path in self.rules.chat] or list(target.paths)
        alike = [path for path in near if resembles(self._draft(path).file or _EMPTY, change.texts[0])]
        if len(near) == 1 and (alike or self._slip(target.name, near[0])):
            return near[0]
        if len(alike) == 1:
            return alike[0]
        return None if alike or not target.declared else _plain_path(target.name)

    def _slip(self, name: str, path: RepoPath) -> bool:
        """Whether a name is a file's own under a made-up folder, or without its folder."""
        if path not in self.rules.chat:
            return False
        return (
            placeholder_prefix(name, path)
            or path.lower().endswith("/" + name.lower())
            or path.lower() == name.lower()
        )

    def _delete(self, block: EditBlock, change: Delete) -> EditResult:
        path, refused = self._existing(block)
        if refused:
            return refused
        if path is None:
            return Applied(block, block.name, 1, already=True, how="already deleted")
        draft = self._draft(path)
        stale = self._stale(block, path, draft)
        if stale:
            return stale
        lines = draft.file.lines if draft.file else ()
        if change.content is not None and not _same_lines(lines, change.content):
            message = (
                f"{where(block, path)}: the file is to be deleted, but has other text than the reply says. "
            )
            return Rejected(
                block, Reason.NOT_FOUND, message + "Nothing was applied. Look at the file again.", path
            )
        self.drafts[path] = replace(draft, file=None, index=LineIndex(()))
        return Applied(block, path, 1, how="deleted")

    def _existing(self, block: EditBlock) -> tuple[RepoPath | None, Rejected | None]:
        """The file that a block names by its exact path, or a refusal."""
        target = resolve(block.names, self.tree, self.rules.chat, new=True)
        if target is None or target.outside:
            return None, _forbidden(block, block.name, "the path leads outside the repository")
        path = target.paths[0] if target.paths else target.name
        barred = self._barred(block, path)
        if barred:
            return None, barred
        return (path if self._draft(path).file is not None else None), None

    def _move(self, block: EditBlock, change: Move) -> EditResult:
        hint = (NameHint((change.to,), declared=True),)
        goal = resolve(hint, self.tree, self.rules.chat, new=True)
        if goal is None or goal.outside:
            return _forbidden(block, change.to, "the path leads outside the repository")
        to = goal.paths[0] if goal.paths else goal.name
        barred = self._barred(block, to)
        if barred:
            return barred
        path, refused = self._existing(block)
        if refused:
            return refused
        goal_draft = self._draft(to)
        if path == to or (path is None and goal_draft.file is not None):
            return Applied(block, to, 1, already=True, how="already moved")
        if path is None or goal_draft.file is not None:
            what = (
                "there is no such file" if path is None else f"{to} exists already and would be overwritten"
            )
            message = f"{where(block, path or block.name)}: {what}. Nothing was applied. Name another file."
            return Rejected(
                block, Reason.NO_FILE if path is None else Reason.EXISTS, message, path or block.name
            )
        draft = self._draft(path)
        self.drafts[to] = replace(goal_draft, file=draft.file, index=draft.index, moved_from=path)
        self.drafts[path] = replace(draft, file=None, index=LineIndex(()))
        return Applied(block, to, 1, how=f"moved from {path}")


def _listed(blocks: Sequence[EditBlock | Unreadable]) -> frozenset[str]:
    """The names that whole listings declare, so that mere mentions of them give way."""
    return frozenset(
        spelling
        for block in blocks
        if isinstance(block, EditBlock) and isinstance(block.change, Write) and not block.change.new
        for hint in block.names[:1]
        if hint.declared
        for spelling in hint.spellings
    )


def _without_examples(results: list[EditResult]) -> list[EditResult]:
    """Listings without a file's name are examples, where others have one."""
    named = any(result.path for result in results)
    return [result for result in results if not (named and _is_example(result))]


def _is_example(result: EditResult) -> bool:
    unnamed = isinstance(result, Rejected) and result.reason is Reason.NO_NAME
    block = result.block
    return (
        unnamed and isinstance(block, EditBlock) and isinstance(block.change, Write) and not block.change.new
    )


def _cut_off(reply: ParsedReply) -> Rejected:
    last = reply.blocks[-1].reply_line if reply.blocks else 1
    block = Unreadable(last, "its end (the model ran into its output limit)")
    return Rejected(block, Reason.CUT_OFF, explain_unreadable(block, cut_off=True))


def _forbidden(block: EditBlock, path: str, why: str) -> Rejected:
    message = f"{where(block, path)}: {why}. Nothing was applied. Use a path inside the repository."
    return Rejected(block, Reason.FORBIDDEN, message, path)


def _several(block: EditBlock, paths: Sequence[RepoPath]) -> Rejected:
    message = (
        f"{where(block)}: it fits more than one file ({', '.join(sorted(paths)[:6])}). Nothing was applied. "
        "Put the full path of the file above the block."
    )
    return Rejected(block, Reason.AMBIGUOUS, message, paths[0] if paths else "")


def _unsuited(
    block: EditBlock, path: RepoPath, file: FileText | None, lines: Sequence[str]
) -> Rejected | None:
    """A refusal where the file's encoding lacks a character of the new lines."""
    try:
        encode(replace(file or _EMPTY, lines=tuple(lines), ends=("",) * len(lines), bom=b""))
    except UnicodeEncodeError as error:
        name = file.encoding if file else "UTF-8"
        message = (
            f"{where(block, path)}: the file is {name}, which has no {error.object[error.start]!a}. "
            "Nothing was applied. Write the text without it."
        )
        return Rejected(block, Reason.ENCODING, message, path)
    return None


def _syntax_refusal(applied: Applied) -> Rejected:
    message = (
        f"{where(applied.block, applied.path)}: the file parsed before and would not parse after this edit "
        "(this is the syntax check). Nothing was applied. Look for an unclosed or doubled bracket, quote or "
        "block, or a line too many or too few, and send the edit again."
    )
    return Rejected(applied.block, Reason.SYNTAX, message, applied.path, (applied.line,))


def _same_lines(here: Sequence[str], there: Sequence[str]) -> bool:
    return [line.rstrip() for line in here] == [line.rstrip() for line in there]


def _plain_path(name: str) -> RepoPath:
    return name.replace("\\", "/").removeprefix("./")

"""The verbs of moderation: drawing a sample, its record, closing it, and what is done to the whole set."""

from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.queries import given, worth
from placements.assessment.versions import keep_version
from placements.assessment.workflow import MarkState
from placements.assessment.workflow import Why as Kept
from placements.cohorts.models import Component
from placements.cohorts.queries import leaders_of
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db, hold_row, read_again
from placements.double_marking.actions import take_back
from placements.history.actions import record
from placements.mail.actions import tell
from placements.marking.actions import reopen
from placements.moderation import notices, queries
from placements.moderation.models import ModeratedMark, Moderation, SetAdjustment
from placements.moderation.rules import Why
from placements.moderation.workflow import MODERATION, Outcome

MARKING = "assessment.read_mark"
CHANGED = "The marks have changed since you looked at them, so nothing was done. Look at them again."
OUTCOMES = {
    Outcome.STAND: "the marks stand",
    Outcome.ADJUST: "the whole set is to be adjusted",
    Outcome.REMARK: "the set is to be marked again",
}


def draw(
    component: Component, moderator_id: int, *, attempt: int | None = None, actor: Principal, now: datetime
) -> Moderation:
    """Draw a sample of what waits for moderation, and mail its moderator. From then on the marks are fixed.

    The set is of one attempt: see `queries.to_draw_from`. Raises Refused where nothing waits, something is drawn
    already, or the moderator marked one of the sample or has a side in it.
    """
    db.session.execute(select(Component.id).where(Component.id == component.id).with_for_update())
    marks = queries.to_draw_from(component, attempt)
    open_ones = select(Moderation.id).where(
        Moderation.component_id == component.id,
        Moderation.attempt == (marks[0].attempt if marks else attempt or 1),
        Moderation.state.in_(queries.GONE_ON),
    )
    if db.session.scalar(open_ones) is not None:
        raise Refused("A sample is drawn already. See it through, then draw from the marks that came since.")
    if not marks:
        raise Refused("No mark waits for moderation. Markers submit theirs first.")
    for mark in marks:
        hold_row(mark, "state", "fixed_at", "moderated_at", "version")
    seed, number = queries.seed_of(component, marks[0].attempt)
    new = queries.first_timers(component.run_id, [each.marker_id for each in marks if each.marker_id])
    sample = queries.sample_of(component, marks, new, seed)
    sampled = [each for each in marks if each.public_id in sample]
    if moderator_id not in [each.id for each in queries.able(queries.moderators(component.run_id), sampled)]:
        raise Refused("They marked one of the sample, or have a side in it. Choose another moderator.", "moderator")
    made = Moderation(component=component, number=number, moderator_id=moderator_id, seed=seed, drawn_at=now)
    made.attempt, made.rule = marks[0].attempt, queries.rule_of(component)
    db.session.add(made)
    for mark in marks:
        mark.fixed_at = mark.fixed_at or now
        row = ModeratedMark(mark=mark, marker_id=mark.marker_id or 0, given=given(mark) or 0)
        row.is_first_time, row.why = mark.marker_id in new, sample.get(mark.public_id)
        made.scripts.append(row)
    db.session.flush()
    record("drew a sample for moderation", made, actor=actor, now=now, reason=f"{len(sampled)} of {len(marks)}")
    tell(notices.DRAWN, made.id, [moderator_id], now)
    return made


def ask(moderation: Moderation, scripts: list[ModeratedMark], *, actor: Principal, now: datetime) -> None:
    """Take more scripts of the set into the sample. Raises Refused for one that its moderator must not read."""
    _hold(moderation)
    MODERATION.move(moderation, "ask")
    chosen = [each for each in scripts if each.moderation_id == moderation.id and each.why is None]
    if queries.able([moderation.moderator], [each.mark for each in chosen]) != [moderation.moderator]:
        raise Refused("Its moderator marked one of these, or has a side in it.", "scripts")
    for each in chosen:
        each.why = Why.ASKED
    if chosen:
        record("asked for more scripts", moderation, actor=actor, now=now, reason=str(len(chosen)))


def note(script: ModeratedMark, agrees: bool, comment: str, *, actor: Principal, now: datetime) -> None:
    """Write down what the moderator thinks of one script's mark. The mark stays as it is, whatever they think.

    Raises Refused where they would have marked otherwise and do not say why.
    """
    if not agrees and not comment:
        raise Refused("Say why you would have marked it otherwise.", "comment")
    _hold(script.moderation)
    MODERATION.move(script.moderation, "note")
    script.agrees, script.comment, script.noted_at = agrees, comment, now
    record("noted a script", script.moderation, actor=actor, now=now)


def close(moderation: Moderation, outcome: Outcome, comment: str, *, actor: Principal, now: datetime) -> None:
    """Say what is to become of the set. Where the marks stand they may be released. Mails the leaders.

    Raises Refused while a script of the sample has no record.
    """
    _hold(moderation)
    open_ones = [each for each in moderation.sample if each.agrees is None]
    if open_ones:
        raise Refused(f"Say first what you think of each script: {len(open_ones)} left.")
    if MODERATION.move(moderation, "close"):
        moderation.outcome, moderation.comment, moderation.closed_at = outcome, comment, now
        record(f"closed moderation: {OUTCOMES[outcome]}", moderation, actor=actor, now=now, reason=comment)
        tell(notices.CLOSED, moderation.id, db.session.scalars(leaders_of(moderation.run_id)), now)
        if outcome is Outcome.STAND:
            _settle(moderation, now)


def discard(moderation: Moderation, reason: str, *, actor: Principal, now: datetime) -> None:
    """Call a draw off, with a reason. What it fixed is its markers' again. The next draws the same sample."""
    _hold(moderation)
    if MODERATION.move(moderation, "discard"):
        for mark in _held_marks(moderation):
            if mark.agreed is None:
                mark.fixed_at = None
        record("called the draw off", moderation, actor=actor, now=now, reason=reason)


def fingerprint_of(moderation: Moderation) -> str:
    """What tells whether a mark of the set is still what was looked at."""
    return fingerprint(sorted((each.mark.id, each.mark.version, each.mark.state.value) for each in moderation.scripts))


def adjust(
    moderation: Moderation,
    points: int,
    marker_id: int | None,
    reason: str,
    *,
    seen: str,
    actor: Principal,
    now: datetime,
) -> int:
    """Add the points to every mark of the set, or of one marker's part of it, and to no single one. Returns how many.

    `seen`: the set's fingerprint when it was looked at. Raises Refused where it has changed, one is released already,
    or it would change one mark alone.
    """
    _hold(moderation)
    MODERATION.move(moderation, "adjust")
    marks = _held_marks(moderation)
    if fingerprint_of(moderation) != seen:
        raise Refused(CHANGED)
    part = [each.mark for each in moderation.scripts if marker_id in (None, each.marker_id)]
    if any(mark.state is not MarkState.SUBMITTED for mark in marks):
        raise Refused("A mark of the set is released already, so the set cannot be adjusted.")
    if len(part) < 2:
        raise Refused("That would change a single mark. Moderation changes whole sets only.", "marker")
    for mark in part:
        before = mark.mark
        mark.adjustment += points
        mark.version += 1
        found = worth(mark)
        mark.mark = found.mark if found else None
        keep_version(mark, Kept.MODERATED, actor=actor, now=now)
        said = f"{before} → {mark.mark}: {reason}"
        record(
            f"adjusted with its set by {points:+}", mark.submission, actor=actor, now=now, ability=MARKING, reason=said
        )
    made = SetAdjustment(marker_id=marker_id, points=points, reason=reason, by_id=actor.person_id, at=now)
    moderation.adjustments.append(made)
    record(f"adjusted {len(part)} marks by {points:+}", moderation, actor=actor, now=now, reason=reason)
    return len(part)


def settle(moderation: Moderation, *, actor: Principal, now: datetime) -> None:
    """Say, as module leader, that all adjustments are made: the marks may be released."""
    _hold(moderation)
    if _settle(moderation, now):
        record("found moderation done", moderation, actor=actor, now=now)


def send_back(moderation: Moderation, reason: str, *, actor: Principal, now: datetime) -> int:
    """Give every mark of the set back to its markers, to mark it again. Returns how many. What is released stays."""
    _hold(moderation)
    marks = [mark for mark in _held_marks(moderation) if mark.state is MarkState.SUBMITTED]
    if not MODERATION.move(moderation, "settle"):
        return 0
    for mark in marks:
        mark.fixed_at, mark.adjustment = None, 0
        take_back(mark, now=now)
        reopen(mark, actor=actor, now=now)
    record(f"gave {len(marks)} marks back to be marked again", moderation, actor=actor, now=now, reason=reason)
    return len(marks)


def _settle(moderation: Moderation, now: datetime) -> bool:
    if not MODERATION.move(moderation, "settle"):
        return False
    for mark in _held_marks(moderation):
        mark.moderated_at = now
    return True


def _hold(moderation: Moderation) -> None:
    """Nobody else moves it on, or writes to its sample, until the transaction ends; both are read anew."""
    hold_row(moderation, "state", "outcome", "comment", "closed_at")
    read_again(moderation, "scripts")


def _held_marks(moderation: Moderation) -> list[Mark]:
    """The marks of the set, held in the order of their keys, read anew."""
    marks = sorted((each.mark for each in moderation.scripts), key=lambda mark: mark.id)
    for mark in marks:
        hold_row(mark)
    return marks

"""Granting an extension, changing it, withdrawing it. What lateness took of a mark is worked out again at once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from placements.assessment.actions import follow_deadlines, opened
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Enrolment
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.extensions import notices
from placements.extensions.models import Extension
from placements.extensions.planning import CONFIRMED, Move, Wanted, fingerprint_of, movable, plan
from placements.extensions.rules import Cause
from placements.history.actions import record
from placements.mail.actions import tell

CHANGED = "Something has changed since you looked at this, so nothing was done. Look at it again."


def grant(
    wanted: Wanted, cause: Cause, reference: str, *, seen: str, form_key: str, actor: Principal, now: datetime
) -> list[Extension]:
    """Give each of the students the later deadlines, as far as nothing stands against it. Mails them the new date.

    `seen`: the plan's fingerprint when it was looked at. The same form again changes nothing. Raises Refused where the
    plan is no longer that, or moves nothing.
    """
    if db.session.scalar(select(Extension.id).where(Extension.form_key == f"{form_key}-0")) is not None:
        return []
    made = []
    for number, move in enumerate(_checked(wanted, seen, now)):
        attempt = move.task.submission or opened(move.task.component, move.task.enrolment)
        extension = Extension(
            form_key=f"{form_key}-{number}",
            submission=attempt,
            due_before=move.before,
            own_before=attempt.due_at,
            due_at=move.after,
            cause=cause,
            reference=reference,
            granted_by_id=actor.person_id,
            granted_at=now,
        )
        db.session.add(extension)
        record("extension granted", extension, actor=actor, now=now)
        made.append(extension)
        _move(attempt, move.after, actor, now)
    return made


def change(
    extension: Extension, due_at: datetime, cause: Cause, reference: str, *, seen: str, actor: Principal, now: datetime
) -> Extension:
    """Put another date, cause or reference in its place; the old one stays as ended. Mails the student the new date.

    Raises Refused as `grant` does.
    """
    attempt = extension.submission
    wanted = Wanted([attempt.enrolment], [attempt.component], due_at, changes=extension)
    [move] = _checked(wanted, seen, now)
    hold_row(extension)
    if not extension.is_in_force:
        raise Refused(CHANGED)
    _end(extension, "", actor, now)
    changed = Extension(
        form_key=f"after-{extension.public_id}",
        submission=attempt,
        due_before=extension.due_before,
        own_before=extension.own_before,
        due_at=move.after,
        cause=cause,
        reference=reference,
        granted_by_id=actor.person_id,
        granted_at=now,
    )
    db.session.add(changed)
    record("extension changed", changed, actor=actor, now=now)
    _move(attempt, move.after, actor, now)
    return changed


def withdraw(extension: Extension, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take it back: the deadline is again what it was without it, or stays where it was put since. Mails the student.

    Raises Refused where work that came relies on it, and once the board has confirmed the mark.
    """
    attempt = extension.submission
    _hold([attempt.enrolment_id])
    hold_row(extension)
    hold_row(attempt)
    if not extension.is_in_force:
        return
    own = extension.own_before if attempt.due_at == extension.due_at else attempt.due_at
    due_at = attempt.due_by(own) or extension.due_before
    if attempt.received_at is not None and attempt.received_at > due_at:
        raise Refused(f"What came on {say_when(attempt.received_at)} relies on it, so it stays.")
    if attempt.mark is not None and attempt.mark.state is MarkState.CONFIRMED:
        raise Refused(CONFIRMED)
    _end(extension, reason, actor, now)
    record("extension withdrawn", extension, actor=actor, now=now, reason=reason)
    _move(attempt, own, actor, now)


def _checked(wanted: Wanted, seen: str, now: datetime) -> list[Move]:
    """What moves, once nobody else writes of these students' work, if it is what was looked at."""
    _hold(each.id for each in wanted.enrolments)
    moves = plan(wanted, now)
    if fingerprint_of(moves) != seen:
        raise Refused(CHANGED)
    return movable(moves)


def _hold(enrolment_ids: Iterable[int]) -> None:
    rows = select(Enrolment.id).where(Enrolment.id.in_(list(enrolment_ids))).order_by(Enrolment.id)
    db.session.execute(rows.with_for_update()).all()


def _end(extension: Extension, reason: str, actor: Principal, now: datetime) -> None:
    extension.ended_at, extension.ended_by_id, extension.reason = now, actor.person_id, reason
    db.session.flush()  # before another takes its place


def _move(attempt: Submission, due_at: datetime | None, actor: Principal, now: datetime) -> None:
    attempt.due_at = due_at
    db.session.flush()
    student, said = attempt.enrolment.person_id, attempt.own_due_at
    reason = f"now {say_when(said)}" if said else None
    record("deadline moved", attempt, actor=actor, now=now, person_id=student, reason=reason)
    its = (Mark.enrolment_id == attempt.enrolment_id, Mark.component_id == attempt.component_id)
    follow_deadlines(now, *its, Mark.attempt == attempt.attempt, even_released=True)
    tell(notices.DEADLINE_MOVED, attempt.id, [student], now)

"""Having somebody cover for a tutor who is away, and ending that sooner. By itself it ends with its last day."""

from datetime import date, datetime

from sqlalchemy import select

from placements.cohorts.models import ModuleRun, TutorCover
from placements.cohorts.queries import possible_tutors
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.people.models import Person
from placements.tutoring import notices
from placements.tutoring.covers import concerned, in_the_way


def cover(
    run: ModuleRun,
    tutor: Person,
    by: Person,
    days: tuple[date, date],
    form_key: str,
    *,
    actor: Principal,
    now: datetime,
) -> TutorCover:
    """Give `by` what the tutor holds in the run from the first of `days` to the last. The same form twice is one cover.

    Their students and supervisors are told the name and the days, one mail each, and so are the two. Raises Refused
    for days that cannot be, for somebody who is not on the run's team, and where one of the two is away, or stands
    in for somebody else who then would have nobody, on one of these days.
    """
    assert actor.person_id is not None
    hold_row(run, "state")
    known = db.session.scalar(select(TutorCover).where(TutorCover.form_key == form_key))
    if known is not None:
        return known
    _check(run, tutor, by, days, now)
    from_on, to_on = days
    made = TutorCover(
        form_key=form_key,
        run=run,
        tutor=tutor,
        cover=by,
        from_on=from_on,
        to_on=to_on,
        made_by_id=actor.person_id,
        made_at=now,
    )
    db.session.add(made)
    db.session.flush()
    record("had a tutor covered for", run, actor=actor, now=now, person_id=tutor.id)
    tell(notices.COVERED, made.id, concerned(made) - {actor.person_id}, now)
    return made


def _check(run: ModuleRun, tutor: Person, by: Person, days: tuple[date, date], now: datetime) -> None:
    from_on, to_on = days
    if to_on < from_on:
        raise Refused("The last day is before the first. Enter a later one.", "to_on")
    if to_on < today(now):
        raise Refused("That day is past. Enter a day that is still to come.", "to_on")
    if by.id == tutor.id:
        raise Refused("Choose somebody else than the tutor who is away.", "by")
    if by not in possible_tutors(run.id):
        raise Refused("Choose somebody of the run’s team.", "by")
    clash = in_the_way(run, tutor, by, from_on, to_on)
    if clash is not None:
        when = f"from {say_date(clash.from_on)} to {say_date(clash.to_on)}"
        raise Refused(f"{clash.cover.name} covers for {clash.tutor.name} {when}. End that first, or choose other days.")


def end_cover(made: TutorCover, *, actor: Principal, now: datetime) -> None:
    """The tutor is back sooner, or is not away after all; whoever was told of the cover is told that. Twice is once."""
    hold_row(made, "ended_at")
    if made.ended_at is not None or made.to_on < today(now):
        return
    told = concerned(made) - {actor.person_id}
    made.ended_at = now
    record("ended a tutor's cover", made.run, actor=actor, now=now, person_id=made.tutor_id)
    tell(notices.BACK, made.id, told, now)

"""What placements write to people: the first day, new dates and people, pauses, endings, and what holds one up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, case, false, literal, select, union_all

from placements.applications.queries import why_shut
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RoleOnRun
from placements.core.clock import today
from placements.db import UTCDateTime, db, shifted
from placements.mail.notices import Context, Notice, Pace, Reminder, Timed, TimedReminder
from placements.mail.stepping import DAY, NO_DEADLINE
from placements.people.models import Person
from placements.placing.affected import students_affected, students_of, tie_of, tutors_concerned
from placements.placing.models import ENDED_BY, Placement
from placements.placing.queries import acting_tutor, acting_tutor_id, gates_of, open_gates, whole
from placements.placing.rules import TO_OTHERS, first_day, told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PlacementState

TIME_TO_AGREE = timedelta(days=7)  # from acceptance, before anybody is asked what holds a placement up; ours
HELD_UP_FOR = 14  # days after it was to be said, for which a placement that cannot start is still spoken of

P = PlacementState
States = Sequence[PlacementState]
When = tuple[ColumnElement[datetime], ColumnElement[bool]]


def _about(*states: PlacementState, if_also: Callable[[Placement, datetime], bool] = lambda *_: True) -> Context:
    """A notice about a placement, while it is in one of the states."""

    def context(placement_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
        placement = db.session.get_one(Placement, placement_id, options=whole())
        if placement.state not in states or not if_also(placement, now):
            return None
        return {
            "placement": placement,
            "challenge": placement.challenge,
            "organisation": placement.challenge.organisation,
            "student": placement.enrolment.person,
            "is_student": recipient.id == placement.enrolment.person_id,
            "is_supervisor": recipient.id == placement.supervisor_id,
            "is_tutor": recipient.id in (placement.tutor_id, acting_tutor_id(placement, today(now))),
            "first_day": first_day(max(placement.starts_on, today(now)), placement.challenge.days),
            "gates": [*(gate for gate in gates_of(placement, now) if not gate.holds), TO_OTHERS],
            "until_on": placement.paused_until,
            "ended_by": ENDED_BY.get(placement.ended_by) if placement.ended_by else None,
            "now": now,
            "address": url_for("home.placement", public_id=placement.public_id, _external=True),
            "first_day_address": url_for("placing.first_day", public_id=placement.public_id, _external=True),
        }

    return context


def _cannot_start(placement: Placement, now: datetime) -> bool:
    return bool(open_gates(placement, now))


def _moved(placement_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as the new placement goes on. `left`: the one before it."""
    context = _about(*GOING_ON)(placement_id, recipient, now)
    if context is None:
        return None
    mine = Placement.enrolment_id == context["placement"].enrolment_id
    earlier = select(Placement).where(mine, Placement.id < placement_id).options(*whole())
    return {**context, "left": db.session.scalars(earlier.order_by(Placement.id.desc()).limit(1)).one()}


def _stopped(challenge_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as it is stopped, and the student is still placed on it, offered it, or has chosen it."""
    challenge = db.session.get_one(Challenge, challenge_id)
    tied = tie_of(challenge, recipient.id, now)
    if tied is None:
        return None
    return {
        "challenge": challenge,
        "organisation": challenge.organisation,
        "tie": tied.tie.value,
        "is_paused": tied.is_paused,
        "is_withdrawn": challenge.state is ChallengeState.WITHDRAWN,
        "run": tied.enrolment.run,
        "tutor": tied.tutor,
        "may_choose": why_shut(tied.enrolment, now) is None,
        "closes_at": tied.enrolment.run.ranking_closes_at,
        "address": url_for("applications.choices", _external=True),
    }


def _stopped_for(challenge_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as the recipient has to look for something else for one of those students."""
    challenge = db.session.get_one(Challenge, challenge_id)
    students = students_of(challenge, recipient.id, now)
    if not students:
        return None
    return {
        "challenge": challenge,
        "organisation": challenge.organisation,
        "students": students,
        "is_paused": challenge.state is not ChallengeState.WITHDRAWN,
        "address": url_for("home.next_up", _external=True),
    }


RUN = "placement.enrolment.run_id"
FILLS = {"student": "student.name", "organisation": "organisation.name", "challenge": "challenge.title"}

FIRST_DAY = Notice("placing.first_day", _about(P.CLEARED, P.ACTIVE), Pace.DAILY, run=RUN, fills=FILLS)
HELD_UP = Notice("placing.held_up", _about(*NOT_BEGUN, if_also=_cannot_start), Pace.DAILY, run=RUN, fills=FILLS)
DATES_CHANGED = Notice("placing.dates_changed", _about(*GOING_ON), run=RUN, fills=FILLS)
SUPERVISOR_CHANGED = Notice("placing.supervisor_changed", _about(*GOING_ON), Pace.DAILY, run=RUN, fills=FILLS)
TUTOR_CHANGED = Notice("placing.tutor_changed", _about(*GOING_ON), Pace.DAILY, run=RUN, fills=FILLS)
PAUSED = Notice("placing.paused", _about(P.PAUSED), Pace.NOW, run=RUN, fills=FILLS)
RESUMED = Notice("placing.resumed", _about(P.ACTIVE), run=RUN, fills=FILLS)
COMPLETED = Notice("placing.completed", _about(P.COMPLETED), Pace.DAILY, may_mute=True, run=RUN, fills=FILLS)
CALLED_OFF = Notice("placing.called_off", _about(P.NOT_STARTED), Pace.NOW, run=RUN, fills=FILLS)
MOVED = Notice("placing.moved", _moved, run=RUN, fills=FILLS)
ENDED = Notice("placing.ended", _about(P.ENDED_EARLY, P.TRANSFERRED), Pace.NOW, run=RUN, fills=FILLS)
CHALLENGE_STOPPED = Notice(
    "placing.challenge_stopped",
    _stopped,
    run="run.id",
    fills={"organisation": "organisation.name", "challenge": "challenge.title"},
)
FIND_ANOTHER = Notice("placing.find_another", _stopped_for, Pace.DAILY)

NOTICES = (
    CHALLENGE_STOPPED,
    FIND_ANOTHER,
    FIRST_DAY,
    HELD_UP,
    DATES_CHANGED,
    SUPERVISOR_CHANGED,
    TUTOR_CHANGED,
    PAUSED,
    RESUMED,
    COMPLETED,
    CALLED_OFF,
    MOVED,
    ENDED,
)


def _told_at(days: Iterable[date], steps: Sequence[int], now: datetime) -> dict[date, datetime]:
    """When something about each of these first days was last to be said, where it was: the latest of the steps."""
    passed = {day: [at for at in (told_at(day, -step) for step in steps) if at <= now] for day in days}
    return {day: max(moments) for day, moments in passed.items() if moments}


def _by_first_day(
    moments: Mapping[date, datetime], now: datetime
) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """The moment of each placement that starts on one of the days, and which these are."""
    instants = {day: literal(moment, UTCDateTime()) for day, moment in moments.items()}
    if not instants:
        return literal(now, UTCDateTime()), false()
    return case(instants, value=Placement.starts_on), Placement.starts_on.in_(instants)


def _starts_soon(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Student and supervisor of each placement that is cleared, so many days before it starts, and until it does."""
    ahead = [today(now) + days * DAY for days in range(1 - min(*steps, 0))]
    due_at, is_due = _by_first_day(_told_at(ahead, steps, now), now)
    starts_at, _ = _by_first_day({day: told_at(day) for day in ahead}, now)
    cleared = (Placement.state == P.CLEARED, is_due)
    facts = (due_at.label("due_at"), Enrolment.run_id, starts_at.label("starts_at"))
    told = union_all(
        select(Placement.id, Enrolment.person_id, *facts).join(Placement.enrolment).where(*cleared),
        select(Placement.id, Placement.supervisor_id, *facts).join(Placement.enrolment).where(*cleared),
    ).subquery()
    return select(*told.c)


def _cannot_start_yet(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who tutors each placement whose first day has come and that has not begun, though there was time to agree.

    Where it has no tutor, the leaders of the run, who name one.
    """
    around = range(min(-max(steps) - HELD_UP_FOR, 0), 1 - min(*steps, 0))
    moments = _told_at([today(now) + days * DAY for days in around], steps, now)
    since = told_at(today(now), HELD_UP_FOR)
    moment, is_then = _by_first_day({day: at for day, at in moments.items() if at > since}, now)
    could_agree_by = shifted(Placement.created_at, TIME_TO_AGREE)
    due_at = case((could_agree_by > moment, could_agree_by), else_=moment).label("due_at")
    late = (Placement.state.in_(NOT_BEGUN), is_then)
    facts = (due_at, Enrolment.run_id, NO_DEADLINE.label("deadline_at"))
    led = select(Placement.id, RoleOnRun.person_id, *facts).join(Placement.enrolment)
    led = led.join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))
    tutored = select(Placement.id, acting_tutor(today(now)).label("person_id"), *facts).join(Placement.enrolment)
    told = union_all(
        tutored.where(*late, Placement.tutor_id.is_not(None)), led.where(*late, Placement.tutor_id.is_(None))
    ).subquery()
    return select(*told.c)


STARTS = "the placement’s first day"

REMINDERS = (
    TimedReminder(FIRST_DAY, _starts_soon, steps=(-3,), hangs_on=STARTS),
    TimedReminder(HELD_UP, _cannot_start_yet, steps=(0,), hangs_on=STARTS),
    Reminder(CHALLENGE_STOPPED, students_affected, then=FIND_ANOTHER.name),
    Reminder(FIND_ANOTHER, tutors_concerned),
)

"""Warnings as their reader may see them, and what has been tried about each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, case, distinct, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from placements.attendance.models import KINDS as CONTACTS
from placements.attendance.models import ContactPoint
from placements.attendance.workflow import ContactState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.mail.models import Message, Notification
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import tutored_by
from placements.reading.models import Nudge, NudgeRecipient
from placements.watch.models import EarlyWarning, WarningAction
from placements.watch.rules import ACTS, Kind

# What was mailed about a kind of warning: the notices, and whether they go to the supervisor.
MAILED = {
    Kind.SILENT: (("logbook.silent",), False),
    Kind.UNANSWERED: (("confirming.week_to_confirm", "confirming.confirmation_outstanding"), True),
    Kind.QUERIED: (("confirming.answers",), False),
}
WENT = {ContactState.PLANNED: "planned", ContactState.DONE: "made", ContactState.MISSED: "missed"}
MOST_TRIED = 5  # lines about one warning, the latest first


def visible_to(who: Principal) -> Select[EarlyWarning]:
    """Those of one's students as tutor, and of the runs that one leads; of missed attendance the visa officer's alone.

    Never of oneself as a student.
    """
    theirs = or_(tutored_by(who), Enrolment.run_id.in_(who.held_on("leader")))
    seen = and_(EarlyWarning.kind != Kind.ATTENDANCE, theirs)
    if who.has("visa_officer"):
        seen = or_(seen, EarlyWarning.kind == Kind.ATTENDANCE)
    return (
        select(EarlyWarning)
        .join(EarlyWarning.enrolment)
        .join(Enrolment.person)
        .outerjoin(EarlyWarning.placement)
        .where(seen, Enrolment.person_id != who.person_id)
    )


def whole() -> tuple[ORMOption, ...]:
    """Of whom, and where with whom."""
    enrolment, placement = contains_eager(EarlyWarning.enrolment), contains_eager(EarlyWarning.placement)
    return (
        enrolment.contains_eager(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
        enrolment.joinedload(Enrolment.group),
        placement.joinedload(Placement.challenge).joinedload(Challenge.organisation),
        placement.joinedload(Placement.supervisor),
        placement.joinedload(Placement.site),
        placement.joinedload(Placement.tutor),
    )


def warning_of(who: Principal, public_id: str) -> EarlyWarning | None:
    """The warning at that address, where `who` may see it, closed or not."""
    return db.session.scalar(visible_to(who).where(EarlyWarning.public_id == public_id).options(*whole()))


def _waiting(who: Principal, now: datetime, *, attendance: bool) -> Select[EarlyWarning]:
    """What waits for somebody: neither over nor put off. Missed attendance has a list of its own."""
    is_loud = or_(EarlyWarning.quiet_until.is_(None), EarlyWarning.quiet_until <= today(now))
    return _open(who, attendance=attendance).where(is_loud)


def _open(who: Principal, *, attendance: bool) -> Select[EarlyWarning]:
    is_that = EarlyWarning.kind == Kind.ATTENDANCE
    return visible_to(who).where(EarlyWarning.closed_at.is_(None), is_that if attendance else ~is_that)


def warnings(
    who: Principal,
    now: datetime,
    *,
    size: int,
    number: int = 1,
    kind: Kind | None = None,
    text: str | None = None,
    put_off: bool = False,
    attendance: bool = False,
) -> tuple[list[EarlyWarning], int]:
    """A page of the warnings that wait, the most urgent first, or of those `put_off`; and how many. One query."""
    found = _waiting(who, now, attendance=attendance)
    if put_off:
        found = _open(who, attendance=attendance).where(EarlyWarning.quiet_until > today(now))
    if kind:
        found = found.where(EarlyWarning.kind == kind)
    if text:
        found = found.where((Person.given_name + " " + Person.family_name).icontains(text, autoescape=True))
    in_order = found.order_by(EarlyWarning.is_urgent.desc(), EarlyWarning.since_on, EarlyWarning.id)
    return slice_of(in_order, size, number, *whole())


@dataclass(frozen=True)
class Need:
    """How many students need a look, how many of them at once, and by when the first does."""

    students: int
    urgent: int
    first_on: date | None


def need(who: Principal, now: datetime, *, attendance: bool = False) -> Need:
    """What waits for `who`, counted. One query."""
    urgent = case((EarlyWarning.is_urgent, EarlyWarning.enrolment_id), else_=None)
    counts = (func.count(distinct(EarlyWarning.enrolment_id)), func.count(distinct(urgent)))
    asked = _waiting(who, now, attendance=attendance).with_only_columns(
        *counts, func.min(EarlyWarning.due_on), maintain_column_froms=True
    )
    return Need(*db.session.execute(asked).one())


@dataclass(frozen=True)
class Tried:
    """One thing that was done or sent about a warning."""

    at: datetime
    said: str
    words: str = ""


def tried_of(rows: Sequence[EarlyWarning]) -> dict[int, list[Tried]]:
    """What was tried about each warning, by key, the latest first. Four queries, however many; one for attendance."""
    found: dict[int, list[Tried]] = {row.id: [] for row in rows}
    told = [row for row in rows if row.kind is not Kind.ATTENDANCE]
    tried = [*_actions(rows), *((*_mails(told), *_contacts(told), *_nudges(told)) if told else ())]
    for key, each in tried:
        found[key].append(each)
    return {key: sorted(lines, key=lambda each: each.at, reverse=True)[:MOST_TRIED] for key, lines in found.items()}


def _actions(rows: Iterable[EarlyWarning]) -> Iterator[tuple[int, Tried]]:
    """Of this warning, and of earlier ones of its kind about the same student."""
    by_about = {(row.enrolment_id, row.kind): row.id for row in rows}
    enrolments = {enrolment_id for enrolment_id, _ in by_about}
    done = select(WarningAction).join(WarningAction.warning).where(EarlyWarning.enrolment_id.in_(enrolments))
    options = (contains_eager(WarningAction.warning), joinedload(WarningAction.by))
    for each in db.session.scalars(done.options(*options)):
        key = by_about.get((each.warning.enrolment_id, each.warning.kind))
        if key is not None:
            yield key, Tried(each.at, f"{each.by.name}: {ACTS[each.act]}", each.words)


def _mails(rows: Iterable[EarlyWarning]) -> Iterator[tuple[int, Tried]]:
    """What was mailed about it since it began."""
    asked = {row.id: (row, *MAILED[row.kind]) for row in rows if row.kind in MAILED and row.placement}
    people = {key: _recipient(row, to_supervisor) for key, (row, _, to_supervisor) in asked.items()}
    names = {name for _, notices, _ in asked.values() for name in notices}
    sent = db.session.execute(
        select(Notification.notice, Notification.recipient_id, Message.sent_at)
        .join(Message, Message.id == Notification.message_id)
        .where(Notification.notice.in_(names), Notification.recipient_id.in_({each.id for each in people.values()}))
        .where(Message.sent_at.is_not(None), Notification.dropped_at.is_(None))
    ).all()
    for key, (row, notices, _) in asked.items():
        for notice, recipient_id, sent_at in sent:
            is_about_it = notice in notices and recipient_id == people[key].id
            if is_about_it and sent_at and today(sent_at) >= row.since_on:
                yield key, Tried(sent_at, f"Email to {people[key].name}")


def _recipient(row: EarlyWarning, to_supervisor: bool) -> Person:
    return row.placement.supervisor if to_supervisor and row.placement else row.enrolment.person


def _contacts(rows: Iterable[EarlyWarning]) -> Iterator[tuple[int, Tried]]:
    """Visits and calls since it began, and those to come."""
    placements = {row.placement_id for row in rows if row.placement_id}
    points = db.session.scalars(select(ContactPoint).where(ContactPoint.placement_id.in_(placements))).all()
    for row in rows:
        for point in points:
            if point.placement_id == row.placement_id and today(point.at) >= row.since_on:
                yield row.id, Tried(point.at, f"{CONTACTS[point.kind]}, {WENT[point.state]}")


def _nudges(rows: Iterable[EarlyWarning]) -> Iterator[tuple[int, Tried]]:
    """What a tutor wrote to either side since it began."""
    placements = {row.placement_id for row in rows if row.placement_id}
    written = select(NudgeRecipient).join(NudgeRecipient.nudge).where(NudgeRecipient.placement_id.in_(placements))
    options = (contains_eager(NudgeRecipient.nudge).joinedload(Nudge.sent_by), joinedload(NudgeRecipient.person))
    sent = db.session.scalars(written.options(*options)).all()
    for row in rows:
        for each in sent:
            if each.placement_id == row.placement_id and today(each.nudge.at) >= row.since_on:
                yield row.id, Tried(each.nudge.at, f"{each.nudge.sent_by.name} wrote to {each.person.name}")

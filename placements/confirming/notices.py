"""What is written about hours: a week's to confirm, what is outstanding or handed on, and the answers to them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import url_for
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.confirming.quiet import Quiet, asked_in_vain, overdue, quiet_at, quiet_supervisors
from placements.confirming.rules import CONFIRM_WEEK, LEADER_TOLD_AFTER, QUIET_AFTER, REMIND_AFTER, told_at
from placements.core.clock import today
from placements.db import db, shifted
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.queries import answerer_id, placements_seen, waiting_for
from placements.logbook.workflow import WAITING, EntryState
from placements.mail.notices import Notice, Pace, Reminder
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor
from placements.placing.workflow import PlacementState

FINISH_BY_LINK = "confirming.finish_by_link"
ANSWERS = (LedgerKind.CONFIRMED, LedgerKind.QUERIED, LedgerKind.VERIFIED, LedgerKind.NOT_COUNTED)

Context = Mapping[str, Any] | None


def _to_confirm(link_id: int, recipient: Person, now: datetime) -> Context:
    return _of_link(db.session.get_one(Link, link_id), waiting_for(recipient.id, EntryState.SUBMITTED), now)


def _still_to_confirm(link_id: int, recipient: Person, now: datetime) -> Context:
    """Of what the mail asked for, whatever came in since: that is asked for by the next."""
    link = db.session.get_one(Link, link_id)
    asked_at, waiting = link.created_at, waiting_for(recipient.id, EntryState.SUBMITTED)
    return _of_link(link, [each for each in waiting if each.submitted_at and each.submitted_at <= asked_at], now)


def _of_link(link: Link, entries: Sequence[Entry], now: datetime) -> Context:
    if not link.is_open(now) or not entries:
        return None
    students = [
        (person.name, list(visits))
        for person, visits in groupby(entries, key=lambda each: each.placement.enrolment.person)
    ]
    return {
        "address": url_for("confirming.confirm_week", token=token(link), _external=True),
        "expires_at": link.expires_at,
        "students": [(name, sum(each.minutes for each in visits), len(visits)) for name, visits in students],
        "minutes": sum(each.minutes for each in entries),
        "asked_at": link.created_at,
    }


def _answers(day: int, recipient: Person, now: datetime) -> Context:
    """What was answered about a student's visits in the day up to then, as far as it still stands."""
    until, since = (told_at(date.fromordinal(each)) for each in (day, day - 1))
    later = aliased(LedgerEvent)
    is_last = ~select(later.id).where(later.entry_id == LedgerEvent.entry_id, later.id > LedgerEvent.id).exists()
    answered = (
        select(LedgerEvent)
        .join(LedgerEvent.entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(Enrolment.person_id == recipient.id, LedgerEvent.kind.in_(ANSWERS), is_last)
        .where(LedgerEvent.at > since, LedgerEvent.at <= until)
        .order_by(Entry.on, Entry.starts)
        .options(joinedload(LedgerEvent.by), contains_eager(LedgerEvent.entry).contains_eager(Entry.placement))
    )
    events = db.session.scalars(answered).all()
    if not events:
        return None
    by_kind = {kind: [each for each in events if each.kind is kind] for kind in ANSWERS}
    confirmed = sorted(by_kind[LedgerKind.CONFIRMED], key=lambda each: each.by_id)
    log = url_for("logbook.log", public_id=events[-1].entry.placement.public_id, _external=True)
    return {
        "confirmed": [_confirmed(list(lines)) for _, lines in groupby(confirmed, key=lambda each: each.by_id)],
        "queried": by_kind[LedgerKind.QUERIED],
        "decided": [*by_kind[LedgerKind.VERIFIED], *by_kind[LedgerKind.NOT_COUNTED]],
        "minutes": sum(each.minutes for each in confirmed),
        "address": _where_to(by_kind[LedgerKind.QUERIED]) or log,
    }


def _where_to(queried: Sequence[LedgerEvent]) -> str | None:
    """The visit that is asked about, where it is only one."""
    if len(queried) != 1:
        return None
    return url_for("logbook.entry", public_id=queried[0].entry.public_id, _external=True)


def _confirmed(lines: Sequence[LedgerEvent]) -> tuple[str, int, int]:
    """Who confirmed, how many minutes, how many visits."""
    return lines[0].by.name, sum(each.minutes for each in lines), len(lines)


def _target(placement_id: int, recipient: Person, now: datetime) -> Context:
    placement = db.session.scalars(placements_seen().where(Placement.id == placement_id)).one()
    if placement.state is not PlacementState.ACTIVE:
        return None
    is_student = recipient.id == placement.enrolment.person_id
    link = None if is_student else latest_link(FINISH_BY_LINK, placement_id, recipient.id)
    if link is None and not is_student:
        return None
    address = (
        url_for("confirming.finish_by_link", token=token(link), _external=True)
        if link
        else url_for("confirming.finish", public_id=placement.public_id, _external=True)
    )
    return {
        "placement": placement,
        "is_student": is_student,
        "address": address,
        "expires_at": link and link.expires_at,
    }


def _handed_on(link_id: int, recipient: Person, now: datetime) -> Context:
    link = db.session.get_one(Link, link_id)
    handed = [each for each in waiting_for(recipient.id, *WAITING) if each.handed_to_id == recipient.id]
    context = _of_link(link, handed, now)
    return {**context, "supervisors": sorted({each.placement.supervisor.name for each in handed})} if context else None


def _somebody_else(placement_id: int, recipient: Person, now: datetime) -> Context:
    placement = db.session.scalars(placements_seen().where(Placement.id == placement_id)).one()
    return {"placement": placement, "address": url_for("reading.read", public_id=placement.public_id, _external=True)}


def _please_telephone(supervisor_id: int, recipient: Person, now: datetime) -> Context:
    """As long as the supervisor answers nothing about the recipient's students."""
    sees_to_it = acting_tutor(today(now)) == recipient.id
    found = [each for each in quiet_supervisors(now, sees_to_it) if each.supervisor.id == supervisor_id]
    if not found:
        return None
    address = url_for("confirming.telephone", public_id=found[0].supervisor.public_id, _external=True)
    return {"quiet": found[0], "address": address}


def _not_telephoned(run_id: int, recipient: Person, now: datetime) -> Context:
    """As long as some supervisor of the run has been waiting for a call for too long."""
    late = {holder for run, holder, _ in db.session.execute(overdue(now)) if run == run_id}
    found = [each for each in quiet_supervisors(now, Enrolment.run_id == run_id) if each.supervisor.id in late]
    if not found:
        return None
    address = url_for("confirming.to_telephone", _external=True)
    return {"run": db.session.get_one(ModuleRun, run_id), "rows": [_row(each) for each in found], "address": address}


def _row(quiet: Quiet) -> tuple[str, int, list[str]]:
    tutors = {each.tutor.name for each in quiet.placements if each.tutor}
    return quiet.supervisor.name, quiet.minutes, sorted(tutors)


RUN = "placement.enrolment.run_id"

WEEK_TO_CONFIRM = Notice("confirming.week_to_confirm", _to_confirm, pace=Pace.DAILY)
CONFIRMATION_OUTSTANDING = Notice("confirming.confirmation_outstanding", _still_to_confirm, pace=Pace.DAILY)
ANSWERED = Notice("confirming.answers", _answers, pace=Pace.DAILY)
TARGET_REACHED = Notice(
    "confirming.target_reached",
    _target,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "placement.enrolment.person.name", "organisation": "placement.challenge.organisation.name"},
)
HANDED_ON = Notice("confirming.handed_on", _handed_on, pace=Pace.DAILY)
SOMEBODY_ELSE = Notice(
    "confirming.somebody_else",
    _somebody_else,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "placement.enrolment.person.name", "supervisor": "placement.supervisor.name"},
)
LINK = Notice("confirming.link", _to_confirm, pace=Pace.NOW)
PLEASE_TELEPHONE = Notice("confirming.please_telephone", _please_telephone, pace=Pace.DAILY)
NOT_TELEPHONED = Notice(
    "confirming.not_telephoned", _not_telephoned, pace=Pace.DAILY, run="run.id", fills={"run": "run.title"}
)

NOTICES = (
    WEEK_TO_CONFIRM,
    CONFIRMATION_OUTSTANDING,
    LINK,
    PLEASE_TELEPHONE,
    NOT_TELEPHONED,
    ANSWERED,
    TARGET_REACHED,
    HANDED_ON,
    SOMEBODY_ELSE,
)


def outstanding(now: datetime) -> Select[int, int, datetime]:
    """A supervisor's latest link, 7 and again 14 days on, while something that it was sent for still waits.

    Not of those who answered none of two mails: they are telephoned.
    """
    first, second = (shifted(Link.created_at, after) for after in REMIND_AFTER)
    newer = aliased(Link)
    is_latest = ~(
        select(newer.id).where(
            newer.purpose == CONFIRM_WEEK, newer.holder_id == Link.holder_id, newer.created_at > Link.created_at
        )
    ).exists()
    waits = (
        select(Entry.id)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(answerer_id() == Link.holder_id, Enrolment.person_id != Link.holder_id)
        .where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at <= Link.created_at)
    ).exists()
    return (
        select(Link.id, Link.holder_id, case((second <= now, second), else_=first))
        .where(Link.purpose == CONFIRM_WEEK, Link.expires_at > now, first <= now)
        .where(is_latest, waits, Link.holder_id.not_in(quiet_at(now)))
    )


def in_vain(now: datetime) -> Select[int, int, datetime]:
    """The tutors, or who covers, of the students whose supervisor answered none of two mails: on that Monday."""
    tutor = acting_tutor(today(now)).label("tutor")
    asked = asked_in_vain(now, Link.holder_id, tutor, func.min(Link.created_at).label("since"))
    found = asked.where(Placement.tutor_id.is_not(None)).group_by(Link.holder_id, tutor).subquery()
    return select(found.c.holder_id, found.c.tutor, shifted(found.c.since, QUIET_AFTER))


def not_telephoned(now: datetime) -> Select[int, int, datetime]:
    """The module leaders, of those whom nobody has talked to for a week since."""
    found = overdue(now).subquery()
    due_at = shifted(found.c.since, QUIET_AFTER + LEADER_TOLD_AFTER)
    rows = select(found.c.run_id, RoleOnRun.person_id, due_at).join(RoleOnRun, RoleOnRun.leads(found.c.run_id))
    return rows.distinct()


REMINDERS = (
    Reminder(CONFIRMATION_OUTSTANDING, outstanding, then=PLEASE_TELEPHONE.name),
    Reminder(PLEASE_TELEPHONE, in_vain, then=NOT_TELEPHONED.name),
    Reminder(NOT_TELEPHONED, not_telephoned),
)

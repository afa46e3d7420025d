"""What writing an Agreement has us say to people: write it, alone or as a group, read it, comments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from placements.agreements.groups import group_of
from placements.agreements.models import Agreement
from placements.agreements.queries import agreement_to_tell_of, said_of, versions_of
from placements.agreements.reading import asked_to_read, reading_of
from placements.agreements.workflow import OPEN, AgreementState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.core.clock import today
from placements.db import db
from placements.links.actions import token
from placements.mail.notices import Context, Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor, whole
from placements.placing.workflow import NOT_BEGUN

Values = Mapping[str, Any] | None
NOT_AGREED = (Placement.state.in_(NOT_BEGUN), Placement.agreed_at.is_(None))


def _to_write(placement_id: int, recipient: Person, now: datetime) -> Values:
    """The student's placement has no Agreement that ever went out for signing."""
    placement = db.session.get_one(Placement, placement_id, options=whole())
    versions = versions_of(placement)
    if not placement.goes_on or any(version.proposed_at for version in versions):
        return None
    return {
        **said_of(placement, recipient, now),
        "is_begun": bool(versions),
        "created_at": placement.created_at,
        "now": now,
        "address": url_for("agreements.agreement", public_id=placement.public_id, _external=True),
    }


def _commented(agreement_id: int, recipient: Person, now: datetime) -> Values:
    """Somebody commented on a version that is being worked on. Whoever reads by a link finds the comment by it."""
    agreement = agreement_to_tell_of(agreement_id)
    placement = agreement.placement
    if agreement.state not in OPEN or not placement.goes_on:
        return None
    link = asked_to_read(placement) if recipient.id == placement.supervisor_id else None
    if link is not None and link.is_open(now):
        address = url_for("agreements.read_by_link", token=token(link), _external=True)
    else:
        address = url_for("agreements.agreement", public_id=placement.public_id, _external=True)
    return {**said_of(placement, recipient, now), "address": address}


def _to_read(agreement_id: int, recipient: Person, now: datetime) -> Values:
    """The student asked the supervisor to read a draft, which is one still, and their link works."""
    agreement = agreement_to_tell_of(agreement_id)
    placement = agreement.placement
    link = asked_to_read(placement)
    if agreement.state is not AgreementState.DRAFT or link is None or link.holder_id != recipient.id:
        return None
    if not reading_of(link).can_comment(now):
        return None
    return {
        **said_of(placement, recipient, now),
        "address": url_for("agreements.read_by_link", token=token(link), _external=True),
        "works_until": link.expires_at,
    }


def _group(is_member: bool) -> Context:
    """A notice about a placement whose group has one Agreement, while it is a part of that or is not."""

    def context(placement_id: int, recipient: Person, now: datetime) -> Values:
        placement = db.session.get_one(Placement, placement_id, options=whole())
        group = group_of(placement)
        if not placement.goes_on or not group.members or group.is_member != is_member:
            return None
        endpoint = "agreements.agreement" if is_member else "agreements.share"
        return {
            **said_of(placement, recipient, now),
            "members": [member.enrolment.person.name for member in group.members],
            "address": url_for(endpoint, public_id=placement.public_id, _external=True),
        }

    return context


def _not_agreed(placement_id: int, recipient: Person, now: datetime) -> Values:
    """No version of its Agreement ever came into force, and it has not begun."""
    placement = db.session.get_one(Placement, placement_id, options=whole())
    if placement.state not in NOT_BEGUN or placement.agreed_at is not None:
        return None
    is_out = any(version.state is AgreementState.SIGNING for version in versions_of(placement))
    address = url_for("agreements.agreement", public_id=placement.public_id, _external=True)
    return {**said_of(placement, recipient, now), "is_out": is_out, "address": address}


def _not_agreed_in_run(run_id: int, recipient: Person, now: datetime) -> Values:
    """The same of any placement of the run: those accepted first come first."""
    found = select(Placement).join(Placement.enrolment).options(*whole()).order_by(Placement.created_at, Placement.id)
    rows = db.session.scalars(found.where(Enrolment.run_id == run_id, *NOT_AGREED)).all()
    address = url_for("agreements.queue", _external=True)
    return {"run": db.session.get_one(ModuleRun, run_id), "rows": rows, "address": address} if rows else None


RUN = "placement.enrolment.run_id"
FILLS = {"student": "student.name", "organisation": "organisation.name"}

TO_WRITE = Notice(
    "agreements.to_write",
    _to_write,
    pace=Pace.DAILY,
    run=RUN,
    fills={"organisation": "organisation.name", "starts_on": "placement.starts_on | date"},
)
PLEASE_READ = Notice("agreements.please_read", _to_read, run=RUN, fills=FILLS)
COMMENTED = Notice("agreements.commented", _commented, pace=Pace.DAILY, run=RUN, fills=FILLS)

NOT_YET_AGREED = Notice("agreements.not_agreed", _not_agreed, pace=Pace.DAILY, run=RUN, fills=FILLS)
NOT_AGREED_IN_RUN = Notice(
    "agreements.not_agreed_in_run", _not_agreed_in_run, pace=Pace.DAILY, run="run.id", fills={"run": "run.title"}
)

GROUP_BEGUN = Notice("agreements.group_begun", _group(is_member=False), pace=Pace.DAILY, run=RUN, fills=FILLS)
GROUP_CHANGED = Notice("agreements.group_changed", _group(is_member=True), pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (TO_WRITE, PLEASE_READ, COMMENTED, NOT_YET_AGREED, NOT_AGREED_IN_RUN, GROUP_BEGUN, GROUP_CHANGED)


def nothing_sent(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The students whose placement has nothing out for signing, so many days after it was accepted."""
    due_at, is_due = latest_step(Placement.created_at, steps, now)
    sent = select(Agreement.id).where(Agreement.placement_id == Placement.id, Agreement.proposed_at.is_not(None))
    return (
        select(Placement.id, Enrolment.person_id, due_at, Enrolment.run_id, NO_DEADLINE)
        .join(Placement.enrolment)
        .where(Placement.state.in_(NOT_BEGUN), Placement.agreed_at.is_(None), is_due, ~sent.exists())
    )


def not_agreed(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The tutors, or who covers, of placements that have no Agreement in force so long after."""
    due_at, is_due = latest_step(Placement.created_at, steps, now)
    tutor_id = acting_tutor(today(now))
    found = select(Placement.id, tutor_id, due_at, Enrolment.run_id, NO_DEADLINE).join(Placement.enrolment)
    return found.where(*NOT_AGREED, is_due, tutor_id.is_not(None))  # type: ignore[return-value]


def not_agreed_in_run(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders of their runs."""
    due_at, is_due = latest_step(Placement.created_at, steps, now)
    found = select(Enrolment.run_id, RoleOnRun.person_id, due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    found = found.select_from(Placement).join(Placement.enrolment).join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))
    return found.where(*NOT_AGREED, is_due).distinct()


ACCEPTED = "the day on which the placement was accepted"

REMINDERS = (
    TimedReminder(TO_WRITE, nothing_sent, steps=(0, 7), hangs_on=ACCEPTED, then=NOT_YET_AGREED.name),
    TimedReminder(NOT_YET_AGREED, not_agreed, steps=(14,), hangs_on=ACCEPTED, then=NOT_AGREED_IN_RUN.name),
    TimedReminder(NOT_AGREED_IN_RUN, not_agreed_in_run, steps=(21,), hangs_on=ACCEPTED),
)

"""What we write about checks: answers that wait, findings, approval that runs out or has, and memoranda that end."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, Subquery, case, literal, select, union

from placements.accounts.models import Account
from placements.cohorts.queries import closed_days
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.mail.notices import Due, Notice, Pace, Reminder
from placements.partners.models import Contact, ContactRole, Organisation, Site
from placements.partners.queries import is_current_contact, looks_after
from placements.partners.rules import work_stops_after
from placements.partners.workflow import CURRENT, OrganisationState
from placements.people.models import Person
from placements.vetting.models import Memorandum
from placements.vetting.queries import Question, lacking, questions_of
from placements.vetting.renewals import RENEW_BY_LINK
from placements.vetting.rules import RENEWED_FROM, WARNED_BEFORE, Standing
from placements.vetting.workflow import MemorandumState

Values = Mapping[str, Any] | None

SENT_AT = time(9)  # in London
CATCH_UP = 7  # days after which a warning that nobody could send is no longer worth sending
MEMORANDUM_WARNED = timedelta(days=60)


def _page(organisation: Organisation) -> str:
    return url_for("vetting.checks", public_id=organisation.public_id, _external=True)


def _values(organisation: Organisation, recipient: Person, now: datetime) -> dict[str, Any]:
    """Its people renew by link; whoever is of the university has the page."""
    is_theirs = is_current_contact(recipient.id, organisation.id)
    link = latest_link(RENEW_BY_LINK, organisation.id, recipient.id) if is_theirs else None
    by_link = link is not None and link.is_open(now)
    return {
        "organisation": organisation,
        "is_theirs": is_theirs,
        "by_link": by_link,
        "address": _by_link(link) if link is not None and by_link else _page(organisation),
        "now": now,
    }


def _by_link(link: Link) -> str:
    return url_for(RENEW_BY_LINK, token=token(link), _external=True)


def _answers_wait(organisation_id: int, recipient: Person, now: datetime) -> Values:
    organisation = db.session.get_one(Organisation, organisation_id).survivor
    waiting = [each for each in questions_of(organisation) if each.standing(today(now)) is Standing.WAITS]
    if not waiting or organisation.state not in CURRENT:
        return None
    return {"organisation": organisation, "waiting": waiting, "address": _page(organisation)}


def _findings(organisation_id: int, recipient: Person, now: datetime) -> Values:
    organisation, day = db.session.get_one(Organisation, organisation_id).survivor, today(now)
    if organisation.state not in CURRENT:
        return None
    questions = questions_of(organisation)

    def that_stand(*standings: Standing) -> list[Question]:
        return [each for each in questions if each.standing(day) in standings]

    return {
        "organisation": organisation,
        "is_approved": organisation.is_approved(day),
        "lacking": lacking(questions, day),
        "passed": that_stand(Standing.PASSED),
        "conditional": that_stand(Standing.CONDITIONAL),
        "failed": that_stand(Standing.FAILED),
        "to_answer": that_stand(Standing.DUE, Standing.RUN_OUT),
        "address": _page(organisation),
    }


def _while(is_true: Callable[[date, date], bool], of_place: bool = False) -> Callable[[int, Person, datetime], Values]:
    """About an approved organisation or a place of one, while `is_true` of its last day and today."""

    def context(key: int, recipient: Person, now: datetime) -> Values:
        place = db.session.get_one(Site, key) if of_place else None
        organisation = place.organisation if place else db.session.get_one(Organisation, key)
        until = place.cleared_until if place else organisation.approved_until
        if organisation.state is not OrganisationState.APPROVED or until is None or not is_true(until, today(now)):
            return None
        return {
            **_values(organisation, recipient, now),
            "until": until,
            "stops_after": work_stops_after(until, closed_days()),
            "place": place,
        }

    return context


def _is_ending(until: date, day: date) -> bool:
    return day <= until <= day + RENEWED_FROM


def _is_over(until: date, day: date) -> bool:
    return until < day


def _new_link(link_id: int, recipient: Person, now: datetime) -> Values:
    link = db.session.get_one(Link, link_id)
    organisation = db.session.get_one(Organisation, link.about_id).survivor
    if not link.is_open(now) or not is_current_contact(recipient.id, organisation.id):
        return None
    return {"organisation": organisation, "address": _by_link(link), "works_until": link.expires_at}


def _memorandum_ends(memorandum_id: int, recipient: Person, now: datetime) -> Values:
    memorandum = db.session.get_one(Memorandum, memorandum_id)
    newer = select(Memorandum.id).where(
        Memorandum.organisation_id == memorandum.organisation_id,
        Memorandum.version > memorandum.version,
        Memorandum.state != MemorandumState.ENDED,
    )
    if memorandum.state is not MemorandumState.SIGNED or db.session.scalar(newer.limit(1)) is not None:
        return None
    address = url_for("vetting.memoranda", public_id=memorandum.organisation.public_id, _external=True)
    return {"memorandum": memorandum, "organisation": memorandum.organisation, "address": address}


ANSWERS_WAIT = Notice("vetting.answers_wait", _answers_wait, Pace.DAILY)
FINDINGS = Notice("vetting.findings", _findings, Pace.DAILY)
APPROVAL_ENDING = Notice("vetting.approval_ending", _while(_is_ending), Pace.DAILY)
APPROVAL_RUN_OUT = Notice("vetting.approval_run_out", _while(_is_over), Pace.DAILY)
PLACE_ENDING = Notice("vetting.place_ending", _while(_is_ending, of_place=True), Pace.DAILY)
PLACE_RUN_OUT = Notice("vetting.place_run_out", _while(_is_over, of_place=True), Pace.DAILY)
RENEWAL_LINK = Notice("vetting.renewal_link", _new_link, Pace.NOW)
MEMORANDUM_ENDING = Notice("vetting.memorandum_ending", _memorandum_ends, Pace.DAILY)

NOTICES = (
    *(ANSWERS_WAIT, FINDINGS, APPROVAL_ENDING, APPROVAL_RUN_OUT, PLACE_ENDING, PLACE_RUN_OUT, RENEWAL_LINK),
    MEMORANDUM_ENDING,
)


def _keepers() -> Select[int, int]:
    """(organisation, person) of its owner; of each engagement officer, while it has none who is one still."""
    rows = select(Organisation.id.label("about"), Account.person_id.label("person"))
    return rows.join(Account, looks_after(Organisation.owner_id))


def _parties() -> Subquery:
    """Each party once: its main contacts, and whoever looks after it at the university."""
    here = select(Contact.organisation_id.label("about"), Contact.person_id.label("person"))
    here = here.where(Contact.role == ContactRole.PRIMARY, Contact.left_on.is_(None))
    keepers = _keepers().subquery()
    return union(here, select(keepers.c.about, keepers.c.person)).subquery()


def _said_on(last_day: Any, after: timedelta, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[datetime]]:
    """Whether to say it by now, and since when: `after` the last day, at 9am in London, with a few days to catch up."""
    due = {
        today(now) - after - timedelta(days=late): literal(
            in_london(today(now) - timedelta(days=late), SENT_AT), UTCDateTime()
        )
        for late in range(CATCH_UP)
    }
    return last_day.in_(due), case(due, value=last_day)


def _of_approval(after: timedelta) -> Due:
    def due(now: datetime) -> Select[int, int, datetime]:
        is_due, due_at = _said_on(Organisation.approved_until, after, now)
        parties = _parties()
        rows = select(Organisation.id, parties.c.person, due_at).join(parties, parties.c.about == Organisation.id)
        return rows.where(Organisation.state == OrganisationState.APPROVED, is_due)

    return due


def _of_place(after: timedelta) -> Due:
    def due(now: datetime) -> Select[int, int, datetime]:
        is_due, due_at = _said_on(Site.cleared_until, after, now)
        parties = _parties()
        rows = select(Site.id, parties.c.person, due_at).join(Site.organisation)
        rows = rows.join(parties, parties.c.about == Site.organisation_id)
        return rows.where(Organisation.state == OrganisationState.APPROVED, is_due)

    return due


def memorandum_ends(now: datetime) -> Select[int, int, datetime]:
    """Whoever looks after the organisation, sixty days before the last day of its memorandum."""
    is_due, due_at = _said_on(Memorandum.expires_on, -MEMORANDUM_WARNED, now)
    keepers = _keepers().subquery()
    rows = select(Memorandum.id, keepers.c.person, due_at).join(keepers, keepers.c.about == Memorandum.organisation_id)
    return rows.where(Memorandum.state == MemorandumState.SIGNED, is_due)


DAY_AFTER = timedelta(days=1)
REMINDERS = (
    *(Reminder(APPROVAL_ENDING, _of_approval(-before)) for before in WARNED_BEFORE),
    *(Reminder(PLACE_ENDING, _of_place(-before)) for before in WARNED_BEFORE),
    Reminder(APPROVAL_RUN_OUT, _of_approval(DAY_AFTER)),
    Reminder(PLACE_RUN_OUT, _of_place(DAY_AFTER)),
    Reminder(MEMORANDUM_ENDING, memorandum_ends),
)

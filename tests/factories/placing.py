"""Placements, their Agreements, their visits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from placements.agreements.models import Agreement, Objective, Party, PlannedWeek, Signature
from placements.agreements.queries import facts_now
from placements.agreements.rules import FORMAT, SECTIONS, digest
from placements.agreements.weeks import even_spread
from placements.agreements.workflow import AgreementState
from placements.challenges.models import BriefRisk, Challenge, WorkMode
from placements.cohorts.models import (
    Enrolment,
)
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import keep, receive_evidence
from placements.logbook.actions import SAID
from placements.logbook.models import (
    Entry,
    EntryDraft,
    EntryEvidence,
    EntryVersion,
    How,
    LedgerEvent,
    LedgerKind,
)
from placements.logbook.workflow import EntryState
from placements.offers.workflow import OfferState
from placements.partners.models import Site
from placements.people.models import Person
from placements.placing.models import Pause, Placement
from placements.placing.workflow import PlacementState
from placements.vetting.models import SiteRisk
from tests.factories.allocation import offer
from tests.factories.base import DAY, NOW, add, number
from tests.factories.challenges import brief_risk, challenge
from tests.factories.partners import site_risk
from tests.factories.people import person
from tests.factories.runs import enrolment


def placement(of: Enrolment | None = None, at: Challenge | None = None, **said: Any) -> Placement:
    of = of or enrolment()
    at = at or challenge()
    accepted = offer(of, at, state=OfferState.ACCEPTED, answered_at=NOW - DAY)
    said = {
        "state": PlacementState.ACTIVE,
        "site": at.site,
        "supervisor": at.supervisor,
        "tutor": of.group.tutor,
        "starts_on": date(2026, 10, 5),
        "ends_on": date(2027, 4, 30),
        "minutes_agreed": 45 * 60,
        "created_at": NOW - 20 * DAY,
        **said,
    }
    of.state = EnrolmentState.PLACED
    risk_assessed(at, said["site"])
    return add(Placement(offer_id=accepted.id, enrolment=of, challenge=at, **said))


def risk_assessed(at: Challenge, place: Site | None) -> None:
    """The risk of the work and of the place is on record; what was found before stays."""
    assessor = None
    if db.session.scalar(select(BriefRisk.id).where(BriefRisk.challenge_id == at.id)) is None:
        brief_risk(at, assessor := person(given_name="Risa"))
    if place and db.session.scalar(select(SiteRisk.id).where(SiteRisk.site_id == place.id)) is None:
        site_risk(place, assessor or person(given_name="Risa"))


def pause(of: Placement, from_at: datetime, until_at: datetime | None = None) -> Pause:
    return add(Pause(placement=of, from_at=from_at, until_at=until_at))


def agreement(
    of: Placement | None = None,
    *signed_by: Party,
    objectives: Sequence[str] = ("Count the stock every week.", "Leave a guide that volunteers use."),
    weeks: Mapping[date, int] | None = None,
    **said: Any,
) -> Agreement:
    """In force and signed by all three, unless `state` says otherwise; what goes round is signed by `signed_by`."""
    of = of or placement()
    state = said.setdefault("state", AgreementState.IN_FORCE)
    was_in_force = state in (AgreementState.IN_FORCE, AgreementState.SUPERSEDED)
    said = {
        "number": 1,
        "created_at": NOW - 18 * DAY,
        "proposed_at": None if state is AgreementState.DRAFT else NOW - 17 * DAY,
        "in_force_at": NOW - 16 * DAY if was_in_force else None,
        **{section.name: f"What we agreed about {section.name.replace('_', ' ')}." for section in SECTIONS},
        **said,
    }
    made = Agreement(placement=of, signatures=[], **said)
    made.objectives = [Objective(position=place, text=text) for place, text in enumerate(objectives, 1)]
    planned = even_spread(of.minutes_agreed, of.starts_on, of.ends_on, ()) if weeks is None else weeks
    made.weeks = [PlannedWeek(monday=monday, minutes=minutes) for monday, minutes in planned.items()]
    if state is not AgreementState.DRAFT:
        facts = facts_now(of, made)
        made.format = FORMAT
        made.facts, made.sha256 = facts.kept(), digest(made.number, facts, made.content)
    add(made)
    for party in Party if was_in_force else signed_by:
        _signature(made, party)
    if was_in_force:
        of.agreed_at = made.in_force_at
    return made


def _signature(of: Agreement, party: Party) -> Signature | None:
    people = {
        Party.STUDENT: of.placement.enrolment.person,
        Party.SUPERVISOR: of.placement.supervisor,
        Party.TUTOR: of.placement.tutor,
    }
    who = people[party]
    if who is None:
        return None
    signed = {"typed_name": who.name, "at": NOW - 16 * DAY, "address": "192.0.2.1", "sha256": of.sha256}
    return add(Signature(agreement=of, party=party, person=who, **signed))


def entry(of: Placement | None = None, **said: Any) -> Entry:
    said = {
        "form_key": f"entry-{next(number)}",
        "state": EntryState.SUBMITTED,
        "on": date(2026, 10, 14),
        "starts": time(13, 0),
        "ends": time(17, 0),
        "break_minutes": 30,
        "mode": WorkMode.ON_SITE,
        "activity": "Counted the stock with two volunteers.",
        "reflection": "I had not thought how much knowledge sits in one person's head.",
        "submitted_at": NOW - 5 * DAY,
        "version": 1,
        **said,
    }
    made = Entry(placement=of or placement(), **said)
    made.minutes = made.visit.minutes
    add(made)
    student, supervisor = made.placement.enrolment.person, made.placement.supervisor
    if made.state is not EntryState.DRAFT:
        _on_the_ledger(made, LedgerKind.SUBMITTED, student)
        words = {name: getattr(made, name) for name in (*SAID, "objective_id")}
        add(EntryVersion(entry_id=made.id, number=1, **words, at=made.submitted_at))
    after = {
        EntryState.CONFIRMED: (LedgerKind.CONFIRMED, supervisor, None),
        EntryState.QUERIED: (LedgerKind.QUERIED, supervisor, "Was it not a shorter day?"),
        EntryState.VERIFIED: (LedgerKind.VERIFIED, made.placement.tutor, "I saw the rota."),
        EntryState.NOT_COUNTED: (LedgerKind.NOT_COUNTED, made.placement.tutor, "The rota says otherwise."),
        EntryState.DISCARDED: (LedgerKind.REMOVED, student, None),
    }
    if made.state in after:
        _on_the_ledger(made, *after[made.state])
    return made


def entry_evidence(
    of: Entry, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Rota.pdf", **said: Any
) -> EntryEvidence:
    """A file that shows the visit, its bytes in the store."""
    by = Principal(of.placement.enrolment.person_id)
    stored = keep(receive_evidence(FileStorage(BytesIO(content), name)), actor=by, now=NOW)
    return add(EntryEvidence(entry=of, file=stored, **{"added_at": NOW, **said}))


def entry_draft(of: Placement, activity: str = "Half a sent", **said: Any) -> EntryDraft:
    form_key = f"typed-{next(number)}"
    typed = {"on": ["20", "10", "2026"], "starts": ["13:00"], "activity": [activity], "form_key": [form_key]}
    return add(EntryDraft(placement=of, form_key=form_key, typed=typed, saved_at=NOW, **said))


def _on_the_ledger(of: Entry, kind: LedgerKind, by: Person, word: str | None = None) -> LedgerEvent:
    times = {"starts_at": of.visit.starts_at, "ends_at": of.visit.ends_at, "minutes": of.minutes}
    return add(
        LedgerEvent(
            entry=of,
            kind=kind,
            entry_version=of.version,
            **times,
            at=of.submitted_at,
            by=by,
            how=How.ACCOUNT,
            word=word,
        )
    )

"""One plain function a thing: a believable row with whatever the test did not say. Each adds to the session and flushes.

Everything happens around NOW, a Tuesday in term. Names are numbered, so that two of a kind are never equal.
"""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from placements.accounts.models import Account, GlobalRole, Role
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_now
from placements.agreements.rules import SECTIONS, digest
from placements.agreements.workflow import AgreementState
from placements.allocation.models import Attempt, Match
from placements.allocation.workflow import AttemptState
from placements.applications.models import Application, HostAnswer, Preference, Receipt
from placements.applications.workflow import ApplicationState
from placements.assessment.models import Mark, MarkExport, Stage, Submission, SubmissionFile
from placements.challenges.models import BriefRisk, Challenge, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import (
    Component,
    ComponentKind,
    Criterion,
    Enrolment,
    ModuleRun,
    RoleOnRun,
    RosterImport,
    RunRole,
    Theme,
    TimeslotGroup,
)
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.policy import Principal
from placements.db import db
from placements.directory.models import PartnerImport
from placements.enquiries.models import Enquiry, EnquiryNote, Referral, Route, Subscription
from placements.files.actions import keep, receive
from placements.logbook.models import Entry, How, LedgerEvent, LedgerKind
from placements.logbook.workflow import EntryState
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.workflow import OfferState
from placements.partners.models import (
    Contact,
    ContactRole,
    Interest,
    InterestKind,
    Organisation,
    OrganisationType,
    Site,
)
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.placing.models import Pause, Placement
from placements.placing.workflow import PlacementState
from placements.rounds.entrants import field_of
from placements.rounds.inputs import instance_of
from placements.rounds.models import Lock, Round
from placements.solver.solve import solve
from placements.vetting.models import Check, Evidence, Memorandum, SiteRisk
from placements.vetting.rules import Answer, CheckKind, Risk
from placements.vetting.workflow import CheckState

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)  # Tuesday 20 October 2026, 9am in London
YEAR = "2026/27"
DAY = timedelta(days=1)

_number = count(1)
Row = TypeVar("Row")


def _add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row


def person(**said: Any) -> Person:
    n = next(_number)
    said = {"given_name": f"Given{n}", "family_name": f"Family{n}", "email": f"p{n}@example.org", **said}
    return _add(Person(created_at=NOW, **said))


def account(who: Person | None = None, *roles: GlobalRole, **said: Any) -> Account:
    known = {role.name: role for role in db.session.scalars(select(Role))}
    held = [known.get(name) or Role(name=name) for name in roles]
    return _add(Account(person=who or person(), global_roles=held, created_at=NOW, **said))


def run(**said: Any) -> ModuleRun:
    said = {
        "code": "WL6W50",
        "level": 6,
        "academic_year": YEAR,
        "period": f"P{next(_number)}",
        "state": RunState.OPEN,
        "teaching_starts_on": date(2026, 9, 28),
        "ranking_opens_at": NOW - 8 * DAY,
        "ranking_closes_at": NOW + 10 * DAY,
        "placements_start_on": date(2026, 11, 16),
        "placements_end_on": date(2027, 4, 30),
        "created_at": NOW - 90 * DAY,
        **said,
    }
    return _add(ModuleRun(**said))


def group(of: ModuleRun | None = None, tutor: Person | None = None, **said: Any) -> TimeslotGroup:
    said = {"occurrence": f"G{next(_number)}", "name": "Wednesday afternoon", **said}
    return _add(TimeslotGroup(run=of or run(), tutor=tutor, **said))


def run_role(role: RunRole, who: Person, of: ModuleRun, theme: Theme | None = None) -> RoleOnRun:
    return _add(RoleOnRun(role=role, person=who, run=of, theme=theme))


def component(kind: ComponentKind = ComponentKind.PORTFOLIO, of: ModuleRun | None = None, **said: Any) -> Component:
    said = {
        "title": "Final Project Portfolio",
        "weight": 75,
        "due_at": datetime(2027, 5, 12, 14, 0, tzinfo=UTC),
        **said,
    }
    made = _add(Component(run=of or run(), kind=kind, **said))
    for position, (title, weight, is_about_logbook) in enumerate(
        [("Understanding of the challenge", 40, False), ("Logbook and reflection", 35, True), ("Writing", 25, False)], 1
    ):
        _add(
            Criterion(component=made, position=position, title=title, weight=weight, is_about_logbook=is_about_logbook)
        )
    db.session.refresh(made)
    return made


def enrolment(of: TimeslotGroup | None = None, who: Person | None = None, **said: Any) -> Enrolment:
    of = of or group()
    who = who or person(student_number=f"2600{next(_number):04}")
    said = {
        "course_code": "BSCPSY",
        "course_title": "Psychology BSc",
        "mode": "Full time",
        "state": EnrolmentState.REGISTERED,
        "created_at": NOW - 30 * DAY,
        **said,
    }
    return _add(Enrolment(run=of.run, group=of, person=who, **said))


def roster_import(uploaded_by: Person, **said: Any) -> RosterImport:
    said = {"file_name": "enrolments.csv", "sha256": "0" * 64, "rows": [], "errors": [], "uploaded_at": NOW, **said}
    return _add(RosterImport(uploaded_by_id=uploaded_by.id, **said))


def organisation(**said: Any) -> Organisation:
    said = {
        "name": f"Organisation {next(_number)}",
        "type": OrganisationType.CHARITY,
        "borough": "Islington",
        "state": OrganisationState.APPROVED,
        "approved_until": date(2027, 8, 31),
        "created_at": NOW - 200 * DAY,
        **said,
    }
    return _add(Organisation(**said))


def partner_import(uploaded_by: Person, **said: Any) -> PartnerImport:
    said = {"file_name": "partners.csv", "sha256": "0" * 64, "rows": [], "errors": [], "uploaded_at": NOW, **said}
    return _add(PartnerImport(uploaded_by_id=uploaded_by.id, **said))


def site(of: Organisation | None = None, **said: Any) -> Site:
    said = {"name": "The hall", "address": "1 Example Road", "postcode": "N7 8DB", "borough": "Islington", **said}
    said = {"cleared_until": date(2027, 8, 31), **said}
    return _add(Site(organisation=of or organisation(), **said))


def contact(
    of: Organisation | None = None, who: Person | None = None, role: ContactRole = ContactRole.PRIMARY, **said: Any
) -> Contact:
    return _add(Contact(organisation=of or organisation(), person=who or person(), role=role, **said))


def check(of: Organisation, kind: CheckKind = CheckKind.IDENTITY, place: Site | None = None, **said: Any) -> Check:
    """Passed until the end of August, unless `state` says otherwise."""
    state = said.setdefault("state", CheckState.PASSED)
    until = date(2027, 8, 31) if state in (CheckState.PASSED, CheckState.CONDITIONAL) else None
    verified = None if state is CheckState.ANSWERED else NOW - 30 * DAY
    words = "We look after it together, every Monday."
    said = {"answer": Answer.INSTEAD, "words": words, "verified_at": verified, "valid_until": until, **said}
    said = {"answered_at": NOW - 40 * DAY, "answered_by": said.get("answered_by") or person(), **said}
    return _add(Check(organisation=of, site=place, kind=kind, **said))


def five_checks(of: Organisation, **said: Any) -> list[Check]:
    return [check(of, kind, **said) for kind in CheckKind]


def evidence(of: Check, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Certificate.pdf") -> Evidence:
    """A file of the answer, its bytes in the store."""
    stored = keep(receive(FileStorage(BytesIO(content), name)), actor=Principal(of.answered_by.id), now=NOW)
    return _add(Evidence(check=of, file=stored, added_at=of.answered_at))


def site_risk(of: Site, by: Person | None = None, **said: Any) -> SiteRisk:
    low = dict.fromkeys(("travel", "location", "environment", "insurance", "residual"), Risk.LOW)
    return _add(SiteRisk(site=of, assessed_at=NOW - DAY, assessed_by=by or person(), **{**low, **said}))


def memorandum(of: Organisation, by: Person | None = None, **said: Any) -> Memorandum:
    said = {"version": 1, "text": "We want to work together.", "made_at": NOW - 5 * DAY, **said}
    return _add(Memorandum(organisation=of, made_by=by or person(), **said))


def interest(of: Organisation, who: Person, kind: InterestKind = InterestKind.TRUSTEE, **said: Any) -> Interest:
    return _add(Interest(organisation=of, person=who, kind=kind, declared_at=NOW - DAY, **said))


def enquiry(writer: Person | None = None, **said: Any) -> Enquiry:
    n = next(_number)
    said = {
        "form_key": f"enquiry-{n}",
        "organisation_name": f"Asking group {n}",
        "challenges_faced": "Few young people come to our sessions.",
        "received_at": NOW - 2 * DAY,
        **said,
    }
    said = {"confirmed_at": said["received_at"], "touched_at": said["received_at"], **said}
    return _add(Enquiry(writer=writer or person(), **said))


def enquiry_note(on: Enquiry, author: Person | None = None, **said: Any) -> EnquiryNote:
    said = {"form_key": f"note-{next(_number)}", "text": "They close in August.", "at": NOW - DAY, **said}
    return _add(EnquiryNote(enquiry_id=on.id, author=author or person(), **said))


def route(name: str = "Business Clinic") -> Route:
    """One of the places that a new database knows."""
    return db.session.scalars(select(Route).where(Route.name == name)).one()


def referral(to: Person | None = None, **said: Any) -> Referral:
    said = {
        "route": route(),
        "asker": person(),
        "subject": "Asking group",
        "words": "Few young people come to our sessions.",
        "sent_by": person(),
        "sent_at": NOW - 2 * DAY,
        **said,
    }
    return _add(Referral(receiver=to or person(), **said))


def subscription(who: Person | None = None, **said: Any) -> Subscription:
    return _add(Subscription(person=who or person(), **{"asked_at": NOW - 2 * DAY, **said}))


def challenge(of: Organisation | None = None, **said: Any) -> Challenge:
    n = next(_number)
    of = of or organisation()
    said = {
        "form_key": f"challenge-{n}",
        "academic_year": YEAR,
        "state": ChallengeState.PUBLISHED,
        "title": f"Challenge {n}",
        "need": "Our food bank counts stock on paper and runs out of what people need.",
        "output": "A stock list that a volunteer can keep on a phone.",
        "theme": Theme.POVERTY,
        "places_min": 1,
        "places_max": 2,
        "mode": WorkMode.ON_SITE,
        "created_at": NOW - 60 * DAY,
        "published_at": NOW - 20 * DAY,
        **said,
    }
    if "supervisor" not in said:
        said["supervisor"] = contact(of, role=ContactRole.SUPERVISOR).person
    if "site" not in said:
        said["site"] = site(of)
    return _add(Challenge(organisation=of, **said))


def brief_risk(of: Challenge, by: Person | None = None, **said: Any) -> BriefRisk:
    low = dict.fromkeys(("work", "people", "residual"), Risk.LOW)
    about = {"challenge_id": of.id, "assessed_at": NOW - DAY, "assessed_by": by or person()}
    return _add(BriefRisk(**{**about, **low, **said}))


def application(of: Enrolment | None = None, ranked: list[Challenge] | None = None, **said: Any) -> Application:
    """Submitted, unless `state` says otherwise; its draft holds the same words."""
    said = {
        "state": ApplicationState.SUBMITTED,
        "statement": "I volunteer at my local library and like to make things simple.",
        "submitted_at": NOW - DAY,
        "draft_saved_at": NOW - DAY,
        **said,
    }
    choices = [[each.public_id, ""] for each in ranked or []]
    said.setdefault("draft", {"statement": said["statement"], "choices": choices})
    made = _add(Application(enrolment=of or enrolment(), **said))
    if made.state is ApplicationState.SUBMITTED:
        for rank, each in enumerate(ranked or [], 1):
            _add(Preference(application=made, rank=rank, challenge=each))
            _add(HostAnswer(application=made, challenge=each))
        chosen = [
            {"title": each.title, "organisation": each.organisation.name, "addition": ""} for each in ranked or []
        ]
        _add(
            Receipt(
                number=f"T{next(_number):08}",
                application=made,
                submitted_at=made.submitted_at,
                statement=made.statement,
                choices=chosen,
            )
        )
    return made


def allocation_round(*runs: ModuleRun, **said: Any) -> Round:
    said = {
        "form_key": f"round-{next(_number)}",
        "name": "First round",
        "academic_year": YEAR,
        "seed": "5eed",
        "created_at": NOW,
        **said,
    }
    return _add(Round(runs=list(runs) or [run()], **said))


def attempt(of: Round, **said: Any) -> Attempt:
    """An attempt at what the round is now; one that is SOLVED has its result."""
    instance = instance_of(of, field_of(of, NOW))
    said = {
        "rule": "least-total-rank",
        "instance": instance.to_json(),
        "instance_sha256": instance.sha256(),
        "created_at": NOW,
        **said,
    }
    if said.get("state") is AttemptState.SOLVED:
        said = {"result": solve(instance).to_json(), "finished_at": NOW, **said}
    return _add(Attempt(round=of, **said))


def match(of: Round, who: Enrolment, where: Challenge | None = None, **said: Any) -> Match:
    return _add(Match(round=of, enrolment=who, challenge=where, **said))


def lock(of: Enrolment | None = None, to: Challenge | None = None, by: Person | None = None, **said: Any) -> Lock:
    said = {"reason": "They know the organisation.", "locked_at": NOW - DAY, **said}
    return _add(Lock(enrolment=of or enrolment(), challenge=to or challenge(), locked_by=by or person(), **said))


def offer(of: Enrolment | None = None, to: Challenge | None = None, **said: Any) -> Offer:
    said = {"state": OfferState.MADE, "made_at": NOW - DAY, "deadline_at": NOW + 6 * DAY, **said}
    return _add(Offer(enrolment=of or enrolment(), challenge=to or challenge(), **said))


def clearing(of: Enrolment | None = None, owner: Person | None = None, **said: Any) -> Clearing:
    said = {"why": ClearingReason.UNPLACED, "by_on": date(2026, 11, 3), "opened_at": NOW - DAY, **said}
    return _add(Clearing(enrolment=of or enrolment(), owner=owner or person(), **said))


def placement(of: Enrolment | None = None, at: Challenge | None = None, **said: Any) -> Placement:
    of, at = of or enrolment(), at or challenge()
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
    return _add(Placement(offer_id=accepted.id, enrolment=of, challenge=at, **said))


def pause(of: Placement, from_at: datetime, until_at: datetime | None = None) -> Pause:
    return _add(Pause(placement=of, from_at=from_at, until_at=until_at))


def agreement(of: Placement | None = None, *signed_by: Party, **said: Any) -> Agreement:
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
    if state is not AgreementState.DRAFT:
        facts = facts_now(of)
        made.facts, made.sha256 = facts.kept(), digest(made.number, facts, made.words)
    _add(made)
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
    return _add(Signature(agreement=of, party=party, person=who, **signed))


def entry(of: Placement | None = None, **said: Any) -> Entry:
    said = {
        "form_key": f"entry-{next(_number)}",
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
    _add(made)
    student, supervisor = made.placement.enrolment.person, made.placement.supervisor
    if made.state is not EntryState.DRAFT:
        _on_the_ledger(made, LedgerKind.SUBMITTED, student)
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


def _on_the_ledger(of: Entry, kind: LedgerKind, by: Person, word: str | None = None) -> LedgerEvent:
    times = {"starts_at": of.visit.starts_at, "ends_at": of.visit.ends_at, "minutes": of.minutes}
    return _add(
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


def submission(of: Enrolment, component: Component, **said: Any) -> Submission:
    return _add(Submission(enrolment=of, component=component, **said))


def mark(of: Enrolment, component: Component, marker: Person | None, **said: Any) -> Mark:
    return _add(Mark(enrolment=of, component=component, marker=marker, **said))


def submission_file(
    of: Submission, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Portfolio.pdf"
) -> SubmissionFile:
    """A file of the submission, its bytes in the store."""
    received = receive(FileStorage(BytesIO(content), filename=name))
    stored = keep(received, actor=Principal(of.enrolment.person_id), now=NOW)
    return _add(SubmissionFile(submission=of, file=stored, received_at=NOW))


def mark_export(of: ModuleRun, by: Person, **said: Any) -> MarkExport:
    said = {"stage": Stage.PROVISIONAL, "made_at": NOW, "rows": [], **said}
    return _add(MarkExport(run=of, made_by=by, **said))

"""The story as it stands at its default moment, and that the same seed tells it again."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, select

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.workflow import AgreementState
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import EnrolmentState
from placements.concerns.models import Concern
from placements.db import db
from placements.logbook.hours import hours_of, ledgers_of
from placements.logbook.ledger import WhyNot
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.silence import last_visit_on
from placements.logbook.workflow import EntryState
from placements.mail.models import KeptMail, MailReturn, Message, MessageState, Mute, OwnNotice, ReturnKind
from placements.offers.models import Clearing
from placements.partners.models import Interest, InterestKind
from placements.placing.models import EndedBy, Keeper, Pause, Placement
from placements.placing.workflow import PlacementState
from placements.reading.models import LogbookGrade
from tests.client import PageClient

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on a database of its own, the embedded one

P, A, N = PlacementState, AgreementState, EntryState
THIS_YEAR, LAST_YEAR = "2026/27", "2025/26"
NOW = datetime(2027, 2, 17, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def story(demonstration: Flask) -> Iterator[Flask]:
    with demonstration.app_context():
        yield demonstration
        db.session.rollback()


def of(year: str, *columns: Any) -> Select[Any]:
    """A select about that year's placements."""
    return (
        select(*columns)
        .select_from(Placement)
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(ModuleRun.academic_year == year)
    )


def counted(year: str, column: Any) -> Counter[Any]:
    return Counter(db.session.scalars(of(year, column)).all())


def test_this_years_placements_stand_at_every_stage() -> None:
    states = counted(THIS_YEAR, Placement.state)
    assert set(states) == set(PlacementState)
    assert states[P.ACTIVE] >= 85
    assert states[P.PREPARING] >= 10
    assert states[P.CLEARED] == 2
    assert (states[P.PAUSED], states[P.NOT_STARTED], states[P.TRANSFERRED], states[P.ENDED_EARLY]) == (3, 1, 1, 1)


def test_last_years_placements_are_complete() -> None:
    assert counted(LAST_YEAR, Placement.state) == {P.COMPLETED: 24, P.TRANSFERRED: 1}
    assert counted(LAST_YEAR, Enrolment.state) == {EnrolmentState.COMPLETED: 25}
    placements = db.session.scalars(of(LAST_YEAR, Placement.id)).all()
    assert all(totals.confirmed >= 40 * 60 for totals in hours_of(placements).values())
    reached = [totals for totals in hours_of(placements).values() if totals.confirmed >= 45 * 60]
    assert len(reached) >= 18
    last_graded = select(func.count(LogbookGrade.id)).where(LogbookGrade.checkpoint.has(is_final=True))
    assert db.session.scalar(last_graded) == 24


def waiting_for(party: Party) -> int:
    """How many Agreements wait for that one signature and no other."""
    signed = select(Signature.party).where(Signature.agreement_id == Agreement.id)
    others = select(func.count()).where(Signature.agreement_id == Agreement.id).scalar_subquery()
    found = select(func.count(Agreement.id)).where(Agreement.state == A.SIGNING, others == 2)
    return db.session.scalar(found.where(~signed.where(Signature.party == party).exists())) or 0


def test_agreements_wait_for_each_signature() -> None:
    assert waiting_for(Party.STUDENT) == 2
    assert waiting_for(Party.SUPERVISOR) == 4  # one of them to a second version
    assert waiting_for(Party.TUTOR) == 3
    drafts = select(func.count()).where(Agreement.state == A.DRAFT)
    assert db.session.scalar(drafts) == 2
    not_begun = of(THIS_YEAR, func.count()).where(
        Placement.state == P.PREPARING, ~select(Agreement.id).where(Agreement.placement_id == Placement.id).exists()
    )
    assert db.session.scalar(not_begun) == 4


def test_agreements_have_second_versions() -> None:
    second = Counter(db.session.scalars(select(Agreement.state).where(Agreement.number == 2)).all())
    assert second[A.IN_FORCE] >= 4
    assert second[A.SIGNING] == 1
    first = Counter(db.session.scalars(select(Agreement.state).where(Agreement.number == 1)).all())
    assert first[A.SUPERSEDED] >= 2
    assert first[A.TAKEN_BACK] >= 2


def test_a_placement_rests_and_another_rested_and_two_wait_for_a_check_to_be_renewed() -> None:
    pauses = db.session.scalars(select(Pause).order_by(Pause.id)).all()
    assert [(pause.kept_by, pause.from_at.date(), pause.until_at and pause.until_at.date()) for pause in pauses] == [
        (Keeper.TEAM, date(2026, 12, 14), date(2027, 1, 18)),
        (Keeper.TEAM, date(2027, 2, 1), None),
        *[(Keeper.UNIVERSITY, date(2027, 2, 13), None)] * 2,  # ten working days after 29 January
    ]


def test_a_host_ended_a_placement_and_its_student_waits() -> None:
    ended = db.session.scalars(of(THIS_YEAR, Placement).where(Placement.state == P.TRANSFERRED)).one()
    assert (ended.ended_by, ended.ended_on) == (EndedBy.ORGANISATION, date(2027, 2, 10))
    waits = db.session.scalars(select(Clearing).where(Clearing.enrolment_id == ended.enrolment_id)).one()
    assert waits.closed_at is None
    assert ended.enrolment.state is EnrolmentState.SEEKING


def test_a_student_withdrew_from_a_placement() -> None:
    ended = db.session.scalars(of(THIS_YEAR, Placement).where(Placement.state == P.ENDED_EARLY)).one()
    assert (ended.ended_by, ended.ended_on) == (EndedBy.STUDENT, date(2027, 1, 20))
    assert ended.enrolment.state is EnrolmentState.WITHDRAWN


def test_whoever_was_called_off_has_another_place() -> None:
    called_off = db.session.scalars(of(THIS_YEAR, Placement).where(Placement.state == P.NOT_STARTED)).one()
    again = db.session.scalars(
        select(Placement).where(Placement.enrolment_id == called_off.enrolment_id, Placement.id > called_off.id)
    ).one()
    assert again.state is P.ACTIVE


def test_a_tutor_and_a_student_have_interests() -> None:
    interests = {each.kind: each for each in db.session.scalars(select(Interest))}
    assert set(interests) == {InterestKind.TRUSTEE, InterestKind.RELATIVE}
    tutor = interests[InterestKind.TRUSTEE]
    there = [
        placement
        for placement in db.session.scalars(of(THIS_YEAR, Placement))
        if placement.challenge.organisation_id == tutor.organisation_id
    ]
    assert there and all(placement.tutor_id != tutor.person_id for placement in there)
    student = interests[InterestKind.RELATIVE].person_id
    assert db.session.scalar(select(Enrolment.id).where(Enrolment.person_id == student))


def test_logbooks_are_silent_for_one_and_for_two_weeks() -> None:
    at_work = of(THIS_YEAR, last_visit_on()).where(Placement.state == P.ACTIVE)
    days = [(NOW.date() - on).days for on in db.session.scalars(at_work) if on]
    assert sum(7 <= each < 14 for each in days) >= 3
    assert sum(each >= 14 for each in days) >= 2
    assert sum(each < 7 for each in days) >= 60


def test_entries_stand_in_every_state() -> None:
    rows = of(THIS_YEAR, Entry.state).join(Entry, Entry.placement_id == Placement.id)
    states = Counter(db.session.scalars(rows).all())
    assert set(states) >= set(EntryState) - {N.DISCARDED}
    assert states[N.CONFIRMED] >= 450
    assert states[N.SUBMITTED] >= 40
    assert (states[N.VERIFIED], states[N.NOT_COUNTED]) == (2, 2)
    assert states[N.QUERIED] >= 2
    answered = select(func.count()).where(LedgerEvent.kind == LedgerKind.QUERIED)
    assert (db.session.scalar(answered) or 0) - states[N.QUERIED] >= 15


def test_some_visits_do_not_count() -> None:
    placements = db.session.scalars(of(THIS_YEAR, Placement.id)).all()
    lines = {line.entry: line for ledger in ledgers_of(placements).values() for line in ledger.lines}
    whys = Counter(line.why_not for line in lines.values() if line.why_not)
    assert whys == {WhyNot.NO_AGREEMENT: 2, WhyNot.PAUSED: 1, WhyNot.DECIDED: 2}


def test_some_supervisors_have_not_answered_for_weeks() -> None:
    long_ago = datetime(2027, 2, 3, tzinfo=UTC)
    waits = select(func.count(func.distinct(Placement.supervisor_id))).join(Entry, Entry.placement_id == Placement.id)
    assert (db.session.scalar(waits.where(Entry.state == N.SUBMITTED, Entry.submitted_at < long_ago)) or 0) >= 3


def test_a_part_of_the_logbooks_is_graded() -> None:
    graded = of(THIS_YEAR, func.count(LogbookGrade.id)).join(LogbookGrade, LogbookGrade.placement_id == Placement.id)
    assert 40 <= (db.session.scalar(graded) or 0) <= 80


def test_a_supervisor_can_confirm_by_the_link_of_this_weeks_mail(story: Flask) -> None:
    has_hours_to_confirm = (
        select(Entry.id)
        .join(Entry.placement)
        .where(Placement.supervisor_id == Message.recipient_id, Entry.state == N.SUBMITTED)
    )
    asks = db.session.scalars(
        select(KeptMail.text)
        .join(Message, Message.id == KeptMail.message_id)
        .where(KeptMail.text.contains("/confirm/"), Message.sent_at >= datetime(2027, 2, 15, tzinfo=UTC))
        .where(has_hours_to_confirm.exists())
        .order_by(KeptMail.id)
    ).all()
    assert len(asks) >= 10
    token = re.search(r"/confirm/([\w.-]+)", asks[0])
    assert token
    db.session.rollback()
    client = story.test_client()
    assert isinstance(client, PageClient)
    button = client.page(f"/confirm/{token[1]}").form().button()
    assert button and button.text.startswith("Confirm ")


def test_a_worry_about_hours_came_to_its_outcome() -> None:
    concern = db.session.scalars(select(Concern)).one()
    assert (concern.state, concern.readers, concern.owner_id) == ("resolved", "team", concern.placement.tutor_id)
    assert concern.owned_at <= concern.own_by_at
    assert concern.acted_at <= concern.act_by_at


def test_mail_came_back_from_a_contact_was_refused_once_and_is_said_in_a_runs_own_way() -> None:
    failed = db.session.scalars(select(Message).where(Message.state == MessageState.FAILED)).all()
    problems = sorted({(each.problem or "").partition(":")[0] for each in failed})
    assert [each for each in problems if each != "AddressComesBack"] == ["CameBack", "SMTPDataError"]
    back = db.session.scalars(select(MailReturn)).one()
    assert (back.kind, back.status, back.settled_at) == (ReturnKind.BOUNCED, "5.1.1", None)
    ways = db.session.execute(select(OwnNotice.notice, OwnNotice.is_off).order_by(OwnNotice.id)).all()
    assert ways == [("logbook.silent", False), ("reading.ungraded", True)]
    assert db.session.scalars(select(KeptMail).where(KeptMail.text.contains("two lines are enough for now"))).first()
    assert db.session.scalars(select(Mute.notice)).all() == ["offers.student_accepted"]

"""The words that offers send, and when reminders fall due."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from placements.offers import notices
from placements.offers.models import Clearing, Offer
from placements.offers.workflow import OfferState
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW, in_days
from tests.golden import check_golden
from tests.golden import said as mail_of

STAFF = "offers.student_unanswered"


@pytest.fixture
def offer(session: Any) -> Offer:
    tutor = make.person(given_name="Tom", family_name="Tutor", email="tom@example.org")
    student = make.person(given_name="Ada", family_name="Okoro", email="ada@example.org")
    organisation = make.organisation(name="The food bank")
    supervisor = make.person(given_name="Sue", family_name="Supervisor", email="sue@example.org")
    challenge = make.challenge(organisation, title="Count the stock", supervisor=supervisor)
    made = make.offer(make.enrolment(make.group(tutor=tutor), student), challenge, public_id="offer-public")
    made.answered_at = NOW
    return made


@pytest.fixture
def row(offer: Offer) -> Clearing:
    return make.clearing(offer.enrolment, offer.enrolment.group.tutor)


def said(notice: Notice, about: Any, to: Person, now: datetime = NOW) -> str | None:
    """The mail that the notice makes for that person, subject first; None where it is not true."""
    return mail_of(notice, about.id, to, now)


FOR_THE_STUDENT = {
    notices.MADE: OfferState.MADE,
    notices.PLACE_FREE: OfferState.MADE,
    notices.UNANSWERED: OfferState.MADE,
    notices.ACCEPTED: OfferState.ACCEPTED,
    notices.LAPSED: OfferState.EXPIRED,
    notices.WITHDRAWN: OfferState.WITHDRAWN,
}


@pytest.mark.parametrize("notice", FOR_THE_STUDENT, ids=lambda notice: notice.name)
def test_what_the_student_reads(offer: Offer, row: Clearing, notice: Notice) -> None:
    offer.state = FOR_THE_STUDENT[notice]
    text = said(notice, offer, offer.enrolment.person)
    assert text is not None
    check_golden(notice.name.replace(".", "/"), text)


@pytest.mark.parametrize("notice", FOR_THE_STUDENT, ids=lambda notice: notice.name)
@pytest.mark.parametrize("state", OfferState)
def test_what_is_no_longer_true_is_not_said(offer: Offer, notice: Notice, state: OfferState) -> None:
    offer.state = state
    assert (said(notice, offer, offer.enrolment.person) is None) == (state is not FOR_THE_STUDENT[notice])


def test_an_offer_past_its_deadline_is_not_put_to_anybody(offer: Offer) -> None:
    assert said(notices.MADE, offer, offer.enrolment.person, offer.deadline_at) is None


def test_what_the_tutor_and_the_supervisor_read(offer: Offer) -> None:
    offer.state = OfferState.ACCEPTED
    tutor = offer.enrolment.group.tutor
    assert tutor is not None
    check_golden("offers/student_accepted", said(notices.STUDENT_ACCEPTED, offer, tutor) or "")
    supervisor = offer.challenge.supervisor
    check_golden("offers/student_is_coming", said(notices.STUDENT_IS_COMING, offer, supervisor) or "")
    offer.state = OfferState.MADE
    check_golden("offers/student_unanswered", said(notices.STUDENT_UNANSWERED, offer, tutor) or "")
    assert said(notices.STUDENT_UNANSWERED, offer, tutor, offer.deadline_at) is None
    offer.state = OfferState.EXPIRED
    check_golden("offers/student_lapsed", said(notices.STUDENT_LAPSED, offer, tutor) or "")


def test_who_did_not_answer_is_told_that_the_place_has_gone(offer: Offer, row: Clearing) -> None:
    offer.state, tutor = OfferState.EXPIRED, offer.enrolment.group.tutor
    assert tutor is not None
    make.offer(to=offer.challenge, made_at=offer.deadline_at)
    check_golden("offers/lapsed_and_gone", said(notices.LAPSED, offer, offer.enrolment.person) or "")
    check_golden("offers/student_lapsed_and_gone", said(notices.STUDENT_LAPSED, offer, tutor) or "")


def test_what_those_without_a_place_and_their_owners_read(row: Clearing) -> None:
    student = row.enrolment.person
    check_golden("offers/no_place_yet", said(notices.NO_PLACE_YET, row, student) or "")
    check_golden("offers/your_clearing_list", said(notices.YOUR_CLEARING_LIST, row.owner, row.owner) or "")
    row.closed_at = NOW
    assert said(notices.NO_PLACE_YET, row, student) is None
    assert said(notices.YOUR_CLEARING_LIST, row.owner, row.owner) is None


# Reminders


def reminded(now: datetime) -> list[datetime]:
    """When the reminders queued by `now` were due."""
    remind(now)
    rows = select(Notification.due_at).where(Notification.notice == "offers.unanswered").order_by(Notification.due_at)
    return list(db.session.scalars(rows))


def test_an_unanswered_offer_is_called_to_mind_three_days_and_one_day_before(offer: Offer) -> None:
    three, one = in_days(offer.deadline_at, -3), in_days(offer.deadline_at, -1)
    assert reminded(three - timedelta(seconds=1)) == []
    assert reminded(three) == [three]
    assert reminded(three + timedelta(hours=5)) == [three]  # once only
    assert reminded(one) == [three, one]


def test_of_two_steps_that_a_worker_slept_over_only_the_later_is_said(offer: Offer) -> None:
    assert reminded(offer.deadline_at - timedelta(hours=1)) == [in_days(offer.deadline_at, -1)]


@pytest.mark.parametrize(
    ("steps", "days", "told"),
    [((-5, -4), 4, [4]), ((-5,), 4, [5]), ((-20,), 10, []), ((0, 2), 0, []), ((0, 2), -3, [])],
)
def test_a_run_may_call_to_mind_on_days_of_its_own_never_before_it_is_offered_or_when_it_has_run_out(
    offer: Offer, steps: tuple[int, ...], days: int, told: list[int]
) -> None:
    offer.deadline_at = offer.made_at + 10 * DAY
    [timed] = [each for each in notices.REMINDERS if each.notice is notices.UNANSWERED]
    db.session.flush()
    rows = db.session.execute(timed.due(in_days(offer.deadline_at, -days), steps)).all()
    run_id, deadline_at = offer.enrolment.run_id, offer.deadline_at
    expected = [in_days(deadline_at, -day) for day in told]
    assert [tuple(row) for row in rows] == [
        (offer.id, offer.enrolment.person_id, at, run_id, deadline_at) for at in expected
    ]


def staff_reminded(now: datetime) -> list[tuple[int, datetime]]:
    """Which members of staff are told by `now`, and when it was due."""
    remind(now)
    rows = select(Notification.recipient_id, Notification.due_at).order_by(Notification.recipient_id)
    return [(each, at) for each, at in db.session.execute(rows.where(Notification.notice == STAFF))]


def test_the_tutor_is_told_two_days_before_an_offer_runs_out_once(offer: Offer) -> None:
    two, tutor = in_days(offer.deadline_at, -2), offer.enrolment.group.tutor_id
    make.run_role(RunRole.LEADER, make.person(), offer.enrolment.run)
    assert staff_reminded(two - timedelta(seconds=1)) == []
    assert staff_reminded(two) == [(tutor, two)]
    assert staff_reminded(offer.deadline_at - timedelta(hours=1)) == [(tutor, two)]


def test_where_the_group_has_no_tutor_the_leaders_of_the_run_are_told(offer: Offer) -> None:
    two, run = in_days(offer.deadline_at, -2), offer.enrolment.run
    offer.enrolment.group.tutor = None
    db.session.flush()
    assert staff_reminded(two) == []
    lea, bo = (make.run_role(RunRole.LEADER, make.person(), run).person_id for _ in range(2))
    make.run_role(RunRole.MODERATOR, make.person(), run)
    make.run_role(RunRole.LEADER, make.person(), make.run())
    assert staff_reminded(two) == [(lea, two), (bo, two)]


@pytest.mark.parametrize(("made", "told"), [(timedelta(days=2), 1), (timedelta(days=1, hours=23), 0)])
def test_of_what_was_offered_later_than_that_no_tutor_is_told(offer: Offer, made: timedelta, told: int) -> None:
    offer.made_at = in_days(offer.deadline_at, -2) + (timedelta(days=2) - made)
    assert len(staff_reminded(in_days(offer.deadline_at, -1))) == told


def test_what_was_offered_later_than_a_reminder_is_not_called_to_mind_by_it(offer: Offer) -> None:
    offer.made_at = in_days(offer.deadline_at, -2)
    assert reminded(in_days(offer.deadline_at, -1)) == [in_days(offer.deadline_at, -1)]


@pytest.mark.parametrize("state", [state for state in OfferState if state is not OfferState.MADE])
def test_nobody_is_reminded_of_what_is_settled(offer: Offer, state: OfferState) -> None:
    offer.state = state
    assert reminded(in_days(offer.deadline_at, -1)) == []


def test_an_offer_opened_again_is_called_to_mind_again(offer: Offer) -> None:
    reminded(in_days(offer.deadline_at, -1))
    offer.deadline_at += 7 * DAY
    assert len(reminded(in_days(offer.deadline_at, -1))) == 2

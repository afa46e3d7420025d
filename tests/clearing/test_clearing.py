"""Another owner or date for a student on the clearing list, and something agreed in place of a placement."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.clearing import actions
from placements.cohorts.models import RunRole
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from tests import factories as make
from tests.factories import NOW


@pytest.fixture
def leader(session: Any) -> Principal:
    return Principal(make.person().id)


def told() -> list[tuple[str, int]]:
    rows = db.session.execute(select(Notification.notice, Notification.recipient_id).order_by(Notification.id))
    return [(notice, recipient) for notice, recipient in rows]


def test_another_owner_is_told_and_another_date_is_kept(leader: Principal) -> None:
    run, lea = make.run(), make.person()
    make.run_role(RunRole.LEADER, lea, run)
    row = make.clearing(make.enrolment(make.group(run)))
    actions.reassign(row, lea.id, date(2026, 11, 6), actor=leader, now=NOW)
    assert (row.owner_id, row.by_on) == (lea.id, date(2026, 11, 6))
    assert told() == [("offers.your_clearing_list", lea.id)]


def test_an_owner_from_outside_or_a_date_that_is_past_is_refused(leader: Principal) -> None:
    tutor = make.person()
    row = make.clearing(make.enrolment(make.group(tutor=tutor)))
    with pytest.raises(Refused, match="tutor or a module leader"):
        actions.reassign(row, make.person().id, date(2026, 11, 6), actor=leader, now=NOW)
    with pytest.raises(Refused, match="still to come"):
        actions.reassign(row, tutor.id, date(2026, 10, 19), actor=leader, now=NOW)
    with pytest.raises(Refused, match="By Fri 27 Nov 2026 everybody has a place or an alternative"):
        actions.reassign(row, tutor.id, date(2026, 11, 28), actor=leader, now=NOW)
    row.enrolment.run.placed_by_on = date(2026, 10, 19)  # over: any date will do
    actions.reassign(row, tutor.id, date(2026, 11, 28), actor=leader, now=NOW)
    assert row.by_on == date(2026, 11, 28)


def test_an_alternative_ends_the_search_and_the_student_is_told(leader: Principal) -> None:
    row = make.clearing(make.enrolment(state=EnrolmentState.SEEKING))
    actions.give_alternative(row, "A project with the tutor.", actor=leader, now=NOW)
    assert (row.outcome, row.closed_at) == ("A project with the tutor.", NOW)
    assert row.enrolment.state is EnrolmentState.NOT_PLACED
    assert told() == [("clearing.alternative", row.enrolment.person_id)]


def test_no_alternative_while_an_offer_is_open(leader: Principal) -> None:
    row = make.clearing()
    make.offer(row.enrolment)
    with pytest.raises(Refused, match="an offer open until Mon 26 Oct 2026, 8am"):
        actions.give_alternative(row, "A project with the tutor.", actor=leader, now=NOW)

"""Completing a placement: by the tutor once enough hours are confirmed, and by itself after the last day."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.workflow import EnrolmentState
from placements.confirming.completing import complete, complete_due
from placements.confirming.rules import too_few_hours
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.logbook.cast import Cast, cast, committed

P = PlacementState
LAST_DAY = date(2026, 10, 19)  # the day before NOW


def with_hours(hours: int, logged: EntryState = EntryState.CONFIRMED, **said: Any) -> Cast:
    """A placement with visits of five hours on as many days as it takes, from Monday 5 October on."""
    made = cast(**{"ends_on": LAST_DAY, **said})
    for day in range(hours // 5):
        on = date(2026, 10, 5) + timedelta(days=day)
        times = {"starts": time(9), "ends": time(14), "break_minutes": 0}
        make.entry(made.placement, state=logged, on=on, **times)
    return made


@pytest.mark.pure
@pytest.mark.parametrize(
    ("confirmed", "least", "sentence"),
    [
        (2400, 2400, None),
        (2399, 2400, "1 min more must be confirmed before this placement can be completed."),
        (210, 2400, "36 h 30 min more must be confirmed before this placement can be completed."),
    ],
)
def test_how_many_hours_are_too_few(confirmed: int, least: int, sentence: str | None) -> None:
    assert too_few_hours(confirmed, least) == sentence


@pytest.mark.parametrize(("hours", "is_completed"), [(45, True), (40, False)])
def test_after_its_last_day_it_is_completed_where_the_target_is_reached(
    session: Any, hours: int, is_completed: bool
) -> None:
    made = with_hours(hours)
    assert complete_due(NOW) == int(is_completed)
    assert (made.placement.state is P.COMPLETED) == is_completed
    assert (made.placement.enrolment.state is EnrolmentState.COMPLETED) == is_completed
    by_nobody = select(History).where(History.verb == "completed", History.actor_id.is_(None))
    assert len(session.scalars(by_nobody).all()) == 2 * is_completed  # placement and enrolment
    assert complete_due(NOW) == 0


@pytest.mark.parametrize("said", [{"ends_on": date(2026, 10, 20)}, {"state": P.PAUSED}, {"is_agreed": False}])
def test_it_goes_on_until_its_last_day_is_over_while_it_rests_and_for_hours_that_do_not_count(
    session: Any, said: dict[str, Any]
) -> None:
    made = with_hours(50, **said)
    before = made.placement.state
    assert complete_due(NOW) == 0
    assert made.placement.state is before


def test_what_only_waits_does_not_complete_it(session: Any) -> None:
    with_hours(50, EntryState.SUBMITTED)
    assert complete_due(NOW) == 0


def test_the_tutor_completes_from_the_minimum_on(session: Any) -> None:
    made = with_hours(35)
    tutor = Principal(made.tutor.person_id)
    with pytest.raises(Refused, match="5 h more must be confirmed"):
        complete(made.placement, actor=tutor, now=NOW)
    times = {"starts": time(9), "ends": time(14), "break_minutes": 0}
    make.entry(made.placement, state=EntryState.VERIFIED, on=LAST_DAY, **times)
    complete(made.placement, actor=tutor, now=NOW)
    complete(made.placement, actor=tutor, now=NOW)  # a second click is already done
    assert made.placement.state is P.COMPLETED


def in_a_browser(database: Flask, hours: int) -> Cast:
    with database.app_context():
        return committed(with_hours(hours, ends_on=date(2027, 4, 30)))


def test_the_page_shows_the_hours_and_completes(database: Flask, client: PageClient) -> None:
    made = in_a_browser(database, 45)
    client.sign_in_as(made.tutor)
    there = f"/placements/{made.placement.public_id}"
    address = f"{there}/complete"
    assert address in [link.href for link in client.page(there).links]
    page = client.page(address)
    assert page.h1 == "Complete this placement?"
    assert "45 hours of Amina Rahman are confirmed; the target is 45 hours." in page.text
    page = client.submit(page.form(address))
    assert "The placement is completed, and everybody concerned has been told." in page.text
    with database.app_context():
        found = db.session.get_one(Placement, made.placement.id)
        assert (found.state, found.ended_on) == (P.COMPLETED, date(2026, 10, 20))


def test_with_too_few_hours_the_page_says_what_is_missing(database: Flask, client: PageClient) -> None:
    made = in_a_browser(database, 30)
    client.sign_in_as(made.tutor)
    there = f"/placements/{made.placement.public_id}"
    assert f"{there}/complete" not in [link.href for link in client.page(there).links]
    page = client.page(f"{there}/complete")
    assert "Not yet: 10 h more must be confirmed before this placement can be completed." in page.text
    assert [form.action for form in page.forms] == ["/sign-out"]

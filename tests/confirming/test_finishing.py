"""At the target: both sides are asked, each answers by one press, and what follows is what both were told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.confirming import actions as confirming
from placements.confirming import notices
from placements.confirming.finishing import choose, finish_due
from placements.confirming.models import HoursTarget
from placements.confirming.rules import Choice, Outcome
from placements.core.errors import NotAllowed, Refused
from placements.db import db
from placements.links.actions import token
from placements.links.models import Link
from placements.logbook import actions as logbook
from placements.logbook.models import Entry, How
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.logbook.cast import Cast, cast, committed, known
from tests.logbook.mails import check, named_cast

FIVE = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)  # that Tuesday, in summer time
NEXT_TUESDAY = datetime(2026, 10, 27, 0, 0, tzinfo=UTC)  # five working days on
FINISH, GO_ON = Choice.FINISH, Choice.GO_ON


def at_target(people: Cast) -> Cast:
    """All but the last three and a half of 45 hours and a half are confirmed; then those too, by the supervisor."""
    people.placement.state = PlacementState.ACTIVE
    for day in range(12):
        made = make.entry(people.placement, on=date(2026, 10, 5) + timedelta(days=day), state=EntryState.CONFIRMED)
    last = make.entry(people.placement, on=date(2026, 10, 18))
    assert db.session.scalars(select(HoursTarget)).all() == []
    assert made.state is EntryState.CONFIRMED
    confirming.answer({last.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    return people


def says(people: Cast, side: str, choice: Choice, now: datetime = NOW) -> Outcome:
    return choose(people.placement, choice, how=How.ACCOUNT, actor=known(people)[side], now=now)


def told() -> list[tuple[int, datetime]]:
    found = select(Notification).where(Notification.notice == "confirming.target_reached").order_by(Notification.id)
    return [(each.recipient_id, each.due_at) for each in db.session.scalars(found)]


def test_both_are_asked_once_when_the_last_of_the_hours_is_confirmed(session: Any) -> None:
    people = at_target(cast())
    target = session.scalars(select(HoursTarget)).one()
    assert (target.placement_id, target.reached_at) == (people.placement.id, NOW)
    both = {people.student.person_id, people.supervisor.person_id}
    assert {who for who, _ in told()} == both
    assert {at for _, at in told()} == {FIVE}
    more = make.entry(people.placement, on=date(2026, 10, 19))
    confirming.answer({more.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW + DAY)
    assert len(told()) == 2


def test_what_both_say_decides(session: Any) -> None:
    people = at_target(cast())
    assert says(people, "student", GO_ON) is Outcome.OPEN
    assert says(people, "supervisor", FINISH) is Outcome.DISAGREED
    assert people.placement.state is PlacementState.ACTIVE
    assert says(people, "supervisor", GO_ON) is Outcome.GOES_ON
    assert says(people, "student", FINISH) is Outcome.DISAGREED
    assert says(people, "supervisor", FINISH) is Outcome.COMPLETE
    assert people.placement.state is PlacementState.COMPLETED
    assert says(people, "supervisor", FINISH) is Outcome.COMPLETE


def test_one_who_wants_to_finish_waits_five_working_days_for_the_other(session: Any) -> None:
    people = at_target(cast())
    says(people, "supervisor", FINISH)
    assert finish_due(NEXT_TUESDAY - timedelta(seconds=1)) == 0
    assert finish_due(NEXT_TUESDAY) == 1
    assert people.placement.state is PlacementState.COMPLETED
    assert finish_due(NEXT_TUESDAY) == 0


@pytest.mark.parametrize("others", [GO_ON, None])
def test_nothing_is_finished_against_the_other_or_where_nobody_asked_for_it(
    session: Any, others: Choice | None
) -> None:
    people = at_target(cast())
    if others:
        says(people, "student", others)
        says(people, "supervisor", FINISH)
    assert finish_due(NEXT_TUESDAY + 30 * DAY) == 0


def test_hours_that_fell_under_the_minimum_are_not_finished(session: Any) -> None:
    people = at_target(cast())
    says(people, "student", FINISH)
    for each in session.scalars(select(Entry).order_by(Entry.id)).all()[:2]:
        words = {"mode": each.mode, "activity": "Counted it again."}
        logbook.edit(each, each.visit, **words, actor=known(people)["student"], now=NOW)
    session.flush()
    assert finish_due(NEXT_TUESDAY) == 0
    with pytest.raises(Refused, match="more must be confirmed"):
        says(people, "supervisor", FINISH)


def test_only_the_two_sides_say_so_and_only_at_the_target(session: Any) -> None:
    people = cast()
    with pytest.raises(Refused, match="once the target is confirmed"):
        says(people, "student", FINISH)
    at_target(people)
    with pytest.raises(NotAllowed):
        says(people, "tutor", FINISH)


def test_what_they_read(session: Any) -> None:
    people = at_target(named_cast())
    check(notices.TARGET_REACHED, people.placement, people.student.person, name="confirming/target_reached")
    link = session.scalars(select(Link).where(Link.purpose == notices.FINISH_BY_LINK)).one()
    context = notices.TARGET_REACHED.context(people.placement.id, people.supervisor.person, NOW)
    assert context is not None
    assert context["address"].endswith(f"/finish/{token(link)}")


def test_each_answers_by_one_press(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = committed(at_target(cast()))
        link = db.session.scalars(select(Link).where(Link.purpose == notices.FINISH_BY_LINK)).one()
        url = f"/finish/{token(link)}"
    page = client.page(url)
    assert page.h1 == "Finish, or go on?"
    assert "Amina Rahman: no answer yet" in page.text
    assert "Your answer is kept. The other side is asked too." in client.submit(page.form("Finish")).text
    client.sign_in_as(people.student)
    page = client.page(client.page(f"/placements/{people.placement.public_id}").link("Answer"))
    assert "Sam Super: wants to finish" in page.text
    assert (
        "The placement is completed, and everybody concerned has been told." in client.submit(page.form("Finish")).text
    )
    with seeding(database):
        assert db.session.get_one(Placement, people.placement.id).state is PlacementState.COMPLETED
    assert "The placement is completed. Thank you." in client.page(url).text


def test_a_link_that_has_run_out_says_who_helps(database: Flask, client: PageClient, clock: Any) -> None:
    with database.app_context():
        committed(at_target(cast()))
        link = db.session.scalars(select(Link).where(Link.purpose == notices.FINISH_BY_LINK)).one()
        url = f"/finish/{token(link)}"
    form = client.page(url).form("Finish")
    clock.now = NOW + 60 * DAY
    assert "This link no longer works." in client.submit(form).text
    with seeding(database):
        assert db.session.scalars(select(HoursTarget.supervisor_choice)).one() is None

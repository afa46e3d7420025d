"""Moving to another organisation: both placements, the places, the hours, who is told, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import today
from placements.core.errors import Refused
from placements.db import db
from placements.history.models import SensitiveRead
from placements.logbook.hours import hours_of
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.offers.models import Clearing
from placements.offers.queries import taken
from placements.partners.models import InterestKind
from placements.placing import notices
from placements.placing.models import EndedBy, Placement
from placements.placing.moving import move
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.golden import check_golden
from tests.golden import said as mail_of
from tests.placing.scene import Scene, scene_in

P = PlacementState
ACTIVE = {"state": P.ACTIVE, "starts_on": date(2026, 10, 5), "agreed_at": NOW - 15 * DAY}
YESTERDAY = today(NOW) - timedelta(days=1)


def elsewhere(made: Scene, **said: Any) -> Challenge:
    """One place at the library, which Lib supervises."""
    organisation = make.organisation(name="The library")
    lib = make.account(make.person(given_name="Lib", family_name="Rary", email="lib@example.org"))
    made.lib = lib  # type: ignore[attr-defined]
    found = make.challenge(organisation, supervisor=lib.person, title="Read aloud", places_max=1, **said)
    made.elsewhere = found  # type: ignore[attr-defined]
    return found


def moved(made: Scene, app: Flask, to: Challenge, last_on: date = YESTERDAY) -> Placement | None:
    reason = "The hall has closed."
    actor = made.who(app, "leader")
    return move(made.placement, to, EndedBy.ORGANISATION, reason, last_on, actor=actor, now=NOW)


def test_the_old_ends_the_new_begins_and_everybody_is_told_their_part(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    new = moved(made, app, elsewhere(made))
    old = made.placement
    assert (old.state, old.ended_on, old.ended_by) == (P.TRANSFERRED, YESTERDAY, EndedBy.ORGANISATION)
    assert new is not None
    assert (new.state, new.challenge.title, new.tutor) == (P.PREPARING, "Read aloud", made.tutor.person)
    assert made.enrolment.state is EnrolmentState.PLACED
    assert session.scalar(select(func.count(Clearing.id))) == 0
    counted = taken("2026/27").by_challenge
    assert (counted[old.challenge_id], counted[new.challenge_id]) == (0, 1)
    assert made.told("placing.moved") == {"student", "tutor"}
    assert made.told("placing.ended") == {"supervisor"}
    assert made.told("offers.student_is_coming") == {"lib"}
    assert made.told("offers.student_accepted") == set()
    assert made.told("offers.your_clearing_list") == set()


def test_confirmed_hours_stay_with_the_student(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    make.entry(made.placement, state=EntryState.CONFIRMED)
    before = hours_of([made.placement.id])[made.placement.id].confirmed
    new = moved(made, app, elsewhere(made))
    assert new is not None
    assert before > 0
    assert hours_of([made.placement.id, new.id])[new.id].confirmed == before


def test_before_its_first_day_it_is_moved_too(app: Flask, session: Any) -> None:
    made = Scene()
    new = moved(made, app, elsewhere(made))
    assert (made.placement.state, made.placement.ended_on) == (P.TRANSFERRED, today(NOW))
    assert new is not None
    assert made.told("placing.called_off") == {"supervisor"}


def test_twice_is_once(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    there = elsewhere(made)
    assert moved(made, app, there) is not None
    assert moved(made, app, there) is None
    assert session.scalar(select(func.count(Placement.id))) == 2


def test_a_move_that_cannot_be_is_refused_and_changes_nothing(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    there = elsewhere(made)
    with pytest.raises(Refused):
        moved(made, app, there, last_on=today(NOW) + timedelta(days=400))
    with pytest.raises(Refused, match="not free"):
        moved(made, app, made.challenge)
    interest = make.interest(there.organisation, made.leader.person, InterestKind.TRUSTEE)
    with pytest.raises(Refused, match="not free"):
        moved(made, app, there)
    interest.ended_at = NOW
    make.placement(make.enrolment(made.group), there)
    with pytest.raises(Refused, match="not free"):
        moved(made, app, there)
    assert made.placement.state is P.ACTIVE
    assert session.scalar(select(func.count(Notification.id))) == 0


def test_a_sponsored_student_does_not_move_unapproved(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    sponsored(made)
    with pytest.raises(Refused, match="visa officer"):
        moved(made, app, elsewhere(made))
    assert made.placement.state is P.ACTIVE


def test_of_a_sponsored_student_the_page_says_who_is_asked_first_and_that_it_was_read_is_kept(
    database: Flask, client: PageClient
) -> None:
    made = scene_in(database, elsewhere, sponsored, **ACTIVE)
    client.sign_in_as(made.leader)
    page = client.page(f"{made.url}/move")
    assert "the visa officer has to approve" in page.text
    with database.app_context():
        assert db.session.scalar(select(SensitiveRead.field)) == "is_visa_sponsored"


def sponsored(made: Scene) -> None:
    made.enrolment.is_visa_sponsored = True


def test_the_leader_moves_a_student_from_the_placements_page(database: Flask, client: PageClient) -> None:
    made = scene_in(database, elsewhere, **ACTIVE)
    client.sign_in_as(made.leader)
    form = client.page(client.page(made.url).link("Move to another organisation")).form("Move Ada")
    page = client.submit(
        form,
        challenge=made.elsewhere.public_id,
        by="organisation",
        reason="It has closed.",
        last_on=["19", "10", "2026"],
    )
    assert "The student is placed here now" in page.text
    assert "The library" in page.text


def test_what_each_reads(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    new = moved(made, app, elsewhere(made))
    assert new is not None
    new.public_id = "placement-pu"
    check_golden("placing/moved", mail_of(notices.MOVED, new.id, made.student.person) or "")
    check_golden("placing/moved-tutor", mail_of(notices.MOVED, new.id, made.tutor.person) or "")

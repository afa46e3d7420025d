"""Approval ends by itself: the brief leaves students and allocation, each party hears once, renewal brings it all back."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements import worker
from placements.accounts.models import Account, GlobalRole
from placements.challenges.models import Challenge, ChallengeSite
from placements.challenges.workflow import ChallengeState
from placements.core.clock import today
from placements.db import db
from placements.history.models import History
from placements.links.models import Link
from placements.mail.models import KeptMail
from placements.partners.models import Site
from placements.partners.queries import keepers
from placements.rounds.entrants import field_of
from placements.rounds.models import Round
from placements.vetting.models import Check
from placements.vetting.rules import CheckKind
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.vetting.scene import Scene, build, check, mails, organisation

LAST = date(2026, 12, 10)  # of every check
TITLE = "Make our stock list one that a volunteer can keep"


@dataclass
class Story:
    """A published brief of an approved organisation, a student who could choose it, a round that could give it."""

    scene: Scene
    student: Account
    round_id: int


def _story(**said: Any) -> Story:
    found: dict[str, Any] = {}

    def add(scene: Scene) -> None:
        run = make.run(ranking_closes_at=NOW + 300 * DAY)
        student = scene.accounts["student"] = make.account()
        enrolment = make.enrolment(make.group(run), student.person)
        place = db.session.get_one(Site, scene.site.id)
        place.cleared_until = LAST
        brief = make.challenge(scene.organisation, title=TITLE, site=place)
        make.application(enrolment, [brief])
        found["round_id"] = make.allocation_round(run).id
        make.five_checks(scene.organisation, valid_until=LAST, verified_at=NOW - 200 * DAY)
        make.check(
            scene.organisation,
            CheckKind.HEALTH_AND_SAFETY,
            place,
            valid_until=LAST,
            verified_at=NOW - 200 * DAY,
        )
        scene.organisation.owner = scene.accounts["officer"].person if said.get("has_owner", True) else None

    scene = build(add, state="approved", approved_until=LAST)
    return Story(scene, scene.accounts["student"], found["round_id"])


def tick(app: Flask, now: datetime, times: int = 1) -> None:
    """The worker's minute, and the mail that goes out in it."""
    with (
        app.app_context(),
        patch.object(worker, "story_now", lambda: now),
        patch.object(worker, "is_demonstration", lambda: True),
    ):
        for _ in range(times):
            worker.let_time_pass()
            worker.remind_people()
            worker.deliver_mail()


def is_chosen_from(app: Flask, client: PageClient, story: Story, now: datetime) -> tuple[bool, bool]:
    """Whether the student finds the brief, and whether the round could give it out."""
    client.sign_in_as(story.student)
    is_found = TITLE in client.page("/find").text
    with app.app_context():
        field = field_of(db.session.get_one(Round, story.round_id), now)
        titles = db.session.scalars(select(Challenge.title).where(Challenge.id.in_(_challenges(field)))).all()
    return is_found, TITLE in titles


def _challenges(field: Any) -> list[int]:
    return [each.id for each in field.challenges]


def test_an_expired_approval_hides_its_brief_tells_each_party_once_and_renewal_brings_it_back(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    with database.app_context():
        story = _story()
        happened = db.session.scalar(select(func.count(History.id)))
    contact, officer = (story.scene.accounts[name].person.email for name in ("contact", "officer"))
    clock.now = datetime.combine(LAST, NOW.timetz())
    assert is_chosen_from(database, client, story, clock.now) == (True, True)

    clock.now += DAY
    assert is_chosen_from(database, client, story, clock.now) == (False, False)
    tick(database, clock.now + timedelta(hours=2), times=5)
    for later in range(1, 20):
        tick(database, clock.now + later * DAY)
    with database.app_context():
        said = {mail.to: mail.text for mail in db.session.scalars(select(KeptMail))}
        assert sorted(to for to, _ in mails()) == sorted([contact, officer])
        assert all("The approval of Holloway Larder ended on Thu 10 Dec 2026." in text for text in said.values())
        text = said[contact]
        address = re.search(r"See your answers and renew them: \S+?(/still-true/\S+)", text)
        assert address is not None
        kept = db.session.scalars(select(Challenge).where(Challenge.title == TITLE)).one()
        assert kept.state is ChallengeState.PUBLISHED  # nothing was reset, so nothing need be set again

    client.sign_out()
    page = client.page(address[1])
    assert page.h1 == "Is this still true?"
    page = client.submit(page.form("It is all still true"))
    assert "Thank you. What can be renewed is renewed." in page.text
    assert "Holloway Larder is approved until Sat 11 Dec 2027." in page.text
    assert is_chosen_from(database, client, story, clock.now) == (True, True)
    with database.app_context():
        assert organisation().approved_until == date(2027, 12, 11)
        assert db.session.get_one(Site, story.scene.site.id).cleared_until == date(2027, 12, 11)
        rows = db.session.scalars(select(History).order_by(History.id)).all()
        assert [row.verb for row in rows[happened or 0 :]] == ["said to be still true"] * 6
        assert {row.actor_id for row in rows[-6:]} == {story.scene.accounts["contact"].person_id}


def test_each_party_is_warned_a_month_and_a_week_before_with_a_link_that_works(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    with database.app_context():
        story = _story()
    contact, officer = (story.scene.accounts[name].person.email for name in ("contact", "officer"))
    for days in range(40, -1, -1):
        tick(database, datetime.combine(LAST, NOW.timetz()) - days * DAY + timedelta(hours=3))
    with database.app_context():
        found = [(mail.at.date(), mail.to) for mail in db.session.scalars(select(KeptMail).order_by(KeptMail.id))]
        warned = [date(2026, 11, 10), date(2026, 12, 3)]
        assert sorted(found) == sorted((day, to) for day in warned for to in (contact, officer))
        assert db.session.scalar(select(func.count(Link.id))) == 1


def test_without_an_owner_the_engagement_team_hears_of_it(database: Flask) -> None:
    with database.app_context():
        story = _story(has_owner=False)
        second = make.account(None, GlobalRole.ENGAGEMENT).person.email
        make.account(None, GlobalRole.ENGAGEMENT, active=False)
        db.session.commit()
    tick(database, datetime.combine(LAST, NOW.timetz()) + DAY + timedelta(hours=3), times=3)
    with database.app_context():
        contact, officer = (story.scene.accounts[name].person.email for name in ("contact", "officer"))
        assert sorted(to for to, _ in mails()) == sorted([contact, officer, second])


def test_whoever_looked_after_it_and_left_the_team_hears_nothing_and_the_team_does(database: Flask) -> None:
    with database.app_context():
        story = _story()
        left = make.account(make.person(), active=False).person
        organisation().owner = left
        db.session.commit()
        assert list(keepers(organisation())) == [story.scene.accounts["officer"].person_id]
    tick(database, datetime.combine(LAST, NOW.timetz()) + DAY + timedelta(hours=3), times=3)
    with database.app_context():
        contact, officer = (story.scene.accounts[name].person.email for name in ("contact", "officer"))
        assert sorted(to for to, _ in mails()) == sorted([contact, officer])


def test_a_place_alone_runs_out_and_is_named(database: Flask, client: PageClient, clock: Clock) -> None:
    with database.app_context():
        story = _story()
        for kind in CheckKind:
            check(kind).valid_until = LAST + 400 * DAY
        organisation().approved_until = LAST + 400 * DAY
        db.session.commit()
    clock.now = datetime.combine(LAST, NOW.timetz()) + DAY
    assert is_chosen_from(database, client, story, clock.now) == (False, False)
    tick(database, clock.now + timedelta(hours=3), times=3)
    with database.app_context():
        assert {subject for _, subject in mails()} == {"Students cannot see challenges at The larder"}
        assert len(mails()) == 2


def test_a_further_place_that_runs_out_hides_all_of_the_brief_until_it_is_renewed(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    with database.app_context():
        story = _story()
        whole = organisation()
        hall = make.site(whole, name="The hall", cleared_until=LAST)
        make.check(whole, CheckKind.HEALTH_AND_SAFETY, hall, valid_until=LAST, verified_at=NOW - 200 * DAY)
        for each in db.session.scalars(select(Check).where(Check.site_id.is_distinct_from(hall.id))):
            each.valid_until = LAST + 400 * DAY
        whole.approved_until = db.session.get_one(Site, story.scene.site.id).cleared_until = LAST + 400 * DAY
        brief = db.session.scalars(select(Challenge).where(Challenge.title == TITLE)).one()
        brief.further_sites.append(ChallengeSite(site_id=hall.id, supervisor_id=brief.supervisor_id))
        db.session.commit()
    contact, officer = (story.scene.accounts[name].person.email for name in ("contact", "officer"))
    clock.now = datetime.combine(LAST, NOW.timetz())
    assert is_chosen_from(database, client, story, clock.now) == (True, True)
    clock.now += DAY
    assert is_chosen_from(database, client, story, clock.now) == (False, False)
    for later in range(20):
        tick(database, clock.now + timedelta(hours=3) + later * DAY)
    with database.app_context():
        subject = "Students cannot see challenges at The hall"
        assert sorted(mails()) == sorted([(contact, subject), (officer, subject)])
    client.sign_in_as(story.scene.accounts["contact"])
    page = client.page(f"{story.scene.url}/checks")
    client.submit(page.form("Still true? : Health and safety of this place, The hall"))
    assert is_chosen_from(database, client, story, clock.now) == (True, True)


def test_a_check_that_fails_hides_the_brief_at_once_and_passing_it_brings_it_back(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    with database.app_context():
        story = _story()
        address = f"/organisations/checks/{check(CheckKind.SAFEGUARDING).public_id}/verify"
    client.sign_in_as(story.scene.accounts["officer"])
    form = client.page(address).form()
    client.submit(form, finding="failed", words="Name somebody whom students can tell.")
    with database.app_context():
        assert organisation().approved_until == today(clock.now) - DAY
    assert is_chosen_from(database, client, story, clock.now) == (False, False)
    client.sign_in_as(story.scene.accounts["officer"])
    client.submit(client.page(address).form(), finding="passed", words="")
    with database.app_context():
        assert organisation().approved_until == LAST
    assert is_chosen_from(database, client, story, clock.now) == (True, True)


@pytest.mark.parametrize("days", [1, 30])
def test_nobody_is_written_to_about_an_organisation_that_is_not_approved(database: Flask, days: int) -> None:
    with database.app_context():
        _story()
        organisation().state = "paused"  # type: ignore[assignment]
        db.session.commit()
    tick(database, datetime.combine(LAST, NOW.timetz()) + (days - 20) * DAY + timedelta(hours=3), times=2)
    with database.app_context():
        assert mails() == []

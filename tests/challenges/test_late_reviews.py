"""Who reviews when no champion of the area does: another champion of that year, or the engagement team."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.challenges import notices, rules
from placements.challenges.queries import reviewers
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole, Theme
from placements.core.clock import today
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

LATE = datetime(
    2026, 10, 28, 9, 0, tzinfo=UTC
)  # sent on Tuesday the 20th, due on the 27th; 9am in London on the next day
MINUTE = timedelta(minutes=1)


@pytest.mark.pure
def test_the_reviews_that_are_late_on_a_day() -> None:
    for ahead in range(15):
        now = NOW + ahead * DAY
        before = rules.late_before(today(now))
        assert rules.is_review_late(before - MINUTE, now)
        assert not rules.is_review_late(before, now)


@pytest.mark.pure
def test_others_are_asked_on_the_first_working_day_that_it_is_late() -> None:
    assert rules.others_asked_at(NOW) == LATE
    friday = datetime(2026, 10, 16, 8, 0, tzinfo=UTC)  # due on Friday the 23rd
    assert rules.others_asked_at(friday) == datetime(2026, 10, 26, 9, 0, tzinfo=UTC)


def _told(notice: str = "challenges.review_late") -> set[int]:
    rows = db.session.scalars(select(Notification.recipient_id).where(Notification.notice == notice)).all()
    assert len(rows) == len(set(rows))
    return set(rows)


def test_others_without_a_side_are_asked_once_until_somebody_answers(session: Any) -> None:
    run, kept = make.run(), make.organisation(name="Holloway Larder")
    own, tied, works_there = (make.person() for _ in range(3))
    other = make.person(given_name="Zoe", family_name="Adeyemi")
    make.run_role(RunRole.CHAMPION, own, run, Theme.POVERTY)
    for each in (other, tied, works_there):
        make.run_role(RunRole.CHAMPION, each, run, Theme.CRIME)
    make.run_role(RunRole.CHAMPION, make.person(), make.run(academic_year="2025/26"), Theme.CRIME)
    officer, tied_officer = (make.account(None, GlobalRole.ENGAGEMENT) for _ in range(2))
    make.account(None, GlobalRole.ENGAGEMENT, active=False)
    for each in (tied, tied_officer.person):
        make.interest(kept, each)
    make.contact(kept, works_there)
    about = {"state": ChallengeState.SUBMITTED, "published_at": None, "public_id": "challenge-12"}
    sent = make.challenge(kept, title="Cook what comes in", submitted_at=NOW, theme=Theme.POVERTY, **about)
    make.challenge(kept, submitted_at=NOW + DAY, state=ChallengeState.SUBMITTED)
    make.challenge(kept, submitted_at=NOW, state=ChallengeState.APPROVED)
    remind(LATE - MINUTE)
    assert _told() == set()
    for ahead in range(3):
        remind(LATE + ahead * MINUTE)
    assert _told() == {other.id, officer.person_id}
    check_golden("challenges/review_late", said(notices.REVIEW_LATE, sent.id, other, LATE) or "")
    sent.state = ChallengeState.APPROVED
    assert said(notices.REVIEW_LATE, sent.id, other, LATE) is None


def _champion(app: Flask, theme: Theme, **said: Any) -> Account:
    with seeding(app):
        account = make.account()
        make.run_role(RunRole.CHAMPION, account.person, make.run(**said), theme)
        return account


@pytest.fixture
def url(database: Flask, stage: Stage) -> str:
    """The address of a challenge that was sent for review just now."""
    with database.app_context():
        about = {"theme": Theme.POVERTY, "submitted_at": NOW, "published_at": None}
        made = make.challenge(organisation(), state=ChallengeState.SUBMITTED, **about)
        db.session.commit()
        return f"/challenges/{made.public_id}"


def test_another_champion_of_that_year_takes_a_late_review_over(
    database: Flask, client: PageClient, stage: Stage, url: str, clock: Clock
) -> None:
    other, of_last_year = _champion(database, Theme.CRIME), _champion(database, Theme.CRIME, academic_year="2025/26")
    client.sign_in_as(other)
    assert client.get(url).status_code == 404
    assert "for your review" not in client.page("/home").text
    clock.now = LATE
    assert "1 brief waits for your review by Tue 27 Oct 2026, 5pm" in client.page("/home").text
    assert "It waits for your review." in client.page(url).text
    assert next(row[1] for row in client.page("/challenges").rows).startswith("Submitted")
    page = client.submit(client.page(url).form(f"{url}/approve"))
    assert (page.url, page.h1) == ("/challenges", "Challenges")  # it is not theirs to see any more
    assert "The brief is approved." in page.text
    client.sign_in_as(of_last_year)
    assert client.get(url).status_code == 404
    assert "for your review" not in client.page("/home").text
    with database.app_context():
        assert only_challenge().state is ChallengeState.APPROVED


def test_one_with_an_interest_does_not(
    database: Flask, client: PageClient, stage: Stage, url: str, clock: Clock
) -> None:
    other = _champion(database, Theme.CRIME)
    with database.app_context():
        make.interest(organisation(), db.session.get_one(Account, other.id).person)
        db.session.commit()
    clock.now = LATE
    client.sign_in_as(other)
    assert client.get(url).status_code == 404
    assert "for your review" not in client.page("/home").text


def test_the_engagement_team_is_led_to_what_no_champion_has_answered(
    client: PageClient, stage: Stage, url: str, clock: Clock
) -> None:
    client.sign_in_as(stage.officer)
    assert "for your review" not in client.page("/home").text
    clock.now = LATE
    page = client.page("/home")
    assert "1 brief waits for your review: no champion has answered by Tue 27 Oct 2026, 5pm" in page.text
    assert len(client.page(page.link("Review")).rows) == 1


def test_where_every_champion_of_the_area_has_an_interest_others_are_asked_at_once(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    other = _champion(database, Theme.CRIME)
    with database.app_context():
        make.interest(organisation(), db.session.get_one(Account, stage.champion.id).person)
        db.session.commit()
        assert list(reviewers(only_challenge())) == [other.person_id, stage.officer.person_id]
    client.sign_in_as(other)
    assert client.get(f"{url}/ask-for-changes").status_code == 200

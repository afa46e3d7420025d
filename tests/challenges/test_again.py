"""A challenge is offered again in the next year, in one press."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.challenges import actions
from placements.challenges.models import Challenge, ChallengeSite, ChallengeVersion, Working, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from tests import factories as make
from tests.challenges.stage import Stage, organisation, set_stage
from tests.client import PageClient
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once

FACTS: dict[str, Any] = {
    "title": "Cook what comes in",
    "need": "A need of last year.",
    "output": "Recipes",
    "theme": Theme.HEALTH,
    "suits_level_5": False,
    "places_min": 2,
    "places_max": 3,
    "mode": WorkMode.HYBRID,
    "days": 0b101,
    "times": "10 to 4",
    "working": Working.TOGETHER,
    "skills": "Patience",
    "skills_learnt": "Cooking",
    "client_group": "Families",
    "pays_expenses": True,
    "access_notes": "Step-free",
}


def _last_years(**said: Any) -> Challenge:
    """Closed last year; it has a further place, where Dev supervised, who has left."""
    there = organisation()
    sue = there.contacts[0].person
    made = make.challenge(
        there, academic_year="2025/26", state=ChallengeState.CLOSED, supervisor=sue, **{**FACTS, **said}
    )
    gone = make.contact(there, left_on=date(2026, 9, 1)).person
    for supervisor in (sue, gone):
        place = make.site(there)
        made.further_sites.append(ChallengeSite(site_id=place.id, supervisor_id=supervisor.id))
    made.other_areas = {Theme.CRIME}
    return made


def _committed(app: Flask, **said: Any) -> str:
    with app.app_context():
        made = _last_years(**said)
        db.session.commit()
        return f"/challenges/{made.public_id}"


def test_everything_is_copied_but_who_has_left(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _committed(database)
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert "It is closed. Offer it again, and everything is copied into a draft for 2026/27." in page.text
    form = page.form(f"{url}/reoffer")
    for _ in range(2):  # a double click
        page = client.submit(form)
    assert "This is a draft for 2026/27." in page.text
    assert "In 2025/26 it was offered with 2 to 3 places." in page.text
    assert "In 2025/26 it was offered" in client.page(f"{page.url}/edit").text
    assert client.page(page.link("See what came of it")).h1 == "What came of it"
    with database.app_context():
        draft = db.session.scalars(select(Challenge).where(Challenge.academic_year == "2026/27")).one()
        assert {name: getattr(draft, name) for name in FACTS} == FACTS
        assert (draft.state, draft.published_at, draft.submitted_at) == (ChallengeState.DRAFT, None, None)
        assert draft.other_areas == {Theme.CRIME}
        assert [each.supervisor.name for each in draft.further_sites] == ["Amina Yusuf"]
        assert draft.offered_before is not None
        assert draft.offered_before.academic_year == "2025/26"
        assert db.session.scalars(select(ChallengeVersion.challenge_id)).all() == [draft.id]


def test_whoever_offers_it_again_supervises_where_the_supervisor_has_left(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    url = _committed(database)
    with database.app_context():
        db.session.scalars(select(Challenge)).one().supervisor = make.person()
        db.session.commit()
    client.sign_in_as(stage.contact)
    client.submit(client.page(url).form(f"{url}/reoffer"))
    with database.app_context():
        draft = db.session.scalars(select(Challenge).where(Challenge.academic_year == "2026/27")).one()
        assert draft.supervisor.name == "Amina Yusuf"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"state": ChallengeState.PUBLISHED}, 302),
        ({"state": ChallengeState.ARCHIVED}, 302),
        ({"state": ChallengeState.PAUSED}, 409),
        ({"state": ChallengeState.ARCHIVED, "published_at": None}, 409),
        ({"state": ChallengeState.PUBLISHED, "academic_year": "2026/27"}, 409),
        ({"academic_year": "2026/27"}, 409),  # no later year is open
    ],
)
def test_what_is_over_can_come_again_once_a_later_year_is_open(
    database: Flask, client: PageClient, stage: Stage, said: dict[str, Any], status: int
) -> None:
    with database.app_context():
        there = organisation()
        last = {"academic_year": "2025/26", "state": ChallengeState.CLOSED, **said}
        made = make.challenge(there, supervisor=there.contacts[0].person, **last)
        db.session.commit()
        url = f"/challenges/{made.public_id}"
    client.sign_in_as(stage.contact)
    shown = [form.action for form in client.page(url).forms]
    assert (f"{url}/reoffer" in shown) is (status == 302)
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    assert client.post(f"{url}/reoffer", data={"csrf_token": token}).status_code == status


def test_pressed_several_times_at_once_it_is_one_draft(fresh_database: Copy) -> None:
    stage = set_stage(fresh_database.app)
    with fresh_database.app.app_context():
        key = _last_years().id
        db.session.commit()

    def press() -> None:
        actions.reoffer(db.session.get_one(Challenge, key), actor=Principal(stage.contact.person_id), now=NOW)

    assert at_once(fresh_database, *[press] * 4) == [None] * 4
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Challenge.id))) == 2


def test_where_no_later_year_is_open_it_says_so(session: Any) -> None:
    make.run()
    made = make.challenge(state=ChallengeState.CLOSED)
    with pytest.raises(Refused, match="There is no later year to offer it in yet"):
        actions.reoffer(made, actor=Principal(made.supervisor_id), now=NOW)


def test_once_offered_again_it_leads_there_until_that_comes_to_nothing(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    url = _committed(database)
    client.sign_in_as(stage.contact)
    draft = client.submit(client.page(url).form(f"{url}/reoffer"))
    page = client.page(url)
    assert "It is offered again in 2026/27" in page.text
    assert f"{url}/reoffer" not in [form.action for form in page.forms]
    assert page.link("go on there") == draft.url
    client.submit(client.page(f"{draft.url}/withdraw").form(f"{draft.url}/withdraw"), reason="By mistake.")
    another = client.submit(client.page(url).form(f"{url}/reoffer"))
    assert another.url != draft.url
    assert "This is a draft for 2026/27." in another.text

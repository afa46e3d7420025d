"""How a student's choices look at present: rounded, theirs alone, and never shown when it is no longer true of them."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.applications.models import LessChosen, Outlook
from placements.applications.rules import say_chance
from placements.challenges.workflow import ChallengeState
from placements.db import db
from tests import factories as make
from tests.applications.scene import needs, student
from tests.client import PageClient
from tests.factories import DAY, NOW

HOUR = DAY / 24


@pytest.mark.pure
@pytest.mark.parametrize(
    ("times", "of", "said"),
    [
        (0, 100, "fewer than 1 in 20 students"),
        (4, 100, "fewer than 1 in 20 students"),
        (5, 100, "about 1 in 20 students"),
        (6, 100, "about 1 in 17 students"),
        (8, 100, "about 1 in 13 students"),
        (2, 25, "about 1 in 13 students"),
        (10, 100, "about 1 in 10 students"),
        (29, 100, "about 1 in 3 students"),
        (39, 100, "about 1 in 3 students"),
        (40, 100, "about half of the students"),
        (60, 100, "about half of the students"),
        (61, 100, "more than half of the students"),
        (100, 100, "more than half of the students"),
    ],
)
def test_a_chance_in_words(times: int, of: int, said: str) -> None:
    assert say_chance(times, of) == said


def seeded(app: Flask, *, unplaced: int = 8, worked_out_at: datetime = NOW - HOUR, **more: Any) -> Account:
    """Amina has submitted one choice on Monday; seven challenges are less chosen, of which three are for her."""
    with app.app_context():
        account, enrolment = student()
        chosen = make.challenge(title="Chosen")
        make.application(enrolment, [chosen])
        needs(enrolment, days=1)
        titles = ["Busy hall", "Lido", "Quiet library", "Reading room"]
        fits = [make.challenge(title=title, days=0) for title in titles]
        others = [
            make.challenge(title="Wrong level", suits_level_6=False),
            make.challenge(title="Wrong day", days=16),
            make.challenge(title="Shut", state=ChallengeState.PAUSED),
        ]
        for free, each in enumerate([*fits, chosen, *others], 60):
            db.session.add(LessChosen(challenge_id=each.id, free=free))
        said = {"samples": 100, "inputs": "0" * 64, "worked_out_at": worked_out_at}
        db.session.add(Outlook(enrolment_id=enrolment.id, unplaced=unplaced, **said))
        for name, value in more.items():
            setattr(enrolment.run, name, value)
        db.session.commit()
        db.session.refresh(account)
        db.session.expunge_all()
        return account


@pytest.mark.parametrize("url", ["/choices", "/choices/receipt"])
def test_one_reads_how_one_s_choices_look_and_what_would_help(database: Flask, client: PageClient, url: str) -> None:
    client.sign_in_as(seeded(database))
    page = client.page(url)
    assert (
        "At present about 1 in 13 students who rank like you would be without a place. "
        "One less-chosen challenge among your choices lowers it, for example:"
    ) in page.text
    named = [link.text for link in page.links if link.text in ("Busy hall", "Lido", "Quiet library", "Reading room")]
    assert named == ["Reading room", "Quiet library", "Lido"]
    assert "Worked out Tue 20 Oct 2026, 8am" in page.text
    client.forbidden |= {"Wrong level", "Wrong day", "Shut"}
    client.page(url)


def test_a_small_chance_names_nothing_to_add(database: Flask, client: PageClient) -> None:
    client.sign_in_as(seeded(database, unplaced=4))
    page = client.page("/choices")
    assert "At present fewer than 1 in 20 students who rank like you would be without a place." in page.text
    assert "Lido" not in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"worked_out_at": NOW - 2 * DAY}, "is worked out anew within the hour"),
        ({"worked_out_at": NOW - 2 * DAY - HOUR}, ""),
        ({"worked_out_at": NOW - 25 * HOUR}, "was worked out before your last change"),
        ({"ranking_closes_at": NOW}, ""),
    ],
)
def test_what_is_no_longer_true_is_not_shown(
    database: Flask, client: PageClient, changed: dict[str, Any], said: str
) -> None:
    client.sign_in_as(seeded(database, **changed))
    client.forbidden |= {"1 in 13", "Lido"}
    for url in ("/choices", "/choices/receipt"):
        text = client.page(url).text
        assert ("How your choices look" in text) == bool(said)
        assert said in text


def test_it_is_the_student_s_alone(database: Flask, client: PageClient) -> None:
    seeded(database)
    with database.app_context():
        enrolment = make.enrolment()
        account = make.account(enrolment.person)
        make.application(enrolment, [make.challenge()])
        db.session.commit()
        db.session.refresh(account)
        db.session.expunge_all()
    client.sign_in_as(account)
    client.forbidden |= {"1 in 13", "who rank like you"}
    client.page("/choices")
    client.page("/choices/receipt")

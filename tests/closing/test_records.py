"""A student's record of achievement: what it says, made by one press, made again where more can be said."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.closing.actions import keep_record
from placements.closing.making import typeset_record
from placements.closing.models import StudentRecord
from placements.closing.records import record_of, words_of
from placements.core.errors import Refused
from placements.db import db
from placements.feedback.rules import Occasion
from placements.files.models import StoredFile
from placements.impact.workflow import ResultState
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.closing.scene import Ended
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.impact.results import result
from tests.placing.scene import committed


@pytest.fixture
def scene(session: Any) -> Ended:
    return Ended()


def made(scene: Ended, app: Flask, **when: Any) -> None:
    """As the student's press does it."""
    said = {"now": NOW, **when}
    student = scene.who(app, "student")
    pdf = typeset_record(student, scene.placement.public_id, said["now"])
    assert pdf is not None
    keep_record(scene.placement, pdf, actor=student, **said)


def test_it_says_confirmed_hours_and_what_the_work_was_for(scene: Ended) -> None:
    make.entry(scene.placement, state=EntryState.QUERIED)
    words = words_of(scene.placement, NOW)
    facts = dict(words["facts"])
    assert facts["Hours"] == "3.5 hours"
    assert facts["Dates"] == "Mon 1 Jun 2026 to Fri 9 Oct 2026"
    assert (facts["Student"], facts["Organisation"]) == ("Ada Okoro", "The food bank")
    assert words["objectives"] == ["Count the stock in an hour.", "Leave a guide."]
    assert words["said"] == []


@pytest.mark.parametrize("state", list(ResultState))
def test_the_organisation_is_quoted_only_where_its_words_are_shown(scene: Ended, state: ResultState) -> None:
    result(scene.challenge, scene.engagement.person, state=state, quote="We stopped guessing.")
    shown = [{"words": "We stopped guessing.", "who": "The food bank"}]
    assert words_of(scene.placement, NOW)["said"] == (shown if state is ResultState.PUBLISHED else [])


def test_the_supervisors_last_words_stand_in_it(scene: Ended) -> None:
    feedback(scene.placement, "She listens.")
    feedback(scene.placement, "She counts.", "She counts, and explains.", occasion=Occasion.FINAL)
    who = f"{scene.placement.supervisor.name}, supervisor at The food bank"
    assert words_of(scene.placement, NOW)["said"] == [{"words": "She counts, and explains.", "who": who}]


def test_it_holds_no_reflection_and_no_evidence(scene: Ended) -> None:
    make.entry(scene.placement, state=EntryState.CONFIRMED, reflection="~reflection~", activity="~activity~")
    assert "~" not in str(words_of(scene.placement, NOW))


def test_the_same_again_changes_nothing_and_more_hours_take_its_place(scene: Ended, app: Flask) -> None:
    db.session.commit()
    made(scene, app)
    first = record_of(scene.placement)
    assert first is not None
    before = (first.file_id, first.file.sha256)
    db.session.commit()
    made(scene, app)
    assert (first.file_id, first.file.sha256) == before
    make.entry(scene.placement, state=EntryState.CONFIRMED)
    db.session.commit()
    made(scene, app, now=NOW + DAY)
    db.session.commit()
    assert first.file.sha256 != before[1]
    assert first.made_at == NOW + DAY
    assert db.session.scalar(select(func.count(StudentRecord.id))) == 1
    assert db.session.scalar(select(func.count(StoredFile.id))) == 1


@pytest.mark.parametrize("name", ["supervisor", "tutor", "leader", "contact", "engagement", "other_student"])
def test_nobody_else_has_one_made(scene: Ended, app: Flask, name: str) -> None:
    assert typeset_record(scene.who(app, name), scene.placement.public_id, NOW) is None


@pytest.mark.parametrize("state", [PlacementState.ACTIVE, PlacementState.ENDED_EARLY])
def test_before_the_end_there_is_none(session: Any, app: Flask, state: PlacementState) -> None:
    scene = Ended()
    session.commit()
    student = scene.who(app, "student")
    pdf = typeset_record(student, scene.placement.public_id, NOW)
    assert pdf is not None
    scene.placement.state = state
    with pytest.raises(Refused):
        keep_record(scene.placement, pdf, actor=student, now=NOW)
    session.commit()
    assert typeset_record(student, scene.placement.public_id, NOW) is None


def test_from_the_placement_to_the_pdf(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Ended()
        committed(scene)
    client.sign_in_as(scene.student)
    url = f"{scene.url}/record"
    assert client.page(scene.url).link("Your record of achievement") == url
    assert client.get(f"{url}.pdf").status_code == 409
    page = client.page(url)
    assert "3.5 hours" in page.text
    page = client.submit(page.form("Make your record"))
    assert "It was made on" in page.text
    answer = client.get(page.link("Download your record"))
    assert answer.data.startswith(b"%PDF-1.7")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Record of achievement.pdf"'
    assert client.submit(page.form("Make it again")).h1 == "Your record of achievement"

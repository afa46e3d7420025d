"""What leaders and moderators see and press."""

import re
from typing import Any

import pytest
from flask import Flask

from placements.db import db
from placements.moderation.actions import close
from placements.moderation.models import Moderation
from placements.moderation.workflow import Outcome
from tests.assessment.scene import add_student, hand_in, mark_it, seeded
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.moderation.scene import Moderated, drawn, moderated, noted, second_attempt


def public_id(database: Flask) -> str:
    with database.app_context():
        return db.session.query(Moderation).order_by(Moderation.id.desc()).first().public_id  # type: ignore[union-attr]


def test_the_leader_draws_and_the_moderator_records_and_closes(database: Flask, client: PageClient) -> None:
    at: Moderated = seeded(database, lambda: moderated(35, 41, 64))
    client.sign_in_as(at.of.leader)
    overview = client.page(f"/runs/{at.of.run.public_id}/moderation")
    assert "3 marks wait for moderation." in overview.text
    draw = client.page(overview.link("Draw a sample : Final Project Portfolio"))
    assert "3 scripts of 3 marks will be drawn." in draw.text
    assert f"Seed: {at.of.portfolio.public_id}-1-1." in draw.text
    shown = client.submit(draw.form("Draw this sample"), moderator=at.mona.person.public_id)
    assert "Drawn: 3 scripts. The moderator is written to now." in shown.text
    assert re.search(r"Student1 Okoro Tariq Tutor 35 A fail To read", shown.text)
    client.sign_in_as(at.mona)
    sample = client.page(client.page("/moderation").link("Final Project Portfolio"))
    for name, said in (("Student1", "yes"), ("Student2", "yes"), ("Student3", "no")):
        script = client.page(sample.link(f"{name} Okoro"))
        assert "Tariq Tutor gave" in script.text
        sample = client.submit(script.form("Keep this record"), agrees=said, comment="Read twice.")
    assert "Every script has its record." in sample.text
    close = client.page(sample.link("Close moderation"))
    done = client.submit(close.form("Close moderation"), outcome="stand", comment="Sound.")
    assert "Found: the marks stand." in done.text
    client.sign_in_as(at.of.leader)
    assert "Student3 Okoro" in client.page(f"/runs/{at.of.run.public_id}/marks/release").text


def test_second_attempts_are_named_and_drawn_from_by_themselves(database: Flask, client: PageClient) -> None:
    def build() -> Moderated:
        at = moderated(35, 65)
        second_attempt(db.session, at, 70)
        add_student(at.of, "Late")
        mark_it(at.of, hand_in(at.of, 2), 50, 50, 50)
        return at

    at: Moderated = seeded(database, build)
    client.sign_in_as(at.of.leader)
    marks = client.page(f"/runs/{at.of.run.public_id}/marks")
    assert "Second attempts: marked 1. They count for at most 40, and are not in the chart." in marks.text
    overview = client.page(f"/runs/{at.of.run.public_id}/moderation")
    assert "1 mark waits for moderation. 1 second attempt waits for moderation." in overview.text
    draw = client.page(overview.link("Draw from the second attempts : Final Project Portfolio"))
    assert draw.h1 == "Draw a sample: Final Project Portfolio, second attempts"
    assert "1 script of 1 second attempt will be drawn." in draw.text
    shown = client.submit(draw.form("Draw this sample"), moderator=at.mona.person.public_id)
    assert shown.h1 == "Moderation: Final Project Portfolio, second attempts"
    again = client.page(f"/runs/{at.of.run.public_id}/moderation")
    assert "Draw from the second attempts" not in again.text
    assert "1 script of 1 mark will be" in client.page(again.link("Draw a sample : Final Project Portfolio")).text
    client.sign_in_as(at.mona)
    desk = client.page("/moderation")
    script = client.page(client.page(desk.link("Final Project Portfolio, second attempts")).link("Student1 Okoro"))
    assert script.h1 == "Student1 Okoro, second attempt: Final Project Portfolio"


def test_an_adjustment_is_looked_at_before_it_is_made(database: Flask, client: PageClient) -> None:
    def build() -> Moderated:
        at = moderated(41, 55)
        close(noted(at, drawn(at)), Outcome.ADJUST, "Generous.", actor=at.of.who(at.mona), now=NOW)
        return at

    at: Moderated = seeded(database, build)
    client.sign_in_as(at.of.leader)
    shown = client.page(f"/moderation/{public_id(database)}")
    form = client.page(shown.link("Adjust the set")).form("See what it does")
    check = client.submit(form, way="take", points="3", reason="Generous by three.")
    assert "2 marks by every marker: -3 each, before lateness and cap. Nothing is changed yet." in check.text
    assert "Student1 Okoro Tariq Tutor 41 38 Comes into another band" in check.text
    assert "Student2 Okoro Tariq Tutor 55 52 The same" in check.text
    done = client.submit(check.form("Adjust 2 marks"))
    assert "2 marks adjusted." in done.text
    assert "-3 for every mark of the set" in done.text
    after = client.submit(done.form("The marks may be released"))
    assert "Moderation is done. The marks can be released." in after.text


def test_a_moderator_reads_the_files_of_the_sample_and_of_no_other(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Moderated, list[tuple[str, bool]]]:
        at = moderated(*[65] * 6)
        made = drawn(at)
        return at, [(each.mark.submission.files[0].public_id, each.why is not None) for each in made.scripts]

    at, files = seeded(database, build)
    client.sign_in_as(at.mona)
    assert {is_in for _, is_in in files} == {True, False}
    for file, is_in in files:
        answer = client.get(f"/submission-files/{file}", checked=False)
        assert (answer.status_code == 404) == (not is_in)


@pytest.mark.parametrize("count", [1, 3])
def test_each_list_costs_the_same_whatever_its_length(database: Flask, client: PageClient, count: int) -> None:
    at: Moderated = seeded(database, lambda: _with_a_draw(count))
    found: dict[str, Any] = {}
    client.sign_in_as(at.mona)
    paths = {"desk": "/moderation", "show": f"/moderation/{public_id(database)}"}
    for name, path in paths.items():
        client.page(path)
        with counting_queries() as queries:
            client.page(path)
        found[name] = queries.count
    client.sign_in_as(at.of.leader)
    client.page(f"/runs/{at.of.run.public_id}/moderation")
    with counting_queries() as queries:
        client.page(f"/runs/{at.of.run.public_id}/moderation")
    found["overview"] = queries.count
    assert found == {"desk": 4, "show": 6, "overview": 9}


def _with_a_draw(count: int) -> Moderated:
    at = moderated(*range(20, 20 + count))
    drawn(at)
    return at

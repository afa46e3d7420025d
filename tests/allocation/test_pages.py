"""A round from end to end as a module leader meets it, and what others see of it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from placements.allocation.models import Attempt, Match
from placements.allocation.workflow import AttemptState
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.allocation.pages import Build, be, scene, work
from tests.allocation.scene import Scene
from tests.client import PageClient, counting_queries

__all__ = ["scene"]


def test_a_round_from_end_to_end(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene()
    be(client, made, "Lea")
    page = client.page(client.page("/rounds").link("Open a round"))
    opened = client.submit(page.form("Open this round"), name="Main round", runs=made.run.public_id)
    assert "3 in this round" in opened.text
    running = client.submit(opened.form("Run the allocation"))
    assert "waits for its turn" in running.text
    work(database)
    solved = client.page(running.link("Check again"))
    assert "2 of 3 students have a place." in solved.text
    assert "No allocation places more than 2 students." in solved.text
    assert solved.h1 == "Kindest to the worst off"
    assert solved.rows[:6] == [
        *(["1st choice", "1"], ["2nd choice", "1"], ["No place", "1"]),
        *(["Students unplaced", "1", "1"], ["Total rank of those at choices 1 to 3", "3", "3"]),
        ["Displeasure of organisations", "2", "2"],
    ]
    shown = client.page(solved.link("Main round"))
    assert shown.rows[:3] == [
        ["Kindest to the worst off", "2", "1", "2", "3"],
        ["Most first choices", "2", "1", "2", "3"],
        ["Least total rank", "2", "1", "2", "3"],
    ]
    assert client.page(shown.link("Least total rank")).h1 == "Least total rank"
    staged = client.submit(solved.form("Stage this result"))
    assert staged.h1 == "Matches"
    ada = next(row for row in staged.rows if row[0] == "Ada Student")
    assert ada[2:4] == ["The food bank Friends of the food bank", "2nd choice Why Ada Student has no better choice"]
    publish = client.page(staged.link("Check and publish"))
    check = client.submit(publish.form("Continue"), deadline_on=["2", "11", "2026"], deadline_time="3pm")
    assert check.h1 == "Check before you publish"
    assert "Offers 2 students" in check.text
    assert "They answer by Mon 2 Nov 2026, 3pm (in 13 days)" in check.text
    assert "Looked after by Tom Tutor 1 student" in check.text
    with database.app_context():
        assert db.session.scalars(select(Offer)).all() == []
    published = client.submit(check.form("Publish 2 offers"))
    assert "2 wait for an answer" in published.text
    be(client, made, "Ada")
    offer = client.page(client.page("/offers").link("The food bank"))
    assert "Accept or decline by Mon 2 Nov 2026, 3pm (in 13 days)." in offer.text
    client.forbidden |= {"Ben", "Cyd", "2nd choice"}
    client.submit(offer.form("Accept this place"))
    client.forbidden.clear()
    be(client, made, "Lea")
    assert "1 accepted" in client.page(published.url).text
    with database.app_context():
        assert sorted(db.session.scalars(select(Offer.state))) == [OfferState.ACCEPTED, OfferState.MADE]


def test_the_leader_overrides_one_pair_and_sees_what_it_costs(
    database: Flask, client: PageClient, scene: Build
) -> None:
    made = scene(lambda scene: scene.staged())
    be(client, made, "Lea")
    listed = client.page(client.page(client.page("/rounds").link("Main round")).link("See the matches"))
    page = client.page(listed.link("Change the match of Ada Student"))
    assert "now has “The food bank” with Friends of the food bank, their 2nd choice" in page.text
    form = page.form("Change this match")
    assert form.offers("challenge") == ["", "none"]  # the park's one place is given to another
    assert client.submit(form).errors == ["Choose a challenge, or no place", "Say why, in a sentence"]
    done = client.submit(form, challenge="none", reason="She asked to wait.")
    assert "Placed: 2 before, 1 now. Total rank: 3 before, 1 now." in done.text
    assert "By hand: She asked to wait." in done.text
    with database.app_context():
        moved = db.session.scalars(select(Match).where(Match.reason.is_not(None))).one()
        assert (moved.challenge_id, moved.overridden_by_id) == (None, made.lea.id)


def test_a_failed_attempt_says_why_and_the_round_can_be_run_again(
    database: Flask, client: PageClient, scene: Build
) -> None:
    def failed(scene: Scene) -> None:
        attempt = scene.solved()
        attempt.state, attempt.result, attempt.problem = AttemptState.FAILED, None, "There was no result in time."

    made = scene(failed)
    be(client, made, "Lea")
    page = client.page(client.page("/rounds").link("Main round"))
    with database.app_context():
        attempt = db.session.scalars(select(Attempt)).one().public_id
    assert "There was no result in time." in client.page(f"/rounds/attempts/{attempt}").text
    assert client.submit(page.form("Run the allocation")).h1 == "Kindest to the worst off"


def test_dates_are_checked_before_anything_is_shown(client: PageClient, scene: Build) -> None:
    made = scene(lambda scene: scene.staged())
    be(client, made, "Lea")
    url = client.page(client.page("/rounds").link("Main round")).link("Check and publish")
    form = client.page(url).form("Continue")
    assert form.values["deadline_on"] == ["27", "10", "2026"]
    assert form.values["deadline_time"] == ["17:00"]
    assert form.values["clearing_by_on"] == ["03", "11", "2026"]
    page = client.submit(form, deadline_on=["19", "10", "2026"], clearing_by_on=["19", "10", "2026"])
    assert page.errors == ["Enter a day and time that are still to come", "Enter a date that is still to come"]


def test_by_when_those_without_a_place_are_seen_to_is_said_as_it_will_be(client: PageClient, scene: Build) -> None:
    def by_then(scene: Scene) -> None:
        scene.staged()
        scene.run.placed_by_on = date(2026, 10, 30)

    be(client, scene(by_then), "Lea")
    page = client.page(client.page(client.page("/rounds").link("Main round")).link("Check and publish"))
    asked = client.submit(page.form("Continue"), clearing_by_on=["20", "11", "2026"]).text
    assert "They are seen to by Fri 30 Oct 2026 (in 10 days), the latest date that WL6W50 2026/27 allows" in asked
    earlier = client.submit(page.form("Continue"), clearing_by_on=["29", "10", "2026"]).text
    assert "They are seen to by Thu 29 Oct 2026 (in 9 days)" in earlier
    assert "the latest date" not in earlier


def test_another_leader_sees_no_round_and_a_tutor_no_page_of_it(client: PageClient, scene: Build) -> None:
    made = scene(lambda scene: setattr(scene, "opened", scene.staged()))
    url = f"/rounds/{made.opened.public_id}"  # type: ignore[attr-defined]
    for name in ("Else", "Tom", "Ada"):
        be(client, made, name)
        for path in (url, f"{url}/matches", f"{url}/publish", f"{url}/discard"):
            client.page(path, 404)
    be(client, made, "Else")
    assert "No round yet" in client.page("/rounds").text


def test_the_students_home_says_nothing_of_locks_and_matches(client: PageClient, scene: Build) -> None:
    made = scene(lambda scene: scene.staged())

    def the_students_home_is_silent() -> None:
        be(client, made, "Ada")
        client.forbidden |= {"They are brothers", "She asked to wait", "ocked", "by hand", "nowhere"}
        client.page("/home")
        client.forbidden.clear()

    be(client, made, "Lea")
    page = client.page(client.page(client.page("/rounds").link("Main round")).link("See the matches"))
    form = client.page(page.link("Change the match of Ada Student")).form("Change this match")
    client.submit(form, challenge="none", reason="She asked to wait.")
    form = client.page(client.page("/locks").link("Lock a place for Ada Student")).form("Lock this place")
    client.submit(form, challenge=made.food.public_id, reason="They are brothers.")
    the_students_home_is_silent()
    be(client, made, "Lea")
    page = client.page(client.page("/rounds").link("Main round"))
    assert "Placed nowhere: She asked to wait." in page.text
    check = client.submit(client.page(page.link("Check and publish")).form("Continue"))
    client.submit(check.form("Publish 1 offer"))
    the_students_home_is_silent()


@pytest.mark.parametrize("more", [0, 2])
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/rounds/{}", 18),
        ("/rounds/{}/matches", 7),
        ("/rounds/{}/publish", 9),
    ],
)
def test_lists_ask_no_more_for_more_students(
    client: PageClient, scene: Build, path: str, count: int, more: int
) -> None:
    def several(scene: Scene) -> None:
        for number in range(more):
            scene.student(f"More {number}", scene.park, scene.food)
            make.lock(scene.student(f"Locked {number}"), scene.challenge(f"Wide {number}"))
        scene.opened = scene.staged()  # type: ignore[attr-defined]

    made = scene(several)
    be(client, made, "Lea")
    url = path.format(made.opened.public_id)  # type: ignore[attr-defined]
    client.page(url)
    with counting_queries() as queries:
        client.page(url)
    assert queries.count == count


@pytest.mark.parametrize("more", [0, 2])
def test_a_result_asks_no_more_for_more_students(client: PageClient, scene: Build, more: int) -> None:
    def several(scene: Scene) -> None:
        for number in range(more):
            scene.student(f"More {number}", scene.park, scene.food)
        scene.attempt = scene.solved()  # type: ignore[attr-defined]

    made = scene(several)
    be(client, made, "Lea")
    url = f"/rounds/attempts/{made.attempt.public_id}"  # type: ignore[attr-defined]
    client.page(url)
    with counting_queries() as queries:
        client.page(url)
    assert (
        queries.count == 7
    )  # account, roles; the attempt, its runs; the result's challenges, students; what was asked

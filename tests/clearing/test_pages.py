"""The clearing list as staff meet it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.clearing.waiting import Build, Waiting
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW


def a_challenge(made: Waiting) -> None:
    made.stock = make.challenge(make.organisation(name="The food bank"), title="Count the stock")  # type: ignore[attr-defined]


def the_offer(database: Flask) -> Offer:
    with database.app_context():
        return db.session.scalars(select(Offer)).one()


def test_a_tutor_places_a_student_of_their_own_group_by_hand(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(a_challenge)
    client.sign_in_as(made.tutor)
    listed = client.page("/clearing")
    assert listed.rows[0][:2] == ["Ada Okoro", "WL6W50 Wednesday afternoon"]
    assert listed.rows[0][2].startswith("The allocation found no place")
    page = client.page(listed.link("Offer a place to Ada Okoro"))
    assert "Count the stock, The food bank (2 left) Islington Any day" in page.text
    form = page.form("Offer this place")
    assert client.submit(form).errors == ["Choose a challenge", "Say why this place, in a sentence"]
    done = client.submit(form, challenge=made.stock.public_id, reason="She knows the people there.")
    assert done.rows[0][-1].startswith("Count the stock offered, open until Tue 27 Oct 2026, 5pm")
    offer = the_offer(database)
    assert (offer.why_made, offer.made_by_id) == ("She knows the people there.", made.tutor.person_id)
    assert "Ada Okoro has an offer already" in client.submit(form, challenge=made.stock.public_id, reason="Again").text


def test_a_tutor_of_another_group_sees_none_of_it(client: PageClient, scene: Build) -> None:
    def elsewhere(made: Waiting) -> None:
        made.stranger = made.somebody("Sam", "Stranger")  # type: ignore[attr-defined]
        make.group(made.run, made.stranger.person)  # type: ignore[attr-defined]

    made = scene(elsewhere)
    client.sign_in_as(made.stranger)  # type: ignore[attr-defined]
    assert "Everybody has a place or an offer" in client.page("/clearing").text
    for verb in ("place", "reassign", "alternative"):
        client.page(f"/clearing/{made.row.public_id}/{verb}", 404)


def test_the_leader_records_an_alternative_which_the_student_reads(
    database: Flask, client: PageClient, scene: Build
) -> None:
    def seeking(made: Waiting) -> None:
        made.enrolment.state = EnrolmentState.SEEKING

    made = scene(seeking)
    client.sign_in_as(made.leader)
    url = client.page("/clearing").link("Record an alternative for Ada Okoro")
    done = client.submit(client.page(url).form(url), outcome="A project on paper with Tom.")
    assert "Everybody has a place or an offer" in done.text
    client.sign_in_as(made.student)
    assert "A project on paper with Tom." in client.page("/offers").text


def ran_out(made: Waiting) -> None:
    """Ada did not answer two offers, the last of them one of Air's; Ben had one that ran out, and declined another."""
    past = {"state": OfferState.EXPIRED, "made_at": NOW - 9 * DAY}
    make.offer(made.enrolment, made.challenge("Count the stock"), deadline_at=NOW - 5 * DAY, **past)
    made.ran_out = make.offer(made.enrolment, made.challenge("Measure the air"), deadline_at=NOW - DAY, **past)  # type: ignore[attr-defined]
    made.row.why = ClearingReason.EXPIRED
    make.offer(made.another("Ben", why=ClearingReason.DECLINED), deadline_at=NOW - DAY, **past)


def test_the_leader_opens_an_offer_that_ran_out_again_from_the_list(
    database: Flask, client: PageClient, scene: Build
) -> None:
    made = scene(ran_out)
    client.sign_in_as(made.tutor)
    listed = client.page("/clearing")
    assert [row[2].partition(" waits")[0] for row in listed.rows] == [
        "Did not answer an offer: Measure the air",
        "Declined an offer",
    ]
    assert "Open the offer again" not in listed.text  # the module leader's
    assert "Ada Okoro did not answer by" in client.page(listed.link("Measure the air")).text
    client.sign_in_as(made.leader)
    listed = client.page("/clearing")
    url = listed.link("Open the offer again of Measure the air to Ada Okoro")
    client.submit(client.page(url).form(url), reason="She was ill.")
    with database.app_context():
        assert db.session.get_one(Offer, made.ran_out.id).state is OfferState.MADE  # type: ignore[attr-defined]
    listed = client.page("/clearing")
    assert "Open the offer again" not in listed.text
    assert listed.rows[0][-1].startswith("Measure the air offered, open until")


def test_the_owner_and_the_date_can_be_changed(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.tutor)
    url = client.page("/clearing").link("Change who looks after Ada Okoro, or the date")
    page = client.page(url)
    done = client.submit(page.form(url), owner=made.leader.person.public_id, by_on=["6", "11", "2026"])
    assert "Lea Leader looks after Ada Okoro." in done.text
    with database.app_context():
        row = db.session.scalars(select(Clearing)).one()
        assert (row.owner_id, row.by_on) == (made.leader.person_id, date(2026, 11, 6))


@pytest.mark.parametrize("students", [1, 3])
def test_the_clearing_list_asks_no_more_for_more_students(client: PageClient, scene: Build, students: int) -> None:
    def several(made: Waiting) -> None:
        for _ in range(students):
            row = make.clearing(make.enrolment(made.group), made.tutor.person)
            make.offer(row.enrolment)
            lapsed = make.clearing(make.enrolment(made.group), made.tutor.person, why=ClearingReason.EXPIRED)
            make.offer(lapsed.enrolment, state=OfferState.EXPIRED)

    made = scene(several)
    client.sign_in_as(made.leader)
    client.page("/clearing")
    with counting_queries() as queries:
        client.page("/clearing")
    # the account, its roles; the rows, what they ask for, their offers, those that ran out; who is late
    assert queries.count == 7

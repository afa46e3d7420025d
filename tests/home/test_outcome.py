"""What came of a challenge, for those who followed it."""

from flask import Flask

from placements.db import db
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import NOW


def test_its_contact_reads_it_in_numbers_and_checked_results(database: Flask, client: PageClient) -> None:
    with database.app_context():
        there = make.organisation()
        contact = make.account(make.contact(there).person)
        challenge = make.challenge(there, places_min=1, places_max=3)
        for state in (PlacementState.COMPLETED, PlacementState.ACTIVE, PlacementState.NOT_STARTED):
            placement = make.placement(None, challenge, state=state)
            for each in (EntryState.CONFIRMED, EntryState.QUERIED):
                if state is not PlacementState.NOT_STARTED:
                    make.entry(placement, state=each)
        make.entry(make.placement(), state=EntryState.CONFIRMED)
        about = {"challenge": challenge, "story": "…", "written_by": make.person(), "written_at": NOW}
        db.session.add(
            Result(headline="Twenty recipes", form_key="a", state=ResultState.VERIFIED, verified_at=NOW, **about)
        )
        db.session.add(Result(headline="Not checked", form_key="b", **about))
        down = {"state": ResultState.WITHDRAWN, "verified_at": NOW}
        db.session.add(Result(headline="Taken down", form_key="c", **down, **about))
        shown = {"state": ResultState.PUBLISHED, "verified_at": NOW, "published_at": NOW, "may_publish": True}
        db.session.add(Result(headline="One stock list", form_key="d", public_id="result-12345", **shown, **about))
        db.session.commit()
        url = f"/challenges/{challenge.public_id}/outcome"
        db.session.refresh(contact)
        db.session.expunge_all()
    client.sign_in_as(contact)
    client.page("/me")
    with counting_queries() as asked:
        page = client.page(url)
    text = page.text
    assert "Places offered 1 to 3 places Students placed 2 Students who completed it 1 Hours confirmed 7 hours" in text
    assert "Twenty recipes" in text
    assert page.link("One stock list") == "/results/result-12345"
    assert "Not checked" not in text
    assert "Taken down" not in text
    assert (
        asked.count == 8
    )  # the clock, the account, its roles, the challenge with areas and places, the outcome in two


def test_where_nobody_was_placed_it_says_what_helps(database: Flask, client: PageClient) -> None:
    with seeding(database):
        there = make.organisation()
        contact = make.account(make.contact(there).person)
        url = f"/challenges/{make.challenge(there).public_id}/outcome"
    client.sign_in_as(contact)
    assert "No student has been placed on it." in client.page(url).text

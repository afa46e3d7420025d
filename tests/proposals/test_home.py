"""A student's own place on the home of whoever has to act next, and the ways that lead to the list."""

import pytest
from flask import Flask
from sqlalchemy import select

from placements.db import db
from placements.placing.models import Placement
from placements.placing.queries import open_gates
from placements.proposals.workflow import ProposalState
from placements.rounds.entrants import field_of
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.proposals.conftest import Build
from tests.proposals.making import proposal
from tests.proposals.scene import Scene

S = ProposalState


@pytest.mark.parametrize(
    ("who", "state", "expected"),
    [
        ("student", S.MORE_ASKED, "Answer what is asked about the place that you found by Mon 16 Nov 2026, 3pm"),
        ("officer", S.PROPOSED, "1 place that students found: check the organisation by Wed 21 Oct 2026, 9am"),
        ("leader", S.ORGANISATION_CHECKED, "1 place that a student found to decide by Wed 21 Oct 2026, 9am"),
    ],
)
def test_who_acts_next_is_told_so_and_led_there(
    client: PageClient, scene: Build, who: str, state: ProposalState, expected: str
) -> None:
    def add(made: Scene) -> None:
        made.proposal(state=state)
        for other in S:  # none of these is for the same person to act on
            if other is not state and who != "student":
                proposal(make.enrolment(), state=other)

    client.sign_in_as(getattr(scene(add), who))
    home = client.page("/home")
    assert expected in home.text
    button = {"student": "Answer", "officer": "Check it", "leader": "Decide"}[who]
    page = client.page(home.link(button))
    assert "Whitecross Garden" in page.text


@pytest.mark.parametrize("state", [S.PROPOSED, S.ORGANISATION_CHECKED, S.APPROVED, S.REFUSED])
def test_a_student_has_nothing_to_do_while_others_do(client: PageClient, scene: Build, state: ProposalState) -> None:
    client.sign_in_as(scene(lambda made: made.proposal(state=state)).student)
    assert "about the place that you found" not in client.page("/home").text


def test_the_risk_of_a_place_that_was_approved_is_to_be_assessed(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: made.checked(public_id="own-place-01"))
    client.sign_in_as(made.officer)
    assert "Risk not assessed" not in client.page("/home").text
    client.sign_in_as(made.leader)
    client.submit(client.page("/proposals/own-place-01/approve").form("Approve and place Ada"))
    client.sign_in_as(made.officer)
    home = client.page("/home")
    assert "Risk not assessed: 1 brief" in home.text
    page = client.page(home.link("Assess the first"))
    low = {"work": "low", "people": "low", "residual": "low"}
    client.submit(page.form(), low)
    assert "Risk not assessed" not in client.page("/home").text


def test_who_is_placed_is_outside_the_next_round_and_the_gates_still_hold(
    database: Flask, client: PageClient, scene: Build
) -> None:
    made = scene(lambda made: made.checked(public_id="own-place-01"))
    client.sign_in_as(made.leader)
    client.submit(client.page("/proposals/own-place-01/approve").form("Approve and place Ada"))
    with database.app_context():
        field = field_of(make.allocation_round(db.session.merge(made.run)), NOW)
        assert {each.enrolment.person.given_name: each.why for each in field.outsiders}["Ada"] == "Has a place"
        assert [each.title for each in field.challenges] == []  # a round gives out no place of it
        placement = db.session.scalars(select(Placement)).one()
        placement.challenge.organisation.approved_until = NOW.date()
        missing = [gate.what for gate in open_gates(placement, NOW)]
        assert "The organisation is approved on the first day" in missing


def test_lists_that_staff_have_open_lead_to_the_proposals(client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.officer)
    assert client.page("/enquiries").link("Places that students found") == "/proposals"
    client.sign_in_as(made.leader)
    assert client.page(f"/runs/{made.run.public_id}/applications").link("Places that students found themselves")
    client.sign_in_as(made.tutor)
    assert client.page("/clearing").link("Places that students found themselves") == "/proposals"

"""What a student does with a place of their own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.mail.models import Notification
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.factories import NOW
from tests.proposals.conftest import Build
from tests.proposals.making import proposal
from tests.proposals.scene import TYPED, WORKS_THERE, Scene

PROPOSE = "Propose this place"


def proposals(database: Flask) -> list[Proposal]:
    with database.app_context():
        return list(db.session.scalars(select(Proposal).order_by(Proposal.id)))


def told(database: Flask) -> set[tuple[str, int]]:
    with database.app_context():
        rows = db.session.execute(select(Notification.notice, Notification.recipient_id))
        return {(row.notice, row.recipient_id) for row in rows}


def test_a_place_is_proposed_from_the_list_of_challenges(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.student)
    start = client.page(client.page("/find").link("Propose it"))
    assert "propose it here by Mon 2 Nov 2026, 3pm (in 13 days)" in start.text
    assert "Rank challenges too, by Mon 16 Nov 2026, 3pm" in start.text
    form = client.page(start.link("Propose a place")).form(PROPOSE)
    done = client.submit(form, TYPED, is_agreed="y")
    assert done.h1 == "Whitecross Garden"
    assert "Please rank challenges too" in done.text
    assert "The engagement team checks the organisation now." in done.text
    [kept] = proposals(database)
    assert (kept.state, kept.postcode, kept.tied_to) == (ProposalState.PROPOSED, "EC1Y 8NX", "")
    asked = {made.officer.person_id, made.leader.person_id}
    assert told(database) == {("proposals.waiting", person) for person in asked}
    again = client.submit(form, TYPED, is_agreed="y")
    assert (again.h1, len(proposals(database))) == ("Whitecross Garden", 1)
    assert client.page("/choices").link("Propose it") == "/own-place"


def test_what_is_missing_is_said_and_nothing_typed_is_lost(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene().student)
    form = client.page("/own-place/propose").form(PROPOSE)
    typed = {**TYPED, "tie": "employed", "tied_to": "ruth mensah", "supervisor_email": "ada@example.org"}
    page = client.submit(form, {**typed, "postcode": "here"})
    for sentence in (
        "Enter the address of the person who would supervise you, not your own",
        "Find another supervisor: it cannot be your line manager or somebody close to you",
        "Enter what you do there now",
        "Enter how the placement would differ from what you do there now",
        "Enter a full UK postcode, like N7 8DB",
        "Tick the box if you would take this place",
    ):
        assert sentence in page.text
    assert page.form(PROPOSE).values["need"] == ["Volunteers forget whose turn it is."]
    assert proposals(database) == []


def test_somebody_who_works_there_says_what_would_differ(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene().student)
    form = client.page("/own-place/propose").form(PROPOSE)
    page = client.submit(form, {**TYPED, **WORKS_THERE}, is_agreed="y")
    assert "I work there, for pay" in page.text
    [kept] = proposals(database)
    assert (kept.tied_to, kept.duties_now) == ("Paul Boss", "I serve in the café.")


def test_it_is_too_late_ten_working_days_before_choices_close(client: PageClient, scene: Build, clock: Clock) -> None:
    client.sign_in_as(scene().student)
    form = client.page("/own-place/propose").form(PROPOSE)
    clock.now = NOW.replace(month=11, day=2, hour=15)
    late = "Places of your own could be proposed until Mon 2 Nov 2026, 3pm."
    assert late in client.submit(form, TYPED, is_agreed="y").text
    assert late in client.page("/own-place").text
    shut = client.page("/own-place/propose")
    assert late in shut.text
    assert [form for form in shut.forms if form.action == "/own-place/propose"] == []


@pytest.mark.parametrize(
    ("add", "sentence"),
    [
        (lambda made: made.proposal(), "You have proposed a place already."),
        (lambda made: make.offer(made.enrolment), "You have an offer. Answer it first"),
        (lambda made: setattr(made.enrolment, "state", EnrolmentState.PLACED), "You have a place"),
        (lambda made: setattr(made.enrolment, "state", EnrolmentState.DEFERRED), "not looking for a placement"),
    ],
    ids=["proposed", "offered", "placed", "deferred"],
)
def test_who_cannot_propose_reads_why(
    database: Flask, client: PageClient, scene: Build, add: Callable[[Scene], object], sentence: str
) -> None:
    client.sign_in_as(scene(add).student)
    assert sentence in client.page("/own-place").text
    before = len(proposals(database))
    assert sentence in client.page("/own-place/propose").text
    answer = client.post("/own-place/propose", data={**TYPED, "is_agreed": "y", "csrf_token": client.token()})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert len(proposals(database)) == before


def test_another_one_can_be_proposed_after_a_refusal(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene(lambda made: made.proposal(state=ProposalState.REFUSED)).student)
    form = client.page("/own-place/propose").form(PROPOSE)
    client.submit(form, TYPED, is_agreed="y")
    assert [each.state for each in proposals(database)] == [ProposalState.REFUSED, ProposalState.PROPOSED]


def asked(made: Scene) -> None:
    found = {"organisation": made.garden, "site": made.place, "verified": True}
    made.proposal(state=ProposalState.MORE_ASKED, question="Which days?", public_id="own-place-01", **found)


def test_a_question_is_answered_and_what_was_found_stands(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(asked)
    client.sign_in_as(made.student)
    page = client.page("/proposals/own-place-01")
    assert "Answer the question below: your proposal waits for it." in page.text
    form = client.page(page.link("Answer")).form("Send your answer")
    assert form.values["address"] == ["2 Example Road"]
    page = client.submit(form, {"answer": "On Wednesdays.", "times": "Wednesdays"})
    assert "On Wednesdays." in page.text
    [kept] = proposals(database)
    assert (kept.state, kept.times) == (ProposalState.PROPOSED, "Wednesdays")
    assert kept.organisation_id == made.garden.id
    assert kept.verified_email == "ruth@garden.example.org"
    assert ("proposals.waiting", made.officer.person_id) in told(database)


@pytest.mark.parametrize("change", [{"supervisor_email": "cem@garden.example.org"}, {"postcode": "N1 1AA"}])
def test_another_place_or_supervisor_is_checked_anew(
    database: Flask, client: PageClient, scene: Build, change: dict[str, str]
) -> None:
    client.sign_in_as(scene(asked).student)
    form = client.page("/proposals/own-place-01/answer").form("Send your answer")
    client.submit(form, {"answer": "It is another one.", **change})
    [kept] = proposals(database)
    found = (kept.organisation_id, kept.site_id, kept.verified_email, kept.verified_at, kept.verified_how)
    assert found == (None, None, None, None, "")


def test_a_proposal_is_withdrawn(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene(lambda made: made.proposal(public_id="own-place-01")).student)
    page = client.page(client.page("/proposals/own-place-01").link("Withdraw"))
    done = client.submit(page.form("Withdraw the proposal"))
    assert done.link("Propose a place") == "/own-place/propose"
    assert "Withdrawn" in done.text
    assert proposals(database)[0].state is ProposalState.WITHDRAWN


def test_another_student_finds_nothing_there(client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene(lambda made: made.proposal(public_id="own-place-01")).stranger)
    for part in ("", "/answer", "/withdraw", "/approve"):
        client.page(f"/proposals/own-place-01{part}", 404)


def test_a_page_of_ones_own_asks_the_same_of_one_and_of_three(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: made.proposal(state=ProposalState.REFUSED))
    client.sign_in_as(made.student)
    client.page("/own-place")  # what is asked once and kept
    with counting_queries() as one:
        client.page("/own-place")
    scene_more(client, made)
    with counting_queries() as three:
        client.page("/own-place")
    assert (one.count, three.count) == (8, 8)


def scene_more(client: PageClient, made: Scene) -> None:
    with client.application.app_context():
        enrolment = db.session.merge(made.enrolment)
        for _ in range(2):
            proposal(enrolment, state=ProposalState.WITHDRAWN)
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(Proposal)) == 3


def test_whoever_accepts_an_offer_or_leaves_proposes_nothing_more(
    database: Flask, client: PageClient, scene: Build
) -> None:
    def add(made: Scene) -> None:
        made.proposal()
        make.offer(made.enrolment, deadline_at=NOW + timedelta(days=3), public_id="offer-public")

    client.sign_in_as(scene(add).student)
    client.submit(client.page("/offers/offer-public").form("Accept this place"))
    assert proposals(database)[0].state is ProposalState.WITHDRAWN

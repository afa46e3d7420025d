"""What the engagement team and the module leader do with a student's own place, up to the placement."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.mail.models import Notification
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.partners.models import Contact, ContactRole, Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.placing.models import Placement
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from placements.rounds.models import Lock
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.proposals.conftest import Build
from tests.proposals.making import proposal
from tests.proposals.scene import TYPED, Scene

HERE = "/proposals/own-place-01"
VERIFIED = {"means": "website", "email": "ruth@garden.example.org", "how": "I rang the number on its website."}


def only(database: Flask, model: Any) -> Any:
    with database.app_context():
        return db.session.scalars(select(model)).one()


def the_proposal(database: Flask) -> Proposal:
    return only(database, Proposal)


def told(database: Flask, notice: str) -> set[int]:
    with database.app_context():
        rows = select(Notification.recipient_id).where(Notification.notice == notice)
        return set(db.session.scalars(rows))


def proposed(made: Scene) -> None:
    made.proposal(public_id="own-place-01")


def checked(made: Scene, **said: Any) -> None:
    made.checked(public_id="own-place-01", **said)


def test_from_a_proposal_to_a_placement(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.student)
    client.submit(client.page("/own-place/propose").form("Propose this place"), TYPED, is_agreed="y")

    client.sign_in_as(made.officer)
    listed = client.page("/proposals")
    assert "Ada" not in listed.text
    page = client.page(listed.link("Whitecross Garden"))
    assert "Check the organisation by Fri 23 Oct 2026, 5pm (in 3 days)" in page.text
    form = client.page(page.link("Say which organisation it is")).form("Save")
    page = client.submit(form, match=made.garden.public_id)
    page = client.submit(
        client.page(page.link("Verify the supervisor’s address")).form("Save what you found"), VERIFIED
    )
    assert "Everything holds" in page.text
    page = client.submit(page.form("The organisation is checked"))
    assert "Ada" not in page.text
    assert told(database, "proposals.to_decide") == {made.leader.person_id}

    client.sign_in_as(made.leader)
    page = client.page(client.page("/proposals").link("Whitecross Garden"))
    page = client.page(page.link("Approve"))
    assert "Ruth Mensah is told at ruth@garden.example.org" in page.text
    done = client.submit(page.form("Approve and place Ada"))
    assert "Ada Okoro is placed, and everybody concerned has been told." in done.text

    placement = only(database, Placement)
    challenge, offer = only(database, Challenge), only(database, Offer)
    assert (offer.state, offer.enrolment_id) == (OfferState.ACCEPTED, made.enrolment.id)
    assert (placement.challenge_id, placement.site_id) == (challenge.id, made.place.id)
    assert (challenge.state, challenge.places_max, challenge.published_at) == (ChallengeState.CLOSED, 1, None)
    assert (challenge.suits_level_5, challenge.suits_level_6) == (False, True)
    with database.app_context():
        assert db.session.get_one(Enrolment, made.enrolment.id).state is EnrolmentState.PLACED
        contact = db.session.scalars(select(Contact)).one()
        assert (contact.person.email, contact.role) == ("ruth@garden.example.org", ContactRole.PRIMARY)
        assert contact.person_id == placement.supervisor_id
    assert told(database, "proposals.approved") == {made.student.person_id}
    assert told(database, "offers.student_is_coming") == {placement.supervisor_id}
    assert told(database, "offers.student_accepted") == {made.tutor.person_id}
    assert told(database, "offers.accepted") == set()

    client.sign_in_as(made.student)
    page = client.page(client.page("/own-place").link("Whitecross Garden"))
    assert "This is your placement." in page.text
    assert "This place is yours." in client.page(page.link("See the place")).text


def test_nobody_else_can_find_or_choose_it(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(checked)
    client.sign_in_as(made.leader)
    client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    address = f"/challenges/{only(database, Challenge).public_id}"
    assert "A watering rota" in client.page(address).text
    assert "From version 1 to version 1" in client.page(f"{address}/versions").text
    client.sign_in_as(made.stranger)
    assert "A watering rota" not in client.page("/find").text
    client.sign_out()
    assert "A watering rota" not in client.page("/").text


def test_a_new_organisation_and_its_place_are_added(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(lambda made: made.proposal(public_id="own-place-01", organisation_name="Blue Door"))
    client.sign_in_as(made.officer)
    form = client.page(f"{HERE}/organisation").form("Save")
    page = client.submit(form, match="new", type="")
    assert "Choose what kind of organisation it is" in page.text
    page = client.submit(form, match="new", type="charity")
    again = client.submit(form, match="new", type="charity")
    assert "It is Blue Door." in page.text
    assert "It is Blue Door." in again.text
    with database.app_context():
        added = db.session.scalars(select(Organisation).where(Organisation.name == "Blue Door")).one()
        assert (added.state, added.borough) == (OrganisationState.PROSPECTIVE, "Islington")
        assert added.owner_id == made.officer.person_id
        place = db.session.scalars(select(Site).where(Site.organisation_id == added.id)).one()
        assert (place.address, place.postcode, place.cleared_until) == ("2 Example Road", "EC1Y 8NX", None)
    assert "The organisation is checked" not in page.text
    answer = client.post(f"{HERE}/check", data={"csrf_token": client.token()})
    assert answer.status_code == 409


def test_remote_work_needs_no_place(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(lambda made: made.proposal(public_id="own-place-01", mode="remote", verified=True))
    client.sign_in_as(made.officer)
    form = client.page(f"{HERE}/organisation").form("Save")
    page = client.submit(form, match=made.garden.public_id)
    assert "Everything holds" in page.text
    assert the_proposal(database).site_id is None


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("ADA@example.org", "This is the student’s own address."),
        ("enid@example.org", "This is your own address, so somebody else has to see to this proposal"),
    ],
)
def test_an_address_that_proves_nothing_is_refused(
    database: Flask, client: PageClient, scene: Build, email: str, sentence: str
) -> None:
    client.sign_in_as(scene(proposed).officer)
    form = client.page(f"{HERE}/supervisor").form("Save what you found")
    page = client.submit(form, {**VERIFIED, "email": email})
    assert sentence in page.text
    assert page.form("Save what you found").values["how"] == [VERIFIED["how"]]
    assert the_proposal(database).verified_at is None


def test_the_address_that_the_organisation_gave_is_used(database: Flask, client: PageClient, scene: Build) -> None:
    def found(made: Scene) -> None:
        make.contact(made.garden, role=ContactRole.PRIMARY)
        made.proposal(public_id="own-place-01", organisation=made.garden, site=made.place)

    made = scene(found)
    client.sign_in_as(made.officer)
    form = client.page(f"{HERE}/supervisor").form("Save what you found")
    page = client.submit(form, {**VERIFIED, "email": "r.mensah@whitecross.example.org"})
    assert "Another address than the student’s" in page.text
    client.submit(page.form("The organisation is checked"))
    client.sign_in_as(made.leader)
    client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    with database.app_context():
        person = db.session.scalars(select(Placement)).one().supervisor
        assert person.email == "r.mensah@whitecross.example.org"
        contact = db.session.scalars(select(Contact).where(Contact.person_id == person.id)).one()
        assert contact.role is ContactRole.SUPERVISOR


def test_another_organisation_undoes_what_was_verified(database: Flask, client: PageClient, scene: Build) -> None:
    def elsewhere(made: Scene) -> None:
        made.proposal(public_id="own-place-01", organisation=make.organisation(), verified=True)

    made = scene(elsewhere)
    client.sign_in_as(made.officer)
    client.submit(client.page(f"{HERE}/organisation").form("Save"), match=made.garden.public_id)
    found = the_proposal(database)
    assert (found.organisation_id, found.verified_email) == (made.garden.id, None)


def test_nothing_is_approved_once_a_check_holds_no_more(database: Flask, client: PageClient, scene: Build) -> None:
    def run_out(made: Scene) -> None:
        checked(made)
        made.unapproved()

    client.sign_in_as(scene(run_out).leader)
    page = client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    assert "This has to hold first: the organisation has passed its checks." in page.text
    assert the_proposal(database).state is ProposalState.ORGANISATION_CHECKED


def test_a_full_organisation_and_another_offer_are_refused(database: Flask, client: PageClient, scene: Build) -> None:
    def full(made: Scene) -> None:
        checked(made)
        made.garden.ceiling = 1
        make.offer(made.other_enrolment, make.challenge(made.garden))

    client.sign_in_as(scene(full).leader)
    page = client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    assert "This organisation has as many students as it can take." in page.text
    assert the_proposal(database).offer_id is None


def test_whoever_would_supervise_does_not_decide(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene(lambda made: checked(made, verified_email="LEA@example.org")).leader)
    page = client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    assert "You would supervise this student, so somebody else has to decide." in page.text
    assert the_proposal(database).state is ProposalState.ORGANISATION_CHECKED


def test_a_lock_ends_once_the_student_is_placed(database: Flask, client: PageClient, scene: Build) -> None:
    def locked(made: Scene) -> None:
        checked(made)
        make.lock(made.enrolment)

    client.sign_in_as(scene(locked).leader)
    assert only(database, Lock).ended_at is None
    client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    assert only(database, Lock).ended_at == NOW


def test_who_has_an_offer_is_not_placed_besides(database: Flask, client: PageClient, scene: Build) -> None:
    def offered(made: Scene) -> None:
        checked(made)
        make.offer(made.enrolment, make.challenge(title="Count the stock"))

    client.sign_in_as(scene(offered).leader)
    page = client.submit(client.page(f"{HERE}/approve").form("Approve and place Ada"))
    assert "Ada Okoro has an offer already, from Count the stock." in page.text
    assert the_proposal(database).state is ProposalState.ORGANISATION_CHECKED


def test_a_refusal_is_read_by_the_student_alone_with_tutor_and_leader(
    database: Flask, client: PageClient, scene: Build
) -> None:
    made = scene(proposed)
    client.sign_in_as(made.leader)
    form = client.page(f"{HERE}/refuse").form("Refuse")
    assert "Enter why it cannot be approved" in client.submit(form).text
    client.submit(form, reason="The duties are those of your job.")
    assert told(database, "proposals.refused") == {made.student.person_id}
    for account, reads in ((made.student, True), (made.tutor, True), (made.officer, False)):
        client.sign_in_as(account)
        assert ("The duties are those of your job." in client.page(HERE).text) is reads


@pytest.mark.parametrize(("asker", "team_reads"), [("officer", True), ("leader", False)])
def test_who_reads_a_question_depends_on_who_asked(
    database: Flask, client: PageClient, scene: Build, asker: str, team_reads: bool
) -> None:
    made = scene(proposed)
    client.sign_in_as(getattr(made, asker))
    client.submit(client.page(f"{HERE}/ask").form("Ask"), question="Which days would it be?")
    assert told(database, "proposals.more_asked") == {made.student.person_id}
    for account, reads in ((made.student, True), (made.leader, True), (made.officer, team_reads)):
        client.sign_in_as(account)
        assert ("Which days would it be?" in client.page(HERE).text) is reads


def test_the_timeline_tells_the_team_nothing_of_the_student(client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.student)
    page = client.submit(client.page("/own-place/propose").form("Propose this place"), TYPED, is_agreed="y")
    assert "Proposed a place" in page.text
    client.sign_in_as(made.officer)
    client.forbidden = {"Ada", "Okoro", "ada@example.org"}
    page = client.page(page.url)
    assert "Nothing yet." in page.text


def test_a_leader_says_until_when_places_are_proposed(client: PageClient, scene: Build) -> None:
    made = scene()
    client.sign_in_as(made.leader)
    page = client.page(client.page("/proposals").link(made.run.title))
    assert "At present that is Mon 2 Nov 2026, 3pm" in page.text
    assert "Enter a number of working days" in client.submit(page.form("Save"), working_days="").text
    client.submit(page.form("Save"), working_days="2")
    client.submit(page.form("Save"), working_days="15")
    client.sign_in_as(made.student)
    assert "by Mon 26 Oct 2026, 3pm" in client.page("/own-place").text


def test_the_list_shows_first_what_waits_first(client: PageClient, scene: Build) -> None:
    def several(made: Scene) -> None:
        for name, state, hour in (
            ("Refused", ProposalState.REFUSED, 1),
            ("Asked", ProposalState.MORE_ASKED, 1),
            ("Later", ProposalState.PROPOSED, 12),
            ("Sooner", ProposalState.ORGANISATION_CHECKED, 9),
        ):
            enrolment = make.enrolment(made.group)
            proposal(enrolment, organisation_name=name, state=state, due_at=NOW.replace(day=21, hour=hour))

    client.sign_in_as(scene(several).leader)
    page = client.page("/proposals")
    names = [each.text for each in page.links if each.href.startswith("/proposals/")]
    assert names == ["Sooner", "Later", "Asked", "Refused"]
    assert "Refused" not in [each.text for each in client.page("/proposals?state=proposed").links]


def test_the_list_asks_the_same_of_one_and_of_three(client: PageClient, scene: Build) -> None:
    made = scene(proposed)
    client.sign_in_as(made.leader)
    client.page("/proposals")
    with counting_queries() as one:
        client.page("/proposals")
    with client.application.app_context():
        for _ in range(2):
            proposal(make.enrolment(db.session.merge(made.group)))
        db.session.commit()
    with counting_queries() as three:
        page = client.page("/proposals")
    assert len([each for each in page.links if each.href.startswith("/proposals/")]) == 3
    assert (one.count, three.count) == (4, 4)

"""Where a challenge happens: its first place comes with the draft, further ones with a supervisor each."""

from typing import Any

from flask import Flask
from sqlalchemy import delete, func, insert, select

from placements.challenges import actions
from placements.challenges.models import ChallengeSite, ChallengeTheme
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import ContactRole, Site
from tests import factories as make
from tests.challenges.stage import NEED, Stage, only_challenge, organisation
from tests.client import PageClient

PLACE = {"place_name": "The larder", "address": "12 Hornsey Road", "postcode": "n7 7dd", "borough": "Islington"}
DRAFT = {"title": "Cook what comes in", "theme": "poverty", "mode": "on_site"}


def _without_places(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(Site))
        db.session.commit()


def test_the_first_place_is_asked_for_with_the_draft(database: Flask, client: PageClient, stage: Stage) -> None:
    _without_places(database)
    client.sign_in_as(stage.contact)
    url = f"/challenges/new/{stage.organisation}"
    form = client.page(url).form(url)
    assert (form.values["place_name"], form.values["borough"]) == (["Holloway Larder"], ["Islington"])
    assert client.submit(form, {**DRAFT, "place_name": ""}).errors == [
        "Enter what you call the place",
        "Enter the address",
        "Enter the postcode",
    ]
    assert client.submit(form, {**DRAFT, **PLACE, "postcode": "N7"}).errors == ["Enter a full UK postcode, like N7 8DB"]
    for _ in range(2):  # a double click
        assert client.submit(form, {**DRAFT, **PLACE}).h1 == "Tell students about it"
    with database.app_context():
        site = db.session.scalars(select(Site)).one()
        assert (site.name, site.postcode, only_challenge().site_id) == ("The larder", "N7 7DD", site.id)
    assert "address" not in client.page(url).form(url).names


def test_work_from_elsewhere_needs_no_place(database: Flask, client: PageClient, stage: Stage) -> None:
    _without_places(database)
    client.sign_in_as(stage.contact)
    url = f"/challenges/new/{stage.organisation}"
    client.submit(client.page(url).form(url), {**DRAFT, "mode": "remote"})
    with database.app_context():
        assert db.session.scalars(select(Site)).all() == []
        assert only_challenge().site_id is None


def test_what_they_told_us_first_is_the_need_of_their_first_challenge_alone(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    with database.app_context():
        kept = organisation()
        for state, said in ((EnquiryState.ACCEPTED, NEED), (EnquiryState.CLOSED, "Something else.")):
            make.enquiry(kept.contacts[0].person, organisation=kept, state=state, challenges_faced=said)
        make.enquiry(organisation=kept, state=EnquiryState.ACCEPTED, challenges_faced="A colleague wrote this.")
        db.session.commit()
    client.sign_in_as(stage.contact)
    needs = []
    for _ in range(2):
        url = f"/challenges/new/{stage.organisation}"
        page = client.submit(client.page(url).form(url), DRAFT)
        needs.append(page.form(page.url).values["need"])
    assert needs == [[NEED], [""]]


def test_what_we_know_of_the_place_is_shown_and_not_asked_again(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    with database.app_context():
        site = organisation().sites[0]
        site.directions, site.access_notes = "Bus 43 to the library", "Step-free; no lift"
        db.session.commit()
    client.sign_in_as(stage.contact)
    url = f"/challenges/new/{stage.organisation}"
    page = client.submit(client.page(url).form(url), DRAFT)
    assert page.form(page.url).values["access_notes"] == ["Step-free; no lift"]
    assert "How to get there: Bus 43 to the library." in page.text
    assert client.page(page.link("Change what we know of The hall")).status == 200
    page = client.submit(page.form(page.url), button="Save draft")
    assert "How to get there Bus 43 to the library" in page.text


def test_other_areas_are_kept_beside_the_lead_area_which_is_none_of_them(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    client.sign_in_as(stage.contact)
    url = f"/challenges/new/{stage.organisation}"
    page = client.submit(client.page(url).form(url), DRAFT)
    form = page.form(page.url)
    said = {"other_areas": ["poverty", "health", "crime"], "working": "together", "skills_learnt": "Cooking for many"}
    page = client.submit(form, said, button="Save draft")
    assert "Other areas Crime, Health improvement" in page.text
    assert "How you work In a group" in page.text
    assert "What you learn Cooking for many" in page.text
    client.submit(client.page(f"{page.url}/edit").form(f"{page.url}/edit"), other_areas=["health"], button="Save draft")
    with database.app_context():
        assert [each.theme for each in db.session.scalars(select(ChallengeTheme))] == [Theme.HEALTH]


def test_a_place_is_added_with_its_supervisor_and_taken_away(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        kept = organisation()
        make.site(kept, name="The annexe", address="9 Canary Yard", postcode="E8 1AA", borough="Hackney")
        make.contact(kept, make.person(given_name="Dev", family_name="Patel"), ContactRole.SUPERVISOR)
        theirs = kept.contacts[0].person
        made = make.challenge(kept, site=kept.sites[0], supervisor=theirs, state=ChallengeState.DRAFT)
        db.session.commit()
        url = f"/challenges/{made.public_id}"
    client.sign_in_as(stage.contact)
    form = client.page(f"{url}/edit").form(f"{url}/edit")
    page = client.submit(form, button="Save and add another place to this challenge")
    assert page.h1 == "Other places"
    assert client.submit(page.form(page.url)).errors == ["Choose a place and who supervises there"]
    keys = dict(zip(("The hall", "The annexe"), (page.form(page.url).offers("site") or [])[1:], strict=True))
    dev = (page.form(page.url).offers("supervisor") or [])[2]
    refused = client.submit(page.form(page.url), site=keys["The hall"], supervisor=dev)
    assert refused.errors == ["The hall is where it happens already. Choose another place"]
    for _ in range(2):  # a double click
        page = client.submit(client.page(page.url).form(-1), site=keys["The annexe"], supervisor=dev)
    assert "The annexe, E8 1AA: Dev Patel supervises" in page.text
    with database.app_context():
        only_challenge().state, only_challenge().published_at = ChallengeState.PUBLISHED, make.NOW
        db.session.commit()
    client.sign_in_as(stage.student)
    client.forbidden = {"Dev Patel", "9 Canary Yard"}
    assert "The hall, N7, Islington The annexe, E8, Hackney" in client.page(url).text
    client.forbidden = set()
    with database.app_context():
        only_challenge().state = ChallengeState.DRAFT
        db.session.commit()
    client.sign_in_as(stage.contact)
    page = client.submit(client.page(f"{url}/places").form(1))
    assert "The annexe is taken away." in page.text
    assert "Dev Patel supervises" not in page.text


def test_a_place_of_another_organisation_cannot_be_added(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        made = make.challenge(organisation(), state=ChallengeState.DRAFT)
        foreign = make.site().public_id
        db.session.commit()
        url = f"/challenges/{made.public_id}/places"
    client.sign_in_as(stage.contact)
    sent = client.page(url).form(url).filled({})
    sent.setlist("site", [foreign])
    assert client.post(url, data=sent).status_code == 422


def test_a_place_that_was_added_a_moment_ago_is_not_added_again(session: Any) -> None:
    draft = make.challenge(state=ChallengeState.DRAFT)
    assert draft.further_sites == []  # read before the other press was through
    place, by = make.site(draft.organisation), Principal(draft.supervisor_id)
    row = {"challenge_id": draft.id, "site_id": place.id, "supervisor_id": draft.supervisor_id}
    session.execute(insert(ChallengeSite).values(**row))
    actions.add_place(draft, place, draft.supervisor, actor=by, now=make.NOW)
    assert session.scalar(select(func.count(ChallengeSite.id))) == 1
    session.execute(insert(ChallengeSite).values(**{**row, "site_id": make.site(draft.organisation).id}))
    actions.remove_place(draft, draft.all_sites[-1], actor=by, now=make.NOW)
    assert len(draft.further_sites) == 1


def _with_two_places(app: Flask) -> tuple[str, str]:
    """A draft at the hall and the annexe; its address, and the annexe's key."""
    with app.app_context():
        kept = organisation()
        annexe = make.site(kept, name="The annexe", postcode="E8 1AA", borough="Hackney")
        by = kept.contacts[0].person
        made = make.challenge(kept, site=kept.sites[0], supervisor=by, state=ChallengeState.DRAFT)
        made.further_sites.append(ChallengeSite(site_id=annexe.id, supervisor_id=by.id))
        db.session.commit()
        return f"/challenges/{made.public_id}", annexe.public_id


def test_a_further_place_that_becomes_the_first_is_there_once(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    url, annexe = _with_two_places(database)
    client.sign_in_as(stage.contact)
    page = client.submit(client.page(f"{url}/edit").form(f"{url}/edit"), site=annexe, button="Save draft")
    assert page.text.count("The annexe, E8, Hackney") == 1
    with database.app_context():
        assert [site.name for site in only_challenge().all_sites] == ["The annexe"]


def test_what_is_done_from_elsewhere_happens_at_no_place(database: Flask, client: PageClient, stage: Stage) -> None:
    url, _ = _with_two_places(database)
    client.sign_in_as(stage.contact)
    page = client.submit(client.page(f"{url}/edit").form(f"{url}/edit"), mode="remote", button="Save draft")
    assert "Where From anywhere How to get there You need not travel" in page.text
    with database.app_context():
        assert only_challenge().all_sites == []

"""A result from its first words to the public page, and down again, by account."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.impact import actions
from placements.impact.models import Result
from placements.impact.rules import Words
from placements.impact.workflow import ResultState
from placements.partners.models import ContactRole
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.impact.results import result
from tests.impact.scene import WORDS, Told
from tests.placing.scene import committed

R = ResultState
Build = Callable[..., Told]


@pytest.fixture
def told(database: Flask) -> Build:
    def build(*more: Callable[[Told], object], **said: Any) -> Told:
        with database.app_context():
            made = Told(**said)
            for add in more:
                add(made)
            return committed(made)

    return build


def now_reads(database: Flask, made: Told) -> Result:
    with database.app_context():
        found = db.session.get_one(Result, made.result.id)
        db.session.expunge_all()
        return found


def test_from_the_first_words_to_the_public_page(database: Flask, told: Build, client: PageClient) -> None:
    def forget(made: Told) -> None:
        actions.withdraw(made.result, "", actor=made.officer, now=NOW)

    made = told(forget)
    client.sign_in_as(made.engagement)
    page = client.page(client.page("/impact").link("Write a result"))
    page = client.page(page.link("Count the stock"))
    assert "Name no student, and nothing that tells who it was." in page.text
    page = client.submit(page.form(), headline="One list", story="They keep it.", people_reached="12", quote="Good.")
    assert (page.h1, page.status) == ("One list", 200)
    assert "Read it once more, then ask The food bank whether it is true." in page.text
    page = client.submit(client.page(page.link("Ask whether it is true")).form())
    assert "Con Contact is asked whether it is true." in page.text
    url = page.url
    client.sign_in_as(made.contact)
    page = client.page(client.page("/impact").link("One list"))
    assert "Say whether this is true, and whether we may show it." in page.text
    page = client.submit(client.page(page.link("Give your answer")).form(), answer="show")
    assert "Thank you. We show it on our public pages." in page.text
    client.sign_in_as(made.engagement)
    page = client.submit(client.page(client.page(url).link("Show it to everybody")).form())
    assert "It is shown on the public pages." in page.text
    client.sign_out()
    page = client.page(client.page("/results").link("One list"))
    assert "They keep it." in page.text
    assert "12 people used it or took part, as The food bank counts them." in page.text


def test_kept_among_us_it_cannot_be_shown(database: Flask, told: Build, client: PageClient) -> None:
    made = told(state=R.ASKED)
    client.sign_in_as(made.contact)
    client.submit(client.page(f"{made.page}/verify").form(), answer="keep")
    client.sign_in_as(made.engagement)
    page = client.page(made.page)
    assert "wants it kept among us: it is not shown" in page.text
    assert "Show it to everybody" not in page.text
    assert client.get(f"{made.page}/publish").status_code == 409
    with database.app_context(), pytest.raises(Refused, match="has not agreed"):
        actions.publish(db.session.get_one(Result, made.result.id), actor=made.officer, now=NOW)


def test_what_is_wrong_goes_back_to_its_writer(database: Flask, told: Build, client: PageClient) -> None:
    made = told(state=R.ASKED)
    client.sign_in_as(made.contact)
    page = client.page(f"{made.page}/verify")
    again = client.submit(page.form(), answer="wrong")
    assert (again.status, again.errors) == (422, ["Say what is wrong, so that we can put it right"])
    client.submit(again.form(), answer="wrong", reason="It was ninety people.")
    assert client.get(made.page).status_code == 404  # a draft is ours alone
    client.sign_in_as(made.engagement)
    assert "Sent back: It was ninety people." in client.page(made.page).text
    assert now_reads(database, made).state is R.DRAFT


@pytest.mark.parametrize("state", [R.ASKED, R.VERIFIED, R.PUBLISHED])
def test_other_words_have_to_be_verified_again(
    database: Flask, told: Build, client: PageClient, state: ResultState
) -> None:
    made = told(state=state)
    client.sign_in_as(made.leader)
    page = client.submit(client.page(f"{made.page}/edit").form(), headline="A better list")
    assert page.h1 == "A better list"
    changed = now_reads(database, made)
    assert (changed.state, changed.version, changed.may_publish) == (R.DRAFT, 2, False)
    assert (changed.verified_by_id, changed.published_at) == (None, None)
    assert changed.written_by_id == made.leader.person_id
    assert client.get(f"/results/{made.result.public_id}").status_code == 404


def test_the_same_words_change_nothing(database: Flask, told: Build, client: PageClient) -> None:
    made = told(state=R.PUBLISHED)
    client.sign_in_as(made.leader)
    client.submit(client.page(f"{made.page}/edit").form())
    kept = now_reads(database, made)
    assert (kept.state, kept.version, kept.written_by_id) == (R.PUBLISHED, 1, made.engagement.person_id)


def test_two_who_write_at_once_lose_neither(database: Flask, told: Build, client: PageClient) -> None:
    made = told()
    client.sign_in_as(made.leader)
    form = client.page(f"{made.page}/edit").form()
    with database.app_context():
        other = Words("Ours", "They keep it.", None, "")
        actions.edit(db.session.get_one(Result, made.result.id), other, seen=1, actor=made.officer, now=NOW)
        db.session.commit()
    page = client.submit(form, headline="Mine")
    assert page.status == 422
    assert "Somebody changed this since you opened it." in page.text
    assert "What is saved now Ours" in page.text
    assert client.submit(page.form()).h1 == "Mine"


def test_an_answer_to_words_that_were_changed_meanwhile_is_not_taken(
    database: Flask, told: Build, client: PageClient
) -> None:
    made = told(state=R.ASKED)
    client.sign_in_as(made.contact)
    form = client.page(f"{made.page}/verify").form()
    with database.app_context():
        result = db.session.get_one(Result, made.result.id)
        actions.edit(result, Words("Ours", "They keep it.", None, ""), seen=1, actor=made.officer, now=NOW)
        actions.ask(result, actor=made.officer, now=NOW)
        db.session.commit()
    page = client.submit(form, answer="show")
    assert page.status == 422
    assert "The words have been changed since. Read them as they are now." in page.text
    assert now_reads(database, made).state is R.ASKED


@pytest.mark.parametrize("state", [R.ASKED, R.VERIFIED, R.PUBLISHED])
def test_the_organisation_has_it_taken_down(
    database: Flask, told: Build, client: PageClient, state: ResultState
) -> None:
    made = told(state=state)
    client.sign_in_as(made.contact)
    page = client.submit(client.page(client.page(made.page).link("Please take it down")).form(), reason="We moved.")
    assert "It is taken down." in page.text
    assert now_reads(database, made).state is R.WITHDRAWN
    assert client.get(f"/results/{made.result.public_id}").status_code == 404
    with database.app_context():
        assert made.told("impact.answered") == {"engagement"}


def test_nobody_verifies_their_own_words(session: Any) -> None:
    made = Told(state=R.ASKED)
    make.contact(made.organisation, made.engagement.person)
    for verb in (
        lambda: actions.verify(made.result, may_publish=True, seen=1, actor=made.officer, now=NOW),
        lambda: actions.send_back(made.result, "No.", seen=1, actor=made.officer, now=NOW),
    ):
        with pytest.raises(Refused, match="somebody else has to say"):
            verb()


def test_the_writer_is_not_asked_either_and_without_anybody_it_says_so(session: Any) -> None:
    made = Told()
    for contact in made.organisation.contacts:
        contact.left_on = NOW.date()
    make.contact(made.organisation, made.engagement.person)
    session.flush()
    with pytest.raises(Refused, match="The food bank has no main contact, and the supervisor has left"):
        made.ask()


def test_where_there_is_no_main_contact_the_supervisor_is_asked(session: Any) -> None:
    made = Told()
    main = next(each for each in made.organisation.contacts if each.role is ContactRole.PRIMARY)
    main.left_on = NOW.date()
    session.flush()
    made.ask()
    assert made.result.asked_id == made.supervisor.person_id


def test_of_a_challenge_something_is_told_once_until_it_is_taken_down(session: Any) -> None:
    made = Told()
    with pytest.raises(Refused, match="told of this challenge already"):
        actions.write(made.challenge, WORDS, "key", actor=made.officer, now=NOW)
    actions.withdraw(made.result, "", actor=made.officer, now=NOW)
    assert actions.write(made.challenge, WORDS, "key", actor=made.officer, now=NOW).state is R.DRAFT


@pytest.mark.parametrize(
    ("state", "status"),
    [(PlacementState.PREPARING, 404), (PlacementState.NOT_STARTED, 404), (PlacementState.ENDED_EARLY, 200)],
)
def test_only_of_challenges_with_students(
    database: Flask, client: PageClient, state: PlacementState, status: int
) -> None:
    with database.app_context():
        engagement = Told().engagement
        bare = make.placement(state=state).challenge
        db.session.commit()
        url, title = f"/impact/challenges/{bare.public_id}/write", bare.title
        client.sign_in_as(engagement)
    client.page(url, status)
    assert (title in client.page("/impact/choose").text) is (status == 200)


def test_a_form_sent_twice_is_one_result(database: Flask, told: Build, client: PageClient) -> None:
    made = told(lambda made: actions.withdraw(made.result, "", actor=made.officer, now=NOW))
    client.sign_in_as(made.engagement)
    form = client.page(f"/impact/challenges/{made.challenge.public_id}/write").form()
    client.submit(form, headline="One list", story="They keep it.")
    assert client.submit(form, headline="One list", story="They keep it.").status == 422
    with database.app_context():
        standing = select(func.count()).select_from(Result).where(Result.state == R.DRAFT)
        assert db.session.scalar(standing) == 1


def test_asking_again_while_the_link_works_sends_nothing_more(session: Any) -> None:
    made = Told()
    first = made.ask()
    assert made.ask() == first
    assert made.told("impact.asked") == {"contact"}


def test_a_stale_edit_is_a_conflict_and_one_of_what_is_down_is_refused(session: Any) -> None:
    made = Told()
    other = Words("Other", "Other.", None, "")
    with pytest.raises(Conflict):
        actions.edit(made.result, other, seen=7, actor=made.officer, now=NOW)
    actions.withdraw(made.result, "", actor=made.officer, now=NOW)
    with pytest.raises(Refused, match="This result is withdrawn"):
        actions.edit(made.result, other, seen=1, actor=Principal(made.leader.person_id), now=NOW)


def test_the_list_is_filtered_and_contacts_see_their_own(database: Flask, told: Build, client: PageClient) -> None:
    def others(made: Told) -> None:
        result(headline="Elsewhere", state=R.PUBLISHED)
        result(made.challenge, headline="Not asked yet")

    made = told(others, state=R.ASKED)
    client.sign_in_as(made.engagement)
    assert [row[0] for row in client.page("/impact").rows] == ["Not asked yet", made.result.headline, "Elsewhere"]
    assert [row[0] for row in client.page("/impact?state=published").rows] == ["Elsewhere"]
    assert [row[0] for row in client.page("/impact?text=stock&state=asked").rows] == [made.result.headline]
    assert "No result is found" in client.page("/impact?text=nothing").text
    client.sign_in_as(made.supervisor)
    assert [row[0] for row in client.page("/impact").rows] == [made.result.headline]


@pytest.mark.parametrize("rows", [1, 3, 60])
@pytest.mark.parametrize("url", ["/impact", "/impact/choose"])
def test_lists_ask_three_queries_however_long(told: Build, client: PageClient, url: str, rows: int) -> None:
    def more(_made: Told) -> None:
        for _ in range(rows):
            result()
            make.placement()

    client.sign_in_as(told(more).engagement)
    client.page("/privacy")
    with counting_queries() as asked:
        client.page(url)
    assert asked.count == 3  # who asks and their roles; the rows with their count


def test_the_public_page_of_a_challenge_leads_to_its_results_and_last_years(
    database: Flask, told: Build, client: PageClient
) -> None:
    def last_years(made: Told) -> None:
        before = make.challenge(made.organisation, academic_year="2025/26")
        result(before, headline="A list on paper", state=R.PUBLISHED)
        result(before, headline="Not to be shown", state=R.VERIFIED)
        made.challenge.offered_before = before

    made = told(last_years, state=R.PUBLISHED)
    page = client.page(f"/open-challenges/{made.challenge.public_id}")
    assert client.page(page.link("A list on paper")).h1 == "A list on paper"
    assert page.link(made.result.headline) == f"/results/{made.result.public_id}"
    assert "Not to be shown" not in page.text

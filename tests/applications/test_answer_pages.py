"""Organisations answer on their pages, module leaders decide on theirs; nobody who has another side in it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account
from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.cohorts.models import Enrolment, RunRole, TimeslotGroup
from placements.db import db
from placements.partners.models import Organisation
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.page import elements, text_of

LIST_QUERIES = 4  # account, roles, answers; is it a demo
ANSWER_QUERIES = 3  # account, roles, the answer with all that it is about


class Applied:
    """Ada Obi has chosen another challenge first, and the one of `contact`'s organisation second; `leader` leads."""

    def __init__(self, app: Flask, more: Callable[["Applied"], object] = lambda _: None) -> None:
        with seeding(app):
            self.organisation: Organisation = make.organisation(name="Holloway Fixers")
            self.contact: Account = make.account(make.contact(self.organisation).person)
            self.challenge = make.challenge(self.organisation, title="A repair café")
            self.group: TimeslotGroup = make.group()
            self.leader: Account = make.account()
            make.run_role(RunRole.LEADER, self.leader.person, self.group.run)
            self.ada = self.applies("Ada", "Obi")
            more(self)
        self.list_url = f"/challenges/{self.challenge.public_id}/applicants"
        self.url = f"/applicants/{self.ada.public_id}/answer"
        self.decide_url = f"/not-suitable/{self.ada.public_id}"

    def applies(self, given: str, family: str) -> HostAnswer:
        enrolment = make.enrolment(self.group, make.person(given_name=given, family_name=family))
        elsewhere = make.challenge(title="CANARY elsewhere")
        application = make.application(enrolment, [elsewhere, self.challenge], statement=f"I am {given}.")
        return self.of(application.enrolment)

    def of(self, enrolment: Enrolment) -> HostAnswer:
        found = select(HostAnswer).join(HostAnswer.application).filter_by(enrolment_id=enrolment.id)
        return db.session.scalars(found.where(HostAnswer.challenge_id == self.challenge.id)).one()


def unsuitable(made: Applied, state: AnswerState = AnswerState.NOT_SUITABLE) -> None:
    for each in db.session.scalars(select(HostAnswer).where(HostAnswer.challenge_id == made.challenge.id)):
        each.state, each.reason, each.sentence = state, Unsuitable.CHECK, "The police check takes until May."
        each.answered_by, each.answered_at, each.undecided_since = made.contact.person, make.NOW, make.NOW


def stands(app: Flask, made: Applied) -> tuple[str, str | None, str]:
    with app.app_context():
        kept = db.session.get_one(HostAnswer, made.ada.id)
        return kept.state.value, kept.reason and kept.reason.value, kept.sentence


# The organisation


@pytest.mark.parametrize(("button", "state"), [("Keen about Ada Obi", "keen"), ("Happy about Ada Obi", "happy")])
def test_a_contact_answers_with_one_press_and_comes_back_to_the_applicant(
    database: Flask, client: PageClient, button: str, state: str
) -> None:
    made = Applied(database)
    client.sign_in_as(made.contact)
    client.forbidden = {"CANARY"}
    page = client.page(made.list_url)
    assert "Tell us by Mon 2 Nov 2026, 8am (in 13 days) what you think of each applicant." in page.text
    assert "If you say nothing, that counts as happy." in page.text
    assert "Not answered, counts as happy" in page.text
    answered = client.submit(page.form(button))
    assert answered.url.partition("#")[0] == made.list_url
    assert f"Your answer about Ada Obi: {state}." in answered.text
    assert stands(database, made) == (state, None, "")


def test_not_suitable_asks_for_a_reason_of_the_brief_and_then_waits(database: Flask, client: PageClient) -> None:
    made = Applied(database)
    client.sign_in_as(made.contact)
    client.forbidden = {"CANARY"}
    page = client.page(client.page(made.list_url).link("Not suitable about Ada Obi"))
    form = page.form("Send this answer")
    assert form.values["said"] == ["not_suitable"]
    without = client.submit(form)
    assert "Choose why they are not suitable" in without.text
    assert "Say in one sentence what it is about" in without.text
    assert stands(database, made)[0] == "waiting"
    given = {"reason": "check", "sentence": "The police check takes until May."}
    answered = client.submit(without.form("Send this answer"), **given)
    assert "Your answer: Not suitable, waits for the module leader" in answered.text
    assert stands(database, made) == ("not_suitable", "check", "The police check takes until May.")


def test_a_contact_reads_why_the_module_leader_did_not_agree(database: Flask, client: PageClient) -> None:
    def disagreed(made: Applied) -> None:
        unsuitable(made, AnswerState.DISAGREED)
        made.ada.decision = "The check can be done in a week."

    made = Applied(database, disagreed)
    client.sign_in_as(made.contact)
    said = "so this counts as happy: The check can be done in a week."
    assert said in client.page(made.list_url).text


def test_an_older_page_answers_nothing_and_shows_what_stands(database: Flask, client: PageClient) -> None:
    made = Applied(database)
    client.sign_in_as(made.contact)
    page = client.page(made.list_url)
    client.submit(page.form("Happy about Ada Obi"))
    late = client.submit(page.form("Keen about Ada Obi"))
    assert "Somebody has changed this since you opened the page." in late.text
    assert "Your answer so far: Happy" in late.text
    assert stands(database, made)[0] == "happy"
    client.submit(late.form("Send this answer"), said="keen")
    assert stands(database, made)[0] == "keen"


def test_applicants_stand_in_the_same_order_whatever_was_answered(database: Flask, client: PageClient) -> None:
    made = Applied(database, lambda made: [made.applies("Bea", "Ng"), made.applies("Cy", "Day")])
    client.sign_in_as(made.contact)
    client.submit(client.page(made.list_url).form("Keen about Ada Obi"))
    page = client.page(made.list_url)
    assert [text_of(each) for each in elements(page.main, "h2")] == ["Cy Day", "Bea Ng", "Ada Obi"]


@pytest.mark.parametrize("rank", [1, 6])
def test_pages_and_answers_are_the_same_whatever_the_rank(database: Flask, client: PageClient, rank: int) -> None:
    made = Applied(database)
    client.sign_in_as(made.contact)
    before = [client.page(url).text for url in (made.list_url, made.url)]
    with seeding(database):
        first, second = db.session.get_one(HostAnswer, made.ada.id).application.preferences
        first.rank = 5
        db.session.flush()
        second.rank = rank
    assert [client.page(url).text for url in (made.list_url, made.url)] == before


def test_when_a_round_is_staged_the_pages_say_so_and_show_no_button(database: Flask, client: PageClient) -> None:
    def staged(made: Applied) -> None:
        unsuitable(made)
        made.ada.application.answers_closed_at = make.NOW

    made = Applied(database, staged)
    client.sign_in_as(made.contact)
    page = client.page(made.list_url)
    assert "You need do nothing more: the matching has been done" in page.text
    assert [form for form in page.forms if "/answer" in form.action] == []
    said = "The matching was done on Tue 20 Oct 2026, 9am, so answers stand as they were then."
    assert said in client.page(made.url).text
    client.sign_in_as(made.leader)
    assert "Stands as it is" in client.page("/not-suitable").text
    for url in (made.decide_url, f"{made.decide_url}/disagree"):
        assert said in client.page(url).text


def test_after_the_day_asked_for_answers_count_until_the_matching_begins(
    database: Flask, client: PageClient, clock: object
) -> None:
    made = Applied(database)
    clock.now = make.NOW + 14 * make.DAY  # type: ignore[attr-defined]
    client.sign_in_as(made.contact)
    page = client.page(made.list_url)
    assert "The matching can begin at any time now. Until then your answers count." in page.text
    client.submit(page.form("Keen about Ada Obi"))
    assert stands(database, made)[0] == "keen"


def test_contacts_of_other_organisations_and_whoever_was_decided_are_not_found(
    database: Flask, client: PageClient
) -> None:
    made = Applied(database)
    with seeding(database):
        other = make.account(make.contact().person)
    client.sign_in_as(other)
    client.page(made.url, status=404)
    client.page(made.list_url, status=404)
    with seeding(database):
        db.session.get_one(HostAnswer, made.ada.id).application.decided_at = make.NOW
    client.sign_in_as(made.contact)
    client.page(made.url, status=404)


def test_a_contact_does_not_answer_about_their_own_application(database: Flask, client: PageClient) -> None:
    def applies_too(made: Applied) -> None:
        own = make.enrolment(made.group, made.contact.person)
        made.own = made.of(make.application(own, [made.challenge]).enrolment)  # type: ignore[attr-defined]

    made = Applied(database, applies_too)
    client.sign_in_as(made.contact)
    page = client.page(made.list_url)
    assert len([form for form in page.forms if "/answer" in form.action]) == 2  # both about Ada
    client.page(f"/applicants/{made.own.public_id}/answer", status=403)  # type: ignore[attr-defined]


# The module leader


def test_the_module_leader_reads_it_all_and_agrees(database: Flask, client: PageClient) -> None:
    made = Applied(database, unsuitable)
    client.sign_in_as(made.leader)
    page = client.page("/not-suitable")
    assert page.rows[0][0] == "Ada Obi"
    assert page.rows[0][1].startswith("A repair café Holloway Fixers")
    assert page.rows[0][3] == "Waits"
    page = client.page(page.link("Read and decide about Ada Obi, A repair café"))
    for said in ("I am Ada.", "The police check takes until May.", "a check that cannot be done in time"):
        assert said in page.text
    agreed = client.submit(page.form("Agree: leave this choice out"))
    assert "Agreed. This choice is left out of the matching." in agreed.text
    assert agreed.rows[0][3] == "Agreed"
    assert stands(database, made)[0] == "agreed"


def test_the_module_leader_disagrees_with_a_reason(database: Flask, client: PageClient) -> None:
    made = Applied(database, unsuitable)
    client.sign_in_as(made.leader)
    page = client.page(client.page(made.decide_url).link("Disagree"))
    assert "Say why you do not agree" in client.submit(page.form("Disagree: keep this choice")).text
    done = client.submit(page.form("Disagree: keep this choice"), reason="The check can be done in a week.")
    assert done.rows[0][3] == "Counts as happy"
    assert stands(database, made)[0] == "disagreed"
    assert "Agree after all" in done.text


def test_with_a_side_in_the_organisation_it_is_somebody_elses(database: Flask, client: PageClient) -> None:
    def with_interest(made: Applied) -> None:
        unsuitable(made)
        make.interest(made.organisation, made.leader.person)

    made = Applied(database, with_interest)
    client.sign_in_as(made.leader)
    assert "Another module leader: you have a side in it" in client.page("/not-suitable").text
    client.page(made.decide_url, status=403)
    client.page(f"{made.decide_url}/disagree", status=403)


def test_the_leader_of_another_run_sees_none_of_it(database: Flask, client: PageClient) -> None:
    made = Applied(database, unsuitable)
    with seeding(database):
        other = make.account()
        make.run_role(RunRole.LEADER, other.person, make.run())
    client.sign_in_as(other)
    assert "Nothing to decide" in client.page("/not-suitable").text
    client.page(made.decide_url, status=404)


def test_the_student_sees_nothing_of_it(database: Flask, client: PageClient) -> None:
    made = Applied(database, unsuitable)
    with seeding(database):
        student = make.account(db.session.get_one(HostAnswer, made.ada.id).application.enrolment.person)
    client.sign_in_as(student)
    client.forbidden = {"The police check takes until May.", "ot suitable"}
    for url in ("/choices", "/choices/receipt", "/home"):
        client.page(url)


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_ask_as_many_questions_however_long_they_are(database: Flask, client: PageClient, count: int) -> None:
    def many(made: Applied) -> None:
        for number in range(count - 1):
            made.applies("F", f"{number}")
        unsuitable(made)

    made = Applied(database, many)
    client.sign_in_as(made.leader)
    with counting_queries() as queries:
        page = client.page("/not-suitable")
    assert (len(page.rows), queries.count) == (count, LIST_QUERIES)
    client.sign_in_as(made.contact)
    with counting_queries() as queries:
        client.page(made.url)
    assert queries.count == ANSWER_QUERIES

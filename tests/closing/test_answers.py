"""“Again next year?”: one press by link or signed in, a draft of a yes, and nothing twice."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.closing.actions import answer, answer_by_link, draft_due
from placements.closing.models import Closing, ClosingAnswer
from placements.closing.queries import invited_by
from placements.closing.rules import Again
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.impact import actions as impact
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.closing.factories import closing as closing_row
from tests.closing.scene import OVER, Ended, address_of, closed, contact_of, link_of_mail
from tests.factories import DAY, NOW
from tests.impact.results import result
from tests.placing.scene import committed


@pytest.fixture
def scene(session: Any) -> Ended:
    return Ended()


def next_years_run() -> None:
    make.run(academic_year="2027/28")


def say(scene: Ended, closing: Closing, said: Again, **when: Any) -> ClosingAnswer:
    when = {"actor": contact_of(scene), "now": NOW, **when}
    return answer(closing, scene.challenge.public_id, said, **when)


@pytest.mark.parametrize("said", list(Again))
def test_a_yes_makes_one_draft_for_the_next_year(scene: Ended, said: Again) -> None:
    next_years_run()
    closing = closed(scene, NOW)
    given = say(scene, closing, said)
    db.session.commit()
    assert (given.answer, given.by_id, given.at) == (said, scene.contact.person_id, NOW)
    again = say(scene, closing, said, now=NOW + DAY)
    db.session.commit()
    assert (again.id, again.at) == (given.id, NOW)
    drafts = db.session.scalars(select(Challenge).where(Challenge.offered_before_id == scene.challenge.id)).all()
    if said in (Again.YES, Again.CHANGED):
        assert [(each.academic_year, each.state) for each in drafts] == [("2027/28", ChallengeState.DRAFT)]
        assert given.draft == drafts[0]
    else:
        assert drafts == []


def test_a_no_can_become_a_yes_and_a_draft_is_not_said_away(scene: Ended) -> None:
    next_years_run()
    closing = closed(scene, NOW)
    say(scene, closing, Again.NEVER)
    given = say(scene, closing, Again.YES, now=NOW + DAY)
    db.session.commit()
    assert given.answer is Again.YES
    assert given.draft_id is not None
    with pytest.raises(Refused):
        say(scene, closing, Again.NEVER)


def test_a_yes_before_there_is_a_next_year_waits_for_it(scene: Ended) -> None:
    closing = closed(scene, NOW)
    given = say(scene, closing, Again.YES)
    db.session.commit()
    assert given.draft_id is None
    assert draft_due(NOW) == 0
    next_years_run()
    db.session.commit()
    assert (draft_due(NOW + DAY), draft_due(NOW + 2 * DAY)) == (1, 0)
    assert given.draft is not None
    given.draft.state = ChallengeState.WITHDRAWN
    db.session.commit()
    assert draft_due(NOW + 3 * DAY) == 0  # what they withdrew does not come back by itself


@pytest.mark.parametrize("why", ["left", "archived"])
def test_no_draft_is_made_for_who_left_or_what_is_over(scene: Ended, why: str) -> None:
    closing = closed(scene, NOW)
    say(scene, closing, Again.YES)
    if why == "archived":
        scene.organisation.state = OrganisationState.ARCHIVED
    else:
        for contact in scene.organisation.contacts:
            contact.left_on = NOW.date()
    next_years_run()
    db.session.commit()
    assert draft_due(NOW + DAY) == 0


def test_a_challenge_of_another_organisation_is_refused(scene: Ended) -> None:
    closing = closed(scene, NOW)
    elsewhere = make.challenge()
    make.placement(make.enrolment(), elsewhere, **OVER)
    with pytest.raises(Refused):
        answer(closing, elsewhere.public_id, Again.YES, actor=contact_of(scene), now=NOW)
    assert db.session.scalar(select(func.count(ClosingAnswer.id))) == 0


def test_the_link_works_for_every_challenge_until_it_runs_out(scene: Ended) -> None:
    second = make.challenge(scene.organisation, supervisor=scene.supervisor.person, title="Ring the volunteers")
    make.placement(make.enrolment(scene.group), second, **OVER)
    closing = closed(scene, NOW)
    link = link_of_mail(closing)
    for challenge in (scene.challenge, second):
        answer_by_link(invited_by(link), challenge.public_id, Again.NOT_NEXT_YEAR, now=NOW)
    db.session.commit()
    assert [each.by_id for each in closing.answers] == [scene.contact.person_id] * 2
    with pytest.raises(Refused):
        answer_by_link(invited_by(link), second.public_id, Again.YES, now=link.expires_at)
    for contact in scene.organisation.contacts:
        contact.left_on = NOW.date()
    db.session.flush()
    with pytest.raises(Refused):
        answer_by_link(invited_by(link), second.public_id, Again.YES, now=NOW)


# Pages


class Mailed(Ended):
    """The mail has gone out, and a result waits to be found true."""

    def __init__(self) -> None:
        super().__init__()
        next_years_run()
        self.result = result(self.challenge, self.engagement.person, headline="One list", public_id="result-12345")
        impact.ask(self.result, actor=Principal(self.engagement.person_id), now=NOW)
        self.closing = closed(self, NOW)
        self.address = address_of(self.closing)


@pytest.fixture
def mailed(database: Flask) -> Mailed:
    with database.app_context():
        scene = Mailed()
        address, scene.address = scene.address, scene.closing
        committed(scene)
        scene.address = address
    return scene


def test_the_mails_page_changes_nothing_until_a_button_is_pressed(
    database: Flask, client: PageClient, mailed: Mailed
) -> None:
    for _ in range(2):
        client.get(mailed.address)
        client.head(mailed.address)
    with database.app_context():
        assert db.session.scalar(select(func.count(ClosingAnswer.id))) == 0
    page = client.submit(client.page(mailed.address).form("Yes, the same again Count the stock"))
    assert "A draft for 2027/28 is made." in page.text
    assert client.submit(client.page(mailed.address).form("It is true: show it One list")).h1
    with database.app_context():
        assert db.session.scalars(select(Result.state)).all() == [ResultState.VERIFIED]
    assert "Is this true?" not in client.page(mailed.address).text
    answer = client.get(f"{mailed.address}/certificate.pdf")
    assert (answer.status_code, answer.data[:8]) == (200, b"%PDF-1.7")


def test_with_nothing_chosen_nothing_is_said(client: PageClient, mailed: Mailed) -> None:
    page = client.submit(client.page(mailed.address).form("Not next year Count the stock"), answer="perhaps")
    assert page.status == 422
    assert page.errors == ["Choose one of the answers"]
    assert client.submit(page.form("Not next year Count the stock")).status == 200


def test_an_old_link_leads_to_signing_in(database: Flask, client: PageClient, mailed: Mailed) -> None:
    with database.app_context():
        link_of_mail(db.session.get_one(Closing, mailed.closing.id)).expires_at = NOW - DAY
        db.session.commit()
    page = client.page(mailed.address)
    assert "This link has run out." in page.text
    assert "One list" not in page.text
    assert client.get(f"{mailed.address}/certificate.pdf").status_code == 409


def test_a_contact_answers_signed_in_and_engagement_reads_it(client: PageClient, mailed: Mailed) -> None:
    url = f"/next-year/{mailed.closing.public_id}"
    client.sign_in_as(mailed.supervisor)
    page = client.submit(client.page(url).form("Yes, but changed Count the stock"))
    assert "Yes, but changed" in page.text
    client.sign_in_as(mailed.engagement)
    assert client.page(client.page("/next-year").link("The food bank")).h1 == "The food bank, 2026/27"
    assert "Yes, but changed" in client.page("/next-year").text
    assert [form.action for form in client.page(url).forms if form.action.endswith("/answer")] == []


@pytest.mark.parametrize("name", ["student", "tutor", "other_student"])
def test_others_see_nothing_of_it(client: PageClient, mailed: Mailed, name: str) -> None:
    client.sign_in_as(getattr(mailed, name))
    assert client.get(f"/next-year/{mailed.closing.public_id}").status_code == 404
    assert client.get("/next-year").status_code == 403


def test_a_long_list_costs_no_more(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Ended()
        officer = scene.engagement
        for _ in range(3):
            there = make.challenge(make.organisation())
            closing_row(there, None, b"%PDF-1.7\n%%EOF\n")
        committed(scene)
    client.sign_in_as(officer)
    client.get("/home")  # as after any sign-in, what the session needs is read once
    counts = []
    for _ in range(2):
        with counting_queries() as queries:
            client.get("/next-year")
        counts.append(queries.count)
        with database.app_context():
            for _ in range(4):
                closing_row(make.challenge(make.organisation()), None, b"%PDF-1.7\n%%EOF\n")
            db.session.commit()
    assert counts == [4, 4]

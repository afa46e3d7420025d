"""A champion of the area reviews; engagement only where no champion can; nobody with a side in it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.challenges import reviewing
from placements.challenges.models import ReviewComment
from placements.challenges.queries import reviewers
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole, Theme
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.models import Referral, Route
from placements.mail.models import Notification
from placements.partners import actions as partners
from placements.partners.models import InterestKind
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW

DECISIONS = ("ask-for-changes", "decline", "comment")


@pytest.fixture
def url(database: Flask, stage: Stage) -> str:
    """The address of a challenge that was sent for review yesterday."""
    with database.app_context():
        made = make.challenge(
            organisation(),
            state=ChallengeState.SUBMITTED,
            submitted_at=NOW - DAY,
            submitted_by_id=stage.contact.person_id,
            published_at=None,
            theme=Theme.POVERTY,
        )
        db.session.commit()
        return f"/challenges/{made.public_id}"


def _told(app: Flask) -> list[tuple[str, int]]:
    with app.app_context():
        rows = db.session.execute(
            select(Notification.notice, Notification.recipient_id).order_by(Notification.id)
        ).all()
        return [(notice, person) for notice, person in rows]


def _press(client: PageClient, url: str, verb: str) -> int:
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    return client.post(f"{url}/{verb}", data={"csrf_token": token}).status_code


def _declare(app: Flask, who: Account) -> None:
    with app.app_context():
        partners.declare_interest(organisation(), InterestKind.RELATIVE, actor=Principal(who.person_id), now=NOW)
        db.session.commit()


def test_changes_are_asked_for_made_and_approved(database: Flask, client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.champion)
    page = client.page(url)
    assert "It waits for your review." in page.text
    page = client.page(page.link("Ask for changes"))
    form = page.form(page.url)
    assert client.submit(form).errors == ["Enter your comment"]
    page = client.submit(form, text="How many volunteers are there?")
    assert "It is with the organisation, who were asked for changes." in page.text
    assert client.get(f"{url}/ask-for-changes").status_code == 409
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert "How many volunteers are there? Samir Okafor" in page.text
    edit = client.page(f"{url}/edit").form(f"{url}/edit")
    page = client.submit(edit, {"need": "Forty volunteers sort food every week, on paper, and run out of it."})
    page = client.submit(client.page(f"{url}/submit").form(f"{url}/submit"))
    client.sign_in_as(stage.champion)
    page = client.submit(client.page(url).form(f"{url}/approve"))
    assert "The brief is approved. Publish it, and students see it." in page.text
    page = client.submit(page.form(f"{url}/publish"))
    assert "Students can see this challenge and choose it." in page.text
    assert page.text.rpartition("What happened ")[2].startswith("Published Samir Okafor")
    contact, champion = stage.contact.person_id, stage.champion.person_id
    assert _told(database) == [
        ("challenges.changes_asked", contact),
        ("challenges.submitted", champion),
        ("challenges.approved", contact),
        ("challenges.published", contact),
    ]


def test_engagement_steps_back_while_a_champion_can_review(
    database: Flask, client: PageClient, stage: Stage, url: str, clock: Clock
) -> None:
    client.sign_in_as(stage.officer)
    assert "It is being reviewed." in client.page(url).text
    assert [client.get(f"{url}/{verb}").status_code for verb in DECISIONS] == [403, 403, 403]
    assert _press(client, url, "approve") == 403
    clock.now += timedelta(days=7)
    assert [client.get(f"{url}/{verb}").status_code for verb in DECISIONS] == [200, 200, 200]
    assert _press(client, url, "approve") == 302


def test_an_interest_moves_the_review_from_the_champion_to_engagement(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    _declare(database, stage.champion)
    client.sign_in_as(stage.champion)
    assert client.page(url).status == 200
    assert [client.get(f"{url}/{verb}").status_code for verb in DECISIONS] == [403, 403, 403]
    assert _press(client, url, "approve") == 403
    client.sign_in_as(stage.officer)
    assert _press(client, url, "approve") == 302
    assert _press(client, url, "publish") == 302
    _declare(database, stage.officer)
    with database.app_context():
        only_challenge().state = ChallengeState.APPROVED
        db.session.commit()
    assert _press(client, url, "publish") == 403


def test_a_champion_of_another_area_or_year_neither_sees_nor_reviews(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with seeding(database):
        others = [make.account() for _ in range(2)]
        make.run_role(RunRole.CHAMPION, others[0].person, make.run(), Theme.CRIME)
        make.run_role(RunRole.CHAMPION, others[1].person, make.run(academic_year="2025/26"), Theme.POVERTY)
    for each in others:
        client.sign_in_as(each)
        assert {client.get(url).status_code, client.get(f"{url}/decline").status_code} == {404}
        assert client.page("/challenges").rows == []


def test_a_contact_who_is_also_a_champion_does_not_review_their_own(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with database.app_context():
        contact = db.session.get_one(Account, stage.contact.id).person
        make.run_role(RunRole.CHAMPION, contact, make.run(), Theme.POVERTY)
        db.session.commit()
    client.sign_in_as(stage.contact)
    assert client.get(f"{url}/ask-for-changes").status_code == 403
    assert client.get(f"{url}/comment").status_code == 200


def test_both_sides_comment_and_each_hears_the_other(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    for who, words in ((stage.champion, "Which day is best?"), (stage.contact, "Wednesdays.")):
        client.sign_in_as(who)
        form = client.page(f"{url}/comment").form(f"{url}/comment")
        for _ in range(2):  # a double click
            page = client.submit(form, text=words)
    assert "Which day is best?" in page.text
    assert "Wednesdays." in page.text
    assert _told(database) == [
        ("challenges.commented", stage.contact.person_id),
        ("challenges.commented", stage.champion.person_id),
    ]
    with database.app_context():
        assert len(db.session.scalars(select(ReviewComment)).all()) == 2


def test_a_comment_s_form_that_was_sent_for_another_challenge_is_refused(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    client.sign_in_as(stage.champion)
    form = client.page(f"{url}/comment").form(f"{url}/comment")
    with database.app_context():
        said = {"version": 1, "author_id": stage.champion.person_id, "text": "Elsewhere.", "at": NOW}
        key = form.values["form_key"][0]
        db.session.add(ReviewComment(challenge_id=make.challenge().id, form_key=key, **said))
        db.session.commit()
    assert client.submit(form, text="Which day is best?").errors == ["This is sent already."]


def test_declining_gives_the_reason(database: Flask, client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.champion)
    client.submit(client.page(f"{url}/decline").form(f"{url}/decline"), text="It is a full-time job.")
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert "It was declined. What was said explains why." in page.text
    assert "It is a full-time job." in page.text
    assert _told(database) == [("challenges.declined", stage.contact.person_id)]


def test_what_is_declined_can_be_passed_on_to_somebody_else_in_the_university(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with database.app_context():
        receiver = make.person(given_name="Clara", family_name="Clinic")
        route = db.session.scalars(select(Route).where(Route.name == "Business Clinic")).one()
        route.name, route.receiver = "Business Clinic".ljust(100, "."), receiver  # as long as a name can be
        db.session.commit()
        expected = (receiver.id, stage.contact.person_id)
    client.sign_in_as(stage.champion)
    form = client.page(f"{url}/decline").form(f"{url}/decline")
    (clinic,) = (form.offers("route") or [])[1:]
    for _ in range(2):  # a double click
        page = client.submit(form, text="It is a business plan.", route=clinic)
    assert "Passed on: Business Clinic" in page.text
    with database.app_context():
        sent = db.session.scalars(select(Referral)).one()
        assert (sent.receiver_id, sent.asker_id) == expected
        assert (sent.subject, sent.note) == (only_challenge().title, "It is a business plan.")
        assert sent.organisation_id == organisation().id


def test_nothing_is_published_of_an_organisation_that_is_not_approved(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with database.app_context():
        organisation().state = OrganisationState.PROSPECTIVE
        db.session.commit()
    client.sign_in_as(stage.champion)
    page = client.submit(client.page(url).form(f"{url}/approve"))
    assert "It can be published once Holloway Larder is approved by the engagement team." in page.text
    assert _press(client, url, "publish") == 409
    with database.app_context():
        organisation().state = OrganisationState.APPROVED
        db.session.commit()
    assert _press(client, url, "publish") == 302


def test_without_a_champion_the_team_is_asked_but_not_who_has_a_side(session: Any) -> None:
    kept = make.organisation()
    free, tied = (make.account(None, GlobalRole.ENGAGEMENT) for _ in range(2))
    partners.declare_interest(kept, InterestKind.TRUSTEE, actor=Principal(tied.person_id), now=NOW)
    from_there = make.challenge(kept, state=ChallengeState.SUBMITTED)
    assert from_there.has_champion is False
    assert list(reviewers(from_there)) == [free.person_id]


def test_whoever_sent_it_and_has_left_is_not_the_one_who_is_passed_on(session: Any) -> None:
    kept = make.organisation()
    main, gone = make.contact(kept).person, make.contact(kept, left_on=NOW.date()).person
    sent = make.challenge(kept, state=ChallengeState.SUBMITTED, submitted_by_id=gone.id)
    route = Route(name="Another clinic", receiver=make.person())
    session.add(route)
    reviewing.decline(sent, "A plan.", route, form_key="a", actor=Principal(make.person().id), now=NOW)
    assert session.scalars(select(Referral.asker_id)).all() == [main.id]


def test_an_officer_who_asked_hears_the_answer_beside_the_champion(session: Any) -> None:
    kept = make.organisation()
    main, champion = make.contact(kept).person, make.person()
    make.run_role(RunRole.CHAMPION, champion, make.run(), Theme.POVERTY)
    officer = make.account(None, GlobalRole.ENGAGEMENT).person_id
    sent = make.challenge(kept, state=ChallengeState.SUBMITTED, theme=Theme.POVERTY, submitted_at=NOW - 9 * DAY)
    reviewing.comment(sent, "Which day?", form_key="a", actor=Principal(officer), now=NOW)
    theirs = Principal(main.id, frozenset({("contact", kept.id)}))
    session.expire_all()
    reviewing.comment(sent, "Wednesdays.", form_key="b", actor=theirs, now=NOW + DAY)
    told = session.scalars(select(Notification.recipient_id).where(Notification.due_at == NOW + DAY)).all()
    assert sorted(told) == sorted([champion.id, officer])


def test_an_old_form_sent_again_in_a_later_round_asks_for_nothing(session: Any) -> None:
    sent = make.challenge(state=ChallengeState.SUBMITTED)
    by = Principal(make.person().id)
    reviewing.ask_for_changes(sent, "How many?", form_key="a", actor=by, now=NOW)
    sent.state = ChallengeState.SUBMITTED
    with pytest.raises(Refused, match="was sent already, for an earlier version"):
        reviewing.ask_for_changes(sent, "How many?", form_key="a", actor=by, now=NOW + DAY)

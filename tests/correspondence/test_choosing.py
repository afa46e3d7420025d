"""Everybody says when their mail comes and what of it does not, signed in or by the address that stands in each mail."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.correspondence import actions
from placements.correspondence.addresses import BY_LINK
from placements.correspondence.kinds import kinds_of
from placements.correspondence.rules import MAY_CONCERN, may_concern, say_hour
from placements.correspondence.sight import standing_of
from placements.db import db
from placements.history.models import History
from placements.links.actions import lasting_token
from placements.mail.models import MailChoice, Mute
from placements.mail.notices import notices
from placements.mail.wording import Words, words_of
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.correspondence.conftest import Kinds
from tests.correspondence.factories import message, reader
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once

ALL = ["kinds.weekly", "kinds.party", "kinds.duty", "kinds.hush"]


def chosen() -> tuple[list[int], list[str]]:
    """The hours that people chose, and what they muted."""
    hours = db.session.scalars(select(MailChoice.hour)).all()
    return list(hours), sorted(db.session.scalars(select(Mute.notice)))


def test_who_signs_in_chooses_the_hour_and_what_does_not_come(
    database: Flask, client: PageClient, kinds: Kinds
) -> None:
    account = reader(database, ALL, given_name="Ada", email="ada@example.org")
    client.sign_in_as(account)
    page = client.page("/your-mail")
    assert "It goes to ada@example.org." in page.text
    assert "One mail a day, at about 9am on working days. What cannot wait comes at once." in page.text
    assert "Invitation to a party When there is a party." in page.text
    assert "Cannot be muted: it cannot wait" in page.text
    page = client.submit(page.form("Save"), hour="17", muted=["kinds.party"])
    assert "Your choices are saved." in page.text
    assert "at about 5pm on working days" in page.text
    with database.app_context():
        assert chosen() == ([17], ["kinds.party"])
        done = db.session.scalars(select(History).where(History.verb == "chose what they get by mail")).one()
        assert (done.about_kind, done.actor_id, done.fields) == ("person", account.person_id, ["kinds.party"])
    page = client.submit(page.form("Save"), hour="12", muted=["kinds.weekly"])
    assert "at about noon on working days" in page.text
    with database.app_context():
        assert chosen() == ([12], ["kinds.weekly"])


def test_what_is_muted_stays_so_where_another_page_was_open_meanwhile(
    database: Flask, client: PageClient, kinds: Kinds
) -> None:
    account = reader(database, ALL)
    client.sign_in_as(account)
    old = client.page("/your-mail").form("Save")
    client.submit(client.page("/your-mail").form("Save"), muted=["kinds.weekly"])
    page = client.submit(old, hour="20", muted=[])
    assert "You changed this elsewhere since you opened the page." in page.text
    with database.app_context():
        assert chosen() == ([9], ["kinds.weekly"])
    client.submit(page.form("Save"), hour="20", muted=[])  # having looked again
    with database.app_context():
        assert chosen() == ([20], [])


@pytest.mark.parametrize(
    "sent", [{"muted": ["kinds.duty"]}, {"muted": ["kinds.party", "x"]}, {"hour": "3"}, {"hour": ""}]
)
def test_nothing_else_can_be_chosen(database: Flask, client: PageClient, kinds: Kinds, sent: dict[str, Any]) -> None:
    account = reader(database, ALL)
    client.sign_in_as(account)
    form = client.page("/your-mail").form("Save")
    values = {"csrf_token": client.token(), "seen": form.values["seen"], "hour": "9", **sent}
    assert client.post("/your-mail", data=values).status_code == 422
    with database.app_context():
        assert chosen() == ([], [])


def test_the_action_itself_refuses_a_duty_and_an_odd_hour(session: Any, kinds: Kinds) -> None:
    ada = make.person()
    message(ada, ALL)
    known, who = kinds_of(ada.id), Principal(ada.id)
    seen = actions.seen_of(9, [])
    with pytest.raises(Refused, match="cannot be muted"):
        actions.choose(ada, 9, ["kinds.duty"], known, seen=seen, actor=who, now=NOW)
    with pytest.raises(Refused, match="Choose when"):
        actions.choose(ada, 3, [], known, seen=seen, actor=who, now=NOW)
    assert chosen() == ([], [])


def test_who_has_no_account_chooses_by_the_address_in_their_mail(
    database: Flask, client: PageClient, kinds: Kinds
) -> None:
    with database.app_context():
        ada = make.person(email="ada@larder.example")
        message(ada, ALL, subject="~secret~")
        address = f"/your-mail/{lasting_token(BY_LINK, ada.id)}"
        db.session.commit()
    client.forbidden = {"~secret~", "~hush-title~"}
    page = client.page(address)
    assert "These are the choices for ada@larder.example." in page.text
    page = client.submit(page.form("Save"), hour="20", muted=["kinds.weekly"])
    assert page.url.endswith(address)
    assert "at about 8pm on working days" in page.text
    with database.app_context():
        assert chosen() == ([20], ["kinds.weekly"])


def test_who_has_an_account_signs_in_to_choose(database: Flask, client: PageClient, kinds: Kinds) -> None:
    with database.app_context():
        account = make.account()
        address = f"/your-mail/{lasting_token(BY_LINK, account.person_id)}"
        db.session.commit()
    for answer in (client.get(address), client.post(address, data={"csrf_token": client.token(), "hour": "20"})):
        assert (answer.status_code, answer.location) == (302, "/your-mail")
    with database.app_context():
        assert chosen() == ([], [])


def test_who_cannot_sign_in_any_more_chooses_by_the_address(database: Flask, client: PageClient) -> None:
    with database.app_context():
        account = make.account()
        account.active = False
        address = f"/your-mail/{lasting_token(BY_LINK, account.person_id)}"
        db.session.commit()
    assert client.page(address).h1 == "Your mail from Placements"


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_asks_as_much_for_three_mails_as_for_one(
    database: Flask, client: PageClient, kinds: Kinds, many: int
) -> None:
    account = reader(database, ALL, mails=many)
    client.sign_in_as(account)
    client.page("/your-mail")
    with counting_queries() as asked:
        page = client.page("/your-mail")
    assert f"Mail {many - 1}" in page.text
    assert (
        asked.count == 7
    )  # the account and who it is, its roles, what they are, the kinds, the hour, the mails, what is in them


def test_saved_twice_at_the_same_moment_one_choice_holds(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        ada = make.person()
        message(ada, ["closing.thanks"])
        db.session.commit()
        key = ada.id

    def choose(hour: int, *muted: str) -> None:
        person = db.session.get_one(type(ada), key)
        known = kinds_of(key)
        seen = actions.seen_of(9, [])
        actions.choose(person, hour, muted, known, seen=seen, actor=Principal(key), now=NOW)

    outcomes = at_once(fresh_database, lambda: choose(12), lambda: choose(17, "closing.thanks"))
    assert sorted(each is None for each in outcomes) == [False, True]
    with fresh_database.app.app_context():
        assert chosen() in [([12], []), ([17], ["closing.thanks"])]


def test_it_is_typed_by_hand_whom_each_kind_may_concern_that_can_be_muted(app: Flask) -> None:
    with app.app_context():
        may_mute = {name for name, notice in notices().items() if notice.may_mute}
    assert set(MAY_CONCERN) == may_mute


@pytest.mark.parametrize(
    ("standing", "offered"),
    [
        ({"student"}, ["placing.completed"]),
        ({"supervisor"}, ["placing.completed", "attendance.note_wanted"]),
        ({"team"}, ["cohorts.run_opened"]),
        ({"team", "leader"}, ["cohorts.run_opened", "offers.student_accepted"]),
        (set(), []),
    ],
)
def test_who_was_told_nothing_yet_is_offered_what_they_can_do_without(standing: set[str], offered: list[str]) -> None:
    assert may_concern(standing) == offered


def test_what_somebody_is_to_the_module_follows_from_their_parts(database: Flask) -> None:
    with database.app_context():
        run, leader, examiner = make.run(), make.person(), make.person()
        make.run_role(RunRole.LEADER, leader, run)
        make.run_role(RunRole.EXTERNAL, examiner, run)
        db.session.flush()
        assert standing_of(leader.id) == {"team", "leader"}
        assert standing_of(examiner.id) == {"team"}


def test_a_student_who_was_sent_nothing_yet_can_choose(database: Flask, client: PageClient) -> None:
    with database.app_context():
        account = make.account()
        make.enrolment(make.group(make.run()), account.person)
        db.session.commit()
        db.session.refresh(account)
        db.session.expunge_all()
    client.sign_in_as(account)
    page = client.page("/your-mail")
    assert page.form("Save").offers("muted") == ["placing.completed"]
    assert "Nothing was sent to you yet" in page.text


def test_hours_as_people_say_them() -> None:
    assert [say_hour(hour) for hour in (9, 12, 17, 20)] == ["9am", "noon", "5pm", "8pm"]


def test_a_notice_says_what_it_is_called_and_why_it_comes(app: Flask, kinds: Kinds) -> None:
    with app.app_context():
        said = words_of(kinds.party)
        assert said == Words("Invitation to a party", "whoever it is", "there is a party", "it has been said")
        assert words_of(notices()["closing.thanks"]).title == "Thanks at the end of a year"

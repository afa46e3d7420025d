"""Somebody else answers: a colleague at the same organisation, with a link of their own, and nobody else's acts."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.confirming import actions as confirming
from placements.confirming import handing, notices
from placements.confirming.queries import colleagues
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.links.actions import token
from placements.links.models import Link
from placements.logbook import actions
from placements.logbook.models import Entry, How, LedgerEvent
from placements.mail.models import Notification
from placements.partners import actions as partners
from placements.partners.models import Contact
from placements.people.models import Person
from placements.placing.models import Placement
from tests import factories as make
from tests.client import PageClient
from tests.confirming.test_confirming import link_url
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.logbook.cast import Cast, cast, committed, known, logged
from tests.logbook.mails import check, named_cast


def colleague_of(people: Cast, given_name: str = "Dev", family_name: str = "Patel") -> Contact:
    who = make.person(given_name=given_name, family_name=family_name)
    return make.contact(people.placement.challenge.organisation, who)


def hand_on(people: Cast, to: Person, by: str = "supervisor") -> int:
    return handing.hand_on([people.placement], to, actor=known(people)[by], now=NOW)


def told(name: str) -> list[int]:
    return list(db.session.scalars(select(Notification.recipient_id).where(Notification.notice == name)))


def test_a_colleague_answers_and_the_supervisor_no_longer_does(session: Any) -> None:
    people = cast()
    entry, dev = logged(people), colleague_of(people).person
    assert hand_on(people, dev) == 1
    with pytest.raises(NotAllowed):
        confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=Principal(dev.id), now=NOW)
    line = session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()
    assert (line.kind, line.by_id, line.how) == ("confirmed", dev.id, How.LINK)
    assert "asked a colleague to answer about visits" in session.scalars(select(History.verb)).all()
    link = session.scalars(select(Link)).one()
    assert (link.holder_id, told("confirming.handed_on")) == (dev.id, [dev.id])


def test_pressed_twice_it_is_done_once_and_later_visits_are_the_supervisors_again(session: Any) -> None:
    people = cast()
    logged(people)
    dev = colleague_of(people).person
    assert (hand_on(people, dev), hand_on(people, dev)) == (1, 0)
    assert len(told("confirming.handed_on")) == 1
    assert logged(people, 1).answerer_id == people.supervisor.person_id


def test_it_can_be_handed_back(session: Any) -> None:
    people = cast()
    entry, dev = logged(people), colleague_of(people).person
    make.contact(people.placement.challenge.organisation, people.supervisor.person)
    hand_on(people, dev)
    handing.hand_on([people.placement], people.supervisor.person, actor=Principal(dev.id), now=NOW)
    assert entry.handed_to_id is None
    assert told("confirming.week_to_confirm") == [people.supervisor.person_id]


def test_nobody_on_the_other_sides_can_be_chosen(session: Any) -> None:
    people = cast()
    logged(people)
    organisation = people.placement.challenge.organisation
    gone, trustee, moderator = (colleague_of(people, name) for name in ("Gone", "Trusted", "Marks"))
    gone.left_on = NOW.date()
    make.interest(organisation, trustee.person)
    make.run_role(RunRole.MODERATOR, moderator.person, people.run)
    for who in (people.student.person, people.tutor.person):
        make.contact(organisation, who)
    stranger = make.contact().person
    assert colleagues([people.placement], but=people.supervisor.person_id)[people.placement.id] == []
    others = (gone.person, trustee.person, moderator.person, people.student.person, people.tutor.person, stranger)
    for each in others:
        with pytest.raises(Refused):
            hand_on(people, each)


def test_only_who_is_to_answer_hands_on(session: Any) -> None:
    people = cast()
    entry, dev = logged(people), colleague_of(people).person
    assert hand_on(people, dev, by="student") == 0
    assert entry.handed_to_id is None
    with pytest.raises(NotAllowed):
        handing.ask_for_somebody_else([people.placement], actor=known(people)["student"], now=NOW)


def test_what_a_colleague_who_leaves_had_goes_back(session: Any) -> None:
    people = cast()
    entry, dev = logged(people), colleague_of(people)
    colleague_of(people, "Stays")
    hand_on(people, dev.person)
    partners.say_left(dev, None, actor=Principal(dev.person_id), now=NOW)
    assert entry.handed_to_id is None


def test_a_colleague_is_asked_on_mondays_as_a_supervisor_is(session: Any) -> None:
    people = cast()
    entry, dev = logged(people), colleague_of(people).person
    hand_on(people, dev)
    confirming.answer({entry.id: 1}, {entry.id: "Sure?"}, how=How.LINK, actor=Principal(dev.id), now=NOW)
    words = {"mode": entry.mode, "activity": "Counted it again."}
    actions.edit(entry, entry.visit, **words, actor=known(people)["student"], now=NOW + DAY)
    assert confirming.ask_supervisors(now=NOW.replace(day=26, hour=9)) == 1
    assert told("confirming.week_to_confirm") == [dev.id]


def test_what_they_read(session: Any) -> None:
    people = named_cast()
    logged(people)
    dev = colleague_of(people).person
    dev.email = "dev@example.org"
    hand_on(people, dev)
    link = session.scalars(select(Link)).one()
    check(notices.HANDED_ON, link, dev, NOW)
    handing.ask_for_somebody_else([people.placement], actor=Principal(dev.id), now=NOW)
    assert told("confirming.somebody_else") == [people.tutor.person_id]
    check(notices.SOMEBODY_ELSE, people.placement, people.tutor.person, NOW)


@pytest.fixture
def people(database: Flask) -> Cast:
    """A visit waits, and Dev Patel works there too."""
    with database.app_context():
        made = cast()
        logged(made)
        colleague_of(made)
        return committed(made)


def test_by_the_link_of_the_mail(database: Flask, client: PageClient, clock: Clock, people: Cast) -> None:
    url = link_url(database, clock)
    old = client.page(url).form("Confirm 3 hours")
    page = client.page(client.page(url).link("Somebody else should answer these"))
    assert "It is about the visits of Amina Rahman." in page.text
    with seeding(database):
        dev = db.session.scalars(select(Person).where(Person.family_name == "Patel")).one()
        key = dev.id
    page = client.submit(page.form("Ask them to answer"), {"to": str(key)})
    assert "Dev Patel has been asked by email to answer for 1 visit." in page.text
    assert "Nothing waits for you" in page.text
    assert "Nothing waits for you" in client.submit(old).text
    with seeding(database):
        link = db.session.scalars(select(Link).where(Link.holder_id == key)).one()
        theirs = f"/confirm/{token(link)}"
    assert "You confirmed 3 hours." in client.submit(client.page(theirs).form("Confirm 3 hours")).text


def test_somebody_whom_nobody_knows_is_asked_for_by_the_tutor(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.supervisor)
    page = client.page("/confirm/hand-on")
    page = client.submit(page.form("Ask them to answer"), {"to": "other"})
    assert "We have told the tutor, who will ask you who it should be." in page.text
    assert client.page("/confirm/hours").form("Confirm 3 hours")


def test_a_colleague_with_an_account_answers_signed_in(database: Flask, client: PageClient, people: Cast) -> None:
    with seeding(database):
        dev = make.account(db.session.scalars(select(Person).where(Person.family_name == "Patel")).one())
        placement = db.session.get_one(Placement, people.placement.id)
        handing.hand_on([placement], dev.person, actor=Principal(people.supervisor.person_id), now=NOW)
        db.session.commit()
        db.session.refresh(dev)
        db.session.expunge(dev)
    client.sign_in_as(dev)
    assert "You confirmed 3 hours." in client.submit(client.page("/confirm/hours").form("Confirm 3 hours")).text


def test_not_here_that_day_is_one_tick(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.supervisor)
    with seeding(database):
        key = db.session.scalars(select(Entry.id)).one()
    page = client.page("/confirm/hours")
    page = client.submit(page.form("Confirm 3 hours"), {f"absent_{key}": True})
    client.submit(page.form("Ask about 1 visit"))
    with seeding(database):
        last = db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()
        assert (last.kind, last.word) == ("queried", "The student was not here that day.")

"""A student without a place sees what is open and asks for it; whoever looks after them is told once, and sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.clearing import asking
from placements.core.errors import Refused
from placements.db import db
from placements.mail.models import Notification
from placements.offers.models import AskedPlace, Clearing
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.clearing.waiting import FRIDAY, WEDNESDAY, Build, Waiting, principal
from tests.client import PageClient, counting_queries
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.races import at_once, let_go_until


@pytest.fixture
def made(session: Any) -> Waiting:
    return Waiting()


def ask(made: Waiting, challenge: Any, words: str = "", now: Any = NOW) -> None:
    asking.ask(made.row, challenge, words, actor=principal(made.student), now=now)
    db.session.flush()


def asked() -> list[tuple[str, str]]:
    rows = select(AskedPlace).order_by(AskedPlace.id)
    return [(each.challenge.title, each.words) for each in db.session.scalars(rows)]


def told() -> list[tuple[str, int]]:
    rows = select(Notification.notice, Notification.recipient_id).order_by(Notification.id)
    return [(notice, recipient) for notice, recipient in db.session.execute(rows)]


def test_what_is_asked_for_within_a_quarter_of_an_hour_is_told_once(made: Waiting) -> None:
    for minutes, title in enumerate(("Stock", "Air", "Park")):
        ask(made, made.challenge(title), now=NOW + timedelta(minutes=minutes))
    assert asked() == [("Stock", ""), ("Air", ""), ("Park", "")]
    assert told() == [("clearing.asked", made.tutor.person_id)]
    due = db.session.scalars(select(Notification.due_at)).one()
    assert due == NOW + timedelta(minutes=15)


def test_what_is_asked_for_later_is_told_again(made: Waiting) -> None:
    ask(made, made.challenge("Stock"))
    ask(made, made.challenge("Air"), now=NOW + timedelta(minutes=15))
    assert told() == [("clearing.asked", made.tutor.person_id)] * 2


def test_three_at_a_time_and_another_once_one_is_taken_back(made: Waiting) -> None:
    places = [made.challenge(title) for title in ("Stock", "Air", "Park", "Rota")]
    for each in places[:3]:
        ask(made, each)
    with pytest.raises(Refused, match="You ask for 3 places already"):
        ask(made, places[3])
    for _ in range(2):  # pressed twice
        asking.stop_asking(made.row, places[0], actor=principal(made.student), now=NOW)
    ask(made, places[3])
    assert [title for title, _ in asked()] == ["Air", "Park", "Rota"]


def test_what_is_full_meanwhile_does_not_count_until_it_is_open_again(made: Waiting) -> None:
    places = [made.challenge(title, places_max=1) for title in ("Stock", "Air", "Park", "Rota", "Shed")]
    for each in places[:3]:
        ask(made, each)
    taken = make.offer(to=places[0])
    ask(made, places[3])
    with pytest.raises(Refused, match="You ask for 3 places already"):
        ask(made, places[4])
    taken.state = OfferState.DECLINED
    with pytest.raises(Refused, match="You ask for 3 places already"):
        ask(made, places[4])
    assert [title for title, _ in asked()] == ["Stock", "Air", "Park", "Rota"]


def test_asked_for_again_the_words_are_changed(made: Waiting) -> None:
    stock = made.challenge("Stock")
    ask(made, stock, "I know them.")
    ask(made, stock, "I know them well.")
    assert asked() == [("Stock", "I know them well.")]


def test_nobody_asks_for_what_is_full_for_the_other_level_or_refused_to_them(made: Waiting) -> None:
    full = made.challenge("Full", places_max=1)
    make.offer(to=full)
    refused = made.challenge("Refused")
    made.wants(made.enrolment, [refused])
    made.answers(refused, AnswerState.AGREED)
    for challenge in (full, refused, made.challenge("Level 5", suits_level_6=False)):
        with pytest.raises(Refused, match="There is no place for you in"):
            ask(made, challenge)
    assert asked() == []


def test_a_brief_published_late_can_be_asked_for(made: Waiting) -> None:
    assert made.run.ranking_closes_at < NOW
    ask(made, made.challenge("Late brief", published_at=NOW))
    assert asked() == [("Late brief", "")]


def test_with_an_offer_or_off_the_list_nothing_is_asked_for(made: Waiting) -> None:
    stock = made.challenge("Stock")
    offer = make.offer(made.enrolment)
    with pytest.raises(Refused, match="You have an offer"):
        ask(made, stock)
    db.session.delete(offer)
    made.row.closed_at = NOW
    with pytest.raises(Refused, match="not on the clearing list any more"):
        ask(made, stock)


# Pages


def two_places(made: Waiting) -> None:
    made.stock = made.challenge("Count the stock", days=WEDNESDAY)  # type: ignore[attr-defined]
    made.air = made.challenge("Measure the air", days=FRIDAY)  # type: ignore[attr-defined]
    made.wants(made.enrolment, [made.air, made.stock], days=WEDNESDAY)  # type: ignore[attr-defined]
    made.another("Benedetta", chosen=[made.stock])  # type: ignore[attr-defined]


def test_a_student_asks_for_a_place_and_takes_it_back(client: PageClient, scene: Build) -> None:
    made = scene(two_places)
    client.sign_in_as(made.student)
    client.forbidden.update({"Benedetta", "Zhou"})
    home = client.page("/home")
    assert "Ask for one of the places that are still open" in home.text
    mine = client.page("/offers")
    assert "Tom Tutor looks for a place with you, by Tue 3 Nov 2026 (in 14 days)." in mine.text
    assert "Nobody fails the module for want of a place." in mine.text
    page = client.page(mine.link("See the open places"))
    assert page.text.index("Count the stock") < page.text.index("Measure the air")  # it fits, though it is the 2nd
    assert "It asks for Friday, and you can come on Wednesday." in page.text
    assert "Your 2nd choice" in page.text
    assert "2 places left." in page.text
    url = page.link("Ask for this place Count the stock")
    form_page = client.page(url)
    assert "I volunteer at my local library" in form_page.text  # as it will be read
    done = client.submit(form_page.form(url), words="I have counted stock before.")
    assert "You ask for “Count the stock”. Tom Tutor is told." in done.text
    assert "You have asked for 1 place: Tom Tutor sees to it by Tue 3 Nov 2026 (in 14 days)." in done.text
    home = client.page("/home")
    assert "Ask for one of the places" not in home.text
    assert "Tom Tutor is finding a place for you, by Tue 3 Nov 2026. They know what you ask for." in home.text
    gone = client.submit(done.form("Take back Count the stock"))
    assert "You no longer ask for “Count the stock”." in gone.text
    assert "Ask for one of the places that are still open" in gone.text


def test_who_came_late_and_chose_nothing_can_ask_too(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: made.challenge("Count the stock"))
    client.sign_in_as(made.student)
    page = client.page("/offers/places")
    assert "Does not fit you" not in page.text
    url = page.link("Ask for this place Count the stock")
    assert "You have asked for 1 place" in client.submit(client.page(url).form(url)).text


def test_three_asked_for_there_is_no_button_for_a_fourth(client: PageClient, scene: Build) -> None:
    def three(made: Waiting) -> None:
        made.wants(made.enrolment, asked=[made.challenge(f"Place {number}") for number in range(3)])
        made.challenge("Place 4")

    client.sign_in_as(scene(three).student)
    page = client.page("/offers/places")
    assert "You ask for 3 places, as many as you can at a time, and Tom Tutor knows." in page.text
    assert "Ask for this place" not in page.text


def test_what_is_full_meanwhile_is_said_and_another_can_be_asked_for(client: PageClient, scene: Build) -> None:
    def full(made: Waiting) -> None:
        asked = [made.challenge(f"Place {number}", places_max=1) for number in range(3)]
        made.wants(made.enrolment, asked=asked)
        made.challenge("Place 4")
        for each in asked[:2]:
            make.offer(to=each)

    client.sign_in_as(scene(full).student)
    page = client.page("/offers/places")
    assert "You ask for 1 place so far." in page.text
    assert (
        "No place is left now of what you asked for in “Place 0” and “Place 1”: they do not count among your 3."
    ) in page.text
    done = client.submit(client.page(page.link("Ask for this place Place 4")).form("Ask for this place"))
    assert "You ask for “Place 4”. Tom Tutor is told." in done.text


def test_with_an_offer_the_offer_comes_first(client: PageClient, scene: Build) -> None:
    made = scene(two_places, lambda made: make.offer(made.enrolment))
    client.sign_in_as(made.student)
    page = client.page("/offers/places")
    assert "Answer your offer first, by Mon 26 Oct 2026, 8am (in 6 days)." in page.text
    assert "Ask for this place" not in page.text
    url = f"/offers/places/{made.stock.public_id}/ask"  # type: ignore[attr-defined]
    refused = client.submit(client.page(url).form(url))
    assert refused.errors == ["You have an offer. Answer it first: if you decline it, you can ask again."]


def test_where_the_last_place_has_gone_meanwhile_it_says_so(client: PageClient, scene: Build) -> None:
    def gone(made: Waiting) -> None:
        two_places(made)
        made.air.places_min = made.air.places_max = 1  # type: ignore[attr-defined]
        make.offer(to=made.air)  # type: ignore[attr-defined]
        made.wants(made.enrolment, asked=[made.air])  # type: ignore[attr-defined]

    made = scene(gone)
    client.sign_in_as(made.student)
    mine = client.page("/offers")
    page = client.page(f"/offers/places/{made.air.public_id}/ask")  # type: ignore[attr-defined]
    assert "No place is left here" in page.text
    assert "Ask for this place" not in page.text
    assert "You no longer ask for “Measure the air”." in client.submit(mine.form("Take back Measure the air")).text


def test_where_nothing_is_open_it_says_who_looks_and_by_when(client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene().student)
    page = client.page("/offers/places")
    assert "No place is open now" in page.text
    assert "Tom Tutor looks too, and sees to it by Tue 3 Nov 2026 (in 14 days)." in page.text


def test_who_does_not_stand_on_the_list_has_no_such_page(client: PageClient, scene: Build) -> None:
    made = scene(two_places)
    with_a_place = made.stock.public_id  # type: ignore[attr-defined]
    client.sign_in_as(made.tutor)
    client.page(f"/offers/places/{with_a_place}/ask", 404)


@pytest.mark.parametrize("places", [1, 3])
def test_the_open_places_ask_no_more_for_more_of_them(client: PageClient, scene: Build, places: int) -> None:
    def several(made: Waiting) -> None:
        challenges = [made.challenge(f"Place {number}") for number in range(places)]
        made.wants(made.enrolment, challenges, challenges[:1], WEDNESDAY)

    client.sign_in_as(scene(several).student)
    client.page("/offers/places")
    with counting_queries() as queries:
        client.page("/offers/places")
    # the account, its roles; the row, its wishes; the places, those taken, those undecided; choices, wishes, needs, answers; an offer
    assert queries.count == 12


# Two at once


def pressed(fresh_database: Copy, challenges: int, most: int) -> int:
    """How many are asked for when each of the challenges is asked for at the same moment, `most` times over."""
    with fresh_database.app.app_context():
        made = Waiting()
        keys = [made.challenge(f"Place {number}").id for number in range(challenges)]
        row_id, actor = made.row.id, principal(made.student)
        db.session.commit()

    def act(key: int) -> Callable[[], None]:
        def press() -> None:
            row, challenge = db.session.get_one(Clearing, row_id), db.session.get_one(Challenge, key)
            asking.ask(row, challenge, "", actor=actor, now=NOW + DAY)

        return press

    at_once(fresh_database, *[act(key) for key in keys * most])
    with fresh_database.app.app_context():
        return db.session.scalar(select(func.count()).select_from(AskedPlace)) or 0


def test_pressed_twice_at_once_it_is_asked_for_once(fresh_database: Copy) -> None:
    assert pressed(fresh_database, 1, most=4) == 1


def test_five_at_once_are_three(fresh_database: Copy) -> None:
    assert pressed(fresh_database, 5, most=1) == 3


def test_counted_before_the_row_is_held_five_at_once_are_more_than_three(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what is asked for is read in a transaction that ends before the one that writes begins."""
    all_have_read, read = Barrier(5), asking.own_places

    def read_and_let_go(row: Clearing, now: datetime) -> object:
        found = read(row, now)
        let_go_until(all_have_read)
        return found

    monkeypatch.setattr(asking, "hold_row", lambda *_: None)
    monkeypatch.setattr(asking, "own_places", read_and_let_go)
    assert pressed(fresh_database, 5, most=1) > 3

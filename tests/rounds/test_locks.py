"""Locks: who can be fixed to what, and how that ends."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.queries import Happening, lately
from placements.mail.models import Notification
from placements.rounds import locking
from placements.rounds.models import Lock
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said


@pytest.fixture
def tutor(session: Any) -> Principal:
    return Principal(make.person().id)


def lock(tutor: Principal, enrolment: Enrolment, challenge: Challenge) -> Lock:
    return locking.lock_pair(enrolment, challenge, "Knows them.", actor=tutor, now=NOW)


def test_a_lock_stands_with_its_reason_and_a_second_click_makes_no_second(tutor: Principal) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    made = lock(tutor, enrolment, challenge)
    assert (made.reason, made.locked_by_id, made.ended_at) == ("Knows them.", tutor.person_id, None)
    assert lock(tutor, enrolment, challenge) is made


def test_locks_keep_to_the_places(tutor: Principal) -> None:
    challenge = make.challenge(title="Small", places_max=2)
    make.offer(to=challenge)
    lock(tutor, make.enrolment(), challenge)
    with pytest.raises(Refused, match="Small: Every place in this challenge is taken"):
        lock(tutor, make.enrolment(), challenge)


def test_locks_keep_to_the_organisations_ceiling(tutor: Principal) -> None:
    organisation = make.organisation(ceiling=1)
    lock(tutor, make.enrolment(), make.challenge(organisation))
    with pytest.raises(Refused, match="as many students as it can take"):
        lock(tutor, make.enrolment(), make.challenge(organisation))


def test_locks_keep_to_the_level_and_to_open_challenges(tutor: Principal) -> None:
    with pytest.raises(Refused, match="for the other level"):
        lock(tutor, make.enrolment(), make.challenge(suits_level_6=False))
    with pytest.raises(Refused, match="not open to students now"):
        lock(tutor, make.enrolment(), make.challenge(academic_year="2025/26"))


def test_only_those_who_wait_for_a_place_are_locked_and_to_one_thing(tutor: Principal) -> None:
    for enrolment in (make.enrolment(state=EnrolmentState.PLACED), make.offer().enrolment):
        with pytest.raises(Refused, match="does not need a place now"):
            lock(tutor, enrolment, make.challenge())
    standing = make.lock(to=make.challenge(title="The first"))
    with pytest.raises(Refused, match="is locked to The first already"):
        lock(tutor, standing.enrolment, make.challenge())


def test_nobody_locks_towards_an_organisation_of_their_own(tutor: Principal) -> None:
    challenge = make.challenge()
    who = Principal(tutor.person_id, frozenset({("interest", challenge.organisation_id)}))
    with pytest.raises(Refused, match="You have an interest"):
        lock(who, make.enrolment(), challenge)


def test_undoing_frees_the_place_and_tells_whoever_locked(tutor: Principal) -> None:
    challenge = make.challenge(places_max=1)
    made = lock(tutor, make.enrolment(), challenge)
    leader = Principal(make.person().id)
    locking.undo_lock(made, "They asked for another.", actor=leader, now=NOW)
    locking.undo_lock(made, "Twice.", actor=leader, now=NOW)
    assert made.ended_at == NOW
    told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
    assert told == [("rounds.lock_undone", tutor.person_id)]
    lock(tutor, make.enrolment(), challenge)


def test_undoing_ones_own_lock_tells_nobody(tutor: Principal) -> None:
    made = lock(tutor, make.enrolment(), make.challenge())
    locking.undo_lock(made, "A mistake.", actor=tutor, now=NOW)
    assert db.session.scalars(select(Notification)).all() == []


def test_neither_a_lock_nor_its_end_is_told_to_the_student(tutor: Principal) -> None:
    first, second = (lock(tutor, make.enrolment(), make.challenge()) for _ in range(2))
    locking.undo_lock(first, "A secret of the tutors.", actor=Principal(make.person().id), now=NOW)
    move_enrolment(second.enrolment, "withdraw", actor=tutor, now=NOW)
    for made in (first, second):
        assert not {"locked", "undone"} & {each.verb for each in told_lately(made.enrolment)}
    assert {each.verb for each in lately(tutor, 10)} >= {"locked", "undone"}  # whoever did it reads it


def told_lately(enrolment: Enrolment) -> list[Happening]:
    return lately(Principal(enrolment.person_id), 10)


@pytest.mark.parametrize("verb", ["withdraw", "defer"])
def test_whoever_leaves_is_locked_to_nothing(tutor: Principal, verb: str) -> None:
    made = lock(tutor, make.enrolment(), make.challenge())
    move_enrolment(made.enrolment, verb, actor=tutor, now=NOW)
    assert made.ended_at == NOW


def test_the_words_that_say_a_lock_is_undone(session: Any) -> None:
    tom = make.person(given_name="Tom", family_name="Tutor")
    ada = make.enrolment(who=make.person(given_name="Ada", family_name="Okoro"))
    made = make.lock(ada, make.challenge(title="Count the stock"), tom)
    check_golden("rounds/lock_undone", said(locking.notices.LOCK_UNDONE, made.id, tom) or "")

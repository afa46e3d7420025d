"""A timeline shows what its reader may see, and asks nothing that is not about its thing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from placements.core.policy import NOBODY, Abilities, Principal, condition, signed_in, state
from placements.history.actions import record
from placements.history.queries import lately, timeline
from placements.placing.models import Placement
from tests import factories as make
from tests.factories import NOW

READER = Principal(1)


@condition
def never(who: Principal, thing: Any, now: datetime) -> bool:
    return False


@condition
def is_made_for_something_else(who: Principal, thing: Any, now: datetime) -> bool:
    raise AttributeError("this thing has no such part")


@state
def is_over(who: Principal, thing: Any, now: datetime) -> bool:
    return False


ABILITIES: Abilities = {
    "placing.open": signed_in,
    "placing.secret": never,
    "placing.later": is_over,
    "placing.other_kind": is_made_for_something_else,
    "offers.other_kind": is_made_for_something_else,
}


@pytest.fixture
def placement(session: Any) -> Placement:
    return make.placement()


def write(placement: Placement, *abilities: str | None) -> None:
    """A row for each ability, called after it, an hour apart."""
    for hour, ability in enumerate(abilities):
        verb = ability or "plain"
        record(verb, placement, actor=NOBODY, now=NOW + timedelta(hours=hour), ability=ability)


def told(placement: Placement, who: Principal = READER, most: int = 50) -> list[str]:
    return [each.verb for each in timeline(placement, who, NOW, ABILITIES, most=most)]


def test_rows_are_told_by_the_ability_that_each_names(session: Any, placement: Placement) -> None:
    write(placement, None, "placing.open", "placing.secret", "placing.later", "placing.forgotten")
    assert told(placement) == ["placing.open", "plain"]
    assert told(placement, Principal()) == ["plain"]


def test_no_ability_is_asked_that_none_of_its_rows_names(session: Any, placement: Placement) -> None:
    write(placement, None, "placing.open")
    assert told(placement) == ["placing.open", "plain"]  # and the abilities for other kinds did not stumble


def test_what_is_hidden_takes_no_room_from_what_is_told(session: Any, placement: Placement) -> None:
    write(placement, None, "placing.open", *["placing.secret"] * 5)
    assert told(placement, most=2) == ["placing.open", "plain"]
    assert told(placement, most=1) == ["placing.open"]


def test_another_thing_with_the_same_key_is_another_timeline(session: Any, placement: Placement) -> None:
    record("enrolled", placement.enrolment, actor=NOBODY, now=NOW)
    assert told(placement) == []


def lines_of(who: Principal) -> list[tuple[str, str]]:
    return [(each.sentence, each.about) for each in lately(who, 3)]


def test_lately_says_whom_it_was_about_and_one_act_on_several_people_is_one_line(session: Any) -> None:
    tutor, ada, ben = make.person(), make.person(given_name="Ada", family_name="Bo"), make.person(given_name="Ben")
    session.flush()
    actor = Principal(tutor.id)
    record("opened", tutor, actor=actor, now=NOW)
    for student in (ada, ben):
        record(
            "put on the clearing list", student, actor=actor, now=NOW, person_id=student.id, ability="placing.secret"
        )
    record("put on the clearing list", ben, actor=actor, now=NOW + timedelta(hours=1), person_id=ben.id)
    assert lines_of(actor) == [
        ("Put on the clearing list", ben.name),
        ("Put on the clearing list", f"{ben.name} and 1 more"),
        ("Opened", ""),
    ]
    assert lines_of(Principal(ben.id)) == [("Put on the clearing list", "")]  # what is restricted is not theirs to know

"""Which of the open places come first, for a student and for whoever places them, and what each costs others."""

from typing import Any

import pytest

from placements.applications.workflow import AnswerState
from placements.clearing.choosing import Candidate, candidates_before_a_round, candidates_from_clearing, own_places
from placements.offers.queries import open_places, taken
from tests import factories as make
from tests.clearing.waiting import FRIDAY, WEDNESDAY, Waiting, principal
from tests.client import counting_queries
from tests.factories import NOW


@pytest.fixture
def made(session: Any) -> Waiting:
    return Waiting()


def seen(made: Waiting, *, by_leader: bool = False) -> dict[str, Candidate]:
    """The candidates by title, in their order, as Tom sees them, or Lea."""
    leader = principal(made.leader, ("leader", made.run.id))
    who = leader if by_leader else principal(made.tutor, ("group_tutor", made.group.id))
    return {each.place.challenge.title: each for each in candidates_from_clearing(made.row, who, NOW)}


def test_what_is_asked_for_comes_first_then_what_was_chosen_and_fits_then_what_fits(made: Waiting) -> None:
    made.challenge("A rest", days=FRIDAY)
    made.challenge("B fits", days=WEDNESDAY)
    unfit = made.challenge("C chosen and does not fit", days=FRIDAY)
    chosen = made.challenge("D chosen", days=WEDNESDAY)
    asked = made.challenge("E asked for", days=FRIDAY)
    made.wants(made.enrolment, [unfit, chosen], [asked], WEDNESDAY)
    found = seen(made)
    assert list(found) == ["E asked for", "D chosen", "B fits", "A rest", "C chosen and does not fit"]
    assert [each.fits for each in found.values()] == [False, True, True, False, False]


def test_without_needs_nothing_is_said_to_fit_or_not(made: Waiting) -> None:
    made.challenge("Count the stock")
    assert seen(made)["Count the stock"].fits is None


def test_the_rank_is_the_module_leaders_alone(made: Waiting) -> None:
    zoo, ash = made.challenge("Zoo"), made.challenge("Ash")
    made.wants(made.enrolment, [zoo, ash])
    of_tutor, of_leader = seen(made), seen(made, by_leader=True)
    assert [(each.is_chosen, each.rank) for each in of_tutor.values()] == [(True, None), (True, None)]
    assert [(title, each.rank) for title, each in of_leader.items()] == [("Zoo", 1), ("Ash", 2)]


def test_what_comes_first_for_a_tutor_does_not_tell_the_rank(made: Waiting) -> None:
    zoo, ash = made.challenge("Zoo"), made.challenge("Ash")
    made.wants(made.enrolment, [zoo, ash])
    assert list(seen(made)) == ["Ash", "Zoo"]


def test_an_organisation_that_is_keen_is_named_and_one_that_was_agreed_with_comes_last(made: Waiting) -> None:
    keen, refused = made.challenge("Keen"), made.challenge("A refused")
    made.wants(made.enrolment, [keen, refused])
    made.answers(keen, AnswerState.KEEN)
    made.answers(refused, AnswerState.AGREED)
    found = seen(made)
    assert [(title, each.is_keen, each.is_refused) for title, each in found.items()] == [
        ("Keen", True, False),
        ("A refused", False, True),
    ]
    assert [each.place.challenge.title for each in own_places(made.row, NOW)] == ["Keen"]


def test_the_cost_is_how_many_others_who_wait_want_it_and_how_many_could_go_nowhere_else(made: Waiting) -> None:
    stock, air = made.challenge("Stock", days=WEDNESDAY), made.challenge("Air", days=FRIDAY)
    made.another("Ben", chosen=[stock, air])
    made.another("Cleo", asked=[stock])
    made.another("Dev", days=WEDNESDAY)  # wants nothing yet, and only one fits
    offered = made.another("Eve", chosen=[stock])
    make.offer(offered, make.challenge(places_max=1))  # waits for nothing now
    made.another("Flo", chosen=[stock], closed_at=NOW)
    made.another("Fay", chosen=[air], days=WEDNESDAY)  # it does not fit her
    found = seen(made)
    assert {title: (each.others, each.stranded) for title, each in found.items()} == {"Stock": (2, 2), "Air": (1, 0)}


def test_students_of_the_other_level_count_where_they_could_go(made: Waiting) -> None:
    both = made.challenge("Both levels", suits_level_5=True)
    five = make.group(make.run(code="WL5W50", level=5, ranking_closes_at=NOW))
    made.another("Gus", chosen=[both], group=five)
    assert (seen(made)["Both levels"].others, seen(made)["Both levels"].stranded) == (1, 1)


def test_before_a_round_the_cost_is_how_many_others_chose_it(made: Waiting) -> None:
    stock = made.challenge("Stock")
    early = make.enrolment(made.group)
    made.wants(early, [stock])
    for _ in range(2):
        made.wants(make.enrolment(made.group), [stock])
    placed = make.placement(make.enrolment(made.group), stock)
    made.wants(placed.enrolment, [stock])  # has a place
    tutor = principal(made.tutor)
    places = open_places(early, taken("2026/27"), tutor, NOW)
    (found,) = candidates_before_a_round(early, places, tutor)
    assert (found.is_chosen, found.rank, found.place.left, found.others) == (True, None, 1, 2)


def test_a_students_own_places_fit_first_then_by_rank_then_by_title(made: Waiting) -> None:
    made.challenge("A never chosen", days=WEDNESDAY)
    second = made.challenge("B second", days=WEDNESDAY)
    first = made.challenge("C first", days=WEDNESDAY)
    third = made.challenge("D third", days=FRIDAY)
    made.challenge("E for level 5", suits_level_6=False)
    full = made.challenge("F full", places_max=1)
    make.offer(to=full)
    made.wants(made.enrolment, [first, second, third], [third], WEDNESDAY)
    found = own_places(made.row, NOW)
    assert [(each.place.challenge.title, each.rank) for each in found] == [
        ("C first", 1),
        ("B second", 2),
        ("A never chosen", None),
        ("D third", 3),
    ]
    assert [each.misfits for each in found] == [[], [], [], ["It asks for Friday, and you can come on Wednesday."]]
    assert [each.asked is not None for each in found] == [False, False, False, True]


@pytest.mark.parametrize("others", [1, 3])
def test_more_students_who_wait_ask_no_more(made: Waiting, others: int) -> None:
    stock = made.challenge("Stock")
    made.wants(made.enrolment, [stock], [stock], WEDNESDAY)
    for number in range(others):
        made.another(f"Student {number}", chosen=[stock], days=FRIDAY)
    with counting_queries() as queries:
        seen(made)
    assert queries.count == 8  # the places, those taken and undecided, who waits; choices, wishes, needs, answers

"""What is asked of the solver: which rank stands for what, and that no better sharing exists than what it answers."""

from collections import Counter
from itertools import product
from random import Random

import pytest

from placements.solver.objective import GREEDY
from placements.solver.proof import verify
from placements.solver.solve import solve
from placements.tutoring.rules import MOST_TUTORS, Asked, Tutor, problems, question

pytestmark = pytest.mark.pure

TOM = Tutor("tom", 2, frozenset({"crime"}))
TIA = Tutor("tia", 2, frozenset({"health", "crime"}))
UMA = Tutor("uma", 2, frozenset())


def ranks(*placements: Asked, tutors: tuple[Tutor, ...] = (TOM, TIA, UMA)) -> dict[str, dict[str, tuple[int, int]]]:
    """Each placement's tutors, with rank and displeasure."""
    asked = question("seed", 6, placements, tutors)
    return {one.key: {each.challenge: (each.rank, each.displeasure) for each in one.options} for one in asked.students}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Tia knows health; it is nobody's group
        (Asked("p", "health", own=None, now=None), {"tia": (4, 1), "tom": (6, 1), "uma": (7, 1)}),
        # the group's own tutor comes first, knowing the area or not, and stays without displeasure
        (Asked("p", "crime", own="tom", now="tom"), {"tom": (1, 0), "tia": (4, 1), "uma": (6, 1)}),
        (Asked("p", "health", own="tom", now=None), {"tom": (2, 1), "tia": (4, 1), "uma": (6, 1)}),
        # whoever has them now comes first among those who know the area, or those who do not
        (Asked("p", "crime", own="uma", now="tia"), {"uma": (2, 1), "tia": (3, 0), "tom": (4, 1)}),
        (Asked("p", "health", own=None, now="uma"), {"tia": (4, 1), "uma": (5, 0), "tom": (6, 1)}),
        (Asked("p", "poverty", own=None, now="uma"), {"uma": (4, 0), "tia": (5, 1), "tom": (6, 1)}),
        # whoever must not is left out
        (Asked("p", "crime", own="tom", now="tom", barred=frozenset({"tom", "uma"})), {"tia": (4, 1)}),
        (Asked("p", "crime", own="tom", now=None, barred=frozenset({"tom", "tia", "uma"})), {}),
    ],
)
def test_each_tutor_has_the_rank_that_the_table_says(asked: Asked, expected: dict[str, tuple[int, int]]) -> None:
    assert ranks(asked)["p"] == expected


def test_others_who_are_as_good_come_in_turn() -> None:
    first, second = (Asked(key, "poverty", own=None, now=None) for key in ("p1", "p2"))
    found = ranks(first, second)
    assert found["p1"] == {"tia": (5, 1), "tom": (6, 1), "uma": (7, 1)}
    assert found["p2"] == {"tom": (5, 1), "uma": (6, 1), "tia": (7, 1)}


def test_the_same_contents_are_the_same_question_whatever_their_order() -> None:
    placements = [Asked(key, "crime", own="tom", now=None) for key in ("p1", "p2", "p3")]
    one = question("seed", 6, placements, [TOM, TIA])
    assert question("seed", 6, placements[::-1], [TIA, TOM]).sha256() == one.sha256()
    moved = [*placements[:2], Asked("p3", "crime", own="tom", now="tom")]
    assert question("seed", 6, moved, [TOM, TIA]).sha256() != one.sha256()


def test_as_many_tutors_as_a_run_may_have_fit_into_the_ranks() -> None:
    many = [Tutor(f"t{number:02}", 1, frozenset({"crime"} if number % 2 else set())) for number in range(MOST_TUTORS)]
    everybody_knows = [Tutor(tutor.key, 1, frozenset({"crime"})) for tutor in many]
    for tutors in (many, everybody_knows):
        asked = [Asked("p1", "crime", own=None, now=None), Asked("p2", "health", own=None, now=None)]
        assert len(question("seed", 6, asked, tutors).students[0].options) == MOST_TUTORS


NAMES = {"p": "Ada", "q": "Ben", "tom": "Tom", "tia": "Tia", "gone": "Gus"}
ADA = Asked("p", "crime", own="tom", now="tom")


@pytest.mark.parametrize(
    ("placements", "tutors", "found"),
    [
        ([ADA], [TOM], []),
        ([], [TOM], ["Nobody is on a placement of this run, or about to begin one."]),
        ([ADA], [], ["This run has no tutors. Give somebody the role of tutor, or a timeslot group, first."]),
        (
            [Asked("p", "crime", None, None, fixed="gone"), Asked("q", "crime", None, None, frozenset({"tia"}), "tia")],
            [TOM, TIA],
            [
                "Ada is fixed to Gus, who can no longer look after them. Let that go first.",
                "Ben is fixed to Tia, who can no longer look after them. Let that go first.",
            ],
        ),
        (
            [Asked(key, "crime", None, None, fixed="tom") for key in ("p", "q")],
            [Tutor("tom", 1, frozenset())],
            ["Tom is fixed to 2 by hand, and looks after at most 1. Raise the limit, or let one of them go."],
        ),
    ],
)
def test_what_stands_in_the_way_is_said(placements: list[Asked], tutors: list[Tutor], found: list[str]) -> None:
    assert problems(placements, tutors, NAMES) == found


def test_more_tutors_than_there_are_ranks_for_is_said() -> None:
    many = [Tutor(f"t{number}", 1, frozenset()) for number in range(41)]
    said = "Placements can be shared among 40 tutors at most, and this run has 41."
    assert problems([ADA], many, NAMES) == [said]


# By trying out every sharing of small cases, counted afresh from the case and not from ranks.


def a_case(number: int) -> tuple[list[Asked], list[Tutor]]:
    random = Random(number)
    keys = ["tom", "tia", "uma"][: random.randint(2, 3)]
    tutors = [Tutor(key, random.randint(0, 3), frozenset(random.sample(["crime", "health"], 1))) for key in keys]
    placements = []
    for each in range(random.randint(2, 5)):
        barred = frozenset(key for key in keys if random.random() < 0.15)
        own, now = random.choice([None, *keys]), random.choice([None, *keys])
        placements.append(Asked(f"p{each}", random.choice(["crime", "health"]), own, now, barred))
    return placements, tutors


def worth(placements: list[Asked], tutors: list[Tutor], sharing: dict[str, str | None]) -> tuple[int, int, int, int]:
    """Without a tutor; not own and knowing; not own; neither own nor a knowing one kept. Less is better."""
    knows = {(tutor.key, theme) for tutor in tutors for theme in tutor.themes}
    without = well = own = kept = 0
    for each in placements:
        tutor = sharing[each.key]
        without += tutor is None
        well += tutor is not None and tutor == each.own and (tutor, each.theme) in knows
        own += tutor is not None and tutor == each.own
        kept += tutor is not None and tutor != each.own and tutor == each.now and (tutor, each.theme) in knows
    total = len(placements) - without
    return without, total - well, total - own, total - own - kept


def best(placements: list[Asked], tutors: list[Tutor]) -> tuple[int, int, int, int]:
    loads = {tutor.key: tutor.load for tutor in tutors}
    ways = [[None, *(key for key in loads if key not in each.barred)] for each in placements]
    found = []
    for way in product(*ways):
        if all(number <= loads[key] for key, number in Counter(key for key in way if key).items()):
            found.append(worth(placements, tutors, dict(zip((each.key for each in placements), way, strict=True))))
    return min(found)


@pytest.mark.parametrize("number", range(60))
def test_no_sharing_is_better(number: int) -> None:
    placements, tutors = a_case(number)
    asked = question("seed", 6, placements, tutors)
    result = solve(asked, GREEDY)
    assert verify(asked, result) == []
    assert worth(placements, tutors, dict(result.placing)) == best(placements, tutors)


def test_a_fixed_one_stays_and_the_others_are_shared_around_it() -> None:
    tutors = [Tutor("tom", 1, frozenset({"crime"})), Tutor("tia", 1, frozenset())]
    placements = [
        Asked("p", "crime", own="tom", now="tom"),
        Asked("q", "crime", own=None, now=None, fixed="tom"),
    ]
    assert dict(solve(question("seed", 6, placements, tutors), GREEDY).placing) == {"p": "tia", "q": "tom"}


def test_nobody_moves_who_need_not() -> None:
    tutors = [Tutor(key, 3, frozenset()) for key in ("tia", "tom", "uma")]
    now = {"p1": "uma", "p2": "tom", "p3": "tom", "p4": "tia"}
    placements = [Asked(key, "crime", own=None, now=who) for key, who in now.items()]
    assert dict(solve(question("seed", 6, placements, tutors), GREEDY).placing) == now

"""Which organisations may be the same, without comparing each with every other."""

from typing import Any

import pytest

from placements.core.policy import Principal
from placements.directory.doubles import doubles_of, likely_pairs
from placements.directory.likeness import Likeness, Seen
from placements.directory.merging import keep_apart
from tests import factories as make
from tests.client import counting_queries
from tests.factories import NOW

NAMES = ("Bow Walkers", "Hoxton Sewing Bee", "Poplar Choir")
LARDER = Seen(1, "Holloway Larder", "1234567", "00301234", frozenset({"larder.example"}))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Seen(2, "Nothing alike", charity_number="1234567"), "The same charity number"),
        (Seen(2, "Nothing alike", company_number="00301234"), "The same company number"),
        (Seen(2, "Nothing alike", domains=frozenset({"larder.example"})), "The same website or mail domain"),
        (Seen(2, "The Holloway Larder CIO"), "Much the same name"),
        (Seen(2, "Hollowey Larder"), "Much the same name"),
        (Seen(2, "Holloway Larder", charity_number="1234567"), "The same charity number"),
        (Seen(2, "Holloway Walkers"), None),
        (Seen(2, "Quite Different"), None),
    ],
)
def test_why_two_may_be_the_same(other: Seen, why: str | None) -> None:
    assert list(Likeness([LARDER, other]).pairs()) == ([(1, 2, why)] if why else [])
    assert Likeness([LARDER]).like(other) == ({1: why} if why else {})


def test_names_made_of_common_words_are_found_and_the_work_stays_bounded() -> None:
    crowd = [Seen(n, f"North Bridge {n:x}{n * 7:x}") for n in range(1, 601)]
    twins = [Seen(901, "North Bridge"), Seen(902, "The North Bridge Trust")]
    assert list(Likeness(twins).pairs()) == [(901, 902, "Much the same name")]
    assert Likeness([*crowd, twins[0]]).like(Seen(0, "Bridge North"))[901] == "Much the same name"


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_of_duplicates_and_an_organisation_s_own_ask_few_queries(session: Any, many: int) -> None:
    for n in range(many):
        for borough in ("Hackney", "Camden"):
            one = make.organisation(name=f"{['Bow', 'Hoxton', 'Poplar'][n]} Walkers", borough=borough)
            make.contact(one, make.person(email=f"{borough}@group{n}.example"))
    session.expire_all()
    with counting_queries() as asked:
        assert likely_pairs()[1] == many
    assert asked.count == 4  # those kept apart, who works where, the organisations, those that are shown
    one = make.organisation(name="Bow Walkers")
    session.expire_all()
    with counting_queries() as asked:
        assert [each.borough for each, _ in doubles_of(one)] == ["Hackney", "Camden"]
    assert (
        asked.count == 6
    )  # the organisation itself, its people, those kept apart, who works where, the near, the named


def test_what_is_over_or_kept_apart_is_nobody_s_double(session: Any) -> None:
    one, other = make.organisation(name="Bow Walkers"), make.organisation(name="Bow Walkers")
    make.organisation(name="Bow Walkers", state="archived")
    session.flush()
    assert [(each.id, why) for each, why in doubles_of(one)] == [(other.id, "Much the same name")]
    keep_apart(one, other, actor=Principal(None), now=NOW)
    assert (doubles_of(one), likely_pairs()) == ([], ([], 0))

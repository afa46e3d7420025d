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
    assert asked.count == 5  # the organisation itself, its people, who works where, the near, the named


def test_what_is_over_or_kept_apart_is_nobody_s_double(session: Any) -> None:
    one, other = make.organisation(name="Bow Walkers"), make.organisation(name="Bow Walkers")
    make.organisation(name="Bow Walkers", state="archived")
    session.flush()
    assert [(each.id, why) for each, why in doubles_of(one)] == [(other.id, "Much the same name")]
    keep_apart(one, other, actor=Principal(None), now=NOW)
    assert (doubles_of(one), likely_pairs()) == ([], ([], 0))


@pytest.mark.parametrize(("others", "found"), [(4, 4), (5, 0)])
def test_mail_that_many_organisations_share_tells_none_from_another(others: int, found: int) -> None:
    at_one_borough = [Seen(n, f"{n:x}{n * 7919:x}", domains=frozenset({"hackney.gov.example"})) for n in range(6)]
    assert len(Likeness(at_one_borough[: others + 1]).like(at_one_borough[0])) == found


def test_neither_many_of_a_like_name_nor_those_put_away_hide_the_one_with_its_number(session: Any) -> None:
    for n in range(61):
        make.organisation(name=f"Walthamstow {n:x}{n * 7919:x}", state="archived" if n % 2 else "approved")
    double = make.organisation(name="Quite different", charity_number="1234567")
    one = make.organisation(name="Walthamstow Larder", charity_number="1234567")
    assert [(each.id, why) for each, why in doubles_of(one)] == [(double.id, "The same charity number")]


def test_mail_of_somebody_who_left_is_no_reason(session: Any) -> None:
    one, other = make.organisation(name="Bow Walkers"), make.organisation(name="Hoxton Bees")
    make.contact(one, make.person(email="a@bees.example"), left_on=NOW.date())
    make.contact(other, make.person(email="b@bees.example"))
    assert (doubles_of(one), doubles_of(other)) == ([], [])

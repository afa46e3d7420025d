"""What fits whom on paper, and the same over rows: what decides is days, journey and mode."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from placements.applications import finding
from placements.applications.finding import Wanted, misfits_of
from placements.applications.models import Needs
from placements.applications.needs import Asks, Limits, misfits
from placements.challenges.models import ChallengeSite, WorkMode
from placements.challenges.queries import Search
from placements.partners.boroughs import Distance
from tests import factories as make

NEAR_ISLINGTON = frozenset({"Islington", "Hackney", "Haringey", "Camden", "City of London"})
IN_BARNET = Asks((), frozenset({"Barnet"}), "In person", is_remote=False)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("limits", "asks", "said"),
    [
        (Limits(), Asks(("Monday",), frozenset({"Barnet"}), "In person", is_remote=False), []),
        (Limits(("Wednesday",)), IN_BARNET, []),
        (Limits(("Wednesday",)), Asks(("Monday", "Wednesday"), frozenset(), "Remote", is_remote=True), []),
        (
            Limits(("Wednesday",)),
            Asks(("Monday", "Friday"), frozenset(), "Remote", is_remote=True),
            ["It asks for Monday or Friday, and you can come on Wednesday."],
        ),
        (
            Limits(("Wednesday", "Thursday", "Friday")),
            Asks(("Monday",), frozenset(), "Remote", is_remote=True),
            ["It asks for Monday, and you can come on Wednesday, Thursday and Friday."],
        ),
        (Limits(within=NEAR_ISLINGTON), IN_BARNET, ["It is in Barnet, which is further than you can travel."]),
        (
            Limits(within=NEAR_ISLINGTON),
            Asks((), frozenset({"Sutton", "Barnet"}), "Partly remote", is_remote=False),
            ["It is in Barnet and Sutton, which is further than you can travel."],
        ),
        (Limits(within=NEAR_ISLINGTON), Asks((), frozenset({"Barnet", "Camden"}), "In person", is_remote=False), []),
        (Limits(within=NEAR_ISLINGTON), Asks((), frozenset({"Barnet"}), "Remote", is_remote=True), []),
        (
            Limits(modes=("Partly remote", "Remote")),
            IN_BARNET,
            ["The work is in person, and you need it partly remote or remote."],
        ),
        (
            Limits(modes=("Remote",)),
            Asks((), frozenset({"Barnet"}), "Partly remote", is_remote=False),
            ["The work is partly remote, and you need it remote."],
        ),
        (Limits(modes=("Remote",)), Asks((), frozenset({"Barnet"}), "Remote", is_remote=True), []),
        (
            Limits(("Friday",), NEAR_ISLINGTON, ("Remote",)),
            Asks(("Monday",), frozenset({"Barnet"}), "In person", is_remote=False),
            [
                "It asks for Monday, and you can come on Friday.",
                "It is in Barnet, which is further than you can travel.",
                "The work is in person, and you need it remote.",
            ],
        ),
    ],
)
def test_each_reason_is_said_in_a_sentence(limits: Limits, asks: Asks, said: list[str]) -> None:
    assert misfits(limits, asks) == said


@pytest.mark.pure
@pytest.mark.parametrize(
    ("kept", "limits", "said"),
    [
        ({"access": "Step-free"}, Limits(), ""),
        ({"borough": "Brent"}, Limits(), "Brent"),
        ({"days": 0b0010100}, Limits(("Wednesday", "Friday")), "Wednesday, Friday"),
        (
            {"borough": "Havering", "journey": Distance.NEAR},
            Limits(within=frozenset({"Havering", "Redbridge", "Barking and Dagenham"})),
            "near Havering",
        ),
        ({"mode": WorkMode.HYBRID}, Limits(modes=("Partly remote", "Remote")), "partly remote or remote"),
        ({"days": 1, "mode": WorkMode.REMOTE}, Limits(("Monday",), modes=("Remote",)), "Monday; remote"),
    ],
)
def test_what_is_kept_decides_and_is_said(kept: dict[str, Any], limits: Limits, said: str) -> None:
    needs = Needs(**{"days": 0, "borough": "", "journey": Distance.FAR, "mode": WorkMode.ON_SITE, **kept})
    assert (needs.limits, needs.said) == (limits, said)


def test_a_list_narrowed_to_what_fits_holds_exactly_what_has_no_misfit(session: Session) -> None:
    here, there = make.organisation(borough="Islington"), make.organisation(borough="Sutton")
    sites = {name: make.site(here, borough=name) for name in ("Hackney", "Barnet", "Croydon")}
    for days, mode in product((0, 0b1, 0b10100), WorkMode):
        make.challenge(here, site=sites["Hackney"], days=days, mode=mode)
        make.challenge(here, site=sites["Barnet"], days=days, mode=mode)
        twice = make.challenge(here, site=sites["Croydon"], days=days, mode=mode)
        twice.further_sites.append(ChallengeSite(site=sites["Hackney"], supervisor=twice.supervisor))
    for of in (here, there):
        make.challenge(of, site=None, mode=WorkMode.REMOTE)
        make.challenge(of, site=None, mode=WorkMode.HYBRID)
    enrolment = make.enrolment()
    session.flush()
    session.expire_all()
    numbers = set()
    for days, journey, mode in product((0, 0b1, 0b100), Distance, WorkMode):
        limits = Needs(days=days, borough="Islington", journey=journey, mode=mode).limits
        assert listed(enrolment, Wanted(Search())) == 31
        shown = listed(enrolment, Wanted(Search(), fitting=limits), limits)
        numbers.add(shown)
    assert max(numbers) == 31
    assert len(numbers) > 8


def listed(enrolment: Any, wanted: Wanted, limits: Limits | None = None) -> int:
    """How many challenges are found. Those that fit must be those without a misfit among all."""
    pages = [finding.search(enrolment, limits, wanted, number, make.NOW) for number in (1, 2, 3)]
    shown = [each for found, _ in pages for each in found]
    assert not any(each.misfits for each in shown)
    if limits:
        everything = [finding.search(enrolment, limits, Wanted(Search()), number, make.NOW)[0] for number in (1, 2, 3)]
        fitting = [
            each.challenge.id for found in everything for each in found if not misfits_of(limits, each.challenge)
        ]
        assert [each.challenge.id for each in shown] == fitting
    return len(shown)

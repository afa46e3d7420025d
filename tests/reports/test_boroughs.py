"""The map of boroughs: every one of them, its number, its class, and the table that says the same."""

import hashlib
from datetime import date

import pytest

from placements.partners.rules import BOROUGHS
from placements.partners.workflow import OrganisationState
from placements.reports.boroughs import KEPT, legend, limits
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.page import Page, elements
from tests.reports.conftest import Show


def on_the_map(page: Page) -> dict[str, str]:
    """Name → number, as the links of the drawing say them."""
    said = [
        link.get("aria-label", "") for link in elements(page.root) if link.tag.endswith("a") and link.get("aria-label")
    ]
    return dict(each.split(": ") for each in said if ": " in each)


def organisations() -> None:
    for borough in ("Hackney", "Hackney", "City of London", "Outside London"):
        make.organisation(borough=borough)
    for borough, state in (("Barnet", OrganisationState.ARCHIVED), ("Hackney", OrganisationState.PROSPECTIVE)):
        make.organisation(borough=borough, state=state)


@pytest.mark.pure
def test_every_borough_has_a_shape_and_no_other_place_has() -> None:
    assert set(KEPT["boroughs"]) == set(BOROUGHS) - {"Outside London"}
    assert len(KEPT["boroughs"]) == 33
    for shape in KEPT["boroughs"].values():
        assert shape["path"].startswith("M")
        assert 0 < shape["x"] < KEPT["width"]
        assert 0 < shape["y"] < KEPT["height"]


@pytest.mark.pure
def test_islington_lies_between_camden_and_hackney_and_north_of_the_city() -> None:
    at = KEPT["boroughs"]
    assert at["Camden"]["x"] < at["Islington"]["x"] < at["Hackney"]["x"]
    assert at["Islington"]["y"] < at["City of London"]["y"] < at["Croydon"]["y"]


@pytest.mark.pure
def test_the_shapes_are_those_whose_notice_we_carry(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    kept = (root / "placements/reports/boroughs.json").read_bytes()
    assert len(kept) < 40_000
    assert hashlib.sha256(kept).hexdigest() == "c2b0a79721d2d85be736e01078a91c20fc38e658a2a63761d57a7ee1441ec692"
    vendored = (root / "placements/static/VENDOR.md").read_text("utf-8")
    for words in ("placements/reports/boroughs.json", "vega-datasets 3.2.1", "Open Government Licence v3.0"):
        assert words in vendored


def test_the_map_and_the_table_say_the_same(show: Show) -> None:
    page = show("/coverage/map", organisations)
    numbers = on_the_map(page)
    assert len(numbers) == 33
    assert {name: number for name, number in numbers.items() if number != "0"} == {
        "Hackney": "2",
        "City of London": "1",
    }
    assert page.rows == [["Hackney", "2"], ["City of London", "1"]]
    assert "Hackney has the most approved organisations, 2. 31 of 33 boroughs have none." in page.text
    assert "Outside London: 1." in page.text


@pytest.mark.parametrize("borough", ["Hackney", "City of London", "Outside London"])
def test_a_borough_opens_the_organisations_that_it_counts(show: Show, client: PageClient, borough: str) -> None:
    page = show("/coverage/map", organisations)
    number = {"Outside London": "1", **dict(page.rows)}[borough]  # type: ignore[dict-item]
    listed = client.page(page.link("1" if borough == "Outside London" else borough)).rows
    assert len(listed) == int(number)
    assert {(row[2], row[3]) for row in listed} == {(borough, "Approved")}


def challenges() -> None:
    hackney = make.organisation(borough="Hackney")
    make.challenge(hackney, title="In Hackney", site=None, places_max=3)
    make.challenge(hackney, title="In Brent", site=make.site(hackney, borough="Brent"), places_max=2)
    make.challenge(hackney, academic_year="2025/26")  # nobody has closed it, and nobody can choose it
    run_out = make.organisation(borough="Barnet", approved_until=date(2026, 10, 19))
    make.challenge(run_out)


@pytest.mark.parametrize(
    ("what", "rows"),
    [("challenges", [["Brent", "1"], ["Hackney", "1"]]), ("places", [["Hackney", "3"], ["Brent", "2"]])],
)
def test_open_challenges_count_where_the_work_is(show: Show, what: str, rows: list[list[str]]) -> None:
    assert show(f"/coverage/map?what={what}", challenges).rows == rows


@pytest.mark.parametrize("what", ["challenges", "places"])
def test_a_borough_opens_the_challenges_that_it_counts(show: Show, client: PageClient, what: str) -> None:
    page = client.page(show(f"/coverage/map?what={what}", challenges).link("Brent"))
    assert ("In Brent" in page.text, "In Hackney" in page.text) == (True, False)


def test_with_nothing_at_all_it_says_so(show: Show) -> None:
    page = show("/coverage/map?what=places")
    assert "No borough has any open places yet." in page.text
    assert page.rows == []


def test_what_cannot_be_counted_counts_organisations(show: Show) -> None:
    assert "approved organisations" in show("/coverage/map?what=people", organisations).text


@pytest.mark.pure
@pytest.mark.parametrize(
    ("most", "said"),
    [
        (0, ["0", "1", "2", "3", "4"]),
        (4, ["0", "1", "2", "3", "4"]),
        (40, ["0", "1 to 4", "5 to 12", "13 to 24", "25 to 40"]),
        (100, ["0", "1 to 10", "11 to 30", "31 to 60", "61 to 100"]),
    ],
)
def test_five_classes_cover_every_number(most: int, said: list[str]) -> None:
    assert [key.said for key in legend(limits(most))] == said


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_three_queries_however_many_there_are(show: Show, client: PageClient, rows: int) -> None:
    show("/coverage/map", *[organisations] * rows)
    with counting_queries() as asked:
        client.page("/coverage/map")
    assert asked.count == 3  # who asks and their roles; the numbers

"""Names, numbers and places of organisations, on paper."""

import pytest

from placements.partners import rules

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Amina Yusuf", ("Amina", "Yusuf")),
        ("  Mary  Jane   Watson ", ("Mary Jane", "Watson")),
        ("Prince", ("Prince", "")),
        ("", ("", "")),
    ],
)
def test_a_name_in_two(name: str, parts: tuple[str, str]) -> None:
    assert rules.split_name(name) == parts


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234567", "1234567"),
        ("123 4567", "1234567"),
        ("123456-1", "123456-1"),
        ("sc012345", "SC012345"),
        ("NIC123456", "NIC123456"),
        ("12345", None),
        ("١٢٣٤٥٦٧", None),
        ("charity", None),
    ],
)
def test_a_charity_number(typed: str, number: str | None) -> None:
    assert rules.charity_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("01234567", "01234567"),
        ("1234567", "01234567"),
        ("oc 301234", "OC301234"),
        ("IP12345R", "IP12345R"),
        ("12345", None),
        ("123456789", None),
        ("²²²²²²²²", None),
    ],
)
def test_a_company_number(typed: str, number: str | None) -> None:
    assert rules.company_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [("n78db", "N7 8DB"), ("EC1V 2NX", "EC1V 2NX"), ("SW1A1AA", "SW1A 1AA"), ("N7", None), ("90210", None), ("", None)],
)
def test_a_postcode(typed: str, code: str | None) -> None:
    assert rules.postcode(typed) == code


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@larder.org.uk", "larder.org.uk"),
        ("a@Larder.Org.UK ", "larder.org.uk"),
        ("a@gmail.com", None),
        ("a@nhs.net", None),
        ("a@", None),
    ],
)
def test_whose_mail_it_is(address: str, domain: str | None) -> None:
    assert rules.domain_of(address) == domain


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Holloway Larder CIC", "The Holloway Community Larder", True),
        ("Women’s Aid Hackney", "Womens Aid, Hackney", True),
        ("Ridley Road Traders", "Ridley Rd Traders", True),
        ("Bow Walkers", "Bow Cyclists", False),
        ("The Community Trust", "The London Charity", False),
        ("Hackney Food Bank", "Islington Food Bank", False),
    ],
)
def test_names_that_may_be_one_organisation_s(one: str, other: str, alike: bool) -> None:
    assert rules.is_alike(one, other) is alike
    assert rules.is_alike(other, one) is alike


def test_there_are_33_boroughs_and_a_place_for_the_rest() -> None:
    assert len(rules.BOROUGHS) == 34
    assert rules.BOROUGHS[-1] == "Outside London"

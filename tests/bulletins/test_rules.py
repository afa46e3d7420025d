"""True on paper: placeholders, paragraphs and lists, hours at which nobody wants mail."""

from datetime import UTC, datetime

import pytest

from placements.bulletins.rules import (
    Audience,
    Block,
    blocks,
    filled,
    placeholders_for,
    unknown_placeholders,
    why_unwanted,
)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("to", "names"),
    [
        (Audience.STUDENTS, "given_name name sender run"),
        (Audience.TUTORS, "given_name name sender run"),
        (Audience.SUPERVISORS, "given_name name sender run organisation"),
        (Audience.CONTACTS, "given_name name sender run organisation"),
        (Audience.PARTNERS, "given_name name sender organisation"),
    ],
)
def test_what_can_stand_in_the_words(to: Audience, names: str) -> None:
    assert " ".join(placeholders_for(to)) == names


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hello {name}", []),
        ("{Name} {name} {mark} {Name}", ["Name", "mark"]),
        ("{}", [""]),
        ("{name", []),
        ("a } b { c", []),
        ("{{name}}", []),
        ("{ name }", [" name "]),
        ("{name\n}", []),
    ],
)
def test_what_stands_in_braces_and_means_nothing(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders(text, ["name"]) == unknown


def test_a_name_that_looks_like_a_placeholder_is_not_read_again() -> None:
    assert filled("{name} {sender}", {"name": "{sender}", "sender": "Lea"}) == "{sender} Lea"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One.\n\n\nTwo.\nThree.", [Block(("One.",)), Block(("Two.",)), Block(("Three.",))]),
        ("Bring:\n- a pen\n\n- a card", [Block(("Bring:",)), Block(("a pen", "a card"), is_list=True)]),
        ("-5 degrees\n- \n-", [Block(("-5 degrees",)), Block(("-",)), Block(("-",))]),
    ],
)
def test_paragraphs_and_lists(text: str, expected: list[Block]) -> None:
    assert blocks(text) == expected


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (datetime(2026, 10, 20, 5, 59, tzinfo=UTC), "That is between 9pm and 7am, when no email leaves: it waits for the morning."),
        (datetime(2026, 10, 20, 6, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 20, 19, 59, tzinfo=UTC), None),
        (datetime(2026, 10, 20, 20, 0, tzinfo=UTC), "That is between 9pm and 7am, when no email leaves: it waits for the morning."),
        (datetime(2026, 10, 24, 11, 0, tzinfo=UTC), "That is a Saturday: many will read it only on Monday."),
        (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), "That is a Sunday: many will read it only on Monday."),
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), None),
    ],
)  # fmt: skip
def test_hours_at_which_nobody_wants_mail(at: datetime, why: str | None) -> None:
    assert why_unwanted(at) == why

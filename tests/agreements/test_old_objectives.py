"""What becomes of objectives that were written as one text before they were rows."""

from importlib import import_module

import pytest

from placements.agreements.rules import no_more_than_six

pytestmark = pytest.mark.pure

migration = import_module("migrations.versions.0021_objectives")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        (" \n", []),
        ("Count the stock.", ["Count the stock."]),
        ("1. Count.\n2. Write.", ["1. Count.", "2. Write."]),
        ("1. Count.\n\n2. Write.\n", ["1. Count.\n", "2. Write.\n"]),
        ("\nCount.\n \n\nWrite.", ["\nCount.\n \n", "Write."]),
    ],
)
def test_what_was_signed_comes_back_as_it_was(text: str, rows: list[str]) -> None:
    assert migration.in_lines(text) == rows
    assert "\n".join(rows) == text or not text.strip()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1. Count.\n\n- Write.\n• Ask 12 people.", ["Count.", "Write.", "Ask 12 people."]),
        ("2026 is the year.\n-5 degrees", ["2026 is the year.", "-5 degrees"]),
        ("a\nb\nc\nd\ne\nf\ng", ["a", "b", "c", "d", "e", "f g"]),
    ],
)
def test_a_draft_gets_a_box_for_each(text: str, rows: list[str]) -> None:
    assert migration.of_a_draft(text) == rows == no_more_than_six(rows)

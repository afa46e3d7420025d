"""A form that picks one of many: ten buttons, and a list of the others."""

from collections.abc import Sequence

import pytest
from flask import Flask

from placements.web.picking import Pick, PickForm


def picks(number: int) -> Sequence[Pick]:
    return [Pick(f"p{each}", f"Place {each}", ", does not fit") for each in range(1, number + 1)]


def sent(app: Flask, number: int, **posted: str) -> PickForm:
    app.config["WTF_CSRF_ENABLED"], kept = False, app.config.get("WTF_CSRF_ENABLED", True)
    try:
        with app.test_request_context(method="POST", data=posted):
            form = PickForm()
            form.offer(picks(number))
            form.validate()
            return form
    finally:
        app.config["WTF_CSRF_ENABLED"] = kept


def test_ten_are_buttons_without_a_list(app: Flask) -> None:
    form = sent(app, 10, challenge="p10")
    assert (form.errors, form.picked) == ({}, "p10")
    assert [choice.label for choice in form.challenge.choices][-1] == "Place 10"
    assert "other" not in form


def test_an_eleventh_is_on_the_list_with_what_is_said_of_it(app: Flask) -> None:
    form = sent(app, 11, challenge="another", other="p11")
    assert (form.errors, form.picked) == ({}, "p11")
    assert [choice.label for choice in form.challenge.choices][-1] == "Another: 1 more"
    assert [choice.label for choice in form.other.choices] == ["Choose one", "Place 11, does not fit"]


@pytest.mark.parametrize(
    ("posted", "errors"),
    [
        ({}, {"challenge": ["Choose a challenge"]}),
        ({"challenge": "p12"}, {"challenge": ["Choose a challenge"]}),
        ({"challenge": "another"}, {"other": ["Choose one of the others from the list"]}),
        ({"challenge": "another", "other": "p1"}, {"other": ["Choose one that is on the list"]}),
    ],
)
def test_what_is_not_offered_is_not_picked(app: Flask, posted: dict[str, str], errors: dict[str, list[str]]) -> None:
    assert sent(app, 12, **posted).errors == errors


def test_a_button_counts_whatever_the_list_says(app: Flask) -> None:
    assert sent(app, 12, challenge="p2", other="p12").picked == "p2"

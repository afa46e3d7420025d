"""A form that picks one of many: ten buttons, and a list of the others."""

from collections.abc import Sequence

import pytest
from flask import Flask

from placements.web import fields
from placements.web.picking import Pick, PickForm


class Picking(PickForm):
    picks = "flower"
    flower = fields.one("Which flower?", {}, missing="Choose a flower")


def picks(number: int) -> Sequence[Pick]:
    return [Pick(f"p{each}", f"Place {each}", ", does not fit") for each in range(1, number + 1)]


def sent(app: Flask, number: int, **posted: str) -> Picking:
    app.config["WTF_CSRF_ENABLED"], kept = False, app.config.get("WTF_CSRF_ENABLED", True)
    try:
        with app.test_request_context(method="POST", data=posted):
            form = Picking()
            form.offer(picks(number))
            form.validate()
            return form
    finally:
        app.config["WTF_CSRF_ENABLED"] = kept


def test_ten_are_buttons_without_a_list(app: Flask) -> None:
    form = sent(app, 10, flower="p10")
    assert (form.errors, form.picked) == ({}, "p10")
    assert [choice.label for choice in form.flower.choices][-1] == "Place 10"
    assert "other" not in form


def test_an_eleventh_is_on_the_list_with_what_is_said_of_it(app: Flask) -> None:
    form = sent(app, 11, flower="another", other="p11")
    assert (form.errors, form.picked) == ({}, "p11")
    assert [choice.label for choice in form.flower.choices][-1] == "Another: 1 more"
    assert [choice.label for choice in form.other.choices] == ["Choose one", "Place 11, does not fit"]


@pytest.mark.parametrize(
    ("posted", "errors"),
    [
        ({}, {"flower": ["Choose a flower"]}),
        ({"flower": "p12"}, {"flower": ["Choose a flower"]}),
        ({"flower": "another"}, {"other": ["Choose one of the others from the list"]}),
        ({"flower": "another", "other": "p1"}, {"other": ["Choose one that is on the list"]}),
    ],
)
def test_what_is_not_offered_is_not_picked(app: Flask, posted: dict[str, str], errors: dict[str, list[str]]) -> None:
    assert sent(app, 12, **posted).errors == errors


def test_another_is_none_where_there_are_no_others(app: Flask) -> None:
    assert sent(app, 10, flower="another").errors == {"flower": ["Choose a flower"]}


def test_a_button_counts_whatever_the_list_says(app: Flask) -> None:
    assert sent(app, 12, flower="p2", other="p12").picked == "p2"

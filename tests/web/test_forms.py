"""What a form says is wrong, and where its lines lead."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.validators import Length

from placements.web import fields
from placements.web.forms import Form
from tests.page import Page

ODD_IDS = ("score_Zk3-xQ_9aB1-", "score_Zk3-xQ_9aB1_", "score_-k3-xQ_9aB11", "day_Zk3-xQ_9aB1-")


def form_with_odd_names(app: Flask) -> Form:
    """Fields named after things, as their public ids are made: of letters, digits, “-” and “_”, in any place."""
    parts: dict[str, Any] = {name: fields.text("Score", missing="Enter a score") for name in ODD_IDS[:3]}
    parts[ODD_IDS[3]] = fields.day("Day", missing="Enter the day")
    parts["seen"] = HiddenField(validators=[Length(max=3, message="Open this page again")])
    made: Form = type("OddForm", (Form,), parts)(formdata=MultiDict({"seen": "too long"}), meta={"csrf": False})
    made.validate()
    made.form_errors.append("Somebody else has just saved this.")
    return made


def test_every_line_leads_to_its_field_whatever_its_name(app: Flask) -> None:
    with app.test_request_context():
        form = form_with_odd_names(app)
        macro = app.jinja_env.get_template("components/form.html").module.error_summary  # type: ignore[attr-defined]
        page = Page(f"<main>{macro(form)}{''.join(str(field()) for field in form)}</main>")
    ids = {each.get("id") for each in page.root.iter()}
    links = [(each.text, each.href) for each in page.links]
    assert links == [
        ("Enter a score", "#score_Zk3-xQ_9aB1-"),
        ("Enter a score", "#score_Zk3-xQ_9aB1_"),
        ("Enter a score", "#score_-k3-xQ_9aB11"),
        ("Enter the day", "#day_Zk3-xQ_9aB1-"),
    ]
    assert {href[1:] for _, href in links} <= ids


@pytest.mark.parametrize("sentence", ["Somebody else has just saved this.", "Open this page again"])
def test_what_is_about_no_field_that_is_seen_leads_nowhere(app: Flask, sentence: str) -> None:
    with app.test_request_context():
        assert (sentence, None) in form_with_odd_names(app).error_lines()

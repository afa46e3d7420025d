"""The hostile posts are what they say, and find the faults planted in a small site."""

from datetime import date
from itertools import islice
from random import Random

import pytest
from flask import Flask, Response, abort, render_template_string, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import escape

from tests.page import Page
from tests.site.hostile import ENOUGH, LEFT_OPEN, SHAPES, hostile_forms, hostile_problems, plausible, post_hostile
from tests.site.hostile_values import TAKEN_DIFFERENTLY, VALUES, Upload, hostile_files, hostile_values

pytestmark = [
    pytest.mark.pure,
    pytest.mark.filterwarnings(LEFT_OPEN),
    pytest.mark.usefixtures("files_closed_here"),
]


FORM = """<main><form action="{action}" method="post" enctype="{enctype}"><input type="hidden" name="csrf_token" value="{token}">
<input name="name"><input name="hours" inputmode="numeric"><input name="day" id="day-day"><input type="email" name="mail">
<select name="mode"><option value="">Choose</option><option value="site">On site</option></select>
<input type="checkbox" name="agree" value="y">{more}<button name="do" value="save">Save</button></form></main>"""
MULTIPART = "multipart/form-data"
SEED = 20261014


def careful():
    """Reads everything, refuses what it must, and shows what was typed."""
    upload = request.files.get("cv")
    content = upload.read() if upload else b""
    return f"<p>{escape(request.form.get('name', ''))} {len(content)}</p>", 422


def refuse_parts_without_a_name():
    """Flask-WTF, looking for the token, takes every name for a string; a multipart part need not have one."""
    if None in request.form:
        abort(400)


def crash_on_nul():
    if "\0" in request.form.get("name", ""):
        raise ValueError("a planted fault: NUL")
    return careful()


def crash_on_large_number():
    if request.form.get("hours", "").isdigit() and len(request.form["hours"]) < 4000:
        int(request.form["hours"]).to_bytes(8, "big", signed=True)
    return careful()


def crash_on_missing_choice():
    return {"site": careful}[request.form.get("mode", "site")]()


def crash_on_date():
    parts = request.form.get("name", "").split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        date(*(int(part) for part in parts))
    return careful()


def crash_on_a_file_in_place_of_words():
    return careful() if "name" not in request.files else abort(500)


def crash_on_bytes_that_are_no_text():
    request.get_data(cache=True, parse_form_data=False).decode()
    return careful()


def echo_markup():
    return f"<p>{request.form.get('name', '')}</p>"


def template_of_input():
    return render_template_string("{% raw %}{% endraw %}" + request.form.get("name", "").replace("{%", "")[:40])


def header_of_input():
    response = Response("x")
    for line in request.form.get("name", "").splitlines()[1:]:
        key, found, value = line.partition(": ")
        if found and key.isascii() and key.replace("-", "").isalpha():
            response.headers[key] = value[:1]
    return response


FAULTS = [
    (crash_on_nul, "answered 500"),
    (crash_on_large_number, "answered 500"),
    (crash_on_missing_choice, "answered 500"),
    (crash_on_date, "answered 500"),
    (crash_on_a_file_in_place_of_words, "answered 500"),
    (echo_markup, "gave markup back as markup"),
    (template_of_input, "worked out a template"),
    (header_of_input, "let a value become a header"),
]


def attack(view, enctype="application/x-www-form-urlencoded", more="", count=ENOUGH):
    """What `count` hostile posts to a site of one view find."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="not secret")
    app.before_request(refuse_parts_without_a_name)
    CSRFProtect(app)
    app.add_url_rule("/save", "save", view, methods=["POST"])
    app.add_url_rule(
        "/", "form", lambda: FORM.format(action="/save", enctype=enctype, token=generate_csrf(), more=more)
    )
    client = app.test_client()
    form = Page(client.get("/").text).form()
    posts = islice(hostile_forms(form, Random(SEED)), count)
    return {problem for post in posts for problem in hostile_problems(post_hostile(client, form, post))}


def test_a_careful_site_has_no_problem():
    assert attack(careful) == set()
    assert attack(careful, MULTIPART, '<input type="file" name="cv">') == set()


@pytest.mark.parametrize(("view", "problem"), FAULTS)
def test_a_planted_fault_is_found(view, problem):
    assert problem in attack(view)


def test_a_fault_in_reading_a_file_is_found():
    def trust_the_name():
        upload = request.files.get("cv")
        if upload and upload.filename and upload.filename.endswith(".csv"):
            upload.read().decode()
        return careful()

    assert "answered 500" in attack(trust_the_name, MULTIPART, '<input type="file" name="cv">')


def test_hostile_posts_get_past_the_token():
    seen = []

    def note():
        seen.append(request.content_type)
        return careful()

    attack(note, count=len(SHAPES) * 4)
    assert len(seen) >= len(SHAPES) * 3
    assert {kind.partition(";")[0] for kind in seen} >= {"application/x-www-form-urlencoded", MULTIPART}


def test_the_same_seed_makes_the_same_posts():
    form = Page(FORM.format(action="/", enctype=MULTIPART, token="t", more='<input type="file" name="cv">')).form()
    first, again, other = ([post.body for post in islice(hostile_forms(form, Random(seed)), 60)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_value_comes_up_and_random_ones_between():
    labels = [label for label, _ in hostile_values(SEED)]
    assert {*labels} == {*VALUES, "random bytes", "random characters"}
    assert len(VALUES["a million characters"]) == 1_000_000
    assert VALUES["lone surrogate"] == b"a\xed\xa0\x80b"


def test_every_value_and_every_file_reach_a_field():
    form = Page(FORM.format(action="/", enctype=MULTIPART, token="t", more='<input type="file" name="cv">')).form()
    posts = list(islice(hostile_forms(form, Random(SEED)), 1000))
    labels = {post.label for post in posts[:ENOUGH]}
    assert {f"{value} everywhere" for value in VALUES} <= labels
    bodies = b"".join(post.body[:20_000] for post in posts)
    assert [label for label, file in hostile_files().items() if file.name[:100] not in bodies] == []


def test_chosen_values_are_each_in_every_field_and_in_one():
    form = Page(FORM.format(action="/", enctype="", token="t", more="")).form()
    posts = islice(hostile_forms(form, Random(SEED), only=TAKEN_DIFFERENTLY), 2 * len(TAKEN_DIFFERENTLY))
    sent = [post.label.partition(" everywhere")[0].partition(" in ")[0] for post in posts]
    assert sorted(sent) == sorted(2 * TAKEN_DIFFERENTLY)
    assert sorted(sent[::2]) == sorted(TAKEN_DIFFERENTLY)


def test_hostile_files_are_small_to_send():
    assert sum(len(file.content) for file in hostile_files().values()) < 1_000_000


def test_a_form_is_filled_as_somebody_who_means_well_would():
    form = Page(FORM.format(action="/", enctype=MULTIPART, token="t", more='<input type="file" name="cv">')).form()
    sent = dict(plausible(form, {"name": "Ada"}))
    assert isinstance(sent.pop(b"cv"), Upload)
    assert sent == {
        b"csrf_token": b"t",
        b"name": b"Ada",
        b"hours": b"3",
        b"day": b"14",
        b"mail": b"ada@example.org",
        b"mode": b"site",
        b"agree": b"y",
    }


def test_a_search_is_attacked_through_its_address():
    form = Page('<form action="/find" method="get"><input name="q"></form>').form(0)
    seen = []
    app = Flask(__name__)
    app.add_url_rule("/find", "find", lambda: seen.append(request.args.get("q")) or "found")
    posts = islice(hostile_forms(form, Random(SEED)), 100)
    assert {
        problem for post in posts for problem in hostile_problems(post_hostile(app.test_client(), form, post))
    } == set()
    assert len(set(seen)) > 30

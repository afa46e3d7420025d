"""Hostile posts at every form that somebody is shown, hostile addresses of every page: never a 500, on either database.

What a post changes does not stay. A form sent empty says beside each field what it misses.

SQLite takes posts wrong in every way. What is wrong with a body or its names, the views see before any database: so
PostgreSQL takes, in every form, each value that databases take differently.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from urllib.parse import quote_plus

import pytest
from flask import request
from sqlalchemy import Integer, literal, select

from placements.db import db
from tests.client import PageClient
from tests.page import Form, Page, elements
from tests.site.every_page import Place, View, is_own, views
from tests.site.hostile import LEFT_OPEN, hostile_forms, hostile_problems, post_hostile
from tests.site.hostile_values import TAKEN_DIFFERENTLY, VALUES

pytestmark = [pytest.mark.filterwarnings(LEFT_OPEN), pytest.mark.usefixtures("files_closed_here")]
POSTS, PRESSES = 42, 4  # at a page's own form; at each of its buttons that post elsewhere
SEARCHES, ADDRESSES = 20, 4  # of a page's own search; of every page
SEED = 20261020
ANSWERED = {200, 302, 303, 422}  # what only a view says: it acted, or tells what is wrong
ASKED_FOR = ("page", "sort", "checkpoint", "next", "q", "text", "search", "group", "state", "area", "x")

NO_FORM = {  # pages that act on posts and show no form of their own to whom the world shows them, and why
    (
        "changes.ask_student",
        "attempt_solved",
        "leader",
    ): "no student is looked for yet; tests/changes posts at it",
    ("changes.keep_apart", "round", "leader"): "no student is looked for yet; tests/changes posts at it",
    ("applications.save_draft", "-", "student"): "who has a place has nothing to choose; SHOWN_A_FORM has who chooses",
    (
        "applications.submit",
        "-",
        "student",
    ): "who has a place has nothing to choose, and nobody else's choices are complete",
    ("applications.withdraw", "-", "student"): "who has a place has nothing to withdraw, and nobody else has submitted",
    ("concerns.pass_on", "concern_host", "safeguarding"): "nobody else can own it; tests/concerns posts at it",
    ("partners.declare_interest", "-", "student"): "no organisation is looked for yet; SHOWN_A_FORM looks for one",
    ("directory.merge", "organisation", "engagement"): "no other organisation is chosen yet; SHOWN_A_FORM has chosen",
    ("directory.apply_list", "partner_import", "engagement"): "its list holds no line to apply",
    ("cohorts.apply_roster", "roster_import", "leader"): "its file holds no line to apply",
    ("challenges.submit", "draft", "supervisor"): "the draft is not complete",
    ("board.release", "run", "leader"): "no mark is submitted",
    ("board.confirm", "run", "leader"): "no mark is released",
    ("scripts.share", "component", "leader"): "each student's own tutor marks it; tests/scripts posts at it",
    ("moderation.draw", "component", "leader"): "nothing waits to be moderated; tests/moderation posts at it",
    ("reassessment.open_again", "run", "leader"): "nobody has failed",
    ("confirming.complete", "placement", "tutor"): "the hours are not complete",
    ("proposals.propose", "-", "student"): "who has a place proposes none; tests/proposals posts at it",
}

TIMES = ("ranking_opens", "ranking_closes", "offers_due", "portfolio_due", "reassessment_due", "deadline")
GIVEN = {f"{name}_time": "15:00" for name in TIMES} | {  # what a field wants that its look does not tell
    "again": "three words together",
    "agreement": "25",
    "charity_number": "",
    "company_number": "",
    "ends": "8am",
    "ends_next_day": "",
    "feedback": "0",
    "password": "three words together",
    "portfolio": "75",
    "postcode": "N7 8DB",
    "starts": "7am",
    "typed_name": "Other Contact Canary",
    "website": "",
}


@pytest.mark.parametrize("view", views(), ids="-".join)
def test_no_form_breaks(here: Place, view: View) -> None:
    client, url = here.browser(view), here.url(view)
    forms = forms_of(client.page(url))
    assert form_problems(here, view, forms) == []
    for number, form in enumerate(forms):
        said, problems = attack(here, client, form, how_many(form, url), Random(f"{SEED} {view} {number}"))
        assert problems == [], form.action
        assert not is_own(form, url) or said.keys() & ANSWERED, f"{form.action}: no post came to its view: {said}"


def test_a_form_that_is_gone_or_back_is_found(here: Place) -> None:
    view, without = ("accounts.ask_for_link", "-", "anonymous"), ("confirming.complete", "placement", "tutor")
    forms = forms_of(here.browser(view).page(here.url(view)))
    gone = [form for form in forms if not is_own(form, here.url(view))]
    assert form_problems(here, view, forms) == []
    assert form_problems(here, view, gone) == ["acts on posts, and shows no form of its own"]
    back = replace(forms[0], action=here.url(without), method="post")
    assert form_problems(here, without, [back]) == ["shows its form, and is typed: the hours are not complete"]


def test_a_fault_planted_in_one_form_is_found(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    view = ("accounts.ask_for_link", "-", "anonymous")

    def trust(address: str, **_: object) -> None:
        address.encode("ascii")

    monkeypatch.setattr("placements.accounts.actions.ask_for_link", trust)
    client = here.browser(view)
    form = next(each for each in client.page(here.url(view)).forms if each.method == "post")
    said, problems = attack(here, client, form, 200, Random(SEED), only=())
    assert said[500] > 0
    assert {problem.partition(": ")[2] for problem in problems} == {"answered 500"}


def test_a_number_that_the_database_does_not_take_is_found(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    view = ("accounts.ask_for_link", "-", "anonymous")
    client = here.browser(view)
    form = next(each for each in client.page(here.url(view)).forms if each.method == "post")

    def trust() -> str:
        for typed in filter(str.isdecimal, request.form.values()):
            db.session.execute(select(literal(int(typed[:4000]), Integer)))
        return ""

    monkeypatch.setitem(here.app.view_functions, view[0], trust)
    _, problems = attack(here, client, form, 200, Random(SEED))
    assert {f"{number} everywhere: answered 500" for number in ("2^63", "five thousand digits")} <= {*problems}


def forms_of(page: Page) -> list[Form]:
    """The forms of the page's main part, each address once."""
    main = {each.get("action") or page.url for each in elements(page.main, "form")}
    found = {(form.method, form.action): form for form in page.forms if form.action in main}
    return list(found.values())


def form_problems(here: Place, view: View, forms: list[Form]) -> list[str]:
    """A view that acts on posts shows its form, or it is typed why it does not."""
    shown = any(is_own(form, here.url(view)) for form in forms)
    if here.is_form(view) and not shown and view not in NO_FORM:
        return ["acts on posts, and shows no form of its own"]
    return [f"shows its form, and is typed: {NO_FORM[view]}"] if shown and view in NO_FORM else []


def how_many(form: Form, url: str) -> int:
    """How often the form is sent."""
    if form.method == "get":
        return SEARCHES
    return POSTS if is_own(form, url) else PRESSES


def attack(
    here: Place, client: PageClient, form: Form, count: int, rng: Random, *, only: Sequence[str] | None = None
) -> tuple[Counter[int], list[str]]:
    """How `count` hostile posts of the form are answered, and what is wrong with the answers. All is undone.

    `only` are the values to send, () all of them; unsaid it is as the database wants it, and no value comes back.
    """
    said: Counter[int] = Counter()
    problems = []
    if only is None:
        only = () if here.dialect == "sqlite" else TAKEN_DIFFERENTLY
    for post in islice(hostile_forms(form, rng, GIVEN, only), min(count, 2 * len(only) or count)):
        with here.undone():
            answer = post_hostile(client, form, post)
        said[answer.status_code] += 1
        problems += [f"{post.label}: {each}" for each in hostile_problems(answer)]
    return said, problems


@pytest.mark.parametrize("view", views(), ids="-".join)
def test_no_address_breaks_a_page(here: Place, view: View) -> None:
    client, url = here.browser(view), here.url(view)
    rng = Random(f"{SEED} {view}")
    problems = []
    for _ in range(ADDRESSES):
        values = rng.sample(list(VALUES.values()), len(ASKED_FOR))
        asked = "&".join(f"{name}={quote_plus(value[:300])}" for name, value in zip(ASKED_FOR, values, strict=True))
        answer = client.get(f"{url.partition('?')[0]}?{asked}", checked=False)
        problems += [f"{asked}: {each}" for each in hostile_problems(answer)]
    assert problems == []


@pytest.mark.parametrize("view", views(), ids="-".join)
def test_a_form_sent_empty_says_beside_each_field_what_it_misses(here: Place, view: View) -> None:
    for answer in here.sent_empty(view):
        assert answer.errors or answer.status != 422
        controls = {each.get("id") for each in elements(answer.root, "input", "select", "textarea")}
        assert [href for href in where_errors_lead(answer) if href[1:] not in controls] == []


def where_errors_lead(page: Page) -> list[str]:
    """The addresses of the links in the error summary."""
    summaries = [each for each in elements(page.main, "div") if "govuk-error-summary" in each.get("class", "").split()]
    return [link.get("href", "") for summary in summaries for link in elements(summary, "a")]


@pytest.mark.pure  # how many SQLite takes
def test_there_are_enough_of_them(here: Place) -> None:
    posts = 0
    for view in views():
        url = here.url(view)
        posts += sum(how_many(form, url) for form in forms_of(here.browser(view).page(url)) if form.method == "post")
    assert posts >= 3000
    assert len(views()) * ADDRESSES >= 500

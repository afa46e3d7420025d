"""Every template is used, compiles, and leads to pages that exist; each check is proven by a planted fault."""

from pathlib import Path

import flask_security
import pytest
from jinja2 import DictLoader, Environment
from werkzeug.routing import Map, Rule

from placements.web.assets import asset
from tests.site.templates import (
    address_problems,
    endpoint_problems,
    exists,
    named_by_code,
    pages_of,
    template_problems,
    unused,
    written_in,
)

ROOT = Path(__file__).parents[2]
THEIRS = Path(flask_security.__file__).parent / "templates"


def our_templates():
    return sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))


def templates_of_flask_security(app):
    """The pages that Flask-Security renders by itself: its own names, and those its settings give."""
    settings = {value for key, value in app.config.items() if key.startswith("SECURITY_") and key.endswith("_TEMPLATE")}
    return settings | {path.relative_to(THEIRS).as_posix() for path in THEIRS.rglob("*.*")}


def test_our_templates_hold_nothing_they_may_not(app):
    assert list(template_problems(app.jinja_env, our_templates())) == []


def test_every_template_of_ours_is_used(app):
    pages, written = named_by_code(ROOT / "placements")
    assert unused(app.jinja_env, our_templates(), {*pages, *written, *templates_of_flask_security(app)}) == []


def test_every_page_has_its_template(app):
    pages, written = named_by_code(ROOT / "placements")
    wanted = pages | {name for name in written if "*" not in name and "/" in name}
    assert [name for name in sorted(wanted) if not exists(app.jinja_env, name)] == []


def test_our_templates_lead_to_pages_that_exist(app):
    assert list(address_problems(app.jinja_env, our_templates(), app.url_map, asset)) == []


def test_our_code_leads_to_endpoints_that_exist(app):
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "placements").rglob("*.py")
    }
    assert list(endpoint_problems(sources, app.url_map)) == []


GOOD = {
    "base.html": '<h1>{% block title %}{% endblock %}</h1>{% include "parts/foot.html" %}<script src="{{ asset("js/a.js") }}"></script>',
    "parts/foot.html": '<a href="/help">Help</a><a href="{{ url_for("offers.show", offer=1) }}">Offer</a>',
    "offers/show.html": '{% extends "base.html" %}{% from "parts/marks.html" import mark %}{% set style="x" %}{{ mark(1) }}',
    "parts/marks.html": "{% macro mark(x) %}{{ x|upper }}{% endmacro %}",
    "mail/offers/made.html": '<p style="color: teal">An offer</p>',
}
SITE = Map(
    [
        Rule("/help", endpoint="public.help"),
        Rule("/offers/<int:offer>", endpoint="offers.show"),
        Rule("/in", endpoint="security.login"),
    ]
)
SITE.update()


def small(**changed):
    names = {name.replace(".html", "").replace("/", "_"): name for name in GOOD}
    return Environment(
        loader=DictLoader({**GOOD, **{names[key]: source for key, source in changed.items()}}), autoescape=True
    )


def small_asset(path):
    if path != "js/a.js":
        raise FileNotFoundError(path)
    return f"/static/{path}"


@pytest.mark.pure
def test_good_templates_have_no_problem():
    env = small()
    assert list(template_problems(env, GOOD)) == []
    assert list(address_problems(env, GOOD, SITE, small_asset)) == []
    assert unused(env, GOOD, {"offers/show.html", "mail/offers/made.html"}) == []


@pytest.mark.pure
@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{% if %}", "does not compile"),
        ("{{ x|no_such_filter }}", "does not compile"),
        ('{% extends "gone.html" %}', "uses gone.html, which does not exist"),
        ('{% include "gone.html" %}', "uses gone.html, which does not exist"),
        ('{% from "gone.html" import x %}', "uses gone.html, which does not exist"),
        ("{{ x|safe }}", "prints a value as safe"),
        ("{% set y = x | safe %}", "prints a value as safe"),
        ("{% autoescape false %}{{ x }}{% endautoescape %}", "changes the escaping"),
        ('<p class="{{ x }}" style="color: red">', "has an inline style"),
        ("<style>p {}</style>", "has an inline style"),
        ("<script>go()</script>", "has an inline script"),
        ('<script type="module">go()</script>', "has an inline script"),
        ('<p class="{{ x }}" onclick="go()">', "has an inline handler"),
        ('<a href="javascript:go()">', "has an address that is script"),
    ],
)
def test_a_fault_in_a_template_is_found(source, problem):
    found = list(template_problems(small(offers_show=source), GOOD))
    assert any(problem in each for each in found), found


@pytest.mark.pure
@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ url_for('offers.gone') }}", "offers/show.html: links to offers.gone, which is no endpoint"),
        (
            "{% if x %}{{ form(action=url_for('offers.gone', x=1)) }}{% endif %}",
            "offers/show.html: links to offers.gone, which is no endpoint",
        ),
        ("{{ url_for_security('gone') }}", "offers/show.html: links to security.gone, which is no endpoint"),
        ("{{ asset('js/gone.js') }}", "offers/show.html: uses js/gone.js, which is no static file"),
        ('<a href="/gone">', "offers/show.html links to /gone, which is no page"),
        ('<form action="/help/gone">', "offers/show.html links to /help/gone, which is no page"),
    ],
)
def test_a_link_to_nothing_is_found(source, problem):
    assert list(address_problems(small(offers_show=source), GOOD, SITE, small_asset)) == [problem]


@pytest.mark.pure
@pytest.mark.parametrize(
    "source", ["{{ url_for_security('login') }}", '<a href="/help?q=1#top">', '<a href="/offers/{{ x }}">']
)
def test_a_link_to_something_is_no_problem(source):
    assert list(address_problems(small(offers_show=source), GOOD, SITE, small_asset)) == []


@pytest.mark.pure
def test_an_unused_template_is_found_and_what_only_it_uses():
    assert unused(small(), GOOD, {"mail/offers/made.html", "base.html"}) == ["offers/show.html", "parts/marks.html"]
    assert unused(small(), GOOD, {"offers/*.html"}) == ["mail/offers/made.html"]


@pytest.mark.pure
def test_pages_are_read_from_views():
    source = """
@offers.get("/offers", can="offers.list")
def index():
    return page(rows=[])

@offers.post("/offers/<id>/accept", can="offers.accept")
def accept(offer):
    return redirect(url_for("offers.index"))

def helper():
    return page()
"""
    assert pages_of(source, "offers") == {"offers/index.html"}


@pytest.mark.pure
def test_templates_are_read_from_code():
    source = """
render_template("mail/layout.html")
render_template(f"errors/{status}.html")
render_template(f"{endpoint}.html")
MADE = Notice("offers.made", context)
DUE = Notice(name="offers.due", context=context)
"""
    assert written_in(source) == {"mail/layout.html", "errors/*.html", "mail/offers/made.html", "mail/offers/due.html"}


@pytest.mark.pure
def test_a_link_in_code_to_nothing_is_found():
    sources = {"views.py": 'url_for("offers.show", offer=1)\nurl_for("offers.gone")\nurl_for(name)'}
    assert list(endpoint_problems(sources, SITE)) == ["views.py:2 links to offers.gone, which is no endpoint"]

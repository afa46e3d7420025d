"""The page checks, each proven by a fault planted in a good page."""

import pytest

from tests.page import Page
from tests.page_checks import LARGEST, page_problems

pytestmark = pytest.mark.pure

GOOD = """<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><title>Your hours – Placements</title><link rel="stylesheet" href="/static/site.css"></head>
<body>
<a href="#main">Skip to main content</a>
<main id="main">
<h1>Your hours</h1>
<p>You have <strong>12</strong> of 45 hours. <a href="/hours/new">Add hours</a></p>
<h2>This week</h2>
<ul><li>Monday</li></ul>
<img src="/static/ring.svg" alt="12 of 45 hours">
<form action="/hours" method="post">
<input type="hidden" name="csrf_token" value="abc">
<label for="day">Day</label> <input id="day" name="day">
<fieldset><legend>Where</legend>
<label><input type="radio" name="mode" value="site"> On site</label>
<label><input type="radio" name="mode" value="home"> At home</label>
</fieldset>
<label for="note">Note</label> <textarea id="note" name="note">None of it {{ was }} easy</textarea>
<button>Add 3 hours</button>
</form>
<form action="/find" method="get"><input name="q" aria-label="Search"><button>Search</button></form>
</main>
<script src="/static/site.js"></script>
</body>
</html>
"""

# what is planted: text of the good page, what stands there instead, and what the checker must say
FAULTS = {
    "unclosed": ("<p>You", "<p><b>You", "not valid HTML"),
    "stray end tag": ("<h2>This week</h2>", "<h2>This week</h2></div>", "not valid HTML"),
    "no doctype": ("<!doctype html>", "", "not valid HTML"),
    "no lang": (' lang="en-GB"', "", "html has no lang"),
    "no h1": ("<h1>Your hours</h1>", "<h2>Your hours</h2>", "0 h1, not one"),
    "two h1": ("<h2>This week</h2>", "<h1>This week</h1>", "2 h1, not one"),
    "other title": ("<title>Your hours", "<title>Hours", "does not begin with the h1"),
    "error title without summary": ("<title>Your", "<title>Error: Your", "does not begin with the h1"),
    "skipped level": ("<h2>This week</h2>", "<h3>This week</h3>", "comes after h1"),
    "empty heading": ("<h2>This week</h2>", "<h2> </h2>", "an empty h2"),
    "id twice": ('<input id="day"', '<input id="main"', "used 2 times"),
    "id with a space": ('id="main"', 'id="main part"', "holds white space"),
    "label for nothing": ('for="day"', 'for="date"', 'for="date" names no id'),
    "hint of nothing": ('id="day"', 'id="day" aria-describedby="day-hint"', "names no id"),
    "skip link to nothing": ('href="#main"', 'href="#content"', "not on the page"),
    "div in a label": ('<label for="day">Day', '<label for="day"><div>Day</div>', "div inside label"),
    "text in a list": ("<ul><li>Monday</li>", "<ul><li>Monday</li><p>x</p>", "p directly in ul"),
    "button in a link": ('new">Add hours', 'new"><button>Add hours</button>', "button inside a"),
    "no label": ('<label for="day">Day</label>', "Day", "field 'day' has no label"),
    "empty label": ('<label for="day">Day</label>', '<label for="day"> </label>', "field 'day' has no label"),
    "placeholder as label": ('aria-label="Search"', 'placeholder="Search"', "field 'q' has no label"),
    "no legend": ("<legend>Where</legend>", "", "a fieldset without a legend"),
    "radios without a group": ("<fieldset><legend>Where</legend>", "<div>", "group 'mode' has no legend"),
    "no action": (' action="/hours"', "", "has no action"),
    "empty action": ('action="/hours"', 'action=""', "has no action"),
    "no method": (' method="get"', "", "does not say its method"),
    "no token": ('<input type="hidden" name="csrf_token" value="abc">', "", "holds no csrf_token"),
    "empty token": ('value="abc"', 'value=""', "holds no csrf_token"),
    "token in an address": ('name="q"', 'name="csrf_token" type="hidden"', "csrf_token in the address"),
    "file without multipart": ('<input id="day"', '<input type="file" id="day"', "not multipart"),
    "style attribute": ("<h2>", '<h2 style="color:red">', "inline style"),
    "style element": ("</head>", "<style>h1{}</style></head>", "inline style"),
    "script": ("<h2>", "<script>go()</script><h2>", "inline script"),
    "handler": ("<h2>", '<h2 onclick="go()">', "inline handler onclick"),
    "script address": ('href="/hours/new"', 'href="javascript:go()"', "script in href"),
    "style from elsewhere": ('href="/static/site.css"', 'href="https://cdn.example/x.css"', "from elsewhere"),
    "script from elsewhere": ('src="/static/site.js"', 'src="//cdn.example/x.js"', "from elsewhere"),
    "no alt": (' alt="12 of 45 hours"', "", "has no alt"),
    "empty link": (">Add hours</a>", "></a>", "a without words"),
    "link to nowhere": ('href="/hours/new"', 'href="#"', "goes nowhere"),
    "link without address": ('<a href="/hours/new"', "<a", "goes nowhere"),
    "empty button": ("<button>Search</button>", "<button></button>", "button without words"),
    "template source": ("<strong>12", "<strong>{{ hours }}", "program text"),
    "None": ("<strong>12", "<strong>None", "program text"),
    "False": ("<strong>12", "<strong>False", "program text"),
    "escaped twice": ("Monday", "Tea &amp;amp; talk", "program text"),
    "an object": ("Monday", "&lt;Entry object at 0x7f21aabbccdd&gt;", "program text"),
    "None in an address": ('href="/hours/new"', 'href="/hours/None"', "program text in href"),
    "None in a value": ('<input id="day"', '<input value="None" id="day"', 'has the value "None"'),
    "too large": ("Monday", "Monday " * (LARGEST // 7), "bytes of HTML"),
}


def test_a_good_page_has_no_problem():
    assert page_problems(GOOD) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    good, bad, said = FAULTS[fault]
    assert GOOD.count(good) >= 1
    found = page_problems(GOOD.replace(good, bad, 1))
    assert any(said in problem for problem in found), found


def test_the_title_of_a_page_with_errors_may_say_so_first():
    page = GOOD.replace("<title>Your", "<title>Error: Your").replace(
        "<h1>", '<div class="govuk-error-summary"><h2>There is a problem</h2></div><h1>'
    )
    assert page_problems(page) == []


def test_a_page_is_judged_again_when_more_than_its_token_differs():
    long_token = "x" * 80
    assert page_problems(GOOD.replace('"abc"', f'"{long_token}"')) == []
    assert page_problems(GOOD.replace('"abc"', f'"{long_token}"').replace("12", "None")) != []


def test_a_page_is_read_as_a_person_reads_it():
    page = Page(GOOD, url="/hours")
    assert page.h1 == "Your hours"
    assert page.title == "Your hours – Placements"
    assert "You have 12 of 45 hours." in page.text
    assert "Skip" not in page.text
    assert page.link("Add hours") == "/hours/new"
    with pytest.raises(AssertionError, match="no link reads"):
        page.link("Delete")


def test_rows_and_errors_are_read():
    page = Page(
        '<main><div class="govuk-error-summary"><ul><li><a href="#day">Enter the day</a></li></ul></div>'
        "<table><thead><tr><th>Name</th></tr></thead><tbody><tr><th>Ada</th><td>3\n hours</td></tr></tbody></table></main>"
    )
    assert page.errors == ["Enter the day"]
    assert page.rows == [["Ada", "3 hours"]]

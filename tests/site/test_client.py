"""The page-checking client, proven on a small site with faults planted in it."""

import io
import zipfile
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask, Response, current_app, redirect, request, stream_with_context
from flask_login import LoginManager, UserMixin, current_user, login_fresh
from flask_wtf.csrf import CSRFProtect, generate_csrf
from sqlalchemy import create_engine, text

from tests.client import HEADERS, BadAnswer, PageClient, counting_queries, tables_written
from tests.page import Page

pytestmark = pytest.mark.pure

PAGE = """<!doctype html><html lang="en"><head><title>{h1} – Placements</title></head><body><main><h1>{h1}</h1>{body}</main></body></html>"""
FORM = """<form action="/save" method="post"><input type="hidden" name="csrf_token" value="{token}">
<label for="name">Name</label><input id="name" name="name" value="Ada">
<label for="note">Note</label><textarea id="note" name="note">
one
two</textarea>
<fieldset><legend>Days</legend><label><input type="checkbox" name="day" value="mon" checked> Monday</label>
<label><input type="checkbox" name="day" value="tue"> Tuesday</label></fieldset>
<label for="mode">Mode</label><select id="mode" name="mode"><option value="site">On site</option><option>Home</option></select>
<label><input type="checkbox" name="agree" value="y"> I agree</label>
<label for="off">Off</label><input id="off" name="off" value="1" disabled>
<button name="do" value="save">Save</button><button name="do" value="drop" formaction="/drop">Drop</button></form>"""


def page(h1, body="<p>Hello</p>"):
    return PAGE.format(h1=h1, body=body)


@pytest.fixture
def engine():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (name TEXT)"))
        connection.execute(text("CREATE TABLE sensitive_read (name TEXT)"))
    yield engine
    engine.dispose()


faulty = Blueprint("faulty", __name__)


def write(statement):
    return current_app.extensions["connection"].execute(text(statement))


@faulty.after_request
def set_headers(response):
    for name, value in HEADERS.items():
        if request.args.get("without") != name:
            response.headers[name] = value
    if "kept" not in request.args:
        response.headers["Cache-Control"] = "no-store"
    return response


@faulty.get("/<kind>")
def show(kind):
    body = {
        "form": FORM.format(token=generate_csrf()),
        "who": f"<p>{current_user.get_id() or 'nobody'} {login_fresh()}</p>",
    }
    return page(kind, body.get(kind, "<p>Hello</p>"))


@faulty.get("/writes/<table>")
def writes(table):
    write(f"INSERT INTO {table} VALUES ('x')")
    return page("written")


@faulty.get("/late")
def late():
    sending = (write("DELETE FROM thing") and "" for _ in range(1))
    return Response(stream_with_context(sending), mimetype="text/plain")


@faulty.get("/sheet")
def sheet():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet1.xml", "Zanzibar")
    return Response(data.getvalue(), mimetype="application/zip")


@faulty.get("/download")
def download():
    return Response("x", mimetype="text/plain", headers={"Content-Disposition": "attachment; filename=Zanzibar.txt"})


@faulty.get("/cookie")
def cookie():
    response = Response("x", mimetype="text/plain")
    response.set_cookie("careless", "1")
    return response


@faulty.get("/there")
def there():
    return redirect("/bad")


@faulty.get("/bad")
def bad():
    return page("None")


@faulty.post("/save")
def save():
    write("INSERT INTO thing VALUES ('y')")
    sent = "; ".join(f"{name}={value!r}" for name, value in request.form.items(multi=True) if name != "csrf_token")
    return page("Saved", f"<pre>{sent}</pre>")


@faulty.post("/drop")
def drop():
    return redirect("/dropped")


@pytest.fixture
def small(engine):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="not secret", SESSION_COOKIE_SAMESITE="Lax", TESTING=True)
    app.test_client_class = PageClient
    CSRFProtect(app)
    LoginManager(app).user_loader(lambda key: type("Account", (UserMixin,), {"id": key})())
    app.register_blueprint(faulty)
    with engine.connect() as connection:  # open before anything listens, as a test's outer transaction is
        app.extensions["connection"] = connection
        yield app


@pytest.fixture
def client(small):
    return small.test_client()


def test_a_good_page_is_read(client):
    found = client.page("/hello")
    assert (found.h1, found.status) == ("hello", 200)


@pytest.mark.parametrize("name", HEADERS)
def test_a_missing_header_is_found(client, name):
    with pytest.raises(BadAnswer, match=name):
        client.get(f"/hello?without={name}")


def test_a_page_that_a_cache_may_keep_is_found_when_signed_in(client):
    client.get("/hello?kept")
    client.sign_in_as(SimpleNamespace(fs_uniquifier="ada"))
    client.get("/hello")
    with pytest.raises(BadAnswer, match="no-store"):
        client.get("/hello?kept")


def test_a_careless_cookie_is_found(client):
    with pytest.raises(BadAnswer, match="cookie careless"):
        client.get("/cookie")


@pytest.mark.parametrize("url", ["/writes/thing", "/late"])
def test_a_get_that_writes_is_found(client, url):
    with pytest.raises(BadAnswer, match="a GET wrote to thing"):
        client.get(url)


def test_a_head_that_writes_is_found(client):
    with pytest.raises(BadAnswer, match="a HEAD wrote to thing"):
        client.head("/writes/thing")


def test_a_get_may_note_that_sensitive_data_was_read(client):
    assert client.page("/writes/sensitive_read").h1 == "written"


def test_a_bad_page_is_found_behind_a_redirect_too(client):
    assert client.get("/there").status_code == 302
    with pytest.raises(BadAnswer, match="GET /bad"):
        client.get("/there", follow_redirects=True)


def test_an_error_page_is_read_too(client):
    with pytest.raises(BadAnswer, match="does not begin with the h1 'Not Found'"):
        client.get("/no/such/page")


def test_one_request_can_opt_out_by_name(client):
    assert client.get("/there", follow_redirects=True, checked=False).status_code == 200
    with pytest.raises(BadAnswer):
        client.get("/bad")


@pytest.mark.parametrize("url", ["/Zanzibar", "/sheet", "/download"])
def test_a_canary_is_found_in_page_sheet_and_file_name(client, url):
    client.get(url)
    client.forbidden.add("Zanzibar")
    with pytest.raises(BadAnswer, match="canary"):
        client.get(url)


def test_a_canary_is_a_whole_word(client):
    client.forbidden.add("anziba")
    client.get("/Zanzibar")


def test_a_form_is_sent_as_a_browser_sends_it(client):
    saved = client.submit(client.page("/form").form())
    assert saved.text == r"Saved name='Ada'; note='one\r\ntwo'; day='mon'; mode='site'; do='save'"


def test_a_form_is_sent_with_changes(client):
    form = client.page("/form").form("/save")
    saved = client.submit(form, {"name": "Bo"}, note="", day=["tue"], mode="Home", agree=True)
    assert saved.text == "Saved name='Bo'; note=''; day='tue'; mode='Home'; agree='y'; do='save'"


def test_another_button_sends_the_form_elsewhere(client):
    form = client.page("/form").form("Drop")
    assert client.submit(form, button="Drop").h1 == "dropped"
    left = client.submit(form, button="Drop", follow=False)
    assert (left.status, left.location) == (302, "/dropped")


@pytest.mark.parametrize("changes", [{"age": "3"}, {"mode": "moon"}, {"day": ["wed"]}, {"off": "2"}])
def test_what_a_browser_could_not_send_fails(client, changes):
    form = client.page("/form").form()
    with pytest.raises(AssertionError, match=r"has no field|does not offer"):
        client.submit(form, changes)


def test_a_post_without_its_token_is_refused(client):
    assert client.post("/save", data={"name": "x"}, checked=False).status_code == 400


def test_a_page_expected_with_another_status_fails(client):
    with pytest.raises(AssertionError, match="/there answered 302 FOUND to /bad, not 200"):
        client.page("/there")


def test_signing_in_and_out(client):
    assert client.page("/who").text == "who nobody False"
    client.sign_in_as(SimpleNamespace(fs_uniquifier="ada"))
    assert client.page("/who").text == "who ada True"
    client.sign_out()
    assert "nobody" in client.page("/who").text


def test_queries_are_counted_without_the_transactions_around_them(engine):
    with counting_queries() as queries, engine.begin() as connection:
        connection.exec_driver_sql("SAVEPOINT here")
        connection.execute(text("SELECT 1"))
        connection.execute(text("INSERT INTO thing VALUES ('x')"))
        connection.exec_driver_sql("RELEASE here")
    assert queries.count == 2
    assert queries.written == {"thing"}


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        ("INSERT INTO thing (name) VALUES (?)", {"thing"}),
        ('INSERT OR IGNORE INTO "Thing" VALUES (1)', {"thing"}),
        ("UPDATE thing SET name = ?", {"thing"}),
        ("UPDATE ONLY thing SET name = ?", {"thing"}),
        ("/* why */ DELETE FROM thing -- all", {"thing"}),
        ("WITH old AS (SELECT 1) UPDATE thing SET name = 1", {"thing"}),
        ("WITH gone AS (DELETE FROM thing RETURNING name) INSERT INTO kept SELECT * FROM gone", {"thing", "kept"}),
        ("DROP TABLE thing", {"thing"}),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET n = 1", {"a"}),
        ("SELECT name FROM thing FOR UPDATE OF thing SKIP LOCKED", set()),
        ("SELECT name FROM thing FOR NO KEY UPDATE SKIP LOCKED", set()),
        ("SELECT update_count, deleted FROM thing", set()),
        ("BEGIN IMMEDIATE", set()),
    ],
)
def test_tables_written(statement, written):
    assert tables_written(statement) == written


def test_a_form_can_be_chosen_by_place_action_or_button():
    shown = Page(
        page("Two", '<form action="/a" method="get"><button>Go</button></form><form action="/b" method="get"></form>')
    )
    assert shown.form(1) is shown.form("/b")
    assert shown.form("Go").action == "/a"
    with pytest.raises(AssertionError, match="2 forms"):
        shown.form()


def test_a_file_is_sent_by_a_multipart_form(client):
    form = Page(
        '<form action="/up" enctype="multipart/form-data" method="post"><input type="file" name="cv"></form>'
    ).form(0)
    stream = io.BytesIO(b"pdf")
    assert form.is_multipart
    assert form.filled({"cv": (stream, "cv.pdf")}).getlist("cv") == [(stream, "cv.pdf")]
    assert form.filled({}).getlist("cv") == []

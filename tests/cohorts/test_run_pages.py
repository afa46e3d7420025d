"""Module runs in the browser: planning, dates, hours, groups, people, opening and closing."""

from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.cohorts.models import ModuleRun, RoleOnRun, RunRole
from placements.cohorts.workflow import RunState
from placements.db import db
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.cohorts.people import Cohort, committed
from tests.databases import seeding


def stored(app: Flask, cohort: Cohort) -> ModuleRun:
    with app.app_context():
        return db.session.get_one(ModuleRun, cohort.run.id)


def run_url(cohort: Cohort, rest: str = "") -> str:
    return f"/runs/{cohort.run.public_id}{rest}"


def test_a_leader_finds_the_run_from_the_header_and_reads_when_how_much_and_who(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    page = client.page(client.page("/home").link("Module runs"))
    assert page.rows[0][:4] == ["WL6W50 2026/27", "6", "Open", "Students choose"]
    page = client.page(page.link("WL6W50 2026/27"))
    assert "Next is the closing of choices: Fri 30 Oct 2026, 8am (in 10 days)." in page.text
    assert "First day of teaching Mon 28 Sep 2026 (22 days ago)" in page.text
    assert "Target 45 hours Minimum 40 hours" in page.text
    assert ["A", "Wednesday afternoon", "Joseph Amadi", "0", "Change group A"] in page.rows
    assert ["Final Project Portfolio", "75%", "Wed 12 May 2027, 3pm (in 7 months)"] in page.rows
    assert [row[:2] for row in page.rows][-2:] == [["Helen Marsh", "Module leader"], ["Joseph Amadi", "Tutor"]]


def test_a_tutor_reads_the_run_and_changes_nothing(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.tutor)
    page = client.page(run_url(made))
    assert ["A", "Wednesday afternoon", "Joseph Amadi", "0"] in page.rows
    assert ["B", "Friday morning", "Nobody yet", "–"] in page.rows
    texts = {link.text for link in page.links}
    assert not texts & {"Change the dates", "Change the hours", "Add a group", "Give somebody a role", "Close the run"}


def test_the_run_leads_to_the_choices_and_marks_of_its_students_for_whoever_leads_it(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    page = client.page(run_url(made))
    assert page.link("Students’ choices") == run_url(made, "/applications")
    assert page.link("Marks") == run_url(made, "/marks")
    client.sign_in_as(made.tutor)
    assert not {"Students’ choices", "Marks"} & {link.text for link in client.page(run_url(made)).links}


def test_an_administrator_plans_the_first_run_and_names_its_leader(database, client: PageClient):
    with seeding(database):
        account = make.account(None, GlobalRole.ADMINISTRATOR)
    client.sign_in_as(account)
    page = client.page("/runs")
    assert "No module runs yet" in page.text
    form = client.page(page.link("Plan a run")).form()
    assert form.offers("academic_year") == ["2026/27", "2027/28"]
    page = client.submit(form, start_from="module:WL5W50", academic_year="2026/27")
    assert page.h1 == "WL5W50 2026/27"
    assert "Nobody has a role yet." in page.text
    form = client.page(page.link("Give somebody a role")).form()
    page = client.submit(form, given_name="Helen", family_name="Marsh", email="helen@example.org", role="leader")
    assert "Helen Marsh has the role Module leader. We are writing to helen@example.org." in page.text
    assert ["Helen Marsh", "Module leader"] in [row[:2] for row in page.rows]


def test_a_run_that_is_there_already_is_said_at_the_period(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    form = client.page("/runs/plan").form()
    page = client.submit(form, start_from=f"run:{made.run.public_id}", academic_year="2026/27", period="YEAR")
    assert page.errors == ["There is a module run WL6W50 2026/27, YEAR, already."]


def test_dates_are_entered_as_london_dates_and_times(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    form = client.page(run_url(made, "/dates")).form()
    assert form.values["portfolio_due_time"] == ["15:00"]
    page = client.submit(
        form,
        ranking_closes_on=["29", "10", "2026"],
        ranking_closes_time="2:30 pm",
        placed_by_on=["20", "11", "2026"],
        portfolio_due_on=["19", "5", "2027"],
        board_on=["15", "6", "2027"],
    )
    assert "The dates are saved." in page.text
    assert "Portfolio deadline Wed 19 May 2027, 3pm" in page.text
    assert "Day by which everybody has a place Fri 20 Nov 2026" in page.text
    run = stored(database, made)
    assert run.ranking_closes_at == datetime(2026, 10, 29, 14, 30, tzinfo=UTC)
    assert run.board_on == date(2027, 6, 15)
    assert run.placed_by_on == date(2026, 11, 20)
    assert run.offers_due_at is None


def test_dates_out_of_order_halves_of_dates_and_hours_that_do_not_exist_are_said_at_their_field(
    database, client: PageClient
):
    made = committed(database)
    client.sign_in_as(made.leader)
    form = client.page(run_url(made, "/dates")).form()
    page = client.submit(form, placements_end_on=["1", "11", "2026"])
    assert page.errors == ["Enter a date after the first day of placements, Mon 16 Nov 2026."]
    assert page.form().values["placements_end_on"] == ["1", "11", "2026"]
    page = client.submit(form, offers_due_on=["2", "11", "2026"])
    assert page.errors == ["Enter a time to go with the date"]
    page = client.submit(form, offers_due_on=["28", "3", "2027"], offers_due_time="1:30")
    assert page.errors == ["The clocks go forward then, so there is no such time. Enter another"]
    page = client.submit(form, board_on=["31", "2", "2027"])
    assert page.errors == ["Enter a real date as day, month and year, like 14 10 2026"]
    assert stored(database, made).board_on is None


def test_hours_are_checked_together(database, client: PageClient):
    made = committed(database, state=RunState.PLANNED)
    client.sign_in_as(made.leader)
    page = client.submit(client.page(run_url(made, "/hours")).form(), target="39")
    assert page.errors == ["Enter a target that is at least the minimum."]
    page = client.submit(client.page(run_url(made, "/hours")).form(), target="50")
    assert "Target 50 hours" in page.text


def test_a_group_is_added_and_given_a_tutor_of_the_team(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    form = client.page(client.page(run_url(made)).link("Add a group")).form()
    page = client.submit(form, occurrence="a", name="Monday evening")
    assert page.errors == ["WL6W50 2026/27 has a group A already."]
    page = client.submit(form, occurrence="c", name="Monday evening")
    assert page.h1 == "Group C"
    assert [label for label in ("Helen Marsh", "Joseph Amadi", "Nobody yet") if label not in page.text] == []
    page = client.submit(page.form(), tutor=made.tutor.person.public_id)
    assert ["C", "Monday evening", "Joseph Amadi"] in [row[:3] for row in page.rows]


def test_a_champions_role_names_the_area(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    form = client.page(run_url(made, "/people/add")).form()
    page = client.submit(
        form, given_name="Priya", family_name="Nair", email="priya@example.org", role="champion:environment"
    )
    assert ["Priya Nair", "Challenge Champion, The environment"] in [row[:2] for row in page.rows]


def test_a_role_is_taken_away_and_the_last_leader_stays(database, client: PageClient):
    made = committed(database)
    with database.app_context():
        moderator = make.person(given_name="Una", family_name="Moore")
        make.run_role(RunRole.MODERATOR, moderator, db.session.get_one(ModuleRun, made.run.id))
        db.session.commit()
    client.sign_in_as(made.leader)
    page = client.page(run_url(made))
    page = client.submit(page.form("Remove Una Moore, Moderator"))
    assert "Una Moore no longer has the role Moderator." in page.text
    page = client.submit(page.form("Remove Helen Marsh, Module leader"))
    assert page.status == 409
    assert "Helen Marsh is the only module leader of WL6W50 2026/27." in page.text
    with database.app_context():
        assert len(db.session.scalars(select(RoleOnRun)).all()) == 2


def test_a_run_is_opened_and_after_a_second_thought_closed(database, client: PageClient):
    made = committed(database, state=RunState.PLANNED)
    client.sign_in_as(made.leader)
    page = client.submit(client.page(run_url(made)).form("Open the run"))
    assert page.status == 409
    assert "Give each group a tutor first. Friday morning has none yet." in page.text
    group = client.page(f"/timeslot-groups/{made.b.public_id}")
    page = client.submit(group.form(), tutor=made.leader.person.public_id)
    page = client.submit(page.form("Open the run"))
    assert "WL6W50 2026/27 is open." in page.text
    form = client.page(page.link("Close the run")).form()
    assert client.submit(form).errors == ["Tick the box if you want to close it"]
    page = client.submit(form, is_sure=True)
    assert "This run is closed" in page.text
    assert client.get(run_url(made, "/dates")).status_code == 409


def test_the_pages_of_runs_ask_the_same_number_of_questions_however_much_they_show(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    client.page("/runs")  # asks once whether this is a demonstration
    counts = []
    for _ in range(2):
        for url in ("/runs", run_url(made)):
            with counting_queries() as queries:
                client.page(url)
            counts.append(queries.count)
        with database.app_context():
            run = db.session.get_one(ModuleRun, made.run.id)
            for _ in range(2):
                make.enrolment(make.group(run, make.person()))
                make.run_role(RunRole.MODERATOR, make.person(), run)
                make.run_role(RunRole.LEADER, db.session.get_one(type(made.leader), made.leader.id).person, make.run())
            db.session.commit()
    assert counts == [4, 8, 4, 8]

"""How a run is assessed, in the browser: what students read, what leaders change, and what is said to two at once."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from placements.cohorts.models import Component, ComponentKind, Criterion, ModuleRun
from placements.cohorts.rules import MarkedBy, Scale, Shortfall
from placements.cohorts.workflow import RunState
from placements.db import db
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.cohorts.people import Cohort, cohort
from tests.databases import seeding
from tests.page import Page

TITLES = ["Understanding of the challenge", "Logbook and reflection", "Writing"]


def seeded(app: Flask, **said: Any) -> tuple[Cohort, str]:
    """A cohort, its portfolio's title and description changed as `said`; and the portfolio's address."""
    with seeding(app):
        made = cohort()
        part = made.run.components[0]
        part.criteria[0].bands = {"70": "Explains causes.", "40": "Names them."}
        for name, value in said.items():
            setattr(part, name, value)
        url = f"/components/{part.public_id}"
    return made, url


def changed(app: Flask, **said: Any) -> None:
    """Somebody else changes the only component."""
    with app.app_context():
        [part] = db.session.query(Component)
        for name, value in said.items():
            setattr(part, name, value)
        db.session.commit()


def stored(app: Flask) -> tuple[Component, list[Criterion]]:
    with app.app_context():
        [part] = db.session.query(Component)
        return part, list(part.criteria)


def student_of(app: Flask, made: Cohort) -> Any:
    with seeding(app):
        account = make.account()
        make.enrolment(db.session.merge(made.a), account.person)
    return account


def test_a_component_that_never_said_how_near_an_edge_is_borderline_is_read_as_usual(database, client: PageClient):
    made, url = seeded(database, moderation={"kind": "sample"})
    client.sign_in_as(made.leader)
    assert "every mark within 2 of the edge of a band" in client.page(url).text


# What students read


def test_a_student_reads_the_rules_and_the_rubric_in_plain_words(database, client: PageClient):
    made, url = seeded(database, moderation={"kind": "sample", "within": 2})
    client.sign_in_as(student_of(database, made))
    page = client.page(url)
    assert page.h1 == "Final Project Portfolio"
    assert "This counts for 75% of the module mark. It is due Wed 12 May 2027, 3pm (in 7 months)." in page.text
    for said in (
        "Needed to pass No mark of its own: the module mark decides, and passes at 40",
        "Late work Late work is not accepted. Whatever arrives after the deadline is kept and gets a receipt, "
        "but counts as not handed in, and the mark is 0.",
        "Marked by Your own tutor",
        "Your name Whoever marks it sees your name",
        "The mark For each criterion a whole number from 0 to 100, put together by the weights below",
        "every fail, every mark within 2 of the edge of a band, and some of the others",
        "Mark and feedback Within 3 weeks of your deadline",
        "Fewer than 40 hours confirmed are reported to the board. They change no mark by themselves.",
        "Each says what work of every band shows, at Level 6.",
    ):
        assert said in page.text
    assert page.rows[0] == ["Understanding of the challenge 40%", "Explains causes.", "", "", "Names them.", ""]
    assert not {"Change the rules", "Change the rubric", "Import a rubric"} & {link.text for link in page.links}


def test_a_student_reads_of_other_rules_as_plainly(database, client: PageClient):
    said = {
        "qualifying_mark": 35,
        "late_policy": {"kind": "sliding", "days": 5, "points_per_day": 10},
        "marked_by": MarkedBy.SHARED,
        "is_anonymous": True,
        "is_double_marked": True,
        "feedback_weeks": 1,
        "moderation": {"kind": "none", "within": 2},
        "scale": Scale.POINTS,
        "points": [80, 65, 55, 45, 20],
        "due_at": None,
        "days_after_placing": 28,
        "weight": 0,
    }
    made, url = seeded(database, **said)
    with database.app_context():
        db.session.get_one(ModuleRun, made.run.id).shortfall = Shortfall.CAPPED
        db.session.commit()
    client.sign_in_as(student_of(database, made))
    page = client.page(url)
    for words in (
        "This counts for nothing towards the module mark, and is still required.",
        "At least 35 in this component, whatever the module mark is",
        "Due 28 days after you were placed, at 3pm: everybody has a deadline of their own",
        "Late work loses 10 marks for each day begun, for up to 5 days. Whatever arrives later than that",
        "Marked by The module’s markers, who share the work between them. Two people mark it",
        "Whoever marks it does not see your name",
        "For each criterion one of 80, 65, 55, 45, 20",
        "Nobody looks at the marks again before they are released",
        "Within 1 week of your deadline",
        "With fewer than 40 hours confirmed, the module mark is at most 40.",
    ):
        assert words in page.text


def test_a_students_page_is_the_same_whether_something_is_marked_or_not(database, client: PageClient, now):
    made, url = seeded(database)
    client.sign_in_as(student_of(database, made))
    before = client.page(url).text
    changed(database, locked_at=now - timedelta(days=1))
    assert client.page(url).text == before
    client.sign_in_as(made.leader)
    assert "Locked since Mon 19 Oct 2026, 9am" in client.page(url).text


def test_the_way_to_hand_in_leads_to_all_the_rules(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(student_of(database, made))
    page = client.page(client.page("/assessment").link("Hand it in"))
    assert page.link("All rules of the Final Project Portfolio") == url


# The rules of a run


def test_the_rules_of_a_run_stand_on_one_page_for_its_team(database, client: PageClient):
    made, _ = seeded(database)
    client.sign_in_as(made.tutor)
    page = client.page(client.page(f"/runs/{made.run.public_id}").link("See the rules of the assessment"))
    assert page.h1 == "Rules of the assessment"
    assert page.rows == [
        [
            "Final Project Portfolio",
            "75%",
            "Wed 12 May 2027, 3pm (in 7 months)",
            "Own tutor",
            "Not accepted",
        ]
    ]
    assert not {"Change the weights", "Change what too few hours do"} & {link.text for link in page.links}


def test_a_leader_says_what_too_few_hours_do(database, client: PageClient):
    made, _ = seeded(database)
    client.sign_in_as(made.leader)
    page = client.page(f"/runs/{made.run.public_id}/assessment-rules")
    page = client.submit(client.page(page.link("Change what too few hours do")).form(), shortfall="deferred")
    assert "With fewer than 40 hours confirmed, the result waits until they are done." in page.text


def test_weights_are_checked_together(database, client: PageClient):
    with seeding(database):
        made = cohort(state=RunState.PLANNED)
        make.component(ComponentKind.AGREEMENT, made.run, title="Challenge Agreement", weight=25, due_at=None)
        make.component(ComponentKind.FEEDBACK, made.run, title="Feedback", weight=0, due_at=None)
    client.sign_in_as(made.leader)
    page = client.page(f"/runs/{made.run.public_id}/assessment-rules")
    form = client.page(page.link("Change the weights")).form()
    page = client.submit(form, agreement="25", feedback="0", portfolio="70")
    assert page.errors == ["The weights add up to 95. Change them to add up to 100."]
    page = client.submit(form, agreement="20", feedback="5", portfolio="75")
    assert page.errors == ["What a supervisor says never moves the mark: keep this at 0."]
    page = client.submit(form, agreement="0", feedback="0", portfolio="100")
    assert ["Final Project Portfolio", "100%"] in [row[:2] for row in page.rows]


# Settings


def test_settings_are_changed_on_one_page_and_each_mistake_is_said_at_its_field(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    page = client.page(client.page(url).link("Change the rules"))
    assert "The deadline, Wed 12 May 2027, 3pm, is among the dates of the run." in page.text
    form = page.form()
    page = client.submit(form, late_kind="capped_within", late_days="", late_cap="", points="90, 65, 55")
    assert page.errors == [
        "Enter for how many days late work is marked, 1 to 28.",
        "Enter the most that late work can get, 0 to 100.",
        "Enter at least one mark in the band 40 to 49.",
    ]
    page = client.submit(
        page.form(),
        late_days="7",
        late_cap="40",
        points="90 65 55 45 20",
        scale="points",
        marked_by="shared",
        is_double_marked=True,
        agree_within="3",
        moderation="all",
        feedback_weeks="2",
        qualifying_mark="",
    )
    assert "The rules are saved." in page.text
    assert "Late work is marked for 7 days after the deadline, with at most 40." in page.text
    part, _ = stored(database)
    assert part.late_policy == {"kind": "capped_within", "days": 7, "cap": 40}
    assert (part.points, part.scale, part.agree_within) == ([90, 65, 55, 45, 20], Scale.POINTS, 3)


def test_the_second_of_two_leaders_sees_what_the_first_saved_and_may_save_again(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    form = client.page(f"{url}/rules").form()
    changed(database, qualifying_mark=35)
    page = client.submit(form, feedback_weeks="4")
    assert page.errors == [
        "Somebody else saved this while you had it open. Both are below: save yours again, or leave theirs."
    ]
    assert "What is saved now Title Final Project Portfolio Qualifying mark 35" in page.text
    assert page.form().values["feedback_weeks"] == ["4"]
    assert stored(database)[0].feedback_weeks == 3
    client.submit(page.form())
    part, _ = stored(database)
    assert (part.feedback_weeks, part.qualifying_mark) == (4, None)


def test_a_deadline_that_hangs_on_placing_is_moved_on_a_page_of_its_own(database, client: PageClient, now):
    with seeding(database):
        made = cohort()
        said = {"due_at": None, "days_after_placing": 28, "locked_at": now}
        part = make.component(ComponentKind.AGREEMENT, made.run, title="Agreement", weight=25, **said)
        url = f"/components/{part.public_id}"
    client.sign_in_as(made.leader)
    page = client.page(url)
    assert "Change the rules" not in [link.text for link in page.links]
    page = client.submit(client.page(page.link("Change the deadline")).form(), days="35")
    assert "35 days after you were placed, at 3pm" in page.text


def test_the_portfolios_deadline_is_among_the_dates_of_the_run(database, client: PageClient, now):
    made, url = seeded(database, locked_at=now)
    client.sign_in_as(made.leader)
    assert client.page(url).link("Change the deadline") == f"/runs/{made.run.public_id}/dates#portfolio_due_on"
    assert client.get(f"{url}/deadline").status_code == 409


@pytest.mark.parametrize("page", ["rules", "rubric", "rubric/import"])
def test_nothing_of_a_locked_component_can_be_opened_to_change_it(database, client: PageClient, now, page):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    assert client.get(f"{url}/{page}").status_code == 200
    changed(database, locked_at=now)
    assert client.get(f"{url}/{page}").status_code == 409


def test_what_was_locked_while_one_typed_is_refused_and_says_since_when(database, client: PageClient, now):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    form = client.page(f"{url}/rubric").form()
    changed(database, locked_at=now)
    page = client.submit(form, title_1="New")
    assert page.status == 409
    assert [each.title for each in stored(database)[1]] == TITLES


# The rubric


def test_criteria_are_added_ordered_and_taken_out_and_the_sum_is_said(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    page = client.page(client.page(url).link("Change the rubric"))
    assert "The weights of all criteria make 100; they make 100 now." in page.text
    changes = {"title_4": "Poster", "weight_4": "30", "place_4": "1", "remove_3": True}
    page = client.submit(page.form(), changes)
    assert page.errors == ["The weights add up to 105. Change them to add up to 100."]
    assert page.form().values["title_4"] == ["Poster"]
    page = client.submit(page.form(), weight_4="25")
    assert "The rubric is saved." in page.text
    _, criteria = stored(database)
    assert [(each.title, each.weight) for each in criteria] == [
        ("Understanding of the challenge", 40),
        ("Poster", 25),
        ("Logbook and reflection", 35),
    ]
    page = client.submit(client.page(page.link("Change its bands: Poster")).form(), band_70="Striking.", band_0="Bare.")
    assert ["Poster 25% Change its bands: Poster", "Striking.", "", "", "", "Bare."] in page.rows


def test_the_second_of_two_sees_both_rubrics(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    form = client.page(f"{url}/rubric").form()
    with database.app_context():
        db.session.query(Criterion).filter_by(position=3).one().title = "Style"
        db.session.commit()
    page = client.submit(form, title_1="Insight")
    assert (
        "What is saved now Understanding of the challenge: 40% Logbook and reflection: 35%, about the logbook Style: 25%"
        in page.text
    )
    assert page.form().values["title_1"] == ["Insight"]
    client.submit(page.form(), title_3="Style")
    assert [each.title for each in stored(database)[1]] == ["Insight", "Logbook and reflection", "Style"]


def test_the_second_of_two_sees_both_descriptions(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    form = client.page(client.page(url).link("Change its bands: Understanding of the challenge")).form()
    with database.app_context():
        db.session.query(Criterion).filter_by(position=1).one().bands = {"70": "Theirs."}
        db.session.commit()
    page = client.submit(form, band_70="Mine.")
    assert "70 and over Theirs." in page.text
    assert page.form().values["band_70"] == ["Mine."]
    client.submit(page.form())
    assert stored(database)[1][0].bands["70"] == "Mine."


def choose(client: PageClient, url: str, data: bytes) -> Page:
    return client.submit(client.page(f"{url}/rubric/import").form(), file=(BytesIO(data), "rubric.csv"))


def test_a_rubric_goes_out_and_comes_back_and_the_second_time_changes_nothing(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    sheet = client.get(client.page(url).link("Download the rubric (CSV)"))
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="rubric-wl6w50-2026-27-portfolio.csv"'
    assert sheet.data.decode("utf-8-sig").splitlines() == [
        "Criterion,Weight,About the logbook,70,60,50,40,0",
        "Understanding of the challenge,40,No,Explains causes.,,,Names them.,",
        "Logbook and reflection,35,Yes,,,,,",
        "Writing,25,No,,,,,",
    ]
    assert "This changes nothing: the rubric is exactly this already." in choose(client, url, sheet.data).text
    other = sheet.data.replace(b"Writing,25", b"Poster,25").replace(b"causes.", b'causes, and ""why"".')
    other = other.replace(b'Explains causes, and ""why"".', b'"Explains causes, and ""why""."')
    page = choose(client, url, other)
    assert page.h1 == "Check before you import"
    assert page.rows == [
        [
            "Understanding of the challenge",
            "Changed",
            '70 and over: Explains causes. → Explains causes, and "why".',
        ],
        ["Logbook and reflection", "As before", "Nothing"],
        ["Poster", "New", "Criterion: Poster Weight: 25% About the logbook: No"],
        ["Writing", "Taken out", "Nothing"],
    ]
    assert [each.title for each in stored(database)[1]] == TITLES
    page = client.submit(page.form(), button="Put this rubric in place")
    assert "The rubric is in place." in page.text
    _, criteria = stored(database)
    assert [each.title for each in criteria] == ["Understanding of the challenge", "Logbook and reflection", "Poster"]
    assert criteria[0].bands == {"70": 'Explains causes, and "why".', "40": "Names them."}
    assert "This changes nothing" in choose(client, url, other).text


def test_a_file_with_a_line_that_cannot_be_used_changes_nothing(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    page = choose(client, url, b"Criterion,Weight\nOne,50\n=2+3,49\n")
    assert page.rows == [["Line 3", "Criterion", "This is a formula. Put the value itself in the cell."]]
    assert [button.text for form in page.forms for button in form.buttons if "in place" in button.text] == []
    page = choose(client, url, b"Criterion,Weight\nOne,50\nTwo,49\n")
    assert page.rows == [["Line 3", "Weight", "The weights add up to 99. Change them to add up to 100."]]
    page = choose(client, url, b"Criterion,Weight\n" + b"x" * 400_000)
    assert page.errors == ["Line 2 cannot be read: a quotation mark has no partner, or a cell is far too long."]
    page = client.submit(client.page(f"{url}/rubric/import").form())
    assert page.errors == ["Choose the file of a rubric, or take a preset."]
    assert [each.title for each in stored(database)[1]] == TITLES


def test_what_changed_after_the_look_is_looked_at_again(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    page = choose(client, url, b"Criterion,Weight\nOne,100\n")
    with database.app_context():
        db.session.query(Criterion).filter_by(position=3).one().title = "Style"
        db.session.commit()
    page = client.submit(page.form(), button="Put this rubric in place")
    assert page.errors == ["The rubric has changed since you looked. Look at what would change now, then press again."]
    assert ["Style", "Taken out", "Nothing"] in page.rows
    page = client.submit(page.form(), button="Put this rubric in place")
    assert [each.title for each in stored(database)[1]] == ["One"]


def test_the_preset_of_either_level_is_looked_at_and_taken(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    page = client.page(f"{url}/rubric/import")
    page = client.submit(page.form(), button="Take the preset of Level 5")
    assert [row[:2] for row in page.rows] == [
        ["Understanding of the challenge", "Changed"],
        ["Work done and what came of it", "New"],
        ["Logbook: what was done, and the evidence of it", "New"],
        ["Logbook: reflection", "New"],
        ["Communication", "New"],
        ["Logbook and reflection", "Taken out"],
        ["Writing", "Taken out"],
    ]
    client.submit(page.form(), button="Put this rubric in place")
    _, criteria = stored(database)
    assert [each.weight for each in criteria] == [20, 25, 20, 20, 15]
    assert criteria[0].bands["70"].startswith("Explains causes and setting with well-chosen sources")


def test_pages_of_components_ask_the_same_number_of_questions_however_many_there_are(database, client: PageClient):
    made, url = seeded(database)
    client.sign_in_as(made.leader)
    rules = f"/runs/{made.run.public_id}/assessment-rules"
    client.page(rules)  # asks once whether this is a demonstration
    counts = [queries_of(client, rules, url, f"{url}/rubric")]
    with database.app_context():
        run = db.session.get_one(ModuleRun, made.run.id)
        for kind in (ComponentKind.AGREEMENT, ComponentKind.FEEDBACK):
            make.component(kind, run)
        part = db.session.query(Component).filter_by(kind=ComponentKind.PORTFOLIO).one()
        for position in (4, 5):
            db.session.add(Criterion(component_id=part.id, position=position, title=f"More {position}", weight=1))
        db.session.commit()
    counts.append(queries_of(client, rules, url, f"{url}/rubric"))
    assert counts == [[5, 5, 4], [5, 5, 4]]


def queries_of(client: PageClient, *urls: str) -> list[int]:
    """How many queries each page asks."""
    counts = []
    for url in urls:
        with counting_queries() as queries:
            client.page(url)
        counts.append(queries.count)
    return counts

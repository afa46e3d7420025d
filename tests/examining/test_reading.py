"""An external examiner reads marks by number; of work, the sample and what they ask for. No name, nothing withheld."""

import re
from datetime import date

from flask import Flask

from placements.accounts.models import Account
from placements.assessment.models import Mark, Submission
from placements.cohorts.models import RunRole
from placements.db import db
from placements.examining.models import ScriptRequest
from placements.history.models import SensitiveRead
from placements.moderation.actions import discard
from placements.moderation.models import Moderation
from tests import factories as make
from tests.assessment.scene import Scene, add_student, hand_in, seeded
from tests.board.crawling import LINK
from tests.client import PageClient, counting_queries
from tests.examining.scene import examined, in_sample
from tests.factories import NOW

NAMES = ("Okoro", "Student1", "Student2", "My portfolio", "@students.example", "secret-photo")


OF_THE_RUN = ("/home", "/marking", "/runs", "/scripts", "/components", "/submission-files", "/log-files")


def everything(client: PageClient, account: Account) -> dict[str, str]:
    """Headers and body of all that somebody reaches of runs by links from their home, by address."""
    client.sign_in_as(account)
    waiting, found = ["/home", "/runs", "/marking"], {}
    while waiting:
        url = waiting.pop(0)
        if url in found:
            continue
        answer = client.get(url, checked=False)
        assert answer.status_code == (405 if url.endswith("/report") else 200), (
            url
        )  # a button's address is none to read
        found[url] = " ".join(answer.headers.values()) + answer.data.decode("utf-8", "replace")
        waiting += [each for each in LINK.findall(found[url]) if each.startswith(OF_THE_RUN)]
    return found


def address_of(submission_id: int, verb: str = "") -> str:
    return f"/scripts/{db.session.get_one(Submission, submission_id).public_id}{verb}"


def test_outside_the_sample_a_script_opens_when_it_is_asked_for(database: Flask, client: PageClient) -> None:
    of, edda = seeded(database, lambda: examined(63, 58))
    client.sign_in_as(edda)
    client.forbidden = set(NAMES)
    with database.app_context():
        mark = db.session.query(Mark).filter_by(mark=63, enrolment_id=of.enrolments[0].id).one()
        file = mark.submission.files[0].public_id
        address = address_of(mark.submission.id)
    closed = client.page(address)
    assert "63, not released yet." in closed.text
    assert "Fingerprint" not in closed.text
    assert client.get(f"/submission-files/{file}").status_code == 404
    page = client.submit(client.page(f"{address}/ask").form(), why="It is on a border.")
    assert "The script is open to you now" in page.text
    answer = client.get(f"/submission-files/{file}")
    assert answer.status_code == 200
    assert "26120000-1.pdf" in answer.headers["Content-Disposition"]
    leader = PageClient(database)
    leader.sign_in_as(of.leader)
    assert leader.page(f"/runs/{of.run.public_id}/examining").rows[0][:3] == [
        "26120000",
        "Final Project Portfolio",
        "Edda External",
    ]
    with database.app_context():
        asked = db.session.query(ScriptRequest).one()
        assert (asked.by_id, asked.at, asked.why) == (edda.person_id, NOW, "It is on a border.")
        reads = {(each.reader_id, each.about_kind, each.field) for each in db.session.query(SensitiveRead)}
        assert (edda.person_id, "submission", "script") in reads


def test_one_request_opens_one_students_work_to_one_examiner(database: Flask, client: PageClient) -> None:
    of, edda = seeded(database, lambda: examined(63, 58))
    with database.app_context():
        first, second = db.session.query(Submission).filter(Submission.component_id == of.portfolio.id)
        db.session.add(ScriptRequest(submission=first, by_id=edda.person_id, at=NOW))
        file = second.files[0].public_id
        other = make.account(make.person())
        make.run_role(RunRole.EXTERNAL, other.person, first.enrolment.run)
        db.session.commit()
        db.session.refresh(other)
        own = first.files[0].public_id
    client.sign_in_as(edda)
    assert (
        client.get(f"/submission-files/{own}").status_code,
        client.get(f"/submission-files/{file}").status_code,
    ) == (
        200,
        404,
    )
    client.sign_in_as(other)
    assert client.get(f"/submission-files/{own}").status_code == 404


def test_the_moderators_sample_comes_first_and_is_open(database: Flask, client: PageClient) -> None:
    of, edda = seeded(database, lambda: in_sample(34))
    client.sign_in_as(edda)
    page = client.page(f"/runs/{of.run.public_id}/scripts")
    assert page.rows[0][2] == "In the sample"
    assert "Fingerprint" in client.page(page.link(page.rows[0][0])).text
    with database.app_context():
        discard(db.session.query(Moderation).one(), "Drawn too soon.", actor=of.who(of.leader), now=NOW)
        db.session.commit()
    assert [row[2] for row in client.page(f"/runs/{of.run.public_id}/scripts").rows] == ["On request"]


def test_an_open_portfolio_shows_the_reflections_that_were_handed_in(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, Account]:
        of, edda = examined()
        add_student(of, "Student1")
        make.entry(of.placements[0], activity="Sorted tins.", reflection="I learnt to ask.")
        hand_in(of)
        return of, edda

    of, edda = seeded(database, build)
    client.sign_in_as(edda)
    page = client.page(f"/runs/{of.run.public_id}/scripts")
    page = client.page(page.link("26120000: Final Project Portfolio"))
    assert "I learnt to ask." not in page.text
    page = client.submit(client.page(page.link("Ask for this script")).form())
    assert "Reflection: I learnt to ask." in page.text


def test_what_is_withheld_is_as_what_is_not_marked(database: Flask, client: PageClient) -> None:
    """Asked for, its work is open, and its page is word by word that of a script which nobody has marked yet."""

    def build() -> tuple[Scene, Account]:
        of, edda = examined(63)
        mark = db.session.query(Mark).filter_by(mark=63).one()
        mark.withheld_at = NOW
        db.session.add(ScriptRequest(submission=mark.submission, by_id=edda.person_id, at=NOW))
        return of, edda

    of, edda = seeded(database, build)
    client.sign_in_as(edda)
    client.forbidden = {"63", "ithheld"}
    page = client.page(f"/runs/{of.run.public_id}/scripts")
    row = next(row for row in page.rows if "Portfolio" in row[0])
    assert (row[4], row[5]) == ("To be marked", "")
    address = page.link(row[0])
    withheld = client.page(address).text
    assert "There is no mark to read yet. It shows here as soon as there is." in withheld
    assert "Fingerprint" in withheld
    with database.app_context():
        db.session.query(Mark).filter_by(mark=63).update(
            {"withheld_at": None, "state": "drafted", "submitted_at": None}
        )
        db.session.commit()
    assert client.page(address).text == withheld


def test_what_is_withheld_is_in_no_sample(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, Account]:
        of, edda = in_sample(34, 35)
        db.session.query(Mark).filter_by(mark=34).one().withheld_at = NOW
        return of, edda

    of, edda = seeded(database, build)
    client.sign_in_as(edda)
    rows = client.page(f"/runs/{of.run.public_id}/scripts").rows
    assert [(row[0], row[2], row[5]) for row in rows] == [
        ("26120001: Final Project Portfolio", "In the sample", "35"),
        ("26120000: Final Project Portfolio", "On request", ""),
    ]


def test_nothing_that_an_examiner_reaches_names_a_student(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, Account]:
        of, edda = in_sample(34, 63, 64)
        for place, placement in enumerate(of.placements):
            entry = make.entry(placement, activity=f"Sorted tins {place}", on=date(2026, 10, 1))
            make.entry_evidence(entry, b"%PDF-1.7\nphoto\n%%EOF\n", "secret-photo.pdf")
        return of, edda

    of, edda = seeded(database, build)
    with database.app_context():
        said = {each.person.family_name for each in map(db.session.merge, of.enrolments)}
        said |= {db.session.merge(each).person.email for each in of.enrolments} | {"My portfolio", "secret-photo"}
    found = everything(client, edda)
    assert any(url.startswith("/submission-files/") for url in found)
    assert any(url.startswith("/log-files/") for url in found)
    assert any(url.startswith("/components/") for url in found)
    for url, heard in found.items():
        assert not [each for each in said if re.search(rf"\b{re.escape(each)}\b", heard)], url
    client.sign_in_as(of.tutor)
    seen = client.get("/marking").data.decode()
    assert any(each in seen for each in said)  # what is looked for can be found


def test_counts_under_five_are_not_said(database: Flask, client: PageClient) -> None:
    of, edda = seeded(database, lambda: examined(63, 64, 65, 66, 67, 34))
    client.sign_in_as(edda)
    rows = client.page(f"/runs/{of.run.public_id}/examining/statistics").rows
    assert rows[-1][1:] == ["6", "60", "under 5", "under 5", "under 5", "5", "under 5"]


def test_the_list_asks_the_same_number_of_queries_for_one_and_three(database: Flask, client: PageClient) -> None:
    counts = []
    for number, marks in (("2612", (63,)), ("2613", (63, 58, 71))):
        of, edda = seeded(database, lambda marks=marks, number=number: examined(*marks, numbers=number))
        client.sign_in_as(edda)
        client.page(f"/runs/{of.run.public_id}/scripts")
        with counting_queries() as queries:
            client.page(f"/runs/{of.run.public_id}/scripts")
        counts.append(queries.count)
    assert counts == [9, 9]

"""An external examiner reports once, a leader answers once, and next year's examiner reads both."""

from typing import Any

import pytest
from flask import Flask

from placements.core.errors import Refused
from placements.db import db
from placements.examining import notices
from placements.examining.actions import begin, respond, submit, write
from placements.examining.models import ExaminerReport
from placements.history.models import History
from placements.mail.models import Notification
from tests import factories as make
from tests.assessment.scene import seeded
from tests.assessment.test_notices import said
from tests.client import PageClient
from tests.examining.scene import examined
from tests.factories import NOW
from tests.golden import check_golden

ANSWERS = {
    "standards": "As elsewhere.",
    "marking": "Fair.",
    "changes": "Say more of the bands.",
    "practice": "The logbooks.",
    "scripts": "",
}


def test_a_report_is_kept_submitted_once_and_answered(database: Flask, client: PageClient) -> None:
    of, edda = seeded(database, lambda: examined(63))
    address = f"/runs/{of.run.public_id}/examining"
    leader = PageClient(database)
    leader.sign_in_as(of.leader)
    client.sign_in_as(edda)
    page = client.submit(client.page(address).form("Write your report"))
    page = client.submit(page.form(), {**ANSWERS, "practice": ""})
    assert "and not submitted yet" in page.text
    assert "As elsewhere." not in leader.page(address).text
    page = client.submit(page.form("Submit the report"))
    assert (page.status, "Answer every question" in page.text) == (409, True)
    page = client.submit(client.page(client.page(address).link("Go on writing")).form(), practice="The logbooks.")
    page = client.submit(page.form("Submit the report"))
    assert "The module leader has not responded yet." in page.text
    read = leader.page(address)
    assert "Say more of the bands." in read.text
    read = leader.submit(leader.page(read.link("Respond to the report")).form(), response="We shall.")
    assert "We shall." in read.text
    assert "We shall." in client.page(address).text
    with database.app_context():
        verbs = [each.verb for each in db.session.query(History).filter(History.verb.contains("examiner’s report"))]
        assert verbs == ["submitted the external examiner’s report", "answered the external examiner’s report"]
        told = {(each.notice, each.recipient_id) for each in db.session.query(Notification)}
        assert {("examining.reported", of.leader.person_id), ("examining.answered", edda.person_id)} <= told


def test_next_years_examiner_reads_the_report_and_the_response(database: Flask, client: PageClient) -> None:
    def build() -> Any:
        of, edda = examined(63)
        for year, words in (("2025/26", "A year ago."), ("2024/25", "Two years ago.")):
            run = make.run(academic_year=year)
            answered = {"submitted_at": NOW, "answered_at": NOW, "answered_by_id": of.leader.person_id}
            said = {**ANSWERS, "standards": words}
            report = ExaminerReport(run=run, by=make.person(), answers=said, saved_at=NOW, state="answered", **answered)
            report.response = f"Response. {words}"
            db.session.add(report)
        return of, edda

    of, edda = seeded(database, build)
    client.sign_in_as(edda)
    text = client.page(f"/runs/{of.run.public_id}/examining").text
    assert "Response. A year ago." in text
    assert "Two years ago." not in text


def test_nothing_is_written_after_it_is_submitted(session: Any) -> None:
    of, edda = examined(63)
    who, report = of.who(edda), begin(of.run, actor=of.who(edda), now=NOW)
    assert begin(of.run, actor=who, now=NOW) is report
    write(report, ANSWERS, now=NOW)
    submit(report, actor=who, now=NOW)
    with pytest.raises(Refused):
        write(report, ANSWERS, now=NOW)
    submit(report, actor=who, now=NOW)
    for words in ("We shall.", "Again."):
        respond(report, words, actor=of.who(of.leader), now=NOW)
        assert report.response == "We shall."
    assert session.query(History).filter(History.verb.contains("examiner’s report")).count() == 2


def test_the_words_of_the_mails(session: Any) -> None:
    of, edda = examined(63)
    of.run.public_id, of.leader.person.email, edda.person.email = "run000000000", "lena@example.org", "edda@example.org"
    report = begin(of.run, actor=of.who(edda), now=NOW)
    write(report, ANSWERS, now=NOW)
    assert notices.REPORTED.context(report.id, of.leader.person, NOW) is None
    submit(report, actor=of.who(edda), now=NOW)
    check_golden("examining/reported", said(notices.REPORTED, report.id, of.leader.person, NOW))
    respond(report, "We shall.", actor=of.who(of.leader), now=NOW)
    assert notices.REPORTED.context(report.id, of.leader.person, NOW) is None
    check_golden("examining/answered", said(notices.ANSWERED, report.id, edda.person, NOW))

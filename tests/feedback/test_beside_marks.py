"""Feedback where work is marked and looked up: it shows, it is tracked, and it moves nothing."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ComponentKind, RunRole
from placements.db import db
from placements.examining.models import ScriptRequest
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.logbook.workflow import EntryState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.feedback.scene import AtWork
from tests.placing.scene import committed

SAID = "Ada listens to everybody."
F = FeedbackState


def handed_in(database: Flask, *said: str, **more: Any) -> tuple[AtWork, str]:
    """A portfolio that waits for its mark, and final feedback; the mark's address."""
    with database.app_context():
        made = AtWork()
        part = make.component(ComponentKind.FEEDBACK, made.run, title="Project Supervisor Feedback", weight=0)
        part.due_at = None
        portfolio = make.component(ComponentKind.PORTFOLIO, made.run, due_at=NOW - DAY)
        came = {"state": SubmissionState.RECEIVED, "received_at": NOW - 2 * DAY}
        script = make.submission(made.enrolment, portfolio, public_id="submissionpb", receipt="ABCD-2345", **came)
        mark = make.mark(made.enrolment, portfolio, made.tutor.person, public_id="the-mark-pub")
        made.external = made._somebody("Eve", "External")
        make.run_role(RunRole.EXTERNAL, made.external.person, made.run)
        db.session.add(ScriptRequest(submission=script, by_id=made.external.person_id, at=NOW))
        if said or more:
            feedback(made.placement, *said, occasion=Occasion.FINAL, **more)
        address = f"/marking/{mark.public_id}"
        return committed(made), address


def test_it_stands_beside_the_rubric_and_on_the_examiners_script(database: Flask, client: PageClient) -> None:
    made, address = handed_in(database, SAID)
    client.sign_in_as(made.tutor)
    assert SAID in client.page(address).text
    client.sign_in_as(made.external)
    client.forbidden = {"Okoro", "Supervisor,"}
    assert SAID in client.page("/scripts/submissionpb").text


def test_an_examiner_opens_the_evidence_of_the_logbook_from_the_script(database: Flask, client: PageClient) -> None:
    made, _ = handed_in(database)
    with seeding(database):
        visit = make.entry(db.session.merge(made.placement))
        make.entry_evidence(visit, b"%PDF-1.7\n~seen~\n%%EOF\n", "Okoro rota.pdf")
        make.entry_evidence(visit, b"%PDF-1.7\n~removed~\n%%EOF\n", "Gone.pdf", removed_at=NOW)
        draft = make.entry(visit.placement, state=EntryState.DRAFT)
        make.entry_evidence(draft, b"%PDF-1.7\n~unsent~\n%%EOF\n", "Unsent.pdf")
    client.sign_in_as(made.external)
    client.forbidden = {"Okoro"}
    page = client.page("/scripts/submissionpb")
    assert "File 2" not in page.text
    answer = client.get(page.link("File 1: the visit of Wed 14 Oct 2026"))
    assert b"~seen~" in answer.data
    assert "Okoro" not in answer.headers["Content-Disposition"]


HOW_FAR = [
    ({}, "Your supervisor is asked for this at the end", "0 given, 0 waived, 0 outstanding, 2 not asked"),
    ({"state": F.REQUESTED}, "Your supervisor has been asked for it", "0 given, 0 waived, 1 outstanding, 1 not asked"),
    ({"state": F.NOT_OBTAINABLE}, "It could not be had so far", "0 given, 0 waived, 1 outstanding, 1 not asked"),
    ({"state": F.WAIVED}, "so nothing is missing", "0 given, 1 waived, 0 outstanding, 1 not asked"),
    ({"state": F.RECEIVED}, "Your supervisor has given it", "1 given, 0 waived, 0 outstanding, 1 not asked"),
]


@pytest.mark.parametrize(("more", "said", "counted"), HOW_FAR)
def test_how_far_it_is_shows_to_student_and_leader(
    database: Flask, client: PageClient, more: dict[str, Any], said: str, counted: str
) -> None:
    made, _ = handed_in(database, **more)
    client.sign_in_as(made.student)
    for url in ("/assessment", "/marks"):
        assert said in client.page(url).text
    client.sign_in_as(made.leader)
    assert counted in client.page(f"/runs/{made.run.public_id}/marks").text


@pytest.mark.parametrize("state", F)
def test_it_never_holds_up_a_release(database: Flask, client: PageClient, state: FeedbackState) -> None:
    made, _ = handed_in(database, state=state)
    with database.app_context():
        mark = db.session.scalars(select(Mark)).one()
        mark.state, mark.mark, mark.feedback = MarkState.SUBMITTED, 61, "Good work."
        db.session.commit()
    client.sign_in_as(made.leader)
    page = client.page(f"/runs/{made.run.public_id}/marks/release")
    page = client.submit(page.form("Check what will be released"))
    client.submit(page.form("Release 1 mark"))
    with database.app_context():
        mark = db.session.scalars(select(Mark)).one()
        assert (mark.state, mark.mark) == (MarkState.PROVISIONAL, 61)

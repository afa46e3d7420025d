"""A release that waits for its moment: all of it happens then, or none and the leaders are told; until then it can be
cancelled."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board.models import StagedRelease
from placements.board.readiness import Why, releasable, standings
from placements.board.releasing import cancel, fingerprint_of, release, release_due, stage
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.marking.actions import reopen
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import DAY, NOW

LATER = NOW + DAY


def marked(students: int = 3) -> tuple[Scene, list[Mark]]:
    of = scene(students)
    return of, [mark_it(of, hand_in(of, place), 50 + place, 50, 50) for place in range(students)]


def put_by(of: Scene, marks: list[Mark]) -> StagedRelease:
    staged = stage(of.portfolio, marks, LATER, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    db.session.flush()
    return staged


def told(session: Any, notice: str) -> set[int]:
    return set(session.scalars(select(Notification.recipient_id).where(Notification.notice == notice)))


def test_it_is_released_at_its_moment_and_not_before(session: Any) -> None:
    of, marks = marked()
    staged = put_by(of, marks[:2])
    release_due(LATER - timedelta(seconds=1))
    assert {mark.state for mark in marks} == {MarkState.SUBMITTED}
    assert told(session, "board.mark_ready") == set()
    release_due(LATER)
    assert [mark.state for mark in marks] == [MarkState.PROVISIONAL, MarkState.PROVISIONAL, MarkState.SUBMITTED]
    assert (staged.state, staged.ended_at, marks[0].released_at) == ("released", LATER, LATER)
    assert told(session, "board.mark_ready") == {each.person_id for each in of.enrolments[:2]}
    release_due(LATER + HOUR)
    assert marks[0].released_at == LATER


def test_where_a_mark_has_changed_none_is_released_and_the_leaders_are_told(session: Any) -> None:
    of, marks = marked()
    staged = put_by(of, marks)
    reopen(marks[1], actor=Principal(of.tutor.person_id), now=NOW)
    release_due(LATER)
    assert (staged.state, staged.changed) == ("stopped", 1)
    assert MarkState.PROVISIONAL not in {mark.state for mark in marks}
    assert told(session, "board.release_stopped") == {of.leader.person_id}
    assert told(session, "board.mark_ready") == set()


def test_a_student_who_has_left_meanwhile_stops_nothing(session: Any) -> None:
    of, marks = marked()
    put_by(of, marks)
    of.enrolments[0].state = EnrolmentState.WITHDRAWN
    release_due(LATER)
    assert [mark.state for mark in marks] == [MarkState.SUBMITTED, MarkState.PROVISIONAL, MarkState.PROVISIONAL]


def test_a_cancelled_one_releases_nothing(session: Any) -> None:
    of, marks = marked()
    staged = put_by(of, marks)
    cancel(staged, actor=of.who(of.leader), now=NOW)
    release_due(LATER)
    assert (staged.state, marks[0].state) == ("cancelled", MarkState.SUBMITTED)
    assert releasable(of.run, of.portfolio) == marks


def test_what_is_staged_is_not_released_or_staged_beside_it(session: Any) -> None:
    of, marks = marked()
    put_by(of, marks[:1])
    assert [each.why for each in standings(of.run, of.portfolio)] == [Why.STAGED, None, None]
    with pytest.raises(Refused, match="nothing was done"):
        release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    with pytest.raises(Refused, match="nothing was done"):
        put_by(of, marks)
    with pytest.raises(Refused, match="still to come"):
        stage(of.portfolio, marks[1:], NOW, seen=fingerprint_of(marks[1:]), actor=of.who(of.leader), now=NOW)


def test_the_leader_stages_a_release_on_the_page_and_cancels_it(database: Flask, client: PageClient) -> None:
    of = seeded(database, lambda: marked()[0])
    client.sign_in_as(of.leader)
    preview = client.submit(
        client.page(f"/runs/{of.run.public_id}/marks/release?component={of.portfolio.public_id}").form(
            "Check what will be released"
        )
    )
    assert "3 students see the mark, the scores by criterion" in preview.text
    form = preview.form("Release 3 marks")
    day = {"on": ["21", "10", "2026"]}
    refused = client.submit(form, how="later")
    assert refused.errors == ["Enter the day to release them", "Enter the time on that day"]
    assert refused.h1 == "Check this release"
    refused = client.submit(form, {"on": ["19", "10", "2026"]}, how="later", at="3pm")
    assert refused.errors == ["Enter a day and time that are still to come."]
    page = client.submit(refused.form("Release 3 marks"), day, how="later", at="3pm")
    assert "Staged: 3 marks are released on Wed 21 Oct 2026, 3pm. You can cancel it until then." in page.text
    assert "Wed 21 Oct 2026, 3pm" in page.rows[0][2]
    page = client.submit(page.form("Cancel the release of Final Project Portfolio"))
    assert "Cancelled. Nothing is released then." in page.text
    with database.app_context():
        assert db.session.scalars(select(Mark.state).distinct()).all() == [MarkState.SUBMITTED]

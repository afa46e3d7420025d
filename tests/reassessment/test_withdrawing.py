"""What was opened or recorded by mistake is taken back, while nothing hangs on it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.collecting import find_missing
from placements.assessment.models import Submission
from placements.assessment.outcomes import Outcome, Result
from placements.assessment.workflow import SubmissionState
from placements.calendar.queries import entries_of
from placements.core.errors import Refused
from placements.db import db
from placements.history.models import History
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.reassessment import actions, claims
from placements.reassessment.models import Mitigation
from placements.reassessment.workflow import ClaimState
from tests.assessment.scene import HOUR, Scene, hand_in, seeded
from tests.client import PageClient
from tests.factories import NOW
from tests.factories.extensions import extension
from tests.reassessment.factories import mitigation
from tests.reassessment.scene import JULY, TODAY, failing, opened, standing

WHY = "The board had not met."


def again(of: Scene) -> Submission:
    """The portfolio that was failed is opened again."""
    opened(of)
    db.session.flush()
    return db.session.scalars(select(Submission).where(Submission.attempt == 2)).one()


def taken_back(of: Scene, attempt: Submission) -> None:
    actions.withdraw_attempt(attempt, WHY, actor=of.who(of.leader), now=NOW)
    db.session.flush()


def test_a_second_attempt_that_was_a_mistake_is_as_if_it_had_never_been(session: Any) -> None:
    of = failing((60, 30))
    before, dates = standing(of).outcome(), entries_of(of.who(of.students[0]))
    attempt = again(of)
    assert before == Outcome(38, Result.REASSESS_1, ("portfolio",))
    taken_back(of, attempt)
    taken_back(of, attempt)  # pressed twice
    found = standing(of)
    assert (found.outcome(), found.again, found.withdrawn) == (before, [], [attempt])
    assert [each.title for each in found.to_open] == ["Final Project Portfolio"]
    assert entries_of(of.who(of.students[0])) == dates
    remind(JULY - 6 * HOUR)
    find_missing(JULY + HOUR)
    session.refresh(attempt)
    assert (attempt.attempt, attempt.state) == (-1, SubmissionState.WITHDRAWN)
    mails = session.scalars(select(Notification.notice).where(Notification.notice.like("%_due"))).all()
    assert mails == []
    reasons = session.execute(select(History.reason, History.ability).where(History.verb == "why it is withdrawn"))
    assert [tuple(each) for each in reasons] == [(WHY, "reassessment.student")]
    told = session.scalars(select(Notification.recipient_id).where(Notification.notice == "reassessment.news")).all()
    assert told == [of.enrolments[0].person_id]


def test_it_can_be_opened_and_taken_back_again(session: Any) -> None:
    of = failing((60, 30))
    taken_back(of, again(of))
    taken_back(of, again(of))
    second = again(of)
    assert hand_in(of, 0, NOW) is second
    numbers = session.scalars(select(Submission.attempt).where(Submission.component_id == of.portfolio.id))
    assert sorted(numbers) == [-2, -1, 1, 2]


def test_what_something_hangs_on_stays(session: Any) -> None:
    of = failing((60, 30))
    attempt = again(of)
    claim = mitigation(attempt, of.leader.person, form_key="claim")
    with pytest.raises(Refused, match="A claim, an extension or a waiver"):
        taken_back(of, attempt)
    claims.withdraw(claim, "The wrong student.", actor=of.who(of.leader), now=NOW)
    later = extension(attempt, of.leader.person)
    with pytest.raises(Refused, match="A claim, an extension or a waiver"):
        taken_back(of, attempt)
    later.ended_at, later.ended_by_id, later.reason = NOW, of.leader.person_id, "A mistake."
    session.flush()
    hand_in(of, 0, NOW)
    with pytest.raises(Refused, match="Something was handed in"):
        taken_back(of, attempt)


def test_a_claim_that_was_a_mistake_is_kept_as_withdrawn_and_another_can_be_recorded(session: Any) -> None:
    of = failing((60, 30))
    attempt = session.scalars(select(Submission).where(Submission.component_id == of.portfolio.id)).one()
    made = mitigation(attempt, of.leader.person, form_key="first")
    claims.withdraw(made, "The wrong student.", actor=of.who(of.leader), now=NOW)
    claims.withdraw(made, "Pressed again.", actor=of.who(of.leader), now=NOW)
    mitigation(attempt, of.leader.person, form_key="second")
    session.flush()
    assert (made.state, made.decided_on) == (ClaimState.WITHDRAWN, TODAY)
    assert [each.form_key for each in standing(of).pending] == ["second"]
    reasons = session.execute(select(History.reason, History.ability).where(History.verb == "claim withdrawn")).all()
    assert [tuple(each) for each in reasons] == [("The wrong student.", "reassessment.read_claim")]
    assert session.scalars(select(Notification).where(Notification.notice == "reassessment.news")).all() == []


def test_the_leader_takes_both_back_on_pages_and_the_student_reads_it(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = failing((60, 30))
        attempt = again(of)
        first = db.session.scalars(select(Submission).where(Submission.component_id == of.agreement.id)).one()
        mitigation(first, of.leader.person, form_key="claim", reference="MC-77")
        assert attempt.due_at == JULY
        return of

    of: Scene = seeded(database, build)
    url = f"/enrolments/{of.enrolments[0].public_id}/reassessment"
    client.sign_in_as(of.leader)
    form = client.page(client.page(url).link("Withdraw it: second attempt at Final Project Portfolio"))
    assert "is asked for it by Wed 14 Jul 2027, 3pm" in form.text
    assert "Say why, for the record" in client.submit(form.form("Withdraw the second attempt"), {"reason": ""}).text
    done = client.submit(form.form("Withdraw the second attempt"), {"reason": WHY}, follow=True)
    assert "The second attempt is withdrawn." in done.text
    claim = client.page(client.page(url).link("Withdraw it: MC-77"))
    done = client.submit(claim.form("Withdraw the claim"), {"reason": "The wrong student."}, follow=True)
    assert "Withdrawn: recorded by mistake" in done.text
    with database.app_context():
        assert db.session.scalars(select(Mitigation.state)).all() == [ClaimState.WITHDRAWN]
    client.sign_in_as(of.students[0])
    mine = client.page("/assessment/news").text
    assert "Final Project Portfolio: second attempt withdrawn It was opened by mistake." in mine
    assert "Withdrawn: recorded by mistake" in mine

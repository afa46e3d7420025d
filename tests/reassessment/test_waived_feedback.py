"""A supervisor's feedback that is waived in one place is waived in the other, and neither asks for it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import Component, ComponentKind
from placements.core.errors import Refused
from placements.feedback.actions import ask_due
from placements.feedback.actions import waive as waive_there
from placements.feedback.models import Feedback
from placements.feedback.queries import Standing as FeedbackStanding
from placements.feedback.queries import standings
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.placing.workflow import PlacementState
from placements.reassessment import actions
from placements.reassessment.models import Waiver
from tests.assessment.scene import Scene, scene, seeded
from tests.client import PageClient
from tests.factories import NOW
from tests.factories.feedback import feedback as final_feedback
from tests.reassessment.scene import standing

DAY = timedelta(days=1)


def at_the_end() -> Scene:
    """A placement that is completed, so that its supervisor is asked next Monday."""
    of = scene()
    placement = of.placements[0]
    placement.state, placement.agreed_at, placement.ended_on = PlacementState.COMPLETED, NOW - 60 * DAY, NOW.date()
    return of


def part_of(session: Any) -> Component:
    return session.scalars(select(Component).where(Component.kind == ComponentKind.FEEDBACK)).one()


def waive_here(of: Scene, part: Component) -> Waiver:
    said = ("The organisation closed.", False, "form-key")
    return actions.waive(part, of.enrolments[0], *said, actor=of.who(of.leader), now=NOW)


def finals(session: Any) -> list[FeedbackState]:
    session.flush()
    return list(session.scalars(select(Feedback.state).where(Feedback.occasion == Occasion.FINAL)))


def test_waived_here_no_supervisor_is_asked_any_more(session: Any) -> None:
    of = at_the_end()
    waive_here(of, part_of(session))
    assert finals(session) == [FeedbackState.WAIVED]
    assert ask_due(now=NOW + 7 * DAY) == 0
    assert standings([of.enrolments[0].id]) == {of.enrolments[0].id: FeedbackStanding.WAIVED}


def test_without_a_waiver_the_supervisor_is_asked(session: Any) -> None:
    at_the_end()
    session.flush()
    assert ask_due(now=NOW + 7 * DAY) == 1


@pytest.mark.parametrize("state", [FeedbackState.REQUESTED, FeedbackState.NOT_OBTAINABLE])
def test_waived_here_what_was_asked_for_is_waived_too_and_asked_for_again(session: Any, state: FeedbackState) -> None:
    of = at_the_end()
    final_feedback(of.placements[0], occasion=Occasion.FINAL, state=state)
    waiver = waive_here(of, part_of(session))
    assert finals(session) == [FeedbackState.WAIVED]
    actions.end_waiver(waiver, actor=of.who(of.leader), now=NOW)
    assert finals(session) == [FeedbackState.REQUESTED]
    assert standing(of).waived == []


def test_waived_there_it_is_not_offered_here(session: Any) -> None:
    of = at_the_end()
    asked = final_feedback(of.placements[0], occasion=Occasion.FINAL)
    waive_there(asked, "It closed.", actor=of.who(of.leader), now=NOW)
    found, part = standing(of), part_of(session)
    assert (found.waived, found.waived_there) == ([part], [part])
    assert part not in found.can_be_waived
    with pytest.raises(Refused, match="waived already"):
        waive_here(of, part)


def test_what_was_given_is_not_waived(session: Any) -> None:
    of = at_the_end()
    final_feedback(of.placements[0], "Asks the right questions.", occasion=Occasion.FINAL)
    assert part_of(session) not in standing(of).can_be_waived
    with pytest.raises(Refused, match="has given this feedback"):
        waive_here(of, part_of(session))


def test_the_pages_of_leader_and_student_say_so(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = at_the_end()
        asked = final_feedback(of.placements[0], occasion=Occasion.FINAL)
        waive_there(asked, "It closed.", actor=of.who(of.leader), now=NOW)
        return of

    of: Scene = seeded(database, build)
    client.sign_in_as(of.leader)
    page = client.page(f"/enrolments/{of.enrolments[0].public_id}/reassessment")
    assert "Project Supervisor Feedback It was waived among the supervisors’ feedback" in page.text
    assert "Student1 Okoro" in client.page(page.link("See what was waived there")).text
    listed = client.page(f"/runs/{of.run.public_id}/reassessment?stands=waived")
    assert "Waived Project Supervisor Feedback" in listed.text
    client.sign_in_as(of.students[0])
    assert "The module leader asks for it no longer, so nothing is missing." in client.page("/assessment/news").text

"""An organisation is paused: students whom its challenges concern are told as if each was, and their tutors."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges import actions as challenges
from placements.challenges.workflow import ChallengeState
from placements.core.policy import Principal
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.partners.actions import pause
from placements.partners.workflow import OrganisationState
from placements.placing import notices
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.placing.test_stopped_challenges import BY, TOLD, Story, told

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def story(session: Any) -> Story:
    return Story()


def stop(story: Story, now: Any = NOW) -> None:
    pause(story.challenge.organisation, reason="A canary of a reason.", actor=Principal(make.person().id), now=now)


def dues() -> list[tuple[int, Any]]:
    rows = select(Notification.recipient_id, Notification.due_at).where(
        Notification.notice == "placing.challenge_stopped"
    )
    return sorted((key, at) for key, at in db.session.execute(rows))


def test_each_student_whom_it_concerns_is_told_once_and_nobody_else(story: Story) -> None:
    remind(NOW)
    assert told() == []
    stop(story)
    for later in range(3):
        remind(NOW + later * DAY)
    assert dues() == [(key, NOW) for key in sorted(story.ties())]


@pytest.mark.parametrize("who", ["placed", "offered", "ranked"])
def test_what_it_reads(story: Story, who: str) -> None:
    stop(story)
    mail = story.mail(getattr(story, who))
    assert "canary" not in mail
    if who == "placed":
        check_golden("placing/challenge_stopped_organisation_paused", mail)
    else:  # the very words of a challenge that is paused by itself
        check_golden(f"placing/challenge_stopped_pause_{who}", mail)


def test_the_tutor_of_who_was_offered_a_place_is_told(story: Story) -> None:
    stop(story)
    remind(NOW)
    assert told("placing.find_another") == [story.tutor.id]
    mail = said(notices.FIND_ANOTHER, story.challenge.id, story.tutor) or ""
    assert [name for name in ("Ada", "Ben", "Cem") if name in mail] == ["Ben"]
    assert "is paused for the time being" in mail


def test_nobody_is_told_once_it_goes_on_again(story: Story) -> None:
    stop(story)
    assert story.mail(story.ranked) != ""
    story.challenge.organisation.state = OrganisationState.APPROVED
    remind(LATER)
    assert told() == []
    assert {story.mail(each) for each in (story.placed, story.offered, story.ranked)} == {""}


def test_each_pause_is_told(story: Story) -> None:
    stop(story)
    remind(NOW)
    story.challenge.organisation.state = OrganisationState.APPROVED
    stop(story, LATER)
    remind(LATER)
    assert dues() == sorted((key, at) for key in story.ties() for at in (NOW, LATER))


def test_who_came_to_it_afterwards_is_not_told(story: Story) -> None:
    stop(story)
    make.placement(story.student(), story.challenge, created_at=LATER)
    remind(LATER)
    assert told() == sorted(story.ties())


def test_what_was_closed_before_still_offers_places_that_cannot_be_accepted_now(story: Story) -> None:
    challenges.close(story.challenge, "For both sides alone.", TOLD, actor=BY, now=NOW)
    remind(NOW)
    stop(story, LATER)
    remind(LATER)
    again = {story.placed.person_id, story.offered.person_id}
    assert dues() == sorted([*((key, NOW) for key in story.ties()), *((key, LATER) for key in again)])
    assert "cannot be accepted while it is paused" in story.mail(story.offered)
    assert "takes no more students" in story.mail(story.ranked)


@pytest.mark.parametrize("state", [ChallengeState.WITHDRAWN, ChallengeState.APPROVED, ChallengeState.PAUSED])
def test_of_what_was_over_or_never_shown_or_paused_already_nobody_is_told(story: Story, state: ChallengeState) -> None:
    story.challenge.state = state
    stop(story)
    remind(NOW)
    assert told() == []

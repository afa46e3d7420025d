"""A challenge is paused, closed or withdrawn: each student whom it concerns is told once, and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.applications.workflow import ApplicationState
from placements.challenges import actions as challenges
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RunRole
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.offers.workflow import OfferState
from placements.placing import notices
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

BY = Principal(None)
MINUTE = timedelta(minutes=1)
TOLD = "They have all the hands that they need."


class Story:
    """One challenge, and a student for everything that can tie one to it."""

    def __init__(self) -> None:
        self.run = make.run()
        tutor = make.person(given_name="Tom", family_name="Tutor", email="tom@example.org")
        self.group, self.tutor = make.group(self.run, tutor), tutor
        self.challenge = make.challenge(make.organisation(name="Holloway Larder"), title="Cook what comes in")
        self.placed, self.offered, self.ranked = (self.student(name) for name in ("Ada", "Ben", "Cem"))
        self.placement = make.placement(self.placed, self.challenge)
        make.application(self.placed, [self.challenge], decided_at=NOW - DAY)
        make.offer(self.offered, self.challenge)
        make.application(self.offered, [self.challenge], decided_at=NOW - DAY)
        make.application(self.ranked, [make.challenge(), self.challenge])
        self.others()

    def student(self, name: str = "Else", **said: Any) -> Enrolment:
        said = {"state": EnrolmentState.SEEKING, **said}
        return make.enrolment(self.group, make.person(given_name=name), **said)

    def others(self) -> None:
        """Students whom it does not concern."""
        elsewhere, mine = make.challenge(), self.challenge
        make.application(self.student(), [elsewhere])
        make.application(self.student(), [mine], state=ApplicationState.WITHDRAWN)
        make.application(self.student(), [mine], decided_at=NOW - DAY)
        make.application(self.student(state=EnrolmentState.WITHDRAWN), [mine])
        make.offer(self.student(), mine, state=OfferState.DECLINED)
        make.placement(self.student(), mine, state=PlacementState.ENDED_EARLY)
        make.placement(self.student(), elsewhere)

    def ties(self) -> set[int]:
        return {self.placed.person_id, self.offered.person_id, self.ranked.person_id}

    def mail(self, to: Enrolment, now: Any = NOW) -> str:
        return said(notices.CHALLENGE_STOPPED, self.challenge.id, to.person, now) or ""


@pytest.fixture
def story(session: Any) -> Story:
    return Story()


def told(notice: str = "placing.challenge_stopped") -> list[int]:
    mine = select(Notification.recipient_id).where(Notification.notice == notice)
    return sorted(db.session.scalars(mine))


def withdraw(challenge: Challenge) -> None:
    challenges.withdraw(challenge, "For both sides alone.", "Our kitchen has closed.", actor=BY, now=NOW)


def close(challenge: Challenge) -> None:
    challenges.close(challenge, "For both sides alone.", TOLD, actor=BY, now=NOW)


def pause(challenge: Challenge) -> None:
    challenges.pause(challenge, "A canary of a reason.", actor=BY, now=NOW)


@pytest.mark.parametrize("stop", [pause, close, withdraw])
def test_each_student_whom_it_concerns_is_told_once_and_nobody_else(
    story: Story, stop: Callable[[Challenge], None]
) -> None:
    remind(NOW)
    assert told() == []
    stop(story.challenge)
    for later in range(3):
        remind(NOW + later * MINUTE)
    assert told() == sorted(story.ties())


@pytest.mark.parametrize(
    ("stop", "who", "reads"),
    [
        (pause, "placed", "placing/challenge_stopped_pause_placed"),
        (pause, "offered", "placing/challenge_stopped_pause_offered"),
        (pause, "ranked", "placing/challenge_stopped_pause_ranked"),
        (close, "placed", "placing/challenge_stopped_close_placed"),
        (close, "offered", "placing/challenge_stopped_close_offered"),
        (close, "ranked", "placing/challenge_stopped"),
        (withdraw, "placed", "placing/challenge_stopped_withdraw_placed"),
        (withdraw, "offered", "placing/challenge_stopped_withdraw_offered"),
        (withdraw, "ranked", "placing/challenge_stopped_withdraw_ranked"),
    ],
)
def test_what_it_reads(story: Story, stop: Callable[[Challenge], None], who: str, reads: str) -> None:
    stop(story.challenge)
    check_golden(reads, story.mail(getattr(story, who)))


def test_what_it_reads_when_choosing_is_over(story: Story) -> None:
    close(story.challenge)
    check_golden("placing/challenge_stopped_too_late_to_choose", story.mail(story.ranked, NOW + 11 * DAY))


def test_nobody_is_told_after_it_goes_on_again(story: Story) -> None:
    pause(story.challenge)
    challenges.resume(story.challenge, actor=BY, now=NOW + MINUTE)
    remind(NOW + MINUTE)
    assert told() == []
    assert story.mail(story.ranked) == ""


def test_what_was_queued_is_not_sent_once_it_goes_on_again_or_the_tie_is_gone(story: Story) -> None:
    pause(story.challenge)
    remind(NOW)
    assert story.mail(story.ranked) != ""
    story.ranked.state = EnrolmentState.WITHDRAWN
    assert story.mail(story.ranked) == ""
    challenges.resume(story.challenge, actor=BY, now=NOW + MINUTE)
    assert {story.mail(who) for who in (story.placed, story.offered)} == {""}


def test_who_came_to_it_afterwards_is_not_told(story: Story) -> None:
    close(story.challenge)
    late = story.student()
    make.placement(late, story.challenge, created_at=NOW + MINUTE)
    make.offer(story.student(), story.challenge, made_at=NOW + MINUTE)
    remind(NOW + MINUTE)
    assert told() == sorted(story.ties())


def test_of_a_brief_that_students_never_saw_nobody_is_told(story: Story) -> None:
    story.challenge.state, story.challenge.published_at = ChallengeState.APPROVED, None
    withdraw(story.challenge)
    remind(NOW)
    assert (told(), story.challenge.stopped_at) == ([], None)


def test_why_it_is_paused_is_in_no_mail(story: Story) -> None:
    pause(story.challenge)
    for who in (story.placed, story.offered, story.ranked):
        assert "canary" not in story.mail(who)
        assert "is paused for the time being" in story.mail(who)


@pytest.mark.parametrize(("stop", "names"), [(pause, ["Ben"]), (close, []), (withdraw, ["Ada", "Ben"])])
def test_the_tutor_who_has_to_find_something_else_is_told_once_for_whom(
    story: Story, stop: Callable[[Challenge], None], names: list[str]
) -> None:
    stop(story.challenge)
    for later in range(3):
        remind(NOW + later * MINUTE)
    assert told("placing.find_another") == ([story.tutor.id] if names else [])
    mail = said(notices.FIND_ANOTHER, story.challenge.id, story.tutor) or ""
    assert [name for name in ("Ada", "Ben", "Cem") if name in mail] == names


def test_what_the_tutor_reads(story: Story) -> None:
    for each in (story.placed, story.offered):
        each.person.family_name = "Okoro"
    withdraw(story.challenge)
    check_golden("placing/find_another", said(notices.FIND_ANOTHER, story.challenge.id, story.tutor) or "")
    pause_instead(story)
    check_golden("placing/find_another_paused", said(notices.FIND_ANOTHER, story.challenge.id, story.tutor) or "")


def pause_instead(story: Story) -> None:
    story.challenge.state = ChallengeState.PUBLISHED
    pause(story.challenge)


def test_who_has_no_tutor_is_the_leaders_to_help(story: Story) -> None:
    leader = make.person()
    make.run_role(RunRole.LEADER, leader, story.run)
    make.run_role(RunRole.LEADER, make.person(), make.run())
    story.placement.tutor = story.group.tutor = None
    withdraw(story.challenge)
    remind(NOW)
    assert told("placing.find_another") == [leader.id]
    assert "was offered a place on it" in (said(notices.FIND_ANOTHER, story.challenge.id, leader) or "")


def test_who_is_placed_is_sent_to_the_tutor_of_the_placement(story: Story) -> None:
    story.placement.tutor = make.person(given_name="Zoe", family_name="Else", email="zoe@example.org")
    withdraw(story.challenge)
    assert "ask Zoe Else at the university: zoe@example.org." in story.mail(story.placed)
    assert "ask Tom Tutor at the university" in story.mail(story.offered)

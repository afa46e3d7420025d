"""What we write to reviewers and organisations about a challenge."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.challenges.models import Challenge, ReviewComment
from placements.challenges.publication import reviews_to_take_over, supervisors_gone, why_not_published
from placements.challenges.rules import review_due
from placements.challenges.workflow import OVER, ChallengeState
from placements.db import db
from placements.mail.notices import Context, Notice, Pace, Reminder
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _address(challenge: Challenge) -> str:
    return url_for("challenges.challenge", public_id=challenge.public_id, _external=True)


def _while(state: ChallengeState, more: Callable[[Challenge, datetime], Mapping[str, Any]]) -> Context:
    """The challenge, its address and `more`, as long as it is in that state."""

    def context(challenge_id: int, recipient: Person, now: datetime) -> Values:
        challenge = db.session.get_one(Challenge, challenge_id)
        if challenge.state is not state:
            return None
        return {"challenge": challenge, "address": _address(challenge), **more(challenge, now)}

    return context


def _due(challenge: Challenge, now: datetime) -> Mapping[str, Any]:
    return {"answer_by": review_due(challenge.submitted_at or now)}


def _what_it_waits_for(challenge: Challenge, now: datetime) -> Mapping[str, Any]:
    return {"obstacle": why_not_published(challenge, now)}


def _said(state: ChallengeState | None = None) -> Context:
    """A comment, as long as its challenge is in that state, if one is given."""

    def context(comment_id: int, recipient: Person, now: datetime) -> Values:
        comment = db.session.get_one(ReviewComment, comment_id)
        challenge = db.session.get_one(Challenge, comment.challenge_id)
        if state is not None and challenge.state is not state:
            return None
        return {"challenge": challenge, "comment": comment, "address": _address(challenge)}

    return context


def _obstacle(challenge_id: int, recipient: Person, now: datetime) -> Values:
    challenge = db.session.get_one(Challenge, challenge_id)
    obstacle = why_not_published(challenge, now)
    if challenge.state is not ChallengeState.APPROVED or challenge.publish_on is None or obstacle is None:
        return None
    return {"challenge": challenge, "address": _address(challenge), "obstacle": obstacle}


def _without_supervisor(challenge_id: int, recipient: Person, now: datetime) -> Values:
    challenge = db.session.get_one(Challenge, challenge_id)
    if challenge.state in OVER or not supervisors_gone(challenge):
        return None
    return {"challenge": challenge, "address": _address(challenge)}


SUBMITTED = Notice("challenges.submitted", _while(ChallengeState.SUBMITTED, _due), Pace.DAILY)
CHANGES_ASKED = Notice("challenges.changes_asked", _said(ChallengeState.CHANGES_REQUESTED), Pace.DAILY)
APPROVED = Notice("challenges.approved", _while(ChallengeState.APPROVED, _what_it_waits_for), Pace.DAILY)
PUBLISHED = Notice("challenges.published", _while(ChallengeState.PUBLISHED, lambda *_: {}), Pace.DAILY, may_mute=True)
DECLINED = Notice("challenges.declined", _said(ChallengeState.DECLINED), Pace.DAILY)
COMMENTED = Notice("challenges.commented", _said(), Pace.DAILY)
REVIEW_LATE = Notice("challenges.review_late", _while(ChallengeState.SUBMITTED, _due), Pace.DAILY)
SUPERVISOR_LEFT = Notice("challenges.supervisor_left", _without_supervisor, Pace.DAILY)
COULD_NOT_PUBLISH = Notice("challenges.could_not_publish", _obstacle, Pace.DAILY)

NOTICES = (
    *(SUBMITTED, CHANGES_ASKED, APPROVED, PUBLISHED, DECLINED, COMMENTED),
    *(REVIEW_LATE, COULD_NOT_PUBLISH, SUPERVISOR_LEFT),
)
REMINDERS = (Reminder(REVIEW_LATE, reviews_to_take_over),)

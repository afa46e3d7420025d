"""January to May: supervisors give the feedback that they are asked for, students read it, tutors visit."""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from placements.agreements.queries import objectives_of
from placements.attendance import contacts
from placements.attendance.models import ContactKind, ContactPoint
from placements.attendance.workflow import ContactState
from placements.core.clock import in_london
from placements.core.policy import Principal
from placements.db import db
from placements.demo.placed import Placed, days_between
from placements.demo.stage import Beat, Season
from placements.demo.words import WORK
from placements.feedback import actions
from placements.feedback.models import Feedback
from placements.feedback.rules import Rating, Words
from placements.feedback.workflow import FeedbackState

NEVER = 7  # one supervisor in so many does not answer
RATED = (Rating.FULLY, Rating.FULLY, Rating.PARTLY, Rating.MORE, Rating.NOT_SEEN)
VISITED = (2, 5, 8, 14)  # by number; of every second, nobody has said yet how it went


def chapter(season: Season) -> Iterator[Beat]:
    """Two evenings a week on which supervisors answer, and tutors' visits of this year."""
    for day in days_between(season.on(1, 6), season.on(5, 20), [2, 4]):
        yield Beat(in_london(day, time(18, 35)), _give)
        yield Beat(in_london(day, time(20, 40)), _read)
    yield Beat(season.at(6, 8, 15), _give_up)
    if season.starts == 2026:
        placed = Placed(season)
        yield Beat(season.at(2, 2, 12), partial(_plan, placed))
        yield Beat(season.at(2, 12, 12), _settle)


def _give(now: datetime) -> None:
    asked = select(Feedback).where(Feedback.state == FeedbackState.REQUESTED, Feedback.asked_at < now)
    for feedback in db.session.scalars(asked.order_by(Feedback.id)).all():
        own = random.Random(f"gives {feedback.placement_id} {feedback.occasion} {now}")  # noqa: S311 - a story
        if feedback.asked_id % NEVER and own.random() < 0.5:
            ratings = {each.id: own.choice(RATED) for each in objectives_of(feedback.placement_id)}
            said = WORK["feedback"]
            words = Words(ratings, own.choice(said["strengths"]), own.choice(said["next_steps"]))
            supervisor, seen, is_by_link = Principal(feedback.asked_id), actions.seen_of(words), own.random() < 0.8
            actions.save(feedback, words, actor=supervisor, now=now)
            actions.share(feedback, seen=seen, is_by_link=is_by_link, actor=supervisor, now=now)


def _read(now: datetime) -> None:
    for feedback in db.session.scalars(select(Feedback).where(Feedback.state == FeedbackState.RECEIVED)).all():
        own = random.Random(f"reads {feedback.placement_id} {now}")  # noqa: S311 - a story
        if feedback.is_unread and own.random() < 0.5:
            words = own.choice(["", "", *WORK["feedback"]["comments"]])
            student = Principal(feedback.placement.enrolment.person_id)
            actions.comment(feedback, words, seen=len(feedback.versions), actor=student, now=now)


def _give_up(now: datetime) -> None:
    for feedback in db.session.scalars(select(Feedback).where(Feedback.state == FeedbackState.REQUESTED)).all():
        tutor = Principal(feedback.placement.tutor_id)
        actions.give_up(feedback, "They have moved away and answer neither mail nor phone.", actor=tutor, now=now)


def _plan(placed: Placed, now: datetime) -> None:
    for number in VISITED:
        placement = placed.number(number)
        if placement is not None and placement.tutor_id is not None:
            tutor, at, key = Principal(placement.tutor_id), now + timedelta(days=7 + number % 3), f"tutors-{number}"
            contacts.plan_contact(placement, ContactKind.VISIT, at, key, actor=tutor, now=now)


def _settle(now: datetime) -> None:
    for contact in db.session.scalars(select(ContactPoint).order_by(ContactPoint.id)).all()[::2]:
        tutor = Principal(contact.placement.tutor_id)
        contacts.settle(contact, ContactState.DONE, "All is well, and the aims are clear.", actor=tutor, now=now)

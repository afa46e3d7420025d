"""Autumn to June: how work is marked, drafts, and what is allowed a student: later deadlines, mitigation, waivers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from placements.assessment.queries import task_of
from placements.cohorts.models import Component, ComponentKind, Enrolment, MarkedBy
from placements.core.clock import today
from placements.db import db
from placements.demo.marking import CLAIMED_IN_VAIN, LATE_AND_EXTENDED, LEARNED, PUT_OFF, students
from placements.demo.stage import Beat, Season, leader, principal
from placements.drafting import actions as drafting
from placements.drafting.queries import Typed
from placements.extensions import actions as extensions
from placements.extensions.planning import Wanted, fingerprint_of, plan
from placements.extensions.rules import Cause
from placements.feedback.actions import waive
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.placing.models import Placement
from placements.reassessment import actions as reassessment
from placements.reassessment import claims
from placements.reassessment.rules import Claimed
from placements.specification.actions import set_settings
from placements.specification.queries import seen_settings, settings_of

BEGUN = (4, 11, 18, 26, 40)  # who has begun to write this year, by number
EXTENDED = 6  # who hands in later this year, by number


def chapter(season: Season) -> Iterator[Beat]:
    """The finished year with all of it; this year with drafts that are begun and one extension to come."""
    if season.starts == 2025:
        yield Beat(season.at(9, 3, 10), partial(_say_who_marks, season))
        at = season.at(5, 19, 15)
        yield Beat(season.at(5, 17, 10), partial(_extend, season, LATE_AND_EXTENDED, at, "AP-2026-0412"))
        yield Beat(season.at(5, 18, 11), partial(_claim, season, CLAIMED_IN_VAIN, "MC-26-1188", None))
        yield Beat(season.at(5, 19, 11), partial(_claim, season, PUT_OFF, "MC-26-1203", season.on(7, 14)))
        yield Beat(season.at(6, 9, 10), partial(_waive, season))
    else:
        yield Beat(season.at(9, 3, 10), partial(_mark_twice, season))
        for number in BEGUN:
            yield Beat(season.at(2, 8 + number % 5, 17, number), partial(_draft, season, number))
        yield Beat(season.at(2, 11, 10), partial(_extend, season, EXTENDED, season.at(5, 19, 15), "AP-2027-0057"))


def portfolio_of(enrolment: Enrolment) -> Component:
    """The component of that name of the student's run."""
    return next(each for each in enrolment.run.components if each.kind is ComponentKind.PORTFOLIO)


def _say_who_marks(season: Season, now: datetime) -> None:
    """Before anything is marked: Agreements are shared among the markers, and portfolios marked by two."""
    for run in season.runs():
        for component in run.components:
            wanted = settings_of(component)
            if component.kind is ComponentKind.AGREEMENT:
                wanted = replace(wanted, marked_by=MarkedBy.SHARED)
            elif component.kind is ComponentKind.PORTFOLIO:
                wanted = replace(wanted, is_double_marked=True)
            set_settings(component, wanted, seen=seen_settings(component), actor=leader(), now=now)


def _mark_twice(season: Season, now: datetime) -> None:
    """Agreements at Level 5, since its tutors are new to them."""
    for component in season.runs()[1].components:
        if component.kind is ComponentKind.AGREEMENT:
            wanted = replace(settings_of(component), is_double_marked=True)
            set_settings(component, wanted, seen=seen_settings(component), actor=leader(), now=now)


def _draft(season: Season, number: int, now: datetime) -> None:
    """Whoever begins early writes a page of what they have learned so far."""
    enrolment = students(season)[number]
    student = principal(enrolment.person_id)
    task = task_of(student, portfolio_of(enrolment).public_id)
    if task is not None:
        words = f"What I learned so far\n\n{LEARNED[number % len(LEARNED)]}\n\nTo do: evidence from weeks 5 to 9."
        drafting.save(task.piece, Typed(words, 0), actor=student, now=now)


def _extend(season: Season, number: int, due_at: datetime, reference: str, now: datetime) -> None:
    enrolment = students(season)[number]
    wanted = Wanted([enrolment], [portfolio_of(enrolment)], due_at)
    seen, key = fingerprint_of(plan(wanted, now)), f"story-{season.starts}-{number}"
    extensions.grant(wanted, Cause.ADJUSTMENT, reference, seen=seen, form_key=key, actor=leader(), now=now)


def _claim(season: Season, number: int, reference: str, later: date | None, now: datetime) -> None:
    """What the university decided of a claim is written down a while after the claim was."""
    enrolment = students(season)[number]
    said = Claimed(reference, today(now) - timedelta(days=5), "", f"story-{season.starts}-{number}")
    made = claims.claim(portfolio_of(enrolment), enrolment, said, actor=leader(), now=now)
    if later is None:
        claims.refuse(made, today(now), actor=leader(), now=now)
    else:
        claims.accept(made, today(now), later, actor=leader(), now=now)


def _waive(season: Season, now: datetime) -> None:
    """One host is gone without a word: what its supervisor was to say of a student cannot be had, and is waived."""
    why = "The organisation closed in May. Its mail comes back and its phone is cut off, so nobody can be asked."
    runs = [run.id for run in season.runs()]
    found = select(Feedback).join(Feedback.placement).join(Placement.enrolment).where(Enrolment.run_id.in_(runs))
    lost = db.session.scalars(found.where(Feedback.state == FeedbackState.NOT_OBTAINABLE).order_by(Feedback.id)).all()
    for each in lost:
        if each.occasion is not Occasion.FINAL:  # the final one is waived with the component
            waive(each, why, actor=leader(), now=now)
    for enrolment in {each.placement.enrolment for each in lost}:
        component = next(each for each in enrolment.run.components if each.kind is ComponentKind.FEEDBACK)
        key = f"story-waiver-{enrolment.public_id}"
        reassessment.waive(component, enrolment, why, False, key, actor=leader(), now=now)

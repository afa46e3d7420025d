"""Portfolios of the finished year, and Agreements at Level 5, are marked by two, who agree, talk, or ask a third."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.cohorts.actions import give_role
from placements.cohorts.models import Component, RunRole
from placements.db import db
from placements.demo.cast import TUTORS
from placements.demo.marking import comment_on, feedback_on, scores_of
from placements.demo.placed import worth_of
from placements.demo.stage import Beat, Season, leader, person_at, principal
from placements.double_marking import actions
from placements.double_marking.models import SecondMark
from placements.double_marking.queries import field_of, scored, to_talk_about
from placements.double_marking.rules import Judgement
from placements.double_marking.workflow import SecondState

TWO, THIRD = {2025: TUTORS[:2], 2026: TUTORS[2:]}, TUTORS[2]
PASS = 40


def chapter(season: Season) -> Iterator[Beat]:
    """The second markers sit down once the first ones have, then all talk for a day. This February some still wait."""
    if season.starts == 2025:
        yield Beat(season.at(5, 13, 9), partial(_allot, season))
        yield Beat(season.at(5, 24, 9), partial(_allot, season))
        yield Beat(season.at(6, 1, 13), partial(_mark, season))
        yield Beat(season.at(6, 2, 10), partial(_talk, season, leaves_one=True))
        yield Beat(season.at(6, 2, 15), partial(_ask_third, season))
        yield Beat(season.at(6, 3, 14), partial(_mark, season))
        yield Beat(season.at(7, 15, 9), partial(_allot, season))
        yield Beat(season.at(7, 20, 13), partial(_mark, season))
        yield Beat(season.at(7, 21, 10), partial(_talk, season, leaves_one=False))
    else:
        for month, day in ((12, 21), (1, 11), (2, 8)):
            yield Beat(season.at(month, day, 9), partial(_allot, season))
        yield Beat(season.at(1, 15, 13), partial(_mark, season))
        yield Beat(season.at(1, 20, 10), partial(_talk, season, leaves_one=True))
        yield Beat(season.at(3, 4, 13), partial(_mark, season))
        yield Beat(season.at(3, 5, 15), partial(_talk, season, leaves_one=False))


def _allot(season: Season, now: datetime) -> None:
    """Each script to the tutor of the other group."""
    for component in _components(season):
        field = field_of(component)
        addresses = [each.email for each in TWO[season.starts]]
        chosen = {mark.id: each.id for mark in field.marks for each in field.able(mark) if each.email_key in addresses}
        if chosen:
            actions.allot(component, chosen, actor=leader(), now=now)


def _components(season: Season) -> Sequence[Component]:
    runs = [run.id for run in season.runs()]
    found = select(Component).where(Component.run_id.in_(runs), Component.is_double_marked)
    return db.session.scalars(found.order_by(Component.id)).all()


def _mark(season: Season, now: datetime) -> None:
    """The second markers, and whoever is asked third, mark what they have: nearly as the first did, and not quite."""
    for component in _components(season):
        rows = select(SecondMark).join(SecondMark.mark).where(Mark.component_id == component.id)
        for second in db.session.scalars(rows.where(SecondMark.state != SecondState.SUBMITTED).order_by(SecondMark.id)):
            mark, role = second.mark, second.role.value
            mood = random.Random(f"{mark.enrolment.person.student_number} {role}").gauss(0, 2)  # noqa: S311
            scores = scores_of(mark, worth_of(mark.enrolment) + mood)
            said = {each.id: (score, comment_on(mark, each, score)) for each, score in scores.items()}
            judgement = Judgement(said, feedback_on(mark, scores))
            actions.submit(second, judgement, seen=second.version, actor=principal(second.marker_id), now=now)


def _second_of(mark: Mark) -> SecondMark:
    return db.session.scalars(select(SecondMark).filter_by(mark_id=mark.id).order_by(SecondMark.id).limit(1)).one()


def _talk(season: Season, now: datetime, *, leaves_one: bool) -> None:
    """First markers propose a mark and the second ones agree; of the two furthest apart they do not."""
    found = {
        mark.id: mark for each in TWO[season.starts] for mark in to_talk_about(principal(person_at(each.email).id))
    }
    pairs = [(mark, _second_of(mark), scored(mark) or 0) for mark in found.values()]
    furthest = max(pairs, key=lambda pair: (abs(pair[2] - (pair[1].given or 0)), -pair[0].id), default=None)
    for mark, second, first in pairs:
        proposer, other = principal(mark.marker_id or 0), principal(second.marker_id)
        between = (first + (second.given or 0) + 1) // 2
        if leaves_one and furthest and mark is furthest[0]:
            why = "Page 3 carries the whole: it argues, where the other pages only tell."
            answer = "I read page 3 again. It is one page of ten, and it names no source."
            actions.decline(actions.propose(mark, first, why, actor=proposer, now=now), answer, actor=other, now=now)
        elif min(first, second.given or 0) < PASS:
            why = "Neither of us finds evidence for two of the criteria, which a pass would need."
            low = min(first, second.given or 0)
            actions.agree(actions.propose(mark, low, why, actor=proposer, now=now), actor=other, now=now)
        else:
            why = "We read the weakest part together. It lies between what each of us saw."
            actions.agree(actions.propose(mark, between, why, actor=proposer, now=now), actor=other, now=now)


def _ask_third(season: Season, now: datetime) -> None:
    """A tutor of the other level joins the run, and settles what the two could not."""
    third = person_at(THIRD.email)
    for component in _components(season):
        give_role(component.run, third, RunRole.TUTOR, actor=leader(), now=now)
        open_ones = select(Mark).where(Mark.component_id == component.id, Mark.second_id.is_not(None))
        open_ones = open_ones.where(Mark.fixed_at.is_not(None), Mark.agreed.is_(None))
        for mark in db.session.scalars(open_ones.where(Mark.state == MarkState.SUBMITTED).order_by(Mark.id)):
            actions.ask_third(mark, third.id, actor=leader(), now=now)

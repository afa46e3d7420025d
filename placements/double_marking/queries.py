"""Second marks as their markers see them, the two side by side once both are in, and a run's as its leader does."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import RELEASED, marking_due_at
from placements.assessment.rules import Score, rubric_mark
from placements.assessment.waiting import IN_ORDER
from placements.assessment.workflow import MarkState, SubmissionState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, Enrolment, ModuleRun, RoleOnRun, RunRole, TimeslotGroup
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.double_marking.models import SecondMark, SecondScore, Settlement
from placements.double_marking.workflow import Role, SecondState, SettlementState
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement


class Stage(StrEnum):
    """How far one script's second marking is, in words for those who may know."""

    ALLOT = "allot"
    MARKING = "marking"
    TALK = "talk"
    SETTLED = "settled"


STAGES = {
    Stage.ALLOT: "No second marker yet",
    Stage.MARKING: "Being marked",
    Stage.TALK: "To be agreed",
    Stage.SETTLED: "Agreed",
}


def is_settled() -> ColumnElement[bool]:
    """The marks that are one: their component, which is joined, is not marked twice, or a rule or two people say so."""
    return or_(~Component.is_double_marked, Mark.marker_id.is_(None), Mark.agreed.is_not(None))


def scored(marked: Mark | SecondMark) -> int | None:
    """What the scores of one marker come to by the rubric; None until every criterion has its own."""
    component = marked.component if isinstance(marked, Mark) else marked.mark.component
    scores = [Score(each.criterion.weight, each.score) for each in marked.scores if each.score is not None]
    return rubric_mark(scores) if len(scores) == len(component.criteria) else None


def desk(who: Principal, size: int, number: int) -> tuple[Sequence[tuple[SecondMark, datetime | None]], int]:
    """One page of the marks that one is asked for as second or third marker, each with when it is due: undone first.

    Of the first mark nothing is read. One query.
    """
    found = select(SecondMark).join(SecondMark.mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.run)
    found = found.join(Mark.component).join(Mark.submission).where(SecondMark.marker_id == who.person_id)
    mark = contains_eager(SecondMark.mark)
    found = found.options(
        mark.contains_eager(Mark.enrolment).contains_eager(Enrolment.person),
        mark.contains_eager(Mark.enrolment).contains_eager(Enrolment.run),
        mark.contains_eager(Mark.component),
        mark.contains_eager(Mark.submission),
    )
    undone_first = case((SecondMark.state == SecondState.SUBMITTED, 1), else_=0)
    rows, count = slice_of(found.order_by(undone_first, IN_ORDER, Person.family_name, SecondMark.id), size, number)
    return [(each, marking_due_at(each.mark.component, each.mark.submission)) for each in rows], count


def left_to_mark(who: Principal) -> int:
    """How many marks one is asked for as second or third marker, and has not given. One query."""
    found = select(func.count(SecondMark.id)).where(SecondMark.marker_id == who.person_id)
    return db.session.scalar(found.where(SecondMark.state != SecondState.SUBMITTED)) or 0


def to_talk_about(who: Principal) -> Sequence[Mark]:
    """The marks of one's own, as first or second marker, both in and not one yet, the oldest first. One query."""
    found = select(Mark).join(Mark.component).join(Mark.enrolment).join(Enrolment.person)
    found = found.where(_is_compared(), Mark.agreed.is_(None), Mark.state == MarkState.SUBMITTED)
    found = found.where(or_(Mark.marker_id == who.person_id, Mark.second_id == who.person_id))
    options = (contains_eager(Mark.component), contains_eager(Mark.enrolment).contains_eager(Enrolment.person))
    return db.session.scalars(found.options(*options).order_by(Mark.fixed_at, Mark.id)).all()


def _is_compared() -> ColumnElement[bool]:
    return and_(Mark.fixed_at.is_not(None), Mark.second_id.is_not(None))


def second_of(who: Principal, public_id: str) -> SecondMark | None:
    """A second or third mark of one's own, or of a run that one leads, with the work; no score of the first."""
    led = Enrolment.run_id.in_(who.held_on("leader"))
    found = select(SecondMark).join(SecondMark.mark).join(Mark.enrolment)
    found = found.where(SecondMark.public_id == public_id, or_(SecondMark.marker_id == who.person_id, led))
    mark = contains_eager(SecondMark.mark)
    student = mark.contains_eager(Mark.enrolment)
    return db.session.scalar(
        found.options(
            student.joinedload(Enrolment.person),
            student.joinedload(Enrolment.run),
            mark.joinedload(Mark.component).selectinload(Component.criteria),
            mark.joinedload(Mark.submission).selectinload(Submission.files),
            mark.selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
            joinedload(SecondMark.marker),
            selectinload(SecondMark.scores).joinedload(SecondScore.criterion),
        )
    )


def compared(who: Principal, public_id: str) -> Mark | None:
    """A mark whose second is in too: one's own as either marker, as third, or of a run that one leads."""
    led = Enrolment.run_id.in_(who.held_on("leader"))
    own = or_(
        Mark.marker_id == who.person_id, Mark.second_id == who.person_id, Mark.id.in_(who.held_on("third_marker"))
    )
    found = select(Mark).join(Mark.enrolment).where(Mark.public_id == public_id, _is_compared(), or_(own, led))
    student = contains_eager(Mark.enrolment)
    return db.session.scalar(
        found.options(
            student.joinedload(Enrolment.person),
            student.joinedload(Enrolment.run),
            student.joinedload(Enrolment.group),
            joinedload(Mark.component).selectinload(Component.criteria),
            joinedload(Mark.marker),
            joinedload(Mark.submission).selectinload(Submission.files),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
        )
    )


def others_of(mark: Mark) -> Sequence[SecondMark]:
    """The second mark, and the third where one was asked for, with their scores. Two queries."""
    found = select(SecondMark).where(SecondMark.mark_id == mark.id).order_by(SecondMark.id)
    return db.session.scalars(
        found.options(joinedload(SecondMark.marker), selectinload(SecondMark.scores).joinedload(SecondScore.criterion))
    ).all()


def settlements_of(mark: Mark) -> Sequence[Settlement]:
    """What was proposed, the latest first. One query."""
    found = select(Settlement).where(Settlement.mark_id == mark.id).order_by(Settlement.id.desc())
    return db.session.scalars(
        found.options(joinedload(Settlement.proposed_by), joinedload(Settlement.answered_by))
    ).all()


def settlement_of(who: Principal, public_id: str) -> Settlement | None:
    """What was proposed for a mark that `who` sees both of."""
    its_mark = joinedload(Settlement.mark).joinedload(Mark.enrolment)
    found = db.session.scalar(select(Settlement).where(Settlement.public_id == public_id).options(its_mark))
    return found if found and compared(who, found.mark.public_id) else None


@dataclass(frozen=True)
class Line:
    """One script that is marked twice. `waits_for`: whose mark is not in, as far as the reader may know."""

    mark: Mark
    second: SecondMark | None
    third: SecondMark | None
    waits_for: str

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.mark.agreed is not None:
            return Stage.SETTLED
        if self.second is None:
            return Stage.ALLOT
        return Stage.MARKING if self.mark.fixed_at is None else Stage.TALK


def lines_of(component: Component, who: Principal) -> list[Line]:
    """Every script of a component that wants or has a second mark, by name. Two queries.

    Who leads the run and gives a first mark in it does not learn from it how far the second is.
    """
    marks = db.session.scalars(
        wanted(component)
        .join(Enrolment.person)
        .options(contains_eager(Mark.enrolment).contains_eager(Enrolment.person), joinedload(Mark.marker))
        .options(contains_eager(Mark.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor))
        .order_by(Person.family_name, Person.given_name, Mark.id)
    ).all()
    rows = select(SecondMark).where(SecondMark.mark_id.in_([each.id for each in marks]))
    others: defaultdict[int, dict[Role, SecondMark]] = defaultdict(dict)
    for each in db.session.scalars(rows.options(joinedload(SecondMark.marker))):
        others[each.mark_id][each.role] = each
    return [
        Line(each, others[each.id].get(Role.SECOND), others[each.id].get(Role.THIRD), _waits_for(each, others, who))
        for each in marks
    ]


def _waits_for(mark: Mark, others: Mapping[int, Mapping[Role, SecondMark]], who: Principal) -> str:
    second, third = others[mark.id].get(Role.SECOND), others[mark.id].get(Role.THIRD)
    if mark.agreed is not None or second is None:
        return ""
    if mark.fixed_at is not None:
        return third.marker.name if third else "the two markers"
    first = mark.marker or mark.enrolment.group.tutor
    is_own = who.person_id in (mark.marker_id, mark.allocated_id, mark.enrolment.group.tutor_id)
    names = [
        *([first.name if first else "the first marker"] if mark.state is MarkState.DRAFTED or is_own else []),
        *([second.marker.name] if second.state is not SecondState.SUBMITTED or is_own else []),
    ]
    return " and ".join(names)


def wanted(component: Component) -> Select[Mark]:
    """The marks of a component that want a second one: of what was accepted, by students who have not left."""
    is_in = Mark.submission.has(Submission.state.in_((SubmissionState.RECEIVED, SubmissionState.LATE)))
    found = select(Mark).join(Mark.enrolment).where(Mark.component_id == component.id, is_in)
    by_rule = and_(Mark.marker_id.is_(None), Mark.state != MarkState.DRAFTED)
    return found.where(~by_rule, Enrolment.state.not_in(LEFT))


def double_marked(run: ModuleRun) -> list[Component]:
    """The components of the run that are marked twice."""
    return [each for each in run.components if each.is_double_marked]


@dataclass(frozen=True)
class Field:
    """Who can mark what a second time: scripts, their possible markers, and whom each script bars."""

    marks: Sequence[Mark]
    markers: Sequence[Person]
    barred: Mapping[int, frozenset[int]]
    loads: Mapping[int, int]

    def able(self, mark: Mark) -> list[Person]:
        """Who may mark it, by name."""
        return [each for each in self.markers if each.id not in self.barred[mark.id]]


def field_of(component: Component, *marks: Mark) -> Field:
    """The scripts of a component that have no second marker and are not released, or those given. Six queries at most.

    Barred are the first marker, or while nobody has begun the student's tutors; whoever has a side with an organisation
    that the student was placed with; and whoever marks it already.
    """
    free = wanted(component).where(Mark.second_id.is_(None), Mark.state.not_in(RELEASED))
    if marks:
        free = select(Mark).join(Mark.enrolment).where(Mark.id.in_([each.id for each in marks]))
    found = db.session.scalars(
        free.join(Enrolment.person)
        .options(
            contains_eager(Mark.enrolment).contains_eager(Enrolment.person),
            contains_eager(Mark.enrolment).joinedload(Enrolment.group),
            selectinload(Mark.placements).joinedload(Placement.challenge),
        )
        .order_by(Person.family_name, Person.given_name, Mark.id)
    ).all()
    markers = _markers(component.run_id)
    sides = _sides([each.id for each in markers])
    counts = select(SecondMark.marker_id, func.count()).join(SecondMark.mark).where(Mark.component_id == component.id)
    loads = {row[0]: row[1] for row in db.session.execute(counts.group_by(SecondMark.marker_id))}
    return Field(found, markers, {each.id: _barred(each, sides) for each in found}, loads)


def _markers(run_id: int) -> Sequence[Person]:
    """The tutors of the run who read no marks of others: neither its leaders nor its external examiners."""
    roles = select(RoleOnRun.person_id).where(RoleOnRun.run_id == run_id)
    tutors = roles.where(RoleOnRun.role == RunRole.TUTOR)
    of_groups = select(TimeslotGroup.tutor_id).where(
        TimeslotGroup.run_id == run_id, TimeslotGroup.tutor_id.is_not(None)
    )
    readers = roles.where(RoleOnRun.role.in_((RunRole.LEADER, RunRole.EXTERNAL)))
    found = select(Person).where(or_(Person.id.in_(tutors), Person.id.in_(of_groups)), Person.id.not_in(readers))
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name, Person.id)).all()


def _sides(person_ids: Sequence[int]) -> Mapping[int, set[int]]:
    """Who among these has a side with which organisation: people by organisation."""
    interests = select(Interest.organisation_id, Interest.person_id).where(
        Interest.person_id.in_(person_ids), Interest.ended_at.is_(None)
    )
    contacts = select(Contact.organisation_id, Contact.person_id).where(
        Contact.person_id.in_(person_ids), Contact.left_on.is_(None)
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for organisation_id, person_id in db.session.execute(interests.union(contacts)):
        found[organisation_id].add(person_id)
    return found


def _barred(mark: Mark, sides: Mapping[int, set[int]]) -> frozenset[int]:
    first = mark.marker_id or mark.allocated_id
    tutors = [mark.enrolment.group.tutor_id, *(each.tutor_id for each in mark.placements)]
    sided = [person for each in mark.placements for person in sides.get(each.challenge.organisation_id, ())]
    supervisors = [each.supervisor_id for each in mark.placements]
    barred = [mark.enrolment.person_id, mark.second_id, mark.allocated_id, *sided, *supervisors]
    return frozenset(each for each in [*barred, *([first] if first else tutors)] if each is not None)


def both_in() -> Select[Mark]:
    """The marks whose second is in too, and that were not compared yet."""
    second = exists().where(
        SecondMark.mark_id == Mark.id, SecondMark.role == Role.SECOND, SecondMark.state == SecondState.SUBMITTED
    )
    return select(Mark).where(Mark.state == MarkState.SUBMITTED, Mark.fixed_at.is_(None), second)


def outdated() -> Select[SecondMark]:
    """The second and third marks of work that was replaced after they were submitted.

    What was sent before, and taken as the work only after they were compared, is known by the agreement that it left.
    """
    found = select(SecondMark).join(SecondMark.mark).join(Mark.submission)
    is_open = Mark.state.in_((MarkState.DRAFTED, MarkState.SUBMITTED)) & Mark.fixed_at.is_(None)
    left = exists().where(
        Settlement.mark_id == Mark.id, Settlement.state.in_((SettlementState.PROPOSED, SettlementState.SETTLED))
    )
    is_older = SecondMark.submitted_at < Submission.received_at
    return found.where(SecondMark.submitted_at.is_not(None), or_(is_older, left), is_open)


def open_settlement(mark: Mark) -> Settlement | None:
    """What is proposed for the mark and not answered."""
    found = select(Settlement).where(Settlement.mark_id == mark.id, Settlement.state == SettlementState.PROPOSED)
    return db.session.scalar(found)

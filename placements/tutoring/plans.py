"""Plans of who looks after whom: which are asked for, whether one still holds, and what it comes to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from placements.allocation.workflow import AttemptState
from placements.cohorts.models import Enrolment, ModuleRun
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person
from placements.placing.models import Placement
from placements.solver.instance import Instance
from placements.solver.result import Result
from placements.tutoring.models import TutorPlan
from placements.tutoring.queries import PLACEMENT, Field, Tutor, problems, question_of


def seen_plan(who: Principal, public_id: str) -> TutorPlan | None:
    """The plan at that address, of a run that `who` leads, with its inputs and result."""
    found = select(TutorPlan).where(TutorPlan.public_id == public_id, TutorPlan.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(joinedload(TutorPlan.run), *WHOLE))


WHOLE = (undefer(TutorPlan.instance), undefer(TutorPlan.result), undefer(TutorPlan.before))


def latest_plans(run: ModuleRun, most: int = 5) -> Sequence[TutorPlan]:
    """The plans that were asked for last, the newest first. One query."""
    newest = select(TutorPlan).where(TutorPlan.run_id == run.id).order_by(TutorPlan.id.desc()).limit(most)
    return db.session.scalars(newest).all()


def asked_already(run: ModuleRun, instance: Instance, field: Field) -> TutorPlan | None:
    """The plan that was asked for when all was as it is now, has not failed and is not applied. One query."""
    asked = select(TutorPlan).filter_by(run_id=run.id, instance_sha256=instance.sha256(), applied_at=None)
    asked = asked.where(TutorPlan.state != AttemptState.FAILED).order_by(TutorPlan.id.desc()).limit(1)
    known = db.session.scalar(asked.options(undefer(TutorPlan.before)))
    return known if known is not None and known.before == field.before else None


def is_still_so(plan: TutorPlan, field: Field) -> bool:
    """Whether everything that the plan was made from is as it was."""
    if problems(field) or field.before != plan.before:
        return False
    return question_of(plan.run, field).sha256() == plan.instance_sha256


@dataclass(frozen=True)
class Move:
    """What a plan has for one placement. `after` None: nobody whom it may have has room."""

    placement: Placement
    before: Person | None
    after: Person | None

    @property
    def changes(self) -> bool:
        """Somebody else than now looks after it."""
        return self.after is not None and self.after is not self.before

    @property
    def is_own(self) -> bool:
        """Its group's own tutor looks after it."""
        return self.after is not None and self.after.id == self.placement.enrolment.group.tutor_id


def moves_of(plan: TutorPlan) -> list[Move]:
    """What a solved plan has for each placement: those left out first, then what changes, by student. Two queries."""
    placing = Result.from_json(plan.result or "").placing
    of_plan = select(Placement).where(Placement.public_id.in_(placing)).join(Placement.enrolment)
    of_plan = of_plan.join(Enrolment.person).order_by(Person.family_name, Person.given_name, Placement.id)
    keys = {key for key in (*placing.values(), *plan.before.values()) if key}
    named = select(Person).where(Person.public_id.in_(keys))
    people = {person.public_id: person for person in db.session.scalars(named)}
    moves = [
        Move(each, people.get(plan.before[each.public_id] or ""), people.get(placing[each.public_id] or ""))
        for each in db.session.scalars(of_plan.options(*PLACEMENT))
    ]
    return sorted(moves, key=lambda move: (move.after is not None, not move.changes))


def lacking(plan: TutorPlan, moves: Iterable[Move]) -> list[Placement]:
    """The placements for which somebody could be tutor and nobody has room."""
    could = {student.key for student in Instance.from_json(plan.instance).students if student.options}
    return [move.placement for move in moves if move.after is None and move.placement.public_id in could]


@dataclass(frozen=True)
class Share:
    """One tutor's part in a plan. `own`: how many of theirs then are of their own groups."""

    person: Person
    load: int
    before: int
    after: int
    own: int


@dataclass(frozen=True)
class Summary:
    """What a plan comes to: `without` find nobody with room; `own` are with their group's tutor, `own_before` were."""

    shares: list[Share]
    changes: int
    without: int
    own: int
    own_before: int
    without_before: int


def summary_of(moves: Sequence[Move], tutors: Sequence[Tutor]) -> Summary:
    """Before and after, for each tutor and together."""
    before = Counter(move.before.id for move in moves if move.before)
    after = Counter(move.after.id for move in moves if move.after)
    own = Counter(move.after.id for move in moves if move.after and move.is_own)
    shares = [
        Share(each.person, each.load, before[each.person.id], after[each.person.id], own[each.person.id])
        for each in tutors
    ]
    return Summary(
        shares=shares,
        changes=sum(move.changes for move in moves),
        without=sum(move.after is None for move in moves),
        own=own.total(),
        own_before=sum(replace(move, after=move.before).is_own for move in moves),
        without_before=sum(move.before is None for move in moves),
    )

"""The markers of a component and its scripts: whose each is, who may not have it, and what sharing out would do."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.assessment.models import Mark
from placements.assessment.policy import MARKERS
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import (
    Component,
    ComponentKind,
    Enrolment,
    MarkedBy,
    RoleOnRun,
    RunRole,
    TimeslotGroup,
)
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db
from placements.marking.queries import mark_of
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement
from placements.reading.frozen import snapshot_at
from placements.scripts.models import USUAL_WEIGHT, MarkerShare, ScriptFix
from placements.scripts.rules import Marker, Script, share_out


@dataclass(frozen=True)
class Sharer:
    """Somebody who can mark on the run, and what they take on of the component."""

    person: Person
    weight: int
    most: int | None


@dataclass(frozen=True)
class Line:
    """A script, whose it is to mark now, whether it stays there when scripts are shared out, and why it was given."""

    mark: Mark
    holder: Person | None
    is_excluded: bool  # whoever has it may not mark it
    is_held: bool
    fix: ScriptFix | None

    @property
    def needs_marker(self) -> bool:
        """Whether somebody else has to mark it."""
        return self.mark.state is MarkState.DRAFTED and (self.holder is None or self.is_excluded)


@dataclass(frozen=True)
class Field:
    """All that sharing out one component goes by. `conflicts`: who may not mark the work of which enrolment."""

    component: Component
    sharers: Sequence[Sharer]
    lines: Sequence[Line]
    conflicts: Mapping[int, frozenset[int]]

    def may_have(self, mark: Mark) -> list[Sharer]:
        """Who may be given the script."""
        return [each for each in self.sharers if each.person.id not in self.conflicts[mark.enrolment_id]]

    @property
    def waiting(self) -> list[Line]:
        """The scripts that need another marker."""
        return [line for line in self.lines if line.needs_marker]


def component_led(who: Principal, public_id: str) -> Component | None:
    """A component that gets a mark, of a run that `who` leads."""
    found = select(Component).where(Component.public_id == public_id, Component.kind != ComponentKind.FEEDBACK)
    found = found.where(Component.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(joinedload(Component.run)))


def sharers_of(component: Component) -> list[Sharer]:
    """Everybody who can mark on the run, by name. Three queries.

    Of whom nothing was said, its tutors take on the usual weight; who only leads or moderates it, none.
    """
    roles = select(RoleOnRun.person_id, RoleOnRun.role).where(RoleOnRun.run_id == component.run_id)
    groups = select(TimeslotGroup.tutor_id).where(
        TimeslotGroup.run_id == component.run_id, TimeslotGroup.tutor_id.is_not(None)
    )
    held = db.session.execute(roles.where(RoleOnRun.role.in_(MARKERS))).all()
    tutors = {*db.session.scalars(groups), *(person for person, role in held if role is RunRole.TUTOR)}
    found = select(Person, MarkerShare).where(Person.id.in_({*tutors, *(person for person, _ in held)}))
    said = (MarkerShare.person_id == Person.id) & (MarkerShare.component_id == component.id)
    rows = found.outerjoin(MarkerShare, said).order_by(Person.family_name, Person.given_name, Person.id)
    return [
        Sharer(person, share.weight, share.most)
        if share
        else Sharer(person, USUAL_WEIGHT if person.id in tutors else 0, None)
        for person, share in db.session.execute(rows)
    ]


def scripts_of(component: Component) -> Sequence[Mark]:
    """What was handed in to be marked by somebody, of those who have not left, by student. Two queries.

    Of every attempt that is not released as a whole.
    """
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).where(Mark.component_id == component.id)
    found = found.where(Enrolment.state.not_in(LEFT)).order_by(Person.family_name, Person.given_name, Mark.id)
    is_by_rule = (Mark.state != MarkState.DRAFTED) & Mark.marker_id.is_(None)
    rows = db.session.scalars(found.where(~is_by_rule).options(*WITH_TUTORS)).all()
    going_on = {each.attempt for each in rows if each.state in (MarkState.DRAFTED, MarkState.SUBMITTED)}
    return [each for each in rows if each.attempt in going_on]


WITH_TUTORS = (
    contains_eager(Mark.enrolment).contains_eager(Enrolment.person),
    contains_eager(Mark.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
    joinedload(Mark.component),
    joinedload(Mark.submission),
    joinedload(Mark.marker),
    joinedload(Mark.allocated),
    selectinload(Mark.placements).joinedload(Placement.tutor),
)


def own_tutor(mark: Mark) -> Person | None:
    """Who marks it where nobody was given it: the tutor of the student's latest placement, or of their group."""
    tutors = [each.tutor for each in mark.placements if each.tutor]
    return tutors[-1] if tutors else mark.enrolment.group.tutor


def holder(mark: Mark) -> Person | None:
    """Whose it is to mark; None where it has to be given to somebody first."""
    if mark.allocated is not None:
        return mark.allocated
    return None if mark.component.marked_by is MarkedBy.SHARED else own_tutor(mark)


def conflicts_of(component: Component) -> defaultdict[int, frozenset[int]]:
    """Who may not mark whose work, by enrolment: the student, and who supervised them or has a side where they were.

    One query.
    """
    placed = (
        select(Placement.enrolment_id)
        .join(Placement.enrolment)
        .join(Challenge, Challenge.id == Placement.challenge_id)
        .where(Enrolment.run_id == component.run_id)
    )
    interested = placed.join(Interest, Interest.organisation_id == Challenge.organisation_id)
    at_work = placed.join(Contact, Contact.organisation_id == Challenge.organisation_id)
    rows = union(
        select(Enrolment.id, Enrolment.person_id).where(Enrolment.run_id == component.run_id),
        placed.add_columns(Placement.supervisor_id),
        interested.where(Interest.ended_at.is_(None)).add_columns(Interest.person_id),
        at_work.where(Contact.left_on.is_(None)).add_columns(Contact.person_id),
    )
    found: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    for enrolment_id, person_id in db.session.execute(rows):
        found[enrolment_id] |= {person_id}
    return found


def field_of(component: Component) -> Field:
    """What sharing out the component goes by. Seven queries."""
    sharers, conflicts = sharers_of(component), conflicts_of(component)
    team = {each.person.id for each in sharers}
    marks = scripts_of(component)
    fixes = {
        each.mark_id: each
        for each in db.session.scalars(select(ScriptFix).where(ScriptFix.mark_id.in_([mark.id for mark in marks])))
    }
    lines = []
    for mark in marks:
        whose, fix = holder(mark), fixes.get(mark.id)
        is_excluded = whose is not None and (whose.id not in team or whose.id in conflicts[mark.enrolment_id])
        is_held = mark.marker_id is not None or mark.state is not MarkState.DRAFTED or fix is not None
        lines.append(Line(mark, whose, is_excluded, is_held, fix))
    return Field(component, sharers, lines, conflicts)


@dataclass(frozen=True)
class Move:
    """A script and whose it would be to mark."""

    line: Line
    after: Person | None

    @property
    def changes(self) -> bool:
        """Whether it would be somebody else's than now."""
        return self.after is not self.line.holder


@dataclass(frozen=True)
class Proposal:
    """What sharing out would come to: each script, and how many each marker has before and after."""

    moves: Sequence[Move]
    loads: Sequence[tuple[Sharer, int, int]]

    @property
    def changed(self) -> list[Move]:
        """The scripts that would change hands."""
        return [move for move in self.moves if move.changes and move.after is not None]

    @property
    def left_over(self) -> list[Line]:
        """Those that nobody may mark or has room for."""
        return [move.line for move in self.moves if move.after is None]

    @property
    def seen(self) -> str:
        """What tells whether it is still what was looked at."""
        return fingerprint(
            sorted(
                (move.line.mark.id, move.line.holder and move.line.holder.id, move.after and move.after.id)
                for move in self.moves
            )
        )


def proposal_of(field: Field) -> Proposal:
    """Whose each script would be, by the rule."""
    markers = [Marker(each.person.id, each.weight, each.most) for each in field.sharers]
    asked = [
        Script(
            line.mark.script + line.mark.public_id,
            line.holder.id if line.holder else None,
            field.conflicts[line.mark.enrolment_id],
            line.is_held,
        )
        for line in field.lines
    ]
    found = share_out(asked, markers)
    people: dict[int | None, Person] = {each.person.id: each.person for each in field.sharers}
    moves = []
    for line, script in zip(field.lines, asked, strict=True):
        is_done = line.mark.state is not MarkState.DRAFTED  # whoever marked it has marked it
        moves.append(Move(line, line.holder if is_done else people.get(found[script.key])))
    before = Counter(move.line.holder for move in moves)
    after = Counter(move.after for move in moves)
    return Proposal(moves, [(each, before[each.person], after[each.person]) for each in field.sharers])


def line_of(mark: Mark) -> tuple[Field, Line] | None:
    """One script, with all that giving it to somebody goes by; None where it is not to be marked."""
    field = field_of(mark.component)
    return next(((field, line) for line in field.lines if line.mark.id == mark.id), None)


def evidence_of(who: Principal, public_id: str) -> Mark | None:
    """A mark that `who` reads and with which a logbook was handed in."""
    mark = mark_of(who, public_id)
    return mark if mark and snapshot_at(mark.enrolment_id, mark.submission.received_at) else None

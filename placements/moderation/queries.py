"""What is moderated: the set to draw from, who may moderate it, a draw with its record, and what an adjustment does."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import given, worth
from placements.assessment.rules import BANDS, band
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, Enrolment, ModuleRun, RoleOnRun, RunRole
from placements.cohorts.rules import ModerationKind
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking.queries import is_settled
from placements.moderation.models import ModeratedMark, Moderation, SetAdjustment
from placements.moderation.rules import Script, Why, drawn
from placements.moderation.workflow import ModerationState
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement

EDGES = [each for each in BANDS if each]
GONE_ON = (ModerationState.DRAWN, ModerationState.IN_PROGRESS, ModerationState.CLOSED)


def rule_of(component: Component) -> str:
    """The component's rule in words, so that anybody can draw by it."""
    if component.moderation["kind"] == ModerationKind.ALL:
        return "Every mark of the set."
    return (
        f"Every fail (below {min(EDGES)}) and every mark within {component.borderline} of {_edges_said()}. "
        "Of the others, as many as the square root of the number of marks in the set, rounded up: one from each band "
        "of each marker in turn, by lot. And one of each marker who has marked no other run before and is not in the "
        "sample by then. The lot is the SHA-256 of the seed, a colon and the key of the script (of a band: its lowest "
        "mark, a space and the key of the marker). The lowest comes first."
    )


def _edges_said() -> str:
    *rest, last = (str(each) for each in sorted(EDGES))
    return f"{', '.join(rest)} or {last}"


def to_draw_from(component: Component, attempt: int | None = None) -> Sequence[Mark]:
    """The marks that can be moderated now: submitted by a person, one mark, neither moderated nor being so.

    They are of one attempt, which is a set of its own: the one asked for, or else the first of which any wait.
    """
    going_on = exists().where(
        ModeratedMark.mark_id == Mark.id,
        ModeratedMark.moderation_id == Moderation.id,
        Moderation.state.in_(GONE_ON),
    )
    found = select(Mark).join(Mark.enrolment).join(Mark.component).where(Mark.component_id == component.id)
    found = found.where(Mark.state == MarkState.SUBMITTED, Mark.marker_id.is_not(None))
    found = found.where(Mark.moderated_at.is_(None), is_settled(), Enrolment.state.not_in(LEFT), ~going_on)
    if attempt is not None:
        found = found.where(Mark.attempt == attempt)
    marks = db.session.scalars(
        found.options(
            contains_eager(Mark.enrolment).joinedload(Enrolment.person),
            contains_eager(Mark.component),
            joinedload(Mark.marker),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            selectinload(Mark.placements).joinedload(Placement.challenge),
        ).order_by(Mark.attempt, Mark.id)
    ).all()
    return [each for each in marks if each.attempt == marks[0].attempt]


def first_timers(run_id: int, marker_ids: Iterable[int]) -> set[int]:
    """Who of these has submitted no mark in another run. One query."""
    ids = set(marker_ids)
    before = (
        select(Mark.marker_id).join(Mark.enrolment).where(Enrolment.run_id != run_id, Mark.submitted_at.is_not(None))
    )
    return ids - set(db.session.scalars(before.where(Mark.marker_id.in_(ids)).distinct()))


def sample_of(component: Component, marks: Sequence[Mark], new: set[int], seed: str) -> dict[str, Why]:
    """The sample of these marks by the component's rule, by their public ids."""
    if component.moderation["kind"] == ModerationKind.ALL:
        return {each.public_id: Why.ALL for each in marks}
    scripts = [
        Script(each.public_id, each.marker.public_id, given(each) or 0, each.marker_id in new)
        for each in marks
        if each.marker
    ]
    return drawn(scripts, component.borderline, EDGES, seed)


def seed_of(component: Component, attempt: int) -> tuple[str, int]:
    """The seed of the next draw of an attempt, and its number. It is nobody's choice: what is discarded comes again."""
    counted = select(func.count(Moderation.id)).where(Moderation.component_id == component.id)
    every = db.session.scalar(counted.where(Moderation.attempt == attempt)) or 0
    settled = counted.where(Moderation.attempt == attempt, Moderation.state != ModerationState.DISCARDED)
    return f"{component.public_id}-{attempt}-{(db.session.scalar(settled) or 0) + 1}", every + 1


def moderators(run_id: int) -> Sequence[Person]:
    """Who moderates the run, by name."""
    found = select(Person).join(RoleOnRun, RoleOnRun.person_id == Person.id)
    found = found.where(RoleOnRun.run_id == run_id, RoleOnRun.role == RunRole.MODERATOR)
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name, Person.id)).all()


def able(people: Sequence[Person], sampled: Sequence[Mark]) -> list[Person]:
    """Who of them marked none of these scripts, and has no side with an organisation behind them. One query."""
    organisations = {each.challenge.organisation_id for mark in sampled for each in mark.placements}
    interests = select(Interest.person_id).where(
        Interest.organisation_id.in_(organisations), Interest.ended_at.is_(None)
    )
    contacts = select(Contact.person_id).where(Contact.organisation_id.in_(organisations), Contact.left_on.is_(None))
    barred = set(db.session.scalars(interests.union(contacts)))
    for mark in sampled:
        barred |= {each for each in (mark.marker_id, mark.second_id, mark.enrolment.person_id) if each}
        barred |= {each.supervisor_id for each in mark.placements}
    return [each for each in people if each.id not in barred]


def moderation_of(who: Principal, public_id: str) -> Moderation | None:
    """A draw that one moderates, or of a run that one leads, with every mark of the set. Three queries."""
    led = Component.run_id.in_(who.held_on("leader"))
    found = select(Moderation).join(Moderation.component).where(Moderation.public_id == public_id)
    scripts = selectinload(Moderation.scripts)
    return db.session.scalar(
        found.where(or_(Moderation.moderator_id == who.person_id, led)).options(
            contains_eager(Moderation.component).joinedload(Component.run),
            joinedload(Moderation.moderator),
            scripts.joinedload(ModeratedMark.marker),
            scripts.joinedload(ModeratedMark.mark).joinedload(Mark.enrolment).joinedload(Enrolment.person),
            scripts.joinedload(ModeratedMark.mark).joinedload(Mark.submission),
            selectinload(Moderation.adjustments).joinedload(SetAdjustment.marker),
        )
    )


def script_of(who: Principal, public_id: str) -> ModeratedMark | None:
    """A script of a sample that one moderates, with the work and its mark."""
    found = select(ModeratedMark).join(ModeratedMark.moderation).where(ModeratedMark.public_id == public_id)
    found = found.where(Moderation.moderator_id == who.person_id, ModeratedMark.why.is_not(None))
    mark = joinedload(ModeratedMark.mark)
    student = mark.joinedload(Mark.enrolment)
    return db.session.scalar(
        found.options(
            contains_eager(ModeratedMark.moderation).joinedload(Moderation.component),
            joinedload(ModeratedMark.marker),
            student.joinedload(Enrolment.person),
            student.joinedload(Enrolment.run),
            mark.joinedload(Mark.component).selectinload(Component.criteria),
            mark.joinedload(Mark.submission).selectinload(Submission.files),
            mark.selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            mark.selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
        )
    )


def desk(who: Principal) -> Sequence[Moderation]:
    """What one moderates, the latest first. Two queries."""
    found = select(Moderation).where(Moderation.moderator_id == who.person_id).order_by(Moderation.id.desc())
    return db.session.scalars(
        found.options(joinedload(Moderation.component).joinedload(Component.run), selectinload(Moderation.scripts))
    ).all()


def left_to_read(who: Principal) -> int:
    """How many scripts of one's samples have no record yet. One query."""
    found = select(func.count(ModeratedMark.id)).join(ModeratedMark.moderation)
    found = found.where(Moderation.moderator_id == who.person_id, ModeratedMark.why.is_not(None))
    found = found.where(Moderation.state.in_((ModerationState.DRAWN, ModerationState.IN_PROGRESS)))
    return db.session.scalar(found.where(ModeratedMark.agrees.is_(None))) or 0


@dataclass(frozen=True)
class Part:
    """One component of a run: its draws, the latest first, and how many marks wait for the next, by attempt."""

    component: Component
    draws: Sequence[Moderation]
    waiting: Mapping[int, int]
    unfinished: int  # marks that are not in, or not one mark yet

    @property
    def to_draw(self) -> list[int]:
        """The attempts that a sample can be drawn from now: some wait, and no draw of theirs is open."""
        taken = {each.attempt for each in self.draws if each.state in GONE_ON}
        return [attempt for attempt in self.waiting if attempt not in taken]

    @property
    def is_asked_for(self) -> bool:
        """Somebody else looks at its marks before they are released."""
        return self.component.moderation["kind"] != ModerationKind.NONE


def parts_of(run: ModuleRun, components: Sequence[Component]) -> list[Part]:
    """How far moderation is with these components of the run. Four queries."""
    draws: defaultdict[int, list[Moderation]] = defaultdict(list)
    found = select(Moderation).join(Moderation.component).where(Component.run_id == run.id)
    found = found.options(joinedload(Moderation.moderator), selectinload(Moderation.scripts))
    for each in db.session.scalars(found.order_by(Moderation.id.desc())):
        draws[each.component_id].append(each)
    counted = select(Mark.component_id, func.count()).join(Mark.component).join(Mark.enrolment)
    counted = counted.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT)).group_by(Mark.component_id)
    is_in = (Mark.state == MarkState.SUBMITTED, is_settled())
    free = (Mark.moderated_at.is_(None), Mark.marker_id.is_not(None), Mark.id.not_in(_going_on(run)))
    by_attempt = counted.add_columns(Mark.attempt).group_by(Mark.attempt).order_by(Mark.attempt)
    ready: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for component_id, count, attempt in db.session.execute(by_attempt.where(*is_in, *free)):
        ready[component_id][attempt] = count
    open_ones = or_(Mark.state == MarkState.DRAFTED, (Mark.state == MarkState.SUBMITTED) & ~is_settled())
    unfinished = {row[0]: row[1] for row in db.session.execute(counted.where(open_ones))}
    return [Part(each, draws[each.id], ready[each.id], unfinished.get(each.id, 0)) for each in components]


def to_draw_in(run_ids: Collection[int]) -> Mapping[int, int]:
    """How many marks of each of these runs wait for a sample to be drawn, where all of their set are in. One query."""
    is_unfinished = or_(Mark.state == MarkState.DRAFTED, ~is_settled())
    is_free = and_(Mark.marker_id.is_not(None), Mark.moderated_at.is_(None))
    drawn_already = exists().where(
        Moderation.component_id == Mark.component_id,
        Moderation.attempt == Mark.attempt,
        Moderation.state.in_(GONE_ON),
    )
    found = select(Component.run_id, func.sum(case((is_free, 1), else_=0))).join(Mark.component).join(Mark.enrolment)
    found = found.where(Component.run_id.in_(run_ids), Enrolment.state.not_in(LEFT), ~drawn_already)
    found = found.where(Component.moderation["kind"].as_string() != ModerationKind.NONE.value)
    found = found.where(Mark.state.in_((MarkState.DRAFTED, MarkState.SUBMITTED)))
    found = found.group_by(Component.run_id, Mark.component_id, Mark.attempt)
    waiting: Counter[int] = Counter()
    for run_id, count in db.session.execute(found.having(func.sum(case((is_unfinished, 1), else_=0)) == 0)):
        waiting[run_id] += count
    return waiting


def _going_on(run: ModuleRun) -> Select[int]:
    found = select(ModeratedMark.mark_id).join(ModeratedMark.moderation).join(Moderation.component)
    return found.where(Component.run_id == run.id, Moderation.state.in_(GONE_ON))


@dataclass(frozen=True)
class Change:
    """What an adjustment makes of one mark."""

    script: ModeratedMark
    before: int
    after: int

    @property
    def crosses(self) -> bool:
        """It comes into another band."""
        return band(self.before) != band(self.after)


def changes(moderation: Moderation, points: int, marker_id: int | None) -> list[Change]:
    """What adding the points would make of each mark of the set, or of one marker's part, after lateness and cap."""
    part = [each for each in moderation.scripts if marker_id in (None, each.marker_id)]
    found = []
    for each in part:
        after = worth(each.mark, more=points)
        if after is not None and after.mark is not None and each.mark.mark is not None:
            found.append(Change(each, each.mark.mark, after.mark))
    return found


def spread_of(marks: Iterable[int]) -> Mapping[int, int]:
    """How many marks lie in each band, by its lowest mark, the lowest band first."""
    counts = Counter(band(each) for each in marks)
    return {lowest: counts[lowest] for lowest in sorted(BANDS)}


def markers_of(moderation: Moderation) -> list[Person]:
    """Whose marks are in the set, by name."""
    return sorted({each.marker for each in moderation.scripts}, key=lambda each: (each.family_name, each.given_name))

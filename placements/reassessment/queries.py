"""Where each student of a run stands beyond their marks: attempts, what is deferred or waived, claims, and hours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from placements.assessment.models import Mark, Submission
from placements.assessment.outcomes import Outcome
from placements.assessment.queries import RELEASED, is_called, published_due_at
from placements.assessment.rules import mitigation_closes_on
from placements.assessment.work import confirmed_minutes, hours_short, outcome_of
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.queries import closed_days, my_enrolments
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db
from placements.feedback.queries import Standing as FeedbackStanding
from placements.feedback.queries import standings as feedback_standings
from placements.people.models import Person
from placements.reassessment.models import Mitigation, ReassessmentTask, Waiver
from placements.reassessment.rules import INSTEAD
from placements.reassessment.workflow import ClaimState


@dataclass(frozen=True)
class Standing:
    """One student of a run, with all attempts, marks (released or not), claims and confirmed minutes."""

    enrolment: Enrolment
    components: Sequence[Component]
    submissions: Sequence[Submission] = ()
    marks: Sequence[Mark] = ()
    claims: Sequence[Mitigation] = ()
    minutes: int = 0
    feedback: FeedbackStanding = FeedbackStanding.NOT_ASKED

    @property
    def is_short(self) -> bool:
        """Whether fewer hours are confirmed than the run's minimum."""
        return self.minutes < self.enrolment.run.minutes_minimum

    @property
    def short(self) -> str | None:
        """What the run does about that; None where there are enough."""
        return hours_short(self.enrolment.run, self.minutes)

    @property
    def deferred(self) -> list[Submission]:
        """The attempts that mitigation put off and that have no released mark yet."""
        known = {(mark.component_id, mark.attempt) for mark in self.marks if mark.state in RELEASED}
        put_off = [each for each in self.submissions if each.deferred_at]
        return [each for each in put_off if (each.component_id, each.attempt) not in known]

    @property
    def waived(self) -> list[Component]:
        """The components that nothing is asked of: waived here, or as the supervisor's feedback that it is."""
        here = {each.component_id for each in self.submissions if each.waived_at}
        there = self.feedback is FeedbackStanding.WAIVED
        return [each for each in self.components if each.id in here or (there and each.kind is ComponentKind.FEEDBACK)]

    @property
    def waived_there(self) -> list[Component]:
        """Those of them that were waived with the supervisor's feedback, and not here."""
        here = {each.component_id for each in self.submissions if each.waived_at}
        return [each for each in self.waived if each.id not in here]

    @property
    def can_be_waived(self) -> list[Component]:
        """The components that are asked of the student: no feedback that was given already."""
        is_given = self.feedback is FeedbackStanding.COMPLETE
        asked = [each for each in self.components if not self.waiver_of(each)]
        return [each for each in asked if not (is_given and each.kind is ComponentKind.FEEDBACK)]

    @property
    def again(self) -> list[Submission]:
        """The attempts at reassessment."""
        return [each for each in self.submissions if each.attempt > 1]

    @property
    def withdrawn(self) -> list[Submission]:
        """The second attempts that were opened by mistake and not opened again since."""
        there = {each.component_id for each in self.again}
        found = [each for each in self.submissions if each.state is SubmissionState.WITHDRAWN]
        return [each for each in found if each.component_id not in there]

    @property
    def pending(self) -> list[Mitigation]:
        """The claims that are not decided."""
        return [each for each in self.claims if each.state is ClaimState.PENDING]

    @property
    def is_confirmed(self) -> bool:
        """Whether the board has confirmed every mark that the student was shown."""
        return all(mark.state is not MarkState.PROVISIONAL for mark in self.marks)

    def outcome(self, *states: MarkState) -> Outcome | None:
        """The module's mark and result by the marks in one of these states: released ones, where none are said."""
        known = [mark for mark in self.marks if mark.state in (states or RELEASED)]
        return outcome_of(self.components, known, self.submissions, self.short)

    @property
    def to_open(self) -> list[Component]:
        """What the student is to take again, and cannot yet: by released marks, without what is being opened."""
        found = self.outcome()
        there = {each.component_id for each in self.again}
        again = found.reassess if found else ()
        return [each for each in self.components if each.kind.value in again and each.id not in there]

    def attempt_at(self, component: Component) -> Submission | None:
        """The latest attempt, where anything is known of one."""
        known = [each for each in self.submissions if each.component_id == component.id]
        return max(known, key=lambda each: each.attempt, default=None)

    def waiver_of(self, component: Component) -> bool:
        """Whether the component is waived."""
        return component in self.waived


STANDS = {  # what a run's students can be narrowed to
    "pending": "A claim waits for its decision",
    "deferred": "Deferred",
    "to_open": "To be reassessed, not opened yet",
    "again": "Reassessment opened",
    "waived": "Something is waived",
    "is_short": "Too few hours confirmed",
}


def standing_of(run: ModuleRun, text: str | None = None, stands: str | None = None) -> list[Standing]:
    """Every student who studies on the run, by name; of those called `text`, and who stand so. Nine queries."""
    found = select(Enrolment).join(Enrolment.person).where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    if text:
        found = found.where(is_called(text))
    found = found.options(contains_eager(Enrolment.person), joinedload(Enrolment.group), joinedload(Enrolment.run))
    enrolments = db.session.scalars(found.order_by(Person.family_name, Person.given_name, Enrolment.id)).all()
    everybody = standings(enrolments, {run.id: run.components})
    return [each for each in everybody if stands is None or getattr(each, stands)]


def standings(enrolments: Sequence[Enrolment], components: Mapping[int, Sequence[Component]]) -> list[Standing]:
    """The same of these students; `components` by run. Seven queries."""
    ids = [each.id for each in enrolments]
    minutes = confirmed_minutes(ids)
    submissions, marks, claims, feedback = _attempts(ids), _marks(ids), _claims(ids), feedback_standings(ids)
    return [
        Standing(
            each,
            components[each.run_id],
            submissions[each.id],
            marks[each.id],
            claims[each.id],
            minutes[each.id],
            feedback[each.id],
        )
        for each in enrolments
    ]


def shortfalls(run: ModuleRun) -> list[Standing]:
    """The students with fewer confirmed hours than the run's minimum."""
    return standing_of(run, stands="is_short")


def _attempts(ids: Collection[int]) -> defaultdict[int, list[Submission]]:
    found: defaultdict[int, list[Submission]] = defaultdict(list)
    rows = select(Submission).where(Submission.enrolment_id.in_(ids)).order_by(Submission.component_id)
    rows = rows.order_by(Submission.attempt).options(joinedload(Submission.component))
    for row in db.session.scalars(rows):
        found[row.enrolment_id].append(row)
    return found


def _marks(ids: Collection[int]) -> defaultdict[int, list[Mark]]:
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    for row in db.session.scalars(select(Mark).where(Mark.enrolment_id.in_(ids)).order_by(Mark.id)):
        found[row.enrolment_id].append(row)
    return found


def _claims(ids: Collection[int]) -> defaultdict[int, list[Mitigation]]:
    found: defaultdict[int, list[Mitigation]] = defaultdict(list)
    rows = select(Mitigation).join(Mitigation.submission).where(Submission.enrolment_id.in_(ids))
    rows = rows.options(contains_eager(Mitigation.submission).joinedload(Submission.component))
    for row in db.session.scalars(rows.order_by(Mitigation.id)):
        found[row.submission.enrolment_id].append(row)
    return found


def waivers_of(enrolment_ids: Collection[int]) -> Sequence[Waiver]:
    """What is waived for these students now, with the reason."""
    found = select(Waiver).join(Waiver.submission).where(Submission.enrolment_id.in_(enrolment_ids))
    found = found.where(Waiver.ended_at.is_(None)).order_by(Waiver.id)
    whole = contains_eager(Waiver.submission).joinedload(Submission.component)
    return db.session.scalars(found.options(whole, joinedload(Waiver.waived_by))).all()


def waiting_since(run_ids: Collection[int]) -> Mapping[int, Sequence[date]]:
    """When the claims that wait for their decision were made, by run, the oldest first. One query."""
    found: defaultdict[int, list[date]] = defaultdict(list)
    rows = select(Enrolment.run_id, Mitigation.claimed_on).join(Mitigation.submission).join(Submission.enrolment)
    rows = rows.where(Mitigation.state == ClaimState.PENDING, Enrolment.state.not_in(LEFT))
    for run_id, claimed_on in db.session.execute(
        rows.where(Enrolment.run_id.in_(run_ids)).order_by(Mitigation.claimed_on)
    ):
        found[run_id].append(claimed_on)
    return found


def with_references(claims: Sequence[Mitigation]) -> Sequence[Mitigation]:
    """The same claims with their references, which are sensitive."""
    ids = [each.id for each in claims]
    found = select(Mitigation).where(Mitigation.id.in_(ids)).order_by(Mitigation.id)
    whole = joinedload(Mitigation.submission).joinedload(Submission.component)
    whole_claims = db.session.scalars(found.options(undefer(Mitigation.reference), whole))
    return whole_claims.unique().all()


@dataclass(frozen=True)
class Countdown:
    """Until when mitigation can be claimed for a component."""

    component: Component
    closes_on: date


def countdowns(components: Sequence[Component], submissions: Sequence[Submission] = ()) -> list[Countdown]:
    """The last day to claim for each component that has a published deadline; by a student's latest attempts, if given.

    One query.
    """
    closed, found = closed_days(), []
    for component in components:
        own = [each for each in submissions if each.component_id == component.id]
        due_at = published_due_at(max(own, key=lambda each: each.attempt)) if own else component.due_at
        if due_at is not None and component.kind is not ComponentKind.FEEDBACK:
            found.append(Countdown(component, mitigation_closes_on(due_at, closed)))
    return found


def closes_on(submission: Submission) -> date | None:
    """The last day to claim mitigation for an attempt; None where it has no deadline."""
    due_at = published_due_at(submission)
    return mitigation_closes_on(due_at, closed_days()) if due_at else None


def tasks_of(components: Sequence[Component]) -> dict[int, ReassessmentTask]:
    """What is asked instead of each component that students hand in: the run's words, or the usual ones unsaved."""
    ids = [each.id for each in components]
    kept = db.session.scalars(select(ReassessmentTask).where(ReassessmentTask.component_id.in_(ids)))
    known = {each.component_id: each for each in kept}
    asked = [each for each in components if each.kind.value in INSTEAD]
    return {each.id: known.get(each.id) or _usual(each) for each in asked}


def _usual(component: Component) -> ReassessmentTask:
    title, brief = INSTEAD[component.kind.value]
    return ReassessmentTask(component_id=component.id, title=title, brief=brief, version=0)


def fingerprint_of(rows: Sequence[Standing]) -> str:
    """What tells whether a list to be opened is still what was looked at."""
    return fingerprint(sorted((each.enrolment.id, [part.id for part in each.to_open]) for each in rows))


@dataclass(frozen=True)
class Mine:
    """What one student reads of one enrolment."""

    standing: Standing
    waivers: Sequence[Waiver]
    claims: Sequence[Mitigation]
    countdowns: Sequence[Countdown]


def mine(who: Principal) -> list[Mine]:
    """What each of one's own enrolments has of all this, the newest first; of unreleased marks nothing is told."""
    enrolments = [each for each in my_enrolments(who) if each.state not in LEFT]
    rows = standings(enrolments, {each.run_id: each.run.components for each in enrolments})
    waivers = waivers_of([each.id for each in enrolments])
    claims = with_references([claim for row in rows for claim in row.claims])
    return [
        Mine(
            row,
            [each for each in waivers if each.submission.enrolment_id == row.enrolment.id],
            [each for each in claims if each.submission.enrolment_id == row.enrolment.id],
            countdowns(row.components, row.submissions),
        )
        for row in rows
    ]


def enrolment_of(who: Principal, public_id: str) -> Enrolment | None:
    """A student of a run that `who` leads."""
    found = select(Enrolment).where(Enrolment.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    whole = (joinedload(Enrolment.person), joinedload(Enrolment.group))
    return db.session.scalar(found.options(*whole, joinedload(Enrolment.run).selectinload(ModuleRun.components)))


def standing_of_one(enrolment: Enrolment) -> Standing:
    """Where one student stands."""
    return standings([enrolment], {enrolment.run_id: enrolment.run.components})[0]


def mitigation_of(who: Principal, public_id: str) -> Mitigation | None:
    """A claim of a student of a run that `who` leads."""
    found = select(Mitigation).join(Mitigation.submission).join(Submission.enrolment)
    found = found.where(Mitigation.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(contains_eager(Mitigation.submission).contains_eager(Submission.enrolment)))


def waiver_of(who: Principal, public_id: str) -> Waiver | None:
    """A waiver of such a student."""
    found = select(Waiver).join(Waiver.submission).join(Submission.enrolment)
    found = found.where(Waiver.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(contains_eager(Waiver.submission).contains_eager(Submission.enrolment)))


def attempt_of(who: Principal, public_id: str) -> Submission | None:
    """An attempt of such a student."""
    found = select(Submission).join(Submission.enrolment)
    found = found.where(Submission.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(contains_eager(Submission.enrolment), joinedload(Submission.component)))


def component_of(who: Principal, public_id: str) -> Component | None:
    """A component that students hand in, of a run that `who` leads."""
    found = select(Component).where(Component.public_id == public_id, Component.kind.in_(INSTEAD))
    found = found.where(Component.run_id.in_(who.held_on("leader"))).options(joinedload(Component.run))
    return db.session.scalar(found)


def is_due_later(run: ModuleRun, now: datetime) -> bool:
    """Whether the run has a reassessment deadline that is still to come."""
    return run.reassessment_due_at is not None and run.reassessment_due_at > now


def reopened(enrolment_id: int) -> Sequence[Submission]:
    """The attempts at reassessment that a student has open."""
    found = select(Submission).where(Submission.enrolment_id == enrolment_id, Submission.attempt > 1)
    found = found.where(Submission.state == SubmissionState.OPEN).order_by(Submission.component_id)
    return [each for each in db.session.scalars(found.options(joinedload(Submission.component))) if each.is_asked]

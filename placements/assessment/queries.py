"""What may be seen of work handed in, and a student's own: what is asked for, what is in, and released marks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.assessment.models import CriterionScore, Mark, Submission, SubmissionFile
from placements.assessment.rules import (
    Attempt,
    AttemptMark,
    LatePolicy,
    Score,
    attempt_mark,
    feedback_due_at,
    is_on_time,
    last_accepted_at,
    read_late_policy,
    rubric_mark,
)
from placements.assessment.workflow import MarkState, SubmissionState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, TimeslotGroup
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db
from placements.drafting.queries import Piece
from placements.history.queries import Happening
from placements.people.models import Person
from placements.placing.models import Placement

RELEASED = (MarkState.PROVISIONAL, MarkState.CONFIRMED)
HANDED_IN = (SubmissionState.RECEIVED, SubmissionState.LATE)
NOTHING = "nothing"
CLOSE = timedelta(minutes=30)  # ours
STANDINGS = {  # how far one student's work on one component is
    NOTHING: "Nothing in",
    MarkState.DRAFTED.value: "To be marked",
    MarkState.SUBMITTED.value: "Marked",
    MarkState.PROVISIONAL.value: "Released",
    MarkState.CONFIRMED.value: "Confirmed",
}


@dataclass(frozen=True)
class Task:
    """One component for one student, and what is in so far of their latest attempt at it; None: nothing is known."""

    component: Component
    enrolment: Enrolment
    submission: Submission | None

    @property
    def policy(self) -> LatePolicy:
        """What happens to late work."""
        return read_late_policy(self.component.late_policy)

    @property
    def due_at(self) -> datetime | None:
        """The student's own deadline."""
        return self.submission.own_due_at if self.submission else self.component.due_at

    @property
    def attempt(self) -> int:
        """Which attempt it is: the first, or one at reassessment."""
        return self.submission.attempt if self.submission else 1

    @property
    def is_handed_in(self) -> bool:
        """Whether the student hands it in themselves: a portfolio, a second attempt at anything, another task."""
        if self.component.kind is ComponentKind.PORTFOLIO or self.attempt > 1:
            return True
        return self.submission is not None and self.submission.instead is not None

    @property
    def piece(self) -> Piece:
        """What a draft of it is kept by."""
        return Piece(self.component.id, self.enrolment.id, self.attempt)

    @property
    def is_asked(self) -> bool:
        """Whether the attempt is neither waived, nor put off without a new date."""
        return self.submission is None or self.submission.is_asked

    @property
    def is_current(self) -> bool:
        """Whether the student still studies on the run."""
        return self.enrolment.state not in LEFT

    @property
    def is_in(self) -> bool:
        """Whether something was handed in, on time or late."""
        return self.submission is not None and self.submission.state in HANDED_IN

    def is_open(self, now: datetime) -> bool:
        """Whether what arrives at `now` is on time."""
        return self.due_at is not None and is_on_time(now, self.due_at)

    def is_close(self, now: datetime) -> bool:
        """Whether the deadline is so close that one should hand in first and check afterwards."""
        return self.due_at is not None and self.is_open(now) and now > self.due_at - CLOSE

    def counts(self, at: datetime) -> bool:
        """Whether what arrives then is a submission: on time, or as late as the policy accepts."""
        return self.due_at is not None and at <= last_accepted_at(self.due_at, self.policy)

    @property
    def feedback_due_at(self) -> datetime | None:
        """When the mark and the feedback are due."""
        return marking_due_at(self.component, self.submission)


_IS_OVERTAKEN = and_(Submission.attempt == 1, Submission.deferred_at.is_(None), Component.due_at > Submission.due_at)
OWN_DEADLINE = case(  # as `Submission.own_due_at`
    (_IS_OVERTAKEN, Component.due_at), else_=func.coalesce(Submission.due_at, Component.due_at)
)


def marking_due_at(component: Component, submission: Submission | None) -> datetime | None:
    """The component's weeks after the student's own deadline, or where there is none, after the work was in."""
    own = component.due_at if submission is None else submission.own_due_at or submission.received_at
    return feedback_due_at(own, component.feedback_weeks) if own else None


def published_due_at(submission: Submission) -> datetime | None:
    """The deadline that was published to everybody, whatever the student's own: what mitigation is counted from."""
    if submission.attempt > 1:
        return submission.enrolment.run.reassessment_due_at or submission.due_at
    return submission.component.due_at or submission.due_at


def worth(mark: Mark, due_at: datetime | None = None, more: int = 0) -> AttemptMark | None:
    """What an attempt comes to, with the steps of lateness and cap; None until there is something to go by.

    By the student's own deadline, or as if it were `due_at`.

    That is what the two markers agreed, or else the saved scores once every criterion has its own; with what moderation
    adds to the whole set, and `more`, before lateness and cap.
    """
    found = given(mark)
    if found is None:
        return None
    arrived_at = mark.submission.received_at
    due_at = due_at or mark.submission.own_due_at or arrived_at or mark.enrolment.created_at
    attempt = Attempt(found, due_at, arrived_at, mark.attempt, mark.adjustment + more)
    return attempt_mark(attempt, read_late_policy(mark.component.late_policy))


def given(mark: Mark) -> int | None:
    """What its markers gave, before moderation, lateness and cap: as agreed, or by the scores once all are there."""
    if mark.agreed is not None:
        return mark.agreed
    scores = [Score(each.criterion.weight, each.score) for each in mark.scores if each.score is not None]
    return rubric_mark(scores) if len(scores) == len(mark.component.criteria) else None


def is_open_to(who: Principal) -> ColumnElement[bool]:
    """Which marks `who` does not give a second time: whoever does reads nothing of the first before both are in."""
    return or_(Mark.second_id.is_(None), Mark.second_id != who.person_id)


def is_tutored_by(who: Principal) -> ColumnElement[bool]:
    """Which enrolments `who` tutors: by their timeslot group, or by a placement."""
    placed = select(Placement.enrolment_id).where(Placement.id.in_(who.held_on("placement_tutor")))
    return or_(Enrolment.group_id.in_(who.held_on("group_tutor")), Enrolment.id.in_(placed))


def is_read_by(who: Principal) -> ColumnElement[bool]:
    """Whose work `who` reads: their own students', and that of the runs they lead."""
    return or_(is_tutored_by(who), Enrolment.run_id.in_(who.held_on("leader")))


def is_given_to(who: Principal) -> ColumnElement[bool]:
    """Which submissions were given to `who` to mark."""
    same = (Mark.component_id == Submission.component_id, Mark.enrolment_id == Submission.enrolment_id)
    its = select(Mark.id).where(*same, Mark.attempt == Submission.attempt, Mark.id.in_(who.held_on("marker")))
    return its.exists()


def is_nameless() -> ColumnElement[bool]:
    """As `Mark.is_nameless`. Join the mark with its component."""
    return and_(Component.is_anonymous, Mark.state.not_in(RELEASED))


def is_called(text: str) -> ColumnElement[bool]:
    """Whose name holds the words, or whose student number begins with them."""
    name = Person.given_name + " " + Person.family_name
    return or_(name.icontains(text, autoescape=True), Person.student_number.startswith(text, autoescape=True))


def whose(of: type[Submission] | type[Mark]) -> tuple[ORMOption, ...]:
    """The student with run, group and tutor, and the component with its rubric."""
    enrolment = contains_eager(of.enrolment)
    return (
        enrolment.joinedload(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
        enrolment.joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
        joinedload(of.component).selectinload(Component.criteria),
    )


def with_mark() -> ORMOption:
    """A submission's mark as its readers see it, and what decides who may give it."""
    return joinedload(Submission.mark).options(
        joinedload(Mark.marker),
        selectinload(Mark.scores).joinedload(CriterionScore.criterion),
        selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
    )


def submissions() -> Select[Submission]:
    """Whatever was handed in, late or missed, joined with its enrolment, and with all that its pages show."""
    nothing = (SubmissionState.OPEN, SubmissionState.WITHDRAWN)
    found = select(Submission).join(Submission.enrolment).where(Submission.state.not_in(nothing))
    return found.options(*whose(Submission), selectinload(Submission.files))


def submission_seen(who: Principal, public_id: str) -> Submission | None:
    """One's own submission, or one whose work `who` reads."""
    is_own = Enrolment.id.in_(who.held_on("student"))
    is_hidden = Submission.mark.has(Mark.second_id == who.person_id)
    is_seen = or_(is_own, is_read_by(who), is_given_to(who))
    seen = submissions().where(Submission.public_id == public_id, is_seen, ~is_hidden)
    return db.session.scalar(seen.options(with_mark()))


def file_seen(who: Principal, public_id: str) -> SubmissionFile | None:
    """A file of a submission that `who` may see or is asked to mark; an external examiner, of what is open to them."""
    own, examined = Enrolment.id.in_(who.held_on("student")), Submission.id.in_(who.held_on("examines_script"))
    asked = Submission.mark.has(Mark.id.in_(who.held_on("reads_script")))
    return db.session.scalar(
        select(SubmissionFile)
        .join(SubmissionFile.submission)
        .join(Submission.enrolment)
        .where(SubmissionFile.public_id == public_id, or_(own, is_read_by(who), is_given_to(who), examined, asked))
        .options(
            contains_eager(SubmissionFile.submission).contains_eager(Submission.enrolment).joinedload(Enrolment.person),
            contains_eager(SubmissionFile.submission).selectinload(Submission.files),
        )
    )


def neutral_name(handed_in: SubmissionFile) -> str:
    """A name for the file that says the student's number and not what they called it: “26001234-2.pdf”."""
    number = handed_in.submission.enrolment.person.student_number or "script"
    return handed_in.numbered(number)


def knows_whose(who: Principal, mark: Mark) -> bool:
    """Whether somebody may be told whose script it is before it is released: its student, and who leads the run."""
    return who.has("student", mark.enrolment_id) or who.has("leader", mark.enrolment.run_id)


def without_name(happened: Sequence[Happening], mark: Mark) -> list[Happening]:
    """What happened to a script, its student not named."""
    name = mark.enrolment.person.name
    return [replace(each, who="The student") if each.who == name else each for each in happened]


def submission_of(component_id: int, enrolment_id: int) -> Submission | None:
    """The student's latest attempt at a component, once there is one; read anew."""
    found = select(Submission).where(Submission.component_id == component_id, Submission.enrolment_id == enrolment_id)
    found = found.order_by(Submission.attempt.desc()).limit(1).options(selectinload(Submission.files))
    return db.session.scalar(found.execution_options(populate_existing=True))


def task_of(who: Principal, public_id: str) -> Task | None:
    """The piece of work of that component, where files are handed in for it and `who` still studies on its run.

    None too without a deadline, and where it is put off or waived.
    """
    found = (
        select(Enrolment, Component)
        .join(Component, Component.run_id == Enrolment.run_id)
        .where(Component.public_id == public_id, Component.kind != ComponentKind.FEEDBACK)
        .where(Enrolment.id.in_(who.held_on("student")), Enrolment.state.not_in(LEFT))
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.run),
            joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
            selectinload(Component.criteria),
        )
    )
    row = db.session.execute(found).first()
    task = Task(row[1], row[0], submission_of(row[1].id, row[0].id)) if row else None
    return task if task and task.is_handed_in and task.due_at and task.is_asked else None

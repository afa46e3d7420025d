"""Feedback as its readers may see it, what is due to be asked for, and whether the module's part of it is done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.agreements.queries import objectives_of
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.feedback.models import Feedback, FeedbackRating, FeedbackVersion
from placements.feedback.rules import LATE_AFTER, TUTOR_TOLD_AFTER, Occasion, Words, words_of
from placements.feedback.workflow import FEEDBACK, FeedbackState
from placements.links.models import Link
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.workflow import SETTLED
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import followed_by, whole
from placements.placing.workflow import GOING_ON, PlacementState

WRITE_BY_LINK = "feedback.write_by_link"  # what the link is for: the endpoint that it opens
CONFIRMING = (LedgerKind.CONFIRMED, LedgerKind.VERIFIED)


def _with_words() -> tuple[ORMOption, ...]:
    versions = selectinload(Feedback.versions)
    return (
        versions.joinedload(FeedbackVersion.given_by),
        versions.selectinload(FeedbackVersion.ratings).joinedload(FeedbackRating.objective),
        joinedload(Feedback.asked),
    )


def _with_placement() -> ORMOption:
    return joinedload(Feedback.placement).options(*cast(Any, whole()))


def visible_to(who: Principal) -> Select[Feedback]:
    """Of the placements that one follows as student, supervisor, tutor or leader, and of the runs one moderates."""
    followed = followed_by(who).with_only_columns(Placement.id)
    moderated = Enrolment.run_id.in_(who.held_on("moderator"))
    found = select(Feedback).join(Feedback.placement).join(Placement.enrolment)
    return found.where(or_(Placement.id.in_(followed), moderated))


def feedback_of(who: Principal, public_id: str) -> Feedback | None:
    """The feedback at that address, with its placement and every version. Four queries."""
    found = visible_to(who).where(Feedback.public_id == public_id)
    return db.session.scalar(found.options(_with_placement(), *_with_words()))


def feedback_to_tell_of(feedback_id: int) -> Feedback:
    """The same for those who write to people about it, and for whoever holds a link to it."""
    return db.session.get_one(Feedback, feedback_id, options=(_with_placement(), *_with_words()))


def placement_followed(who: Principal, public_id: str) -> Placement | None:
    """The placement at that address, whole, where `who` may know what is agreed and done."""
    return db.session.scalar(followed_by(who).where(Placement.public_id == public_id).options(*whole()))


def on_placements(placement_ids: Collection[int]) -> Sequence[Feedback]:
    """What was asked for and given on those placements, half way first. Three queries; one where there is nothing."""
    found = select(Feedback).where(Feedback.placement_id.in_(placement_ids)).order_by(Feedback.id)
    rows = db.session.scalars(found.options(*_with_words())).all()
    return sorted(rows, key=lambda each: (each.placement_id, each.occasion is Occasion.FINAL))


def asked_of(placement_id: int, occasion: Occasion) -> Feedback | None:
    """The one row of that placement and occasion, read anew."""
    found = select(Feedback).where(Feedback.placement_id == placement_id, Feedback.occasion == occasion)
    return db.session.scalar(found.execution_options(populate_existing=True))


def final_of(enrolment_id: int) -> Sequence[Placement]:
    """The student's placements of which final feedback is asked, or may be, in their order. One query."""
    was_asked = select(Feedback.id).where(Feedback.placement_id == Placement.id, Feedback.occasion == Occasion.FINAL)
    may_be = Placement.state.in_((*GOING_ON, PlacementState.COMPLETED))
    found = select(Placement).where(Placement.enrolment_id == enrolment_id, or_(may_be, was_asked.exists()))
    return db.session.scalars(found.order_by(Placement.id)).all()


def draft_of(feedback: Feedback) -> Words | None:
    """What the supervisor has written and not given, about the objectives as they are. One query."""
    if feedback.draft is None:
        return None
    return words_of(feedback.draft, [each.id for each in objectives_of(feedback.placement_id)])


def words_given(version: FeedbackVersion | None) -> Words | None:
    """What a version said."""
    if version is None:
        return None
    ratings = {each.objective_id: each.rating for each in version.ratings}
    return Words(ratings, version.strengths, version.next_steps)


def is_overtaken() -> ColumnElement[bool]:
    """Nobody asks for the interim feedback any more once the final one is asked for, or the placement has ended."""
    final, of = aliased(Feedback), aliased(Placement)
    later = select(final.id).where(final.placement_id == Feedback.placement_id, final.occasion == Occasion.FINAL)
    ended = select(of.id).where(of.id == Feedback.placement_id, of.state.not_in(GOING_ON))
    return and_(Feedback.occasion == Occasion.INTERIM, or_(later.exists(), ended.exists()))


def waits_for(person_id: int | None) -> Select[Feedback]:
    """What a supervisor is asked for and has not given, the longest asked first."""
    found = select(Feedback).join(Feedback.placement).join(Placement.enrolment)
    return found.where(
        Feedback.state == FeedbackState.REQUESTED,
        Placement.supervisor_id == person_id,
        Enrolment.person_id != person_id,
        ~is_overtaken(),
    ).order_by(Feedback.asked_at, Feedback.id)


def unread_on_placement() -> ScalarSelect[str]:
    """What the student has not said they have read, by its public id, as a column beside the placement."""
    newer = select(FeedbackVersion.id).where(
        FeedbackVersion.feedback_id == Feedback.id, FeedbackVersion.number > Feedback.read_number
    )
    given = select(func.min(Feedback.public_id)).where(Feedback.state == FeedbackState.RECEIVED, newer.exists())
    return given.where(Feedback.placement_id == Placement.id).correlate(Placement).scalar_subquery()


def silent(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Asked for so long ago, and chased twice, that the tutor has to do something."""
    return (
        Feedback.state == FeedbackState.REQUESTED,
        Feedback.asked_at <= now - TUTOR_TOLD_AFTER,
        ~is_overtaken(),
    )


def requests(
    who: Principal, text: str | None, state: FeedbackState | None, size: int, number: int
) -> tuple[Sequence[Feedback], int]:
    """One page of what one's students' supervisors, or oneself, were asked for: what waits first. One query."""
    rows = visible_to(who).join(Enrolment.person).join(Placement.challenge).join(Challenge.organisation)
    rows = rows.where(Enrolment.person_id != who.person_id)
    if text:
        rows = rows.where((Person.given_name + " " + Person.family_name).icontains(text, autoescape=True))
    if state is not None:
        rows = rows.where(Feedback.state == state)
    placement = contains_eager(Feedback.placement)
    challenge = placement.contains_eager(Placement.challenge)
    rows = rows.order_by((Feedback.state != FeedbackState.REQUESTED), Feedback.asked_at, Feedback.id)
    return slice_of(
        rows,
        size,
        number,
        placement.contains_eager(Placement.enrolment).contains_eager(Enrolment.person),
        challenge.contains_eager(Challenge.organisation),
        placement.joinedload(Placement.supervisor),
    )


@dataclass(frozen=True)
class Invitation:
    """A link to give feedback, and what it is about."""

    link: Link
    feedback: Feedback

    @property
    def is_theirs(self) -> bool:
        """Its holder still supervises the placement, so may give it, with a new link if this one has run out."""
        placement, holder = self.feedback.placement, self.link.holder_id
        is_supervisor = placement.supervisor_id == holder != placement.enrolment.person_id
        return is_supervisor and FEEDBACK.allows(self.feedback.state, "give")

    def can_write(self, now: datetime) -> bool:
        """The link works. It is not used up by giving: until it runs out, what was given can be corrected by it."""
        return self.is_theirs and self.link.is_open(now)


def invitation_of(link: Link) -> Invitation:
    """The link with what it is about. Three queries."""
    return Invitation(link, feedback_to_tell_of(link.about_id))


def to_ask(asked_at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """The placements whose supervisor may be asked for something at `asked_at`, with what decides it. One query.

    `interim` and `final` say whether it was asked for before; `minutes` were confirmed before then.
    """
    day = today(asked_at)
    has = {each: _was_asked(each) for each in Occasion}
    is_over = Placement.ended_on.between(day - LATE_AFTER, day)
    return db.session.execute(
        select(
            *(Placement.id, Placement.state, Placement.starts_on, Placement.ends_on, ModuleRun.minutes_target),
            _minutes(asked_at).label("minutes"),
            *(each.label(name.value) for name, each in has.items()),
        )
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(
            Placement.agreed_at < asked_at,
            or_(Placement.state == PlacementState.ACTIVE, and_(Placement.state == PlacementState.COMPLETED, is_over)),
            Placement.supervisor_id != Enrolment.person_id,
            ~has[Occasion.FINAL],
        )
        .order_by(Placement.id)
    ).all()


def _was_asked(occasion: Occasion) -> ColumnElement[bool]:
    return select(Feedback.id).where(Feedback.placement_id == Placement.id, Feedback.occasion == occasion).exists()


def _minutes(before: datetime) -> ScalarSelect[int]:
    """What of an enrolment's hours was confirmed before then, and still is."""
    said = select(LedgerEvent.id).where(
        LedgerEvent.entry_id == Entry.id, LedgerEvent.kind.in_(CONFIRMING), LedgerEvent.at < before
    )
    of = aliased(Placement)
    found = select(func.coalesce(func.sum(Entry.minutes), 0)).join(of, of.id == Entry.placement_id)
    found = found.where(of.enrolment_id == Enrolment.id, Entry.state.in_(SETTLED), said.exists())
    return found.correlate(Enrolment).scalar_subquery()


def asked_of_another() -> Sequence[Feedback]:
    """What was asked of a supervisor who is no longer the placement's, and is still wanted. One query."""
    found = select(Feedback).join(Feedback.placement).join(Placement.enrolment)
    found = found.where(
        Feedback.state == FeedbackState.REQUESTED,
        Feedback.asked_id != Placement.supervisor_id,
        Placement.supervisor_id != Enrolment.person_id,
        ~is_overtaken(),
    )
    return db.session.scalars(found.order_by(Feedback.id).options(_with_placement())).all()


class Standing(StrEnum):
    """How far a student's required final feedback is."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    NOT_OBTAINABLE = "not_obtainable"
    WAIVED = "waived"
    COMPLETE = "complete"


STANDINGS = {  # by the state of one piece of final feedback; of several placements the furthest says it
    FeedbackState.REQUESTED: Standing.ASKED,
    FeedbackState.NOT_OBTAINABLE: Standing.NOT_OBTAINABLE,
    FeedbackState.WAIVED: Standing.WAIVED,
    FeedbackState.RECEIVED: Standing.COMPLETE,
}
ORDER = list(Standing)


def standings(enrolment_ids: Collection[int]) -> dict[int, Standing]:
    """How far the required final feedback of each of those students is. One query."""
    rows = db.session.execute(
        select(Placement.enrolment_id, Feedback.state)
        .join(Feedback, Feedback.placement_id == Placement.id)
        .where(Placement.enrolment_id.in_(enrolment_ids), Feedback.occasion == Occasion.FINAL)
    )
    found = dict.fromkeys(enrolment_ids, Standing.NOT_ASKED)
    for enrolment_id, state in rows:
        found[enrolment_id] = max(found[enrolment_id], STANDINGS[state], key=ORDER.index)
    return found


def counts_in(run: ModuleRun) -> dict[Standing, int]:
    """How many of those who study on the run stand where with it. One query."""
    furthest = func.max(_rank()).label("rank")
    rows = (
        select(Enrolment.id, furthest)
        .outerjoin(Placement, Placement.enrolment_id == Enrolment.id)
        .outerjoin(Feedback, and_(Feedback.placement_id == Placement.id, Feedback.occasion == Occasion.FINAL))
        .where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
        .group_by(Enrolment.id)
    ).subquery()
    counted = db.session.execute(select(rows.c.rank, func.count()).group_by(rows.c.rank)).all()
    found = dict.fromkeys(Standing, 0)
    for rank, count in counted:
        found[ORDER[rank or 0]] += count
    return found


def _rank() -> ColumnElement[int]:
    return case({state: ORDER.index(standing) for state, standing in STANDINGS.items()}, value=Feedback.state, else_=0)

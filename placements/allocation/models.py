"""The attempts to solve a round, and the matches that it is to publish, each with its reasons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.allocation.why import Told
from placements.allocation.workflow import AttemptState
from placements.applications.rules import Unsuitable
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.offers.models import Offer
from placements.people.models import Person
from placements.rounds.models import Round
from placements.rounds.rules import REASON_LENGTH


class Question:
    """What the solver is asked, and how far that is: frozen inputs by a rule, then a checked result or a problem.

    `reasons`: the canonical text of why nobody is at a choice they ranked higher, where it `has_reasons`. `progress` is
    what the solver last said of itself. `leased_until` is machine time.
    """

    id: Mapped[Key]
    rule: Mapped[str] = mapped_column(String(40))
    state: Mapped[AttemptState] = one_of(AttemptState, default=AttemptState.QUEUED)
    instance: Mapped[str] = mapped_column(Text, deferred=True)  # the canonical text that the hash is of
    instance_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(Text, deferred=True)
    reasons: Mapped[str | None] = mapped_column(Text, deferred=True)
    problem: Mapped[str | None] = mapped_column(String(500))
    progress: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]

    @property
    def has_reasons(self) -> bool:
        """Whether the solver writes reasons down: only students of a round that may be staged ever read them."""
        return False


class Attempt(Question, Model):
    """One solve of a round. `staged_at` says which one the matches are of.

    With a `base_id` it is a trial: what `changes` (JSON, see solver.changes) would make of that other attempt. A trial
    is never staged.
    """

    __tablename__ = "attempt"
    __table_args__ = (check_one_of("state", AttemptState), Index(None, "round_id"), Index(None, "state"))

    public_id: Mapped[str] = public_id()
    round_id: Mapped[int] = mapped_column(ForeignKey("allocation_round.id"))
    staged_at: Mapped[datetime | None]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    changes: Mapped[str | None] = mapped_column(Text)

    round: Mapped[Round] = relationship()
    base: Mapped[Attempt | None] = relationship(remote_side="Attempt.id")

    @property
    def has_reasons(self) -> bool:
        """Any attempt may be staged, and a trial never."""
        return self.base_id is None


class Match(Model):
    """What a round tells one student: a challenge with its rank, or none. An override carries its reason.

    `offer_id` is what publishing made of it; `held_id`, in a repair, the unanswered offer that its student had when it
    was staged: to the same challenge it stays as it is.
    """

    __tablename__ = "match"
    __table_args__ = (UniqueConstraint("round_id", "enrolment_id"), Index(None, "challenge_id"))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    round_id: Mapped[int] = mapped_column(ForeignKey("allocation_round.id", ondelete="CASCADE"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    rank: Mapped[int | None]  # None: unplaced, or placed by hand where it was not ranked
    overridden_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    held_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))

    round: Mapped[Round] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    challenge: Mapped[Challenge | None] = relationship()
    overridden_by: Mapped[Person | None] = relationship()
    offer: Mapped[Offer | None] = relationship(foreign_keys=offer_id)
    held: Mapped[Offer | None] = relationship(foreign_keys=held_id)
    reasons: Mapped[list[MatchReason]] = relationship(order_by="MatchReason.rank", passive_deletes=True)


class MatchReason(Model):
    """Why a match is not one of the choices that its student ranked higher. They read it once the round is published.

    `unsuitable`: what the organisation said, from its list, where a module leader agreed.
    """

    __tablename__ = "match_reason"
    __table_args__ = (
        UniqueConstraint("match_id", "challenge_id"),
        check_one_of("why", Told),
        check_one_of("unsuitable", Unsuitable),
    )

    id: Mapped[Key]
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id", ondelete="CASCADE"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    rank: Mapped[int]
    why: Mapped[Told] = one_of(Told)
    unsuitable: Mapped[Unsuitable | None] = one_of(Unsuitable)

    challenge: Mapped[Challenge] = relationship()

"""What module leaders have changed in a round's inputs, as it stands, and a change in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.partners.models import Organisation
from placements.rounds.models import Adjustment, Round
from placements.rounds.workflow import AdjustmentKind
from placements.solver.changes import Change, Kind

WHOLE: tuple[ORMOption, ...] = (
    joinedload(Adjustment.enrolment).joinedload(Enrolment.person),
    joinedload(Adjustment.challenge).joinedload(Challenge.organisation),
    joinedload(Adjustment.organisation),
    joinedload(Adjustment.made_by),
)


def standing(round: Round) -> Sequence[Adjustment]:
    """The round's adjustments that are not undone, the first made first. One query."""
    rows = select(Adjustment).where(Adjustment.round_id == round.id, Adjustment.undone_at.is_(None))
    return db.session.scalars(rows.options(*WHOLE).order_by(Adjustment.id)).all()


def of_kind(adjustments: Sequence[Adjustment], kind: AdjustmentKind) -> Mapping[int, int]:
    """What one kind says, by challenge, or by organisation for ceilings; the latest where there are two."""
    found = [each for each in adjustments if each.kind is kind and each.number is not None]
    return {each.challenge_id or each.organisation_id or 0: each.number or 0 for each in found}


@dataclass(frozen=True)
class Wanted:
    """A `solver.changes.Change` with the things that it names: as staff read it, and as it is made so.

    Never of a tutor's load: no tutors stand in a round's inputs.
    """

    kind: Kind
    enrolment: Enrolment | None = None
    challenge: Challenge | None = None
    organisation: Organisation | None = None
    number: int = 0

    @property
    def owner(self) -> Organisation | None:
        """The organisation that it is about."""
        return self.challenge.organisation if self.challenge else self.organisation

    @property
    def words(self) -> str:
        """What it does, as an instruction: “Place Ada Okoro in The park”."""
        who = self.enrolment.person.name if self.enrolment else ""
        what = f"“{self.challenge.title}”" if self.challenge else ""
        owner = self.organisation.name if self.organisation else ""
        students = _many(self.number, "student")
        return {
            Kind.LOCK: f"Place {who} in {what}",
            Kind.UNLOCK: f"Undo the lock of {who} to {what}",
            Kind.FORBID: f"Keep {who} out of {what}",
            Kind.ALLOW: f"Let {who} have {what} again",
            Kind.PLACES: f"Give {what} {_many(self.number, 'place')} in this round",
            Kind.MINIMUM: f"Let {what} run with {students} or more",
            Kind.CEILING: f"Let {owner} have {students} at most from this round",
        }[self.kind]


def wanted_of(adjustment: Adjustment) -> Wanted:
    """The adjustment as the change that it is."""
    return Wanted(
        Kind(adjustment.kind.value),
        adjustment.enrolment,
        adjustment.challenge,
        adjustment.organisation,
        adjustment.number or 0,
    )


def named(change: Change, students: Mapping[str, Enrolment], challenges: Mapping[str, Challenge]) -> Wanted:
    """The change with its things: students by their key in the round, challenges by their public id."""
    is_ceiling = change.kind is Kind.CEILING
    owners = {each.organisation.public_id: each.organisation for each in challenges.values()} if is_ceiling else {}
    return Wanted(
        change.kind,
        students[change.student] if change.student else None,
        None if is_ceiling else challenges[change.about],
        owners.get(change.about),
        change.number,
    )


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

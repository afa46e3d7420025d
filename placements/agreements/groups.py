"""Those who work on one challenge, and have one Agreement with a part each: who they are, and what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from placements.agreements.models import Agreement, GroupPart
from placements.agreements.queries import versions_of
from placements.agreements.rules import SHARED
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import GOING_ON


@dataclass(frozen=True)
class Group:
    """A placement, and the others at its challenge that go on: `members` have one Agreement.

    Settled once all who have an offer there have answered; group mates know of each other from then on.
    """

    placement: Placement
    is_member: bool
    is_settled: bool
    members: Sequence[Placement]
    others: Sequence[Placement]

    @property
    def parts(self) -> list[Placement]:
        """The placements whose Agreements are parts of one, this one among them, as they are held."""
        return sorted([*self.members, self.placement], key=lambda each: each.id) if self.is_member else [self.placement]


def group_of(placement: Placement) -> Group:
    """The placement's group; nobody new is known while somebody still thinks about an offer there. One query."""
    undecided = select(Offer.id).where(Offer.challenge_id == placement.challenge_id, Offer.state == OfferState.MADE)
    rows = db.session.execute(
        select(Placement, GroupPart.id, undecided.exists())
        .outerjoin(GroupPart, GroupPart.placement_id == Placement.id)
        .where(Placement.challenge_id == placement.challenge_id)
        .where(Placement.state.in_(GOING_ON) | (Placement.id == placement.id))
        .options(*whole())
        .order_by(Placement.id)
    ).all()
    is_member = any(part is not None for each, part, _ in rows if each.id == placement.id)
    is_settled = not any(waits for _, _, waits in rows)
    mates = [(each, part) for each, part, _ in rows if each.id != placement.id]
    return Group(
        placement,
        is_member=is_member,
        is_settled=is_settled,
        members=[each for each, part in mates if part is not None and (is_settled or is_member)],
        others=[each for each, part in mates if part is None and is_settled],
    )


def words_shared(group: Group) -> Mapping[str, str]:
    """What the others' Agreement says in the sections that all have; empty where there are no others yet."""
    newest = newest_of(group.members[0]) if group.members else None
    return {name: newest.words[name] for name in SHARED} if newest else {}


def newest_of(placement: Placement) -> Agreement | None:
    """The last version of the placement's Agreement."""
    return next(iter(versions_of(placement)), None)

"""What an organisation's people may have to do next."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.workflow import AgreementState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.core.policy import Principal
from placements.db import db
from placements.home.steps import Step
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement


def contact_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Briefs that were sent back, and briefs begun and not sent."""
    mine = (
        select(Challenge)
        .where(Challenge.organisation_id.in_(who.held_on("contact")))
        .where(Challenge.state.in_((ChallengeState.CHANGES_REQUESTED, ChallengeState.DRAFT)))
        .order_by(Challenge.state, Challenge.id)
    )
    for challenge in db.session.scalars(mine):
        values = {"public_id": challenge.public_id}
        if challenge.state is ChallengeState.CHANGES_REQUESTED:
            yield Step(f"A change is asked for: {challenge.title}", "See what", "challenges.challenge", values)
        else:
            yield Step(f"Finish your brief: {challenge.title}", "Go on writing", "challenges.edit", values)


def supervisor_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Agreements to sign and hours to confirm."""
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == Party.SUPERVISOR)
    for placement in db.session.scalars(
        select(Placement)
        .join(Agreement, Agreement.placement_id == Placement.id)
        .where(Placement.supervisor_id == who.person_id, Agreement.state == AgreementState.SIGNING, ~signed.exists())
    ):
        yield Step(
            "A Challenge Agreement waits for your signature",
            "Read and sign",
            "agreements.agreement",
            {"public_id": placement.public_id},
        )
    entries, minutes = db.session.execute(
        select(func.count(), func.sum(Entry.minutes))
        .select_from(Entry)
        .join(Entry.placement)
        .where(Placement.supervisor_id == who.person_id, Entry.state == EntryState.SUBMITTED)
    ).one()
    if entries:
        yield Step(f"{minutes // 60} hours wait to be confirmed", "See the visits", "logbook.confirm")

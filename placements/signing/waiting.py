"""Whose signature a Challenge Agreement waits for: of a version that can still be signed as it went round."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import is_out_of_date
from placements.agreements.workflow import AgreementState
from placements.db import db
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import GOING_ON


def to_sign(party: Party, mine: ColumnElement[bool]) -> list[Placement]:
    """Those of the placements whose Agreement waits for that party, the soonest to start first. One query.

    Where dates, hours or people have changed since it went round, it waits for the student, to send it round again.
    """
    of_placement: list[Any] = [*whole()]
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == party)
    waiting = (
        select(Agreement)
        .join(Agreement.placement)
        .join(Placement.enrolment)
        .where(mine, Placement.state.in_(GOING_ON), Agreement.state == AgreementState.SIGNING, ~signed.exists())
        .options(joinedload(Agreement.placement).options(*of_placement))
        .order_by(Placement.starts_on, Placement.id)
    )
    return [each.placement for each in db.session.scalars(waiting) if not is_out_of_date(each)]

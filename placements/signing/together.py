"""What somebody signs at one press: a version, and the other parts of its group's that wait for them too."""

from collections.abc import Sequence

from sqlalchemy import select

from placements.agreements.groups import group_of
from placements.agreements.models import Agreement, Party
from placements.agreements.policy import signs_for
from placements.agreements.queries import agreement_to_tell_of, is_out_of_date
from placements.agreements.rules import SHARED, combined
from placements.agreements.workflow import AgreementState
from placements.core.policy import Principal
from placements.db import db


def waiting_with(agreement: Agreement, who: Principal) -> Sequence[Agreement]:
    """The version, if it waits for `who`, and the parts of its group's that wait for them for the same party.

    A student signs their own part alone. Parts that would not say the same where all share words are never signed
    together. In the order in which parts were begun.
    """
    mine = signs_for(who, agreement)
    if len(mine) != 1 or mine == [Party.STUDENT]:
        return [agreement] if waits_for(agreement, who, mine) else []
    placements = [each.id for each in group_of(agreement.placement).parts]
    if len(placements) == 1:
        return [agreement] if waits_for(agreement, who, mine) else []
    going_round = select(Agreement.id).where(
        Agreement.placement_id.in_(placements), Agreement.state == AgreementState.SIGNING
    )
    found = [agreement_to_tell_of(key) for key in db.session.scalars(going_round.order_by(Agreement.id))]
    return [each for each in found if waits_for(each, who, mine) and _shared(each) == _shared(agreement)]


def _shared(agreement: Agreement) -> list[str]:
    return [agreement.words[name] for name in SHARED]


def waits_for(agreement: Agreement, who: Principal, parties: Sequence[Party]) -> bool:
    """The version can be signed, and `who` is to sign it for exactly these parties, and has not."""
    return (
        agreement.state is AgreementState.SIGNING
        and agreement.placement.goes_on
        and signs_for(who, agreement) == parties
        and len(parties) == 1
        and agreement.signature_of(parties[0]) is None
        and not is_out_of_date(agreement)
    )


def hash_of(parts: Sequence[Agreement]) -> str:
    """The hash of what is signed at one press."""
    return combined([each.sha256 or "" for each in parts])

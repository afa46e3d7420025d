"""Who tells a concern, who reads it, and who may do something about it. What one may see of them is in `queries`."""

from datetime import datetime

from placements.concerns.models import Concern
from placements.concerns.rules import Readers
from placements.concerns.workflow import CONCERN
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, signed_in, state
from placements.placing.models import Keeper
from placements.placing.policy import is_student, is_supervisor, is_tutor, leads
from placements.placing.workflow import PLACEMENT, PlacementState

READS = "concerns.concern"  # the ability that its history is read by
LOOKING_AFTER = ("group_tutor", "placement_tutor", "leader", "safeguarding")


@condition
def stands_outside(who: Principal, concern: Concern, now: datetime) -> bool:
    """Neither told it, nor is it about them."""
    return who.person_id not in (concern.reporter_id, concern.about_id)


@condition
def reads(who: Principal, concern: Concern, now: datetime) -> bool:
    """Looks after it, or could: what `queries.visible_to` asks the database, of one that was loaded."""
    if who.has("safeguarding"):
        return True
    if concern.is_restricted:
        return leads(who, concern.placement, now) and owns(who, concern, now)
    is_its_tutor = concern.readers is Readers.TEAM and is_tutor(who, concern.placement, now)
    return is_its_tutor or leads(who, concern.placement, now)


@condition
def owns(who: Principal, concern: Concern, now: datetime) -> bool:
    """Has taken it on, or covers for the tutor who has."""
    covers = concern.owner_id == concern.placement.tutor_id and who.has("placement_tutor", concern.placement_id)
    return concern.owner_id is not None and (who.person_id == concern.owner_id or covers)


@state
def can_be_paused(who: Principal, concern: Concern, now: datetime) -> bool:
    """Its placement goes on at present, or rests in somebody else's hands."""
    placement = concern.placement
    is_others = placement.state is PlacementState.PAUSED and placement.kept_by is not Keeper.SAFEGUARDING
    return concern.is_open and (is_others or PLACEMENT.allows(placement.state, "pause"))


def _can_go_on(who: Principal, concern: Concern, now: datetime) -> Answer:
    placement = concern.placement
    if placement.state is PlacementState.PAUSED and placement.kept_by is Keeper.SAFEGUARDING:
        return Answer.YES
    return Answer.DONE if placement.state is PlacementState.ACTIVE else Answer.NOT_NOW


ABILITIES: Abilities = {
    "concerns.report": is_student | is_supervisor | is_tutor,
    "concerns.mine": signed_in,
    "concerns.reported": signed_in,
    "concerns.queue": has_role(*LOOKING_AFTER),
    "concerns.closed": has_role(*LOOKING_AFTER),
    READS: reads,
    "concerns.own": reads & stands_outside & CONCERN.can("own"),
    "concerns.note": owns & CONCERN.can("note"),
    "concerns.pass_on": reads & stands_outside & CONCERN.can("pass_on"),
    "concerns.resolve": owns & CONCERN.can("resolve"),
    "concerns.refer": owns & CONCERN.can("refer"),
    "concerns.stop": has_role("safeguarding") & owns & can_be_paused,
    "concerns.let_go_on": has_role("safeguarding") & reads & stands_outside & Predicate(_can_go_on, "it rests by us"),
}

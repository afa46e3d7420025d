"""Who may do what with results. Staff write, the organisation verifies; nobody does both."""

from datetime import datetime

from placements.challenges.models import Challenge
from placements.core.policy import Abilities, Principal, condition, has_role, signed_in, state
from placements.impact.models import Result
from placements.impact.workflow import RESULT
from placements.partners.policy import engagement, has_no_side

staff = has_role("engagement", "leader")


@condition
def no_interest(who: Principal, thing: Challenge | Result, now: datetime) -> bool:
    """Neither works at the organisation nor has an interest in it."""
    challenge = thing.challenge if isinstance(thing, Result) else thing
    return challenge is not None and has_no_side(who, challenge.organisation_id)


@condition
def is_its_contact(who: Principal, result: Result, now: datetime) -> bool:
    """Works at the organisation."""
    return result is not None and who.has("contact", result.challenge.organisation_id)


@condition
def did_not_write_it(who: Principal, result: Result, now: datetime) -> bool:
    """The words are somebody else's."""
    return result is not None and result.written_by_id != who.person_id


@state
def may_be_shown(who: Principal, result: Result, now: datetime) -> bool:
    """The organisation said so."""
    return result.may_publish


may_tell = staff & no_interest

ABILITIES: Abilities = {
    "impact.results": has_role("engagement", "leader", "contact"),
    "impact.choose": staff,
    "impact.write": may_tell,
    "impact.result": signed_in,  # whoever sees it
    "impact.edit": may_tell & RESULT.can("edit"),
    "impact.ask": may_tell & RESULT.can("ask"),
    "impact.verify": is_its_contact & did_not_write_it & RESULT.can("verify"),
    "impact.publish": engagement & no_interest & may_be_shown & RESULT.can("publish"),
    "impact.withdraw": (is_its_contact | staff) & RESULT.can("withdraw"),
}

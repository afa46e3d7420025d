"""Who may do what with checks, approval, risk and memoranda."""

from datetime import datetime
from typing import Any

from placements.core.policy import Abilities, Principal, condition, has_role, state
from placements.partners.models import Organisation
from placements.partners.policy import engagement, has_no_side
from placements.partners.workflow import CURRENT, ORGANISATION
from placements.vetting.models import Evidence
from placements.vetting.workflow import CHECK, MEMORANDUM

READERS = ("engagement", "leader", "safety_officer", "safeguarding")
SEES_EVIDENCE = ("engagement", "leader", "safety_officer")


def _organisation(thing: Any) -> Organisation | None:
    """What the thing is about: an organisation, or a part of one."""
    if isinstance(thing, Evidence):
        return thing.check.organisation
    found = thing if isinstance(thing, Organisation) else getattr(thing, "organisation", None)
    return found if isinstance(found, Organisation) else None


@condition
def works_there(who: Principal, thing: Any, now: datetime) -> bool:
    """Works at the organisation."""
    organisation = _organisation(thing)
    return organisation is not None and who.has("contact", organisation.id)


@condition
def has_no_side_there(who: Principal, thing: Any, now: datetime) -> bool:
    """Has no side in a decision about it."""
    organisation = _organisation(thing)
    return organisation is not None and has_no_side(who, organisation.id)


@state
def is_current(who: Principal, thing: Any, now: datetime) -> bool:
    """The organisation is neither declined nor put away."""
    organisation = _organisation(thing)
    return organisation is not None and organisation.state in CURRENT


may_read = works_there | has_role(*READERS)
may_decide = engagement & has_no_side_there & is_current

ABILITIES: Abilities = {
    "vetting.overview": has_role("engagement", "safety_officer", "safeguarding"),
    "vetting.checks": may_read,
    "vetting.answer": (works_there | engagement) & is_current,
    "vetting.template": may_read,
    "vetting.renew": works_there & is_current & CHECK.can("renew"),
    "vetting.evidence": works_there | has_role(*SEES_EVIDENCE),
    "vetting.verify": may_decide & CHECK.can("pass"),
    "vetting.approve": engagement & has_no_side_there & ORGANISATION.can("approve"),
    "vetting.assess": has_role("engagement", "safety_officer") & has_no_side_there & is_current,
    "vetting.memoranda": may_read,
    "vetting.memorandum": may_read,
    "vetting.download_memorandum": may_read,
    "vetting.draft_memorandum": may_decide,
    "vetting.edit_memorandum": may_decide & MEMORANDUM.can("sign"),  # while it is a draft
    "vetting.sign_memorandum": may_decide & MEMORANDUM.can("sign"),
    "vetting.end_memorandum": may_decide & MEMORANDUM.can("end"),
}

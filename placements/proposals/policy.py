"""Who may do what with proposals: the student; the engagement team about the organisation; the module leader decides.

The engagement team reads what is about the organisation, never who the student is or what they do there. Nobody acts
on their own proposal, nor where they have a side in the organisation.
"""

from datetime import datetime

from placements.cohorts.policy import is_not_closed
from placements.cohorts.policy import leads as leads_run
from placements.core.policy import Abilities, Principal, condition, has_role
from placements.partners.policy import engagement, has_no_side
from placements.proposals.models import Proposal
from placements.proposals.workflow import PROPOSAL


@condition
def is_own(who: Principal, proposal: Proposal, now: datetime) -> bool:
    """The student who proposes."""
    return proposal is not None and who.has("student", proposal.enrolment_id)


@condition
def is_not_own(who: Principal, proposal: Proposal, now: datetime) -> bool:
    """Somebody else."""
    return proposal is not None and not who.has("student", proposal.enrolment_id)


@condition
def leads(who: Principal, proposal: Proposal, now: datetime) -> bool:
    """The module leader of the student's run."""
    return proposal is not None and who.has("leader", proposal.enrolment.run_id)


@condition
def is_tutor(who: Principal, proposal: Proposal, now: datetime) -> bool:
    """The tutor of the student's group."""
    return proposal is not None and who.has("group_tutor", proposal.enrolment.group_id)


@condition
def no_side(who: Principal, proposal: Proposal, now: datetime) -> bool:
    """Has no side in the organisation, as far as it is known which one it is."""
    organisation_id = proposal.organisation_id if proposal is not None else None
    return organisation_id is None or has_no_side(who, organisation_id)


may_check = engagement & is_not_own & no_side
may_decide = leads & is_not_own & no_side

ABILITIES: Abilities = {
    "proposals.mine": has_role("student"),
    "proposals.propose": has_role("student"),
    "proposals.overview": has_role("engagement", "leader", "group_tutor"),
    "proposals.show": is_own | leads | is_tutor | engagement,
    "proposals.read_student": is_own | leads | is_tutor,  # who it is, and what ties them to the organisation
    "proposals.read_checks": (leads | engagement) & is_not_own,  # how the address was verified
    "proposals.answer": is_own & PROPOSAL.can("answer"),
    "proposals.withdraw": is_own & PROPOSAL.can("withdraw"),
    "proposals.ask_more": (may_check | may_decide) & PROPOSAL.can("ask_more"),
    "proposals.find_organisation": may_check & PROPOSAL.can("find_organisation"),
    "proposals.verify": may_check & PROPOSAL.can("verify"),
    "proposals.check": may_check & PROPOSAL.can("check"),
    "proposals.approve": may_decide & PROPOSAL.can("approve"),
    "proposals.refuse": may_decide & PROPOSAL.can("refuse"),
    "proposals.set_lead": leads_run & is_not_closed,
}

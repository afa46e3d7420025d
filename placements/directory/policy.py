"""Who may do what with the list of organisations as a whole: the engagement team."""

from datetime import datetime

from placements.core.policy import Abilities, Principal, state
from placements.partners.models import Organisation
from placements.partners.policy import engagement, may_decide
from placements.partners.workflow import ORGANISATION, OrganisationState


@state
def is_not_put_away(who: Principal, organisation: Organisation, now: datetime) -> bool:
    """There is still somebody to help."""
    return organisation.state is not OrganisationState.ARCHIVED


ABILITIES: Abilities = {
    "directory.add_organisation": engagement,
    "directory.export_list": engagement,
    "directory.upload_list": engagement,
    "directory.sample_list": engagement,
    "directory.apply_list": engagement,
    "directory.doubles": engagement,
    "directory.keep_apart": may_decide,
    "directory.pass_on": may_decide & is_not_put_away,
    "directory.merge": may_decide & ORGANISATION.can("merge"),
}

"""Who may do what with enquiries: the engagement team, but nobody with their own."""

from datetime import datetime

from placements.core.policy import Abilities, Principal, condition
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import ENQUIRY
from placements.partners.policy import engagement


@condition
def not_the_writer(who: Principal, enquiry: Enquiry, now: datetime) -> bool:
    """Did not write the enquiry."""
    return isinstance(enquiry, Enquiry) and enquiry.writer_id != who.person_id


may_handle = engagement & not_the_writer

ABILITIES: Abilities = {
    "enquiries.overview": engagement,
    "enquiries.enquiry": engagement,
    "enquiries.take_up": may_handle & ENQUIRY.can("take_up"),
    "enquiries.plan": may_handle & ENQUIRY.can("plan"),
    "enquiries.accept": may_handle & ENQUIRY.can("accept"),
    "enquiries.route": may_handle & ENQUIRY.can("route"),
    "enquiries.close": may_handle & ENQUIRY.can("close"),
}

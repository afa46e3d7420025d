"""Forms about mail: which messages a list shows, which reason is tried again, and another address."""

from wtforms import HiddenField
from wtforms.validators import AnyOf

from placements.mail.models import MessageState
from placements.mailing.rules import SAID, Reason
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

STATES = {MessageState.QUEUED: "Waiting to be sent"}  # beside those that failed
TAKEN = "This address cannot be used. Check it, or ask us by “Help and contact”"


class MessageFilters(Filters):
    """What the list of messages is narrowed to."""

    state = fields.one_of_many("Show", STATES, empty="Failed", coerce=MessageState)
    reason = fields.one_of_many("Why it failed", SAID, empty="Any reason", coerce=Reason)


class ReasonForm(Form):
    """The kind of reason that a button speaks of."""

    reason = HiddenField(validators=[AnyOf(list(Reason), message="Choose what to try again")])


class AddressForm(Form):
    """Where to write to from now on."""

    refusals = {"uq_person_email_key": ("email", TAKEN)}

    email = fields.email("Their new email address")


class OwnAddressForm(AddressForm):
    """The same, asked of the person."""

    email = fields.email("Your new email address", hint="You sign in with it from now on, too.")

"""The one form of the public site: an organisation tells us about itself."""

from wtforms import Field, ValidationError

from placements.challenges.models import MODES, WorkMode
from placements.cohorts.models import THEMES, Theme
from placements.partners.rules import BOROUGHS
from placements.people.models import NAME_LENGTH
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters


class EnquiryForm(Form):
    """Short on purpose: everything else can wait until we have talked."""

    form_key = fields.form_key()
    organisation_name = fields.text(
        "Name of your organisation", missing="Enter the name of your organisation", autocomplete="organization"
    )
    name = fields.text("Your name", missing="Enter your name", most=NAME_LENGTH, autocomplete="name")
    email = fields.email("Your email address", hint="We answer to this address.")
    challenges_faced = fields.long_text(
        "What challenges do you face?",
        missing="Tell us about a challenge that you face",
        hint="A few sentences are enough. It need not be a project yet: we work that out together.",
        rows=6,
    )
    thoughts = fields.long_text(
        "Any thoughts on working together?", hint="You can leave this empty.", most=2000, rows=3
    )
    wants_newsletter = fields.tick("Send me the London Met Lab newsletter")
    website = fields.text("Leave this box empty", most=200, autocomplete="off", tabindex="-1")

    refusals = {"uq_enquiry_form_key": (None, "We have this already: look for our email.")}

    def validate_website(self, website: Field) -> None:
        """A box that no person sees: what fills it in is a machine."""
        if website.data:
            raise ValidationError("Leave the last box empty: it is there to keep machines out")


class ChallengeFilters(Filters):
    """Above the published challenges."""

    text = fields.text("Search", most=100)
    theme = fields.one_of_many("Area", THEMES, empty="Any area", coerce=Theme)
    borough = fields.one_of_many("Borough", {name: name for name in BOROUGHS}, empty="Any borough")
    mode = fields.one_of_many("How", MODES, empty="Any way", coerce=WorkMode)


class ResultFilters(Filters):
    """Above the published results."""

    theme = fields.one_of_many("Area", THEMES, empty="Any area", coerce=Theme)

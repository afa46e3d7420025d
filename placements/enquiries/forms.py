"""Forms about enquiries."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import Field, SelectChoice, ValidationError

from placements.core.clock import today
from placements.enquiries import rules
from placements.enquiries.models import Enquiry
from placements.enquiries.queries import officers
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import TYPES, Organisation, OrganisationType
from placements.partners.rules import BOROUGHS
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters
from placements.web.site import now

NEW = "new"
MINE, NOBODY_S = "me", "nobody"
STATES = {state: state.value.replace("_", " ").capitalize() for state in EnquiryState}


class EnquiryFilters(Filters):
    """Above the list of enquiries."""

    text = fields.text("Search", most=100)
    state = fields.one_of_many("State", STATES, empty="Any state", coerce=EnquiryState)
    owner = fields.one_of_many("Owner", {MINE: "Mine", NOBODY_S: "Nobody’s yet"}, empty="Anybody’s")


class PlanForm(Form):
    """What happens next with an enquiry."""

    owner = fields.one_of_many("Who will do it", {}, missing="Choose who will do it")
    step = fields.text(
        "Next step", missing="Enter what happens next", most=300, hint="For example, ring Amina about a visit"
    )
    step_on = fields.day("By when", missing="Enter the day by which it should be done")

    def __init__(self, enquiry: Enquiry) -> None:
        super().__init__(data={"step": enquiry.next_step, "step_on": enquiry.next_step_on})
        self.team = {person.public_id: person for person in officers()}
        self.owner.choices = [
            SelectChoice("", "Choose one"),
            *(SelectChoice(key, person.name) for key, person in self.team.items()),
        ]
        if self.owner.raw_data is None and enquiry.owner is not None:
            self.owner.data = enquiry.owner.public_id

    def validate_step_on(self, step_on: Field) -> None:
        """A day that has passed is no plan."""
        if isinstance(step_on.data, date) and step_on.data < today(now()):
            raise ValidationError("Enter a day that has not passed")


class AcceptForm(Form):
    """A new organisation, or one that we know."""

    match = fields.one("Which organisation is this?", {}, missing="Choose which organisation this is")
    name = fields.text("Name of the organisation", most=200)
    type = fields.one_of_many("What kind of organisation it is", TYPES, coerce=OrganisationType)
    borough = fields.one_of_many(
        "Borough where it mainly works", {name: name for name in BOROUGHS}, empty="Choose a borough"
    )

    def __init__(self, enquiry: Enquiry, likely: Sequence[Organisation]) -> None:
        super().__init__(data={"name": enquiry.organisation_name, "match": None if likely else NEW})
        self.likely = {each.public_id: each for each in likely}
        known = [SelectChoice(key, f"{each.name}, {each.borough}: we know it") for key, each in self.likely.items()]
        self.match.choices = [*known, SelectChoice(NEW, "A new organisation")]

    def matched(self) -> Organisation | None:
        """The organisation that was chosen; None for a new one."""
        return self.likely.get(self.match.data)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What a new organisation needs, only where it is new."""
        is_valid = super().validate(*args, **kwargs)
        if self.match.data == NEW:
            for field, sentence in (
                (self.name, "Enter the name of the organisation"),
                (self.type, "Choose what kind of organisation it is"),
                (self.borough, "Choose the borough where it mainly works"),
            ):
                if not field.data and not field.errors:
                    field.errors = [sentence]
                    is_valid = False
        return is_valid


class RouteForm(Form):
    """Another part of the university that should answer."""

    to = fields.one("Where it goes", {name: name for name in rules.ROUTES}, missing="Choose where it goes")
    note = fields.long_text(
        "A note for us", most=500, rows=3, hint="Kept in the enquiry’s history. The writer does not see it."
    )


class CloseForm(Form):
    """Why an enquiry ends."""

    reason = fields.long_text(
        "Why are you closing it?",
        missing="Enter a reason",
        most=500,
        rows=4,
        hint="We send these words to the person who wrote, so write to them.",
    )

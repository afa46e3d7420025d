"""Forms about enquiries."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from wtforms import Field, SelectChoice, ValidationError

from placements.core.clock import today
from placements.enquiries.duplicates import with_number
from placements.enquiries.models import Enquiry, Route
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import TYPES, Organisation, OrganisationType
from placements.partners.queries import officers
from placements.partners.rules import BOROUGHS, charity_number, company_number
from placements.people.models import NAME_LENGTH
from placements.web import fields
from placements.web.forms import Form, PersonForm, all_given
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
    unconfirmed = fields.tick("Address not confirmed")


class PlanForm(Form):
    """What happens next with an enquiry."""

    owner = fields.one_of_many("Who will do it", {}, missing="Choose who will do it")
    step = fields.text(
        "Next step", missing="Enter what happens next", most=300, hint="For example, ring Amina about a visit"
    )
    step_on = fields.day("By when", missing="Enter the day by which it should be done")

    def __init__(self, enquiry: Enquiry) -> None:
        super().__init__(data={"step": enquiry.next_step, "step_on": enquiry.next_step_on})
        self.team = {person.public_id: person for person in officers() if person.id != enquiry.writer_id}
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
    """A new organisation, or one that we know: likely ones, and those that have a number which was typed."""

    match = fields.one("Which organisation is this?", {}, missing="Choose which organisation this is")
    name = fields.text("Name of the organisation", most=200)
    type = fields.one_of_many("What kind of organisation it is", TYPES, coerce=OrganisationType)
    borough = fields.one_of_many(
        "Borough where it mainly works", {name: name for name in BOROUGHS}, empty="Choose a borough"
    )
    charity_number = fields.text("Charity number", most=20, hint="If you know it. For example, 1234567 or SC012345.")
    company_number = fields.text("Company number", most=20, hint="If you know it. Eight characters, like 01234567.")

    def __init__(self, enquiry: Enquiry, likely: Sequence[Organisation]) -> None:
        super().__init__(data={"name": enquiry.organisation_name, "match": None if likely else NEW})
        typed = (
            with_number("charity_number", charity_number(self.charity_number.data or "")),
            with_number("company_number", company_number(self.company_number.data or "")),
        )
        self.likely = {each.public_id: each for each in (*likely, *filter(None, typed))}
        known = [SelectChoice(key, f"{each.name}, {each.borough}: we know it") for key, each in self.likely.items()]
        self.match.choices = [*known, SelectChoice(NEW, "A new organisation")]

    def validate_charity_number(self, field: Field) -> None:
        """As its register writes it."""
        _tidy(field, charity_number, "Enter a charity number like 1234567, SC012345 or NIC123456")

    def validate_company_number(self, field: Field) -> None:
        """As Companies House writes it."""
        _tidy(field, company_number, "Enter a company number of eight characters, like 01234567 or OC301234")

    def matched(self) -> Organisation | None:
        """The organisation that was chosen; None for a new one."""
        return self.likely.get(self.match.data)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What a new organisation needs, only where it is new."""
        is_valid = super().validate(*args, **kwargs)
        is_whole = self.match.data != NEW or all_given(
            (self.name, "Enter the name of the organisation"),
            (self.type, "Choose what kind of organisation it is"),
            (self.borough, "Choose the borough where it mainly works"),
        )
        return is_valid and is_whole


def _tidy(field: Field, rule: Callable[[str], str | None], sentence: str) -> None:
    if field.data:
        tidied = rule(field.data)
        if tidied is None:
            raise ValidationError(sentence)
        field.data = tidied


class ReceiverForm(PersonForm):
    """Somebody else to receive it, or nobody else."""

    name = fields.text("Name of whoever receives it", most=NAME_LENGTH)
    email = fields.email("Their email address", missing=None)


class RouteForm(ReceiverForm):
    """Another part of the university that should answer, and who there."""

    to = fields.one("Where it goes", {}, missing="Choose where it goes")
    note = fields.long_text(
        "A note for them", most=2000, rows=3, hint="What would help them. The writer does not see it."
    )

    def __init__(self, routes: Sequence[Route]) -> None:
        super().__init__()
        self.routes = {each.public_id: each for each in routes}
        self.to.choices = [SelectChoice(key, _with_receiver(each)) for key, each in self.routes.items()]
        self.name.description = "Only if nobody is named above, or somebody else should receive this one."

    def chosen(self) -> Route:
        """Where it goes."""
        return self.routes[self.to.data]


def _with_receiver(route: Route) -> str:
    if route.receiver is None:
        return f"{route.name}: nobody is named yet"
    return f"{route.name}: {route.receiver.name}, {route.receiver.email}"


class PassOnForm(ReceiverForm):
    """Somebody else to receive what nobody has yet."""

    name = fields.text("Name of whoever receives it now", missing="Enter their name", most=NAME_LENGTH)
    email = fields.email("Their email address")


class RouteSettingsForm(ReceiverForm):
    """A place in the university that enquiries can go to."""

    place = fields.text("What it is called", missing="Enter what it is called", most=100)
    is_open = fields.tick("Enquiries can go there")

    refusals = {"uq_route_name": ("place", "There is one of this name already")}

    def __init__(self, route: Route | None = None) -> None:
        super().__init__(data=_settings_of(route))
        self.name.label.text = "Name of whoever receives for it"


def _settings_of(route: Route | None) -> dict[str, Any]:
    if route is None:
        return {"is_open": True}
    there = route.receiver
    return {
        "place": route.name,
        "is_open": route.is_open,
        "name": there.name if there else "",
        "email": there.email if there else "",
    }


class NoteForm(Form):
    """What the team tells itself."""

    form_key = fields.form_key()
    text = fields.long_text("Note", missing="Enter a note", most=4000, rows=4, hint="The writer does not see it.")

    refusals = {"uq_enquiry_note_form_key": (None, "This note is there already.")}


class CloseForm(Form):
    """Why an enquiry ends."""

    reason = fields.long_text(
        "Why are you closing it?",
        missing="Enter a reason",
        most=500,
        rows=4,
        hint="We send these words to the person who wrote, so write to them.",
    )

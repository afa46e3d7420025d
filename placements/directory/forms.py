"""Forms for adding organisations, one by one or by a list, and for merging two."""

from collections.abc import Sequence

from wtforms import Field, SelectChoice, ValidationError

from placements.directory.imports import LEAVE, NEW, Likely
from placements.enquiries.models import Route
from placements.partners.models import TYPES, Contact, Organisation, OrganisationType
from placements.partners.rules import BOROUGHS
from placements.partners.workflow import CURRENT, OrganisationState
from placements.people.models import NAME_LENGTH
from placements.web import fields
from placements.web.forms import Form, PersonForm
from placements.web.lists import Filters

LINE = "line_"


class NewOrganisationForm(PersonForm):
    """An organisation that the engagement team adds, and who answers there."""

    refusals = {"uq_organisation_form_key": (None, "It is added already: find it in the list of organisations.")}
    person = ("contact_name", "contact_email")

    form_key = fields.form_key()
    name = fields.text("Name", missing="Enter the name of the organisation")
    type = fields.one_of_many(
        "What kind of organisation it is", TYPES, missing="Choose what kind it is", coerce=OrganisationType
    )
    borough = fields.one_of_many(
        "Borough where it mainly works", {name: name for name in BOROUGHS}, missing="Choose a borough"
    )
    contact_name = fields.text(
        "Who answers there", most=NAME_LENGTH, hint="You can leave this empty for now.", autocomplete="off"
    )
    contact_email = fields.email("Their email address", missing=None)
    invites = fields.tick("Invite them by email", hint="If you do not, nobody is written to.")

    def validate_invites(self, field: Field) -> None:
        """There is somebody to invite."""
        if field.data and not self.contact_email.data:
            raise ValidationError("Enter whom to invite")


class FindDouble(Filters):
    """The search for the other record of an organisation."""

    named = fields.text("Any word of its name, or its charity or company number", most=100)


class MergeForm(Form):
    """Which of two organisations stays."""

    stays = fields.one("Which record stays?", {}, missing="Choose which record stays")

    def __init__(self, one: Organisation, other: Organisation) -> None:
        super().__init__()
        both = ((one, other), (other, one))
        self.both = {stays.public_id: (stays, goes) for stays, goes in both if stays.state in CURRENT}
        self.stays.choices = [
            SelectChoice(key, f"{stays.name}, {stays.borough} ({stays.state.value})")
            for key, (stays, _) in self.both.items()
        ]

    def chosen(self) -> tuple[Organisation, Organisation]:
        """The one that stays, and its double."""
        return self.both[self.stays.data]


class UploadForm(Form):
    """A list of organisations."""

    file = fields.file("List of organisations", hint="A CSV file", accept=".csv,text/csv")


class ApplyForm(Form):
    """Agreement to what the preview says."""

    refusals = {"uq_organisation_our_reference": (None, "A reference in this file belongs to another organisation.")}

    fingerprint = fields.seen()

    def choices(self) -> dict[int, str]:
        """What was said of each likely double, by its line."""
        return {
            int(field.name.removeprefix(LINE)): field.data or LEAVE for field in self if field.name.startswith(LINE)
        }


def apply_form(likely: Sequence[Likely]) -> ApplyForm:
    """The form with a choice for each line that may be about a record that is here."""
    lines = {
        f"{LINE}{each.row.line}": fields.one_of_many(
            f"Line {each.row.line}: {each.row.name}, {each.row.borough}",
            [(NEW, "It is another one: add it"), *((key, f"It is {name}") for key, name, _ in each.offered)],
            empty="Leave this line out",
        )
        for each in likely
    }
    made: ApplyForm = type("ApplyForm", (ApplyForm,), lines)()
    return made


class ListFilters(Filters):
    """What the list of organisations that one looks at is narrowed to."""

    text = fields.text("Name", most=100)
    state = fields.one_of_many("State", {state: state.value for state in OrganisationState}, coerce=OrganisationState)
    type = fields.one_of_many("Kind", TYPES, coerce=OrganisationType)
    borough = fields.one_of_many("Borough", {name: name for name in BOROUGHS})


class PassOnForm(PersonForm):
    """Where else in the university an organisation is passed to, with whom to talk to and in which words."""

    route = fields.one("Who can help them?", {}, missing="Choose who can help them")
    asker = fields.one("Whom should they talk to?", {}, missing="Choose whom they should talk to")
    words = fields.long_text("What do they need?", missing="Enter what they need", most=2000)
    name = fields.text("Somebody else to receive it", most=NAME_LENGTH, hint="Only if it is not for the usual one.")
    email = fields.email("Their email address", missing=None)
    note = fields.long_text("A note for the receiver", most=1000, rows=3, hint="The organisation does not see it.")

    def __init__(self, routes: Sequence[Route], contacts: Sequence[Contact]) -> None:
        super().__init__()
        self.routes = {each.public_id: each for each in routes}
        self.contacts = {each.public_id: each for each in contacts}
        self.route.choices = [SelectChoice(key, _receives(each)) for key, each in self.routes.items()]
        self.asker.choices = [SelectChoice(key, each.person.name) for key, each in self.contacts.items()]


def _receives(route: Route) -> str:
    return f"{route.name} ({route.receiver.name})" if route.receiver else route.name

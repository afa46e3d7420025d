"""Forms about organisations, their sites and contacts, and interests."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field, SelectChoice, StringField, ValidationError

from placements.partners import rules
from placements.partners.models import (
    CONTACT_ROLES,
    INTERESTS,
    SIZES,
    TYPES,
    Contact,
    ContactRole,
    InterestKind,
    Organisation,
    OrganisationType,
    Size,
)
from placements.partners.queries import RECORD
from placements.partners.workflow import OrganisationState
from placements.people.models import NAME_LENGTH, Person
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

NOBODY = "nobody"
CEILING_HINT = (
    "Over all its challenges together. Many choose 2 with volunteers only, 3 with up to 9 staff, 6 with up to 49, "
    "and 12 with more. Leave it empty if there is no limit."
)
ORGANISATION_STATES = {state: state.value.capitalize() for state in OrganisationState}


def boroughs(
    label: str = "Borough", *, missing: str | None = "Choose a borough", empty: str = "Choose a borough"
) -> Field:
    """A choice of London boroughs."""
    return fields.one_of_many(label, {name: name for name in rules.BOROUGHS}, missing=missing, empty=empty)


def tidy(field: StringField, read: Callable[[str], str | None], sentence: str) -> None:
    """Write what was typed as its register does. Raises ValidationError saying what it should look like."""
    if field.data:
        found = read(field.data)
        if found is None:
            raise ValidationError(sentence)
        field.data = found


def role() -> Field:
    """A choice of what somebody does at an organisation."""
    return fields.one(
        "What they do here",
        CONTACT_ROLES,
        missing="Choose what they do here",
        coerce=ContactRole,
        hint="Whoever signs agreements signs students’ Challenge Agreements instead of their supervisor.",
    )


def job_title() -> StringField:
    """What somebody calls their work."""
    return fields.text("Job title", most=100, hint="As they would introduce themselves. You can leave it empty.")


class OrganisationFilters(Filters):
    """Above the list of organisations."""

    text = fields.text("Name", most=100)
    state = fields.one_of_many("State", ORGANISATION_STATES, empty="Any state", coerce=OrganisationState)
    type = fields.one_of_many("Kind", TYPES, empty="Any kind", coerce=OrganisationType)
    borough = boroughs(missing=None, empty="Any borough")


class OrganisationForm(Form):
    """An organisation's record; `officers` are those who may look after it, where that is for the reader to say."""

    name = fields.text("Name", missing="Enter the name of the organisation")
    type = fields.one_of_many(
        "What kind of organisation it is", TYPES, missing="Choose what kind it is", coerce=OrganisationType
    )
    about = fields.long_text(
        "What it does",
        most=2000,
        hint="Two or three sentences that a student would understand. Shown beside its challenges.",
    )
    website = fields.text("Website", hint="If it has one. For example, www.example.org", inputmode="url")
    charity_number = fields.text("Charity number", most=20, hint="If it has one. For example, 1234567 or SC012345.")
    company_number = fields.text("Company number", most=20, hint="If it has one. Eight characters, like 01234567.")
    other_identifier = fields.text(
        "Number in another register", most=60, hint="If it has one: of a school, say, or a housing society."
    )
    size = fields.one_of_many("How many people it pays", SIZES, empty="Not said", coerce=Size)
    ceiling = fields.number("Most students at one time", least=1, most=500, hint=CEILING_HINT)
    borough = boroughs("Borough where it mainly works")
    also_in = fields.several("Other boroughs where it works", {name: name for name in rules.BOROUGHS})
    owner = fields.one_of_many("Looked after by", {}, empty="Nobody yet")
    seen = fields.seen()

    def __init__(self, organisation: Organisation, officers: Sequence[Person] | None) -> None:
        owner = organisation.owner
        held = {name: getattr(organisation, name) for name in RECORD}
        boroughs = [each.borough for each in organisation.also_in]
        super().__init__(data={**held, "also_in": boroughs, "owner": owner.public_id if owner else ""})
        may_be = [*(officers or ()), *([owner] if owner else ())]
        self.officers = {each.public_id: each for each in may_be}
        if officers is None:
            del self.owner
        else:
            chosen = [SelectChoice(key, each.name) for key, each in self.officers.items()]
            self.owner.choices = [SelectChoice("", "Nobody yet"), *chosen]

    def validate_website(self, field: StringField) -> None:
        """What a link may lead to."""
        tidy(field, rules.web_address, "Enter a web address like www.example.org")

    def validate_charity_number(self, field: StringField) -> None:
        """As its register writes it."""
        tidy(field, rules.charity_number, "Enter a charity number like 1234567, SC012345 or NIC123456")

    def validate_company_number(self, field: StringField) -> None:
        """As Companies House writes it."""
        tidy(field, rules.company_number, "Enter a company number of eight characters, like 01234567 or OC301234")

    def facts(self) -> dict[str, Any]:
        """The record as typed; what is not given is none."""
        given = {name: value for name, value in self.answers().items() if name != "seen"}
        if "owner" in given:
            given["owner"] = self.officers.get(given["owner"])
        numbers = ("charity_number", "company_number", "other_identifier", "size")
        return {**given, **{name: given[name] or None for name in numbers}}


class ReasonForm(Form):
    """Why something ends, for the university alone."""

    reason = fields.long_text(
        "Why?",
        missing="Enter a reason",
        most=1000,
        rows=4,
        hint="Only the engagement team and module leaders can read it.",
    )


class DeclineForm(Form):
    """Why we shall not work together: for them, and for ourselves."""

    reason = fields.long_text(
        "What shall we tell them?",
        missing="Enter what to tell them",
        most=1000,
        rows=5,
        hint="In kind and plain words. Their main contacts get it by email, and it stays on their page.",
    )
    note = fields.long_text(
        "A note for ourselves", most=1000, rows=3, hint="Only the engagement team and module leaders can read it."
    )


class SiteForm(Form):
    """A place where students work."""

    form_key = fields.form_key()
    name = fields.text(
        "What you call this place", missing="Enter what you call this place", hint="For example, Community hall"
    )
    address = fields.text(
        "Address",
        missing="Enter the address",
        most=300,
        hint="Building, street and town",
        autocomplete="street-address",
    )
    postcode = fields.text("Postcode", missing="Enter the postcode", most=10, autocomplete="postal-code")
    borough = boroughs()
    directions = fields.text(
        "How to get there", most=300, hint="Nearest station or stop, and which door. Asked once, shown on every brief."
    )
    access_notes = fields.long_text(
        "How accessible it is",
        most=1000,
        rows=3,
        hint="Steps, lifts, toilets, noise, light: what somebody would want to know before they come.",
    )

    refusals = {"uq_site_form_key": (None, "This place is added already.")}

    def validate_postcode(self, field: StringField) -> None:
        """As the post writes it."""
        tidy(field, rules.postcode, "Enter a full UK postcode, like N7 8DB")

    def facts(self) -> dict[str, Any]:
        """The place as typed."""
        return {name: value for name, value in self.answers().items() if name != "form_key"}


class ContactForm(Form):
    """What a colleague does."""

    role = role()
    job_title = job_title()


class NewContactForm(Form):
    """A colleague, to be invited."""

    name = fields.text("Their name", missing="Enter their name", most=NAME_LENGTH, autocomplete="off")
    email = fields.email("Their email address", hint="We send them an invitation.")
    role = role()
    job_title = job_title()


class LeftForm(Form):
    """Who takes over from a colleague who has left."""

    successor = fields.one("Who takes over?", {}, missing="Choose who takes over, or nobody")

    def __init__(self, colleagues: Sequence[Contact]) -> None:
        super().__init__()
        self.colleagues = {each.public_id: each for each in colleagues}
        names = [SelectChoice(key, each.person.name) for key, each in self.colleagues.items()]
        self.successor.choices = [*names, SelectChoice(NOBODY, "Nobody: nothing of theirs goes on")]

    def chosen(self) -> Contact | None:
        """Who it is; None for nobody."""
        return self.colleagues.get(self.successor.data)


class FindOrganisation(Filters):
    """The search that comes before declaring an interest."""

    named = fields.text("Name of the organisation", most=100)


class InterestForm(Form):
    """What ties a person to an organisation."""

    organisation = fields.one("Which organisation?", {}, missing="Choose the organisation")
    kind = fields.one("What ties you to it?", INTERESTS, missing="Choose what ties you to it", coerce=InterestKind)

    def __init__(self, found: Sequence[Organisation]) -> None:
        super().__init__()
        self.found = {each.public_id: each for each in found}
        self.organisation.choices = [
            SelectChoice(key, f"{each.name}, {each.borough}") for key, each in self.found.items()
        ]
        if len(self.found) == 1 and self.organisation.raw_data is None:
            self.organisation.data = next(iter(self.found))

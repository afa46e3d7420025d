"""Forms about organisations, their sites and contacts, and interests."""

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field, SelectChoice, StringField, ValidationError

from placements.partners import rules
from placements.partners.models import (
    CONTACT_ROLES,
    INTERESTS,
    TYPES,
    ContactRole,
    InterestKind,
    Organisation,
    OrganisationType,
)
from placements.partners.workflow import OrganisationState
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

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
    return fields.one("What they do here", CONTACT_ROLES, missing="Choose what they do here", coerce=ContactRole)


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
    """An organisation's record."""

    name = fields.text("Name", missing="Enter the name of the organisation")
    type = fields.one_of_many(
        "What kind of organisation it is", TYPES, missing="Choose what kind it is", coerce=OrganisationType
    )
    borough = boroughs("Borough where it mainly works")
    about = fields.long_text(
        "What it does",
        most=2000,
        hint="Two or three sentences that a student would understand. Shown beside its challenges.",
    )
    charity_number = fields.text("Charity number", most=20, hint="If it has one. For example, 1234567 or SC012345.")
    company_number = fields.text("Company number", most=20, hint="If it has one. Eight characters, like 01234567.")
    ceiling = fields.number(
        "Most students at one time",
        least=1,
        most=500,
        hint="Over all its challenges together. Leave it empty if there is no limit.",
    )

    def validate_charity_number(self, field: StringField) -> None:
        """As its register writes it."""
        tidy(field, rules.charity_number, "Enter a charity number like 1234567, SC012345 or NIC123456")

    def validate_company_number(self, field: StringField) -> None:
        """As Companies House writes it."""
        tidy(field, rules.company_number, "Enter a company number of eight characters, like 01234567 or OC301234")

    def facts(self) -> dict[str, Any]:
        """The record as typed; a number that is not given is none."""
        given = self.answers()
        return {
            **given,
            "charity_number": given["charity_number"] or None,
            "company_number": given["company_number"] or None,
        }


class ApproveForm(Form):
    """Until when an organisation is approved."""

    until = fields.day(
        "Approved until", missing="Enter the last day", hint="The last day on which its challenges can be published."
    )


class ReasonForm(Form):
    """Why something ends, for the university alone."""

    reason = fields.long_text(
        "Why?",
        missing="Enter a reason",
        most=1000,
        rows=4,
        hint="Only the engagement team and module leaders can read it.",
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

    name = fields.text("Their name", missing="Enter their name", autocomplete="off")
    email = fields.email("Their email address", hint="We send them an invitation.")
    role = role()
    job_title = job_title()


class ConfirmForm(Form):
    """One button, after what it will do has been said."""


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

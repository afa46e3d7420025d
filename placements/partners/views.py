"""Pages of organisations, for those who keep them and for the university; and one's own interests."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from placements.accounts.queries import account_of
from placements.core.clock import today
from placements.partners import actions, forms, queries
from placements.partners.models import INTERESTS, TYPES, Contact, Interest, Organisation, Site
from placements.partners.queries import OrganisationSearch
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

partners = Area("partners", __name__)


@partners.context_processor
def words() -> dict[str, Any]:
    """What every page of the area asks."""
    return {"works_at": lambda organisation: who().has("contact", organisation.id)}


def to_organisation(organisation: Organisation) -> BaseResponse:
    """On to the organisation's page."""
    return redirect(url_for("home.organisation", public_id=organisation.public_id))


@partners.get("/organisations", can="partners.organisations", nav="Organisations")
def organisations() -> Any:
    """Every organisation that one may see."""
    filters = forms.OrganisationFilters()
    rows, count = queries.organisations(who(), OrganisationSearch(**filters.values()), PAGE_SIZE, page_number())
    more = {"types": TYPES, "today": today(now()), "manages": who().has("engagement")}
    asked = {field.name: request.args.get(field.name) for field in filters}
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), asked=asked, **more)


@partners.get("/your-organisation", can="partners.your_organisation", nav="Your organisation")
def your_organisation() -> Any:
    """One's own; a list where one works at several."""
    own = queries.own_organisations(who())
    return to_organisation(own[0]) if len(own) == 1 else page(rows=own, types=TYPES)


@partners.form("/organisations/<public_id>/edit", can="partners.edit_organisation", of=queries.organisation_of)
def edit_organisation(organisation: Organisation) -> Any:
    """Correct its record."""
    form = forms.OrganisationForm(organisation, queries.officers() if who().has("engagement") else None)
    if form.accepted():
        actions.edit_organisation(organisation, form.facts(), seen=form.seen.data, actor=who(), now=now())
        flash("The record is saved.", "success")
        return to_organisation(organisation)
    form.seen.data = queries.fingerprint_of(organisation)
    return page(form=form, organisation=organisation)


def _ended(
    form: forms.ReasonForm, organisation: Organisation, verb: Callable[..., None], said: str
) -> BaseResponse | None:
    """Act where the form is accepted, and on to the organisation."""
    if not form.accepted():
        return None
    verb(organisation, reason=form.reason.data, actor=who(), now=now())
    flash(f"{organisation.name} is {said}.", "success")
    return to_organisation(organisation)


@partners.form("/organisations/<public_id>/decline", can="partners.decline", of=queries.organisation_of)
def decline(organisation: Organisation) -> Any:
    """Say that we shall not work together, and why."""
    form = forms.DeclineForm()
    if form.accepted():
        actions.decline(organisation, **form.answers(), actor=who(), now=now())
        flash(f"{organisation.name} is declined, and its main contacts are told.", "success")
        return to_organisation(organisation)
    return page(form=form, organisation=organisation)


@partners.form("/organisations/<public_id>/pause", can="partners.pause", of=queries.organisation_of)
def pause(organisation: Organisation) -> Any:
    """Take its challenges out of sight for now."""
    form = forms.ReasonForm()
    said = "paused, and its main contacts are told"
    return _ended(form, organisation, actions.pause, said) or page(form=form, organisation=organisation)


@partners.form("/organisations/<public_id>/archive", can="partners.archive", of=queries.organisation_of)
def archive(organisation: Organisation) -> Any:
    """Put it away."""
    form = forms.ReasonForm()
    return _ended(form, organisation, actions.archive, "archived") or page(form=form, organisation=organisation)


@partners.form("/organisations/<public_id>/sites/add", can="partners.add_site", of=queries.organisation_of)
def add_site(organisation: Organisation) -> Any:
    """A place where students work."""
    form = forms.SiteForm(data={"name": organisation.name, "borough": organisation.borough})
    if form.accepted():
        actions.add_site(organisation, form.facts(), form_key=form.form_key.data, actor=who(), now=now())
        flash("The place is added.", "success")
        return to_organisation(organisation)
    return page(form=form, organisation=organisation)


@partners.form("/organisations/sites/<public_id>", can="partners.edit_site", of=queries.site_of)
def edit_site(place: Site) -> Any:
    """Correct a place."""
    form = forms.SiteForm(obj=place)
    if form.accepted():
        actions.edit_site(place, form.facts(), actor=who(), now=now())
        flash("The place is saved.", "success")
        return to_organisation(place.organisation)
    return page(form=form, site=place, organisation=place.organisation)


@partners.form("/organisations/<public_id>/contacts/add", can="partners.add_contact", of=queries.organisation_of)
def add_contact(organisation: Organisation) -> Any:
    """A colleague, who is invited by mail."""
    form = forms.NewContactForm()
    if form.accepted():
        added = actions.add_contact(organisation, **form.answers(), actor=who(), now=now())
        flash(f"{added.person.name} is added, and an invitation is on its way.", "success")
        return to_organisation(organisation)
    return page(form=form, organisation=organisation)


@partners.form("/organisations/contacts/<public_id>", can="partners.edit_contact", of=queries.contact_of)
def edit_contact(contact: Contact) -> Any:
    """Change what a colleague does."""
    form = forms.ContactForm(obj=contact)
    if form.accepted():
        actions.edit_contact(contact, **form.answers(), actor=who(), now=now())
        flash("Saved.", "success")
        return to_organisation(contact.organisation)
    account = account_of(contact.person_id)
    has_come = account is not None and account.password is not None
    return page(form=form, contact=contact, organisation=contact.organisation, has_come=has_come)


@partners.post("/organisations/contacts/<public_id>/invite", can="partners.invite_contact", of=queries.contact_of)
def invite_contact(contact: Contact) -> Any:
    """Mail them an invitation, where they were added without one or it has run out."""
    actions.invite_contact(contact, actor=who(), now=now())
    flash(f"An invitation is on its way to {contact.person.email}.", "success")
    return to_organisation(contact.organisation)


@partners.form("/organisations/contacts/<public_id>/left", can="partners.say_left", of=queries.contact_of)
def say_left(contact: Contact) -> Any:
    """Note that a colleague has left."""
    here = queries.current_contacts(contact.organisation_id)
    form = forms.LeftForm([each for each in here if each.id != contact.id])
    if form.accepted():
        actions.say_left(contact, form.chosen(), actor=who(), now=now())
        flash(f"{contact.person.name} is no longer a contact.", "success")
        is_self = contact.person_id == who().person_id
        return redirect(url_for("home.next_up")) if is_self else to_organisation(contact.organisation)
    return page(form=form, contact=contact, organisation=contact.organisation)


@partners.get("/interests", can="partners.interests")
def interests() -> Any:
    """The interests that one has declared."""
    return page(rows=queries.own_interests(who()), kinds=INTERESTS)


@partners.form("/interests/declare", can="partners.declare_interest")
def declare_interest() -> Any:
    """Find an organisation, then say what ties one to it."""
    search = forms.FindOrganisation()
    named = search.values()["named"]
    form = forms.InterestForm(queries.organisations_named(who(), named) if named else [])
    if form.found and form.accepted():
        chosen = form.found[form.organisation.data]
        actions.declare_interest(chosen, form.kind.data, actor=who(), now=now())
        flash(f"Your interest in {chosen.name} is declared.", "success")
        return redirect(url_for("partners.interests"))
    return page(form=form, search=search, named=named)


@partners.post("/interests/<public_id>/end", can="partners.end_interest", of=queries.own_interest)
def end_interest(interest: Interest) -> Any:
    """Say that it is over."""
    actions.end_interest(interest, actor=who(), now=now())
    flash(f"Your interest in {interest.organisation.name} has ended.", "success")
    return redirect(url_for("partners.interests"))

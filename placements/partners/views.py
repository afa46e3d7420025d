"""Pages of organisations, for those who keep them and for the university; and one's own interests."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from placements.core.clock import today
from placements.history.queries import timeline
from placements.partners import actions, forms, queries
from placements.partners.models import CONTACT_ROLES, INTERESTS, TYPES, Contact, Interest, Organisation, Site
from placements.partners.queries import OrganisationSearch
from placements.partners.rules import approval_ends
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

partners = Area("partners", __name__)


@partners.context_processor
def words() -> dict[str, Any]:
    """What every page of the area says or asks."""
    return {
        "today": today(now()),
        "types": TYPES,
        "works_at": lambda organisation: who().has("contact", organisation.id),
    }


def to_organisation(organisation: Organisation) -> BaseResponse:
    """On to the organisation's page."""
    return redirect(url_for("partners.organisation", public_id=organisation.public_id))


def open_to(thing: Any, *verbs: str) -> dict[str, bool]:
    """Which of the area's verbs whoever asks may do to the thing now."""
    return {verb: site().abilities[f"partners.{verb}"](who(), thing, now()) for verb in verbs}


@partners.get("/organisations", can="partners.organisations", nav="Organisations")
def organisations() -> Any:
    """Every organisation that one may see."""
    filters = forms.OrganisationFilters()
    rows, count = queries.organisations(who(), OrganisationSearch(**filters.values()), PAGE_SIZE, page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count))


@partners.get("/your-organisation", can="partners.your_organisation", nav="Your organisation")
def your_organisation() -> Any:
    """One's own; a list where one works at several."""
    own = queries.own_organisations(who())
    return to_organisation(own[0]) if len(own) == 1 else page(rows=own)


@partners.get("/organisations/<public_id>", can="partners.organisation", of=queries.organisation_of)
def organisation(organisation: Organisation) -> Any:
    """Its record, places, people, and what happened."""
    may_read_notes = site().abilities["partners.read_notes"](who(), organisation, now())
    return page(
        organisation=organisation,
        sites=queries.sites(organisation),
        contacts=queries.current_contacts(organisation.id),
        interests=queries.interests_in(organisation) if may_read_notes else None,
        can=open_to(organisation, "edit_organisation", "add_site", "approve", "decline", "pause", "archive"),
        is_approved=organisation.is_approved(today(now())),
        happened=timeline(organisation, who(), now(), site().abilities),
        roles=CONTACT_ROLES,
        kinds=INTERESTS,
    )


@partners.form("/organisations/<public_id>/edit", can="partners.edit_organisation", of=queries.organisation_of)
def edit_organisation(organisation: Organisation) -> Any:
    """Correct its record."""
    form = forms.OrganisationForm(obj=organisation)
    if form.accepted():
        actions.edit_organisation(organisation, form.facts(), actor=who(), now=now())
        flash("The record is saved.", "success")
        return to_organisation(organisation)
    return page(form=form, organisation=organisation)


@partners.form("/organisations/<public_id>/approve", can="partners.approve", of=queries.organisation_of)
def approve(organisation: Organisation) -> Any:
    """Approve it, or move the last day of its approval."""
    form = forms.ApproveForm(data={"until": organisation.approved_until or approval_ends(today(now()))})
    if form.accepted():
        actions.approve(organisation, form.until.data, actor=who(), now=now())
        flash(f"{organisation.name} is approved.", "success")
        return to_organisation(organisation)
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
    """Say that we shall not work together."""
    form = forms.ReasonForm()
    return _ended(form, organisation, actions.decline, "declined") or page(form=form, organisation=organisation)


@partners.form("/organisations/<public_id>/pause", can="partners.pause", of=queries.organisation_of)
def pause(organisation: Organisation) -> Any:
    """Take its challenges out of sight for now."""
    form = forms.ReasonForm()
    return _ended(form, organisation, actions.pause, "paused") or page(form=form, organisation=organisation)


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
    return page(form=form, contact=contact, organisation=contact.organisation)


@partners.form("/organisations/contacts/<public_id>/left", can="partners.say_left", of=queries.contact_of)
def say_left(contact: Contact) -> Any:
    """Note that a colleague has left."""
    form = forms.ConfirmForm()
    if form.accepted():
        actions.say_left(contact, actor=who(), now=now())
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

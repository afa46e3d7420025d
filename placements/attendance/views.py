"""A placement's planned days, “I can’t come”, when an organisation is closed, and the tutor's visits and calls."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.attendance import actions, contacts, forms, queries
from placements.attendance.link_views import attendance
from placements.attendance.models import ContactPoint, PlannedDay
from placements.attendance.rules import suggested_contacts
from placements.attendance.workflow import ContactState
from placements.cohorts.queries import closed_days
from placements.core.clock import say_date, today
from placements.partners.models import Organisation
from placements.placing.models import Placement
from placements.placing.queries import others_told
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

__all__ = ["attendance"]


def _may(ability: str, thing: Any) -> bool:
    return site().abilities[ability](who(), thing, now())


def _to(placement: Placement) -> Any:
    return redirect(url_for("attendance.plan", public_id=placement.public_id))


@attendance.get("/placements/<public_id>/planned-days", can="attendance.plan", of=queries.placement_followed)
def plan(placement: Placement) -> Any:
    """The planned days, those to come first, and the tutor's visits and calls."""
    lines, day = queries.plan_of(placement), today(now())
    return page(
        placement=placement,
        coming=[line for line in lines if line.day.on >= day],
        past=[line for line in reversed(lines) if line.day.on < day],
        today=day,
        may_change=_may("attendance.add_day", placement),
        is_supervisor=who().person_id == placement.supervisor_id,
        reads_why=_may("attendance.read_why", placement),
        contacts=queries.contacts_of(placement),
        plans_contacts=_may("attendance.plan_contact", placement),
        settles=_may("attendance.settle_contacts", placement),
        reader=who().person_id,
        reads_university=_may("attendance.read_university_notes", placement),
        reads_host=_may("attendance.read_host_notes", placement),
    )


@attendance.form("/placements/<public_id>/planned-days/add", can="attendance.add_day", of=queries.placement_followed)
def add_day(placement: Placement) -> Any:
    """Plan one more day."""
    form = forms.DayForm()
    if form.accepted():
        actions.add_day(placement, form.on.data, form.starts.data, form.ends.data, actor=who(), now=now())
        flash(f"{say_date(form.on.data)} is in your plan.", "success")
        return _to(placement)
    return page(form=form, placement=placement)


@attendance.form("/planned-days/<public_id>/move", can="attendance.move_day", of=queries.day_of)
def move_day(day: PlannedDay) -> Any:
    """Come on another day, or at other times."""
    form, placement = forms.DayForm(day), day.placement
    if form.accepted():
        actions.move_day(day, form.on.data, form.starts.data, form.ends.data, actor=who(), now=now())
        flash(f"You come on {say_date(form.on.data)}.", "success")
        return _to(placement)
    return page(form=form, day=day, placement=placement)


@attendance.post("/planned-days/<public_id>/remove", can="attendance.remove_day", of=queries.day_of)
def remove_day(day: PlannedDay) -> Any:
    """Take a day out of the plan."""
    placement, said = day.placement, say_date(day.on)
    actions.remove_day(day, actor=who(), now=now())
    flash(f"{said} is no longer in your plan.", "success")
    return _to(placement)


@attendance.form("/planned-days/<public_id>/cannot-come", can="attendance.cannot_come", of=queries.day_of)
def cannot_come(day: PlannedDay) -> Any:
    """Say that a day does not take place; the others are told at once."""
    placement = day.placement
    is_student = who().person_id == placement.enrolment.person_id
    form = forms.CannotComeForm() if is_student else forms.NotThereForm()
    others = others_told(who(), placement)
    if form.accepted():
        why = (form.why.data or "") if is_student else ""
        told = actions.cancel(day, why, actor=who(), now=now())
        flash(f"We are telling {others} now." if told else "That was said already, and they know.", "success")
        return _to(placement)
    asked = {"form": form, "day": day, "placement": placement, "today": today(now())}
    return page(**asked, is_student=is_student, others=others)


@attendance.post("/planned-days/<public_id>/can-come", can="attendance.can_come", of=queries.day_of)
def can_come(day: PlannedDay) -> Any:
    """Take it back, until the day begins."""
    placement = day.placement
    if actions.restore(day, actor=who(), now=now()):
        flash(f"{say_date(day.on)} is on again. We are telling {others_told(who(), placement)}.", "success")
    return _to(placement)


@attendance.form("/organisations/<public_id>/closed-days", can="attendance.host_closures", of=queries.organisation_kept)
def host_closures(organisation: Organisation) -> Any:
    """When the organisation is closed, and a form for more."""
    form = forms.ClosureForm()
    if form.accepted():
        closure = actions.close_host(organisation, form.from_on.data, form.to_on.data, actor=who(), now=now())
        flash(f"{closure.said}: no student is expected.", "success")
        return redirect(request.path)
    closures = [each for each in queries.closures_of(organisation.id) if each.to_on >= today(now())]
    return page(form=form, organisation=organisation, closures=closures)


@attendance.post(
    "/organisations/<public_id>/closed-days/open", can="attendance.end_closure", of=queries.organisation_kept
)
def end_closure(organisation: Organisation) -> Any:
    """Take a closure away."""
    if actions.open_host(organisation, request.form.get("closure", ""), actor=who(), now=now()):
        flash("The organisation is open on those days.", "success")
    return redirect(url_for("attendance.host_closures", public_id=organisation.public_id))


@attendance.form(
    "/placements/<public_id>/contact-points/plan", can="attendance.plan_contact", of=queries.placement_followed
)
def plan_contact(placement: Placement) -> Any:
    """Plan a visit or call; two a placement are usual."""
    held = len(queries.standing(queries.contacts_of(placement)))
    usual = suggested_contacts(placement.starts_on, placement.ends_on, closed_days())
    form = forms.ContactForm([day for day in usual[held:] if day > today(now())])
    if form.accepted():
        contacts.plan_contact(placement, form.kind.data, form.moment, form.form_key.data, actor=who(), now=now())
        flash(f"Planned. We are telling {others_told(who(), placement)}.", "success")
        return _to(placement)
    return page(form=form, placement=placement, usual=usual)


@attendance.get("/visits-and-calls", can="attendance.visits")
def visits() -> Any:
    """The visits and calls of one's own students, those first of which nobody has said how they went."""
    rows, count = queries.contacts_kept(who(), now(), PAGE_SIZE, page_number())
    return page(rows=rows, paging=paging(len(rows), count))


@attendance.form("/contact-points/<public_id>", can="attendance.settle_contact", of=queries.contact_of)
def settle_contact(contact: ContactPoint) -> Any:
    """Say how a visit or call went."""
    form = forms.SettleForm(data={"went": ContactState.DONE})
    if form.accepted():
        contacts.settle(contact, form.went.data, form.note.data or "", actor=who(), now=now())
        flash("Saved.", "success")
        return _to(contact.placement)
    return page(form=form, contact=contact, placement=contact.placement)


@attendance.form("/contact-points/<public_id>/note", can="attendance.add_note", of=queries.contact_of)
def add_note(contact: ContactPoint) -> Any:
    """The organisation's note on a visit or call."""
    form = forms.NoteForm(contact)
    if form.accepted():
        contacts.add_note(contact, form.note.data, actor=who(), now=now())
        flash("Your note is saved.", "success")
        return _to(contact.placement)
    return page(form=form, contact=contact, placement=contact.placement)

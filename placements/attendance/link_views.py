"""A supervisor's page by the link of a mail, without an account. GET shows; a button acts; the link runs out.

The area's routes begin here.
"""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for

from placements.attendance import actions, contacts, planning, queries
from placements.attendance.forms import NoteForm, NotThereForm
from placements.attendance.models import PlannedDay
from placements.attendance.notices import BY_LINK
from placements.attendance.queries import NOTE_BY_LINK, NoteLink
from placements.core.clock import say_date
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.links.models import Link
from placements.placing.models import Placement
from placements.placing.queries import first_day_of, others_told, people_to_ask, precautions
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.site import now

attendance = Area("attendance", __name__)
AHEAD = timedelta(days=56)  # planned days that the page shows


def page_link(who: Principal, token: str) -> Link | None:
    """The link to a supervisor's page, run out or not."""
    return link_of(BY_LINK, token)


@attendance.form("/expected/<token>", can=PUBLIC, of=page_link)
def by_link(link: Link) -> Any:
    """First day, planned days, and “I am not there that day”, for the supervisor who holds the link."""
    placement, holder = queries.placement_known(link.about_id), Principal(link.holder_id)
    shows = link.is_open(now()) and placement.goes_on and placement.supervisor_id == link.holder_id
    form = NotThereForm()
    if not shows:
        return page(link=link, shows=False, placement=placement, token=token_here())
    lines = queries.days_to_come(placement, now(), AHEAD)
    if form.accepted():
        asked = request.form.get("day", "")
        chosen = next((line.day for line in lines if line.day.public_id == asked), None)
        return _answered(placement, chosen, holder)
    return page(
        form=form,
        link=link,
        shows=True,
        placement=placement,
        token=token_here(),
        lines=lines,
        day=first_day_of(placement, now()),
        people=people_to_ask(holder, placement, now()),
        risks=precautions(placement),
        contacts=queries.standing(queries.contacts_of(placement)),
        holder_id=link.holder_id,
    )


def _answered(placement: Placement, day: PlannedDay | None, holder: Principal) -> Any:
    """The day cancelled, or, if its holder cancelled it, on again."""
    if day is not None and request.form.get("back"):
        told = actions.restore(day, actor=holder, now=now())
        said = f"{say_date(day.on)} is on again."
    else:
        told = day is not None and actions.cancel(day, actor=holder, now=now())
        said = f"{say_date(day.on)} is off." if day else ""
    told_whom = f"{said} We are telling {others_told(holder, placement)} now."
    flash(told_whom if told else "That was said already, and they know.", "success")
    return redirect(url_for(BY_LINK, token=token_here()))


@attendance.post("/expected/<token>/again", can=PUBLIC, of=page_link)
def send_again(link: Link) -> Any:
    """Mail the link's holder one that works, at most once a day."""
    planning.send_page_again(link, now=now())
    flash(f"We have sent an email with a new link to {link.holder.email}.", "success")
    return redirect(url_for(BY_LINK, token=token_here()))


def note_link(who: Principal, token: str) -> NoteLink | None:
    """A link to add the organisation's note, run out or not."""
    link = link_of(NOTE_BY_LINK, token)
    return queries.note_link_of(link) if link else None


@attendance.form("/visit-note/<token>", can=PUBLIC, of=note_link)
def note_by_link(asked: NoteLink) -> Any:
    """The organisation's note on a visit or call; once the link has run out, a button that sends another."""
    works, contact = asked.works(now()), asked.contact
    form = NoteForm(contact) if works else NotThereForm()
    if form.accepted():
        if works:
            contacts.add_note(contact, form.note.data, actor=Principal(asked.link.holder_id), now=now())
            flash("Thank you. Your note is saved; you can change it here.", "success")
        else:
            contacts.send_note_link_again(asked, now=now())
            flash(f"We have sent an email with a new link to {asked.link.holder.email}.", "success")
        return redirect(request.path)
    return page(form=form, asked=asked, contact=contact, placement=contact.placement, works=works)

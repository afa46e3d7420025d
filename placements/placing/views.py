"""A placement's first day to print, and a form for each verb. Its own page tells of later areas too: see `home`."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.applications.rules import RANKS
from placements.core.clock import today
from placements.history.actions import note_reads
from placements.placing import actions, endings, forms, moving, queries
from placements.placing.models import Placement
from placements.placing.policy import may_move
from placements.placing.workflow import NOT_BEGUN
from placements.web.area import Area, page
from placements.web.forms import ConfirmForm
from placements.web.site import now, who

placing = Area("placing", __name__)


@placing.get("/placements/<public_id>/first-day", can="placing.first_day", of=queries.placement_visible_to)
def first_day(placement: Placement) -> Any:
    """Where, when, whom to ask for, and what to do if something goes wrong; made to be printed."""
    return page(
        placement=placement,
        day=queries.first_day_of(placement, now()),
        people=queries.people_to_ask(who(), placement, now()),
        risks=queries.precautions(placement),
    )


@placing.form("/placements/<public_id>/dates", can="placing.change_dates", of=queries.placement_visible_to)
def change_dates(placement: Placement) -> Any:
    """Move the first or last day. Once there is an Agreement in force, that is done with a new version of it."""
    if placement.agreed_at is not None:
        return redirect(url_for("signing.amend", public_id=placement.public_id))
    form = forms.DatesForm(starts_on=placement.starts_on, ends_on=placement.ends_on)
    if form.accepted():
        actions.change_dates(placement, **form.answers(), actor=who(), now=now())
        return _back_to(placement, "The dates are changed, and everybody concerned has been told.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/supervisor", can="placing.change_supervisor", of=queries.placement_visible_to)
def change_supervisor(placement: Placement) -> Any:
    """Put another supervisor in charge."""
    form = forms.SupervisorForm(placement, queries.possible_supervisors(placement))
    if form.accepted():
        supervisor = form.people[form.supervisor.data]
        actions.change_supervisor(placement, supervisor, form.reason.data, actor=who(), now=now())
        return _back_to(placement, f"{supervisor.name} supervises this placement.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/tutor", can="placing.change_tutor", of=queries.placement_visible_to)
def change_tutor(placement: Placement) -> Any:
    """Put another tutor in charge."""
    form = forms.TutorForm(placement, queries.possible_placement_tutors(placement))
    if form.accepted():
        tutor = form.people[form.tutor.data]
        actions.change_tutor(placement, tutor, form.reason.data, actor=who(), now=now())
        return _back_to(placement, f"{tutor.name} is the tutor of this placement.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/pause", can="placing.pause", of=queries.placement_visible_to)
def pause(placement: Placement) -> Any:
    """Let it rest."""
    form = forms.PauseForm()
    if form.accepted():
        endings.pause(placement, form.reason.data, until_on=form.until_on.data, actor=who(), now=now())
        return _back_to(placement, "The placement is paused, and everybody concerned has been told.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/resume", can="placing.resume", of=queries.placement_visible_to)
def resume(placement: Placement) -> Any:
    """Let it go on."""
    form = ConfirmForm()
    if form.accepted():
        endings.resume(placement, actor=who(), now=now())
        return _back_to(placement, "The placement goes on, and everybody concerned has been told.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/call-off", can="placing.call_off", of=queries.placement_visible_to)
def call_off(placement: Placement) -> Any:
    """It will not begin."""
    form = forms.CallOffForm()
    if form.accepted():
        endings.call_off(placement, form.by.data, form.reason.data, actor=who(), now=now())
        return _back_to(placement, "The placement is called off, and everybody concerned has been told.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


@placing.form("/placements/<public_id>/move", can="placing.move", of=queries.placement_visible_to)
def move(placement: Placement) -> Any:
    """Place the student with another organisation at once. That a visa is sponsored is told, and the reading kept."""
    places, has_begun = queries.places_to_move_to(who(), placement, now()), placement.state not in NOT_BEGUN
    form = forms.MoveForm(places, today(now()) if has_begun else None)
    if form.accepted():
        last_on = form.last_on.data if has_begun else today(now())
        challenge = form.known[form.picked]
        made = moving.move(placement, challenge, form.by.data, form.reason.data, last_on, actor=who(), now=now())
        if made is None:
            return _back_to(placement, "This placement had ended already, so nothing has changed.")
        return _back_to(made, "The student is placed here now, and everybody concerned has been told.")
    if placement.enrolment.is_visa_sponsored and request.method != "POST":
        note_reads(queries.visa_read(placement), actor=who(), now=now())
    is_free = may_move(who(), placement, now())
    told = queries.others_told(who(), placement)
    return page(form=form, placement=placement, places=places, ranks=RANKS, told=told, may_move=is_free)


@placing.form("/placements/<public_id>/end-early", can="placing.end_early", of=queries.placement_visible_to)
def end_early(placement: Placement) -> Any:
    """It ends before its time."""
    form = forms.EndEarlyForm(last_on=today(now()))
    if form.accepted():
        endings.end_early(
            placement,
            form.by.data,
            form.reason.data,
            form.last_on.data,
            needs_another=form.then.data == "another",
            actor=who(),
            now=now(),
        )
        return _back_to(placement, "The placement has ended, and everybody concerned has been told.")
    return page(form=form, placement=placement, told=queries.others_told(who(), placement))


def _back_to(placement: Placement, said: str) -> Any:
    flash(said, "success")
    return redirect(url_for("home.placement", public_id=placement.public_id))

"""An organisation says that it cannot take its students, signed in or by a link; a module leader decides.

The area's routes begin here.
"""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.applications.queries import own_challenge
from placements.challenges.models import Challenge
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.offers import hosts, refusing
from placements.offers.hosts import REFUSE_BY_LINK, Asked
from placements.offers.models import HostRefusal
from placements.offers.refusal_forms import LetStandForm, RefuseForm, TakeBackForm
from placements.web.area import PUBLIC, Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

offers = Area("offers", __name__)

THANKS = "Thank you for telling us. The module leader reads it and writes to you."


@offers.form("/cannot-take/<public_id>", can="offers.refuse", of=own_challenge)
def refuse(challenge: Challenge) -> Any:
    """Say for one's organisation that it cannot take the students who are offered a place."""
    form = RefuseForm()
    if form.accepted():
        refusing.refuse(challenge, form.kind.data, form.words.data, actor=who(), now=now())
        flash(THANKS, "success")
        return redirect(request.path)
    waiting, refusal = hosts.unanswered(challenge.id), hosts.latest_refusal(challenge.id)
    return page(form=form, challenge=challenge, waiting=waiting, refusal=refusal)


def asked(_who: Principal, token: str) -> Asked | None:
    """What a link to refuse is about, whether or not it still works."""
    link = link_of(REFUSE_BY_LINK, token)
    return hosts.asked_by(link) if link else None


@offers.form("/cannot-take-students/<token>", can=PUBLIC, of=asked)
def refuse_by_link(asked: Asked) -> Any:
    """The same by the link of a mail. GET changes nothing, whoever follows it."""
    form = RefuseForm()
    if asked.can_answer(now()) and form.accepted():
        refusing.refuse_by_link(asked, form.kind.data, form.words.data, now=now())
        flash(THANKS, "success")
        return redirect(request.path)
    return page(form=form, asked=asked, challenge=asked.challenge, waiting=asked.unanswered, refusal=asked.refusal)


@offers.get("/refusals", can="offers.refusals")
def refusals() -> Any:
    """What organisations said about students whom they cannot take, what is to be decided first."""
    rows, count = hosts.refusals(who(), PAGE_SIZE, page_number())
    abilities = site().abilities
    may_settle = {each for each in rows if abilities["offers.take_back"](who(), each, now())}
    return page(rows=rows, paging=paging(len(rows), count), may_settle=may_settle)


@offers.form("/refusals/<public_id>/take-back", can="offers.take_back", of=hosts.seen_refusal)
def take_back(refusal: HostRefusal) -> Any:
    """The module leader takes the unanswered offers back."""
    form = TakeBackForm()
    if form.accepted():
        refusing.take_back(refusal, actor=who(), now=now())
        flash("The offers are taken back. The students and the organisation have been told.", "success")
        return redirect(url_for("offers.refusals"))
    students = [offer.enrolment for offer in refusal.unanswered]
    names = [each.person.name for each in students if who().has("leader", each.run_id)]
    return page(form=form, refusal=refusal, names=names, others=len(students) - len(names))


@offers.form("/refusals/<public_id>/let-stand", can="offers.let_stand", of=hosts.seen_refusal)
def let_stand(refusal: HostRefusal) -> Any:
    """The module leader lets the offers stand, and tells the organisation why."""
    form = LetStandForm()
    if form.accepted():
        refusing.let_stand(refusal, form.reason.data, actor=who(), now=now())
        flash(f"The offers stand, and {refusal.said_by.name} has been told why.", "success")
        return redirect(url_for("offers.refusals"))
    return page(form=form, refusal=refusal)
